"""A thin bar of a job's devices: one stretch per final state in its colour, the rest still open.

Invariant: a stretch is as long as its share of all devices, but never invisible.
"""

from collections.abc import Mapping

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.states import FINAL_STATES, TargetState
from ui import theme

_ORDER = (TargetState.SUCCESS, TargetState.CANCELLED, TargetState.TIMEOUT, TargetState.REFUSED, TargetState.FAILURE)
_LEAST = 2


def finished(counts: Mapping[str, int]) -> int:
    """How many devices have a final state."""
    return sum(n for state, n in counts.items() if state in FINAL_STATES)


def stretches(counts: Mapping[str, int], total: int, width: int) -> list[tuple[str, int]]:
    """The final states that occur, each with its length in px; together never longer than `width`."""
    there = [(str(state), counts.get(state, 0)) for state in _ORDER if counts.get(state, 0)]
    lengths = [max(round(width * n / max(total, 1)), _LEAST) for _, n in there]
    while sum(lengths) > width > 0 and max(lengths) > 1:
        lengths[lengths.index(max(lengths))] -= 1
    return [(state, length) for (state, _), length in zip(there, lengths, strict=True)]


def paint_states(painter: QPainter, area: QRect, counts: Mapping[str, int], total: int) -> None:
    """Draws the bar into `area`."""
    colours = theme.current()
    painter.fillRect(area, QColor(colours.track))
    left = area.left()
    for state, length in stretches(counts, total, area.width()):
        painter.fillRect(QRect(left, area.top(), length, area.height()), QColor(colours.colour(state)))
        left += length


class StateBar(QWidget):
    """The bar as a widget of 4 px height."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts: Mapping[str, int] = {}
        self.total = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_counts(self, counts: Mapping[str, int], total: int) -> None:
        """Devices by state, and how many there are in all."""
        self.counts, self.total = counts, total
        words = f"{finished(counts):,} of {total:,} devices finished"
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.space(36), 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_states(painter, self.rect(), self.counts, self.total)
        painter.end()
