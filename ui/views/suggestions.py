"""The list that offers endings for what is being typed in the filter box.

Invariant: it never takes the keyboard focus, and never changes the text itself; the box asks it and decides.
"""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.store.complete import Suggestion
from ui import theme

_ROWS = 9
_NOTE_ROLE = int(Qt.ItemDataRole.UserRole) + 1


class Offers(QAbstractListModel):
    """The suggestions as rows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.offers: Sequence[Suggestion] = ()

    def replace(self, offers: Sequence[Suggestion]) -> None:
        """Shows these, in this order."""
        self.beginResetModel()
        self.offers = offers
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.offers)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        offer = self.offers[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return offer.text
        if role == _NOTE_ROLE:
            return offer.note
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{offer.text}, {offer.note}" if offer.note else offer.text
        return None


class _Painter(QStyledItemDelegate):
    """Text on the left, what it means or how many devices it finds on the right, muted."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, theme.space(7))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        view = option.widget
        rect: QRect = option.rect
        colours = theme.current()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(colours.selection))
        inner = rect.adjusted(theme.space(3), 0, -theme.space(3), 0)
        metrics = view.fontMetrics()
        text = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, inner.width() * 2 // 3)
        painter.setFont(view.font())
        painter.setPen(QColor(colours.text))
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
        left = inner.width() - metrics.horizontalAdvance(text) - theme.space(4)
        note = metrics.elidedText(str(index.data(_NOTE_ROLE) or ""), Qt.TextElideMode.ElideRight, max(left, 0))
        painter.setPen(QColor(colours.text_muted))
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), note)


class Suggestions(QListView):
    """Floats in its window below the box. `chosen` says which suggestion was clicked."""

    chosen = Signal(object)

    def __init__(self, box: QWidget) -> None:
        super().__init__(box)
        self._box = box
        self._model = Offers(self)
        self.setModel(self._model)
        self.setItemDelegate(_Painter(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setProperty("role", "popup")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setAccessibleName("Filter suggestions")
        self.entered.connect(self.setCurrentIndex)
        self.clicked.connect(lambda index: self.chosen.emit(self._model.offers[index.row()]))
        self.hide()

    def offer(self, offers: Sequence[Suggestion]) -> None:
        """Shows these below the box, none chosen; hides when there are none."""
        self._model.replace(offers)
        if not offers:
            self.hide()
            return
        window = self._box.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        rows = min(len(offers), _ROWS)
        below = self._box.mapTo(window, QPoint(0, self._box.height() + theme.space(1)))
        width = min(self._box.width(), theme.space(120))
        self.setGeometry(QRect(below, QSize(width, rows * theme.space(7) + 2 * self.frameWidth() + theme.space(1))))
        self.raise_()
        self.show()

    def current(self) -> Suggestion | None:
        """The suggestion that is highlighted, if any."""
        index = self.currentIndex()
        return self._model.offers[index.row()] if index.isValid() else None

    def first(self) -> Suggestion | None:
        """The suggestion on top, if any."""
        return self._model.offers[0] if self._model.offers else None

    def step(self, step: int) -> None:
        """Highlights the next (+1) or previous (-1) one, round the ends."""
        count = len(self._model.offers)
        row = self.currentIndex().row()
        row = (row + step) % count if row >= 0 else (0 if step > 0 else count - 1)
        self.setCurrentIndex(self._model.index(row))
