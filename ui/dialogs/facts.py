"""The facts of a plan as short lines: where the devices are, what will wait, what was left out, what is sent.

Invariant: every number is the plan's own; a line that has nothing to say is not there.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.commands.request import MOST_DEVICES
from app.jobs.plan import Plan
from ui import text, theme
from ui.dialogs.frame import IconLabel, plain_label
from ui.dialogs.library import Library
from ui.dialogs.offered import spoken_args
from ui.models.paths import below, shared

_GROUPS = 3
_GROUPS_ICON = "folder-tree"
# icon, tone, words
Line = tuple[str, str, str]


class PlanFacts(QWidget):
    """Two columns of lines, each with an icon; the order is that of reading, down the first column."""

    def __init__(self, library: Library, root: str = "") -> None:
        """`root` is the group that holds all others; it is left out of the paths."""
        super().__init__()
        self._library, self._root = library, root
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, theme.space(1))
        self._outer.setSpacing(theme.space(1.5))
        self._columns = QHBoxLayout()
        self._columns.setSpacing(theme.space(6))
        self._outer.addLayout(self._columns)
        self._halves: list[QWidget] = []
        self.lines: list[Line] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_plan(self, plan: Plan, left_out: int) -> None:
        """`left_out`: devices that were chosen and are not in the plan."""
        for half in self._halves:
            half.setParent(None)
            half.deleteLater()
        self.lines = plan_lines(plan, left_out, self._library, self._root)
        # Groups are many words: they get the whole width, below the short lines.
        short = [line for line in self.lines if line[0] != _GROUPS_ICON]
        middle = -(-len(short) // 2)
        self._halves = [_half(short[:middle]), _half(short[middle:])]
        for half in self._halves:
            self._columns.addWidget(half, 1)
        wide = [line for line in self.lines if line[0] == _GROUPS_ICON]
        if wide:
            self._halves.append(_half(wide))
            self._outer.addWidget(self._halves[-1])
        self.setAccessibleName("Facts of the plan")
        self.setAccessibleDescription(" ".join(text.sentence(words) for _, _, words in self.lines))


def _half(lines: list[Line]) -> QWidget:
    half = QWidget()
    grid = QGridLayout(half)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(theme.space(2))
    grid.setVerticalSpacing(theme.space(1.5))
    grid.setColumnStretch(1, 1)
    top = Qt.AlignmentFlag.AlignTop
    for row, (icon, tone, words) in enumerate(lines):
        # A package has no spaces: it may break after each dot and underscore, or it would widen the dialog.
        label = plain_label(words.replace(".", ".\u200b").replace("_", "_\u200b"), wrap=True)
        label.setAccessibleName(words)
        label.setMinimumWidth(1)
        label.setAlignment(top)
        grid.addWidget(IconLabel(icon, tone, 16), row, 0, top)
        grid.addWidget(label, row, 1)
    grid.setRowStretch(len(lines), 1)
    return half


def plan_lines(plan: Plan, left_out: int, library: Library, root: str = "") -> list[Line]:
    """What the review says about a plan, in order."""
    lines: list[Line] = [
        ("sliders-horizontal", "text_muted", f"{label}: {value}")
        for label, value in spoken_args(plan.request.command, plan.request.args, library)
    ]
    if plan.groups:
        lines.append((_GROUPS_ICON, "text_muted", _groups(plan.groups, root)))
    share = text.percent(plan.share_of_tenant * 100)
    lines.append(("boxes", "text_muted", f"{share} of this tenant's devices"))
    if plan.online:
        lines.append(("circle-dot", "online", f"{plan.online:,} online now"))
    if plan.offline:
        waits = "it waits at the server until it returns" if plan.offline == 1 else "they get it when they return"
        lines.append(("clock", "text_muted", f"{plan.offline:,} offline: {waits}"))
    if plan.stale_7d:
        lines.append(("triangle-alert", "warning", f"{plan.stale_7d:,} not seen for 7 days"))
    if plan.unsupported:
        verb = "does" if len(plan.unsupported) == 1 else "do"
        lines.append(("triangle-alert", "warning", f"{len(plan.unsupported):,} {verb} not support this command"))
    if plan.missing:
        verb = "is" if len(plan.missing) == 1 else "are"
        lines.append(("triangle-alert", "warning", f"{len(plan.missing):,} {verb} not in the local copy"))
    if left_out:
        was = "was" if left_out == 1 else "were"
        lines.append(("circle-minus", "text_muted", f"{left_out:,} that can't take it {was} left out"))
    requests = text.count(plan.batches, "request")
    most = f" of at most {MOST_DEVICES} devices" if plan.batches > 1 else ""
    lines.append(("send", "text_muted", f"Sent as {requests}{most}"))
    return lines


def _groups(groups: dict[str, int], root: str) -> str:
    named = sorted(((below(path, root), n) for path, n in groups.items()), key=lambda item: (-item[1], item[0]))
    place = shared(path for path, _ in named)
    shown = ", ".join(f"{below(path, place) or 'no group'} ({n:,})" for path, n in named[:_GROUPS])
    rest = len(named) - _GROUPS
    more = f" and {rest:,} more" if rest > 0 else ""
    inside = f" of {place}" if place else ""
    return f"In {text.count(len(named), 'group')}{inside}: {shown}{more}"
