"""The group tree: counts, search, selecting, and what it remembers."""

from typing import Any

from PySide6.QtCore import QModelIndex
from pytestqt.qtbot import QtBot

from app.records import Group
from tests.gui.views.conftest import GROUPS, NOW, Place, Run
from ui.views.groups import GroupsPanel


def panel_on(place: Place, qtbot: QtBot) -> GroupsPanel:
    panel = GroupsPanel(place.store)
    qtbot.addWidget(panel)
    panel.resize(240, 500)
    panel.show()
    return panel


def lines(panel: GroupsPanel) -> list[str]:
    """The lines that can be seen, with their counts."""
    found: list[str] = []

    def walk(parent: QModelIndex) -> None:
        for row in range(panel.model.rowCount(parent)):
            index = panel.model.index(row, 0, parent)
            found.append(f"{index.data()} {index.siblingAtColumn(1).data()}")
            if panel.tree.isExpanded(index):
                walk(index)

    walk(QModelIndex())
    return found


def test_it_begins_with_the_root_open_and_counts_with_subgroups(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        assert lines(panel_on(place, qtbot)) == ["All devices 40", "North 27", "South 13"]

    run(scenario)


def test_choosing_a_group_asks_for_its_devices_and_being_told_a_group_does_not(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        asked: list[str] = []
        panel.group_selected.connect(asked.append)
        panel.select("store-2")
        assert (asked, panel.group_id) == ([], "store-2")
        panel.tree.setCurrentIndex(panel.model.index_of("south"))
        assert asked == ["south"]

    run(scenario)


def test_no_group_means_the_only_root(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.select("south")
        panel.select("")
        assert panel.group_id == "root"

    run(scenario)


def test_a_search_opens_the_way_to_what_it_finds_and_gives_the_old_picture_back(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        before = lines(panel)
        panel.search.setText("store 2")
        assert lines(panel) == ["All devices 40", "North 27", "Store 2 & Co 13"]
        panel.search.clear()
        assert lines(panel) == before

    run(scenario)


def test_a_search_that_finds_nothing_says_so(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.search.setText("nowhere")
        assert panel.pages.currentWidget() is panel.empty
        panel.search.clear()
        assert panel.pages.currentWidget() is panel.tree

    run(scenario)


def test_what_is_open_and_current_comes_back_after_a_restart(run: Run, qtbot: QtBot) -> None:
    kept: dict[str, Any] = {}

    async def scenario(place: Place) -> None:
        first = panel_on(place, qtbot)
        first.select("store-1")
        kept.update(first.state())
        second = panel_on(place, qtbot)
        asked: list[str] = []
        second.group_selected.connect(asked.append)
        second.restore({**kept, "expanded": [*kept["expanded"], "no longer there"]})
        assert second.group_id == "store-1"
        assert asked == ["store-1"]
        assert "Store 1 14" in lines(second)

    run(scenario)


def test_a_sync_that_adds_a_group_leaves_open_what_is_open_and_current_what_is_current(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        panel.select("store-2")
        asked: list[str] = []
        panel.group_selected.connect(asked.append)
        await place.store.put_groups((*GROUPS, Group(id="east", name="East", parent_id="root")), at=NOW)
        assert lines(panel)[:2] == ["All devices 40", "East 0"]
        assert "Store 2 & Co 13" in lines(panel)
        assert (panel.group_id, asked) == ("store-2", [])

    run(scenario)


def test_before_the_first_sync_it_says_that_groups_will_come_and_then_shows_them(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        assert panel.pages.currentWidget() is panel.empty
        await place.store.put_groups(GROUPS, at=NOW)
        assert lines(panel) == ["All devices 0", "North 0", "South 0"]
        assert panel.pages.currentWidget() is panel.tree

    run(scenario, synced=False)
