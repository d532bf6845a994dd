"""Puts rows onto the clipboard as tab separated text.

Invariant: a cell never runs as a formula in a spreadsheet, and a hundred thousand rows never hold the window.
"""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from ui.models.devices import DeviceRows

AT_ONCE = 250


def safe_cell(words: str) -> str:
    """A cell for a spreadsheet: no tabs or line breaks; what could be a formula gets an apostrophe before it."""
    flat = " ".join(words.split("\t")).replace("\r", " ").replace("\n", " ")
    if flat[:1] in {"=", "+", "-", "@"} and not _is_number(flat):
        return "'" + flat
    return flat


def _is_number(words: str) -> bool:
    try:
        float(words.split(" ")[0].replace(",", ""))
    except ValueError:
        return False
    return all(part.isalpha() or part == "%" for part in words.split(" ")[1:])


class Copying(QObject):
    """One copy at a time; a new one takes the place of the last. `finished(rows)` once it is on the clipboard."""

    finished = Signal(int)

    def __init__(self, model: DeviceRows, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._left: list[int] = []
        self._lines: list[str] = []
        self._places: list[int] = []
        self._count = 0
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._step)

    def start(self, rows: Sequence[int], columns: Sequence[str], *, titles: bool) -> None:
        """Copies these fleet rows; up to 250 are there when this returns, more come in between other work."""
        places = [self._model.column_of(column) for column in columns]
        self._places = [place for place in places if place is not None]
        self._left, self._count = list(rows), len(rows)
        self._lines = ["\t".join(self._model.columns[i].title for i in self._places)] if titles else []
        self._step()
        if self._left:
            self._timer.start()

    def _step(self) -> None:
        now, self._left = self._left[:AT_ONCE], self._left[AT_ONCE:]
        for row in now:
            self._lines.append("\t".join(safe_cell(self._model.text(row, place)) for place in self._places))
        if not self._left:
            self._timer.stop()
            QGuiApplication.clipboard().setText("\n".join(self._lines))
            self._lines = []
            self.finished.emit(self._count)
