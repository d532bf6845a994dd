"""The filter box: one line of text, endings offered while typing, common filters as pills, errors under the box.

Invariant: `query_changed` is emitted only for a text that can be read; while it can't, the last good query holds.
"""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.store.complete import Suggestion, complete
from app.store.fields import QueryError
from app.store.fleet import Fleet
from app.store.query import Query, parse
from ui import icons, text, theme
from ui.views.chips import ScopeChip, Shortcut, ShortcutChip
from ui.views.suggestions import Suggestions

PLACEHOLDER = 'Filter devices: name, serial, IMEI, state:offline, group:"Store 12"/*, seen:>7d'
SHORTCUTS = (
    Shortcut("Online", "state:online", "wifi", "Devices that are online", ("state:offline",)),
    Shortcut("Offline", "state:offline", "wifi-off", "Devices that are offline", ("state:online",)),
    Shortcut("Not seen 7 d", "seen:>7d", "clock", "Devices that did not report for seven days"),
    Shortcut("Low battery", "battery:<20", "battery-low", "Devices with less than 20% battery"),
)
# An error that flashes at every unfinished word is noise: it appears when the typing pauses.
_ERROR_DELAY = 450
_TALL = theme.space(8)


class FilterBar(QWidget):
    """Emits `query_changed(Query | None, text)`; None means no filter. `scope_removed(key)` for a removed scope pill."""

    query_changed = Signal(object, str)
    scope_removed = Signal(str)
    results_wanted = Signal()

    def __init__(self, fleet: Fleet, clock: Callable[[], float] = time.time, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fleet = fleet
        self._clock = clock
        self._good = ""
        self._said = ""
        self.scopes: dict[str, ScopeChip] = {}
        self._complaint = QTimer(self, singleShot=True, interval=_ERROR_DELAY)
        self._complaint.timeout.connect(self._show_error)
        self._box = self._make_box()
        self.suggestions = Suggestions(self._box)
        self.suggestions.chosen.connect(self._take)
        self._count = QLabel()
        self._count.setProperty("tone", "muted")
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._count.setMinimumWidth(theme.space(26))
        self._count.setAccessibleName("Number of devices shown")
        self._line = QHBoxLayout()
        self._line.setSpacing(theme.space(2))
        self._line.addWidget(self._box, 1)
        self._line.addWidget(self._count)
        self._below = QStackedWidget()
        self._below.addWidget(self._make_chips())
        self._error = QLabel()
        self._error.setProperty("tone", "error")
        self._error.setTextFormat(Qt.TextFormat.PlainText)
        self._error.setWordWrap(True)
        self._error.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._error.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._below.addWidget(self._error)
        self._below.setFixedHeight(_TALL)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space(3), theme.space(2), theme.space(3), theme.space(1))
        layout.setSpacing(theme.space(1))
        layout.addLayout(self._line)
        layout.addWidget(self._below)

    def _make_box(self) -> QLineEdit:
        box = QLineEdit(self)
        box.setPlaceholderText(PLACEHOLDER)
        box.setClearButtonEnabled(True)
        box.setAccessibleName("Filter devices")
        box.setAccessibleDescription("Words search names, serials, IMEIs and MACs; field:value asks for one field")
        magnifier = QAction(box)
        icons.bind(magnifier, "search", "text_muted")
        box.addAction(magnifier, QLineEdit.ActionPosition.LeadingPosition)
        box.textChanged.connect(self._read)
        box.textEdited.connect(lambda _: self._suggest())
        box.installEventFilter(self)
        return box

    def _make_chips(self) -> QWidget:
        row = QWidget()
        self._chip_line = QHBoxLayout(row)
        self._chip_line.setContentsMargins(0, 0, 0, 0)
        self._chip_line.setSpacing(theme.space(1))
        self.chips = [ShortcutChip(shortcut) for shortcut in SHORTCUTS]
        for chip in self.chips:
            chip.clicked.connect(lambda _checked, chip=chip: self._toggle(chip))
            self._chip_line.addWidget(chip)
        self._chip_line.addStretch(1)
        return row

    def text(self) -> str:
        """What is in the box, readable or not."""
        return self._box.text()

    @property
    def error(self) -> str:
        """The sentence under the box; empty while the text can be read."""
        return self._said if self._below.currentIndex() == 1 else ""

    @property
    def count(self) -> str:
        """How many devices are shown, in words."""
        return self._count.text()

    def set_text(self, value: str) -> None:
        """Puts a filter into the box and applies it; an error is shown at once."""
        self._box.setText(value)
        self.suggestions.hide()
        if self._complaint.isActive():
            self._complaint.stop()
            self._show_error()

    def query(self) -> Query | None:
        """The last good filter, read anew so that ages such as `seen:>7d` count from now."""
        return parse(self._good, now=self._clock()) if self._good.strip() else None

    def add_control(self, widget: QWidget) -> None:
        """Puts a control of the panel at the end of the box's line."""
        self._line.addWidget(widget)

    def focus(self) -> None:
        """Puts the cursor into the box with its text selected."""
        self._box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._box.selectAll()

    def set_count(self, shown: int, total: int) -> None:
        """Says how many of the fleet's devices the table shows."""
        self._count.setText(text.count(total, "device") if shown == total else f"{shown:,} of {total:,}")

    def set_scope(self, key: str, label: str) -> None:
        """Shows that the table is limited to something besides the text; an empty label takes the pill away."""
        old = self.scopes.pop(key, None)
        if old is not None:
            self._chip_line.removeWidget(old)
            old.hide()
            old.deleteLater()
        if label:
            chip = ScopeChip(label)
            chip.clicked.connect(lambda: self.scope_removed.emit(key))
            self.scopes[key] = chip
            self._chip_line.insertWidget(len(self.scopes) - 1, chip)

    def _read(self, value: str) -> None:
        for chip in self.chips:
            chip.setChecked(chip.offer.term in value.split())
        try:
            query = parse(value, now=self._clock()) if value.strip() else None
        except QueryError:
            self._complaint.start()
            return
        self._complaint.stop()
        self._mark(False)
        self._good = value
        self.query_changed.emit(query, value)

    def _show_error(self) -> None:
        try:
            parse(self._box.text(), now=self._clock())
        except QueryError as error:
            problems = " ".join(problem.message for problem in error.problems)
            self._said = f"At character {error.position + 1}: {problems}"
            self._error.setToolTip(text.plain_tip(self._said))
            self._box.setAccessibleDescription(self._said)
            self._mark(True)
            self._fit_error()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_error()

    def _fit_error(self) -> None:
        """Two lines fit below the box; of more words the tooltip has the rest."""
        area = QRect(0, 0, self._line.geometry().width(), _TALL)
        words, metrics, wrap = self._said.split(" "), self._error.fontMetrics(), int(Qt.TextFlag.TextWordWrap)
        shown = self._said
        while len(words) > 1 and metrics.boundingRect(area, wrap, shown).height() > area.height():
            words.pop()
            shown = " ".join(words).rstrip(",") + " …"
        self._error.setText(shown)

    def _mark(self, wrong: bool) -> None:
        if wrong != (self._below.currentIndex() == 1):
            self._below.setCurrentIndex(1 if wrong else 0)
            self._box.setProperty("invalid", wrong)
            theme.repolish(self._box)

    def _toggle(self, chip: ShortcutChip) -> None:
        terms = self._box.text().split(" ")
        term = chip.offer.term
        if term in terms:
            terms = [t for t in terms if t != term]
        else:
            terms = [t for t in terms if t not in chip.offer.excludes] + [term]
        self.set_text(" ".join(t for t in terms if t))

    def _suggest(self) -> None:
        self.suggestions.offer(self._offers())

    def _offers(self) -> Sequence[Suggestion]:
        typed = self._box.text()
        offers = complete(typed, self._box.cursorPosition(), self._fleet)
        return [offer for offer in offers if typed[offer.start : offer.end] != offer.text]

    def _take(self, suggestion: Suggestion) -> None:
        value = self._box.text()
        rest = value[suggestion.end :]
        closed = not suggestion.text.endswith((":", "<", ">", '"'))
        ending = " " if closed and not rest else ""
        self._box.setText(f"{value[: suggestion.start]}{suggestion.text}{ending}{rest}")
        self._box.setCursorPosition(suggestion.start + len(suggestion.text) + len(ending))
        self.suggestions.hide()
        if not closed:
            self._suggest()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._box:
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                return self._key(event)
            if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
                self.suggestions.hide()
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        offering = self.suggestions.isVisible()
        if key == Qt.Key.Key_Escape:
            if offering:
                self.suggestions.hide()
            else:
                self.set_text("")
            return True
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and offering:
            self.suggestions.step(1 if key == Qt.Key.Key_Down else -1)
            return True
        if key == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._suggest()
            return True
        if key == Qt.Key.Key_Tab and offering:
            self._take_if(self.suggestions.current() or self.suggestions.first())
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            chosen = self.suggestions.current() if offering else None
            if chosen is not None:
                self._take_if(chosen)
            else:
                self.suggestions.hide()
                self._show_error()
                self.results_wanted.emit()
            return True
        return False

    def _take_if(self, suggestion: Suggestion | None) -> None:
        if suggestion is not None:
            self._take(suggestion)
