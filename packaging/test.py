"""Passes the tests: lints, types, import contracts, unit tests without Qt, then all that needs Qt or a secret service.

    python3 packaging/test.py [--only lint|unit|gui] [pytest arguments]

pytest arguments go to every pytest run; when they name a file or folder, only that is run, in one pytest run and without
the lints. The last line printed is `N passed, N failed` over all pytest runs; a failed lint counts as one failure.
Exit codes: 0 all passed; 1 something failed; 3 and 4 as for start.py.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import bootstrap
import debian
import display
from steps import SetupError, run_quietly, say

REPORTS = bootstrap.ROOT / "build" / "test"
WITHOUT_QT = ("tests/unit", "tests/house", "tests/contract")
ALONE = ("tests/bench",)  # measures time: never beside another worker
TWO_WORKERS = ("-n", "2")
NOTHING_COLLECTED = 5

# The daemon reads the password of its keyring from standard input and prints the variables the tests need.
UNLOCK = 'eval "$(printf "for these tests only\\n" | gnome-keyring-daemon --unlock --components=secrets)"; exec "$@"'


class Outcome(NamedTuple):
    """One finished step: how many tests passed, failed and were skipped (a lint that fails is one failure)."""

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: float


class Checks:
    """Runs the steps one after the other and keeps their outcomes."""

    def __init__(self, environ: Mapping[str, str], pytest_arguments: Sequence[str]) -> None:
        self.environ = dict(environ)
        self.pytest_arguments = list(pytest_arguments)
        self.outcomes: list[Outcome] = []
        self.python = str(bootstrap.venv_program("python"))

    def lint(self, name: str, command: Sequence[str]) -> None:
        """One check of the whole source; its output is shown only when it fails."""
        began = time.monotonic()
        code, output = run_quietly(command, self.environ)
        seconds = time.monotonic() - began
        say(f"{name:<28} {'ok' if code == 0 else 'FAILED'}  {seconds:.1f} s")
        if code != 0:
            say(output.rstrip())
        self.outcomes.append(Outcome(name, 0, int(code != 0), 0, seconds))

    def lints(self) -> None:
        """Style, format, types, directions."""
        python, scripts = self.python, sorted(str(path) for path in Path("packaging").glob("*.py"))
        self.lint("ruff check", [python, "-m", "ruff", "check", "."])
        self.lint("ruff format", [python, "-m", "ruff", "format", "--check", "."])
        self.lint("mypy app ui", [python, "-m", "mypy"])
        self.lint("mypy packaging", [python, "-m", "mypy", "--strict", *scripts])
        self.lint("import contracts", [str(bootstrap.venv_program("lint-imports"))])

    def pytest(
        self,
        name: str,
        arguments: Sequence[str],
        changes: Mapping[str, str | None] | None = None,
        wrap: Callable[[list[str]], list[str]] = list,
    ) -> None:
        """One pytest run, its output going straight through; `changes` to the environment unset what is None.

        Finding no test is a failure unless the user narrowed the run.
        """
        say(f"\n{name}")
        report = REPORTS / f"{name.replace(' ', '-')}.xml"
        report.unlink(missing_ok=True)
        command = [self.python, "-m", "pytest", "-q", f"--junitxml={report}", *arguments, *self.pytest_arguments]
        began = time.monotonic()
        environ = {**self.environ, **(changes or {})}
        present = {name: value for name, value in environ.items() if value is not None}
        done = subprocess.run(wrap(command), env=present, stdin=subprocess.DEVNULL, check=False)
        seconds = time.monotonic() - began
        passed, failed, skipped = count_tests(report)
        narrowed = done.returncode == NOTHING_COLLECTED and self.pytest_arguments
        if done.returncode != 0 and failed == 0 and not narrowed:
            failed = 1  # pytest itself broke off: no report, or none that tells of it
        self.outcomes.append(Outcome(name, passed, failed, skipped, seconds))

    def unit(self) -> None:
        """The core and the laws, with PySide6 and qasync out of reach."""
        folders = [folder for folder in WITHOUT_QT if has_tests(Path(folder))]
        arguments = [*TWO_WORKERS, "-p", "no:pytest-qt", "-m", "not campaign", *folders]
        self.pytest("unit tests without Qt", arguments, {"FLEET_TEST_NO_QT": "1"})

    def gui(self) -> None:
        """Everything else: window, journeys, budgets, and the real secret service."""
        folders = [str(path) for path in sorted(Path("tests").iterdir()) if path.is_dir() and has_tests(path)]
        beside = [folder for folder in folders if folder not in (*WITHOUT_QT, *ALONE)]
        chosen = ["-m", "not keyring and not campaign"]
        if beside:
            self.pytest("tests with Qt", [*TWO_WORKERS, *chosen, *beside])
        for folder in (folder for folder in folders if folder in ALONE):
            self.pytest("measured budgets", [*chosen, folder])
        self.keyring()

    def keyring(self) -> None:
        """The credentials against a real, unlocked, empty keyring on a session bus of its own."""
        with tempfile.TemporaryDirectory(prefix="fleet-keyring-") as folder:
            home, runtime = Path(folder, "home"), Path(folder, "runtime")
            home.mkdir()
            runtime.mkdir(mode=0o700)
            environ: dict[str, str | None] = {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)}
            if shutil.which("dbus-run-session") is None or shutil.which("gnome-keyring-daemon") is None:
                # The tests say themselves what they miss, and fail.
                self.pytest("secret service tests", ["-m", "keyring", "tests/e2e"], environ)
                return
            environ |= {"FLEET_TEST_KEYRING": "1", "PYTHON_KEYRING_BACKEND": None}
            self.pytest("secret service tests", ["-m", "keyring", "tests/e2e"], environ, in_keyring_session)


def in_keyring_session(command: list[str]) -> list[str]:
    """The same command on a fresh session bus with an unlocked keyring."""
    return ["dbus-run-session", "--", "bash", "-c", UNLOCK, "keyring-session", *command]


def has_tests(folder: Path) -> bool:
    """Whether pytest would find a test file in there."""
    return any(folder.rglob("test_*.py"))


def count_tests(report: Path) -> tuple[int, int, int]:
    """Passed, failed (errors too) and skipped (expected failures too) of a JUnit report; zeros where there is none."""
    if not report.exists():
        return 0, 0, 0
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    total, bad, skipped = (
        sum(int(suite.get(name, "0")) for suite in suites for name in names)
        for names in (("tests",), ("failures", "errors"), ("skipped",))
    )
    return total - bad - skipped, bad, skipped


def test_environment(environ: Mapping[str, str], home: str) -> dict[str, str]:
    """No display, no session bus, no keyring and no profile of the person who runs the tests."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("XDG_", "FLEET_")) and name not in {"DBUS_SESSION_BUS_ADDRESS", "PYTHONPATH"}
    }
    runtime = Path(home, "runtime")
    runtime.mkdir(mode=0o700)
    return {
        **kept,
        "HOME": home,
        "XDG_RUNTIME_DIR": str(runtime),
        "QT_QPA_PLATFORM": environ.get("QT_QPA_PLATFORM", "offscreen"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


def summarize(outcomes: Sequence[Outcome]) -> int:
    """Prints the table and the closing line; 0 when something passed or was checked and nothing failed, else 1."""
    say("")
    for outcome in outcomes:
        skipped = f", {outcome.skipped} skipped" if outcome.skipped else ""
        tests = f"{outcome.passed} passed, {outcome.failed} failed{skipped}" if outcome.passed + outcome.skipped else ""
        verdict = "FAILED" if outcome.failed else "ok"
        say(f"{outcome.name:<28} {verdict:<6} {outcome.seconds:6.1f} s  {tests}".rstrip())
    failed = sum(outcome.failed for outcome in outcomes)
    say(f"{sum(outcome.passed for outcome in outcomes)} passed, {failed} failed")
    return 1 if failed or not outcomes else 0


def check(arguments: Sequence[str]) -> int:
    """Does the whole command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="test.py", description="Pass the tests.", allow_abbrev=False)
    parser.add_argument("--only", choices=["lint", "unit", "gui"], help="one part of them")
    asked, pytest_arguments = parser.parse_known_args(arguments)
    bootstrap.check_python(sys.version_info[:2])
    named = [argument for argument in pytest_arguments if Path(argument.split("::")[0]).exists()]
    needs_qt = asked.only in {None, "gui"} or bool(named)
    wanted = debian.QT_LIBRARIES + debian.VIRTUAL_DISPLAY if needs_qt or asked.only == "unit" else ()
    bootstrap.prepare("test", wanted, debian.SECRET_SERVICE if needs_qt else ())
    REPORTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fleet-test-") as home:
        checks = Checks(test_environment(os.environ, home), pytest_arguments)
        if named:
            checks.pytest("chosen tests", [])
        else:
            if asked.only in {None, "lint"}:
                checks.lints()
            if asked.only in {None, "unit"}:
                checks.unit()
            if asked.only in {None, "gui"}:
                checks.gui()
        return summarize(checks.outcomes)


def main() -> int:
    """Runs the command in the checkout, turning its errors into one message and an exit code."""
    os.chdir(bootstrap.ROOT)
    try:
        with display.ending_on_signals():
            return check(sys.argv[1:])
    except SetupError as error:
        print(error, file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
