"""A line edit that searches what is below it.

Invariant: it says what it searches, to the eye and to a screen reader.
"""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

from ui import icons


def search_field(meaning: str) -> QLineEdit:
    """`meaning` such as `Search groups` is its placeholder and its accessible name."""
    field = QLineEdit()
    field.setPlaceholderText(meaning)
    field.setAccessibleName(meaning)
    field.setClearButtonEnabled(True)
    magnifier = QAction(field)
    icons.bind(magnifier, "search", "text_muted")
    field.addAction(magnifier, QLineEdit.ActionPosition.LeadingPosition)
    return field
