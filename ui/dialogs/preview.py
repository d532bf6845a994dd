"""The request as it would go out, as JSON or curl, to read and to copy.

Invariant: shows only what `request_text` gives, which holds no secret and no key.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.commands.request import MOST_DEVICES, batches
from ui import icons, theme
from ui.dialogs import request_text
from ui.dialogs.frame import plain_label


class RequestPreview(QWidget):
    """The first batch in full, and how many there are."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._request: tuple[str, Mapping[str, Any], Sequence[str]] | None = None
        self.json, self.curl = QRadioButton("JSON"), QRadioButton("curl")
        group = QButtonGroup(self)
        for number, button in enumerate((self.json, self.curl)):
            group.addButton(button, number)
            button.setAccessibleName(f"Show the request as {button.text()}")
        self.json.setChecked(True)
        self.copy = QPushButton("Copy")
        self.copy.setAutoDefault(False)
        self.copy.setAccessibleName("Copy the request")
        icons.bind(self.copy, "copy")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setProperty("tone", "mono")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName("Request")
        self.text.setTabChangesFocus(True)
        self.note = plain_label("", "muted", wrap=True)
        top = QHBoxLayout()
        top.setSpacing(theme.space(4))
        top.addWidget(self.json)
        top.addWidget(self.curl)
        top.addStretch(1)
        top.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        column.addLayout(top)
        column.addWidget(self.text, 1)
        column.addWidget(self.note)
        group.idToggled.connect(lambda _, on: self._show() if on else None)
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text.toPlainText()))

    def show_request(self, command: str, args: Mapping[str, Any], devices: Sequence[str]) -> None:
        """Takes over what the form says now; without devices there is nothing to show."""
        self._request = (command, args, devices)
        self._show()

    def _show(self) -> None:
        if self._request is None:
            return
        command, args, devices = self._request
        every = list(batches(devices))
        self.copy.setEnabled(bool(every))
        if not every:
            self.text.setPlainText("")
            self.note.setText("No device is left to send to.")
            return
        if self.curl.isChecked():
            self.text.setPlainText(request_text.as_curl(self._url, command, args, every[0]))
        else:
            self.text.setPlainText(request_text.as_json(command, args, every[0]))
        parts = f"This is the first of {len(every):,} requests: each takes at most {MOST_DEVICES} devices. "
        self.note.setText(
            (parts if len(every) > 1 else "") + "Each request gets its own alias when it is sent. Secrets are hidden."
        )
