"""A labelled line edit for forms that no catalogue describes.

Invariant: the line below shows the hint or the error, and its room is always there.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ui import theme
from ui.dialogs.frame import plain_label


class LineField(QWidget):
    """A labelled line edit with a line below for its rule or its error; the height never changes."""

    def __init__(self, label: str, hint: str, placeholder: str) -> None:
        super().__init__()
        self._hint = hint
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(placeholder)
        self.edit.setAccessibleName(label)
        name = plain_label(label)
        name.setBuddy(self.edit)
        self.below = plain_label(hint, "muted", wrap=True)
        # Two lines, so that the longest error moves nothing.
        self.below.setMinimumHeight(theme.space(8))
        self.below.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(1))
        for widget in (name, self.edit, self.below):
            column.addWidget(widget)
        self.setFocusProxy(self.edit)
        self.say("")

    @property
    def error(self) -> str:
        return self.below.text() if self.edit.property("invalid") else ""

    def say(self, error: str) -> None:
        """Shows an error in place of the hint; an empty one brings the hint back."""
        self.below.setText(error or self._hint)
        theme.mark(self.below, "tone", "error" if error else "muted")
        theme.mark(self.edit, "invalid", bool(error))
        self.edit.setAccessibleDescription(error or self._hint)
