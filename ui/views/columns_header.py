"""The column header of the device table: order, widths, what is shown, how it is sorted.

Invariant: what it remembers is told by column ids, so a saved layout survives columns that come and go.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QHeaderView, QMenu

from ui import icons
from ui.models.columns import Column
from ui.models.devices import DeviceRows

if TYPE_CHECKING:
    from ui.views.table import FleetTable

NARROWEST, WIDEST = 40, 1200


class ColumnsHeader(QHeaderView):
    """`sort_requested(column id, descending)` after a click; `columns_wanted` asks for the column chooser."""

    sort_requested = Signal(str, bool)
    columns_wanted = Signal()
    layout_changed = Signal()

    def __init__(self, model: DeviceRows, table: "FleetTable") -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._model = model
        self._table = table
        self.sort: tuple[str, bool] = ("name", False)
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(NARROWEST)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName("Columns")
        self.sectionClicked.connect(self._clicked)
        self.sectionMoved.connect(self.layout_changed)
        self.sectionResized.connect(self.layout_changed)

    def settle(self) -> None:
        """Called once the table has its model. Without a selection model of its own the header asks every row of the
        table whether it is selected, at every paint."""
        self.setSelectionModel(QItemSelectionModel(self._model, self))
        # A table that does not sort by itself switches the arrow off when it takes the header over.
        self.setSortIndicatorShown(True)
        self.reset_columns()
        self.set_sort(*self.sort)

    def visible_columns(self) -> list[str]:
        """The ids of the columns shown, in their order on the screen."""
        logical = (self.logicalIndex(visual) for visual in range(self.count()))
        return [self._model.columns[i].id for i in logical if not self.isSectionHidden(i)]

    def set_visible_columns(self, ids: Sequence[str]) -> None:
        """Shows these columns in this order. Unknown ids are passed over; the column that names the row always stays."""
        known = [i for i in dict.fromkeys(ids) if self._model.column_of(i) is not None]
        first = self._model.columns[0].id
        wanted = known if first in known else [first, *known]
        for place, column_id in enumerate(wanted):
            self.moveSection(self.visualIndex(self._place(column_id)), place)
        for place, column in enumerate(self._model.columns):
            self.setSectionHidden(place, column.id not in wanted)
        self.layout_changed.emit()

    def reset_columns(self) -> None:
        """Back to the columns, order and widths of the beginning."""
        for place, column in enumerate(self._model.columns):
            self.resizeSection(place, column.width)
        self.set_visible_columns([column.id for column in self._model.columns if column.shown])

    def set_sort(self, column_id: str, descending: bool) -> None:
        """Shows how the rows are ordered; says nothing to anyone."""
        place = self._model.column_of(column_id)
        if place is None:
            return
        self.sort = (column_id, descending)
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.setSortIndicator(place, order)

    def sort_key(self) -> tuple[str, bool]:
        """(fleet column, descending), as the fleet's `select` takes it."""
        return self._model.columns[self._place(self.sort[0])].sort, self.sort[1]

    def state(self) -> dict[str, Any]:  # type: ignore[override]
        """Order, widths and sorting as plain JSON."""
        widths = {c.id: self.sectionSize(i) for i, c in enumerate(self._model.columns) if not self.isSectionHidden(i)}
        return {"columns": self.visible_columns(), "widths": widths, "sort": list(self.sort)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Takes over what `state` gave; anything damaged or unknown in it is passed over."""
        match state.get("columns"):
            case [*ids] if ids:
                self.set_visible_columns([i for i in ids if isinstance(i, str)])
        match state.get("widths"):
            case {**widths}:
                for column_id, width in widths.items():
                    place = self._model.column_of(str(column_id))
                    if place is not None and isinstance(width, int) and width > 0:
                        self.resizeSection(place, min(max(width, NARROWEST), WIDEST))
        match state.get("sort"):
            case [str(column_id), bool(descending)]:
                self.set_sort(column_id, descending)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = self.logicalIndexAt(event.pos())
        self.menu_for(place if place >= 0 else 0).popup(event.globalPos())

    def menu_for(self, place: int) -> QMenu:
        """What can be done with one column."""
        column = self._model.columns[place]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._offer(menu, "arrow-up", "Sort ascending", lambda: self._ask(column.id, False))
        self._offer(menu, "arrow-down", "Sort descending", lambda: self._ask(column.id, True))
        menu.addSeparator()
        self._offer(menu, "maximize-2", "Fit to content", lambda: self._table.resizeColumnToContents(place))
        hide = self._offer(menu, "eye-off", f"Hide {column.title}", lambda: self._hide(column))
        hide.setEnabled(place != 0)
        menu.addSeparator()
        self._offer(menu, "columns-3", "Choose columns…", self.columns_wanted.emit)
        self._offer(menu, "undo-2", "Reset columns", self.reset_columns)
        return menu

    def _offer(self, menu: QMenu, icon: str, words: str, handler: Callable[[], None]) -> Any:
        action = menu.addAction(icons.icon(icon, "text_muted"), words)
        action.triggered.connect(lambda *_: handler())
        return action

    def _hide(self, column: Column) -> None:
        self.set_visible_columns([i for i in self.visible_columns() if i != column.id])

    def _place(self, column_id: str) -> int:
        place = self._model.column_of(column_id)
        return 0 if place is None else place

    def _ask(self, column_id: str, descending: bool) -> None:
        self.set_sort(column_id, descending)
        self.sort_requested.emit(column_id, descending)

    def _clicked(self, place: int) -> None:
        column = self._model.columns[place]
        current, descending = self.sort
        self._ask(column.id, not descending if current == column.id else column.descending_first)
