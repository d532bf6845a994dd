"""Which devices are selected: one bool per fleet row, beside the models.

Invariant: the selection survives every filter, sort, group and sync, and never holds a device that is gone.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from app.store.fleet import Fleet


class Selection(QObject):
    """A set of fleet rows. `changed` is emitted once per change, never when nothing changed."""

    changed = Signal()

    def __init__(self, fleet: "Fleet", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fleet = fleet
        self._mask = np.zeros(fleet.rows, bool)
        self._shown: NDArray[np.int32] = np.empty(0, np.int32)

    def set_fleet(self, fleet: "Fleet") -> None:
        """Another fleet: nothing of the old one stays selected."""
        had_any = bool(self._mask.any())
        self._fleet = fleet
        self._shown = np.empty(0, np.int32)
        self._mask = np.zeros(fleet.rows, bool)
        if had_any:
            self.changed.emit()

    def show(self, rows: NDArray[np.int32]) -> None:
        """Which rows are on the screen now; only `select_all` looks at them."""
        self._shown = rows

    @property
    def mask(self) -> NDArray[np.bool_]:
        """A copy, one bool per fleet row: selected, and still there."""
        return self._grown() & self._fleet.live

    @property
    def count(self) -> int:
        return int(np.count_nonzero(self.mask))

    @property
    def count_shown(self) -> int:
        """How many of the selected ones are on the screen's list now."""
        return int(np.count_nonzero(self.mask[self._shown]))

    def rows(self) -> NDArray[np.int32]:
        """The selected fleet rows, ascending."""
        return np.flatnonzero(self.mask).astype(np.int32)

    def ids(self) -> list[str]:
        """The device ids selected, in the order shown; those a filter hides come last."""
        mask = self.mask
        shown = self._shown[mask[self._shown]]
        mask[shown] = False
        return [self._fleet.id(int(row)) for row in (*shown, *np.flatnonzero(mask))]

    def holds(self, row: int) -> bool:
        return row < len(self._mask) and bool(self._mask[row]) and bool(self._fleet.live[row])

    def select_all(self) -> None:
        """Adds every row on the screen's list; what a filter hides stays as it is."""
        self.set(self._shown, True)

    def clear(self) -> None:
        self._put(np.zeros(self._fleet.rows, bool))

    def only(self, rows: NDArray[np.int32] | list[int]) -> None:
        """Selects these fleet rows and nothing else."""
        mask = np.zeros(self._fleet.rows, bool)
        mask[np.asarray(rows, np.int32)] = True
        self._put(mask)

    def set(self, rows: NDArray[np.int32] | list[int], on: bool) -> None:
        """Adds or takes away these fleet rows."""
        mask = self.mask
        mask[np.asarray(rows, np.int32)] = on
        self._put(mask)

    def toggle(self, row: int) -> None:
        self.set([row], not self.holds(row))

    def settle(self) -> None:
        """Lets go of devices that are gone since."""
        self._put(self.mask)

    def _grown(self) -> NDArray[np.bool_]:
        missing = self._fleet.rows - len(self._mask)
        if missing > 0:
            self._mask = np.concatenate([self._mask, np.zeros(missing, bool)])
        return self._mask

    def _put(self, mask: NDArray[np.bool_]) -> None:
        mask &= self._fleet.live
        before, self._mask = self._grown(), mask
        if not np.array_equal(before, mask):
            self.changed.emit()
