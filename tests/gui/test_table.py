"""The device table: keyboard, mouse, columns, copying, and a place that is never lost."""

import sys
import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.records import Device
from tests.gui.fleets import NOW, Yard, devices_of, groups_of, yard
from ui import theme
from ui.models.columns import device_columns
from ui.models.devices import DeviceRows
from ui.views.copying import safe_cell
from ui.views.table import FleetTable

COLUMNS = device_columns(lambda: NOW)
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def shown(qtbot: QtBot, made: Yard, *, width: int = 900, height: int = 500) -> FleetTable:
    """A table of the whole yard, by name, on the screen and with the focus."""
    table = FleetTable(DeviceRows(made.fleet, COLUMNS))
    qtbot.addWidget(table)
    table.set_rows(made.fleet.select())
    table.resize(width, height)
    table.show()
    table.setFocus()
    return table


def spot(table: FleetTable, position: int, column: str = "name") -> QPoint:
    """The middle of a cell in the viewport."""
    place = table.rows_model.column_of(column)
    assert place is not None
    return table.visualRect(table.rows_model.index(position, place)).center()


def click(
    qtbot: QtBot, table: FleetTable, position: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    qtbot.mouseClick(table.viewport(), LEFT, keys, spot(table, position))


def chosen(table: FleetTable) -> list[int]:
    """The positions selected."""
    return np.flatnonzero(table.selection.mask[table.rows_model.rows]).tolist()


def here(table: FleetTable) -> int:
    return table.currentIndex().row()


def test_a_click_selects_one_ctrl_adds_and_takes_away_shift_takes_a_range(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(40))
    click(qtbot, table, 2)
    assert chosen(table) == [2]
    click(qtbot, table, 5, CTRL)
    click(qtbot, table, 2, CTRL)
    assert chosen(table) == [5]
    click(qtbot, table, 5)
    click(qtbot, table, 8, SHIFT)
    assert chosen(table) == [5, 6, 7, 8]
    click(qtbot, table, 3, SHIFT)
    assert chosen(table) == [3, 4, 5]
    click(qtbot, table, 10, CTRL)
    click(qtbot, table, 12, CTRL | SHIFT)
    assert chosen(table) == [3, 4, 5, 10, 11, 12]


def test_dragging_selects_what_it_passes(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(40))
    qtbot.mousePress(table.viewport(), LEFT, pos=spot(table, 3))
    there = QPointF(spot(table, 6))
    drag = QMouseEvent(QEvent.Type.MouseMove, there, there, LEFT, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(table.viewport(), drag)
    qtbot.mouseRelease(table.viewport(), LEFT, pos=spot(table, 6))
    assert chosen(table) == [3, 4, 5, 6]


def test_arrows_move_and_select_shift_extends_ctrl_only_moves_space_toggles(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(40))
    click(qtbot, table, 0)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert (here(table), chosen(table)) == (1, [1])
    qtbot.keyClick(table, Qt.Key.Key_Down, SHIFT)
    qtbot.keyClick(table, Qt.Key.Key_Down, SHIFT)
    assert (here(table), chosen(table)) == (3, [1, 2, 3])
    qtbot.keyClick(table, Qt.Key.Key_Down, CTRL)
    qtbot.keyClick(table, Qt.Key.Key_Down, CTRL)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert (here(table), chosen(table)) == (5, [1, 2, 3, 5])
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert chosen(table) == [1, 2, 3]


def test_home_end_and_pages_go_where_they_say_and_stop_at_the_ends(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(200))
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert here(table) == 199
    qtbot.keyClick(table, Qt.Key.Key_PageUp)
    assert here(table) == 199 - table.page_rows
    qtbot.keyClick(table, Qt.Key.Key_Home)
    qtbot.keyClick(table, Qt.Key.Key_Up)
    assert here(table) == 0
    qtbot.keyClick(table, Qt.Key.Key_End, SHIFT)
    assert len(chosen(table)) == 200


def test_select_all_takes_what_is_shown_and_the_corner_box_says_all_some_or_none(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(40))
    box = table.select_all_box
    assert box.checkState() is Qt.CheckState.Unchecked
    qtbot.keyClick(table, Qt.Key.Key_A, CTRL)
    assert (len(chosen(table)), box.checkState()) == (40, Qt.CheckState.Checked)
    click(qtbot, table, 3)
    assert box.checkState() is Qt.CheckState.PartiallyChecked
    box.click()
    assert (len(chosen(table)), box.checkState()) == (40, Qt.CheckState.Checked)
    box.click()
    assert (chosen(table), box.checkState()) == ([], Qt.CheckState.Unchecked)


def test_the_check_boxes_at_the_edge_add_without_taking_away_and_shift_takes_a_range(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(40))
    edge = table.gutter.viewport()

    def at(position: int) -> QPoint:
        return QPoint(10, spot(table, position).y())

    click(qtbot, table, 1)
    qtbot.mouseClick(edge, LEFT, pos=at(4))
    assert chosen(table) == [1, 4]
    qtbot.mouseClick(edge, LEFT, SHIFT, at(6))
    assert chosen(table) == [1, 4, 5, 6]
    qtbot.mouseClick(edge, LEFT, pos=at(1))
    assert chosen(table) == [4, 5, 6]


def test_filter_sort_and_sync_keep_selection_current_device_and_place(qtbot: QtBot) -> None:
    groups = groups_of()
    made = yard(300, groups)
    table = shown(qtbot, made)
    click(qtbot, table, 4)
    device = table.current_id
    table.verticalScrollBar().setValue(900)
    with qtbot.assertNotEmitted(table.current_changed), qtbot.assertNotEmitted(table.selection.changed):
        table.set_rows(made.fleet.select(sort=(("serial", True),)))
        made.put(devices_of(320, groups))
        table.set_rows(made.fleet.select())
        assert table.verticalScrollBar().value() == 900
        table.set_rows(made.fleet.select(ids=[made.fleet.id(299)]))
        table.set_rows(made.fleet.select())
    assert table.current_id == device
    assert table.selection.ids() == [device]
    assert table.rows_model.fleet.id(table.rows_model.fleet_row(here(table))) == device


def test_what_a_filter_hides_stays_selected_and_is_not_added_to_by_select_all(qtbot: QtBot) -> None:
    made = yard(50)
    table = shown(qtbot, made)
    click(qtbot, table, 0)
    first = table.current_id
    some = [made.fleet.id(row) for row in (7, 9)]
    table.set_rows(made.fleet.select(ids=some))
    table.selection.select_all()
    assert set(table.selection.ids()) == {first, *some}


def test_a_gone_device_can_be_read_but_not_selected(qtbot: QtBot) -> None:
    made = yard(5)
    made.bury([made.fleet.id(2)])
    table = shown(qtbot, made)
    table.set_rows(np.arange(5, dtype=np.int32))
    click(qtbot, table, 2)
    assert table.current_id == made.fleet.id(2)
    assert chosen(table) == []
    qtbot.keyClick(table, Qt.Key.Key_A, CTRL)
    assert table.selection.count == 4
    assert table.select_all_box.checkState() is Qt.CheckState.Checked


def test_typing_goes_to_the_next_name_that_begins_so(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(60))
    names = [table.rows_model.index(i, 0).data() for i in range(60)]
    for letter in "esr-t":
        qtbot.keyClick(table, letter)
    assert here(table) == next(i for i, name in enumerate(names) if name.startswith("ESR-T"))


def test_return_and_double_click_open_the_current_device(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(10))
    click(qtbot, table, 3)
    with qtbot.waitSignal(table.activated) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [table.current_id]
    with qtbot.waitSignal(table.activated):
        qtbot.mouseDClick(table.viewport(), LEFT, pos=spot(table, 3))


def test_a_right_click_keeps_a_selection_it_hits_and_replaces_one_it_misses(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(20))
    table.selection.only(table.rows_model.rows[2:5])
    qtbot.mouseClick(table.viewport(), RIGHT, pos=spot(table, 3))
    assert chosen(table) == [2, 3, 4]
    qtbot.mouseClick(table.viewport(), RIGHT, pos=spot(table, 8))
    assert chosen(table) == [8]


def test_copying_gives_the_selected_rows_in_their_order_with_the_columns_shown(qtbot: QtBot) -> None:
    made = yard(20)
    table = shown(qtbot, made)
    table.set_visible_columns(["name", "serial"])
    table.selection.only(table.rows_model.rows[[5, 2]])
    with qtbot.waitSignal(table.copied):
        qtbot.keyClick(table, Qt.Key.Key_C, CTRL)
    rows = [int(table.rows_model.rows[i]) for i in (2, 5)]
    wanted = [f"{made.fleet.value('name', r)}\t{made.fleet.value('serial', r)}" for r in rows]
    assert QGuiApplication.clipboard().text() == "\n".join(wanted)
    table.copy(titles=True)
    assert QGuiApplication.clipboard().text().startswith("Name\tSerial\n")


def test_copying_without_a_selection_takes_the_current_row_and_a_cell_alone(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(20))
    table.set_visible_columns(["name"])
    table.move_to(4)
    table.copy()
    assert QGuiApplication.clipboard().text() == table.rows_model.index(4, 0).data()
    table.copy_cell()
    assert QGuiApplication.clipboard().text() == table.rows_model.index(4, 0).data()


def test_copying_thousands_goes_on_beside_other_work(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(1000))
    table.set_visible_columns(["name"])
    table.selection.select_all()
    QGuiApplication.clipboard().setText("before")
    with qtbot.waitSignal(table.copied) as done:
        table.copy()
        assert QGuiApplication.clipboard().text() == "before"
    assert done.args == [1000]
    assert len(QGuiApplication.clipboard().text().splitlines()) == 1000


@pytest.mark.parametrize(
    ("cell", "copied"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+cmd|calc", "'+cmd|calc"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("-67 dBm", "-67 dBm"),
        ("-1.5", "-1.5"),
        ("a\tb\nc", "a b c"),
        ("Till 1", "Till 1"),
    ],
)
def test_a_copied_cell_never_runs_as_a_formula_and_never_breaks_the_row(cell: str, copied: str) -> None:
    assert safe_cell(cell) == copied


def test_a_click_on_a_title_asks_for_that_order_and_the_next_click_for_the_other(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(10))
    asked: list[tuple[str, bool]] = []
    table.sort_requested.connect(lambda column, down: asked.append((column, down)))
    header = table.columns_header
    for column in ("name", "last_seen", "last_seen", "condition"):
        place = table.rows_model.column_of(column)
        assert place is not None
        x = header.sectionViewportPosition(place) + 20
        qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(x, header.height() // 2))
    assert asked == [("name", True), ("last_seen", True), ("last_seen", False), ("condition", False)]
    assert table.sort_key() == ("condition", False)


def test_the_layout_comes_back_with_order_widths_and_sorting(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(5))
    table.set_visible_columns(["serial", "name", "battery_level"])
    place = table.rows_model.column_of("serial")
    assert place is not None
    table.columns_header.resizeSection(place, 222)
    table.columns_header.set_sort("battery_level", True)
    other = shown(qtbot, yard(5))
    other.restore(table.state())
    assert other.visible_columns() == ["serial", "name", "battery_level"]
    assert other.columns_header.sectionSize(place) == 222
    assert other.sort_key() == ("battery_level", True)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"columns": "name", "widths": [1], "sort": "x"},
        {"columns": [1, None, "teleporter"], "widths": {"name": "wide", "nobody": 3}, "sort": ["nobody", True]},
        {"columns": [], "widths": {"name": -4}, "sort": ["name"]},
    ],
)
def test_a_damaged_layout_is_passed_over_and_the_name_is_always_shown(qtbot: QtBot, state: dict[str, object]) -> None:
    table = shown(qtbot, yard(5))
    table.restore(state)
    assert "name" in table.visible_columns()
    assert table.columns_header.sectionSize(0) > 30
    assert table.sort_key() == ("name", False)


