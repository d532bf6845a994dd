"""Notices: said once, counted, gone by themselves only where nothing is lost, never in the way."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui import theme
from ui.notice import SHOWN, Notices, Tone

# What the platform plugin without a screen says of windows and popups.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def notices(qapp: QApplication, qtbot: QtBot) -> Iterator[Notices]:
    theme.apply(qapp, "light")
    stack = Notices()
    qtbot.addWidget(stack)
    # Away from the pointer, which rests at the origin of a screen that is not there.
    stack.move(300, 300)
    yield stack
    stack.clear()


def texts(notices: Notices) -> list[str]:
    return [notice.text for notice in notices.shown]


def test_nothing_to_say_takes_no_room(notices: Notices) -> None:
    assert notices.isHidden()
    notices.say("Done.")
    assert not notices.isHidden()
    notices.shown[0].dismiss()
    assert notices.isHidden()


def test_the_same_text_is_counted_and_not_repeated(notices: Notices) -> None:
    for _ in range(3):
        notices.say("The server asks for fewer requests.", "warning")
    assert texts(notices) == ["The server asks for fewer requests."]
    assert notices.shown[0].times == 3
    assert "said 3 times" in notices.shown[0].accessibleName()


def test_the_same_text_in_another_tone_is_another_message(notices: Notices) -> None:
    notices.say("Reboot finished.", "success")
    notices.say("Reboot finished.", "warning")
    assert len(notices.shown) == 2


@pytest.mark.parametrize("tone", ["info", "success"])
def test_good_news_goes_by_itself(notices: Notices, qtbot: QtBot, tone: Tone) -> None:
    notices.say("Done.", tone, timeout=0.01)
    qtbot.waitUntil(lambda: not notices.shown, timeout=3000)


@pytest.mark.parametrize("tone", ["warning", "error"])
def test_bad_news_stays_until_it_is_closed(notices: Notices, tone: Tone) -> None:
    notice = notices.say("It broke.", tone)
    assert not notice._timer.isActive()
    notice._close.click()
    assert not notices.shown


def test_a_message_under_the_pointer_waits(notices: Notices, qtbot: QtBot) -> None:
    notice = notices.say("Done.", "success", timeout=0.01)
    here = QPointF(1, 1)
    notice.enterEvent(QEnterEvent(here, here, here))
    assert not notice._timer.isActive()
    notice.leaveEvent(QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: not notices.shown, timeout=3000)


def test_the_action_runs_once_and_closes_the_message(notices: Notices) -> None:
    ran: list[int] = []
    notice = notices.say("Reboot finished.", action=("Show", lambda: ran.append(1)))
    notice._button.click()
    assert ran == [1]
    assert not notices.shown


def test_a_full_stack_gives_up_good_news_before_bad(notices: Notices) -> None:
    notices.say("broken", "error")
    for n in range(SHOWN):
        notices.say(f"done {n}", "success")
    assert len(notices.shown) == SHOWN
    assert "broken" in texts(notices)
    assert "done 0" not in texts(notices)


def test_a_message_never_takes_the_focus(notices: Notices, qtbot: QtBot) -> None:
    window, edit = QWidget(), QLineEdit()
    column = QVBoxLayout(window)
    column.addWidget(edit)
    column.addWidget(notices)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    edit.setFocus()
    qtbot.waitUntil(edit.hasFocus, timeout=3000)
    notices.say("broken", "error", ("Open the log", lambda: None))
    assert edit.hasFocus()
    notices.setParent(None)


def test_every_control_has_a_name_and_every_text_is_plain(notices: Notices) -> None:
    notice = notices.say("<b>device</b>", "error", ("Show", lambda: None))
    assert notice.accessibleName() == "Error: <b>device</b>"
    for control in (notice._close, *notice.findChildren(QPushButton)):
        assert control.accessibleName()
    assert notice._label.textFormat() is Qt.TextFormat.PlainText
    assert isinstance(notice._icon, QLabel)
