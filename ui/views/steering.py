"""Moves through rows and selects them, with the mouse and the keyboard.

Invariant: the selection is a mask beside the view and the current device is known by its row of the fleet, so neither
is lost when rows are filtered, sorted or brought up to date.
"""

from PySide6.QtCore import QElapsedTimer, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from ui.models.devices import DeviceRows, find_name
from ui.models.selection import Selection

TYPE_AHEAD_MS = 900
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_PAGES = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
Index = QModelIndex | QPersistentModelIndex


class SteeredTable(QTableView):
    """Click and arrows select one row, with shift a range; ctrl+click and space toggle, ctrl+arrows only move.

    `current_changed(device id)` when the keyboard goes to another device, `activated(device id)` for Return and double
    click.
    """

    current_changed = Signal(str)
    activated = Signal(str)

    def __init__(self, model: DeviceRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows_model = model
        self.selection: Selection = model.selection
        self._current: int | None = None
        self._anchor: int | None = None
        self._hover = -1
        self._typed = ""
        self._typing = QElapsedTimer()
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setModel(model)
        # After setModel, so that the view has forgotten its place before it is brought back to it.
        model.modelReset.connect(self._rows_changed)

    @property
    def current_id(self) -> str:
        """The device that the keyboard is on, also while a filter hides it; empty for none."""
        return self.rows_model.fleet.id(self._current) if self._current is not None else ""

    def set_current(self, device_id: str) -> bool:
        """Goes to a device and shows it; False where it is not among the rows."""
        row = self.rows_model.fleet.row(device_id)
        position = self.rows_model.position(row) if row is not None else None
        if position is None:
            return False
        self.move_to(position, anchor=True)
        return True

    @property
    def page_rows(self) -> int:
        """How many whole rows a page has, less the one that stays in sight."""
        return max(1, self.viewport().height() // self.verticalHeader().defaultSectionSize() - 1)

    # -- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if not index.isValid():
            return
        position, modifiers = index.row(), event.modifiers()
        row = self.rows_model.fleet_row(position)
        if event.button() is Qt.MouseButton.RightButton:
            if not self.selection.holds(row):
                self.selection.only([row])
            self.move_to(position, index.column(), anchor=True)
        elif event.button() is Qt.MouseButton.LeftButton:
            if modifiers & Qt.KeyboardModifier.ShiftModifier:
                self.select_range(position, add=bool(modifiers & Qt.KeyboardModifier.ControlModifier))
                return
            if modifiers & Qt.KeyboardModifier.ControlModifier:
                self.selection.toggle(row)
            else:
                self.selection.only([row])
            self.move_to(position, index.column(), anchor=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = self.rowAt(event.position().toPoint().y())
        self.set_hover(position)
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if (
            event.buttons() & Qt.MouseButton.LeftButton
            and plain
            and position >= 0
            and position != self._current_position
        ):
            self.select_range(position, add=False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.indexAt(event.position().toPoint()).isValid():
            self.activated.emit(self.current_id)

    def set_hover(self, position: int) -> None:
        """Lights up the row under the mouse; -1 for none."""
        if position == self._hover:
            return
        before, self._hover = self._hover, position
        height, offset = self.verticalHeader().defaultSectionSize(), self.verticalHeader().offset()
        for row in (before, position):
            if row >= 0:
                for part in (self.viewport(), self.verticalHeader().viewport()):
                    part.update(0, row * height - offset, part.width(), height)

    # -- keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        searching = bool(self._typed) and self._typing.isValid() and self._typing.elapsed() < TYPE_AHEAD_MS
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.selection.select_all()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.activated.emit(self.current_id)
        elif key is Qt.Key.Key_Space and not searching:
            if self.currentIndex().isValid() and self._current is not None:
                self.selection.toggle(self._current)
                self._anchor = self._current
        elif (target := self._target_of(key)) is not None:
            self._go(target, modifiers)
        elif event.text().isprintable() and event.text() and not modifiers & Qt.KeyboardModifier.ControlModifier:
            self.keyboardSearch(event.text())
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            super().keyPressEvent(event)
        else:
            event.ignore()
            return
        event.accept()

    def keyboardSearch(self, search: str) -> None:
        """Goes to the next device whose name begins with what was typed quickly."""
        again = self._typing.isValid() and self._typing.elapsed() < TYPE_AHEAD_MS
        self._typed = self._typed + search if again else search
        self._typing.restart()
        here = self._current_position
        start = 0 if here is None else here if len(self._typed) > 1 else here + 1
        found = find_name(self.rows_model, self._typed, start)
        if found is not None:
            self._go(found, Qt.KeyboardModifier.NoModifier)

    def _target_of(self, key: Qt.Key) -> int | None:
        size, here = len(self.rows_model.rows), self._current_position
        if not size:
            return None
        if key in _MOVES or key in _PAGES:
            step = _MOVES.get(key) or _PAGES[key] * self.page_rows
            return 0 if here is None else min(max(here + step, 0), size - 1)
        return {Qt.Key.Key_Home: 0, Qt.Key.Key_End: size - 1}.get(key)

    def _go(self, position: int, modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.select_range(position, add=False)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self.move_to(position)
        else:
            self.selection.only([self.rows_model.fleet_row(position)])
            self.move_to(position, anchor=True)

    def select_range(self, position: int, *, add: bool) -> None:
        """Selects from the anchor to a position; `add` keeps what was selected before."""
        anchor = self.rows_model.position(self._anchor) if self._anchor is not None else self._current_position
        if anchor is None:
            anchor = position
            self._anchor = self.rows_model.fleet_row(position)
        low, high = sorted((anchor, position))
        rows = self.rows_model.rows[low : high + 1]
        if add:
            self.selection.set(rows, True)
        else:
            self.selection.only(rows)
        self.move_to(position)

    def move_to(self, position: int, column: int | None = None, *, anchor: bool = False) -> None:
        """Makes a row the current one and brings it into view."""
        place = column if column is not None else max(self.currentIndex().column(), 0)
        self.setCurrentIndex(self.rows_model.index(position, place))
        if anchor:
            self._anchor = self.rows_model.fleet_row(position)

    @property
    def _current_position(self) -> int | None:
        index = self.currentIndex()
        return index.row() if index.isValid() else None

    # -- what changes it

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        row = self.rows_model.fleet_row(current.row()) if current.isValid() else None
        if row is not None and row != self._current:
            self._current = row
            self.current_changed.emit(self.current_id)

    def _rows_changed(self) -> None:
        rows = self.rows_model
        if self._current is not None and self._current >= rows.fleet.rows:
            self._current = self._anchor = None
        position = rows.position(self._current) if self._current is not None else None
        if position is not None:
            # The place on the screen is the user's: an update must not scroll.
            self.setAutoScroll(False)
            index = rows.index(position, 0)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.setAutoScroll(True)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self._current_position is None and len(self.rows_model.rows):
            self.move_to(0, anchor=True)
