"""The sheet of keyboard shortcuts.

Invariant: shows what it is given, in that order; it knows no shortcut of its own.
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from ui import theme
from ui.dialogs.frame import DialogFrame, plain_label

Shortcut = tuple[str, str, str]


class ShortcutsDialog(DialogFrame):
    """`shortcuts` are (section, what it does, keys)."""

    def __init__(self, shortcuts: Sequence[Shortcut], parent: QWidget | None = None) -> None:
        super().__init__(parent, "Keyboard shortcuts")
        self.resize(520, 560)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search shortcuts")
        self.search.setAccessibleName("Search shortcuts")
        self.search.setClearButtonEnabled(True)
        self._lines: list[tuple[Shortcut, tuple[QWidget, ...]]] = []
        self._headings: dict[str, QWidget] = {}
        content = QWidget()
        outer = QVBoxLayout(content)
        outer.setContentsMargins(0, 0, theme.space(3), 0)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.space(4))
        grid.setVerticalSpacing(theme.space(2))
        grid.setColumnStretch(0, 1)
        outer.addLayout(grid)
        outer.addStretch(1)
        for shortcut in shortcuts:
            section, what, keys = shortcut
            if section not in self._headings:
                heading = plain_label(section, "heading")
                heading.setContentsMargins(0, theme.space(3) if self._headings else 0, 0, 0)
                grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
                self._headings[section] = heading
            text, badge = plain_label(what, wrap=True), plain_label(keys, "badge")
            text.setAccessibleName(f"{what}: {keys}")
            row = grid.rowCount()
            grid.addWidget(text, row, 0)
            grid.addWidget(badge, row, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._lines.append((shortcut, (text, badge)))
        self.nothing = plain_label("No shortcut matches.", "faint")
        self.nothing.hide()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        area.setAccessibleName("Shortcuts")
        self.body.addWidget(self.search)
        self.body.addWidget(self.nothing)
        self.body.addWidget(area, 1)
        self.close_button = self.add_cancel("Close", default=True)
        self.search.textChanged.connect(self._filter)
        self.search.setFocus()

    def shown(self) -> list[Shortcut]:
        """What the search leaves."""
        return [shortcut for shortcut, widgets in self._lines if not widgets[0].isHidden()]

    def _filter(self, words: str) -> None:
        wanted = words.casefold().split()
        left: set[str] = set()
        for shortcut, widgets in self._lines:
            matches = all(word in " ".join(shortcut).casefold() for word in wanted)
            for widget in widgets:
                widget.setVisible(matches)
            if matches:
                left.add(shortcut[0])
        for section, heading in self._headings.items():
            heading.setVisible(section in left)
        self.nothing.setVisible(not left)
