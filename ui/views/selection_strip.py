"""The line under the table: how many devices are selected, and what can be done with them.

Invariant: it is always there, so that nothing jumps when a selection begins; without a selection it says how to make one.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ui import icons, text, theme

_COMMANDS = (
    ("REBOOT", "Reboot", "rotate-cw", "Restart the selected devices"),
    ("UPDATE_HEARTBEAT", "Ping", "heart-pulse", "Ask the selected devices to report now"),
    ("", "More\N{HORIZONTAL ELLIPSIS}", "ellipsis", "Choose a command for the selected devices"),
)


class SelectionStrip(QFrame):
    """Emits `command_wanted(name)`; an empty name means that the user wants to choose."""

    command_wanted = Signal(str)
    clear_wanted = Signal()
    all_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said = QLabel()
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.clear = self._link("Clear", "Select no device")
        self.clear.clicked.connect(self.clear_wanted)
        self.all = self._link("", "Add every device that matches the filter to the selection")
        self.all.clicked.connect(self.all_wanted)
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.space(3), theme.space(1), theme.space(3), theme.space(1))
        line.setSpacing(theme.space(2))
        line.addWidget(self.said)
        line.addWidget(self.clear)
        line.addWidget(self.all)
        line.addStretch(1)
        self.commands: dict[str, QPushButton] = {}
        for name, label, sign, tip in _COMMANDS:
            button = QPushButton(label)
            icons.bind(button, sign, "text_muted")
            button.setProperty("meaning", tip)
            button.setAccessibleName(f"{label.rstrip(chr(0x2026))} selected devices")
            button.clicked.connect(lambda _=False, name=name: self.command_wanted.emit(name))
            line.addWidget(button)
            self.commands[name] = button
        self.setFixedHeight(theme.space(11))
        self.show_counts(0, 0, 0)

    @staticmethod
    def _link(label: str, tip: str) -> QPushButton:
        link = QPushButton(label)
        link.setProperty("role", "link")
        link.setToolTip(tip)
        return link

    def show_counts(self, selected: int, matching: int, hidden: int) -> None:
        """`matching` devices pass the filter; `hidden` of the selected ones don't, and are said so."""
        theme.mark(self.said, "tone", "" if selected else "muted")
        if selected:
            unseen = f" ({hidden:,} not shown by the filter)" if hidden else ""
            self.said.setText(f"{selected:,} selected{unseen}")
        else:
            self.said.setText("Select devices to send them a command")
        self.clear.setVisible(bool(selected))
        self.all.setText(f"Select all {matching:,} matching")
        self.all.setVisible(matching > 0 and selected - hidden < matching)
        for button in self.commands.values():
            button.setEnabled(bool(selected))
            tip = str(button.property("meaning"))
            button.setToolTip(
                f"{tip}: {text.count(selected, 'device')}" if selected else f"{tip}. Select devices first"
            )
