"""The rows of the centre: the same devices as a table or as a tree by group, or why there are none.

Invariant: one selection and one current device for both; switching loses neither.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QStackedWidget, QToolButton, QWidget

from app.records import Change
from app.store.fleet import Fleet
from ui import icons
from ui.models.columns import device_columns
from ui.models.devices import DeviceRows
from ui.models.selection import Selection
from ui.views.device_tree import DeviceTreeView
from ui.views.empty import EmptyState
from ui.views.gaps import Gap
from ui.views.table import FleetTable

Mode = Literal["table", "tree"]
MODES: tuple[Mode, ...] = ("table", "tree")
_MEANINGS = {
    "table": ("list", "Show devices as a table"),
    "tree": ("list-tree", "Show devices as a tree by group"),
}


class Results(QStackedWidget):
    """`step_wanted(step)`: the button of an empty state, see `Gap.step`. `switches` are the buttons for the mode."""

    current_changed = Signal(str)
    activated = Signal(str)
    context_menu_wanted = Signal(QPoint)
    mode_changed = Signal(str)
    step_wanted = Signal(str)

    def __init__(self, fleet: Fleet, clock: Callable[[], float], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        columns = device_columns(clock)
        self._gap: Gap | None = None
        self.mode: Mode = "table"
        self.current_id = ""
        self.model = DeviceRows(fleet, columns, self)
        self.table = FleetTable(self.model)
        self.table.current_changed.connect(self._on_current)
        self.table.activated.connect(self.activated)
        self.table.context_menu_wanted.connect(self.context_menu_wanted)
        self.tree = DeviceTreeView(fleet, self.selection, columns)
        self.tree.current_changed.connect(self._on_current)
        self.tree.opened.connect(self.activated)
        self.tree.context_menu_wanted.connect(self.context_menu_wanted)
        self.empty = EmptyState("monitor-smartphone", "No devices", "")
        self.empty.action.connect(lambda: self.step_wanted.emit(self._gap.step if self._gap is not None else ""))
        for page in (self.table, self.tree, self.empty):
            self.addWidget(page)
        self._group = QButtonGroup(self)
        self.switches = [self._switch(mode) for mode in MODES]

    @property
    def selection(self) -> Selection:
        """The selected devices, of table and tree alike."""
        return self.model.selection

    def set_rows(self, rows: NDArray[np.int32], gap: Callable[[], Gap]) -> None:
        """Shows these fleet rows in this order; where there are none, `gap` says why."""
        self.model.set_rows(rows)
        if self.mode == "tree":
            self.tree.rows.set_rows(rows)
        self.look(gap)

    def look(self, gap: Callable[[], Gap]) -> None:
        """Chooses between rows and the empty state anew."""
        if len(self.model.rows):
            self.setCurrentIndex(MODES.index(self.mode))
            return
        found = gap()
        if found != self._gap:
            self._gap = found
            self.empty.show_text(found.icon, found.title, found.sentence, found.button)
        self.setCurrentIndex(2)

    def set_mode(self, mode: Mode) -> None:
        """Table or tree; the current device stays current."""
        if mode == self.mode:
            return
        self.mode = mode
        self._group.button(MODES.index(mode)).setChecked(True)
        if mode == "tree":
            self.tree.rows.set_rows(self.model.rows)
            self.tree.open_top()
        if len(self.model.rows):
            self.setCurrentIndex(MODES.index(mode))
        self.set_current(self.current_id)
        self.mode_changed.emit(mode)

    def set_current(self, device_id: str) -> bool:
        """Goes to a device where it is shown; False where it is not."""
        if self.mode == "tree":
            return self.tree.set_current_device(device_id)
        return self.table.set_current(device_id)

    def take(self, change: Change) -> None:
        """Repaints what a change of the store touched."""
        self.model.take(change)
        if self.mode == "tree":
            self.tree.rows.take(change)

    def focus(self) -> None:
        """Puts the keyboard on the rows."""
        (self.table if self.mode == "table" else self.tree).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_current(self, device_id: str) -> None:
        if device_id and device_id != self.current_id:
            self.current_id = device_id
            self.current_changed.emit(device_id)

    def _switch(self, mode: Mode) -> QToolButton:
        sign, meaning = _MEANINGS[mode]
        button = QToolButton()
        button.setCheckable(True)
        button.setChecked(mode == self.mode)
        button.setToolTip(meaning)
        button.setAccessibleName(meaning)
        icons.bind(button, sign, "text_muted")
        button.clicked.connect(lambda: self.set_mode(mode))
        self._group.addButton(button, MODES.index(mode))
        return button
