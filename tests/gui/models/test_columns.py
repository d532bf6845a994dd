"""The columns: every fact of a device has one, and each says it in the right words."""

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from app.records import Device
from tests.gui.fleets import NOW, groups_of, yard
from ui import text
from ui.models.columns import DEVICE_COLUMNS, device_columns

COLUMNS = {column.id: column for column in device_columns(lambda: NOW)}
FULL = Device(
    id="d1",
    name="Till 1",
    state=70,
    platform="ANDROID",
    last_seen=NOW - 300,
    group_id="g-Lyon-2",
    tags=("kiosk", "blue"),
    battery_level=55.0,
    battery_charging=True,
    storage_free=2048.0,
    wifi_signal=-67.0,
    is_gms=False,
    latitude=45.75,
    longitude=4.85,
)


def cell(column_id: str, device: Device) -> str:
    yd = yard(0, groups_of())
    yd.put([device])
    return COLUMNS[column_id].getter(yd.fleet, 0)


def test_every_fact_of_a_device_has_a_column() -> None:
    facts = set(Device.__struct_fields__) - {"raw", "state", "group_id", "latitude", "longitude"}
    assert facts | {"condition", "group", "location"} == set(COLUMNS)


@pytest.mark.parametrize("column", DEVICE_COLUMNS, ids=lambda column: column.id)
def test_every_column_is_empty_for_a_device_nothing_is_known_of(column: object) -> None:
    said = cell(column.id, Device(id="d1"))  # type: ignore[attr-defined]
    assert said == {"id": "d1", "condition": "Unknown"}.get(column.id, "")  # type: ignore[attr-defined]


@pytest.mark.parametrize("column", DEVICE_COLUMNS, ids=lambda column: column.id)
def test_every_column_can_be_sorted_by(column: object) -> None:
    yd = yard(20)
    rows = yd.fleet.select(sort=((column.sort, True),))  # type: ignore[attr-defined]
    assert sorted(rows.tolist()) == list(range(20))
    assert rows.dtype == np.int32


@pytest.mark.parametrize(
    ("column_id", "said"),
    [
        ("name", "Till 1"),
        ("condition", "Wiping"),
        ("platform", "Android"),
        ("last_seen", "5 min ago"),
        ("group", "Lyon/Store 2"),
        ("tags", "kiosk, blue"),
        ("battery_level", "55%"),
        ("battery_charging", "Yes"),
        ("storage_free", "2.0 GB"),
        ("wifi_signal", "-67 dBm"),
        ("is_gms", "No"),
        ("location", "45.75000, 4.85000"),
    ],
)
def test_a_cell_says_the_fact_with_its_unit(column_id: str, said: str) -> None:
    assert cell(column_id, FULL) == said


def test_the_tip_of_a_time_is_absolute_and_that_of_a_state_is_the_fine_state(qapp: QApplication) -> None:
    yd = yard(0, groups_of())
    yd.put([FULL])
    tips = {name: column.tip(yd.fleet, 0) for name, column in COLUMNS.items() if column.tip}
    assert tips["last_seen"] == text.absolute(NOW - 300)
    assert tips["condition"] == "Wipe in progress"
    assert tips["group"] == "All devices/Lyon/Store 2"


def test_the_columns_shown_at_first_are_those_a_technician_asks_for() -> None:
    assert [c.id for c in DEVICE_COLUMNS if c.shown][:4] == ["name", "condition", "last_seen", "group"]
