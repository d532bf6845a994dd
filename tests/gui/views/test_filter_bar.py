"""The filter box: what it emits, how errors are said, how endings are taken, how the pills follow the text."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.store.fleet import Fleet
from ui.views.filter_bar import FilterBar

NOW = 1_790_000_000.0
# The offscreen screen says this of every window that is shown.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")


@pytest.fixture
def bar(qtbot: QtBot) -> FilterBar:
    made = FilterBar(Fleet(), lambda: NOW)
    qtbot.addWidget(made)
    made.resize(780, 80)
    made.show()
    return made


def box_of(bar: FilterBar) -> QLineEdit:
    found = bar.findChild(QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


def heard(bar: FilterBar) -> list[tuple[bool, str]]:
    told: list[tuple[bool, str]] = []
    bar.query_changed.connect(lambda query, text: told.append((query is not None, text)))
    return told


def test_every_readable_text_is_announced_at_once_and_an_empty_one_as_no_filter(bar: FilterBar, qtbot: QtBot) -> None:
    told = heard(bar)
    qtbot.keyClicks(box_of(bar), "ab")
    bar.set_text("")
    assert told == [(True, "a"), (True, "ab"), (False, "")]


def test_a_text_that_cannot_be_read_keeps_the_last_good_filter(bar: FilterBar) -> None:
    bar.set_text("blue")
    told = heard(bar)
    bar.set_text("nonsense:1")
    assert told == []
    assert bar.query() is not None
    assert bar.error


def test_the_error_says_where_and_what_is_allowed_and_waits_for_a_pause_in_typing(bar: FilterBar, qtbot: QtBot) -> None:
    qtbot.keyClicks(box_of(bar), "state:purple")
    assert bar.error == ""
    qtbot.waitUntil(lambda: bool(bar.error), timeout=3000)
    assert "At character" in bar.error
    assert "online" in bar.error
    assert box_of(bar).property("invalid") is True


def test_the_error_goes_as_soon_as_the_text_can_be_read(bar: FilterBar) -> None:
    bar.set_text("state:purple")
    assert bar.error
    bar.set_text("state:online")
    assert bar.error == ""
    assert box_of(bar).property("invalid") is False


def test_the_bar_keeps_its_height_when_an_error_comes(bar: FilterBar) -> None:
    before = bar.sizeHint().height()
    bar.set_text("state:purple")
    assert bar.sizeHint().height() == before


def test_a_pill_puts_its_term_into_the_text_and_takes_it_out_again(bar: FilterBar, qtbot: QtBot) -> None:
    online, offline = bar.chips[0], bar.chips[1]
    bar.set_text("blue")
    qtbot.mouseClick(online, Qt.MouseButton.LeftButton)
    assert bar.text() == "blue state:online"
    assert online.isChecked()
    qtbot.mouseClick(online, Qt.MouseButton.LeftButton)
    assert bar.text() == "blue"
    assert not online.isChecked()
    assert not offline.isChecked()


def test_the_online_and_the_offline_pill_take_each_others_place(bar: FilterBar, qtbot: QtBot) -> None:
    online, offline = bar.chips[0], bar.chips[1]
    qtbot.mouseClick(online, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(offline, Qt.MouseButton.LeftButton)
    assert bar.text() == "state:offline"


def test_escape_closes_the_endings_first_and_clears_the_text_then(bar: FilterBar, qtbot: QtBot) -> None:
    box = box_of(bar)
    qtbot.keyClicks(box, "sta")
    assert bar.suggestions.isVisible()
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert not bar.suggestions.isVisible()
    assert bar.text() == "sta"
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert bar.text() == ""


def test_tab_takes_the_first_ending_and_offers_the_values_of_the_field(bar: FilterBar, qtbot: QtBot) -> None:
    box = box_of(bar)
    qtbot.keyClicks(box, "sta")
    qtbot.keyClick(box, Qt.Key.Key_Tab)
    assert bar.text() == "state:"
    assert bar.suggestions.isVisible()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert bar.text() == "state:online "
    assert not bar.suggestions.isVisible()


def test_return_without_a_chosen_ending_goes_to_the_results(bar: FilterBar, qtbot: QtBot) -> None:
    asked: list[bool] = []
    bar.results_wanted.connect(lambda: asked.append(True))
    qtbot.keyClicks(box_of(bar), "sta")
    qtbot.keyClick(box_of(bar), Qt.Key.Key_Return)
    assert asked == [True]
    assert bar.text() == "sta"


def test_a_value_that_is_complete_is_not_offered_again(bar: FilterBar, qtbot: QtBot) -> None:
    qtbot.keyClicks(box_of(bar), "state:online")
    assert not bar.suggestions.isVisible()


def test_the_count_says_how_many_of_the_whole_are_shown(bar: FilterBar) -> None:
    bar.set_count(431, 2000)
    assert bar.count == "431 of 2,000"
    bar.set_count(2000, 2000)
    assert bar.count == "2,000 devices"


def test_a_scope_is_a_pill_that_can_be_removed(bar: FilterBar, qtbot: QtBot) -> None:
    removed: list[str] = []
    bar.scope_removed.connect(removed.append)
    bar.set_scope("group", "Store & Co")
    chip = bar.scopes["group"]
    assert chip.text() == "Store && Co"
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert removed == ["group"]
    bar.set_scope("group", "")
    assert bar.scopes == {}
