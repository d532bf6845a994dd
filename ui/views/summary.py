"""What many selected devices have in common: counts by state, platform, model and system.

Invariant: the counts come from the fleet's columns and add up to the number of selected devices.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.store.fleet import Fleet
from ui import text, theme
from ui.icons import pixmap, state_icon

_MOST = 6
_COUNTED: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("State", "condition", text.condition_label),
    ("Platform", "platform", str.capitalize),
    ("Model", "model", str),
    ("OS version", "os_version", str),
)


class Share(QWidget):
    """One value with its count and a thin bar of its share."""

    def __init__(self, label: str, count: int, total: int, state: str = "") -> None:
        super().__init__()
        self.label, self.count, self._total, self._state = label, count, total, state
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{label}: {count:,} of {total:,}")
        self.setToolTip(text.plain_tip(f"{label}: {count:,} of {total:,}"))

    def sizeHint(self) -> QSize:
        return QSize(0, theme.space(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        inner = self.rect().adjusted(theme.space(4), 0, -theme.space(4), 0)
        line = inner.adjusted(0, 2, 0, -theme.space(2))
        painter.setFont(theme.ui_font(12, tabular=True))
        metrics = painter.fontMetrics()
        number = f"{self.count:,}"
        painter.setPen(QColor(colours.text_muted))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), number)
        room = line.adjusted(0, 0, -metrics.horizontalAdvance(number) - theme.space(3), 0)
        if self._state:
            mark = pixmap(state_icon(self._state), 16, self._state, self.devicePixelRatioF())
            painter.drawPixmap(room.left(), room.center().y() - 7, mark)
            room.adjust(theme.space(6), 0, 0, 0)
        painter.setPen(QColor(colours.text))
        shown = metrics.elidedText(self.label, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        bar = inner.adjusted(0, inner.height() - 5, 0, -2)
        painter.fillRect(bar, QColor(colours.track))
        bar.setWidth(max(round(bar.width() * self.count / max(self._total, 1)), 2))
        painter.fillRect(bar, QColor(colours.colour(self._state) if self._state else colours.accent))
        painter.end()


class Summary(QScrollArea):
    """Shown by the inspector instead of facts when several devices are selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Summary of the selected devices")
        self.shares: dict[str, list[Share]] = {}

    def show_rows(self, fleet: Fleet, rows: NDArray[np.int32]) -> None:
        """Counts these rows of the fleet."""
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, theme.space(1), 0, theme.space(4))
        layout.setSpacing(0)
        self.shares = {}
        for title, column, say in _COUNTED:
            heading = QLabel(title)
            heading.setProperty("tone", "heading")
            heading.setTextFormat(Qt.TextFormat.PlainText)
            heading.setContentsMargins(theme.space(4), theme.space(3), theme.space(4), theme.space(1))
            layout.addWidget(heading)
            self.shares[title] = _shares(fleet.counts(column, rows), len(rows), say, states=column == "condition")
            for share in self.shares[title]:
                layout.addWidget(share)
        layout.addStretch(1)
        self.setWidget(body)


def _shares(counts: Mapping[str, int], total: int, say: Callable[[str], str], *, states: bool) -> list[Share]:
    ranked = sorted(((n, value) for value, n in counts.items() if n), key=lambda pair: (-pair[0], pair[1]))
    shares = [Share(say(value) or "Not reported", n, total, value if states else "") for n, value in ranked[:_MOST]]
    rest = ranked[_MOST:]
    if len(rest) == 1:
        return [Share(say(value) or "Not reported", n, total, value if states else "") for n, value in ranked]
    if rest:
        shares.append(Share(text.count(len(rest), "other value"), sum(n for n, _ in rest), total))
    return shares
