"""Group paths for the eye: shortened from the left by whole names, and told without what all of them share.

Invariant: the last name, the one that tells groups apart, is never dropped.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

if TYPE_CHECKING:
    from app.store.groups import Groups

_CUT = "\N{HORIZONTAL ELLIPSIS}"


def root_of(groups: "Groups") -> str:
    """The name of the one root that all groups share; empty where there are several or none."""
    return groups.path(groups.root_ids[0]) if len(groups.root_ids) == 1 else ""


def below(path: str, root: str) -> str:
    """The path without its root; the root itself stays."""
    return path.removeprefix(f"{root}/") if root else path


def shared(paths: Iterable[str]) -> str:
    """The longest path that all of these are inside of; empty where there is none."""
    split = [path.split("/")[:-1] for path in paths]
    names: list[str] = []
    for level in zip(*split, strict=False):
        if len(set(level)) > 1:
            break
        names.append(level[0])
    return "/".join(names)


def shorten(path: str, metrics: QFontMetrics, room: int, between: str = "/") -> str:
    """`…/Store 130 Airport/Stock room`: as many of the last names as fit into `room` px, the last one at any rate."""
    if metrics.horizontalAdvance(path) <= room:
        return path
    names = path.split(between)
    for start in range(1, len(names)):
        shown = between.join((_CUT, *names[start:]))
        if metrics.horizontalAdvance(shown) <= room:
            return shown
    return metrics.elidedText(names[-1], Qt.TextElideMode.ElideMiddle, room)
