"""Small fleets for the tests of the store: a known one, random ones, and a fleet in memory made of any devices."""

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from app.records import Device, Group
from app.store.documents import HOT, row_of
from app.store.fleet import Fleet
from app.store.groups import Groups
from app.store.store import Store

NOW = 1_780_000_000.0
DAY = 86400.0

GROUPS = (
    Group(id="root", name="All devices"),
    Group(id="north", name="North", parent_id="root"),
    Group(id="south", name="South", parent_id="root"),
    Group(id="n12", name="Store 12", parent_id="north"),
    Group(id="s12", name="Store 12", parent_id="south"),
    Group(id="n12-back", name="Back office", parent_id="n12"),
)

DEVICES = (
    Device(
        id="aaaa-1", name="Till 1", alias="front", state=1, platform="ANDROID", os="Android", os_version="11",
        last_seen=NOW - 60, group_id="n12", model="Galaxy Tab", serial="R58A", imei1="356789", tags=("t1", "t2"),
        battery_level=15.0, storage_free=300.0, is_gms=True, mac="A0:B1:C2:D3:E4:F5", ip="10.1.0.7",
        registered_at=NOW - 400 * DAY, agent_version="7.12.1", security_patch="2026-01-05", wifi_ssid="guest net",
    ),
    Device(
        id="bbbb-2", name="till 10", state=60, platform="ANDROID", os="Android", os_version="13.1",
        last_seen=NOW - 10 * DAY, group_id="n12-back", model="Galaxy S9", serial="R58B", tags=("t2",),
        battery_level=80.0, storage_free=4096.0, is_gms=False, locked_down=True, agent_version="7.9.0",
    ),
    Device(
        id="cccc-3", name="Desk", alias="Chef’s till", state=20, platform="WINDOWS", os="Windows", os_version="11.0.3",
        last_seen=NOW - 2 * DAY, group_id="s12", model="Surface", custom_serial="X-77", battery_charging=True,
    ),
    Device(id="dddd-4", name="", state=75, group_id="elsewhere"),
)  # fmt: skip


def make_fleet(devices: Sequence[Device], groups: Iterable[Group] = GROUPS, gone: Sequence[int] = ()) -> Fleet:
    """A fleet of these devices in this order; those at the places `gone` are tombstones."""
    fleet = Fleet({device.id: row for row, device in enumerate(devices)})
    fleet.set_groups(Groups(groups))
    fleet.set_tags({"t1": "Kiosk", "t2": "Blue"})
    if devices:
        put(fleet, range(len(devices)), devices, [NOW if n in set(gone) else None for n in range(len(devices))])
    return fleet


def put(fleet: Fleet, rows: Iterable[int], devices: Sequence[Device], gone: Sequence[float | None]) -> None:
    chosen = np.array(list(rows), np.int32)
    values: dict[str, Sequence[Any]] = dict(zip(HOT, zip(*map(row_of, devices), strict=True), strict=True))
    values["gone_at"] = gone
    after = max(fleet.rows, int(chosen.max()) + 1)
    fleet.apply(fleet.encode(chosen, after, values, frozenset(device.id for device in devices)))


def names(fleet: Fleet, rows: Iterable[int]) -> list[str]:
    return [fleet.id(int(row)) for row in rows]


def random_device(number: int, dice: random.Random) -> Device:
    word = dice.choice(["till", "Desk", "scan", "ÄTM", ""])
    return Device(
        id=f"id-{number:04d}",
        name=f"{word} {dice.randrange(30)}".strip(),
        alias=dice.choice(["", "a", "B" * dice.randrange(100)]),
        state=dice.choice([None, 1, 60, 70, 20, 75]),
        os_version=dice.choice(["", "9", "10", "11.2"]),
        last_seen=dice.choice([None, NOW - dice.randrange(10**6)]),
        group_id=dice.choice(["root", "north", "n12", "n12-back", "s12"]),
        tags=tuple(dice.sample(["t1", "t2", "loose"], dice.randrange(3))),
        battery_level=dice.choice([None, float(dice.randrange(100))]),
        is_gms=dice.choice([None, True, False]),
        raw=b"{}" * dice.randrange(3),
    )


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
words = st.sampled_from(["till", "TILL", "desk 1", "Straße", "a-b", "x*y", 'say "hi"', "", "z" * 90, "z" * 90 + "!"])
numbers = st.none() | st.integers(-5, 105).map(float)
devices = st.builds(
    Device,
    id=st.integers(0, 10**6).map("{:06d}".format),
    name=words | texts,
    alias=words,
    state=st.sampled_from([None, 0, 1, 20, 60, 70, 80, 75]),
    os_version=st.sampled_from(["", "9", "10", "11", "11.0.3", "12.1", "beta"]),
    platform=st.sampled_from(["", "ANDROID", "WINDOWS"]),
    group_id=st.sampled_from(["", "root", "north", "n12", "n12-back", "s12", "elsewhere"]),
    tags=st.lists(st.sampled_from(["t1", "t2", "loose end"]), unique=True).map(tuple),
    battery_level=numbers,
    last_seen=st.none() | st.integers(0, 40).map(lambda days: NOW - days * DAY),
    is_gms=st.none() | st.booleans(),
    mac=st.sampled_from(["", "A0:B1:C2:D3:E4:F5", "a0b1c2ffffff"]),
)
fleets = st.lists(devices, max_size=12, unique_by=lambda device: device.id)


async def with_store(path: Path, work: Callable[[Store], Any]) -> Any:
    """Opens, awaits `work(store)`, closes."""
    store = await Store.open(path)
    try:
        return await work(store)
    finally:
        await store.close()
