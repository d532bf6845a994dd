"""The frame of every dialog: the tenant's colour on the edge, a heading, a body, a foot with a reason and the buttons.

Invariant: Enter presses at most the default button, and a button that sends is never the default.
"""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.settings import Tenant
from ui import icons, theme

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class IconLabel(QLabel):
    """A picture from the icon family that follows the theme and the screen's scale."""

    def __init__(self, name: str = "", tone: str = "text_muted", size: int = 16) -> None:
        super().__init__()
        self._name, self._tone, self._size = name, tone, size
        self.setFixedSize(size, size)
        theme.changed.connect(self.redraw)
        self.redraw()

    def show_icon(self, name: str, tone: str) -> None:
        self._name, self._tone = name, tone
        self.redraw()

    @Slot()
    def redraw(self) -> None:
        if self._name:
            self.setPixmap(icons.pixmap(self._name, self._size, self._tone, self.devicePixelRatioF()))
        else:
            self.clear()


def plain_label(words: str = "", tone: str = "", *, wrap: bool = False, parent: QWidget | None = None) -> QLabel:
    """A label that never guesses rich text. `tone` as the style sheet knows it."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(words)
    label.setWordWrap(wrap)
    if tone:
        label.setProperty("tone", tone)
    return label


class Banner(QFrame):
    """A tinted strip with an icon and a sentence, and room for one control below. Hidden while it says nothing.

    `tone`: info, success, warning or danger.
    """

    def __init__(self, icon: str, tone: str) -> None:
        super().__init__()
        self.setProperty("surface", tone)
        self._icon, self._label = IconLabel(icon, tone), plain_label(wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(3), theme.space(2), theme.space(3), theme.space(2))
        row.setSpacing(theme.space(2))
        self.column = QVBoxLayout()
        self.column.setSpacing(theme.space(1))
        self.column.addWidget(self._label)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(self.column, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.say("")

    @property
    def text(self) -> str:
        return self._label.text()

    def say(self, words: str) -> None:
        self._label.setText(words)
        self.setAccessibleName(words)
        self.setVisible(bool(words))


class SendButton(QPushButton):
    """A button that Enter never presses, on any platform: only a click or the space bar does."""

    def __init__(self) -> None:
        super().__init__()
        self.setAutoDefault(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            event.accept()
            return
        super().keyPressEvent(event)


class TenantEdge(QFrame):
    """Four pixels in the tenant's colour, along the top of a dialog."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self.setFixedHeight(4)
        self.setStyleSheet(f"background: {colour}; border: none;")


class DialogFrame(QDialog):
    """Subclasses put their content into `body` and their buttons through `add_button`.

    Enter in a line edit does nothing unless a button was made the default.
    """

    theme_changed = Signal()

    def __init__(self, parent: QWidget | None, title: str, *, tenant: Tenant | None = None, subtitle: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setSizeGripEnabled(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        if tenant is not None:
            outer.addWidget(TenantEdge(tenant.colour))
        self.head = QVBoxLayout()
        self.head.setContentsMargins(theme.space(5), theme.space(4), theme.space(5), theme.space(3))
        self.head.setSpacing(theme.space(0.5))
        if tenant is not None:
            self.head.addWidget(tenant_line(tenant))
        self.heading = plain_label(title, "title", wrap=True)
        self.subtitle = plain_label(subtitle, "muted", wrap=True)
        self.subtitle.setVisible(bool(subtitle))
        for label in (self.heading, self.subtitle):
            # A long name without spaces must not widen the dialog.
            label.setMinimumWidth(1)
        self.head.addWidget(self.heading)
        self.head.addWidget(self.subtitle)
        outer.addLayout(self.head)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(theme.space(5), 0, theme.space(5), theme.space(4))
        self.body.setSpacing(theme.space(3))
        outer.addLayout(self.body, 1)
        outer.addWidget(_line())
        self.foot = QHBoxLayout()
        self.foot.setContentsMargins(theme.space(5), theme.space(3), theme.space(5), theme.space(3))
        self.foot.setSpacing(theme.space(2))
        self.reason = plain_label("", "muted", wrap=True)
        self.reason.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.foot.addWidget(self.reason, 1)
        self.foot.addSpacing(theme.space(1))
        outer.addLayout(self.foot)

    def set_subtitle(self, words: str) -> None:
        self.subtitle.setText(words)
        self.subtitle.setVisible(bool(words))

    def add_button(self, button: QPushButton, *, default: bool = False) -> QPushButton:
        """Adds a button to the right of the foot; only a default one is pressed by Enter."""
        button.setAutoDefault(False)
        button.setDefault(default)
        button.setAccessibleName(button.text())
        self.foot.addWidget(button)
        return button

    def add_cancel(self, words: str = "Cancel", *, default: bool = False) -> QPushButton:
        button = self.add_button(QPushButton(words), default=default)
        button.clicked.connect(self.reject)
        return button

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and isinstance(self.focusWidget(), QLineEdit) and not self._submits():
            event.accept()
            return
        super().keyPressEvent(event)

    def _submits(self) -> bool:
        """Whether Enter in a line edit presses the default button."""
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.theme_changed.emit()


def tenant_line(tenant: Tenant) -> QWidget:
    """The tenant's dot and name, so that nobody takes one fleet for another."""
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.space(1.5))
    dot = QFrame()
    dot.setFixedSize(8, 8)
    dot.setStyleSheet(f"background: {tenant.colour}; border: none; border-radius: 4px;")
    kind = "production" if tenant.production else "not production"
    label = plain_label(f"{tenant.enterprise_name or tenant.name} · {kind}", "muted")
    label.setMinimumWidth(1)
    label.setAccessibleName(f"Tenant {label.text()}")
    row.addWidget(dot)
    row.addWidget(label, 1)
    return line


def ink_on(colour: str) -> str:
    """White or near-black, whichever reads better on `colour` (#rrggbb), by relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.055 else "#14161b"


def set_order(widgets: Sequence[QWidget]) -> None:
    """Tab moves through `widgets` in this order."""
    for before, after in pairwise(widgets):
        QWidget.setTabOrder(before, after)


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("surface", "line")
    line.setFixedHeight(1)
    return line
