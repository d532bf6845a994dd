"""The fleet in memory: facts, counts, orders against plain sorts, and reading from another thread."""

import random
import threading

import numpy as np
import pytest

from app.records import Device
from app.states import DeviceCondition, condition_of
from app.store.fleet import Fleet
from app.store.groups import Groups
from app.store.patterns import fold
from app.store.query import parse
from app.store.versions import version_key

from .samples import DEVICES, GROUPS, NOW, make_fleet, names, put, random_device


def test_every_fact_reads_as_it_was_given() -> None:
    fleet = make_fleet(DEVICES)
    assert fleet.value("name", 0) == "Till 1"
    assert fleet.value("is_gms", 1) is False
    assert fleet.value("locked_down", 0) is None
    assert fleet.value("state", 3) == 75
    assert fleet.value("condition", 3) == "unknown"
    assert fleet.value("tags", 0) == ("Kiosk", "Blue")
    assert fleet.value("group", 1) == "All devices/North/Store 12/Back office"
    assert fleet.value("group", 3) == ""
    assert fleet.value("battery_level", 2) is None
    assert fleet.value("gone_at", 0) is None
    with pytest.raises(KeyError):
        fleet.value("nothing", 0)


def test_devices_are_found_by_id_and_unknown_ids_are_not() -> None:
    fleet = make_fleet(DEVICES)
    assert fleet.row("cccc-3") == 2
    assert fleet.row("nobody") is None
    assert fleet.id(2) == "cccc-3"


def test_counts_are_of_live_devices_or_of_the_rows_asked_for() -> None:
    fleet = make_fleet(DEVICES, gone=(1,))
    assert fleet.counts("condition") == {"disabled": 1, "online": 1, "unknown": 1}
    assert fleet.counts("tags") == {"": 2, "Blue": 1, "Kiosk": 1}
    assert fleet.counts("state", np.array([0, 3], np.int32)) == {"ACTIVE": 1, "STATE 75": 1}
    assert fleet.counts("is_gms", np.array([0, 1, 2], np.int32)) == {"": 1, "no": 1, "yes": 1}
    assert fleet.counts("serial")["R58A"] == 1
    assert fleet.live_count == 3


def test_groups_are_counted_directly_and_with_everything_below() -> None:
    fleet = make_fleet(DEVICES, gone=(2,))
    assert fleet.group_counts()["n12"] == (1, 2)
    assert fleet.group_counts()["root"] == (0, 2)
    put(fleet, [2], [DEVICES[2]], [None])
    assert fleet.group_counts()["root"] == (0, 3)


def test_a_group_is_shown_with_its_subgroups() -> None:
    fleet = make_fleet(DEVICES)
    assert names(fleet, fleet.select(group_id="north")) == ["aaaa-1", "bbbb-2"]
    assert names(fleet, fleet.select(group_id="elsewhere")) == ["dddd-4"]


def test_an_explicit_set_of_ids_is_shown_as_far_as_it_is_known() -> None:
    fleet = make_fleet(DEVICES)
    assert names(fleet, fleet.select(ids=["cccc-3", "nobody", "aaaa-1"])) == ["cccc-3", "aaaa-1"]
    assert names(fleet, fleet.select(ids=[])) == []


def test_renamed_groups_and_tags_are_read_at_once() -> None:
    fleet = make_fleet(DEVICES)
    by_group = (("group", False),)
    assert names(fleet, fleet.select(sort=by_group))[0] == "aaaa-1"
    fleet.set_groups(Groups([*GROUPS[:3], *(g for g in GROUPS if g.id == "s12")]))
    fleet.set_tags({"t2": "Red"})
    assert names(fleet, fleet.select(sort=by_group))[0] == "cccc-3"
    assert fleet.value("tags", 1) == ("Red",)
    assert names(fleet, fleet.select(parse("tag:red", now=NOW))) == ["aaaa-1", "bbbb-2"]


def test_a_sort_by_what_is_no_fact_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        make_fleet(DEVICES).select(sort=(("nothing", False),))


def test_an_empty_fleet_answers_everything() -> None:
    fleet = Fleet()
    assert fleet.select(parse("till state:online -os:<11 is:gone", now=NOW)).tolist() == []
    assert fleet.select(sort=(("state", True), ("last_seen", False), ("serial", True))).tolist() == []
    assert fleet.counts("condition") == {}
    assert fleet.group_counts() == {}


def _key(device: Device, name: str, fleet: Fleet) -> object:
    if name == "condition":
        return list(DeviceCondition).index(condition_of(device.state))
    if name == "group":
        return fold(fleet.groups.path(device.group_id)) or None
    if name == "tags":
        return tuple(sorted(fold(fleet.tag_texts.get(t, t)) for t in device.tags)) or None
    value = getattr(device, name)
    if name == "os_version":
        return (version_key(value), fold(value)) if value else None
    if isinstance(value, str):
        return fold(value).encode()[:64] or None
    return value


@pytest.mark.parametrize("seed", range(12))
def test_the_order_is_that_of_a_plain_sort_while_devices_come_and_change(seed: int) -> None:
    dice = random.Random(seed)
    devices: list[Device] = []
    index: dict[str, int] = {}
    fleet = Fleet(index)
    fleet.set_groups(Groups(GROUPS))
    fleet.set_tags({"t1": "Kiosk", "t2": "Blue"})
    facts = [
        "name",
        "alias",
        "state",
        "condition",
        "group",
        "tags",
        "os_version",
        "last_seen",
        "battery_level",
        "is_gms",
    ]
    for _ in range(12):
        rows = sorted(dice.sample(range(len(devices)), min(len(devices), 3)))
        rows += range(len(devices), len(devices) + dice.randrange(1, 9))
        fresh = [random_device(row, dice) for row in rows]
        for row, device in zip(rows, fresh, strict=True):
            devices[row : row + 1] = [device]
            index[device.id] = row
        put(fleet, rows, fresh, [None] * len(rows))
        sort = tuple((name, dice.random() < 0.5) for name in dice.sample(facts, dice.randrange(1, 4)))
        expected = sorted(range(len(devices)), key=lambda row: (devices[row].name == "", fold(devices[row].name), row))
        for name, descending in reversed(sort):
            keyed = {row: _key(devices[row], name, fleet) for row in expected}
            known = sorted((r for r in expected if keyed[r] is not None), key=lambda r: keyed[r], reverse=descending)  # type: ignore[arg-type,return-value]
            if descending:
                # A reversed stable sort keeps equal ones in their order, as ours does.
                known = sorted((r for r in expected if keyed[r] is not None), key=keyed.__getitem__, reverse=True)  # type: ignore[arg-type]
            expected = known + [r for r in expected if keyed[r] is None]
        assert fleet.select(sort=sort).tolist() == expected


def test_a_view_may_be_computed_elsewhere_while_devices_arrive() -> None:
    dice = random.Random(1)
    index: dict[str, int] = {}
    fleet = Fleet(index)
    stop = threading.Event()
    failures: list[BaseException] = []

    def look() -> None:
        query = parse("till OR desk -state:offline", now=NOW)
        while not stop.is_set():
            try:
                rows = fleet.select(query, sort=(("state", True), ("name", False)))
                assert len(set(rows.tolist())) == len(rows)
            except BaseException as error:
                failures.append(error)
                return

    looker = threading.Thread(target=look)
    looker.start()
    for start in range(0, 3000, 50):
        fresh = [random_device(row, dice) for row in range(start, start + 50)]
        index.update({device.id: row for row, device in enumerate(fresh, start)})
        put(fleet, range(start, start + 50), fresh, [None] * 50)
    stop.set()
    looker.join()
    assert not failures
