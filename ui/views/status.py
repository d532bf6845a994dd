"""The status bar: which tenant, connected or not, how old the data is, what is under way.

Invariant: the three ages are never mixed up, and fresh, ageing and old are said in words, not by colour alone.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from app.esper.pace import PaceState
from app.jobs.jobs import Jobs
from app.settings import Tenant
from app.sync.health import Health
from app.sync.sweep import Progress
from ui import icons, text, theme
from ui.views.bind import bind

FRESH_FOR = 15 * 60.0
OLD_AFTER = 24 * 3600.0
_TICK = 5_000
_KINDS = {"devices": "Devices", "groups": "Groups", "apps": "Apps", "tags": "Tags"}


def freshness(at: float | None, now: float) -> str:
    """`fresh` up to 15 minutes, `ageing` up to a day, then `old`; `none` where there is no copy."""
    if at is None:
        return "none"
    age = now - at
    return "fresh" if age <= FRESH_FOR else "ageing" if age <= OLD_AFTER else "old"


class TenantDot(QWidget):
    """The tenant's colour as a dot."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = colour
        self.setFixedSize(10, 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.current().line_strong))
        painter.setBrush(QColor(self._colour))
        painter.drawEllipse(self.rect().adjusted(1, 1, -1, -1))
        painter.end()


