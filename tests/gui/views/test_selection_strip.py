"""The line under the table: what it says of the selection, and that it never jumps."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.views.selection_strip import SelectionStrip


def test_without_a_selection_no_command_can_be_asked_for_and_the_reason_is_said(qtbot: QtBot) -> None:
    strip = SelectionStrip()
    qtbot.addWidget(strip)
    strip.show_counts(0, 431, 0)
    assert not any(button.isEnabled() for button in strip.commands.values())
    assert strip.commands["REBOOT"].toolTip() == "Restart the selected devices. Select devices first"
    assert strip.said.text() == "Select devices to send them a command"


def test_the_strip_keeps_its_height_when_a_selection_begins(qtbot: QtBot) -> None:
    strip = SelectionStrip()
    qtbot.addWidget(strip)
    strip.show_counts(0, 431, 0)
    before = strip.sizeHint().height(), strip.minimumHeight()
    strip.show_counts(12, 431, 0)
    assert (strip.sizeHint().height(), strip.minimumHeight()) == before


def test_selected_devices_that_the_filter_hides_are_said(qtbot: QtBot) -> None:
    strip = SelectionStrip()
    qtbot.addWidget(strip)
    strip.show_counts(12, 431, 5)
    assert strip.said.text() == "12 selected (5 not shown by the filter)"
    assert strip.all.text() == "Select all 431 matching"


def test_nothing_is_left_to_add_when_everything_matching_is_selected(qtbot: QtBot) -> None:
    strip = SelectionStrip()
    qtbot.addWidget(strip)
    strip.show_counts(431, 431, 0)
    assert strip.all.isHidden()


def test_each_button_asks_for_its_command_and_more_asks_for_a_choice(qtbot: QtBot) -> None:
    strip = SelectionStrip()
    qtbot.addWidget(strip)
    strip.show_counts(2, 5, 0)
    wanted: list[str] = []
    strip.command_wanted.connect(wanted.append)
    for button in strip.commands.values():
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert wanted == ["REBOOT", "UPDATE_HEARTBEAT", ""]