def test_the_name_can_not_be_hidden_and_a_hidden_column_can_be_reset(qtbot: QtBot) -> None:
    table = shown(qtbot, yard(5))
    first = table.visible_columns()
    table.set_visible_columns(["model"])
    assert table.visible_columns() == ["name", "model"]
    hide = next(a for a in table.columns_header.menu_for(0).actions() if a.text().startswith("Hide"))
    assert not hide.isEnabled()
    table.columns_header.reset_columns()
    assert table.visible_columns() == first


def test_a_tip_gives_the_exact_time_and_the_whole_of_a_cut_name_as_plain_text(qtbot: QtBot) -> None:
    made = yard(0, groups_of())
    made.put([Device(id="d", name="<b>A very long name that no column can hold</b>", last_seen=NOW - 60, state=1)])
    table = shown(qtbot, made)
    model = table.rows_model
    assert table.tip_at(model.index(0, 0)) == "<b>A very long name that no column can hold</b>"
    seen = model.column_of("last_seen")
    assert seen is not None
    assert table.tip_at(model.index(0, seen)).startswith("2026-11-18")
    table.columns_header.resizeSection(0, 600)
    assert table.tip_at(model.index(0, 0)) == ""
    at = spot(table, 0)
    QApplication.sendEvent(table.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, table.viewport().mapToGlobal(at)))


