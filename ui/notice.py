"""Notices: a quiet stack of messages that never take the keyboard from anybody.

Invariant: a text is shown once, with a count when it is said again; warnings and errors stay until someone closes them.
"""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui import icons, theme

Tone = Literal["info", "success", "warning", "error"]

SHOWN = 4
SECONDS: dict[Tone, float | None] = {"info": 6.0, "success": 5.0, "warning": None, "error": None}
_ICONS: dict[Tone, tuple[str, str]] = {
    "info": ("info", "info"),
    "success": ("circle-check", "success"),
    "warning": ("triangle-alert", "warning"),
    "error": ("circle-alert", "danger"),
}
_SPOKEN: dict[Tone, str] = {"info": "Note", "success": "Done", "warning": "Warning", "error": "Error"}


class Notice(QFrame):
    """One message: icon, text, at most one action, a close button."""

    closed = Signal()

    def __init__(
        self, text: str, tone: Tone, action: tuple[str, Callable[[], object]] | None, timeout: float | None
    ) -> None:
        super().__init__()
        self.text, self.tone, self.times = text, tone, 1
        self._action: Callable[[], object] | None = None
        self.setProperty("surface", "floating")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._icon, self._label, self._count = QLabel(), QLabel(text), QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._count.setProperty("tone", "badge")
        self._count.hide()
        self._button = QPushButton()
        self._button.setProperty("role", "quiet")
        self._button.clicked.connect(self._act)
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.setToolTip("Close this message")
        self._close.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(3), theme.space(2), theme.space(2), theme.space(2))
        row.setSpacing(theme.space(2))
        row.addWidget(self._icon)
        row.addWidget(self._label, 1)
        for widget in (self._count, self._button, self._close):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self.set_action(action)
        self._name()
        self.paint_icons()
        self.wait(timeout)

    def set_action(self, action: tuple[str, Callable[[], object]] | None) -> None:
        """Replaces the action; None takes it away."""
        self._action = action[1] if action else None
        self._button.setText(action[0] if action else "")
        self._button.setVisible(action is not None)
        self._button.setAccessibleName(f"{action[0]}: {self.text}" if action else "")

    def wait(self, timeout: float | None) -> None:
        """Closes by itself after `timeout` seconds without the pointer on it; None stays."""
        self._timer.stop()
        self._timer.setInterval(0 if timeout is None else max(1, round(timeout * 1000)))
        if timeout is not None and not self.underMouse():
            self._timer.start()

    def again(self) -> None:
        """The same was said once more."""
        self.times += 1
        self._count.setText(f"×{self.times}")
        self._count.show()
        self._name()

    def dismiss(self) -> None:
        self._timer.stop()
        self.closed.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if self._timer.interval() > 0:
            self._timer.start()
        super().leaveEvent(event)

    def paint_icons(self) -> None:
        """Takes the icons from the theme in force."""
        name, tone = _ICONS[self.tone]
        self._icon.setPixmap(icons.pixmap(name, 16, tone))
        self._close.setIcon(icons.icon("x", "text_muted"))

    def _act(self) -> None:
        action = self._action
        self.dismiss()
        if action is not None:
            action()

    def _name(self) -> None:
        times = f", said {self.times} times" if self.times > 1 else ""
        self.setAccessibleName(f"{_SPOKEN[self.tone]}: {self.text}{times}")
        self._close.setAccessibleName(f"Close: {self.text}")


class Notices(QWidget):
    """The stack. Takes no room while there is nothing to say; the newest message is at the bottom."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Messages")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.space(1))
        self._shown: list[Notice] = []
        theme.changed.connect(self._repaint)
        self.hide()

    @property
    def shown(self) -> tuple[Notice, ...]:
        """What is on the screen, oldest first."""
        return tuple(self._shown)

    def say(
        self,
        text: str,
        tone: Tone = "info",
        action: tuple[str, Callable[[], object]] | None = None,
        timeout: float | None = None,
    ) -> Notice:
        """Shows `text`, or counts it where it is shown already. `timeout` in seconds; None takes the tone's own."""
        seconds = SECONDS[tone] if timeout is None else timeout
        for notice in self._shown:
            if notice.text == text and notice.tone == tone:
                notice.again()
                notice.set_action(action)
                notice.wait(seconds)
                return notice
        notice = Notice(text, tone, action, seconds)
        notice.closed.connect(lambda: self._remove(notice))
        self._shown.append(notice)
        self._column.addWidget(notice)
        self._make_room()
        self.show()
        urgent = tone in {"warning", "error"}
        event = QAccessibleAnnouncementEvent(self, notice.accessibleName())
        event.setPoliteness(
            QAccessible.AnnouncementPoliteness.Assertive if urgent else QAccessible.AnnouncementPoliteness.Polite
        )
        QAccessible.updateAccessibility(event)
        return notice

    def clear(self) -> None:
        for notice in self.shown:
            self._remove(notice)

    def _make_room(self) -> None:
        while len(self._shown) > SHOWN:
            passing = [n for n in self._shown[:-1] if n.tone in {"info", "success"}]
            self._remove(passing[0] if passing else self._shown[0])

    def _remove(self, notice: Notice) -> None:
        if notice not in self._shown:
            return
        self._shown.remove(notice)
        self._column.removeWidget(notice)
        notice.hide()
        notice.deleteLater()
        self.setVisible(bool(self._shown))

    def _repaint(self, *_: object) -> None:
        for notice in self._shown:
            notice.paint_icons()
