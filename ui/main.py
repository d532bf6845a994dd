"""Entry point: headless commands go to the terminal without Qt, everything else opens the window.

Invariant: nothing heavy is imported before it is known that a window is wanted.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from app import terminal


def parser() -> argparse.ArgumentParser:
    """The options of the window and of the tour; the headless commands have their own parser."""
    top = argparse.ArgumentParser(
        prog="fleet-console",
        description="Desktop console for device fleets managed by Esper.",
        epilog=f"Commands without a window: {', '.join(terminal.COMMANDS)}; each has --help. "
        "'fleet-console tour --pictures DIR' walks through the demo fleet and saves a picture of each step.",
    )
    top.add_argument("--profile", type=Path, metavar="DIR", help="where copy, ledger, settings and logs live")
    where = top.add_mutually_exclusive_group()
    where.add_argument("--demo", action="store_true", help="open the demo fleet at once")
    where.add_argument("--tenant", metavar="NAME", help="open this tenant of the profile")
    return top


def tour_parser() -> argparse.ArgumentParser:
    """The options of the guided tour."""
    top = argparse.ArgumentParser(prog="fleet-console tour", description="Walks through the demo fleet.")
    top.add_argument("--pictures", type=Path, required=True, metavar="DIR", help="where the numbered pictures go")
    top.add_argument("--profile", type=Path, metavar="DIR", help="default: a new one that is removed afterwards")
    top.add_argument("--theme", choices=["light", "dark", "both"], default="both")
    top.add_argument("--devices", type=int, default=2000, help="size of the demo fleet")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the program; the result is the exit code. Codes of headless commands: app/terminal.py."""
    args = list(sys.argv[1:] if argv is None else argv)
    word = _command(args)
    if word in terminal.COMMANDS:
        args.remove(word)
        return terminal.main([word, *args])
    if word == "tour":
        args.remove(word)
        options = tour_parser().parse_args(args)
        from ui.tour import run

        return run(options)
    options = parser().parse_args(args)
    from ui.console import run as open_window

    return open_window(options)


def _command(args: Sequence[str]) -> str:
    """The first word that is neither an option nor the value of one."""
    skip = False
    for arg in args:
        if skip:
            skip = False
        elif arg in {"--profile", "--tenant"}:
            skip = True
        elif not arg.startswith("-"):
            return arg
    return ""


if __name__ == "__main__":
    sys.exit(main())
