"""The group tree with its device counts.

Invariant: the counts are those of the copy, subgroups included; a filter hides groups, it never changes a count.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from app.records import Change
from ui import icons, text
from ui.models.tree import DISPLAY, Key, TreeModel

if TYPE_CHECKING:
    from app.store.fleet import Fleet

GROUP_ID = int(Qt.ItemDataRole.UserRole)
DECORATION = int(Qt.ItemDataRole.DecorationRole)
ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)


class GroupTree(TreeModel):
    """Keys are group ids. Columns: name, devices with subgroups."""

    titles = ("Group", "Devices")
    right_aligned = frozenset({1})

    def __init__(self, fleet: "Fleet", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fleet = fleet
        self._counts = fleet.group_counts()
        self._matching: set[str] | None = None
        self._filter = ""
        self.refresh()

    def set_fleet(self, fleet: "Fleet") -> None:
        """Another fleet: the tree starts again from the top."""
        self._fleet = fleet
        self._counts = fleet.group_counts()
        self._matching = self._match()
        self.reset()
        self.refresh()

    def take(self, change: Change) -> None:
        """Follows a change of the store: the tree itself, or only the counts."""
        if change.kind == "groups":
            self._matching = self._match()
            self._counts = self._fleet.group_counts()
            self.refresh(deep=True)
            self.touch(self.known_keys())
        elif change.kind == "devices":
            before, self._counts = self._counts, self._fleet.group_counts()
            self.touch([key for key in self.known_keys() if before.get(str(key)) != self._counts.get(str(key))])

    def filter(self, words: str) -> None:
        """Shows the groups whose name holds all the words, with everything above and below them; empty shows all."""
        self._filter = words
        self._matching = self._match()
        self.refresh(deep=True)

    def matches(self) -> list[str]:
        """The groups that the filter itself finds, those above and below left out."""
        words = self._filter.casefold().split()
        groups = self._fleet.groups
        return [i for i, g in groups.by_id.items() if words and all(w in g.name.casefold() for w in words)]

    def children_of(self, key: Key | None) -> Sequence[Key]:
        groups = self._fleet.groups
        ids = groups.root_ids if key is None else [group.id for group in groups.children(str(key))]
        return [i for i in ids if self._matching is None or i in self._matching]

    def has_any(self, key: Key) -> bool:
        return bool(self.children_of(key))

    def cell(self, key: Key, column: int, role: int) -> Any:
        group_id = str(key)
        if role == GROUP_ID:
            return group_id
        group = self._fleet.groups.by_id.get(group_id)
        if group is None:
            return None
        direct, total = self._counts.get(group_id, (0, 0))
        if role == DISPLAY:
            return group.name if column == 0 else text.number(total)
        if role == DECORATION and column == 0:
            return icons.icon("folder", "text_muted")
        if role == ACCESSIBLE:
            return f"{group.name}, {text.count(total, 'device')}"
        if role == TOOLTIP:
            here = f"{text.count(direct, 'device')} here, {text.number(total)} with subgroups"
            return text.plain_tip(f"{self._fleet.groups.path(group_id)}\n{here}")
        return None

    def _match(self) -> set[str] | None:
        if not self._filter.strip():
            return None
        groups, shown = self._fleet.groups, set[str]()
        for group_id in self.matches():
            shown |= {group_id} | groups.descendants(group_id)
            above = groups.parent(group_id)
            while above and above not in shown:
                shown.add(above)
                above = groups.parent(above)
        return shown
