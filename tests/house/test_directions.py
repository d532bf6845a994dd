"""The import contracts hold, and import-linter sees a planted import that runs against them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.laws import ROOMS, ROOT

AGAINST = [
    ("app/states.py", "import ui.main"),
    ("app/records.py", "from PySide6 import QtCore"),
    ("app/observer.py", "import app.settings"),
    ("app/commands/request.py", "import app.store.query"),
    ("app/store/query.py", "import app.esper"),
    ("app/esper/__init__.py", "import app.store"),
    ("app/jobs/plan.py", "import app.sync"),
    ("app/sandbox/world.py", "def f():\n    import app.esper"),
    ("ui/text.py", "import ui.views"),
    ("ui/views/__init__.py", "import ui.dialogs"),
    ("ui/models/__init__.py", "import ui.views"),
]


def contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs import-linter over the packages in `folder`."""
    lint = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", lint, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONSAFEPATH": "", "COLUMNS": "120"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """The rooms with every module empty, under the project's own contracts."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.touch()
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    return tmp_path


def test_every_import_keeps_its_direction() -> None:
    done = contracts(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_empty_modules_keep_the_contracts(skeleton: Path) -> None:
    done = contracts(skeleton)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("path", "source"), AGAINST, ids=lambda value: value.replace("\n", " "))
def test_a_planted_import_against_the_direction_is_seen(skeleton: Path, path: str, source: str) -> None:
    planted = skeleton / path
    assert planted.exists(), f"{path} is gone; plant the import elsewhere"
    planted.write_text(source + "\n", encoding="utf-8")
    done = contracts(skeleton)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout
