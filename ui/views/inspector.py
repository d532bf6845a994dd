"""The selected device: what it is, how it is, what runs on it, what was asked of it.

Invariant: everything is drawn from the copy at once; whatever the server adds comes later and with its age.
"""

import asyncio
import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.records import Change
from app.store.store import Store
from app.sync.details import Details
from app.sync.health import Health
from app.tasks import Tasks
from ui import text, theme
from ui.models.selection import Selection
from ui.views import record_lines
from ui.views.bind import bind
from ui.views.empty import EmptyState
from ui.views.fact_list import FactList
from ui.views.facts import SECTIONS
from ui.views.inspector_head import InspectorHead
from ui.views.json_view import JsonView
from ui.views.record_list import RecordList
from ui.views.summary import Summary

_AGES = 15_000


class Inspector(QWidget):
    """`show_selection(current, selection)` decides what is on it: nothing, one device, or a summary of several."""

    copied = Signal(str)
    group_wanted = Signal(str)

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
        self._store, self._details, self._health = store, details, health
        self._tasks, self._clock = tasks, clock
        self._device_id = ""
        self._reading: asyncio.Task[None] | None = None
        self.setMinimumWidth(theme.space(70))
        self.head = InspectorHead()
        self.head.group_wanted.connect(self.group_wanted)
        self.facts = FactList(SECTIONS)
        self.facts.copied.connect(self.copied)
        self.apps = RecordList(
            "Apps", "No apps are reported for this device.", self._apps, record_lines.app, tasks, health, clock
        )
        self.commands = RecordList(
            "Recent commands",
            "No command was sent to this device.",
            self._commands,
            record_lines.command,
            tasks,
            health,
            clock,
        )
        self.operations = RecordList(
            "Operations",
            "No operation is known for this device.",
            self._operations,
            record_lines.operation,
            tasks,
            health,
            clock,
        )
        self.json = JsonView()
        self.json.copied.connect(self.copied)
        activity = QSplitter(Qt.Orientation.Vertical)
        activity.setChildrenCollapsible(False)
        activity.addWidget(self.commands)
        activity.addWidget(self.operations)
        activity.setSizes([300, 200])
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Sections of the inspector")
        for page, title, tip in (
            (self.facts, "Facts", "What the device reported"),
            (self.apps, "Apps", "Apps on the device"),
            (activity, "Activity", "Commands and operations of the device"),
            (self.json, "JSON", "The server's document of the device"),
        ):
            self.tabs.setTabToolTip(self.tabs.addTab(page, title), tip)
        self.tabs.currentChanged.connect(lambda _: self._read_document())
        one = QWidget()
        layout = QVBoxLayout(one)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self.tabs, 1)
        self.summary = Summary()
        self.nothing = EmptyState(
            "monitor-smartphone",
            "No device selected",
            "Select a device in the table to see its facts, apps and commands.",
        )
        self.many = QLabel()
        many = QWidget()
        layout = QVBoxLayout(many)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._title_row())
        layout.addWidget(self.summary, 1)
        self.pages = QStackedWidget()
        for whole in (self.nothing, one, many):
            self.pages.addWidget(whole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        bind(self, store.changed, self._store_changed)
        timer = QTimer(self, interval=_AGES)
        timer.timeout.connect(self._redraw)
        timer.start()

    def _title_row(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(theme.space(4), theme.space(3), theme.space(4), 0)
        self.many.setProperty("tone", "title")
        self.many.setTextFormat(Qt.TextFormat.PlainText)
        self.many.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        line.addWidget(self.many)
        return row

    @property
    def device_id(self) -> str:
        """The device whose facts are shown; empty when there are none or several."""
        return self._device_id

    def show_selection(self, current: str, selection: Selection) -> None:
        """Two or more selected devices give the summary, otherwise the current one its facts."""
        if selection.count > 1:
            self._device_id = ""
            self.many.setText(f"{text.count(selection.count, 'device')} selected")
            self.summary.show_rows(self._store.fleet, selection.rows())
            self.pages.setCurrentIndex(2)
        else:
            self.show_device(current)

    def show_device(self, device_id: str) -> None:
        """Shows one device. An id that is not in the copy shows the empty page."""
        if self._store.fleet.row(device_id) is None:
            self._device_id = ""
            self.pages.setCurrentIndex(0)
            return
        self._device_id = device_id
        self.pages.setCurrentIndex(1)
        self._redraw()
        for listing in (self.apps, self.commands, self.operations):
            listing.show_key(device_id)
        self._read_document()

    def _redraw(self) -> None:
        row = self._store.fleet.row(self._device_id) if self._device_id else None
        if row is None:
            return
        fleet, now = self._store.fleet, self._clock()

        def value(name: str) -> object:
            return fleet.value(name, row)

        self.head.show_values(value, now)
        self.facts.show_values(value, now)

    def _store_changed(self, change: Change) -> None:
        if change.kind in ("devices", "groups") and (
            not change.ids or self._device_id in change.ids or change.kind == "groups"
        ):
            self._redraw()
            self._read_document()

    def _read_document(self) -> None:
        if self._device_id and self.tabs.currentWidget() is self.json:
            if self._reading is not None:
                self._reading.cancel()
            self._reading = self._tasks.start(self._fetch_document(self._device_id), "document of a device")

    async def _fetch_document(self, device_id: str) -> None:
        device = await self._store.device(device_id)
        self.json.show_document(device.raw if device is not None else b"")

    def _apps(self, key: str, refresh: bool) -> record_lines.Apps:
        return self._details.apps_of(key, refresh=refresh)

    def _commands(self, key: str, refresh: bool) -> record_lines.Commands:
        return self._details.recent_commands(key, refresh=refresh)

    def _operations(self, key: str, refresh: bool) -> record_lines.Operations:
        return self._details.operations_of(key, refresh=refresh)
