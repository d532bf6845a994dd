"""Device rows and their selection: what is shown, what is said, and what a selection survives."""

import random

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.fleets import NOW, devices_of, groups_of, yard
from tests.gui.models.trees import watch
from ui.models.columns import device_columns
from ui.models.devices import ACCESSIBLE, CHECK, DEVICE_ID, DeviceRows, find_name
from ui.models.selection import Selection

COLUMNS = device_columns(lambda: NOW)


def test_a_row_shows_what_the_fleet_knows_in_the_order_given(qtbot: QtBot) -> None:
    yd = yard(50)
    model = DeviceRows(yd.fleet, COLUMNS)
    watch(model)
    rows = yd.fleet.select(sort=(("battery_level", True),))
    model.set_rows(rows)
    assert [model.index(i, 0).data() for i in range(50)] == [yd.fleet.value("name", int(row)) for row in rows]
    assert [model.index(i, 0).data(DEVICE_ID) for i in range(3)] == [yd.fleet.id(int(row)) for row in rows[:3]]


def test_the_same_rows_again_say_nothing(qtbot: QtBot) -> None:
    yd = yard(20)
    model = DeviceRows(yd.fleet, COLUMNS)
    model.set_rows(yd.fleet.select())
    with qtbot.assertNotEmitted(model.modelReset):
        model.set_rows(yd.fleet.select())


def test_news_of_three_devices_touch_one_range_and_change_the_text(qtbot: QtBot) -> None:
    groups = groups_of()
    yd = yard(60, groups)
    model = DeviceRows(yd.fleet, COLUMNS)
    watch(model)
    model.set_rows(np.arange(60, dtype=np.int32))
    place = model.column_of("model")
    assert place is not None
    before = model.index(10, place).data()
    ranges: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda top, bottom: ranges.append((top.row(), bottom.row())))
    devices = devices_of(60, groups)
    changed = [type(d)(**{f: getattr(d, f) for f in d.__struct_fields__} | {"model": "NEW"}) for d in devices[10:13]]
    model.take(yd.put(changed))
    assert ranges == [(10, 12)]
    assert before != model.index(10, place).data() == "NEW"


def test_news_of_devices_that_are_not_shown_say_nothing(qtbot: QtBot) -> None:
    groups = groups_of()
    yd = yard(60, groups)
    model = DeviceRows(yd.fleet, COLUMNS)
    model.set_rows(np.arange(5, dtype=np.int32))
    with qtbot.assertNotEmitted(model.dataChanged):
        model.take(yd.put(devices_of(60, groups, seed=9)[20:30]))


def test_relative_times_follow_the_clock_without_any_news(qtbot: QtBot) -> None:
    yd = yard(30)
    clock = [NOW]
    model = DeviceRows(yd.fleet, device_columns(lambda: clock[0]))
    model.set_rows(yd.fleet.select(sort=(("last_seen", True),)))
    place = model.column_of("last_seen")
    assert place is not None
    before = model.index(0, place).data()
    clock[0] += 7200
    assert model.index(0, place).data() != before


def test_a_screen_reader_hears_state_selection_and_that_a_device_is_gone(qtbot: QtBot) -> None:
    yd = yard(3)
    model = DeviceRows(yd.fleet, COLUMNS)
    model.set_rows(np.arange(3, dtype=np.int32))
    model.selection.only([0])
    model.take(yd.bury([yd.fleet.id(2)]))
    name = yd.fleet.value("name", 0)
    assert model.index(0, 0).data(ACCESSIBLE) == f"{name}, selected"
    assert model.index(2, 0).data(ACCESSIBLE) == f"{yd.fleet.value('name', 2)}, gone"
    place = model.column_of("condition")
    assert place is not None
    assert model.index(2, place).data(ACCESSIBLE) == "State: Gone"
    assert "Gone since" in model.tip(2, place)


def test_the_check_box_of_the_first_column_is_the_selection(qtbot: QtBot) -> None:
    yd = yard(3)
    model = DeviceRows(yd.fleet, COLUMNS)
    watch(model)
    model.set_rows(np.arange(3, dtype=np.int32))
    assert model.setData(model.index(1, 0), Qt.CheckState.Checked, CHECK)
    assert model.selection.ids() == [yd.fleet.id(1)]
    assert model.index(1, 0).data(CHECK) == Qt.CheckState.Checked
    assert not model.setData(model.index(1, 1), Qt.CheckState.Checked, CHECK)


