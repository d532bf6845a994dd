"""The title of a dock frees it, puts it back and hides it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow
from pytestqt.qtbot import QtBot

from ui.views.dock_title import DockTitle


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    made = QMainWindow()
    qtbot.addWidget(made)
    return made


def docked(window: QMainWindow) -> tuple[QDockWidget, DockTitle]:
    dock = QDockWidget("Jobs", window)
    title = DockTitle(dock)
    dock.setTitleBarWidget(title)
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
    window.show()
    return dock, title


def test_a_dock_goes_into_a_window_of_its_own_and_comes_back_and_the_button_says_which(window: QMainWindow) -> None:
    dock, title = docked(window)
    assert title.free.accessibleName() == "Show Jobs in a window of its own"
    title.free.click()
    assert dock.isFloating()
    assert title.free.accessibleName() == "Put Jobs back into the window"
    title.free.click()
    assert not dock.isFloating()


def test_the_cross_hides_the_dock(window: QMainWindow) -> None:
    dock, title = docked(window)
    title.hide_.click()
    assert dock.isHidden()
