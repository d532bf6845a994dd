"""One job in one line: how far it is, its devices by state as links, and what can be done about it.

Invariant: the counts add up to the job's devices; a button that can't help now is disabled and says why.
"""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.jobs.facts import Job
from app.states import TargetState
from ui import icons, text, theme
from ui.icons import state_icon
from ui.views.state_bar import StateBar, finished

# What a reader looks for first stands first.
_ORDER = (
    TargetState.FAILURE,
    TargetState.REFUSED,
    TargetState.TIMEOUT,
    TargetState.UNKNOWN,
    TargetState.SUCCESS,
    TargetState.CANCELLED,
    TargetState.IN_PROGRESS,
    TargetState.ACKNOWLEDGED,
    TargetState.INITIATED,
    TargetState.QUEUED,
    TargetState.SCHEDULED,
    TargetState.SUBMITTED,
    TargetState.SENDING,
    TargetState.NOT_SENT,
)
# Below this width in px the buttons show their signs only, and the bar, which the list shows too, makes way.
_WIDE = 1000
_TITLE = 280
_PHASES = {"sending": "Sending", "following": "Running", "paused": "Paused", "done": "Done"}


def ordered(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The states that occur with their counts, the most telling first, unknown words last."""
    rank = {str(state): n for n, state in enumerate(_ORDER)}
    return sorted(((s, n) for s, n in counts.items() if n), key=lambda pair: (rank.get(pair[0], len(rank)), pair[0]))


class JobHead(QFrame):
    """Shows one job. `state_wanted(state)`: a count was clicked."""

    state_wanted = Signal(str)
    resume_wanted = Signal()
    cancel_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.links: dict[str, QPushButton] = {}
        self._title = ""
        self.title = QLabel()
        self.title.setProperty("tone", "heading")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.phase = QLabel()
        self.phase.setProperty("tone", "badge")
        self.phase.setTextFormat(Qt.TextFormat.PlainText)
        self.phase.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.bar = StateBar()
        self.done = QLabel()
        self.done.setProperty("tone", "muted")
        self.done.setTextFormat(Qt.TextFormat.PlainText)
        self.error = QLabel()
        self.error.setProperty("tone", "error")
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.resume = self._button("circle-play", "Resume", "Send what was not sent")
        self.resume.clicked.connect(self.resume_wanted)
        self.cancel = self._button("circle-stop", "Cancel rest", "")
        self.cancel.clicked.connect(self.cancel_wanted)
        self.copy = self._button("copy", "Copy", "Copy every device of the job with its state and reason")
        self.copy.clicked.connect(self.copy_wanted)
        self._states = QHBoxLayout()
        self._states.setSpacing(0)
        self.more = QLabel()
        self.more.setProperty("tone", "muted")
        self.more.setTextFormat(Qt.TextFormat.PlainText)
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.space(3), theme.space(1), theme.space(2), theme.space(1))
        line.setSpacing(theme.space(2))
        for widget in (self.title, self.phase, self.bar, self.done):
            line.addWidget(widget)
        line.addLayout(self._states)
        line.addWidget(self.more)
        line.addWidget(self.error, 1)
        for button in (self.resume, self.cancel, self.copy):
            line.addWidget(button)
        self.setFixedHeight(theme.space(10))

    @staticmethod
    def _button(sign: str, label: str, tip: str) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("role", "quiet")
        button.setToolTip(tip)
        button.setAccessibleName(label)
        icons.bind(button, sign, "text_muted")
        return button

    def show_job(self, job: Job) -> None:
        """Fills the line from one job."""
        self._title = job.title
        self.title.setToolTip(text.plain_tip(job.title))
        self.phase.setText(_PHASES[job.phase])
        self.bar.show_counts(job.counts, job.total)
        self.done.setText(f"{finished(job.counts):,} of {job.total:,}")
        self.error.setText(job.error)
        self.error.setToolTip(text.plain_tip(job.error))
        self._show_counts(job.counts)
        self._fit()
        not_sent = job.counts.get(TargetState.NOT_SENT, 0)
        queued = sum(job.counts.get(state, 0) for state in (TargetState.QUEUED, TargetState.SCHEDULED))
        self._enable(
            self.resume,
            job.phase == "paused",
            f"Send to the {text.count(not_sent, 'device')} it was not sent to",
            "Only a paused job can be resumed.",
        )
        self._enable(
            self.cancel,
            bool(not_sent or queued),
            f"{text.count(not_sent, 'device')} not sent yet, {queued:,} queued at the server. "
            "What a device has begun can't be called back.",
            "Nothing is waiting any more. What a device has begun can't be called back.",
        )

    def _show_counts(self, counts: Mapping[str, int]) -> None:
        wanted = ordered(counts)
        if list(self.links) != [state for state, _ in wanted]:
            for link in self.links.values():
                self._states.removeWidget(link)
                link.hide()
                link.deleteLater()
            self.links = {state: self._link(state) for state, _ in wanted}
        for state, n in wanted:
            label = text.state_label(state)
            self.links[state].setText(f"{n:,} {label[:1].lower()}{label[1:]}".replace("&", "&&"))
            self.links[state].setAccessibleName(f"{n:,} {label}. Press to show these devices in the table")

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.space(80), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Uses the width there is: what does not fit of the states is named in the tooltip of a count."""
        wide = self.width() >= _WIDE
        for button in (self.resume, self.cancel, self.copy):
            button.setText(button.accessibleName() if wide else "")
        self.bar.setVisible(wide)
        title = self.title.fontMetrics().elidedText(
            self._title, Qt.TextElideMode.ElideMiddle, min(_TITLE, self.width() // 3)
        )
        self.title.setText(title)
        line = self.layout()
        assert line is not None
        fixed = [self.title, self.phase, self.done, self.resume, self.cancel, self.copy, *([self.bar] if wide else [])]
        margins = line.contentsMargins()
        taken = margins.left() + margins.right() + (len(fixed) + 2) * line.spacing()
        room = self.width() - taken - sum(widget.sizeHint().width() for widget in fixed)
        room -= theme.space(30) if self.error.text() else 0
        wanted = list(self.links.items())
        widths = [link.sizeHint().width() for _, link in wanted]
        shown = len(wanted)
        if sum(widths) > room:
            room -= theme.space(14)
            while shown > 1 and sum(widths[:shown]) > room:
                shown -= 1
        for place, (_, link) in enumerate(wanted):
            link.setVisible(place < shown)
        rest = wanted[shown:]
        self.more.setVisible(bool(rest))
        self.more.setText(f"+{len(rest)} more")
        self.more.setToolTip(text.plain_tip("\n".join(link.text().replace("&&", "&") for _, link in rest)))

    def _link(self, state: str) -> QPushButton:
        link = QPushButton(text.state_label(state))
        link.setProperty("role", "link")
        icons.bind(link, state_icon(state), state)
        link.setToolTip(text.plain_tip(f"{text.state_hint(state)}\nClick to show these devices in the table."))
        link.clicked.connect(lambda: self.state_wanted.emit(state))
        self._states.addWidget(link)
        return link

    @staticmethod
    def _enable(button: QPushButton, possible: bool, tip: str, reason: str) -> None:
        button.setEnabled(possible)
        button.setToolTip(tip if possible else reason)
