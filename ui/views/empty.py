"""What stands where nothing is: why, and what to do next.

Invariant: an empty place always says its reason in words, never with the icon alone.
"""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from ui import icons, theme

PICTURE = 32
WIDEST = 360


class EmptyState(QWidget):
    """An icon, a title, a sentence, and at most one button, in the middle of the room there is.

    `action` is emitted by the button, which is there when it has words.
    """

    action = Signal()

    def __init__(self, icon: str, title: str, sentence: str, button: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._picture = QLabel()
        self._title = QLabel()
        self._sentence = QLabel()
        self.button = QPushButton()
        self._title.setProperty("tone", "large")
        self._sentence.setProperty("tone", "muted")
        self._sentence.setWordWrap(True)
        self.button.clicked.connect(self.action)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space(4), theme.space(4), theme.space(4), theme.space(4))
        layout.setSpacing(theme.space(2))
        layout.addStretch(2)
        for label in (self._picture, self._title, self._sentence):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        layout.addWidget(self._picture)
        layout.addWidget(self._title)
        layout.addWidget(self._sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(theme.space(1))
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        theme.changed.connect(self._paint_icon)
        self.show_text(icon, title, sentence, button)

    def show_text(self, icon: str, title: str, sentence: str, button: str = "") -> None:
        """Another reason, and another next step."""
        self._icon = icon
        self._title.setText(title)
        self._title.setWordWrap(True)
        self._sentence.setText(sentence)
        self._fit()
        self.setAccessibleName(f"{title}. {sentence}")
        self.button.setText(button)
        self.button.setVisible(bool(button.strip()))
        self._paint_icon()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.space(30), theme.space(30))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """A box layout gives a wrapped label that is centred the height of its widest self, so it is told its size."""
        wide = self._sentence.fontMetrics().horizontalAdvance(self._sentence.text()) + theme.space(2)
        width = max(min(wide, WIDEST, self.width() - theme.space(8)), theme.space(20))
        # The label never answers for less than its least width, which is still that of the last time.
        self._sentence.setMinimumSize(0, 0)
        self._sentence.setFixedSize(width, max(self._sentence.heightForWidth(width), 0))

    def _paint_icon(self) -> None:
        self._picture.setPixmap(icons.pixmap(self._icon, PICTURE, "text_faint", self.devicePixelRatioF()))
