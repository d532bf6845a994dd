"""A list of records of one device, with its age: what the copy holds first, then what the server says.

Invariant: what is shown is never older than what was shown before, and a failed refresh keeps the rows and says so.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QListView, QToolButton, QVBoxLayout, QWidget

from app.errors import FleetError, Offline
from app.sync.details import Dated
from app.sync.health import Health
from app.tasks import Tasks
from ui import icons, text, theme
from ui.views.lines import Line, LinePainter, Lines, LineView

T = TypeVar("T")
# Arrowing through the table must not send a request per row that flies by.
_SETTLE = 0.25
_YOUNG = 30.0


class RecordList(QWidget, Generic[T]):
    """`load(key, refresh)` gives the records of a device; `line(record, now)` is how one of them is written."""

    def __init__(
        self,
        title: str,
        nothing: str,
        load: Callable[[str, bool], Awaitable[Dated[list[T]]]],
        line: Callable[[T, float], Line],
        tasks: Tasks,
        health: Health,
        clock: Callable[[], float] = time.time,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title, self._nothing = title, nothing
        self._load, self._line = load, line
        self._tasks, self._health, self._clock = tasks, health, clock
        self._key = ""
        self._wanted = ""
        self._records: list[T] = []
        self._at: float | None = None
        self._work: asyncio.Task[None] | None = None
        self._age = QLabel()
        self._age.setProperty("tone", "muted")
        self._age.setTextFormat(Qt.TextFormat.PlainText)
        self.again = QToolButton()
        icons.bind(self.again, "refresh-cw", "text_muted")
        self.again.setAccessibleName(f"Refresh {title.lower()}")
        self.again.setToolTip(f"Ask the server for the {title.lower()} of this device")
        self.again.clicked.connect(lambda: self._start(refresh=True))
        heading = QLabel(title)
        heading.setProperty("tone", "heading")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        head = QHBoxLayout()
        head.setContentsMargins(theme.space(4), theme.space(2), theme.space(3), theme.space(1))
        head.setSpacing(theme.space(2))
        head.addWidget(heading)
        head.addStretch(1)
        head.addWidget(self._age)
        head.addWidget(self.again)
        self._note = QLabel()
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        self._note.setContentsMargins(theme.space(4), theme.space(1), theme.space(4), theme.space(2))
        self._note.setProperty("tone", "muted")
        self._note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._model = Lines(self)
        self._view = LineView()
        self._view.setModel(self._model)
        self._view.setItemDelegate(LinePainter(self._view))
        self._view.setFrameShape(QFrame.Shape.NoFrame)
        self._view.setStyleSheet("QListView { background: transparent; }")
        self._view.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self._view.setUniformItemSizes(True)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setAccessibleName(title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._note)
        layout.addWidget(self._view, 1)

    @property
    def lines(self) -> Sequence[Line]:
        """What the list shows."""
        return self._model.lines

    @property
    def note(self) -> str:
        """The sentence above the list: loading, nothing there, or what went wrong. Empty when the rows say it all."""
        return self._note.text() if not self._note.isHidden() else ""

    @property
    def age(self) -> str:
        """How old the rows are, in words."""
        return self._age.text()

    def show_key(self, key: str) -> None:
        """Shows the records of this device. Loads now when visible, else when it becomes so; empty key shows nothing."""
        if key == self._wanted:
            return
        self._wanted = key
        if self.isVisible():
            self._start(refresh=False)

    def showEvent(self, event: QShowEvent) -> None:
        if self._wanted != self._key:
            self._start(refresh=False)

    def _start(self, *, refresh: bool) -> None:
        if self._work is not None:
            self._work.cancel()
        if self._wanted != self._key:
            self._key, self._records, self._at = self._wanted, [], None
            self._model.replace(())
            self._say("Loading\N{HORIZONTAL ELLIPSIS}" if self._key else "")
            self._age.setText("")
        if self._key:
            self._work = self._tasks.start(self._follow(self._key, refresh), f"{self._title.lower()} of a device")

    async def _follow(self, key: str, asked: bool) -> None:
        self.again.setEnabled(False)
        try:
            await self._bring(key, asked)
        except Offline:
            self._write_age()
            if self._at is None:
                self._say(f"Offline. The {self._title.lower()} of this device were never fetched.")
        except FleetError as error:
            self._write_age()
            self._say(text.describe(error), tone="error")
        # Not when cancelled: then the next question has the button, or the list is being taken down.
        self.again.setEnabled(True)

    async def _bring(self, key: str, asked: bool) -> None:
        if not asked:
            self._take(await self._load(key, False))
            young = self._at is not None and self._clock() - self._at < _YOUNG
            if young or self._health.online is False:
                return
            await asyncio.sleep(_SETTLE)
        self._age.setText("Refreshing\N{HORIZONTAL ELLIPSIS}")
        self._take(await self._load(key, True))

    def _take(self, dated: Dated[list[T]]) -> None:
        if dated.at is None:
            if self._health.online is False:
                raise Offline
            return
        self._records, self._at = dated.rows, dated.at
        now = self._clock()
        self._model.replace([self._line(record, now) for record in self._records])
        self._say("" if self._records else self._nothing)
        self._write_age()

    def _write_age(self) -> None:
        if self._at is None:
            self._age.setText("")
            return
        offline = "Offline, fetched" if self._health.online is False else "Fetched"
        self._age.setText(f"{offline} {text.ago(self._at, self._clock())}")
        self._age.setToolTip(text.absolute(self._at))

    def _say(self, sentence: str, tone: str = "muted") -> None:
        self._note.setVisible(bool(sentence))
        self._note.setText(sentence)
        if self._note.property("tone") != tone:
            self._note.setProperty("tone", tone)
            theme.repolish(self._note)
