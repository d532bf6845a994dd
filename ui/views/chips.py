"""Small pills: common filters that can be switched on, and scopes that can be removed.

Invariant: a pill shows text, says its meaning in a tooltip, and is reached by the keyboard.
"""

from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from ui import icons, text, theme

_LONGEST = 220


class Shortcut(NamedTuple):
    """A common filter: what it is called, what it puts into the box, its icon and its meaning."""

    title: str
    term: str
    icon: str
    meaning: str
    excludes: tuple[str, ...] = ()


class ShortcutChip(QPushButton):
    """A common filter as a switch. Its checked state follows the text of the box."""

    def __init__(self, shortcut: Shortcut, parent: QWidget | None = None) -> None:
        super().__init__(shortcut.title, parent)
        self.offer = shortcut
        self.setProperty("role", "chip")
        self.setCheckable(True)
        icons.bind(self, shortcut.icon, "text_muted")
        self.setToolTip(f"{shortcut.meaning} ({shortcut.term})")
        self.setAccessibleName(f"Filter: {shortcut.title}")


class ScopeChip(QPushButton):
    """What the table is limited to besides the filter text; a click removes the limit."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "chip")
        self.setProperty("scope", True)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        shown = self.fontMetrics().elidedText(label, Qt.TextElideMode.ElideMiddle, _LONGEST)
        self.setText(shown.replace("&", "&&"))
        icons.bind(self, "x", "text_muted")
        self.setToolTip(text.plain_tip(f"Showing only: {label}\nClick to show all devices again"))
        self.setAccessibleName(f"Showing only {label}. Press to show all again")
        self.setMaximumWidth(_LONGEST + theme.space(12))