def test_a_selection_survives_filter_sort_and_new_devices(qtbot: QtBot) -> None:
    groups = groups_of()
    yd = yard(100, groups)
    selection = Selection(yd.fleet)
    selection.only([3, 50, 99])
    selection.show(np.array([50, 1], np.int32))
    yd.put(devices_of(150, groups))
    assert selection.ids() == [yd.fleet.id(row) for row in (50, 3, 99)]
    assert (selection.count, selection.count_shown) == (3, 1)


def test_selecting_all_takes_only_what_is_shown_and_keeps_what_is_hidden(qtbot: QtBot) -> None:
    yd = yard(20)
    selection = Selection(yd.fleet)
    selection.only([19])
    selection.show(np.array([2, 4], np.int32))
    selection.select_all()
    assert selection.rows().tolist() == [2, 4, 19]


def test_a_device_that_is_gone_leaves_the_selection_and_can_not_enter_it(qtbot: QtBot) -> None:
    yd = yard(5)
    model = DeviceRows(yd.fleet, COLUMNS)
    model.selection.only([1, 2])
    with qtbot.waitSignal(model.selection.changed, timeout=100):
        model.take(yd.bury([yd.fleet.id(2)]))
    assert model.selection.ids() == [yd.fleet.id(1)]
    model.selection.set([2], True)
    assert model.selection.count == 1


def test_an_empty_list_selects_nothing(qtbot: QtBot) -> None:
    yd = yard(5)
    selection = Selection(yd.fleet)
    selection.only([1])
    selection.only([])
    assert (selection.count, selection.ids()) == (0, [])


def test_a_change_that_changes_nothing_is_not_announced(qtbot: QtBot) -> None:
    yd = yard(5)
    selection = Selection(yd.fleet)
    selection.only([1])
    with qtbot.assertNotEmitted(selection.changed):
        selection.set([1], True)
        selection.settle()
        yd.put(devices_of(9, groups_of()))
        selection.settle()


@pytest.mark.parametrize("seed", range(5))
def test_any_series_of_selections_equals_a_set(qtbot: QtBot, seed: int) -> None:
    dice = random.Random(seed)
    yd = yard(80)
    selection, oracle, gone = Selection(yd.fleet), set[int](), set[int]()
    for _ in range(200):
        rows = dice.sample(range(80), dice.randrange(8))
        match dice.randrange(6):
            case 0:
                selection.only(rows)
                oracle = set(rows)
            case 1:
                selection.set(rows, True)
                oracle |= set(rows)
            case 2:
                selection.set(rows, False)
                oracle -= set(rows)
            case 3 if rows:
                selection.toggle(rows[0])
                oracle ^= {rows[0]}
            case 4:
                selection.show(np.array(rows, np.int32))
                selection.select_all()
                oracle |= set(rows)
            case 5 if dice.random() < 0.2 and rows:
                yd.bury([yd.fleet.id(rows[0])])
                gone.add(rows[0])
                selection.settle()
        oracle -= gone
        assert selection.rows().tolist() == sorted(oracle)


def test_a_name_is_found_from_where_the_reader_is_and_round_the_end(qtbot: QtBot) -> None:
    yd = yard(40)
    model = DeviceRows(yd.fleet, COLUMNS)
    model.set_rows(yd.fleet.select())
    names = [model.index(i, 0).data() for i in range(40)]
    pos = [i for i, name in enumerate(names) if name.startswith("ESR-POS")]
    assert find_name(model, "esr-pos", 0) == pos[0]
    assert find_name(model, "esr-pos", pos[0] + 1) == pos[1]
    assert find_name(model, "ESR-POS", pos[-1] + 1) == pos[0]
    assert find_name(model, "nobody", 0) is None


def test_another_fleet_starts_empty_and_unselected(qtbot: QtBot) -> None:
    model = DeviceRows(yard(20).fleet, COLUMNS)
    watch(model)
    model.set_rows(np.arange(20, dtype=np.int32))
    model.selection.select_all()
    model.set_fleet(yard(2).fleet)
    assert (model.rowCount(), model.selection.count) == (0, 0)
