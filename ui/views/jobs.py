"""The jobs and what became of every device: one line for the current job, a tree of all of them below.

Invariant: a new job becomes the current one and opens; news never move the reader or close what is open.
"""

import time
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QStackedWidget,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from app.errors import FleetError
from app.jobs.jobs import Jobs
from app.records import Change
from app.tasks import Tasks
from ui import text, theme
from ui.models.fetching import Fetching
from ui.models.jobs import DEVICE_ID, JOB_ID, PROGRESS, REASON, SINCE, STATE_COLUMN, WHAT, JobTree
from ui.notice import Notices, Tone
from ui.views.bind import bind
from ui.views.empty import EmptyState
from ui.views.job_head import JobHead
from ui.views.state_bar import paint_states
from ui.views.toned import TonedCells

_TICK = 10_000


class ProgressCell(TonedCells):
    """The state in words; under that of a job a thin bar."""

    def __init__(self, jobs: Jobs, parent: QWidget) -> None:
        super().__init__(parent)
        self._jobs = jobs

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        job = self._jobs.job(str(index.data(JOB_ID))) if index.data(PROGRESS) else None
        if job is not None:
            area: QRect = option.rect
            bar = QRect(area.left() + theme.space(1), area.bottom() - 3, area.width() - theme.space(4), 2)
            paint_states(painter, bar, job.counts, job.total)


class JobsPanel(QWidget):
    """`devices_wanted(ids, label)`: a count was clicked. `device_activated(id)`: a device's line was opened."""

    devices_wanted = Signal(list, str)
    device_activated = Signal(str)
    context_menu_wanted = Signal(str, str, QPoint)

    def __init__(
        self,
        jobs: Jobs,
        tasks: Tasks,
        notices: Notices | None = None,
        clock: Callable[[], float] = time.time,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._tasks, self._notices = jobs, tasks, notices
        self._known = {job.id for job in jobs.all()}
        self.head = JobHead()
        self.head.state_wanted.connect(self._show_state)
        self.head.resume_wanted.connect(self._resume)
        self.head.cancel_wanted.connect(self._cancel)
        self.head.copy_wanted.connect(self.copy)
        self.model = JobTree(jobs, clock, self)
        self.tree = QTreeView()
        self.tree.setModel(self.model)
        self.tree.setUniformRowHeights(True)
        self.tree.setFrameShape(QFrame.Shape.NoFrame)
        self.tree.setIndentation(theme.space(4))
        self.tree.setAccessibleName("Jobs and their devices")
        self.tree.setSelectionMode(QTreeView.SelectionMode.ExtendedSelection)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tree.setItemDelegateForColumn(STATE_COLUMN, ProgressCell(jobs, self.tree))
        self.tree.setItemDelegateForColumn(REASON, TonedCells(self.tree, "text_muted"))
        self.tree.setItemDelegateForColumn(SINCE, TonedCells(self.tree, "text_muted"))
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._menu)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(REASON, QHeaderView.ResizeMode.Stretch)
        for column, width in ((WHAT, 272), (STATE_COLUMN, 232), (SINCE, 104)):
            self.tree.setColumnWidth(column, width)
        Fetching(self.tree)
        self.tree.selectionModel().currentChanged.connect(lambda *_: self._show_head())
        self.tree.activated.connect(self._activate)
        self.empty = EmptyState(
            "list-checks", "No jobs yet", "A command you send appears here and is followed to its end on every device."
        )
        full = QWidget()
        column_ = QVBoxLayout(full)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(0)
        column_.addWidget(self.head)
        column_.addWidget(self.tree, 1)
        self.pages = QStackedWidget()
        self.pages.addWidget(full)
        self.pages.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        bind(self, jobs.changed, self._jobs_changed)
        timer = QTimer(self, interval=_TICK)
        timer.timeout.connect(self.model.tick)
        timer.start()
        self._begin()

    @property
    def job_id(self) -> str:
        """The current job; that of the current device's line counts."""
        return str(self.tree.currentIndex().siblingAtColumn(0).data(JOB_ID) or "")

    def show_job(self, job_id: str) -> None:
        """Makes a job current and opens it."""
        index = self.model.index_of(job_id)
        if index.isValid():
            self.tree.setCurrentIndex(index)
            self.tree.expand(index)
            self.tree.scrollTo(index, QTreeView.ScrollHint.PositionAtTop)

    def copy(self) -> None:
        """Puts every device of the current job on the clipboard: name, id, state, reason, since; tab separated."""
        job = self._jobs.job(self.job_id)
        if job is None:
            return
        lines = ["Device\tId\tState\tReason\tSince"]
        for target in self._jobs.targets(job.id):
            since = text.absolute(target.since) if target.since is not None else ""
            cells = (target.name, target.device_id, text.state_label(target.state), target.reason, since)
            lines.append("\t".join(" ".join(cell.split()) for cell in cells))
        QGuiApplication.clipboard().setText("\n".join(lines))
        self._say(f"Copied {text.count(len(lines) - 1, 'device')} of {job.title}", "success")

    def _begin(self) -> None:
        if self.model.canFetchMore(QModelIndex()):
            self.model.fetchMore(QModelIndex())
        jobs = self._jobs.all()
        if jobs:
            self.tree.setCurrentIndex(self.model.index_of(jobs[0].id))
        self._show_head()

    def _jobs_changed(self, change: Change) -> None:
        self.model.take(change)
        if self.model.canFetchMore(QModelIndex()):
            self.model.fetchMore(QModelIndex())
        fresh = [job_id for job_id in change.ids if job_id not in self._known]
        self._known.update(fresh)
        if fresh:
            self.show_job(fresh[0])
        if not change.ids or self.job_id in change.ids or fresh:
            self._show_head()

    def _show_head(self) -> None:
        job = self._jobs.job(self.job_id)
        self.pages.setCurrentIndex(0 if self._jobs.all() else 1)
        self.head.setVisible(job is not None)
        if job is not None:
            self.head.show_job(job)

    def _show_state(self, state: str) -> None:
        job = self._jobs.job(self.job_id)
        if job is not None:
            ids = self.model.device_ids(job.id, {state})
            self.devices_wanted.emit(ids, f"{text.state_label(state)} in {job.title}")

    def _resume(self) -> None:
        job_id = self.job_id
        self._tasks.start(self._try(lambda: self._jobs.resume(job_id)), "resume a job")

    def _cancel(self) -> None:
        job_id = self.job_id
        self._tasks.start(self._try(lambda: self._jobs.cancel(job_id)), "cancel the rest of a job")

    async def _try(self, step: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await step()
        except FleetError as error:
            self._say(text.describe(error), "error")

    def _say(self, words: str, tone: Tone) -> None:
        if self._notices is not None:
            self._notices.say(words, tone=tone)

    def _activate(self, index: QModelIndex) -> None:
        device_id = str(index.siblingAtColumn(0).data(DEVICE_ID) or "")
        if device_id:
            self.device_activated.emit(device_id)

    def _menu(self, where: QPoint) -> None:
        index = self.tree.indexAt(where).siblingAtColumn(0)
        if index.isValid():
            place = self.tree.viewport().mapToGlobal(where)
            self.context_menu_wanted.emit(str(index.data(JOB_ID)), str(index.data(DEVICE_ID) or ""), place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)
