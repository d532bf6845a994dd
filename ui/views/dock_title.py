"""The title of a dock: its name and, large enough to be hit, the buttons that free and close it.

Invariant: it does nothing that the dock does not offer by itself; dragging and double clicks stay the dock's.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QLabel, QToolButton

from ui import icons, theme


class DockTitle(QFrame):
    """Made for one dock, which takes it as its title bar."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._dock = dock
        self.setProperty("surface", "bar")
        self.setFixedHeight(theme.space(7.5))
        name = QLabel(dock.windowTitle())
        name.setProperty("tone", "bar")
        name.setTextFormat(Qt.TextFormat.PlainText)
        self.free = self._button("maximize-2")
        self.free.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self.hide_ = self._button("x")
        self.hide_.clicked.connect(dock.close)
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.space(3), 0, theme.space(1), 0)
        line.setSpacing(0)
        line.addWidget(name, 1)
        line.addWidget(self.free)
        line.addWidget(self.hide_)
        dock.topLevelChanged.connect(self._look)
        self._name(self.hide_, f"Hide {dock.windowTitle()}")
        self._look()

    def _look(self) -> None:
        floats = self._dock.isFloating()
        icons.bind(self.free, "minimize-2" if floats else "maximize-2", "text_muted")
        title = self._dock.windowTitle()
        self._name(self.free, f"Put {title} back into the window" if floats else f"Show {title} in a window of its own")

    @staticmethod
    def _button(sign: str) -> QToolButton:
        button = QToolButton()
        # The View menu does the same for the keyboard: four docks must not put eight stops on the Tab key's way.
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setFixedSize(theme.space(6), theme.space(6))
        icons.bind(button, sign, "text_muted")
        return button

    @staticmethod
    def _name(button: QToolButton, words: str) -> None:
        button.setToolTip(words)
        button.setAccessibleName(words)
