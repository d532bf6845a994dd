"""Makes a checkout runnable: system packages, virtual environment, locked requirements, the project itself.

Invariant: standard library only, runs on the system's own Python; a second run with nothing changed installs nothing,
and a step that was interrupted is done again.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from debian import describe_install, install_packages, missing_packages, name_here, user_id
from steps import INSTALL_FAILED, WRONG_PYTHON, SetupError, last_lines, run_quietly, say

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
LOCKS = {"run": "requirements.lock", "test": "requirements-test.lock"}

# The same bounds as requires-python in pyproject.toml: the first version that will do, and the first that is too new.
OLDEST, TOO_NEW = (3, 11), (3, 14)


def check_python(version: tuple[int, int]) -> None:
    """Raises SetupError where the console does not run on this version of Python."""
    if not OLDEST <= version < TOO_NEW:
        raise SetupError(
            f"The console needs Python 3.11, 3.12 or 3.13; this is {version[0]}.{version[1]} ({sys.executable}).",
            WRONG_PYTHON,
        )


def missing_venv_package() -> list[tuple[str, ...]]:
    """The package Debian splits ensurepip into, where this Python lacks it."""
    if usable_venv() or importlib.util.find_spec("ensurepip") is not None:
        return []
    if shutil.which("dpkg-query") is None or Path(sys.base_prefix) != Path("/usr"):
        raise SetupError(
            f"{sys.executable} comes without ensurepip, so it cannot make a virtual environment; use another Python.",
            INSTALL_FAILED,
        )
    return [(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv",)]


def venv_program(name: str) -> Path:
    """Where the virtual environment keeps its program `name`."""
    if sys.platform == "win32":
        return VENV / "Scripts" / f"{name}.exe"
    return VENV / "bin" / name


def usable_venv() -> str | None:
    """The version of the Python in the virtual environment; None where it is absent, broken or from elsewhere."""
    if read_stamp().get("root", str(ROOT)) != str(ROOT):
        return None
    python = venv_program("python")
    if not python.exists():
        return None
    code, output = run_quietly([str(python), "-c", "import pip, platform; print(platform.python_version())"])
    return output.strip() if code == 0 else None


def read_stamp() -> dict[str, str]:
    """What was installed last: level -> digest, and the checkout it was for."""
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def digest_for(level: str, version: str) -> str:
    """Changes whenever the lock, the project's own metadata or the Python does."""
    parts = [(ROOT / LOCKS[level]).read_bytes(), (ROOT / "pyproject.toml").read_bytes(), version.encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_installed(level: str) -> bool:
    """Whether the virtual environment holds just what `level` ("run" or "test") asks for."""
    version = usable_venv()
    return version is not None and read_stamp().get(level) == digest_for(level, version)


def make_venv() -> str:
    """Makes the virtual environment if needed; returns its Python's version."""
    version = usable_venv()
    if version is None:
        say(f"Making the virtual environment in {VENV.name}")
        code, output = run_quietly([sys.executable, "-m", "venv", "--clear", str(VENV)])
        version = usable_venv()
        if version is None:
            raise SetupError(
                f"The virtual environment could not be made (exit code {code}):\n{last_lines(output)}", INSTALL_FAILED
            )
    return version


def install_requirements(level: str) -> None:
    """Installs the locked requirements and the project. Raises SetupError with the end of what pip said."""
    version = make_venv()
    digest = digest_for(level, version)
    stamp = read_stamp()
    if stamp.get(level) == digest:
        return
    STAMP.unlink(missing_ok=True)
    python = str(venv_program("python"))
    pip = [python, "-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    env = {**os.environ, "PIP_USER": "0", "PYTHONPATH": ""}
    say(f"Installing the Python packages of {LOCKS[level]}; the first time this takes a minute")
    locked = [*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / LOCKS[level])]
    code, output = run_quietly(locked, env)
    if code == 0:
        code, output = run_quietly([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], env)
    if code != 0:
        raise SetupError(
            f"The Python packages could not be installed. Is this machine online? pip said:\n{last_lines(output)}",
            INSTALL_FAILED,
        )
    stamp = {"root": str(ROOT), level: digest}
    if level == "test":  # the test lock holds every run requirement in the same version
        stamp["run"] = digest_for("run", version)
    STAMP.write_text(json.dumps(stamp), encoding="utf-8")


def report_missing(level: str, wanted: Sequence[tuple[str, ...]]) -> int:
    """Says what `prepare` would have to install; 0 when nothing is missing, else 1."""
    missing = [*missing_packages(wanted), *missing_venv_package()]
    names = [name_here(alternatives) for alternatives in missing]
    say(f"System packages: {'missing ' + ' '.join(names) if names else 'complete'}")
    if names:
        say(f"  {describe_install(names, user_id())}")
    installed = is_installed(level)
    say(f"Python packages: {'complete' if installed else 'to be installed from ' + LOCKS[level]}")
    return 0 if installed and not names else 1


def prepare(level: str, wanted: Sequence[tuple[str, ...]], welcome: Sequence[tuple[str, ...]] = ()) -> None:
    """Installs what is missing of the system packages, the virtual environment and the requirements of `level`.

    Raises SetupError where anything but the `welcome` packages stays missing; those are only told of.
    """
    try:
        install_packages([*missing_packages([*wanted, *welcome]), *missing_venv_package()], user_id())
    except SetupError as error:
        if missing_packages(wanted) or missing_venv_package():
            raise
        say(f"Going on without {' '.join(names[0] for names in missing_packages(welcome))}. {error}")
    install_requirements(level)
