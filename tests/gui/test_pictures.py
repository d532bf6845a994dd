"""Pictures: the window with what stands above it, saved as it is drawn."""

from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow
from pytestqt.qtbot import QtBot

from ui import pictures, theme


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> QMainWindow:
    theme.apply(qapp, "light")
    made = QMainWindow()
    qtbot.addWidget(made)
    made.resize(800, 500)
    made.show()
    return made


def dialog_on(window: QMainWindow, qtbot: QtBot) -> QDialog:
    dialog = QDialog(window)
    qtbot.addWidget(dialog)
    dialog.setStyleSheet("background: #ff0000;")
    dialog.setFixedSize(200, 100)
    dialog.move(window.pos().x() + 50, window.pos().y() + 40)
    dialog.show()
    return dialog


def test_a_picture_without_a_dialog_is_the_window_as_it_is(window: QMainWindow) -> None:
    assert pictures.take(window).toImage() == window.grab().toImage()


def test_a_dialog_stands_in_the_picture_where_it_stands_on_the_screen_above_a_dimmed_window(
    window: QMainWindow, qtbot: QtBot
) -> None:
    bright = window.grab().toImage().pixelColor(790, 490)
    dialog = dialog_on(window, qtbot)
    at = window.mapFromGlobal(dialog.mapToGlobal(dialog.rect().center()))
    image = pictures.take(window).toImage()
    assert image.pixelColor(at) == QColor("#ff0000")
    assert image.pixelColor(790, 490).lightness() < bright.lightness()


def test_a_dialog_beyond_the_window_is_drawn_in_its_middle(window: QMainWindow, qtbot: QtBot) -> None:
    dialog_on(window, qtbot).move(window.pos().x() + 700, window.pos().y() + 450)
    image = pictures.take(window).toImage()
    assert image.pixelColor(400, 250) == QColor("#ff0000")


def test_a_hidden_dialog_leaves_no_trace(window: QMainWindow, qtbot: QtBot) -> None:
    dialog_on(window, qtbot).hide()
    assert pictures.take(window).toImage() == window.grab().toImage()


def test_what_is_saved_is_a_png_of_the_same_pixels_in_folders_made_on_the_way(tmp_path: Path) -> None:
    picture = QPixmap(30, 20)
    picture.fill(QColor("#123456"))
    file = tmp_path / "a" / "b" / "one.png"
    pictures.save(picture, file)
    assert file.read_bytes().startswith(b"\x89PNG")
    found = QImage(str(file))
    assert (found.width(), found.height(), found.pixelColor(3, 3)) == (30, 20, QColor("#123456"))


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    picture = QPixmap(3, 2)
    picture.fill(QColor("#123456"))
    with pytest.raises(OSError, match="taken"):
        pictures.save(picture, tmp_path / "taken")
