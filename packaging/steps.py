"""What every step of the set-up shares: one calm line each, quiet child programs, one kind of error.

Invariant: standard library only; nothing here changes the machine.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence

# Exit codes of both commands, besides those of the program they run.
WRONG_PYTHON = 2
SYSTEM_PACKAGES_MISSING = 3
INSTALL_FAILED = 4


class SetupError(Exception):
    """A step that cannot be done here; the text is for the user, `code` is the exit code."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


def say(text: str) -> None:
    """Prints one calm line, at once."""
    print(text, flush=True)


def run_quietly(command: Sequence[str], env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Runs without input; returns the exit code (127 where there is no such program) and all that it printed."""
    try:
        done = subprocess.run(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        return 127, ""
    return done.returncode, done.stdout


def last_lines(output: str, count: int = 6, width: int = 160) -> str:
    """The end of a program's output, indented, long lines cut."""
    return "\n".join("  " + line[:width] for line in output.strip().splitlines()[-count:])
