"""About: which version this is, and the licences of what ships with it.

Invariant: licence texts are read from the shipped files, so they can't drift from what is shipped.
"""

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPlainTextEdit, QWidget

from resources import path
from ui import icons, theme
from ui.dialogs.frame import DialogFrame, IconLabel, plain_label

# What, licence, file under resources.
SHIPPED = (
    ("Inter (typeface)", "SIL Open Font License 1.1", "fonts/Inter-LICENSE.txt"),
    ("JetBrains Mono (typeface)", "SIL Open Font License 1.1", "fonts/JetBrainsMono-LICENSE.txt"),
    ("Lucide (icons)", "ISC License", "icons/LICENSE.txt"),
)


class AboutDialog(DialogFrame):
    """`version` is that of the program; `details` are further lines, such as where the profile is."""

    def __init__(self, version: str, details: tuple[str, ...] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent, "Esper fleet console", subtitle=f"Version {version}, on Qt {qVersion()}")
        self.setWindowTitle("About")
        self.resize(560, 480)
        for line in details:
            self.body.addWidget(plain_label(line, "muted", wrap=True))
        self.body.addWidget(
            plain_label(
                "It talks to the tenant's API and to nothing else: no telemetry, no account. "
                "Free software under the MIT licence.",
                wrap=True,
            )
        )
        self.which = QComboBox()
        self.which.setAccessibleName("Licence of")
        for what, licence, file in SHIPPED:
            self.which.addItem(f"{what}: {licence}", file)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setProperty("tone", "mono")
        self.text.setAccessibleName("Licence text")
        row = QHBoxLayout()
        row.setSpacing(theme.space(2))
        row.addWidget(IconLabel("file-text"))
        row.addWidget(self.which, 1)
        self.body.addLayout(row)
        self.body.addWidget(self.text, 1)
        self.which.currentIndexChanged.connect(self._show)
        self.close_button = self.add_cancel("Close", default=True)
        self.setWindowIcon(icons.icon("monitor-smartphone"))
        self._show()
        self.close_button.setFocus()

    def _show(self, *_: object) -> None:
        self.text.setPlainText(path(str(self.which.currentData())).read_text("utf-8"))
