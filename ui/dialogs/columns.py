"""Column chooser: which columns, in which order.

Invariant: the answer names every column at most once and at least one; a search narrows the list and changes nothing.
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui import icons, text, theme
from ui.dialogs.frame import DialogFrame, set_order

_ID = Qt.ItemDataRole.UserRole


class ColumnsDialog(DialogFrame):
    """When accepted, `visible` holds the ids of the ticked columns in their order.

    `columns` are (id, title) of all; `fixed` stays ticked.
    """

    def __init__(
        self,
        columns: Sequence[tuple[str, str]],
        visible: Sequence[str],
        default: Sequence[str],
        *,
        fixed: str = "name",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, "Columns", subtitle="Tick what the table shows. Drag, or use the arrows, to order.")
        self.visible: tuple[str, ...] = tuple(visible)
        self._titles, self._default, self._fixed = dict(columns), tuple(default), fixed
        self.resize(420, 560)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search columns")
        self.search.setAccessibleName("Search columns")
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Columns")
        self.list.setProperty("surface", "raised")
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.up, self.down = QPushButton("Move up"), QPushButton("Move down")
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("The columns the console starts with")
        row = QHBoxLayout()
        row.setSpacing(theme.space(2))
        for button, icon in ((self.up, "arrow-up"), (self.down, "arrow-down"), (self.reset, "rotate-ccw")):
            icons.bind(button, icon)
            button.setAutoDefault(False)
            button.setAccessibleName(button.text())
            if button is self.reset:
                row.addStretch(1)
            row.addWidget(button)
        column = QVBoxLayout()
        column.setSpacing(theme.space(2))
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        self.body.addLayout(column, 1)
        self.cancel = self.add_cancel()
        self.apply = QPushButton("Apply")
        self.apply.setProperty("role", "primary")
        self.add_button(self.apply, default=True)
        self.apply.clicked.connect(self._apply)
        self.search.textChanged.connect(self._filter)
        self.list.currentRowChanged.connect(lambda _: self._refresh())
        self.list.itemChanged.connect(lambda _: self._refresh())
        self.list.model().rowsMoved.connect(lambda *_: self._refresh())
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.reset.clicked.connect(lambda: self._fill(self._default))
        set_order([self.search, self.list, self.up, self.down, self.reset, self.cancel, self.apply])
        self._fill(self.visible)
        self.search.setFocus()

    def ticked(self) -> tuple[str, ...]:
        """The ids of the ticked columns, in order."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return tuple(item.data(_ID) for item in items if item.checkState() is Qt.CheckState.Checked)

    def _fill(self, visible: Sequence[str]) -> None:
        shown = [one for one in visible if one in self._titles]
        if self._fixed in self._titles and self._fixed not in shown:
            shown.insert(0, self._fixed)
        self.list.clear()
        for column in [*shown, *(one for one in self._titles if one not in shown)]:
            item = QListWidgetItem(self._titles[column])
            item.setData(_ID, column)
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
            if column != self._fixed:
                flags |= Qt.ItemFlag.ItemIsUserCheckable
            else:
                item.setToolTip("This column is always shown.")
            item.setFlags(flags)
            item.setCheckState(Qt.CheckState.Checked if column in shown else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._filter(self.search.text())

    def _move(self, by: int) -> None:
        row = self.list.currentRow()
        if 0 <= row + by < self.list.count():
            item = self.list.takeItem(row)
            self.list.insertItem(row + by, item)
            self.list.setCurrentRow(row + by)
        self._refresh()

    def _filter(self, words: str) -> None:
        wanted = words.casefold().strip()
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(wanted not in f"{item.text()} {item.data(_ID)}".casefold())
        # Moving among hidden rows would put a column where nobody sees it.
        self.list.setDragEnabled(not wanted)
        self._refresh()

    def _refresh(self) -> None:
        row, searching = self.list.currentRow(), bool(self.search.text().strip())
        self.up.setEnabled(row > 0 and not searching)
        self.down.setEnabled(0 <= row < self.list.count() - 1 and not searching)
        for button in (self.up, self.down):
            button.setToolTip("Clear the search to change the order." if searching else "")
        chosen = self.ticked()
        self.reason.setText(f"{text.count(len(chosen), 'column')} of {len(self._titles)}")
        self.apply.setEnabled(bool(chosen))
        self.apply.setToolTip("" if chosen else "Tick at least one column.")

    def _apply(self) -> None:
        self.visible = self.ticked()
        self.accept()
