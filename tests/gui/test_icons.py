"""Icons: shipped, tinted, crisp, and different in shape for different states."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.states import DeviceCondition, TargetState
from resources import path
from ui import icons, theme

NAMES = sorted(file.stem for file in path("icons").glob("*.svg"))


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> object:
    theme.apply(qapp, "light")
    yield
    theme.apply(qapp, "light")


def inked(image: QImage, colour: str) -> bool:
    """Whether something is drawn, and every opaque point of it has the colour, rounding aside."""
    wanted = QColor(colour)
    places = ((x, y) for x in range(image.width()) for y in range(image.height()))
    points = [c for x, y in places if (c := image.pixelColor(x, y)).alpha() == 255]
    pairs = [((c.red(), wanted.red()), (c.green(), wanted.green()), (c.blue(), wanted.blue())) for c in points]
    return bool(points) and all(abs(got - want) <= 3 for pair in pairs for got, want in pair)


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_icon_is_drawn_in_one_colour(name: str) -> None:
    assert inked(icons.pixmap(name, 48, "danger").toImage(), theme.current().danger)


@pytest.mark.parametrize("state", [*DeviceCondition, *TargetState, "gone"])
def test_every_state_has_an_icon_of_its_own_that_is_shipped(state: str) -> None:
    assert icons.state_icon(state) in NAMES
    others = [s for s in icons.STATE_ICONS if s != state and icons.STATE_ICONS[s] == icons.state_icon(state)]
    assert not others


def test_a_state_nobody_knows_gets_a_question_mark() -> None:
    assert icons.state_icon("Command Teleported") == "circle-question-mark"


def test_a_picture_for_a_fine_screen_has_twice_the_points_and_the_same_size() -> None:
    picture = icons.pixmap("search", 16, scale=2.0)
    assert picture.size() == QSize(32, 32)
    assert picture.deviceIndependentSize().toSize() == QSize(16, 16)


def test_an_icon_has_a_disabled_picture_in_the_disabled_colour() -> None:
    image = icons.icon("power", "danger").pixmap(QSize(24, 24), QIcon.Mode.Disabled).toImage()
    assert inked(image, theme.current().text_disabled)


def test_a_bound_icon_follows_the_theme_and_dies_with_its_target(qapp: QApplication, qtbot: QtBot) -> None:
    button = QPushButton()
    icons.bind(button, "square", "text")
    theme.apply(qapp, "dark")
    assert inked(button.icon().pixmap(24).toImage(), theme.tokens("dark").text)
    button.deleteLater()
    qtbot.waitUntil(lambda: not _alive(button))
    theme.apply(qapp, "light")


def test_binding_twice_leaves_the_second_icon(qapp: QApplication) -> None:
    action = QAction()
    icons.bind(action, "square", "danger")
    icons.bind(action, "square", "success")
    theme.apply(qapp, "dark")
    assert inked(action.icon().pixmap(24).toImage(), theme.tokens("dark").success)


def test_a_name_that_is_not_shipped_is_an_error_at_once() -> None:
    with pytest.raises(FileNotFoundError):
        icons.icon("no-such-icon")


def _alive(widget: QPushButton) -> bool:
    try:
        widget.objectName()
    except RuntimeError:
        return False
    return True
