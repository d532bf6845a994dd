"""The page without a tenant: the demo fleet, a sign-in, and the tenants this computer knows.

Invariant: it works without a network; a known tenant opens from its copy.
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.settings import Tenant
from ui import icons, theme

_WIDTH = 540


class Welcome(QWidget):
    """Emits what the user wants to open; `set_tenants` fills the list of known ones."""

    demo_wanted = Signal()
    sign_in_wanted = Signal()
    tenant_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._pictures: dict[QLabel, str] = {}
        title = QLabel("Fleet console")
        title.setProperty("tone", "title")
        lead = QLabel("Browse a device fleet, send commands to the right devices, and follow every one to its end.")
        lead.setProperty("tone", "muted")
        lead.setWordWrap(True)
        self.demo = self._choice(
            "play", "Open the demo fleet", "A simulated fleet on this computer. No account, nothing real is touched."
        )
        self.demo.clicked.connect(self.demo_wanted)
        self.sign_in = self._choice(
            "key-round",
            "Sign in to a tenant",
            "With the tenant's name and an API key. The key stays in your key store.",
        )
        self.sign_in.clicked.connect(self.sign_in_wanted)
        self._known_title = QLabel("Known tenants")
        self._known_title.setProperty("tone", "heading")
        self._known = QVBoxLayout()
        self._known.setSpacing(theme.space(1))
        self.busy = QLabel()
        self.busy.setProperty("tone", "muted")
        self.busy.setTextFormat(Qt.TextFormat.PlainText)
        # Its place is kept, so that nothing moves when something is under way.
        self.busy.setFixedHeight(theme.space(6))
        card = QWidget()
        card.setFixedWidth(_WIDTH)
        column = QVBoxLayout(card)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        for widget in (title, lead):
            column.addWidget(widget)
        column.addSpacing(theme.space(4))
        column.addWidget(self.demo)
        column.addWidget(self.sign_in)
        column.addWidget(self.busy)
        column.addWidget(self._known_title)
        column.addLayout(self._known)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addLayout(row)
        layout.addStretch(3)
        self.set_tenants([])
        # A method of its own, since Qt forgets those of a widget that is gone.
        theme.changed.connect(self._paint)
        self._paint()

    def _choice(self, sign: str, title: str, sentence: str) -> QPushButton:
        button = QPushButton()
        button.setProperty("role", "choice")
        button.setAccessibleName(title)
        button.setAccessibleDescription(sentence)
        button.setMinimumHeight(theme.space(16))
        picture = QLabel()
        picture.setFixedWidth(theme.space(7))
        self._pictures[picture] = sign
        name, words = QLabel(title), QLabel(sentence)
        name.setProperty("tone", "heading")
        words.setProperty("tone", "muted")
        words.setWordWrap(True)
        texts = QVBoxLayout()
        texts.setSpacing(theme.space(0.5))
        texts.addWidget(name)
        texts.addWidget(words)
        row = QHBoxLayout(button)
        row.setContentsMargins(theme.space(4), theme.space(2), theme.space(4), theme.space(2))
        row.setSpacing(theme.space(3))
        row.addWidget(picture)
        row.addLayout(texts, 1)
        for label in (picture, name, words):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        return button

    def _paint(self) -> None:
        for picture, sign in self._pictures.items():
            picture.setPixmap(icons.pixmap(sign, 22, "accent", self.devicePixelRatio()))

    def set_tenants(self, tenants: Sequence[Tenant]) -> None:
        """Lists the tenants whose copies are on this computer."""
        while (item := self._known.takeAt(0)) is not None:
            widget = item.widget()
            if isinstance(widget, QFrame | QPushButton):
                widget.deleteLater()
        for tenant in tenants:
            label = tenant.enterprise_name or tenant.name
            button = QPushButton(label.replace("&", "&&"))
            button.setProperty("role", "quiet")
            button.setAccessibleName(f"Open {label}")
            icons.bind(button, "building-2", "text_muted")
            button.clicked.connect(lambda _=False, key=tenant.key: self.tenant_wanted.emit(key))
            self._known.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._known_title.setVisible(bool(tenants))

    def set_busy(self, sentence: str) -> None:
        """Says what is under way, and keeps the buttons from being pressed twice; empty ends it."""
        self.busy.setText(sentence)
        known = [self._known.itemAt(place) for place in range(self._known.count())]
        for button in (self.demo, self.sign_in, *(item.widget() for item in known if item is not None)):
            if button is not None:
                button.setEnabled(not sentence)
