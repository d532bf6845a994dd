"""The centre of the window on a real copy: filter, group, sets, selection, empty states, table and tree."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.errors import NotAuthorised
from app.records import Device
from tests.gui.views.conftest import NOW, Place, Run, make_devices
from tests.gui.views.waiting import until
from ui.views import devices as module
from ui.views.devices import DevicesPanel


def panel_on(place: Place, qtbot: QtBot) -> DevicesPanel:
    panel = DevicesPanel(place.store, place.health, place.tasks, place.clock)
    qtbot.addWidget(panel)
    panel.resize(790, 600)
    panel.show()
    return panel


def names(panel: DevicesPanel) -> list[str]:
    model = panel.results.model
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_the_filter_narrows_the_rows_and_says_how_many_there_are(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        assert (panel.shown, panel.filter.count) == (40, "40 devices")
        panel.set_query("state:offline")
        assert panel.shown == 14
        assert panel.filter.count == "14 of 40"

    run(scenario)


def test_a_group_shows_its_devices_and_those_of_its_subgroups_under_a_removable_pill(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        told: list[str] = []
        panel.group_changed.connect(told.append)
        panel.set_group("north")
        assert panel.shown == 27
        qtbot.mouseClick(panel.filter.scopes["group"], Qt.MouseButton.LeftButton)
        assert panel.shown == 40
        assert told == ["north", ""]

    run(scenario)


def test_the_only_root_group_means_all_devices(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.set_group("root")
        assert panel.shown == 40
        assert "group" not in panel.filter.scopes

    run(scenario)


def test_an_exact_set_of_devices_replaces_filter_and_group_until_its_pill_is_removed(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.set_group("north")
        panel.set_query("state:online")
        panel.show_ids(["d0003", "d0009", "not known"], "Failed in Reboot")
        assert names(panel) == ["Device 0003", "Device 0009"]
        assert (panel.filter.text(), panel.group_id) == ("", "")
        qtbot.mouseClick(panel.filter.scopes["ids"], Qt.MouseButton.LeftButton)
        assert panel.shown == 40

    run(scenario)


def test_an_empty_set_of_devices_shows_nothing_rather_than_everything(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.show_ids([], "Failed in Reboot")
        assert panel.shown == 0
        assert panel.results.currentWidget() is panel.results.empty

    run(scenario)


def test_the_selection_survives_a_filter_that_hides_it_and_the_strip_says_so(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.set_query("state:offline")
        qtbot.mouseClick(panel.strip.all, Qt.MouseButton.LeftButton)
        assert panel.selection.count == 14
        panel.set_query("state:online")
        assert panel.strip.said.text() == "14 selected (14 not shown by the filter)"
        panel.set_query("")
        assert len(panel.selected_ids()) == 14
        qtbot.mouseClick(panel.strip.clear, Qt.MouseButton.LeftButton)
        assert panel.selection.count == 0

    run(scenario)


def test_without_a_selection_the_current_device_is_what_a_command_means(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        assert panel.selected_ids() == []
        assert panel.show_device("d0007")
        panel.selection.clear()
        assert panel.selected_ids() == ["d0007"]

    run(scenario)


def test_a_sync_adds_rows_and_keeps_current_device_selection_and_place(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.show_device("d0020")
        panel.selection.only([place.store.fleet.row("d0003") or 0])
        before = panel.table.verticalScrollBar().value()
        await place.store.put_devices([Device(id="new", name="Device 9999", state=1)], at=NOW)
        await until(lambda: panel.shown == 41)
        assert panel.current_id == "d0020"
        assert panel.table.current_id == "d0020"
        assert panel.selection.ids() == ["d0003"]
        assert panel.table.verticalScrollBar().value() == before

    run(scenario)


def test_a_sort_by_another_column_orders_the_rows_and_keeps_the_current_device(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.show_device("d0020")
        panel.restore({"table": {**panel.table.state(), "sort": ["battery_level", True]}})
        levels = place.store.fleet.numbers("battery_level")[panel.results.model.rows]
        assert list(levels) == sorted(levels, reverse=True)
        assert panel.current_id == "d0020"

    run(scenario)


def test_the_tree_shows_the_same_devices_and_the_same_selection(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.show_device("d0004")
        panel.selection.only([place.store.fleet.row("d0004") or 0])
        panel.set_mode("tree")
        assert panel.tree.current_device() == "d0004"
        assert panel.selected_ids() == ["d0004"]
        panel.set_query("state:offline")
        assert panel.tree.model().index(0, 0).data() == "All devices (14)"
        panel.set_mode("table")
        assert panel.shown == 14

    run(scenario)


def test_a_click_in_the_tree_selects_one_device_and_a_tick_on_a_group_all_below_it(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.show_device("d0004")
        panel.set_mode("tree")
        tree = panel.tree
        area = tree.visualRect(tree.currentIndex().siblingAtColumn(0))
        name = area.center()
        qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=name)
        assert panel.selection.ids() == ["d0004"]
        south = tree.rows.index_of("south")
        tree.setCurrentIndex(south)
        qtbot.keyClick(tree, Qt.Key.Key_Space)
        assert panel.selection.count == 14
        qtbot.keyClick(tree, Qt.Key.Key_Space)
        assert panel.selection.ids() == ["d0004"]

    run(scenario)


def test_a_device_that_is_hidden_is_shown_by_taking_away_what_hides_it(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.set_group("south")
        panel.set_query("state:offline")
        assert panel.show_device("d0001")
        assert (panel.filter.text(), panel.group_id, panel.current_id) == ("", "", "d0001")
        assert not panel.show_device("not known")

    run(scenario)


def test_nothing_matching_offers_to_clear_the_filter_and_does_so(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.set_query("nosuchdevice")
        assert panel.results.currentWidget() is panel.results.empty
        qtbot.mouseClick(panel.results.empty.button, Qt.MouseButton.LeftButton)
        assert panel.shown == 40
        assert panel.results.currentWidget() is panel.table

    run(scenario)


def test_a_copy_that_was_never_made_offers_to_sync_and_to_sign_in_where_the_key_fails(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        asked: list[str] = []
        panel.sync_wanted.connect(lambda: asked.append("sync"))
        panel.sign_in_wanted.connect(lambda: asked.append("sign in"))
        qtbot.mouseClick(panel.results.empty.button, Qt.MouseButton.LeftButton)
        place.health.failed(NotAuthorised(401))
        qtbot.mouseClick(panel.results.empty.button, Qt.MouseButton.LeftButton)
        assert asked == ["sync", "sign in"]

    run(scenario, synced=False)


def test_the_first_page_of_the_first_sync_takes_the_place_of_the_empty_state(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.set_syncing(True)
        await place.store.put_devices(make_devices(5), at=NOW)
        await until(lambda: panel.shown == 5)
        assert panel.results.currentWidget() is panel.table

    run(scenario, synced=False)


def test_a_very_large_fleet_is_filtered_beside_the_window_and_the_latest_question_wins(
    run: Run, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "INLINE_ROWS", 0)

    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.set_query("state:online")
        panel.set_query("state:offline")
        await until(lambda: panel.shown == 14)
        await until(lambda: len(place.tasks) == 0)
        assert panel.shown == 14

    run(scenario)