class Status(QWidget):
    """One widget for the whole status bar. The window puts it there with stretch 1."""

    tenant_wanted = Signal()
    sync_wanted = Signal()
    jobs_wanted = Signal()

    def __init__(
        self,
        tenant: Tenant,
        health: Health,
        jobs: Jobs,
        clock: Callable[[], float] = time.time,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._health, self._jobs, self._clock = health, jobs, clock
        self._keyless = False
        self.tenant = self._button("", "", "The tenant on the screen. Click to change it")
        name = tenant.enterprise_name or tenant.name
        name = f"{name} (production)" if tenant.production else name
        self.tenant.setText(name.replace("&", "&&"))
        self.tenant.setAccessibleName(f"Tenant {name}. Press to change it")
        self.tenant.setToolTip(
            text.plain_tip(f"{tenant.enterprise_name or tenant.name}\n{tenant.url}\nClick to change the tenant")
        )
        self.tenant.clicked.connect(self.tenant_wanted)
        self.online = self._button("plug", "", "")
        self.online.clicked.connect(self.sync_wanted)
        self.age = self._button("clock", "", "")
        self.age.clicked.connect(self.sync_wanted)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(theme.space(24))
        self.progress.setAccessibleName("Progress of the sync")
        self.step = QLabel()
        self.step.setProperty("tone", "muted")
        self.step.setTextFormat(Qt.TextFormat.PlainText)
        self.running = self._button("list-checks", "", "Show the jobs")
        self.running.clicked.connect(self.jobs_wanted)
        self.pace = QLabel()
        self.pace.setProperty("tone", "muted")
        self.pace.setTextFormat(Qt.TextFormat.PlainText)
        self.pace.setAccessibleName("Requests to the server")
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.space(3), 0, theme.space(3), 0)
        line.setSpacing(theme.space(2))
        line.addWidget(TenantDot(tenant.colour))
        for widget in (self.tenant, self.online, self.age, self.progress, self.step):
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(self.pace)
        line.addWidget(self.running)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        bind(self, health.changed, lambda _: self.refresh())
        bind(self, jobs.changed, lambda _: self.refresh())
        theme.changed.connect(self.refresh)
        timer = QTimer(self, interval=_TICK)
        timer.timeout.connect(self.refresh)
        timer.start()
        self.show_progress(None)
        self.show_pace(None)
        self.refresh()

    @staticmethod
    def _button(sign: str, label: str, tip: str) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("role", "quiet")
        button.setProperty("small", True)
        button.setToolTip(tip)
        if sign:
            icons.bind(button, sign, "text_muted")
        return button

    def show_progress(self, progress: Progress | None) -> None:
        """How far the sync is; None when none runs."""
        self.progress.setVisible(progress is not None)
        self.step.setVisible(progress is not None)
        self.age.setVisible(progress is None)
        if progress is None:
            return
        kind = _KINDS.get(progress.kind, progress.kind)
        self.progress.setRange(0, progress.total or 0)
        self.progress.setValue(progress.done)
        whole = f" of {progress.total:,}" if progress.total is not None else ""
        self.step.setText(f"{kind} {progress.done:,}{whole}")

    def show_pace(self, pace: PaceState | None) -> None:
        """Requests under way and waiting; a time until which the server wants none."""
        if pace is None or not (pace.in_flight or pace.waiting or pace.blocked_until):
            self.pace.setText("")
            self.pace.setToolTip("")
            return
        waits = pace.blocked_until - self._clock() if pace.blocked_until is not None else 0.0
        if waits > 0:
            self.pace.setText(f"Server asks to wait {text.duration(waits)}")
        else:
            waiting = f", {pace.waiting} waiting" if pace.waiting else ""
            self.pace.setText(f"{text.count(pace.in_flight, 'request')}{waiting}")
        self.pace.setToolTip("Requests to the server under way, and those that wait their turn")

    def show_keyless(self) -> None:
        """There is no key, so nothing connects until somebody signs in."""
        self._keyless = True
        self.refresh()

    def refresh(self) -> None:
        """Brings words and icons up to date with what is known now."""
        self._write_online()
        self._write_age()
        self._write_running()

    def _write_online(self) -> None:
        health = self._health
        said = text.describe(health.error) if health.error is not None else ""
        step = "Click to sync now."
        if health.online is None and self._keyless:
            step = "Click to sign in."
            label, sign, tone, tip = "Not signed in", "key-round", "warning", "The console shows its local copy."
        elif health.online is None:
            label, sign, tone, tip = "Connecting", "plug", "text_muted", "No answer from the server yet."
        elif not health.online:
            label, sign, tone, tip = "Offline", "cloud-off", "warning", said or "The console shows its local copy."
        elif said:
            label, sign, tone, tip = "Online, sync failed", "cloud-alert", "warning", said
        else:
            label, sign, tone, tip = "Online", "cloud", "success", "The server answers."
        self._write(self.online, label, sign, tone, f"{tip}\n{step}")

    def _write_age(self) -> None:
        now, health = self._clock(), self._health
        word = freshness(health.fetched_at, now)
        label = "No copy yet" if word == "none" else f"Data {word}, {text.ago(health.fetched_at, now)}"
        sign = {"fresh": "circle-check", "ageing": "clock", "old": "clock-alert", "none": "circle-dashed"}[word]
        tone = {"fresh": "success", "ageing": "text_muted", "old": "warning", "none": "text_muted"}[word]
        tip = "\n".join(
            (
                f"Fetched: {_both(health.fetched_at, now)}. When this copy was made.",
                f"Last full sync: {_both(health.full_sync_at, now)}. When everything was compared.",
                "Last seen: its own column. When each device spoke to the server.",
                "Click to sync now.",
            )
        )
        self._write(self.age, label, sign, tone, tip)

    def _write_running(self) -> None:
        jobs = [job for job in self._jobs.all() if job.phase != "done"]
        paused = sum(job.phase == "paused" for job in jobs)
        label = f"{text.count(len(jobs), 'job')} running" if jobs else "No jobs running"
        if paused:
            label = f"{text.count(len(jobs), 'open job')}, {paused} paused"
        open_devices = sum(job.total for job in jobs)
        tip = f"{text.count(open_devices, 'device')} in open jobs\n" if jobs else ""
        sign = "circle-pause" if paused else "list-checks"
        self._write(
            self.running,
            label,
            sign,
            "warning" if paused else "info" if jobs else "text_muted",
            f"{tip}Click to show the jobs.",
        )

    @staticmethod
    def _write(button: QPushButton, label: str, sign: str, tone: str, tip: str) -> None:
        button.setText(label)
        button.setAccessibleName(label)
        button.setToolTip(text.plain_tip(tip))
        if button.property("sign") != (sign, tone):
            button.setProperty("sign", (sign, tone))
            icons.bind(button, sign, tone)


def _both(at: float | None, now: float) -> str:
    return f"{text.absolute(at)} ({text.ago(at, now)})" if at is not None else "never"
