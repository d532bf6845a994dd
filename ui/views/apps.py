"""The tenant's apps: app, version, and the devices that have it.

Invariant: what the copy knows is shown first; who has a version is asked for when it is opened, and a line in the tree
says when that could not be had.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from app.errors import FleetError
from app.records import Change
from app.store.store import Store
from app.sync.details import Details
from app.sync.health import Health
from app.tasks import Tasks
from ui import icons, text, theme
from ui.models.apps import APP_ID, DEVICE_ID, VERSION_ID, AppTree
from ui.models.fetching import Fetching
from ui.views.bind import bind
from ui.views.empty import EmptyState
from ui.views.search_field import search_field
from ui.views.toned import CountedCells, TonedCells

_NARROW = 420
_INSTALLED, _SIZE, _TRACK, _DETAILS = 1, 2, 3, 4


class AppsPanel(QWidget):
    """`devices_wanted(ids, label)`: the table should show exactly these devices."""

    devices_wanted = Signal(list, str)
    device_activated = Signal(str)
    context_menu_wanted = Signal(str, str, QPoint)

    def __init__(
        self,
        store: Store,
        details: Details,
        health: Health,
        tasks: Tasks,
        clock: Callable[[], float] = time.time,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setMinimumWidth(theme.space(44))
        self._store, self._details, self._health = store, details, health
        self._tasks, self._clock = tasks, clock
        self.search = search_field("Search apps")
        self.search.textChanged.connect(self._search)
        self.model = AppTree(self._ask, self)
        self.tree = QTreeView()
        self.tree.setModel(self.model)
        self.tree.setUniformRowHeights(True)
        self.tree.setFrameShape(QFrame.Shape.NoFrame)
        self.tree.setAccessibleName("Apps")
        self.tree.setIndentation(theme.space(4))
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tree.setProperty("role", "sidebar")
        self.tree.setItemDelegateForColumn(0, CountedCells(self.tree, _INSTALLED))
        for column in (_INSTALLED, _SIZE, _TRACK, _DETAILS):
            self.tree.setItemDelegateForColumn(column, TonedCells(self.tree, "text_muted"))
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._menu)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(theme.space(12))
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in ((_INSTALLED, 72), (_SIZE, 80), (_TRACK, 100), (_DETAILS, 200)):
            self.tree.setColumnWidth(column, width)
        Fetching(self.tree)
        self.tree.selectionModel().currentChanged.connect(lambda *_: self._enable())
        self.tree.activated.connect(self._activate)
        self.show_devices = self._button("funnel", "Show devices")
        self.show_devices.clicked.connect(self._show_devices)
        self.again = self._button("refresh-cw", "Refresh")
        self.again.setText("")
        self.again.clicked.connect(self._refresh)
        self.note = QLabel()
        self.note.setProperty("tone", "muted")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.note.setContentsMargins(theme.space(3), 0, theme.space(3), theme.space(2))
        self.empty = EmptyState("package", "No apps yet", "The apps of this tenant appear here after the first sync.")
        self.pages = QStackedWidget()
        self.pages.addWidget(self.tree)
        self.pages.addWidget(self.empty)
        field = QVBoxLayout()
        field.setContentsMargins(theme.space(2), theme.space(2), theme.space(2), theme.space(2))
        field.addWidget(self.search)
        line = QHBoxLayout()
        line.setContentsMargins(theme.space(2), theme.space(1), theme.space(2), theme.space(1))
        line.addWidget(self.show_devices)
        line.addStretch(1)
        line.addWidget(self.again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(field)
        layout.addWidget(self.pages, 1)
        layout.addLayout(line)
        layout.addWidget(self.note)
        bind(self, store.changed, self._store_changed)
        self._fill()
        self._say("")

    @staticmethod
    def _button(sign: str, label: str) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("role", "quiet")
        button.setAccessibleName(label)
        icons.bind(button, sign, "text_muted")
        return button

    def _store_changed(self, change: Change) -> None:
        if change.kind in ("apps", "versions"):
            self._fill()

    def _fill(self) -> None:
        self.model.set_apps(self._store.apps, self._store.versions)
        self._show_page()
        self._enable()

    def _search(self, words: str) -> None:
        self.model.filter(words)
        self._show_page()

    def _show_page(self) -> None:
        if self._store.apps:
            self.empty.show_text("funnel-x", "No app matches", "Search for another name or package.")
        else:
            self.empty.show_text("package", "No apps yet", "The apps of this tenant appear here after the first sync.")
        if self.model.canFetchMore(QModelIndex()):
            self.model.fetchMore(QModelIndex())
        self.pages.setCurrentIndex(0 if self.model.rowCount() else 1)

    def _chosen(self) -> tuple[str, str, str]:
        """App, version and device id of the current line; empty where the line is above that."""
        index = self.tree.currentIndex().siblingAtColumn(0)
        return tuple(str(index.data(role) or "") for role in (APP_ID, VERSION_ID, DEVICE_ID))  # type: ignore[return-value]

    def _enable(self) -> None:
        app_id, version_id, _ = self._chosen()
        self.show_devices.setEnabled(bool(app_id))
        what = "version" if version_id else "app"
        tip = f"Show the devices that have this {what} in the table" if app_id else "Choose an app or a version first"
        self.show_devices.setToolTip(tip)
        self.again.setEnabled(bool(version_id))
        self.again.setToolTip("Ask the server who has this version" if version_id else "Choose a version first")

    def _refresh(self) -> None:
        app_id, version_id, _ = self._chosen()
        if version_id:
            self.model.ask_again(app_id, version_id)

    def _activate(self, index: QModelIndex) -> None:
        device_id = str(index.siblingAtColumn(0).data(DEVICE_ID) or "")
        if device_id:
            self.device_activated.emit(device_id)

    def _menu(self, where: QPoint) -> None:
        index = self.tree.indexAt(where).siblingAtColumn(0)
        if index.isValid():
            place = self.tree.viewport().mapToGlobal(where)
            self.context_menu_wanted.emit(str(index.data(APP_ID)), str(index.data(VERSION_ID)), place)

    def _ask(self, app_id: str, version_id: str) -> None:
        self._tasks.start(self._load(app_id, version_id), "devices of an app version")

    async def _load(self, app_id: str, version_id: str) -> None:
        known = await self._details.installed_on(app_id, version_id, refresh=False)
        if known.at is not None:
            self.model.fill(app_id, version_id, known.rows)
        try:
            fresh = await self._details.installed_on(app_id, version_id, refresh=True)
        except FleetError as error:
            age = f" Known from {text.ago(known.at, self._clock())}." if known.at is not None else ""
            reason = "Offline, not loaded." if self._health.online is False else text.describe(error)
            self.model.fail(
                app_id, version_id, f"Offline.{age}" if age and self._health.online is False else reason + age
            )
        else:
            self.model.fill(app_id, version_id, fresh.rows)

    def _show_devices(self) -> None:
        app_id, version_id, _ = self._chosen()
        if app_id:
            self._tasks.start(self._collect(app_id, version_id), "devices of an app")

    async def _collect(self, app_id: str, version_id: str) -> None:
        app = self._store.apps.get(app_id)
        versions = [v for v in self._store.versions.get(app_id, ()) if not version_id or v.id == version_id]
        if app is None or not versions:
            self._say("This app has no versions.")
            return
        self._say("Asking which devices have it\N{HORIZONTAL ELLIPSIS}")
        ids: dict[str, None] = {}
        unknown = 0
        for version in versions:
            try:
                found = await self._details.installed_on(app_id, version.id, refresh=self._health.online is not False)
            except FleetError:
                found = await self._details.installed_on(app_id, version.id, refresh=False)
            unknown += found.at is None
            ids.update(dict.fromkeys(row.device_id for row in found.rows))
        if unknown == len(versions):
            self._say("It is not known which devices have it. Connect and try again.")
            return
        self._say(f"{text.count(unknown, 'version')} could not be asked for and is left out." if unknown else "")
        name = app.name or app.package
        self.devices_wanted.emit(list(ids), f"{name} {versions[0].version}" if version_id else name)

    def _say(self, words: str) -> None:
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        for column in (_INSTALLED, _SIZE, _TRACK, _DETAILS):
            self.tree.setColumnHidden(column, narrow)
        self.tree.setHeaderHidden(narrow)
