"""The group tree: where devices are, how many, and which group the table shows.

Invariant: what is expanded and which group is current survive searches, syncs and restarts.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from app.records import Change
from app.store.store import Store
from ui import theme
from ui.models.fetching import Fetching
from ui.models.groups import GROUP_ID, GroupTree
from ui.views.bind import bind
from ui.views.empty import EmptyState
from ui.views.search_field import search_field
from ui.views.toned import TonedCells


class GroupsPanel(QWidget):
    """`group_selected(id)`: the table should show this group with its subgroups; an empty id means all devices."""

    group_selected = Signal(str)
    context_menu_wanted = Signal(str, QPoint)

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(theme.space(44))
        self._store = store
        self._expanded: set[str] = set()
        self._seen_roots = False
        self._wanted = ""
        self._quiet = False
        self._searching = False
        self.search: QLineEdit = search_field("Search groups")
        self.search.textChanged.connect(self._search)
        self.model = GroupTree(store.fleet, self)
        self.tree = QTreeView()
        self.tree.setModel(self.model)
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setFrameShape(QFrame.Shape.NoFrame)
        self.tree.setProperty("role", "sidebar")
        self.tree.setAccessibleName("Groups")
        self.tree.setIndentation(theme.space(4))
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tree.setItemDelegateForColumn(1, TonedCells(self.tree, "text_muted"))
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._menu)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        Fetching(self.tree)
        self.tree.selectionModel().currentChanged.connect(self._on_current)
        self.tree.expanded.connect(lambda index: self._remember(index, True))
        self.tree.collapsed.connect(lambda index: self._remember(index, False))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        field = QVBoxLayout()
        field.setContentsMargins(theme.space(2), theme.space(2), theme.space(2), theme.space(2))
        field.addWidget(self.search)
        layout.addLayout(field)
        self.empty = EmptyState(
            "folder-tree", "No groups yet", "The groups of this tenant appear here after the first sync."
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.tree)
        self.pages.addWidget(self.empty)
        layout.addWidget(self.pages, 1)
        bind(self, store.changed, self._store_changed)
        self._open_roots()
        self._show_page()

    @property
    def group_id(self) -> str:
        """The current group; empty where none is."""
        return str(self.tree.currentIndex().data(GROUP_ID) or "")

    def select(self, group_id: str) -> None:
        """Makes a group current without asking the table again; an empty id means all: the root where there is one."""
        roots = self._store.fleet.groups.root_ids
        group_id = group_id or (roots[0] if len(roots) == 1 else "")
        if group_id == self.group_id:
            return
        self._quiet = True
        try:
            index = self._reach(group_id) if group_id else QModelIndex()
            self.tree.setCurrentIndex(index)
            if index.isValid():
                self.tree.scrollTo(index)
            else:
                self.tree.clearSelection()
        finally:
            self._quiet = False

    def state(self) -> dict[str, Any]:
        """What is expanded and current, as JSON."""
        return {"expanded": sorted(self._expanded), "current": self.group_id}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Brings back what `state` gave; groups that are gone are left out. The current group is announced."""
        expanded = state.get("expanded")
        if isinstance(expanded, list):
            self._expanded = {str(group_id) for group_id in expanded}
            self._seen_roots = self._seen_roots or bool(expanded)
        self._wanted = str(state.get("current") or "")
        self._expand()
        self._show_page()
        self._return_to_wanted()

    def _store_changed(self, change: Change) -> None:
        if change.kind in ("devices", "groups"):
            self.model.take(change)
            self._open_roots()
            self._show_page()
            if change.kind == "groups":
                self._expand()
                self._return_to_wanted()

    def _open_roots(self) -> None:
        if not self._seen_roots and self._store.fleet.groups.root_ids:
            self._seen_roots = True
            self._expanded.update(self._store.fleet.groups.root_ids)
            self._expand()

    def _show_page(self) -> None:
        if self._store.fleet.groups.by_id and self.search.text().strip():
            self.empty.show_text("funnel-x", "No group matches", "Search for another name.")
        else:
            sentence = "The groups of this tenant appear here after the first sync."
            self.empty.show_text("folder-tree", "No groups yet", sentence)
        self.pages.setCurrentIndex(0 if self.model.rowCount() else 1)

    def _return_to_wanted(self) -> None:
        if self._wanted and self._wanted in self._store.fleet.groups.by_id:
            wanted, self._wanted = self._wanted, ""
            index = self._reach(wanted)
            if index.isValid():
                self.tree.setCurrentIndex(index)

    def _reach(self, group_id: str) -> QModelIndex:
        """The index of a group; everything above it is opened on the way."""
        groups = self._store.fleet.groups
        if group_id not in groups.by_id:
            return QModelIndex()
        way = [group_id]
        while above := groups.parent(way[-1]):
            way.append(above)
        for step in reversed(way[1:]):
            index = self.model.index_of(step)
            while self.model.canFetchMore(index):
                self.model.fetchMore(index)
            self.tree.expand(index)
        return self.model.index_of(group_id)

    def _expand(self) -> None:
        if self.model.canFetchMore(QModelIndex()):
            self.model.fetchMore(QModelIndex())
        for group_id in self._store.fleet.groups.order:
            if group_id in self._expanded:
                index = self.model.index_of(group_id)
                if index.isValid() and not self.tree.isExpanded(index):
                    self.tree.expand(index)

    def _search(self, words: str) -> None:
        current = self.group_id
        self._quiet = self._searching = True
        try:
            self.model.filter(words)
            if words.strip():
                for group_id in self.model.matches():
                    self._reach(group_id)
            else:
                self.tree.collapseAll()
                self._expand()
            if current:
                self.tree.setCurrentIndex(self.model.index_of(current))
        finally:
            self._quiet = False
            self._searching = bool(words.strip())
        self._show_page()

    def _remember(self, index: QModelIndex, expanded: bool) -> None:
        group_id = str(index.data(GROUP_ID) or "")
        if group_id and not self._searching:
            (self._expanded.add if expanded else self._expanded.discard)(group_id)

    def _on_current(self, index: QModelIndex) -> None:
        if not self._quiet:
            self.group_selected.emit(str(index.data(GROUP_ID) or ""))

    def _menu(self, where: QPoint) -> None:
        index = self.tree.indexAt(where)
        if index.isValid():
            self.context_menu_wanted.emit(str(index.data(GROUP_ID)), self.tree.viewport().mapToGlobal(where))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        else:
            super().keyPressEvent(event)
