"""The devices as table rows: selected, gone, and read aloud.

Invariant: what a screen reader hears of a cell is what the eye sees, the selection included.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt

from app.records import Change
from app.store.patterns import Mode, Pattern, fold
from ui.models.columns import DEVICE_COLUMNS, Column
from ui.models.rows import DISPLAY, Index, RowsModel
from ui.models.selection import Selection

if TYPE_CHECKING:
    from app.store.fleet import Fleet

CHECK = int(Qt.ItemDataRole.CheckStateRole)
ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
DEVICE_ID = int(Qt.ItemDataRole.UserRole)


class DeviceRows(RowsModel):
    """The device table's rows. The first column carries the selection as its check state."""

    def __init__(
        self, fleet: "Fleet", columns: Sequence[Column] = DEVICE_COLUMNS, parent: QObject | None = None
    ) -> None:
        super().__init__(fleet, columns, parent)
        self.selection = Selection(fleet, self)

    def set_rows(self, rows: NDArray[np.int32]) -> None:
        self.selection.show(rows)
        super().set_rows(rows)

    def set_fleet(self, fleet: "Fleet") -> None:
        super().set_fleet(fleet)
        self.selection.set_fleet(fleet)

    def take(self, change: Change) -> None:
        """Repaints what a change of the store touched; which rows are shown is not decided here."""
        if change.kind == "devices" and change.ids:
            found = [row for row in map(self.fleet.row, change.ids) if row is not None]
            self.announce(np.asarray(found, np.int32))
        elif change.kind in {"devices", "groups", "tags"}:
            self.announce()
        self.selection.settle()

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.isValid() and index.column() == 0 else flags

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        if role == CHECK and index.isValid() and index.column() == 0:
            chosen = self.selection.holds(int(self.rows[index.row()]))
            return Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked
        if role == ACCESSIBLE and index.isValid():
            return self._spoken(int(self.rows[index.row()]), index.column())
        if role == DEVICE_ID and index.isValid():
            return self.fleet.id(int(self.rows[index.row()]))
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = DISPLAY) -> bool:
        if role != CHECK or not index.isValid() or index.column() != 0:
            return False
        row = int(self.rows[index.row()])
        self.selection.set([row], Qt.CheckState(value) == Qt.CheckState.Checked)
        self.dataChanged.emit(index, index, [CHECK])
        return True

    def _spoken(self, row: int, column: int) -> str:
        words = self.text(row, column) or "empty"
        if column:
            return f"{self.columns[column].title}: {words}"
        marks = [words]
        if not self.fleet.live[row]:
            marks.append("gone")
        if self.selection.holds(row):
            marks.append("selected")
        return ", ".join(marks)


def find_name(model: RowsModel, typed: str, start: int) -> int | None:
    """The first position from `start` on, round the end, of a device whose name begins with `typed`; None where none."""
    fleet = model.fleet
    mask = fleet.text("name").match(fleet.rows, Pattern(fold(typed), Mode.PREFIX))
    at = np.flatnonzero(mask[model.rows])
    if not len(at):
        return None
    after = int(np.searchsorted(at, start))
    return int(at[after if after < len(at) else 0])
