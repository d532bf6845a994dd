"""The list of commands on offer, with a search and a mark for what can hurt.

Invariant: exactly one command is chosen at any time; searching hides others but changes nothing.
"""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ui import icons, theme
from ui.dialogs.frame import plain_label
from ui.dialogs.offered import OFFERED, RISKS, Offer

_RISK_ICON = Qt.ItemDataRole.UserRole + 1


class _Marked(QStyledItemDelegate):
    """Draws the risk's icon at the end of the row."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        # The style sheet's row height is painted, but not asked for, once the icon is small.
        return QSize(super().sizeHint(option, index).width(), theme.row_height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        mark = index.data(_RISK_ICON)
        if mark:
            rect: QRect = option.rect
            scale = painter.device().devicePixelRatio()
            size = 14
            picture = icons.pixmap(mark[0], size, mark[1], scale)
            painter.drawPixmap(rect.right() - size - theme.space(2), rect.center().y() - size // 2 + 1, picture)


class CommandList(QWidget):
    """`chosen` tells of another offer; arrow keys in the search move through the list."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search commands")
        self.search.setAccessibleName("Search commands")
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Commands")
        self.list.setItemDelegate(_Marked(self.list))
        self.list.setIconSize(QSize(16, 16))
        self.list.setProperty("surface", "raised")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for offer in OFFERED:
            icon, tone, words = RISKS[offer.command.risk]
            item = QListWidgetItem(icons.icon(offer.icon, "text_muted"), offer.command.title)
            item.setToolTip(f"{offer.command.description} {words + '.' if words else ''}".strip())
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{offer.command.title}. {words}".strip(". "))
            item.setData(_RISK_ICON, (icon, tone) if words else None)
            self.list.addItem(item)
        self.nothing = plain_label("No command matches.", "faint")
        self.nothing.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        self.setFixedWidth(theme.space(56))
        self.search.textChanged.connect(self._filter)
        self.list.currentRowChanged.connect(lambda row: self.chosen.emit(OFFERED[row]) if row >= 0 else None)
        theme.changed.connect(self._tint)

    @property
    def current(self) -> Offer:
        return OFFERED[max(0, self.list.currentRow())]

    def choose(self, name: str) -> bool:
        """Chooses the command with that wire name; without one, the first. False where it is not on offer."""
        names = [offer.name for offer in OFFERED]
        self.list.setCurrentRow(names.index(name) if name in names else 0)
        return name in names

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.window().focusWidget() is self.search:
            self._step(1 if event.key() == Qt.Key.Key_Down else -1)
            return
        super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        row = self.list.currentRow() + by
        while 0 <= row < self.list.count():
            if not self.list.item(row).isHidden():
                self.list.setCurrentRow(row)
                return
            row += by

    def _filter(self, words: str) -> None:
        shown = 0
        for row, offer in enumerate(OFFERED):
            hay = f"{offer.command.title} {offer.name} {offer.name.replace('_', ' ')} {offer.command.description}"
            matches = all(word in hay.casefold() for word in words.casefold().split())
            self.list.item(row).setHidden(not matches)
            shown += matches
        self.nothing.setVisible(shown == 0)

    def _tint(self) -> None:
        for row, offer in enumerate(OFFERED):
            self.list.item(row).setIcon(icons.icon(offer.icon, "text_muted"))
