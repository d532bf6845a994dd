"""The jobs and their devices: what, state, reason, since when.

Invariant: an opened job shows every device in the order of the plan; news touch only the lines that changed.
"""

import time
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QBrush, QColor

from app.records import Change
from app.states import FINAL_STATES
from ui import icons, text, theme
from ui.models.tree import DISPLAY, Key, TreeModel

if TYPE_CHECKING:
    from app.jobs.facts import Job, Target
    from app.jobs.jobs import Jobs

JOB_ID = int(Qt.ItemDataRole.UserRole)
DEVICE_ID = JOB_ID + 1
# (devices in a final state, all devices) of a job, for a bar.
PROGRESS = JOB_ID + 2
STATE = JOB_ID + 3
DECORATION = int(Qt.ItemDataRole.DecorationRole)
FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
WHAT, STATE_COLUMN, REASON, SINCE = range(4)

_PHASES = {"sending": "Sending", "following": "Running", "paused": "Paused", "done": "Done"}
_PHASE_LOOK = {
    "sending": ("send", "info"),
    "following": ("loader-circle", "info"),
    "paused": ("circle-pause", "warning"),
    "done": ("circle-check", "success"),
}


class JobTree(TreeModel):
    """Keys: job id, and (job id, device id); the device id "" is a line of words while the devices are read."""

    titles = ("What", "State", "Reason", "Since")

    def __init__(self, jobs: "Jobs", clock: Callable[[], float] = time.time, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = jobs
        self._clock = clock
        self._jobs: dict[str, Job] = {job.id: job for job in jobs.all()}
        self._targets: dict[str, dict[str, Target]] = {}
        self.refresh()

    def take(self, change: Change) -> None:
        """Follows a change of the jobs: new jobs appear on top, changed devices of opened jobs are touched."""
        if change.kind != "jobs":
            return
        ids = change.ids or frozenset(self._jobs)
        unknown = not change.ids or any(i not in self._jobs for i in ids)
        if unknown:
            self._jobs = {job.id: job for job in self._source.all()}
            self.refresh()
        else:
            for job_id in ids:
                job = self._source.job(job_id)
                if job is not None:
                    self._jobs[job_id] = job
        self.touch(ids)
        for job_id in ids:
            if self.fetched(job_id):
                self._follow(job_id)

    def tick(self) -> None:
        """Time passed: the relative times are said anew."""
        self.touch(self.known_keys(), SINCE, SINCE)

    def device_ids(self, job_id: str, states: Collection[str]) -> list[str]:
        """The devices of a job that are in one of these states, in the order of the plan."""
        return [target.device_id for target in self._source.targets(job_id) if target.state in states]

    def children_of(self, key: Key | None) -> Sequence[Key]:
        if key is None:
            return list(self._jobs)
        if isinstance(key, tuple):
            return []
        job_id = str(key)
        targets = self._targets[job_id] = {target.device_id: target for target in self._source.targets(job_id)}
        return [(job_id, device_id) for device_id in targets] if targets else [(job_id, "")]

    def has_any(self, key: Key) -> bool:
        job = None if isinstance(key, tuple) else self._jobs.get(str(key))
        return job is not None and job.total > 0

    def cell(self, key: Key, column: int, role: int) -> Any:
        if isinstance(key, tuple):
            target = self._targets[key[0]].get(key[1])
            if role == JOB_ID:
                return key[0]
            if target is None:
                return "Reading the devices…" if role == DISPLAY and column == WHAT else None
            return self._target(target, column, role)
        job = self._jobs.get(str(key))
        return self._job(job, column, role) if job is not None else None

    def _follow(self, job_id: str) -> None:
        before = self._targets.get(job_id, {})
        self.refresh(job_id)
        after = self._targets[job_id]
        self.touch([(job_id, i) for i, target in after.items() if before.get(i) is not target])

    def _job(self, job: "Job", column: int, role: int) -> Any:
        done = sum(n for state, n in job.counts.items() if state in FINAL_STATES)
        if role == DISPLAY:
            if column == WHAT:
                return job.title
            if column == STATE_COLUMN:
                phase = _PHASES[job.phase]
                return f"{phase}, {text.number(done)} of {text.number(job.total)} finished"
            if column == REASON:
                return job.error
            return text.ago(job.finished_at or job.created_at, self._clock())
        if role == JOB_ID:
            return job.id
        if role == PROGRESS:
            return done, job.total
        if role == STATE:
            return job.phase
        if role == TOOLTIP:
            return text.plain_tip(self._story(job, column))
        name, tone = _PHASE_LOOK[job.phase]
        if job.phase == "done" and any(job.counts.get(s) for s in FINAL_STATES if s != "success"):
            name, tone = "circle-alert", "warning"
        if role == DECORATION and column == STATE_COLUMN:
            return icons.icon(name, tone)
        if role == FOREGROUND and column == STATE_COLUMN:
            return QBrush(QColor(theme.current().colour(tone)))
        return None

    def _story(self, job: "Job", column: int) -> str:
        if column == STATE_COLUMN:
            return "\n".join(f"{text.state_label(state)}: {text.number(n)}" for state, n in job.counts.items())
        if column == SINCE:
            ended = [f"Finished {text.absolute(job.finished_at)}"] if job.finished_at else []
            return "\n".join([f"Sent {text.absolute(job.created_at)}", *ended])
        return job.error if column == REASON else job.title

    def _target(self, target: "Target", column: int, role: int) -> Any:
        if role == DISPLAY:
            if column == WHAT:
                return target.name or target.device_id
            if column == STATE_COLUMN:
                return text.state_label(target.state)
            return target.reason if column == REASON else "" if target.since is None else self._since(target.since)
        if role == DEVICE_ID:
            return target.device_id
        if role == STATE:
            return target.state
        if role == DECORATION and column == STATE_COLUMN:
            return icons.icon(icons.state_icon(target.state), target.state)
        if role == FOREGROUND and column == STATE_COLUMN:
            return QBrush(QColor(theme.current().colour(target.state)))
        if role == TOOLTIP:
            words = (
                target.name or target.device_id,
                text.state_hint(target.state),
                target.reason,
                "" if target.since is None else text.absolute(target.since),
            )
            return text.plain_tip(words[column])
        return None

    def _since(self, at: float) -> str:
        return text.ago(at, self._clock())
