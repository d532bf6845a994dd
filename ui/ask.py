"""Awaiting a dialog: `open()` and a future, never a nested event loop.

Invariant: when a question is over, answered or cancelled, its dialog is closed and the focus is back where it was.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from ui import theme

_ACTIVE = Qt.ApplicationState.ApplicationActive


async def ask(dialog: QDialog) -> int:
    """Shows `dialog` window-modal and gives its result code (QDialog.DialogCode) once it is closed.

    Cancelling the awaiting task closes the dialog. The dialog is deleted afterwards: read the answer from plain
    attributes that it set when it was accepted. A dialog that vanishes with its parent counts as rejected.
    """
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    before = QApplication.focusWidget()

    def finished(code: int) -> None:
        if not answer.done():
            answer.set_result(code)

    def vanished(_object: QObject | None = None) -> None:
        finished(QDialog.DialogCode.Rejected.value)

    dialog.finished.connect(finished)
    dialog.destroyed.connect(vanished)
    dialog.open()
    try:
        return await answer
    finally:
        if isValid(dialog):
            dialog.finished.disconnect(finished)
            dialog.destroyed.disconnect(vanished)
            if dialog.isVisible():
                dialog.reject()
            dialog.deleteLater()
        if before is not None and isValid(before):
            # Some window systems leave no window active after a dialog; another program's window is left alone.
            if QApplication.activeWindow() is None and QApplication.applicationState() is _ACTIVE:
                before.window().activateWindow()
            before.setFocus(Qt.FocusReason.OtherFocusReason)


class _Confirmation(QDialog):
    """One question with two buttons. Cancel is the default, so Enter does nothing that can't be taken back."""

    def __init__(self, parent: QWidget | None, title: str, text: str, action: str, danger: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        heading, sentence = QLabel(title), QLabel(text)
        heading.setProperty("tone", "large")
        for label in (heading, sentence):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        heading.setMinimumWidth(360)
        sentence.setMaximumWidth(480)
        buttons = QDialogButtonBox(self)
        cancel = buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        go = QPushButton(action)
        go.setProperty("role", "danger" if danger else "primary")
        buttons.addButton(go, QDialogButtonBox.ButtonRole.AcceptRole)
        for button in (cancel, go):
            button.setAutoDefault(False)
            button.setAccessibleName(button.text())
        cancel.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space(5), theme.space(5), theme.space(5), theme.space(4))
        column.setSpacing(theme.space(2))
        column.addWidget(heading)
        column.addWidget(sentence)
        column.addSpacing(theme.space(3))
        column.addWidget(buttons)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        cancel.setFocus()


async def confirm(parent: QWidget | None, title: str, text: str, action: str, *, danger: bool = False) -> bool:
    """True when the user chose `action`, the text of the button. Closing, Escape and Enter are all a no."""
    return await ask(_Confirmation(parent, title, text, action, danger)) == QDialog.DialogCode.Accepted.value


async def choose_file(
    parent: QWidget | None, title: str, *, filters: Sequence[str] = (), directory: Path | None = None
) -> Path | None:
    """An existing file the user picked, or None. `filters` as Qt writes them: `CSV files (*.csv)`."""
    return await _file(parent, title, QFileDialog.AcceptMode.AcceptOpen, filters, directory, "")


async def save_file(
    parent: QWidget | None, title: str, *, name: str = "", filters: Sequence[str] = (), directory: Path | None = None
) -> Path | None:
    """Where to write, or None. The dialog itself asks before an existing file is replaced; `name` is proposed."""
    return await _file(parent, title, QFileDialog.AcceptMode.AcceptSave, filters, directory, name)


async def _file(
    parent: QWidget | None,
    title: str,
    mode: QFileDialog.AcceptMode,
    filters: Sequence[str],
    directory: Path | None,
    name: str,
) -> Path | None:
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(mode)
    saving = mode is QFileDialog.AcceptMode.AcceptSave
    dialog.setFileMode(QFileDialog.FileMode.AnyFile if saving else QFileDialog.FileMode.ExistingFile)
    if filters:
        dialog.setNameFilters(list(filters))
        ending = filters[0].rpartition("*.")[2].rstrip(")")
        if saving and ending.isalnum():
            dialog.setDefaultSuffix(ending)
    if directory is not None:
        dialog.setDirectory(str(directory))
    if name:
        dialog.selectFile(name)
    chosen: list[str] = []
    dialog.filesSelected.connect(chosen.extend)
    code = await ask(dialog)
    return Path(chosen[0]) if code == QDialog.DialogCode.Accepted.value and chosen else None
