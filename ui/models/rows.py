"""An ordered array of fleet rows as a Qt table.

Invariant: the model never sorts, filters or copies devices; it shows the array it was given, and asks for the text of
a cell only when that cell is on the screen.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.models.columns import Column

if TYPE_CHECKING:
    from app.store.fleet import Fleet

Index = QModelIndex | QPersistentModelIndex
# Plain ints: comparing with enum members costs more than everything else in data().
DISPLAY = int(Qt.ItemDataRole.DisplayRole)
ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
NOWHERE = QModelIndex()
# About a hundred screens of cells.
CACHED_CELLS = 40_000


class RowsModel(QAbstractTableModel):
    """`rows` holds fleet rows in the order shown; `columns` all that can be shown, hidden ones included."""

    def __init__(self, fleet: "Fleet", columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.fleet = fleet
        self.columns = tuple(columns)
        self.rows: NDArray[np.int32] = np.empty(0, np.int32)
        self._column_of = {column.id: i for i, column in enumerate(self.columns)}
        self._texts: dict[tuple[int, int], str] = {}
        self._texts_of = fleet.version

    def set_rows(self, rows: NDArray[np.int32]) -> None:
        """Shows these fleet rows in this order. The same array again costs nothing and says nothing."""
        if len(rows) == len(self.rows) and np.array_equal(rows, self.rows):
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def set_fleet(self, fleet: "Fleet") -> None:
        """Another fleet, shown empty until it gets its rows."""
        self.beginResetModel()
        self.fleet = fleet
        self.rows = np.empty(0, np.int32)
        self._texts.clear()
        self.endResetModel()

    def announce(self, fleet_rows: NDArray[np.int32] | None = None) -> None:
        """Says that the facts of these fleet rows changed, as one range; None means any of them."""
        if not len(self.rows):
            return
        first, last = 0, len(self.rows) - 1
        if fleet_rows is not None:
            touched = np.zeros(self.fleet.rows, bool)
            touched[fleet_rows] = True
            at = np.flatnonzero(touched[self.rows])
            if not len(at):
                return
            first, last = int(at[0]), int(at[-1])
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))

    def fleet_row(self, position: int) -> int:
        """The fleet row shown at a position."""
        return int(self.rows[position])

    def position(self, fleet_row: int) -> int | None:
        """Where a fleet row is shown now, or None where it is not."""
        at = np.flatnonzero(self.rows == fleet_row)
        return int(at[0]) if len(at) else None

    def column_of(self, column_id: str) -> int | None:
        return self._column_of.get(column_id)

    def text(self, fleet_row: int, column: int) -> str:
        """What a cell says, without line breaks."""
        spec = self.columns[column]
        if spec.ages:
            return spec.getter(self.fleet, fleet_row)
        if self._texts_of != self.fleet.version or len(self._texts) > CACHED_CELLS:
            self._texts.clear()
            self._texts_of = self.fleet.version
        key = (fleet_row, column)
        known = self._texts.get(key)
        if known is None:
            known = self._texts[key] = " ".join(spec.getter(self.fleet, fleet_row).splitlines())
        return known

    def tip(self, fleet_row: int, column: int) -> str:
        """What a cell would say with more room, plain text; empty where there is nothing to add."""
        spec = self.columns[column]
        return spec.tip(self.fleet, fleet_row) if spec.tip else ""

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        if role == DISPLAY:
            return self.text(int(self.rows[index.row()]), index.column()) if index.isValid() else None
        if role == ALIGN and index.isValid():
            return RIGHT if self.columns[index.column()].align == "right" else LEFT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return str(section + 1) if role == DISPLAY else None
        if not 0 <= section < len(self.columns):
            return None
        if role == DISPLAY:
            return self.columns[section].title
        if role == ALIGN:
            return RIGHT if self.columns[section].align == "right" else LEFT
        return None
