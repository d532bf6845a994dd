"""Two-line rows for narrow lists: a title and what stands beside it over the same in small.

Invariant: read only; what a screen reader hears of a row is everything that is drawn of it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui import text, theme
from ui.icons import pixmap

_LINE_ROLE = int(Qt.ItemDataRole.UserRole) + 1


class Line(NamedTuple):
    """A record as two lines: title and what stands right of it, then the same in small."""

    title: str
    side: str = ""
    under: str = ""
    under_side: str = ""
    icon: str = ""
    tone: str = "text_muted"
    tip: str = ""


class Lines(QAbstractListModel):
    """Read-only lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: Sequence[Line] = ()

    def replace(self, lines: Sequence[Line]) -> None:
        """Shows these; does nothing when they are the same, so that the view keeps its place."""
        if list(lines) != list(self.lines):
            self.beginResetModel()
            self.lines = lines
            self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == _LINE_ROLE:
            return line
        if role == Qt.ItemDataRole.ToolTipRole:
            return text.plain_tip(line.tip)
        if role == Qt.ItemDataRole.DisplayRole:
            return ", ".join(part for part in (line.title, line.side, line.under, line.under_side) if part)
        return None


class LinePainter(QStyledItemDelegate):
    """Draws a Line: title over small print, right parts aligned right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, theme.space(11))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        view = option.widget
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        line: Line = index.data(_LINE_ROLE)
        colours = theme.current()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(colours.selection))
        left = area.left() + theme.space(4)
        if line.icon:
            mark = pixmap(line.icon, 16, line.tone, painter.device().devicePixelRatio())
            painter.drawPixmap(left, area.top() + theme.space(1) + 4, mark)
            left += theme.space(6)
        box = QRect(left, area.top() + theme.space(1), area.right() - theme.space(4) - left, theme.space(5))
        font = view.font()
        self._pair(painter, box, line.title, line.side, colours.text, colours.text_muted)
        small = view.font()
        small.setPixelSize(max(font.pixelSize(), 12) - 1)
        painter.setFont(small)
        box.translate(0, theme.space(5) - 1)
        self._pair(painter, box, line.under, line.under_side, colours.text_muted, colours.text_muted)
        painter.setFont(font)

    @staticmethod
    def _pair(painter: QPainter, box: QRect, left: str, right: str, ink: str, side_ink: str) -> None:
        metrics = painter.fontMetrics()
        side = metrics.elidedText(right, Qt.TextElideMode.ElideRight, box.width() // 2)
        gap = metrics.horizontalAdvance(side) + theme.space(3) if side else 0
        painter.setPen(QColor(side_ink))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), side)
        painter.setPen(QColor(ink))
        shown = metrics.elidedText(left, Qt.TextElideMode.ElideMiddle, box.width() - gap)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)


class LineView(QListView):
    """The list itself; Ctrl+C copies the chosen lines."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            chosen = sorted(index.row() for index in self.selectedIndexes())
            model = self.model()
            QGuiApplication.clipboard().setText("\n".join(str(model.index(r, 0).data()) for r in chosen))
        else:
            super().keyPressEvent(event)
