"""The window: what a session leaves behind in it, its arrangement, its notices, and that closing it only asks."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.settings import Tenant
from tests.gui.conftest import Play
from tests.gui.stage import Stage, followers_of_theme, objects
from tests.sandbox import Sandbox
from ui import theme
from ui.guide import until
from ui.window import MainWindow

SMALL_LAPTOP = (1366, 768)


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    theme.apply(qapp, "light")
    made = MainWindow("Fleet console")
    made.resize(*SMALL_LAPTOP)
    made.show()
    yield made
    made.finish()
    made.deleteLater()


def test_without_a_tenant_it_shows_the_welcome_page_and_nothing_else(window: MainWindow) -> None:
    assert window.welcome.isVisible()
    assert not any(dock.isVisible() for dock in window.docks.values())
    assert not window.statusBar().isVisible()
    assert window.windowTitle() == "Fleet console"


def test_closing_it_only_asks_until_it_is_told_to_finish(window: MainWindow) -> None:
    asked: list[bool] = []
    window.close_wanted.connect(lambda: asked.append(True))
    assert not window.close()
    assert window.isVisible()
    assert asked == [True]
    window.finish()
    assert not window.isVisible()
    assert asked == [True]


def test_the_window_comes_back_where_and_as_large_as_it_was(window: MainWindow) -> None:
    # The screen without a screen is 800 px wide, and no window is brought back larger than its screen.
    window.resize(960, 700)
    kept = window.place()
    window.resize(960, 650)
    window.restore_place(kept)
    assert (window.width(), window.height()) == (960, 700)


@pytest.mark.parametrize("state", [{}, {"geometry": "%%%"}, {"geometry": 5}, {"geometry": "QUJD"}], ids=repr)
def test_without_a_place_to_return_to_it_fits_a_small_laptop(window: MainWindow, state: dict[str, object]) -> None:
    window.resize(1000, 650)
    window.restore_place(state)
    assert (window.width(), window.height()) == SMALL_LAPTOP


def test_a_session_that_ended_leaves_no_panel_timer_object_or_follower_of_the_theme(
    play: Play, sandbox: Sandbox
) -> None:
    async def scenario(stage: Stage) -> None:
        window = stage.console.window
        counts = []
        for _ in range(4):
            await stage.enter(sandbox)
            stage.panels.inspector.show_device(stage.session.fleet.id(0))
            panels = vars(stage.panels).values()
            await stage.console.opening.leave()
            await stage.settle()
            assert not any(isValid(panel) for panel in panels)
            window.notices.clear()
            await stage.settle()
            counts.append((objects(window), len(window.findChildren(QTimer)), followers_of_theme()))
        assert counts[3] == counts[2] == counts[1]

    play(scenario)


def test_the_title_and_the_stripe_tell_the_tenant_as_long_as_it_is_open(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        window = stage.console.window
        tenant = Tenant(key="one", name="one", url="http://127.0.0.1:9/api", enterprise_id="e", colour="#7a3fd4")
        await stage.console.opening.open(tenant, "")
        assert window.windowTitle() == "one · Fleet console"
        assert "#7a3fd4" in window.stripe.styleSheet()
        assert window.statusBar().isVisible()
        await stage.console.opening.leave()
        assert window.windowTitle() == "Fleet console"
        assert window.stripe.styleSheet() == ""

    play(scenario)


def test_hidden_docks_come_back_with_their_key_and_with_a_reset(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        tenant = Tenant(key="one", name="one", url="http://127.0.0.1:9/api", enterprise_id="e")
        await stage.console.opening.open(tenant, "")
        actions, docks = stage.console.window.actions_, stage.console.window.docks
        for name in docks:
            actions.trigger(f"view.{name}")
            assert docks[name].isHidden()
            assert not actions.qt(f"view.{name}").isChecked()
        actions.trigger("view.jobs")
        assert not docks["jobs"].isHidden()
        actions.trigger("view.reset")
        assert not any(dock.isHidden() for dock in docks.values())

    play(scenario)


def test_the_default_arrangement_fits_a_small_laptop(play: Play, sandbox: Sandbox) -> None:
    async def scenario(stage: Stage) -> None:
        window = stage.console.window
        window.resize(*SMALL_LAPTOP)
        await stage.enter(sandbox)
        window.default_layout()
        await stage.settle()
        assert (window.width(), window.height()) == SMALL_LAPTOP
        assert stage.panels.devices.width() > window.width() / 2
        assert stage.panels.devices.table.viewport().height() > 10 * theme.row_height()

    play(scenario)


def test_notices_stay_inside_the_window_and_off_the_selection_strip(play: Play, sandbox: Sandbox) -> None:
    async def scenario(stage: Stage) -> None:
        window = stage.console.window
        await stage.enter(sandbox)
        stage.select(3)
        for n in range(4):
            stage.console.say(f"Notice {n}: " + "a long sentence that has to be wrapped " * 3, "warning", ("Do", int))
        await until(lambda: len(window.notices.shown) == 4 and window.notices.height() > 100, "no notices")
        await stage.settle()
        window.place_notices()
        area, centre = window.notices.geometry(), window.notices.parentWidget()
        assert centre is not None
        assert centre.rect().contains(area)
        strip = stage.panels.devices.strip
        top = strip.mapTo(centre, strip.rect().topLeft()).y()
        assert area.bottom() < top

    play(scenario)
