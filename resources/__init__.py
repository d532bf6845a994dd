"""What ships beside the code: fonts, icons, theme.

Invariant: everything in here is read only, and found the same way from the source tree, a wheel and a frozen bundle.
"""

from pathlib import Path

_ROOT = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """Where a shipped file or folder is; `name` is relative with slashes, such as `icons/search.svg`."""
    return _ROOT / name
