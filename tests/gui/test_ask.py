"""Awaiting dialogs: answers, cancelling, focus, and what Enter may do."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui import ask, loop, theme

T = TypeVar("T")

# What the platform plugin without a screen says of windows and popups.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def run(qapp: QApplication, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Runs `work` on the program's own loop and gives its result."""
    theme.apply(qapp, "light")
    results: list[T] = []

    async def main(app: QApplication) -> None:
        results.append(await work())

    loop.run(main)
    return results[0]


async def shown(kind: type[QDialog] = QDialog) -> QDialog:
    """The dialog of that kind once it is on the screen."""
    for _ in range(300):
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, kind) and widget.isVisible():
                return widget
        await asyncio.sleep(0.01)
    raise AssertionError("no dialog appeared")


def window() -> tuple[QWidget, QLineEdit]:
    parent = QWidget()
    edit = QLineEdit()
    QVBoxLayout(parent).addWidget(edit)
    parent.show()
    parent.activateWindow()
    edit.setFocus()
    return parent, edit


def button(dialog: QDialog, words: str) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == words)


async def both(question: Coroutine[Any, Any, T], act: Callable[[], Coroutine[Any, Any, None]]) -> T:
    return (await asyncio.gather(question, act()))[0]


def test_the_code_of_the_dialog_comes_back(qapp: QApplication) -> None:
    async def work() -> list[int]:
        codes = []
        for end in (QDialog.accept, QDialog.reject):
            dialog = QDialog()

            async def act(dialog: QDialog = dialog, end: Callable[[QDialog], None] = end) -> None:
                await asyncio.sleep(0)
                end(dialog)

            codes.append(await both(ask.ask(dialog), act))
        return codes

    assert run(qapp, work) == [1, 0]


def test_the_focus_returns_to_where_it_was(qapp: QApplication) -> None:
    async def work() -> bool:
        parent, edit = window()
        await asyncio.sleep(0.05)

        async def act() -> None:
            dialog = await shown()
            for _ in range(300):
                if dialog.isActiveWindow():
                    break
                await asyncio.sleep(0.01)
            dialog.reject()

        await both(ask.confirm(parent, "Sure?", "Text", "Go"), act)
        await asyncio.sleep(0.05)
        focused = edit.hasFocus()
        parent.deleteLater()
        return focused

    assert run(qapp, work)


def test_cancelling_the_question_closes_its_dialog(qapp: QApplication) -> None:
    async def work() -> bool:
        question = asyncio.ensure_future(ask.confirm(None, "Sure?", "Text", "Go"))
        await shown()
        question.cancel()
        with pytest.raises(asyncio.CancelledError):
            await question
        return any(isinstance(w, QDialog) and w.isVisible() for w in QApplication.topLevelWidgets())

    assert run(qapp, work) is False


def test_a_dialog_that_goes_with_its_window_is_a_no(qapp: QApplication) -> None:
    async def work() -> bool:
        parent, _ = window()

        async def act() -> None:
            await asyncio.sleep(0.02)
            parent.deleteLater()

        return await both(ask.confirm(parent, "Sure?", "Text", "Go"), act)

    assert run(qapp, work) is False


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape])
def test_no_key_that_slips_in_confirms(qapp: QApplication, key: Qt.Key) -> None:
    async def work() -> bool:
        async def act() -> None:
            QTest.keyClick(await shown(), key)

        return await both(ask.confirm(None, "Sure?", "Text", "Wipe", danger=True), act)

    assert run(qapp, work) is False


def test_only_the_named_button_confirms(qapp: QApplication) -> None:
    async def work() -> bool:
        async def act() -> None:
            button(await shown(), "Cancel sending").click()

        return await both(ask.confirm(None, "Sure?", "Text", "Cancel sending"), act)

    assert run(qapp, work) is True


def test_server_text_in_a_question_is_shown_as_it_is(qapp: QApplication) -> None:
    dialog = ask._Confirmation(None, "<b>x</b>", "<img src=y>", "Go", danger=False)
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in dialog.findChildren(QLabel))
    dialog.deleteLater()


def test_a_file_that_was_picked_comes_back_as_a_path(qapp: QApplication, tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text("name\n")

    async def work() -> Path | None:
        async def act() -> None:
            dialog = await shown(QFileDialog)
            assert isinstance(dialog, QFileDialog)
            dialog.selectFile(str(file))
            await asyncio.sleep(0.05)
            dialog.accept()

        return await both(ask.choose_file(None, "Open", filters=["CSV files (*.csv)"], directory=tmp_path), act)

    assert run(qapp, work) == file


def test_a_file_to_write_gets_the_ending_of_its_kind(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> Path | None:
        async def act() -> None:
            dialog = await shown(QFileDialog)
            await asyncio.sleep(0.05)
            dialog.accept()

        question = ask.save_file(None, "Save", name="fleet", filters=["CSV files (*.csv)"], directory=tmp_path)
        return await both(question, act)

    assert run(qapp, work) == tmp_path / "fleet.csv"


def test_no_file_is_none(qapp: QApplication, tmp_path: Path) -> None:
    async def work() -> Path | None:
        async def act() -> None:
            (await shown(QFileDialog)).reject()

        return await both(ask.choose_file(None, "Open", directory=tmp_path), act)

    assert run(qapp, work) is None
