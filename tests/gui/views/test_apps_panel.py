"""The apps tree: what it shows at once, what it asks for, and what it says when that can't be had."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.errors import Forbidden
from tests.gui.views.conftest import APPS, NOW, VERSIONS, Place, Run
from tests.gui.views.waiting import until
from ui.views.apps import AppsPanel


def panel_on(place: Place, qtbot: QtBot) -> AppsPanel:
    panel = AppsPanel(place.store, place.details, place.health, place.tasks, place.clock)
    qtbot.addWidget(panel)
    panel.resize(300, 500)
    panel.show()
    return panel


def open_version(panel: AppsPanel) -> None:
    panel.tree.expand(panel.model.index_of(("app-1",)))
    panel.tree.expand(panel.model.index_of(("app-1", "v2")))


def below_version(panel: AppsPanel) -> list[str]:
    parent = panel.model.index_of(("app-1", "v2"))
    return [str(panel.model.index(row, 0, parent).data()) for row in range(panel.model.rowCount(parent))]


def test_an_opened_version_says_that_it_loads_and_then_names_its_devices(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        assert place.server.asked == []
        open_version(panel)
        assert below_version(panel) == ["Loading…"]
        await until(lambda: below_version(panel) == ["Device 0001", "d0004"])
        assert place.server.asked == ["installed"]

    run(scenario)


def test_offline_a_version_that_was_never_opened_says_so(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        place.go_offline()
        panel = panel_on(place, qtbot)
        open_version(panel)
        await until(lambda: below_version(panel) == ["Offline, not loaded."])

    run(scenario)


def test_offline_devices_known_from_before_stay_under_a_line_with_their_age(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        await place.details.installed_on("app-1", "v2", refresh=True)
        place.go_offline()
        panel = panel_on(place, qtbot)
        open_version(panel)
        await until(lambda: len(below_version(panel)) == 3)
        assert below_version(panel) == ["Offline. Known from just now.", "Device 0001", "d0004"]

    run(scenario)


def test_a_refusal_is_said_in_the_tree(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        place.server.down = Forbidden(403, "no")
        panel = panel_on(place, qtbot)
        open_version(panel)
        await until(lambda: "may not do that" in below_version(panel)[0])

    run(scenario)


def test_show_devices_hands_over_those_of_a_version_or_of_the_whole_app(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        wanted: list[tuple[list[str], str]] = []
        panel.devices_wanted.connect(lambda ids, label: wanted.append((ids, label)))
        assert not panel.show_devices.isEnabled()
        open_version(panel)
        panel.tree.setCurrentIndex(panel.model.index_of(("app-1", "v2")))
        qtbot.mouseClick(panel.show_devices, Qt.MouseButton.LeftButton)
        await until(lambda: len(wanted) == 1)
        panel.tree.setCurrentIndex(panel.model.index_of(("app-1",)))
        qtbot.mouseClick(panel.show_devices, Qt.MouseButton.LeftButton)
        await until(lambda: len(wanted) == 2)
        assert wanted == [(["d0001", "d0004"], "Kiosk Browser 2.1"), (["d0001", "d0004"], "Kiosk Browser")]

    run(scenario)


def test_show_devices_never_hands_over_a_guess_when_nothing_is_known(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        place.go_offline()
        panel = panel_on(place, qtbot)
        wanted: list[str] = []
        panel.devices_wanted.connect(lambda _ids, label: wanted.append(label))
        panel.tree.setCurrentIndex(panel.model.index_of(("app-1",)))
        qtbot.mouseClick(panel.show_devices, Qt.MouseButton.LeftButton)
        await until(lambda: "not known which devices" in panel.note.text())
        assert wanted == []

    run(scenario)


def test_apps_that_arrive_with_the_first_sync_take_the_place_of_the_empty_state(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        assert panel.pages.currentWidget() is panel.empty
        await place.store.put_apps(APPS, VERSIONS, at=NOW)
        assert panel.pages.currentWidget() is panel.tree
        panel.search.setText("nothing like it")
        assert panel.pages.currentWidget() is panel.empty

    run(scenario, synced=False)


def test_a_narrow_dock_has_one_column_in_which_a_version_is_read_out_with_its_count(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        assert [panel.tree.isColumnHidden(c) for c in range(5)] == [False, True, True, True, True]
        panel.resize(700, 500)
        assert not any(panel.tree.isColumnHidden(c) for c in range(5))

    run(scenario)
