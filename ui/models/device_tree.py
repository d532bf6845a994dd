"""The devices by group: the same rows as the table, as a tree.

Invariant: a device stands once, under its own group, in the order of the table; only groups with such devices are
there, and only what was opened costs anything.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QBrush, QColor, QFont

from app.records import Change
from ui import icons, text, theme
from ui.models.columns import DEVICE_COLUMNS, Column
from ui.models.rows import RowsModel
from ui.models.selection import Selection
from ui.models.tree import DISPLAY, Index, Key, TreeModel

if TYPE_CHECKING:
    from app.store.fleet import Fleet

DEVICE_ID = int(Qt.ItemDataRole.UserRole)
GROUP_ID = DEVICE_ID + 1
CHECK = int(Qt.ItemDataRole.CheckStateRole)
DECORATION = int(Qt.ItemDataRole.DecorationRole)
FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
FONT = int(Qt.ItemDataRole.FontRole)
TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
NO_GROUP = ""


class DeviceTree(TreeModel):
    """Keys are group ids (str, `NO_GROUP` for devices of no known group) and fleet rows (int)."""

    def __init__(
        self,
        fleet: "Fleet",
        selection: Selection | None = None,
        columns: Sequence[Column] = DEVICE_COLUMNS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.titles = tuple(column.title for column in self.columns)  # type: ignore[misc]
        self.right_aligned = frozenset(i for i, c in enumerate(columns) if c.align == "right")  # type: ignore[misc]
        self.fleet = fleet
        self.selection = selection or Selection(fleet, self)
        self.selection.changed.connect(self._selection_changed)
        self._state_column = next((i for i, column in enumerate(self.columns) if column.look == "state"), -1)
        # Answers with texts only; the rows it would show are ours.
        self._texts = RowsModel(fleet, columns, self)
        self._rows: NDArray[np.int32] = np.empty(0, np.int32)
        self._counts: dict[str, tuple[int, int]] = {}
        self._homeless = 0

    def set_fleet(self, fleet: "Fleet") -> None:
        """Another fleet, shown empty until it gets its rows."""
        self.fleet = fleet
        self._texts.set_fleet(fleet)
        self._rows = np.empty(0, np.int32)
        self._count()
        self.reset()

    def set_rows(self, rows: NDArray[np.int32]) -> None:
        """Shows these fleet rows, those of one group in this order. What was open stays open."""
        self._rows = rows
        before = self._counts
        self._count()
        self.refresh(deep=True)
        self.touch([k for k in self.known_keys() if isinstance(k, str) and before.get(k) != self._counts.get(k)], 0, 0)

    def take(self, change: Change) -> None:
        """Repaints the devices that a change of the store touched and that are open."""
        if change.kind == "devices" and change.ids:
            self.touch([row for row in map(self.fleet.row, change.ids) if row is not None])
        elif change.kind in {"devices", "groups", "tags"}:
            self.touch(self.known_keys())

    def rows_below(self, group_id: str) -> NDArray[np.int32]:
        """The fleet rows shown in a group and all its subgroups, in order."""
        if group_id == NO_GROUP:
            return self._direct(NO_GROUP)
        inside = self.fleet.in_groups({group_id} | self.fleet.groups.descendants(group_id))
        return self._rows[inside[self._rows]]

    def children_of(self, key: Key | None) -> Sequence[Key]:
        groups = self.fleet.groups
        if key is None:
            top: list[Key] = [i for i in groups.root_ids if self._total(i)]
            return [*top, NO_GROUP] if self._homeless else top
        if isinstance(key, int):
            return []
        below: list[Key] = [child.id for child in groups.children(str(key)) if self._total(child.id)]
        return [*below, *self._direct(str(key)).tolist()]

    def has_any(self, key: Key) -> bool:
        return isinstance(key, str) and (self._total(key) > 0 or (key == NO_GROUP and self._homeless > 0))

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.isValid() and index.column() == 0 else flags

    def setData(self, index: Index, value: Any, role: int = DISPLAY) -> bool:
        key = self.key(index)
        if role != CHECK or key is None or index.column() != 0:
            return False
        rows = [key] if isinstance(key, int) else self.rows_below(str(key))
        self.selection.set(rows, Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def cell(self, key: Key, column: int, role: int) -> Any:
        return self._device(key, column, role) if isinstance(key, int) else self._group(str(key), column, role)

    def _group(self, group_id: str, column: int, role: int) -> Any:
        if role == GROUP_ID:
            return group_id
        if column:
            return None
        if role == DISPLAY:
            group = self.fleet.groups.by_id.get(group_id)
            total = self._homeless if group_id == NO_GROUP else self._total(group_id)
            return f"{group.name if group else 'No group'} ({text.number(total)})"
        if role == DECORATION:
            return icons.icon("folder", "text_muted")
        if role == TOOLTIP:
            return text.plain_tip(self.fleet.groups.path(group_id))
        if role == CHECK:
            rows = self.rows_below(group_id)
            chosen = int(np.count_nonzero(self.selection.mask[rows]))
            if chosen == 0:
                return Qt.CheckState.Unchecked
            return Qt.CheckState.Checked if chosen == len(rows) else Qt.CheckState.PartiallyChecked
        return None

    def _device(self, row: int, column: int, role: int) -> Any:
        if role == DISPLAY:
            return self._texts.text(row, column)
        if role == DEVICE_ID:
            return self.fleet.id(row)
        if role == CHECK and column == 0:
            return Qt.CheckState.Checked if self.selection.holds(row) else Qt.CheckState.Unchecked
        if role == TOOLTIP:
            return text.plain_tip(self._texts.tip(row, column) or self._texts.text(row, column))
        if role == FONT and self.columns[column].mono:
            return theme.mono_font()
        gone = not self.fleet.live[row]
        if role == FONT and gone and column == 0:
            font = QFont(theme.ui_font())
            font.setStrikeOut(True)
            return font
        if column == self._state_column or gone:
            state = "gone" if gone else str(self.fleet.value("condition", row))
            if role == FOREGROUND:
                return QBrush(QColor(theme.current().colour(state)))
            if role == DECORATION and column == self._state_column:
                return icons.icon(icons.state_icon(state), state)
        return None

    def _total(self, group_id: str) -> int:
        return self._counts.get(group_id, (0, 0))[1]

    def _direct(self, group_id: str) -> NDArray[np.int32]:
        if group_id == NO_GROUP:
            return self._rows[~self.fleet.in_groups(self.fleet.groups.by_id)[self._rows]]
        return self._rows[self.fleet.in_groups([group_id])[self._rows]]

    def _count(self) -> None:
        direct = self.fleet.counts("group_id", self._rows) if len(self._rows) else {}
        self._counts = self.fleet.groups.sums(direct)
        self._homeless = sum(n for i, n in direct.items() if i not in self.fleet.groups.by_id)

    def _selection_changed(self) -> None:
        self.touch(self.known_keys(), 0, 0)
