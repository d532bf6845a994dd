"""One lazy tree for every tree of the console.

Invariant: an index carries the integer id of a node, never an object; an id is given to one node only, for ever. A
node's children are asked for when it is opened, a few thousand at a time, and brought up to date by the smallest
signals: what stays keeps its id, and with it its expansion and the current place.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, ClassVar

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt

from ui import theme

Index = QModelIndex | QPersistentModelIndex
Key = Hashable
DISPLAY = int(Qt.ItemDataRole.DisplayRole)
SIZE_HINT = int(Qt.ItemDataRole.SizeHintRole)
ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
NOWHERE = QModelIndex()
ROOT = 0


class _Node:
    """`wanted` are the keys of all children, None until asked for; `shown` the ids of those handed to the views."""

    __slots__ = ("key", "parent", "row", "shown", "wanted")

    def __init__(self, key: Key, parent: int) -> None:
        self.key = key
        self.parent = parent
        self.row = 0
        self.wanted: Sequence[Key] | None = None
        self.shown: list[int] = []


class TreeModel(QAbstractItemModel):
    """Subclasses say what is below a key and what a cell holds. Keys are hashable and unique in the whole tree."""

    titles: ClassVar[Sequence[str]] = ("",)
    right_aligned: ClassVar[frozenset[int]] = frozenset()
    step: ClassVar[int] = 2000

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._nodes: dict[int, _Node] = {ROOT: _Node(None, -1)}
        self._ids: dict[Key, int] = {}
        self._next = 1
        # Listeners may ask for more in the middle of a change; they get it after.
        self._changing = False

    # -- what a subclass says

    def children_of(self, key: Key | None) -> Sequence[Key]:
        """The keys below a key, in order; None asks for the top."""
        raise NotImplementedError

    def has_any(self, key: Key) -> bool:
        """Whether there is anything below, answered without making it."""
        raise NotImplementedError

    def cell(self, key: Key, column: int, role: int) -> Any:
        """One role of one cell."""
        raise NotImplementedError

    # -- what a panel asks

    def key(self, index: Index) -> Key | None:
        """The key behind an index; None for an invalid one, or one whose node is gone."""
        node = self._nodes.get(index.internalId()) if index.isValid() else None
        return node.key if node is not None else None

    def index_of(self, key: Key, column: int = 0) -> QModelIndex:
        """The index of a key; invalid while no view has asked for it."""
        node_id = self._ids.get(key)
        return QModelIndex() if node_id is None else self.createIndex(self._nodes[node_id].row, column, node_id)

    def known_keys(self) -> list[Key]:
        """Every key that a view may show now."""
        return list(self._ids)

    def fetched(self, key: Key | None = None) -> bool:
        """Whether the children of a key were asked for."""
        node_id = ROOT if key is None else self._ids.get(key)
        return node_id is not None and self._nodes[node_id].wanted is not None

    def refresh(self, key: Key | None = None, *, deep: bool = False) -> None:
        """Asks again what is below a key that was opened, and tells the views what is different.

        `deep` does the same for every opened node below.
        """
        node_id = ROOT if key is None else self._ids.get(key)
        if node_id is None:
            return
        node = self._nodes[node_id]
        if node.wanted is None and node_id != ROOT:
            return
        self._update(node_id, self.children_of(node.key))
        if deep:
            for child in list(node.shown):
                if self._nodes[child].wanted is not None:
                    self.refresh(self._nodes[child].key, deep=True)

    def touch(self, keys: Iterable[Key], first: int = 0, last: int | None = None) -> None:
        """Says that the cells of these keys changed: one signal per run of neighbours."""
        rows: dict[int, list[int]] = {}
        for key in keys:
            node_id = self._ids.get(key)
            if node_id is not None:
                node = self._nodes[node_id]
                rows.setdefault(node.parent, []).append(node.row)
        end = len(self.titles) - 1 if last is None else last
        for parent, touched in rows.items():
            shown = self._nodes[parent].shown
            for start, stop in _runs(sorted(touched)):
                top = self.createIndex(start, first, shown[start])
                self.dataChanged.emit(top, self.createIndex(stop, end, shown[stop]))

    def reset(self) -> None:
        """Forgets every node and starts again from the top. Ids are not used twice."""
        self.beginResetModel()
        self._nodes = {ROOT: _Node(None, -1)}
        self._ids.clear()
        self.endResetModel()

    # -- what Qt asks

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> QModelIndex:
        node = self._nodes.get(self._id(parent))
        if node is None or not (0 <= row < len(node.shown) and 0 <= column < len(self.titles)) or parent.column() > 0:
            return QModelIndex()
        return self.createIndex(row, column, node.shown[row])

    def parent(self, index: Index = NOWHERE) -> QModelIndex:  # type: ignore[override]
        node = self._nodes.get(index.internalId()) if index.isValid() else None
        if node is None or node.parent <= ROOT:
            return QModelIndex()
        return self.createIndex(self._nodes[node.parent].row, 0, node.parent)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        node = self._nodes.get(self._id(parent)) if parent.column() <= 0 else None
        return len(node.shown) if node is not None else 0

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return len(self.titles)

    def hasChildren(self, parent: Index = NOWHERE) -> bool:
        if parent.column() > 0:
            return False
        node_id = self._id(parent)
        node = self._nodes.get(node_id)
        if node is None:
            return False
        if node.wanted is not None:
            return bool(node.wanted or node.shown)
        return True if node_id == ROOT else self.has_any(node.key)

    def canFetchMore(self, parent: Index) -> bool:
        node_id = self._id(parent)
        node = self._nodes.get(node_id) if parent.column() <= 0 else None
        if node is None or self._changing:
            return False
        if node.wanted is None:
            return node_id == ROOT or self.has_any(node.key)
        return len(node.shown) < len(node.wanted)

    def fetchMore(self, parent: Index) -> None:
        if not self.canFetchMore(parent):
            return
        node_id = self._id(parent)
        node = self._nodes[node_id]
        if node.wanted is None:
            node.wanted = list(self.children_of(node.key))
        start = len(node.shown)
        self._changing = True
        try:
            self._insert(node_id, start, node.wanted[start : start + self.step])
        finally:
            self._changing = False

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.titles):
            return None
        if role == DISPLAY:
            return self.titles[section]
        return (RIGHT if section in self.right_aligned else LEFT) if role == ALIGN else None

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        if role == SIZE_HINT:
            return QSize(0, theme.row_height())
        node = self._nodes.get(index.internalId()) if index.isValid() else None
        if node is None:
            return None
        if role == ALIGN:
            return RIGHT if index.column() in self.right_aligned else LEFT
        return self.cell(node.key, index.column(), role)

    # -- how it changes

    def _id(self, index: Index) -> int:
        return int(index.internalId()) if index.isValid() else ROOT

    def _at(self, node_id: int) -> QModelIndex:
        return QModelIndex() if node_id == ROOT else self.createIndex(self._nodes[node_id].row, 0, node_id)

    def _update(self, node_id: int, keys: Sequence[Key]) -> None:
        self._changing = True
        try:
            self._take_over(node_id, keys)
        finally:
            self._changing = False

    def _take_over(self, node_id: int, keys: Sequence[Key]) -> None:
        node = self._nodes[node_id]
        first_time = node.wanted is None
        complete = first_time or len(node.shown) == len(node.wanted or ())
        node.wanted = list(keys)
        # What was shown whole stays whole, as long as that is not a flood; the rest comes when it is scrolled to.
        target = node.wanted[: len(node.shown) + self.step if complete else max(len(node.shown), self.step)]
        stays = set(target)
        gone = [row for row, child in enumerate(node.shown) if self._nodes[child].key not in stays]
        for start, stop in reversed(_runs(gone)):
            self._remove(node_id, start, stop)
        self._reorder(node_id, target)
        have = {self._nodes[child].key for child in node.shown}
        missing = [row for row, key in enumerate(target) if key not in have]
        for start, stop in _runs(missing):
            self._insert(node_id, start, target[start : stop + 1])

    def _insert(self, node_id: int, row: int, keys: Sequence[Key]) -> None:
        if not keys:
            return
        self._take_from_elsewhere(keys)
        node = self._nodes.get(node_id)
        if node is None:
            return
        self.beginInsertRows(self._at(node_id), row, row + len(keys) - 1)
        fresh = range(self._next, self._next + len(keys))
        self._next += len(keys)
        for child, key in zip(fresh, keys, strict=True):
            self._nodes[child] = _Node(key, node_id)
            self._ids[key] = child
        node.shown[row:row] = fresh
        self._number(node, row)
        self.endInsertRows()

    def _take_from_elsewhere(self, keys: Sequence[Key]) -> None:
        """A key that moved to another parent leaves the old one first, so that it never has two nodes."""
        for key in keys:
            old = self._ids.get(key)
            if old is None:
                continue
            node = self._nodes[old]
            above = self._nodes[node.parent]
            above.wanted = [other for other in above.wanted or () if other != key]
            self._remove(node.parent, node.row, node.row)

    def _remove(self, node_id: int, first: int, last: int) -> None:
        node = self._nodes[node_id]
        self.beginRemoveRows(self._at(node_id), first, last)
        leaving = node.shown[first : last + 1]
        del node.shown[first : last + 1]
        while leaving:
            child = self._nodes.pop(leaving.pop())
            del self._ids[child.key]
            leaving.extend(child.shown)
        self._number(node, first)
        self.endRemoveRows()

    def _reorder(self, node_id: int, keys: Sequence[Key]) -> None:
        node = self._nodes[node_id]
        have = {self._nodes[child].key for child in node.shown}
        order = [self._ids[key] for key in keys if key in have]
        if order == node.shown:
            return
        self.layoutAboutToBeChanged.emit()
        before = [i for i in self.persistentIndexList() if self._nodes[i.internalId()].parent == node_id]
        node.shown = order
        self._number(node, 0)
        after = [self.createIndex(self._nodes[i.internalId()].row, i.column(), i.internalId()) for i in before]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _number(self, node: _Node, start: int) -> None:
        for row in range(start, len(node.shown)):
            self._nodes[node.shown[row]].row = row


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending numbers as (first, last) of their runs without a gap."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
