"""The group tree: counts of the copy, filter, and a place that is kept."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeView
from pytestqt.qtbot import QtBot

from app.records import Group
from tests.gui.fleets import devices_of, groups_of, yard
from tests.gui.models.trees import open_all, said, shape, watch
from ui.models.groups import ACCESSIBLE, GROUP_ID, GroupTree


def test_groups_stand_under_their_parents_by_name_with_the_devices_of_all_subgroups(qtbot: QtBot) -> None:
    yd = yard(300)
    model = GroupTree(yd.fleet)
    watch(model)
    open_all(model)
    assert [key for key, _ in shape(model)[0][1]] == ["g-Berlin", "g-Lyon", "g-Porto"]
    assert said(model, "g-root", 1) == "300"
    direct, total = yd.fleet.group_counts()["g-Lyon"]
    assert said(model, "g-Lyon", 1) == str(total)
    assert f"{direct} devices here" in said(model, "g-Lyon", 0, Qt.ItemDataRole.ToolTipRole)
    assert said(model, "g-Lyon", 1, GROUP_ID) == "g-Lyon"
    assert said(model, "g-Lyon", 0, ACCESSIBLE) == f"Lyon, {total} devices"


def test_devices_that_come_touch_only_the_groups_whose_count_changed(qtbot: QtBot) -> None:
    groups = groups_of()
    yd = yard(50, groups)
    model = GroupTree(yd.fleet)
    watch(model)
    open_all(model)
    touched: list[str] = []
    model.dataChanged.connect(lambda top, bottom: touched.append(model.key(top)))
    new = devices_of(51, [group for group in groups if group.id == "g-Porto-3"], seed=3)[50:]
    model.take(yd.put(new))
    assert set(touched) == {"g-root", "g-Porto", "g-Porto-3"}
    assert said(model, "g-root", 1) == "51"


def test_a_renamed_moved_and_a_deleted_group_leave_the_rest_open_and_current(qtbot: QtBot) -> None:
    groups = {group.id: group for group in groups_of()}
    yd = yard(50, list(groups.values()))
    model = GroupTree(yd.fleet)
    watch(model)
    view = QTreeView()
    qtbot.addWidget(view)
    view.setModel(model)
    for key in ("g-root", "g-Lyon", "g-Berlin"):
        view.expand(model.index_of(key))
    view.setCurrentIndex(model.index_of("g-Lyon-2"))
    groups["g-Lyon"] = Group(id="g-Lyon", name="Zürich", parent_id="g-root")
    groups["g-Lyon-2"] = Group(id="g-Lyon-2", name="A first", parent_id="g-Lyon")
    groups["g-Porto-1"] = Group(id="g-Porto-1", name="Store 1", parent_id="g-Berlin")
    del groups["g-Berlin-8"]
    model.take(yd.set_groups(list(groups.values())))
    assert [key for key, _ in shape(model)[0][1]] == ["g-Berlin", "g-Porto", "g-Lyon"]
    assert view.isExpanded(model.index_of("g-Lyon"))
    assert model.key(view.currentIndex()) == "g-Lyon-2"
    assert view.currentIndex().row() == 0
    assert model.key(model.index_of("g-Porto-1").parent()) == "g-Berlin"
    assert not model.index_of("g-Berlin-8").isValid()


def test_a_filter_shows_matches_with_the_groups_above_them_and_gives_everything_back(qtbot: QtBot) -> None:
    yd = yard(50)
    model = GroupTree(yd.fleet)
    watch(model)
    open_all(model)
    everything = shape(model)
    model.filter("store 7")
    open_all(model)
    assert shape(model) == [("g-root", [(f"g-{city}", [(f"g-{city}-7", [])]) for city in ("Berlin", "Lyon", "Porto")])]
    assert set(model.matches()) == {"g-Berlin-7", "g-Lyon-7", "g-Porto-7"}
    model.filter("nothing like it")
    assert shape(model) == []
    model.filter("")
    open_all(model)
    assert shape(model) == everything


@pytest.mark.parametrize("words", ["lyon", "LYON", " lyon "])
def test_a_match_shows_everything_below_it(qtbot: QtBot, words: str) -> None:
    model = GroupTree(yard(50).fleet)
    model.filter(words)
    open_all(model)
    assert len(shape(model)[0][1][0][1]) == 8
