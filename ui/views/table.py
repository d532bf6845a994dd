"""The device table: a hundred thousand rows that paint, scroll and select in a few milliseconds.

Invariant: it paints what is exposed and nothing else, and no row is looked at that is not on the screen.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QToolTip, QWidget

from ui import theme
from ui.models.devices import DeviceRows
from ui.text import plain_tip
from ui.views.columns_header import ColumnsHeader
from ui.views.copying import Copying
from ui.views.gutter import Gutter, SelectAll
from ui.views.painting import PAD, RowPainter
from ui.views.steering import Index, SteeredTable

AGE_MS = 20_000


class FleetTable(SteeredTable):
    """Shows a DeviceRows model. Sorting and filtering are asked for, never done here."""

    sort_requested = Signal(str, bool)
    context_menu_wanted = Signal(QPoint)
    columns_wanted = Signal()
    layout_changed = Signal()
    copied = Signal(int)

    def __init__(self, model: DeviceRows, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._painter = RowPainter(model)
        self._copying = Copying(model, self)
        self._ages = QTimer(self, interval=AGE_MS)
        self.columns_header = ColumnsHeader(model, self)
        self.gutter = Gutter(self)
        self._set_up()
        self.select_all_box = SelectAll(self)
        self._connect(model)
        self._restyle()

    def _set_up(self) -> None:
        self.setHorizontalHeader(self.columns_header)
        self.setVerticalHeader(self.gutter)
        # A header that shares the table's selection model forgets the table's place whenever the rows change.
        self.gutter.setSelectionModel(QItemSelectionModel(self.rows_model, self.gutter))
        self.columns_header.settle()
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        self.setAccessibleName("Devices")

    def _connect(self, model: DeviceRows) -> None:
        self.columns_header.sort_requested.connect(self.sort_requested)
        self.columns_header.columns_wanted.connect(self.columns_wanted)
        self.columns_header.layout_changed.connect(self.layout_changed)
        self.columns_header.geometriesChanged.connect(self._place_corner)
        self._copying.finished.connect(self.copied)
        self._ages.timeout.connect(self.viewport().update)
        self.selection.changed.connect(self._selection_changed)
        model.modelReset.connect(self.select_all_box.look)
        theme.changed.connect(self._restyle)

    # -- what others ask

    @property
    def selectable(self) -> int:
        """How many of the devices shown can be selected: those that are not gone."""
        return int(self.rows_model.fleet.live[self.rows_model.rows].sum())

    def set_rows(self, rows: NDArray[np.int32]) -> None:
        """Shows these fleet rows in this order; selection, current device and the place on the screen stay."""
        self.rows_model.set_rows(rows)

    def visible_columns(self) -> list[str]:
        return self.columns_header.visible_columns()

    def set_visible_columns(self, ids: Sequence[str]) -> None:
        self.columns_header.set_visible_columns(ids)

    def sort_key(self) -> tuple[str, bool]:
        """(fleet column, descending), as the fleet's `select` takes it."""
        return self.columns_header.sort_key()

    def state(self) -> dict[str, Any]:  # type: ignore[override]
        """Columns, widths and sorting as plain JSON."""
        return self.columns_header.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        self.columns_header.restore(state)

    def copy(self, *, titles: bool = False) -> None:
        """The selected rows that are shown, or else the current one, onto the clipboard; `copied` says when."""
        rows = self.rows_model.rows
        chosen = rows[self.selection.mask[rows]].tolist()
        if not chosen and self._current is not None:
            chosen = [self._current]
        if chosen:
            self._copying.start(chosen, self.visible_columns(), titles=titles)

    def copy_cell(self) -> None:
        """The current cell onto the clipboard."""
        index = self.currentIndex()
        if index.isValid():
            row = self.rows_model.fleet_row(index.row())
            self._copying.start([row], [self.rows_model.columns[index.column()].id], titles=False)

    # -- rows and pixels

    def rows_in(self, rect: QRect) -> Iterator[tuple[int, int, int]]:
        """(position, top, height) of the rows that a part of the viewport shows."""
        height, offset = self.gutter.defaultSectionSize(), self.gutter.offset()
        first = max(0, (rect.top() + offset) // height)
        last = min((rect.bottom() + offset) // height, len(self.rows_model.rows) - 1)
        for position in range(first, last + 1):
            yield position, position * height - offset, height

    def ground(self, position: int) -> QColor:
        """The colour behind a row."""
        colours = self._painter.colours
        if self.selection.holds(self.rows_model.fleet_row(position)):
            return QColor(colours.selection)
        return QColor(colours.surface_hover if position == self._hover else colours.surface_raised)

    def paintEvent(self, event: QPaintEvent) -> None:
        rect, colours, model = event.rect(), self._painter.colours, self.rows_model
        painter = QPainter(self.viewport())
        painter.fillRect(rect, QColor(colours.surface_raised))
        line = QColor(colours.line)
        shown: list[tuple[int, QRect, bool]] = []
        for position, top, height in self.rows_in(rect):
            row = model.fleet_row(position)
            painter.fillRect(rect.left(), top, rect.width(), height, self.ground(position))
            painter.fillRect(rect.left(), top + height - 1, rect.width(), 1, line)
            shown.append((row, QRect(0, top, 0, height - 1), self.selection.holds(row)))
        header = self.columns_header
        for place in range(header.count()):
            left, width = header.sectionViewportPosition(place), header.sectionSize(place)
            if header.isSectionHidden(place) or left > rect.right() or left + width < rect.left():
                continue
            painter.setClipRect(left, rect.top(), width, rect.height())
            for row, area, selected in shown:
                area.setLeft(left)
                area.setWidth(width)
                self._painter.cell(painter, row, place, area, selected=selected)
        painter.setClipping(False)
        self._paint_current(painter)
        painter.end()

    def _paint_current(self, painter: QPainter) -> None:
        index = self.currentIndex()
        if not index.isValid():
            return
        colours, height = self._painter.colours, self.gutter.defaultSectionSize()
        top = index.row() * height - self.gutter.offset()
        painter.fillRect(0, top, 3, height - 1, QColor(colours.accent))
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.focus), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRect(0, top, self.viewport().width() - 1, height - 2))

    def sizeHintForColumn(self, column: int) -> int:
        rows = [self.rows_model.fleet_row(position) for position, _, _ in self.rows_in(self.viewport().rect())]
        title = self.columns_header.sectionSizeHint(column)
        return max([title, *(self._painter.natural_width(row, column) for row in rows)])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard and self.currentIndex().isValid():
            at = self.visualRect(self.currentIndex()).bottomLeft() + QPoint(PAD, 0)
            self.context_menu_wanted.emit(self.viewport().mapToGlobal(at))
        else:
            self.context_menu_wanted.emit(event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event)
            return True
        if event.type() is QEvent.Type.Leave:
            self.set_hover(-1)
        return super().viewportEvent(event)

    def tip_at(self, index: Index) -> str:
        """What a tooltip adds to a cell, plain: the exact time or state, or the whole of a text that was cut."""
        if not index.isValid():
            return ""
        row, place = self.rows_model.fleet_row(index.row()), index.column()
        said = self.rows_model.tip(row, place)
        whole = self.rows_model.text(row, place)
        cut = self._painter.natural_width(row, place) > self.columns_header.sectionSize(place)
        return "\n".join(words for words in (whole if cut else "", said) if words)

    def _show_tip(self, event: QHelpEvent) -> None:
        index = self.indexAt(event.pos())
        QToolTip.showText(event.globalPos(), plain_tip(self.tip_at(index)), self.viewport(), self.visualRect(index))

    # -- what changes it

    def _selection_changed(self) -> None:
        self.select_all_box.look()
        self.viewport().update()
        self.gutter.viewport().update()

    def _restyle(self) -> None:
        self._painter.restyle()
        self.gutter.setDefaultSectionSize(theme.row_height())
        self.verticalScrollBar().setSingleStep(theme.row_height())
        self.viewport().update()
        self.gutter.viewport().update()

    def _place_corner(self) -> None:
        self.select_all_box.place(self.columns_header)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_corner()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            event.accept()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ages.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._ages.stop()
        super().hideEvent(event)
