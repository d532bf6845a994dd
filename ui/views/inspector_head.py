"""The top of the inspector: name, alias, state, last seen, and whether the device is gone.

Invariant: the state is said as icon, word and colour together.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.states import DeviceCondition
from ui import text, theme
from ui.icons import pixmap, state_icon
from ui.models.paths import shorten
from ui.views.facts import Values, known

_RING = 4


class InspectorHead(QFrame):
    """Filled from the values of one device; `group_wanted(group id)` when the group is clicked."""

    group_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._condition = ""
        self._group_id = ""
        self._group = ""
        self.name = self._label("large")
        self.name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.name.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.alias = self._label("muted")
        self.mark = QLabel()
        self.mark.setFixedSize(16, 16)
        self.state = QLabel()
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.seen = self._label("muted")
        self.gone = self._label("warning")
        self.gone.setWordWrap(True)
        self.group = QPushButton()
        self.group.setProperty("role", "link")
        self.group.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.group.clicked.connect(lambda: self.group_wanted.emit(self._group_id))
        line = QHBoxLayout()
        line.setSpacing(theme.space(1.5))
        line.addWidget(self.mark)
        line.addWidget(self.state)
        line.addSpacing(theme.space(1))
        line.addWidget(self.seen, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space(4) - _RING, theme.space(3), theme.space(3), theme.space(2))
        layout.setSpacing(theme.space(1))
        # A link has room for its focus ring around it: everything else steps in as far.
        line.setContentsMargins(_RING, 0, 0, 0)
        for label in (self.name, self.alias, self.gone):
            label.setIndent(_RING)
        layout.addWidget(self.name)
        layout.addWidget(self.alias)
        layout.addLayout(line)
        layout.addWidget(self.group)
        layout.addWidget(self.gone)
        theme.changed.connect(self._draw_state)

    @staticmethod
    def _label(tone: str) -> QLabel:
        label = QLabel()
        label.setProperty("tone", tone)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return label

    def show_values(self, values: Values, now: float) -> None:
        """Fills the head from one device; `now` in epoch seconds."""
        self._name = str(values("name") or values("id"))
        self.name.setToolTip(text.plain_tip(self._name))
        alias = str(values("alias") or "")
        self.alias.setText(alias)
        self.alias.setVisible(bool(alias) and alias != self._name)
        gone_at = values("gone_at")
        self._condition = "gone" if known(gone_at) else str(values("condition") or DeviceCondition.UNKNOWN)
        self.state.setText("Gone" if known(gone_at) else text.condition_label(self._condition))
        seen = values("last_seen")
        self.seen.setText(f"Last seen {text.ago(seen, now)}" if known(seen) else "Never seen")
        self.seen.setToolTip(text.absolute(seen) if known(seen) else "The server knows no time at which it reported.")
        self.gone.setVisible(known(gone_at))
        if known(gone_at):
            self.gone.setText(f"The server no longer lists this device. Noticed {text.absolute(gone_at)}.")
        self._group_id, self._group = str(values("group_id") or ""), str(values("group") or "").replace("/", " / ")
        self.group.setVisible(bool(self._group))
        self.group.setToolTip(text.plain_tip(f"Show the devices of {self._group}"))
        self.group.setAccessibleName(f"Show group {self._group}")
        self._draw_state()
        self._elide()

    def _draw_state(self) -> None:
        if self._condition:
            self.mark.setPixmap(pixmap(state_icon(self._condition), 16, self._condition, self.devicePixelRatioF()))
            self.state.setStyleSheet(f"color: {theme.current().colour(self._condition)}; font-weight: 600")

    def _elide(self) -> None:
        width = self.width() - 2 * theme.space(4)
        middle = Qt.TextElideMode.ElideMiddle
        self.name.setText(self.name.fontMetrics().elidedText(self._name, middle, width))
        group = shorten(self._group, self.group.fontMetrics(), width - theme.space(1), between=" / ")
        self.group.setText(group.replace("&", "&&"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()
