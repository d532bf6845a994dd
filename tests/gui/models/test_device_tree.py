"""The devices by group: each once, in the order of the table, with the table's selection."""

import random

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeView
from pytestqt.qtbot import QtBot

from app.records import Device
from tests.gui.fleets import NOW, devices_of, groups_of, yard
from tests.gui.models.trees import open_all, said, shape, watch
from ui.models.columns import device_columns
from ui.models.device_tree import CHECK, DEVICE_ID, NO_GROUP, DeviceTree
from ui.models.selection import Selection

COLUMNS = device_columns(lambda: NOW)[:6]


def test_every_device_stands_once_under_its_own_group_in_the_order_given(qtbot: QtBot) -> None:
    yd = yard(60)
    model = DeviceTree(yd.fleet, columns=COLUMNS)
    watch(model)
    rows = yd.fleet.select(sort=(("serial", True),))
    model.set_rows(rows)
    open_all(model)
    seen = [key for key in model.known_keys() if isinstance(key, int)]
    assert sorted(seen) == list(range(60))
    for row in seen:
        assert model.key(model.index_of(row).parent()) == yd.fleet.value("group_id", row)
    lyon = [row for row in rows.tolist() if yd.fleet.value("group_id", row) == "g-Lyon-1"]
    assert [key for key, _ in shape(model)[0][1][1][1][0][1]] == lyon
    assert said(model, lyon[0]) == yd.fleet.value("name", lyon[0])
    assert said(model, lyon[0], 0, DEVICE_ID) == yd.fleet.id(lyon[0])


def test_groups_without_a_fitting_device_are_not_there_and_the_count_is_of_fitting_ones(qtbot: QtBot) -> None:
    yd = yard(60)
    model = DeviceTree(yd.fleet, columns=COLUMNS)
    watch(model)
    model.set_rows(yd.fleet.select(group_id="g-Lyon")[:9])
    open_all(model)
    assert [key for key, _ in shape(model)[0][1] if isinstance(key, str)] == ["g-Lyon"]
    assert said(model, "g-Lyon") == "Lyon (9)"


def test_a_device_of_an_unknown_group_is_not_lost(qtbot: QtBot) -> None:
    yd = yard(5)
    yd.put([Device(id="stray", name="Stray", group_id="g-deleted")])
    model = DeviceTree(yd.fleet, columns=COLUMNS)
    watch(model)
    model.set_rows(yd.fleet.select())
    open_all(model)
    assert shape(model)[-1] == (NO_GROUP, [(5, [])])
    assert said(model, NO_GROUP) == "No group (1)"


def test_a_changed_filter_keeps_open_what_is_open(qtbot: QtBot) -> None:
    yd = yard(60)
    model = DeviceTree(yd.fleet, columns=COLUMNS)
    watch(model)
    view = QTreeView()
    qtbot.addWidget(view)
    view.setModel(model)
    model.set_rows(yd.fleet.select())
    for key in ("g-root", "g-Lyon", "g-Lyon-1"):
        view.expand(model.index_of(key))
    keep = [row for row in yd.fleet.select().tolist() if row % 2]
    model.set_rows(np.array(keep, np.int32))
    assert all(view.isExpanded(model.index_of(key)) for key in ("g-root", "g-Lyon", "g-Lyon-1"))
    assert all(row % 2 for row in model.known_keys() if isinstance(row, int))


def test_checking_a_group_selects_what_it_shows_with_its_subgroups_and_nothing_else(qtbot: QtBot) -> None:
    yd = yard(60)
    selection = Selection(yd.fleet)
    model = DeviceTree(yd.fleet, selection, COLUMNS)
    watch(model)
    shown = yd.fleet.select()[:40]
    model.set_rows(shown)
    open_all(model)
    assert model.setData(model.index_of("g-Lyon"), Qt.CheckState.Checked, CHECK)
    wanted = {row for row in shown.tolist() if str(yd.fleet.value("group_id", row)).startswith("g-Lyon")}
    assert set(selection.rows().tolist()) == wanted
    assert said(model, "g-Lyon", 0, CHECK) == Qt.CheckState.Checked
    assert said(model, "g-root", 0, CHECK) == Qt.CheckState.PartiallyChecked
    assert said(model, "g-Berlin", 0, CHECK) == Qt.CheckState.Unchecked


@pytest.mark.parametrize("seed", range(3))
def test_after_any_syncs_filters_and_moves_the_tree_equals_the_fleet(qtbot: QtBot, seed: int) -> None:
    dice = random.Random(seed)
    groups = groups_of(stores=2)
    yd = yard(30, groups)
    model = DeviceTree(yd.fleet, columns=COLUMNS)
    watch(model)
    for _ in range(6):
        devices = devices_of(30 + dice.randrange(20), dice.sample(groups, 4), seed=dice.randrange(99))
        model.take(yd.put(dice.sample(devices, 6)))
        if dice.random() < 0.3:
            model.take(yd.bury([yd.fleet.id(dice.randrange(yd.fleet.rows))]))
        rows = yd.fleet.select()
        rows = rows[np.array([dice.random() < 0.7 for _ in rows], bool)] if len(rows) else rows
        model.set_rows(rows)
        open_all(model)
        leaves = [key for key in model.known_keys() if isinstance(key, int)]
        assert sorted(leaves) == sorted(rows.tolist())
        assert all(model.key(model.index_of(r).parent()) == yd.fleet.value("group_id", r) for r in leaves)