def test_fitting_a_column_makes_room_for_the_widest_cell_on_the_screen(qtbot: QtBot) -> None:
    made = yard(0, groups_of())
    made.put([Device(id=str(n), name="W" * n, tags=("kiosk", "blue")) for n in (3, 60)])
    table = shown(qtbot, made)
    table.resizeColumnToContents(0)
    assert table.columns_header.sectionSize(0) > 400
    assert table.tip_at(table.rows_model.index(1, 0)) == ""


def test_every_cell_of_every_column_is_painted_in_both_themes_and_densities(qapp: QApplication, qtbot: QtBot) -> None:
    made = yard(60)
    made.bury([made.fleet.id(1)])
    table = shown(qtbot, made, width=4200)
    table.set_rows(np.arange(60, dtype=np.int32))
    table.set_visible_columns([column.id for column in COLUMNS])
    table.selection.only([3])
    pictures = set()
    for mode in ("light", "dark"):
        for density in ("comfortable", "compact"):
            theme.apply(qapp, mode, density)
            pictures.add(table.grab().toImage().pixelColor(60, 60).name())
            assert table.gutter.defaultSectionSize() == theme.row_height()
    theme.apply(qapp, "light", "comfortable")
    assert len(pictures) >= 2


def test_a_full_repaint_of_a_hundred_thousand_devices_takes_a_few_milliseconds(
    qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    made = yard(100_000)
    table = shown(qtbot, made, width=1500, height=30 * 28 + 30)
    table.set_visible_columns([c.id for c in COLUMNS if c.shown] + ["alias", "brand", "imei1", "storage_free"])
    table.selection.select_all()
    qtbot.waitExposed(table)
    QApplication.processEvents()
    times, scrolled = [], []
    for n in range(40):
        start = time.perf_counter()
        table.viewport().repaint()
        times.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        table.verticalScrollBar().setValue(n * 3000)
        table.viewport().repaint()
        scrolled.append((time.perf_counter() - start) * 1000)
    with capsys.disabled():
        warm, fresh = np.median(times), np.median(scrolled)
        sys.stdout.write(
            f"\nfull repaint of 30x14 cells, 100,000 rows: {warm:.1f} ms warm, {fresh:.1f} ms on new rows\n"
        )
    assert table.selection.count == 100_000
