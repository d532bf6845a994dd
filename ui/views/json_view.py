"""The server's own document of a device, pretty printed, read only.

Invariant: the text is the stored document; nothing is added, nothing left out.
"""

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from ui import icons, theme


class _Keys(QSyntaxHighlighter):
    """Sets keys apart from values, so that a long document can be scanned."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        theme.changed.connect(self.rehighlight)

    def highlightBlock(self, line: str) -> None:
        end = line.find('": ')
        if end > 0:
            look = QTextCharFormat()
            look.setForeground(QColor(theme.current().link))
            start = line.index('"')
            self.setFormat(start, end + 1 - start, look)


class JsonView(QWidget):
    """Shows bytes of JSON; `copied(text)` after the document went to the clipboard."""

    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note = QLabel()
        self._note.setProperty("tone", "muted")
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._copy = QToolButton()
        self._copy.setToolTip("Copy the whole document")
        self._copy.setAccessibleName("Copy the whole document")
        icons.bind(self._copy, "copy", "text_muted")
        self._copy.clicked.connect(self._to_clipboard)
        head = QHBoxLayout()
        head.setContentsMargins(theme.space(4), theme.space(2), theme.space(3), theme.space(1))
        head.addWidget(self._note, 1)
        head.addWidget(self._copy)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setFont(theme.mono_font())
        self._text.setProperty("tone", "mono")
        self._text.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName("Document of the device as JSON")
        self._keys = _Keys(self._text.document())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._text, 1)
        self.show_document(b"")

    def show_document(self, raw: bytes) -> None:
        """Shows one document; empty bytes mean that none is stored."""
        try:
            shown = msgspec.json.format(raw, indent=2).decode() if raw else ""
        except (msgspec.DecodeError, UnicodeDecodeError):
            shown = raw.decode("utf-8", "replace")
        self._note.setText("As the server sent it" if shown else "No document is stored for this device.")
        self._copy.setEnabled(bool(shown))
        if shown != self._text.toPlainText():
            self._text.setPlainText(shown)

    def document(self) -> str:
        """What is shown."""
        return self._text.toPlainText()

    def _to_clipboard(self) -> None:
        QGuiApplication.clipboard().setText(self.document())
        self.copied.emit(self.document())
