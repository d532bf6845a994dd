"""The centre of the window: filter bar, the devices it finds, and what is selected.

Invariant: filter, sort, group and sync change which rows are shown, never what is selected, which device is current or
where the reader is.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.records import Change
from app.store.store import Store
from app.sync.health import Health
from app.tasks import Tasks
from ui.models.selection import Selection
from ui.views.bind import bind
from ui.views.filter_bar import FilterBar
from ui.views.gaps import Gap, gap
from ui.views.results import Mode, Results
from ui.views.selection_strip import SelectionStrip

# Above this size one question to the fleet may take longer than a frame, so it moves to a thread.
INLINE_ROWS = 200_000
# Pages of a sync arrive quickly one after the other; the table follows at most this often, in ms.
_SETTLE = 80


class DevicesPanel(QWidget):
    """Asks for steps by signals: `command_wanted("")` means that the user wants to choose a command."""

    current_changed = Signal(str)
    activated = Signal(str)
    selection_changed = Signal()
    command_wanted = Signal(str)
    context_menu_wanted = Signal(QPoint)
    group_changed = Signal(str)
    mode_changed = Signal(str)
    sync_wanted = Signal()
    sign_in_wanted = Signal()

    def __init__(
        self,
        store: Store,
        health: Health,
        tasks: Tasks,
        clock: Callable[[], float] = time.time,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._health, self._tasks = store, health, tasks
        self._group_id = ""
        self._ids: frozenset[str] | None = None
        self._ids_label = ""
        self._sort: tuple[tuple[str, bool], ...] = (("name", False),)
        self._syncing = False
        self._expected = False
        self._round = 0
        self.filter = FilterBar(store.fleet, clock)
        self.filter.query_changed.connect(self._on_query)
        self.filter.scope_removed.connect(self._drop_scope)
        self.results = Results(store.fleet, clock)
        self.table, self.tree = self.results.table, self.results.tree
        self.filter.results_wanted.connect(self.results.focus)
        self.results.current_changed.connect(self.current_changed)
        self.results.activated.connect(self.activated)
        self.results.context_menu_wanted.connect(self.context_menu_wanted)
        self.results.mode_changed.connect(self.mode_changed)
        self.results.step_wanted.connect(self._take_step)
        self.table.sort_requested.connect(self._sort_again)
        for switch in self.results.switches:
            self.filter.add_control(switch)
        self.strip = SelectionStrip()
        self.strip.command_wanted.connect(self.command_wanted)
        self.strip.clear_wanted.connect(self.selection.clear)
        self.strip.all_wanted.connect(self.selection.select_all)
        self.selection.changed.connect(self._on_selection)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filter)
        layout.addWidget(_line())
        layout.addWidget(self.results, 1)
        layout.addWidget(_line())
        layout.addWidget(self.strip)
        self._soon = QTimer(self, singleShot=True, interval=_SETTLE)
        self._soon.timeout.connect(self.refresh)
        bind(self, store.changed, self._store_changed)
        bind(self, health.changed, lambda _: self.results.look(self._gap))
        self.refresh()

    # -- what others ask

    @property
    def selection(self) -> Selection:
        """The selected devices, whatever the table shows."""
        return self.results.selection

    @property
    def current_id(self) -> str:
        """The device the reader is on; empty where there is none."""
        return self.results.current_id

    @property
    def group_id(self) -> str:
        """The group the table is limited to; empty for all devices."""
        return self._group_id

    @property
    def mode(self) -> Mode:
        """Table, or tree by group."""
        return self.results.mode

    @property
    def shown(self) -> int:
        """How many devices pass filter, group and set."""
        return len(self.results.model.rows)

    def selected_ids(self) -> list[str]:
        """The selected devices in the order shown, those a filter hides last; without a selection the current one."""
        return self.selection.ids() or ([self.current_id] if self.current_id else [])

    def set_group(self, group_id: str) -> None:
        """Limits the table to a group and its subgroups; the only root group or an empty id takes the limit away."""
        groups = self._store.fleet.groups
        group = groups.by_id.get(group_id) if groups.root_ids != [group_id] else None
        group_id = group.id if group is not None else ""
        if group_id == self._group_id:
            return
        self._group_id = group_id
        self.filter.set_scope("group", group.name if group is not None else "")
        self.refresh()
        self.group_changed.emit(group_id)

    def show_ids(self, ids: Sequence[str], label: str) -> None:
        """Limits the table to exactly these devices until the pill with `label` is removed. Text and group make way."""
        self._ids, self._ids_label = frozenset(ids), label
        self.filter.set_scope("ids", f"{label} ({len(self._ids):,})")
        self.set_group("")
        self.filter.set_text("")
        self.refresh()

    def set_query(self, text: str) -> None:
        """Puts a filter into the box and applies it."""
        self.filter.set_text(text)

    def set_mode(self, mode: Mode) -> None:
        """Shows the devices as a table or as a tree by group."""
        self.results.set_mode(mode)

    def show_device(self, device_id: str) -> bool:
        """Goes to a device; what hides it is taken away first. False where the copy does not know it."""
        if self._store.fleet.row(device_id) is None:
            return False
        if not self.results.set_current(device_id):
            self.show_all()
            if not self.results.set_current(device_id):
                self.show_ids([device_id], "One device")
                return self.results.set_current(device_id)
        return True

    def expect_sync(self) -> None:
        """A sync begins as soon as the server answers: until then an empty table does not offer to start one."""
        self._expected = True
        self.results.look(self._gap)

    def set_syncing(self, syncing: bool) -> None:
        """Whether a sync runs now; an empty table then says so."""
        self._syncing = syncing
        self.results.look(self._gap)

    def state(self) -> dict[str, Any]:
        """Mode and the look of the table, its sort included, as JSON."""
        return {"mode": self.mode, "table": self.table.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Brings back what `state` gave; what does not fit is left as it is."""
        if isinstance(table := state.get("table"), dict):
            self.table.restore(table)
            self._sort = (self.table.sort_key(),)
        self.refresh()
        self.set_mode("tree" if state.get("mode") == "tree" else "table")

    # -- which rows

    def refresh(self) -> None:
        """Asks the fleet anew which rows fit; of two questions under way the later one wins."""
        self._soon.stop()
        self._round += 1
        fleet = self._store.fleet
        ask = partial(fleet.select, self.filter.query(), sort=self._sort, group_id=self._group_id, ids=self._ids)
        if fleet.rows <= INLINE_ROWS:
            self._show_rows(ask())
        else:
            self._tasks.start(self._ask_beside(ask, self._round), "filter devices")

    async def _ask_beside(self, ask: Callable[[], NDArray[np.int32]], round_: int) -> None:
        rows = await asyncio.to_thread(ask)
        if round_ == self._round:
            self._show_rows(rows)

    def _show_rows(self, rows: NDArray[np.int32]) -> None:
        self.results.set_rows(rows, self._gap)
        self.filter.set_count(len(rows), self._store.fleet.live_count)
        self._write_strip()

    def _gap(self) -> Gap:
        scopes = [self._ids_label] if self._ids is not None else []
        group = self._store.fleet.groups.by_id.get(self._group_id)
        scopes += [group.name] if group is not None else []
        return gap(
            devices=self._store.fleet.live_count,
            filtered=bool(self.filter.text().strip()),
            scoped=" and ".join(scopes),
            syncing=self._syncing or (self._expected and self._health.online is None),
            synced=self._health.full_sync_at is not None,
            online=self._health.online,
            error=self._health.error,
        )

    def _take_step(self, step: str) -> None:
        if step == "clear":
            self.filter.set_text("")
        elif step == "everywhere":
            self._drop_scope("ids")
            self._drop_scope("group")
        elif step == "sync":
            self.sync_wanted.emit()
        elif step == "sign_in":
            self.sign_in_wanted.emit()

    def show_all(self) -> None:
        """Takes away text, group and set."""
        self._drop_scope("ids")
        self._drop_scope("group")
        self.filter.set_text("")

    def _drop_scope(self, key: str) -> None:
        if key == "group":
            self.set_group("")
        elif self._ids is not None:
            self._ids, self._ids_label = None, ""
            self.filter.set_scope("ids", "")
            self.refresh()

    def _sort_again(self) -> None:
        first = self.table.sort_key()
        self._sort = (first, *[key for key in self._sort if key[0] != first[0]][:1])
        self.refresh()

    # -- what happens

    def _store_changed(self, change: Change) -> None:
        if change.kind in ("devices", "groups", "tags"):
            self.results.take(change)
            if not self._soon.isActive():
                self._soon.start()

    def _on_query(self) -> None:
        self.refresh()
        if not self.table.currentIndex().isValid():
            self.table.scrollToTop()

    def _on_selection(self) -> None:
        self._write_strip()
        self.selection_changed.emit()

    def _write_strip(self) -> None:
        count = self.selection.count
        self.strip.show_counts(count, self.shown, count - self.selection.count_shown if count else 0)


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("surface", "line")
    return line
