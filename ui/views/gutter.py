"""The check boxes at the left edge of the device table, which stay when the table is scrolled sideways.

Invariant: a box shows the selection and nothing else; it adds to the selection, it never replaces it.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QHeaderView, QWidget

from ui import icons, theme

if TYPE_CHECKING:
    from ui.views.table import FleetTable

WIDTH = 34
BOX = 14


class Gutter(QHeaderView):
    """The vertical header. Click toggles, shift+click and dragging set a range to what the first box became."""

    def __init__(self, table: "FleetTable") -> None:
        super().__init__(Qt.Orientation.Vertical, table)
        self._table = table
        self._from: int | None = None
        self._to_on = True
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setFixedWidth(WIDTH)
        self.setMinimumSectionSize(16)
        self.setAccessibleName("Selected")
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        table, colours = self._table, theme.current()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        scale = self.devicePixelRatioF()
        painter.fillRect(event.rect(), QColor(colours.surface_raised))
        for position, top, height in table.rows_in(event.rect()):
            painter.fillRect(0, top, WIDTH, height, table.ground(position))
            painter.fillRect(0, top + height - 1, WIDTH, 1, QColor(colours.line))
            row = table.rows_model.fleet_row(position)
            live, chosen = bool(table.rows_model.fleet.live[row]), table.selection.holds(row)
            box = QRectF((WIDTH - BOX) / 2 + 0.5, top + (height - BOX) // 2 + 0.5, BOX - 1, BOX - 1)
            edge = colours.accent if chosen else colours.line_strong if live else colours.line
            painter.setPen(QPen(QColor(edge), 1))
            painter.setBrush(QColor(colours.accent if chosen else colours.surface_raised if live else colours.surface))
            painter.drawRoundedRect(box, 4, 4)
            if chosen:
                tick = icons.pixmap("check", BOX - 4, "accent_text", scale)
                painter.drawPixmap(int(box.left()) + 2, int(box.top()) + 2, tick)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = self.logicalIndexAt(event.position().toPoint().y())
        if event.button() is not Qt.MouseButton.LeftButton or position < 0:
            return
        table = self._table
        row = table.rows_model.fleet_row(position)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            table.select_range(position, add=True)
        else:
            table.selection.toggle(row)
            table.move_to(position, anchor=True)
        self._from, self._to_on = position, table.selection.holds(row)
        table.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = self.logicalIndexAt(event.position().toPoint().y())
        self._table.set_hover(position)
        if self._from is None or position < 0 or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        low, high = sorted((self._from, position))
        self._table.selection.set(self._table.rows_model.rows[low : high + 1], self._to_on)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._from = None


class SelectAll(QCheckBox):
    """The box in the table's corner: all, some or none of the devices shown. A click selects all, or none when all are."""

    def __init__(self, table: "FleetTable") -> None:
        super().__init__(table)
        self._table = table
        self.setTristate(True)
        self.setAccessibleName("Select all devices shown")
        self.setToolTip("Select all devices shown (Ctrl+A)")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def nextCheckState(self) -> None:
        selection = self._table.selection
        if self.checkState() is Qt.CheckState.Checked:
            selection.set(self._table.rows_model.rows, False)
        else:
            selection.select_all()
        self.look()

    def look(self) -> None:
        """Takes the state from the selection."""
        shown, size = self._table.selection.count_shown, self._table.selectable
        state = Qt.CheckState.PartiallyChecked if shown else Qt.CheckState.Unchecked
        self.setCheckState(Qt.CheckState.Checked if shown and shown == size else state)
        self.setEnabled(size > 0)

    def place(self, header: QWidget) -> None:
        """Puts the box into the corner left of the column header."""
        self.setGeometry(header.x() - WIDTH + (WIDTH - BOX - 4) // 2, header.y(), BOX + 6, header.height() - 1)
        self.raise_()
