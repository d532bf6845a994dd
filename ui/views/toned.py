"""Cells of a tree whose words have a colour of their own: the style sheet gives all of them one.

Invariant: only the colour of the words differs from an ordinary cell.
"""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from ui import theme


class TonedCells(QStyledItemDelegate):
    """Draws words in `tone`, or, without one, in the foreground that the model names."""

    def __init__(self, parent: QWidget, tone: str = "") -> None:
        super().__init__(parent)
        self._view = parent
        self._tone = tone

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        filled = QStyleOptionViewItem(option)
        self.initStyleOption(filled, index)
        style = self._view.style() or QApplication.style()
        place = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, filled, self._view)
        words, filled.text = filled.text, ""
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, filled, painter, self._view)
        self._write(painter, place, words, filled, index)

    def _write(
        self,
        painter: QPainter,
        place: QRect,
        words: str,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        margin = theme.space(0.75)
        room = place.adjusted(margin, 0, -margin, 0)
        brush = index.data(Qt.ItemDataRole.ForegroundRole)
        named = brush.color() if isinstance(brush, QBrush) else QColor(theme.current().text)
        painter.save()
        painter.setFont(option.font)
        painter.setPen(QColor(theme.current().colour(self._tone)) if self._tone else named)
        shown = option.fontMetrics.elidedText(words, option.textElideMode, room.width())
        painter.drawText(room, int(option.displayAlignment), shown)
        painter.restore()


class CountedCells(TonedCells):
    """Draws beside its own words, at the right edge, the number of a column that is hidden; lines without one get all
    the room."""

    def __init__(self, parent: QTreeView, counts: int) -> None:
        super().__init__(parent)
        self._tree, self._counts = parent, counts

    def _write(
        self,
        painter: QPainter,
        place: QRect,
        words: str,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        hidden = self._tree.isColumnHidden(self._counts)
        number = str(index.sibling(index.row(), self._counts).data() or "") if hidden else ""
        if number:
            edge = place.adjusted(0, 0, -theme.space(1.5), 0)
            painter.save()
            painter.setFont(option.font)
            painter.setPen(QColor(theme.current().text_muted))
            painter.drawText(edge, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), number)
            painter.restore()
            place = place.adjusted(0, 0, -option.fontMetrics.horizontalAdvance(number) - theme.space(3), 0)
        super()._write(painter, place, words, option, index)
