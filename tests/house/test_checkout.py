"""What lies in the checkout: the allowed names, no trace of one machine, locks that fit the project."""

import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.laws import ROOT

TOP_LEVEL = {"pyproject.toml", "README.md", "app", "ui", "resources", "tests", "packaging", "LICENSE", "CHANGELOG.md"}
LOCKS = ("requirements.lock", "requirements-test.lock")
IGNORED = {".git", ".venv", "build", "dist", "__pycache__", ".hypothesis"}
# Home folders of people, of any machine; a bare "/root" or "/home" is a word, not a trace.
HOMES = re.compile(r"/(?:home|Users)/[a-z][\w.-]*/|/root/\.?\w|[A-Z]:\\\\?Users\\")
# A folder this short says nothing about a machine.
TELLING_PARENT = 2


def is_ignored(name: str) -> bool:
    return name in IGNORED or name.endswith(("_cache", ".egg-info", ".pyc"))


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file that belongs to the project, without what tools leave behind."""
    for entry in sorted(folder.iterdir()):
        if is_ignored(entry.name):
            continue
        if entry.is_dir():
            yield from files(entry)
        else:
            yield entry


def traces(text: str, here: Path) -> list[str]:
    """Paths in `text` that exist on one machine only: home folders, and where this checkout lies."""
    found = [match.group() for match in HOMES.finditer(text)]
    places = [str(here)] if len(here.parts) > TELLING_PARENT else []
    if places and here.parent != Path(os.sep, "tmp"):
        places.append(f"{here.parent}{os.sep}")
    return found + [place for place in places if re.search(rf"(?<![\w.]){re.escape(place)}", text)]


def test_top_level_holds_only_what_a_newcomer_should_see() -> None:
    visible = {entry.name for entry in ROOT.iterdir() if not entry.name.startswith(".") and not is_ignored(entry.name)}
    assert visible - TOP_LEVEL - set(LOCKS) == set()
    assert visible >= {"pyproject.toml", "app", "ui", "tests", "packaging", "LICENSE", *LOCKS}


def test_packaging_is_no_package_since_it_would_shadow_the_distribution_of_that_name() -> None:
    assert not list((ROOT / "packaging").rglob("__init__.py"))


def test_no_file_mentions_a_path_of_the_machine_it_was_written_on() -> None:
    found = []
    for path in files():
        if path != Path(__file__):
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            found += [f"{path.relative_to(ROOT)}: {trace}" for trace in traces(text, ROOT)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "see /home/anna/notes.txt",
        "file:///Users/anna/x",
        "C:\\Users\\anna",
        "/root/.cache/x",
        "cd /srv/anna/console",
        "cp x /srv/anna/",
    ],
)
def test_a_planted_machine_path_is_seen(text: str) -> None:
    assert traces(text, Path("/srv/anna/console"))


@pytest.mark.parametrize("text", ["as root in /root", "/usr/bin/python3", "app/home/tiles.py", "/v0/enterprise/{id}/"])
def test_an_ordinary_path_is_no_trace(text: str) -> None:
    assert not traces(text, Path("/srv/anna/console"))


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]  # type: ignore[no-any-return]


def normalized(requirement: str) -> str:
    """The name alone, as PyPI spells it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;]", requirement)[0]).lower()


def pins(lock: str) -> dict[str, set[str]]:
    """Name -> versions (several where they differ by Python version)."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9][\w.-]*)==([^\s;]+)", line):
            found.setdefault(normalized(match.group(1)), set()).add(match.group(2))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_registry_so_that_everyone_installs_from_their_own(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_a_hash_for_every_pin(lock: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text(encoding="utf-8"))
    pinned = [entry for entry in entries if "==" in entry.splitlines()[0] and not entry.startswith("#")]
    assert pinned
    assert [entry.splitlines()[0] for entry in pinned if "--hash=sha256:" not in entry] == []


def test_locks_hold_every_declared_dependency_in_one_version() -> None:
    declared = project()
    run, test = pins(LOCKS[0]), pins(LOCKS[1])
    dependencies, extras = declared["dependencies"], declared["optional-dependencies"]
    assert isinstance(dependencies, list)
    assert isinstance(extras, dict)
    assert {normalized(one) for one in dependencies} <= run.keys()
    assert {normalized(one) for one in extras["test"]} <= test.keys()
    assert {name: versions for name, versions in run.items() if test.get(name) != versions} == {}


def test_pyside_stays_on_the_release_that_counts_references_right() -> None:
    assert pins(LOCKS[0])["pyside6-essentials"] == {"6.11.3"}


def test_start_command_asks_for_the_same_python_as_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    import bootstrap

    low, high = (".".join(map(str, version)) for version in (bootstrap.OLDEST, bootstrap.TOO_NEW))
    assert project()["requires-python"] == f">={low},<{high}"
    assert bootstrap.OLDEST <= sys.version_info[:2] < bootstrap.TOO_NEW
