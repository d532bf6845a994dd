"""What the tests of all trees share: a strict watcher, and the tree as plain lists."""

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from ui.models.tree import TreeModel

Shape = list[tuple[Any, "Shape"]]


def watch(model: QAbstractItemModel) -> QAbstractItemModelTester:
    """Ends the process at the first signal or answer that breaks Qt's contract. It opens every node by itself."""
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)


def open_all(model: TreeModel, parent: QModelIndex | None = None) -> None:
    """Fetches everything, as a reader who opens every node and scrolls to its end."""
    parent = parent or QModelIndex()
    while model.canFetchMore(parent):
        model.fetchMore(parent)
    for row in range(model.rowCount(parent)):
        open_all(model, model.index(row, 0, parent))


def shape(model: TreeModel, parent: QModelIndex | None = None) -> Shape:
    """Keys and what is below them, as far as it was fetched."""
    parent = parent or QModelIndex()
    rows = (model.index(row, 0, parent) for row in range(model.rowCount(parent)))
    return [(model.key(index), shape(model, index)) for index in rows]


def said(model: TreeModel, key: Any, column: int = 0, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> Any:
    """One cell of a key."""
    return model.index_of(key, column).data(role)
