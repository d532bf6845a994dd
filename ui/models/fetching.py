"""Asks a lazy tree for more rows as its view nears their end.

Invariant: Qt asks a tree only once when a node is opened; everything beyond the first thousands is asked for in here.
"""

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtWidgets import QTreeView

AHEAD = 40


class Fetching(QObject):
    """Lives as long as its view; `Fetching(view)` is all there is to do, before or after the view gets its model."""

    def __init__(self, view: QTreeView) -> None:
        super().__init__(view)
        self._view = view
        view.verticalScrollBar().valueChanged.connect(self.look)
        view.verticalScrollBar().rangeChanged.connect(self.look)

    @Slot()
    def look(self) -> None:
        """Fetches below every parent of which one of the last lines is on the screen."""
        model, bottom = self._view.model(), self._view.viewport().height()
        line = self._view.indexAt(QPoint(1, 1))
        while model is not None and line.isValid() and self._view.visualRect(line).top() < bottom:
            parent = line.parent()
            if model.rowCount(parent) - line.row() <= AHEAD and model.canFetchMore(parent):
                model.fetchMore(parent)
            line = self._view.indexBelow(line)
