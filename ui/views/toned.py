"""Cells of a tree whose words have a colour of their own: the style sheet gives all of them one.

Invariant: only the colour of the words differs from an ordinary cell.
"""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

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
