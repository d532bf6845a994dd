"""The exact devices of a plan: a virtual list, searchable, from which some can be taken out.

Invariant: shows every device of the plan in its order, narrowed only by the search; it never changes the plan itself.
"""

import html
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.store.fleet import Fleet
from ui import icons, text, theme
from ui.dialogs.frame import plain_label
from ui.models.paths import below, root_of, shorten

_Index = QModelIndex | QPersistentModelIndex
TITLES = ("Name", "State", "Last seen", "Group", "Note")
_GROUP, _NOTE = 3, 4
_NO_PARENT = QModelIndex()


class PlanDevices(QAbstractTableModel):
    """Rows are devices of the plan; facts are read from the copy only for what is on the screen."""

    def __init__(self, fleet: Fleet, now: float) -> None:
        super().__init__()
        self._fleet, self._now = fleet, now
        self._ids: tuple[str, ...] = ()
        self._shown: list[str] = []
        self._notes: dict[str, str] = {}
        self._hay: list[str] | None = None
        self._words: tuple[str, ...] = ()

    def set_devices(self, ids: Sequence[str], notes: dict[str, str]) -> None:
        """Another set of devices; `notes` by device id. The search stays."""
        self._ids, self._notes, self._hay = tuple(ids), notes, None
        self._narrow()

    def search(self, words: str) -> None:
        """Keeps the devices in whose name, serial, group, note or id every word occurs."""
        self._words = tuple(words.casefold().split())
        self._narrow()

    def id(self, row: int) -> str:
        return self._shown[row]

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        device_id, column = self._shown[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cell(device_id, column)
        if role == Qt.ItemDataRole.DecorationRole and column == 1:
            condition = str(self._fact(device_id, "condition") or "unknown")
            return icons.icon(icons.state_icon(condition), condition)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(device_id, column)
        return None

    def _fact(self, device_id: str, name: str) -> Any:
        row = self._fleet.row(device_id)
        return None if row is None else self._fleet.value(name, row)

    def _cell(self, device_id: str, column: int) -> str:
        if column == 0:
            return str(self._fact(device_id, "name") or device_id)
        if column == 1:
            return text.condition_label(str(self._fact(device_id, "condition") or "unknown"))
        if column == 2:
            seen = self._fact(device_id, "last_seen")
            return text.ago(seen if isinstance(seen, float) else None, self._now)
        if column == 3:
            return below(str(self._fact(device_id, "group") or ""), root_of(self._fleet.groups))
        return self._notes.get(device_id, "")

    def _tip(self, device_id: str, column: int) -> str:
        seen = self._fact(device_id, "last_seen")
        words = text.absolute(seen) if column == 2 and isinstance(seen, float) else self._cell(device_id, column)
        # Qt guesses rich text in tooltips: names are escaped.
        return f"<span>{html.escape(words)}</span>" if words else ""

    def _narrow(self) -> None:
        self.beginResetModel()
        if not self._words:
            self._shown = list(self._ids)
        else:
            if self._hay is None:
                self._hay = [self._haystack(device_id) for device_id in self._ids]
            pairs = zip(self._ids, self._hay, strict=True)
            self._shown = [i for i, hay in pairs if all(word in hay for word in self._words)]
        self.endResetModel()

    def _haystack(self, device_id: str) -> str:
        facts = [str(self._fact(device_id, name) or "") for name in ("name", "serial", "group")]
        return "\n".join([*facts, self._notes.get(device_id, ""), device_id]).casefold()


class _PathCells(QStyledItemDelegate):
    """Shortens group paths from the left: the last name tells them apart."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        option.text = shorten(option.text, option.fontMetrics, option.rect.width() - theme.space(5))


class _Table(QTableView):
    removal_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removal_wanted.emit()
            return
        super().keyPressEvent(event)


class DeviceList(QWidget):
    """`removal_wanted` carries the ids of the rows that the user wants out of the plan."""

    removal_wanted = Signal(list)

    def __init__(self, fleet: Fleet, now: float) -> None:
        super().__init__()
        self.model = PlanDevices(fleet, now)
        self.model.setParent(self)
        self._total = 0
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search in the plan: name, serial, group")
        self.search.setAccessibleName("Search in the plan")
        self.search.setClearButtonEnabled(True)
        self.count = plain_label("", "muted")
        self.remove = QPushButton("Take out of the plan")
        self.remove.setAutoDefault(False)
        self.remove.setAccessibleName("Take the marked devices out of the plan")
        icons.bind(self.remove, "circle-minus")
        self.table = _Table()
        self.table.setModel(self.model)
        self.table.setAccessibleName("Devices in the plan")
        self.table.setProperty("surface", "raised")
        self.table.setIconSize(QSize(16, 16))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(theme.row_height())
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(_GROUP, QHeaderView.ResizeMode.Stretch)
        for column, width in ((0, 184), (1, 112), (2, 108), (_NOTE, 160)):
            self.table.setColumnWidth(column, width)
        self.table.setItemDelegateForColumn(_GROUP, _PathCells(self.table))
        top = QHBoxLayout()
        top.setSpacing(theme.space(2))
        top.addWidget(self.search, 1)
        top.addWidget(self.count)
        top.addWidget(self.remove)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(theme.space(2))
        column_layout.addLayout(top)
        column_layout.addWidget(self.table, 1)
        self.search.textChanged.connect(self._search)
        self.remove.clicked.connect(self._want_removal)
        self.table.removal_wanted.connect(self._want_removal)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._marked_changed())
        self._marked_changed()

    def set_devices(self, ids: Sequence[str], notes: dict[str, str]) -> None:
        """`notes` say by device id what is special about it."""
        self._total = len(ids)
        self.model.set_devices(ids, notes)
        self.table.setColumnHidden(_NOTE, not notes)
        self._said()

    def marked(self) -> list[str]:
        """The ids of the marked rows."""
        marked = self.table.selectionModel().selection()
        ranges = [marked.at(i) for i in range(marked.count())]
        rows = {row for one in ranges for row in range(one.top(), one.bottom() + 1)}
        return [self.model.id(row) for row in sorted(rows)]

    def _search(self, words: str) -> None:
        self.model.search(words)
        self._said()

    def _want_removal(self) -> None:
        if self.remove.isEnabled():
            self.removal_wanted.emit(self.marked())

    def _marked_changed(self) -> None:
        marked = len(self.marked())
        if not marked:
            reason = "Mark devices in the list first."
        elif marked >= self._total:
            reason = "A plan needs at least one device. Cancel instead."
        else:
            reason = ""
        self.remove.setEnabled(not reason)
        self.remove.setToolTip(reason or f"Take {text.count(marked, 'device')} out (Delete)")
        self.remove.setText(f"Take {marked:,} out of the plan" if marked else "Take out of the plan")

    def _said(self) -> None:
        shown = self.model.rowCount()
        whole = text.count(self._total, "device")
        self.count.setText(f"{shown:,} of {self._total:,}" if shown != self._total else whole)
        self._marked_changed()
