"""Starts the console on the demo fleet, installing first what is missing; without a display it takes the tour instead.

    python3 packaging/start.py [--tour] [--pictures DIR] [--check] [-- arguments of fleet-console]

Exit codes: that of fleet-console; 1 `--check` found something missing; 2 wrong Python or arguments; 3 system packages
are missing and may not be installed from here (the line to run is printed); 4 the Python packages or the virtual
display could not be set up.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import bootstrap
import debian
import display
from steps import INSTALL_FAILED, SetupError, say


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Splits at `--`: before it the options of this command, after it those of fleet-console (in `rest`)."""
    parser = argparse.ArgumentParser(
        prog="start.py",
        description="Start the console on the demo fleet; without a display, take its tour and save the pictures.",
        epilog="Arguments after -- go to fleet-console.",
        allow_abbrev=False,
    )
    parser.add_argument("--tour", action="store_true", help="take the tour even where there is a display")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="where the tour saves its pictures (build/tour)")
    parser.add_argument("--check", action="store_true", help="only say what is missing")
    own = list(arguments)
    rest = own[own.index("--") + 1 :] if "--" in own else []
    found = parser.parse_args(own[: own.index("--")] if "--" in own else own)
    found.rest = rest
    return found


def start(arguments: Sequence[str], environ: dict[str, str]) -> int:
    """Does the whole command; returns the exit code."""
    asked = read_arguments(arguments)
    bootstrap.check_python(sys.version_info[:2])
    visible = display.has_display(environ)
    wanted = debian.QT_LIBRARIES if visible else debian.QT_LIBRARIES + debian.VIRTUAL_DISPLAY
    if asked.check:
        return bootstrap.report_missing("run", wanted)
    bootstrap.prepare("run", wanted)
    program = str(bootstrap.venv_program("fleet-console"))
    if visible and not asked.tour:
        say("Opening the console on the demo fleet")
        return display.run_child([program, "--demo", *asked.rest], environ)
    pictures = (asked.pictures or bootstrap.ROOT / "build" / "tour").absolute()
    pictures.mkdir(parents=True, exist_ok=True)
    tour = [program, "tour", "--pictures", str(pictures), *asked.rest]
    if visible:
        say(f"Taking the tour; pictures go to {pictures}")
        return display.run_child(tour, environ)
    say(f"No display here: taking the tour on a virtual one; pictures go to {pictures}")
    with display.virtual_display(environ) as inside:
        return display.run_child(tour, inside)


def main() -> int:
    """Runs the command, turning its errors into one message and an exit code."""
    try:
        with display.ending_on_signals():
            return start(sys.argv[1:], dict(os.environ))
    except SetupError as error:
        print(error, file=sys.stderr)
        return error.code
    except display.DisplayError as error:
        print(error, file=sys.stderr)
        return INSTALL_FAILED
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
