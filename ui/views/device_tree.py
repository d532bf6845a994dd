"""The devices as a tree by group: the same rows, the same selection, children made when a group is opened.

Invariant: what is open stays open while filter, sort and sync change what is in it.
"""

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QTreeView, QWidget

from app.store.fleet import Fleet
from ui import theme
from ui.models.columns import Column
from ui.models.device_tree import DEVICE_ID, DeviceTree
from ui.models.fetching import Fetching
from ui.models.selection import Selection
from ui.views.toned import TonedCells

SHOWN = ("name", "condition", "last_seen", "model", "os_version", "battery_level")
_CHECK_BOX = 22


class DeviceTreeView(QTreeView):
    """`current_changed(device id)`, empty on a group; `opened(device id)` for Return or a double click."""

    current_changed = Signal(str)
    opened = Signal(str)
    context_menu_wanted = Signal(QPoint)

    def __init__(
        self, fleet: Fleet, selection: Selection, columns: tuple[Column, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        by_id = {column.id: column for column in columns}
        shown = tuple(by_id[name] for name in SHOWN)
        self.rows = DeviceTree(fleet, selection, shown, self)
        self.setModel(self.rows)
        self.setUniformRowHeights(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIndentation(theme.space(4))
        self.setAccessibleName("Devices by group")
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for at, column in enumerate(shown):
            self.setColumnWidth(at, column.width)
            if column.look == "state":
                self.setItemDelegateForColumn(at, TonedCells(self))
            elif at:
                self.setItemDelegateForColumn(at, TonedCells(self, "text_muted"))
        Fetching(self)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.activated.connect(self._open)

    def current_device(self) -> str:
        """The id of the device on the current line; empty on a group."""
        return str(self.currentIndex().siblingAtColumn(0).data(DEVICE_ID) or "")

    def set_current_device(self, device_id: str) -> bool:
        """Goes to a device, opening its groups; False for one that is not shown."""
        fleet = self.rows.fleet
        row = fleet.row(device_id)
        if row is None or device_id == self.current_device():
            return row is not None
        way = [str(fleet.value("group_id", row) or "")]
        while above := fleet.groups.parent(way[-1]):
            way.append(above)
        for group_id in reversed(way):
            index = self.rows.index_of(group_id)
            if not index.isValid():
                return False
            self.expand(index)
        index = self.rows.index_of(row)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)
        return index.isValid()

    def open_top(self) -> None:
        """Opens the top level, so that the tree never begins as a single line."""
        if self.rows.canFetchMore(QModelIndex()):
            self.rows.fetchMore(QModelIndex())
        for row in range(min(self.rows.rowCount(), 3)):
            self.expand(self.rows.index(row, 0))

    def _on_current(self, index: QModelIndex) -> None:
        device_id = str(index.siblingAtColumn(0).data(DEVICE_ID) or "")
        if device_id:
            self.current_changed.emit(device_id)

    def _open(self, index: QModelIndex) -> None:
        device_id = str(index.siblingAtColumn(0).data(DEVICE_ID) or "")
        if device_id:
            self.opened.emit(device_id)

    def _menu(self, where: QPoint) -> None:
        if self.indexAt(where).isValid():
            self.context_menu_wanted.emit(self.viewport().mapToGlobal(where))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """As in the table: a click on a device selects it alone, with Ctrl adds it or takes it away."""
        super().mousePressEvent(event)
        place = event.position().toPoint()
        index = self.indexAt(place).siblingAtColumn(0)
        row = self.rows.key(index)
        if not isinstance(row, int) or place.x() < self.visualRect(index).left() + _CHECK_BOX:
            return
        selection = self.rows.selection
        if event.button() is Qt.MouseButton.RightButton:
            if not selection.holds(row):
                selection.only([row])
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            selection.toggle(row)
        else:
            selection.only([row])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self._toggle(self.currentIndex().siblingAtColumn(0))
        else:
            super().keyPressEvent(event)

    def _toggle(self, index: QModelIndex) -> None:
        role = int(Qt.ItemDataRole.CheckStateRole)
        on = Qt.CheckState(index.data(role)) == Qt.CheckState.Checked
        self.rows.setData(index, Qt.CheckState.Unchecked if on else Qt.CheckState.Checked, role)
