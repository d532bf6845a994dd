"""Sections of labelled facts as rows that keep their place, so that the eye finds a fact where it was.

Invariant: one tab stop; arrows move over the rows, Ctrl+C copies the current one; every text is plain.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui import icons, text, theme
from ui.views.facts import Fact, Section, Values, preface

_LABEL = 100
_MISSING = "\N{EM DASH}"


class FactRow(QFrame):
    """A label and its value. The value can be marked with the mouse."""

    entered = Signal(QWidget)
    menu_wanted = Signal(QWidget, QPoint)

    def __init__(self, fact: Fact) -> None:
        super().__init__()
        self.fact = fact
        self.value = ""
        self.current = False
        self.name = QLabel(fact.label)
        self.name.setProperty("tone", "muted")
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.shown = QLabel(_MISSING)
        self.shown.setTextFormat(Qt.TextFormat.PlainText)
        self.shown.setWordWrap(True)
        self.shown.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.shown.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.shown.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.shown.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.shown.setProperty("tone", "faint")
        layout: QHBoxLayout | QVBoxLayout = QVBoxLayout(self) if fact.wide else QHBoxLayout(self)
        layout.setContentsMargins(theme.space(4), 2, theme.space(2), 2)
        layout.setSpacing(0 if fact.wide else theme.space(2))
        if not fact.wide:
            self.name.setFixedWidth(_LABEL)
            self.setMinimumHeight(theme.space(5))
        layout.addWidget(self.name)
        layout.addWidget(self.shown, 1)

    def say(self, value: str, tip: str) -> None:
        """Shows a value; an empty one as a faint dash."""
        self.setToolTip(text.plain_tip(tip))
        self.setAccessibleName(f"{self.fact.label}: {value or 'not reported'}")
        if value == self.value:
            return
        tone = ("mono" if self.fact.mono else "") if value else "faint"
        if self.shown.property("tone") != tone:
            self.shown.setProperty("tone", tone)
            theme.repolish(self.shown)
        self.value = value
        self.shown.setText(value or _MISSING)

    def mark(self, current: bool) -> None:
        """Shows the row as the one that keys and the copy button mean."""
        self.current = current
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.current:
            painter = QPainter(self)
            painter.fillRect(self.rect(), QColor(theme.current().surface_hover))
            painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.entered.emit(self)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(self, event.globalPos())


class FactList(QScrollArea):
    """All sections under each other. `copied(text)` after something went to the clipboard."""

    copied = Signal(str)

    def __init__(self, sections: Sequence[Section], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Facts of the device")
        self.rows: list[FactRow] = []
        self._sections = sections
        self.current = -1
        self._preface = ""
        body = QWidget()
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(0, theme.space(1), 0, theme.space(4))
        self._layout.setSpacing(0)
        for section in sections:
            heading = QLabel(section.title)
            heading.setProperty("tone", "heading")
            heading.setTextFormat(Qt.TextFormat.PlainText)
            heading.setContentsMargins(theme.space(4), theme.space(3), theme.space(4), theme.space(1))
            self._layout.addWidget(heading)
            for fact in section.facts:
                row = FactRow(fact)
                row.entered.connect(self._offer_copy)
                row.menu_wanted.connect(self._menu)
                self.rows.append(row)
                self._layout.addWidget(row)
        self._layout.addStretch(1)
        self._copy = QToolButton(body)
        icons.bind(self._copy, "copy", "text_muted")
        self._copy.setToolTip("Copy this value")
        self._copy.setAccessibleName("Copy this value")
        self._copy.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._copy.setFixedSize(theme.space(6), theme.space(5))
        self._copy.hide()
        self._copy.clicked.connect(self.copy_current)
        self.setWidget(body)

    def show_values(self, values: Values, now: float) -> None:
        """Fills every row from one device; `now` in epoch seconds."""
        for row in self.rows:
            shown = row.fact.show(values, now)
            tip = row.fact.tip(values, now) if row.fact.tip is not None and shown else shown
            row.say(shown, tip)
        self._preface = preface(values)
        self._copy.hide()

    def as_text(self) -> str:
        """Name, alias, group and every reported fact, one per line, sections headed."""
        lines: list[str] = [self._preface, ""]
        rows = iter(self.rows)
        for section in self._sections:
            told = [f"{row.fact.label}: {row.value}" for _, row in zip(section.facts, rows, strict=False) if row.value]
            lines += [section.title, *told, ""] if told else []
        return "\n".join(lines).rstrip()

    def copy_current(self) -> None:
        """Puts the value of the current row on the clipboard."""
        row = self.rows[self.current] if self.current >= 0 else None
        marked = row.shown.selectedText() if row is not None else ""
        if row is not None and row.value:
            self._to_clipboard(marked or row.value)

    def _to_clipboard(self, value: str) -> None:
        QGuiApplication.clipboard().setText(value)
        self.copied.emit(value)

    def _offer_copy(self, row: FactRow) -> None:
        self._make_current(self.rows.index(row))
        self._copy.setVisible(bool(row.value))
        self._copy.move(row.x() + theme.space(4) + _LABEL - self._copy.width() + theme.space(1), row.y())
        self._copy.raise_()

    def _make_current(self, index: int) -> None:
        for at in {self.current, index} - {-1}:
            self.rows[at].mark(at == index)
        self.current = index

    def _menu(self, row: FactRow, where: QPoint) -> None:
        self._make_current(self.rows.index(row))
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction(icons.icon("copy"), f"Copy {row.fact.label.lower()}", self.copy_current)
        copy.setEnabled(bool(row.value))
        menu.addAction(icons.icon("clipboard-list"), "Copy all facts", lambda: self._to_clipboard(self.as_text()))
        menu.popup(where)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self.rows:
            index = min(max(self.current + step, 0), len(self.rows) - 1)
            self._make_current(index)
            self.ensureWidgetVisible(self.rows[index], 0, theme.space(4))
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_current()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if self.current < 0 and self.rows:
            self._make_current(0)
        super().focusInEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._copy.hide()
        super().leaveEvent(event)
