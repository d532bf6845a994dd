"""Actions as records: what a disabled one says, what runs, and what menus, tooltips and the sheet read of it."""

from dataclasses import dataclass, field

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ui.actions import Action, Actions

REASON = "Select at least one device."


@dataclass
class Desk:
    """Two menus; what ran; why `do` can't run now; whether `tick` is ticked."""

    window: QMainWindow = field(default_factory=QMainWindow)
    ran: list[str] = field(default_factory=list)
    reason: str = ""
    ticked: bool = False

    def __post_init__(self) -> None:
        self.actions = Actions(self.window, ("&File", "&View"))
        self.actions.add(
            [
                Action("do", "&Do it…", "File", lambda: self.ran.append("do"), "play", ("Ctrl+D",), lambda: self.reason, section="a"),
                Action("also", "Also", "File", lambda: self.ran.append("also"), "info", section="a"),
                Action("other", "Other", "File", lambda: self.ran.append("other"), "info", section="b"),
                Action("tick", "Tick", "View", self.tick, "check", ("Ctrl+1", "F2"), checked=lambda: self.ticked),
            ]
        )  # fmt: skip

    def tick(self) -> None:
        self.ticked = not self.ticked


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    made = Desk()
    qtbot.addWidget(made.window)
    return made


def test_an_enabled_action_shows_its_words_and_keys_and_no_reason(desk: Desk) -> None:
    action = desk.actions.qt("do")
    assert action.isEnabled()
    keys = QKeySequence("Ctrl+D").toString(QKeySequence.SequenceFormat.NativeText)
    assert action.toolTip() == f"Do it ({keys})"
    assert action.statusTip() == ""


def test_a_disabled_action_says_why_in_tooltip_and_status_tip(desk: Desk) -> None:
    desk.reason = REASON
    desk.actions.refresh()
    action = desk.actions.qt("do")
    assert not action.isEnabled()
    assert action.toolTip().startswith(REASON)
    assert action.statusTip() == REASON
    assert desk.actions.reason("do") == REASON


@pytest.mark.parametrize("way", ["trigger", "menu", "stale menu"])
def test_no_handler_of_a_disabled_action_runs_whichever_way_it_is_asked_for(desk: Desk, way: str) -> None:
    desk.reason = REASON
    if way == "trigger":
        desk.actions.trigger("do")
    elif way == "menu":
        desk.actions.refresh()
        desk.actions.qt("do").trigger()
    else:
        # The menu still shows it as enabled: the reason came up after it was painted.
        assert desk.actions.qt("do").isEnabled()
        desk.actions.qt("do").trigger()
    assert desk.ran == []
    assert not desk.actions.qt("do").isEnabled()


def test_an_action_runs_once_and_is_enabled_again_when_its_reason_is_gone(desk: Desk) -> None:
    desk.reason = REASON
    desk.actions.refresh()
    desk.reason = ""
    desk.actions.menu("File").aboutToShow.emit()
    desk.actions.qt("do").trigger()
    assert desk.ran == ["do"]
    assert desk.actions.qt("do").statusTip() == ""


def test_a_tick_shows_what_holds_after_the_handler_ran(desk: Desk) -> None:
    action = desk.actions.qt("tick")
    assert action.isCheckable()
    assert not action.isChecked()
    action.trigger()
    assert action.isChecked()
    desk.ticked = False
    desk.actions.refresh()
    assert not action.isChecked()


def test_a_line_stands_between_the_sections_of_a_menu_and_nowhere_else(desk: Desk) -> None:
    shape = ["-" if a.isSeparator() else a.objectName() for a in desk.actions.menu("File").actions()]
    assert shape == ["do", "also", "-", "other"]


def test_the_sheet_lists_exactly_the_actions_with_keys_and_all_their_keys(desk: Desk) -> None:
    native = QKeySequence.SequenceFormat.NativeText
    assert desk.actions.shortcuts() == [
        ("File", "Do it", QKeySequence("Ctrl+D").toString(native)),
        ("View", "Tick", ", ".join(QKeySequence(key).toString(native) for key in ("Ctrl+1", "F2"))),
    ]


def test_every_menu_shows_the_tooltips_of_its_actions(desk: Desk) -> None:
    assert all(desk.actions.menu(title).toolTipsVisible() for title in ("File", "View"))
