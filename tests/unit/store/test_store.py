"""The copy on disk and in memory: sweeps, tombstones, restarts, kills and damage, against a plain dictionary."""

import asyncio
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.records import App, AppVersion, Change, Device, Group, Tag
from app.store.register import Swept
from app.store.store import Detail, Store

from .samples import DEVICES, GROUPS, NOW, names, random_device, with_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "copy.db"


def run(path: Path, work: Any) -> Any:
    return asyncio.run(with_store(path, work))


def heard(store: Store) -> list[Change]:
    changes: list[Change] = []
    store.changed.connect(changes.append)
    return changes


def picture(store: Store) -> dict[str, tuple[Any, ...]]:
    """Everything the fleet says of every device."""
    facts = ("name", "alias", "state", "tags", "group", "os_version", "last_seen", "battery_level", "is_gms", "gone_at")
    return {store.fleet.id(row): tuple(store.fleet.value(f, row) for f in facts) for row in range(store.fleet.rows)}


def test_what_was_put_is_there_after_a_restart(path: Path) -> None:
    async def fill(store: Store) -> Any:
        await store.put_groups(GROUPS, at=NOW)
        await store.put_tags([Tag(id="t1", text="Kiosk")], at=NOW)
        assert await store.put_devices(DEVICES, at=NOW) == 4
        await store.put_meta(server_devices=4, note="x")
        return picture(store)

    async def look(store: Store) -> None:
        assert picture(store) == before
        assert store.fleet.value("tags", 0) == ("Kiosk", "t2")
        assert store.groups.path("n12") == "All devices/North/Store 12"
        assert store.meta == {"groups_at": NOW, "tags_at": NOW, "server_devices": 4, "note": "x"}
        assert names(store.fleet, store.fleet.select()) == ["cccc-3", "aaaa-1", "bbbb-2", "dddd-4"]

    before = run(path, fill)
    run(path, look)


def test_the_whole_record_comes_back_with_the_servers_document(path: Path) -> None:
    device = msgspec.structs.replace(DEVICES[0], raw=b'{"name": "Till 1", "new_field": [1]}')

    async def work(store: Store) -> None:
        await store.put_devices([device], at=NOW)
        assert await store.device(device.id) == device
        assert await store.device("nobody") is None
        await store.mark_gone([device.id], at=NOW)
        assert await store.device(device.id) == device

    run(path, work)


def test_equal_records_are_neither_counted_nor_announced(path: Path) -> None:
    async def work(store: Store) -> None:
        await store.put_devices(DEVICES, at=NOW)
        changes, version = heard(store), store.fleet.version
        assert await store.put_devices(DEVICES, at=NOW + 1) == 0
        assert changes == []
        assert store.fleet.version == version
        moved = msgspec.structs.replace(DEVICES[1], battery_level=3.0)
        assert await store.put_devices([*DEVICES[:1], moved], at=NOW + 2) == 1
        assert changes == [Change(kind="devices", ids=frozenset({"bbbb-2"}))]
        assert store.fleet.value("battery_level", 1) == 3.0

    run(path, work)


def test_of_two_records_of_one_device_in_a_page_the_last_counts(path: Path) -> None:
    async def work(store: Store) -> None:
        assert await store.put_devices([Device(id="a", name="old"), Device(id="a", name="new")], at=NOW) == 1
        assert store.fleet.rows == 1
        assert store.fleet.value("name", 0) == "new"

    run(path, work)


def test_a_record_with_broken_text_is_mended_and_stays_one_device(path: Path) -> None:
    async def work(store: Store) -> None:
        await store.put_devices([Device(id="a\ud800", name="x\udfff")], at=NOW)
        await store.put_devices([Device(id="a\ud800", name="x\udfff")], at=NOW)
        assert names(store.fleet, store.fleet.select()) == ["a?"]

    run(path, work)
    run(path, lambda store: store.put_meta(seen=store.fleet.rows))


def test_a_complete_sweep_turns_what_it_has_not_seen_into_tombstones(path: Path) -> None:
    async def work(store: Store) -> None:
        await store.put_devices(DEVICES, at=NOW)
        sweep = await store.begin_sweep()
        changed = msgspec.structs.replace(DEVICES[1], name="till 11")
        await store.put_devices([DEVICES[0], changed], at=NOW + 5, sweep=sweep)
        await store.put_devices([Device(id="new", name="New")], at=NOW + 6, sweep=sweep)
        changes = heard(store)
        assert await store.finish_sweep(sweep, complete=True, at=NOW + 7) == Swept(3, 1, 1, 2)
        assert changes == [Change(kind="devices", ids=frozenset({"cccc-3", "dddd-4"}))]
        assert names(store.fleet, store.fleet.select()) == ["new", "aaaa-1", "bbbb-2"]
        assert store.fleet.value("gone_at", 2) == NOW + 7
        assert store.fleet.live_count == 3
        assert (store.meta["fetched_at"], store.meta["full_sync_at"]) == (NOW + 6, NOW + 7)

    run(path, work)
    run(path, lambda store: store.put_meta(live=store.fleet.live_count))
    assert run(path, lambda store: store.detail("x", "y")) is None


def test_an_incomplete_sweep_marks_nothing_gone_and_is_no_full_sync(path: Path) -> None:
    async def work(store: Store) -> None:
        await store.put_devices(DEVICES, at=NOW)
        sweep = await store.begin_sweep()
        await store.put_devices(DEVICES[:1], at=NOW + 5, sweep=sweep)
        assert await store.finish_sweep(sweep, complete=False, at=NOW + 7) == Swept(1, 0, 0, 0)
        assert store.fleet.live_count == 4
        assert "full_sync_at" not in store.meta

    run(path, work)


def test_a_sweep_that_another_has_replaced_marks_nothing_gone(path: Path) -> None:
    async def work(store: Store) -> None:
        await store.put_devices(DEVICES, at=NOW)
        first = await store.begin_sweep()
        await store.put_devices(DEVICES[:1], at=NOW, sweep=first)
        second = await store.begin_sweep()
        assert await store.finish_sweep(first, complete=True, at=NOW) == Swept(0, 0, 0, 0)
        assert "full_sync_at" not in store.meta
        await store.put_devices(DEVICES, at=NOW, sweep=second)
        assert (await store.finish_sweep(second, complete=True, at=NOW)).gone == 0
        assert await store.finish_sweep(second, complete=True, at=NOW + 9) == Swept(0, 0, 0, 0)

    run(path, work)


def test_a_device_that_was_asked_for_by_name_during_a_sweep_counts_as_seen(path: Path) -> None:
    async def work(store: Store) -> None:
        await store.put_devices(DEVICES, at=NOW)
        sweep = await store.begin_sweep()
        await store.put_devices(DEVICES[:3], at=NOW, sweep=sweep)
        await store.put_devices(DEVICES[3:], at=NOW)
        assert (await store.finish_sweep(sweep, complete=True, at=NOW)).gone == 0

    run(path, work)


def test_a_device_that_returns_is_live_again_although_nothing_else_changed(path: Path) -> None:
    async def work(store: Store) -> None:
        await store.put_devices(DEVICES, at=NOW)
        await store.mark_gone(["aaaa-1", "nobody"], at=NOW)
        changes = heard(store)
        await store.mark_gone(["aaaa-1"], at=NOW + 5)
        assert changes == []
        assert store.fleet.value("gone_at", 0) == NOW
        sweep = await store.begin_sweep()
        assert await store.put_devices(DEVICES, at=NOW, sweep=sweep) == 1
        assert store.fleet.value("gone_at", 0) is None
        assert await store.finish_sweep(sweep, complete=True, at=NOW) == Swept(4, 1, 0, 0)

    run(path, work)


def test_lists_replace_each_other_and_say_what_differs(path: Path) -> None:
    app, other = App(id="a", name="Till"), App(id="b", name="Desk")
    old = AppVersion(id="v1", app_id="a", version="1.9", created_at=1.0)
    new = AppVersion(id="v2", app_id="a", version="1.10", created_at=2.0)
    loose = AppVersion(id="v3", app_id="a", version="1.2")

    async def work(store: Store) -> None:
        changes = heard(store)
        await store.put_apps([app, other], {"a": [old, loose, new]}, at=NOW)
        assert store.versions == {"a": (new, old, loose), "b": ()}
        assert [c.kind for c in changes] == ["apps", "versions"]
        changes.clear()
        await store.put_apps([app, other], {"a": [new, old, loose]}, at=NOW + 1)
        assert changes == []
        assert store.meta["apps_at"] == NOW + 1
        await store.put_apps([app], {"a": [new]}, at=NOW)
        assert changes == [
            Change(kind="apps", ids=frozenset({"b"})),
            Change(kind="versions", ids=frozenset({"v1", "v3"})),
        ]
        changes.clear()
        await store.put_groups(GROUPS, at=NOW)
        await store.put_groups([*GROUPS[:-1], Group(id="x", name="X", parent_id="root")], at=NOW)
        assert changes[1:] == [Change(kind="groups", ids=frozenset({"x", "n12-back"}))]
        changes.clear()
        await store.put_devices(DEVICES, at=NOW)
        await store.put_tags([Tag(id="t1", text="New")], at=NOW)
        assert [(c.kind, c.ids) for c in changes[1:]] == [("tags", {"t1"}), ("devices", frozenset())]

    async def look(store: Store) -> None:
        assert store.apps == {"a": app}
        assert store.versions == {"a": (new,)}
        assert store.tags == {"t1": "New"}
        assert "x" in store.groups.by_id

    run(path, work)
    run(path, look)


def test_answers_about_one_thing_are_kept_with_their_age(path: Path) -> None:
    async def work(store: Store) -> None:
        await store.put_detail("apps", "a", b"[1]", at=1.0)
        await store.put_detail("apps", "a", b"[2]", at=2.0)
        assert await store.detail("apps", "a") == Detail(b"[2]", 2.0)
        assert await store.detail("apps", "b") is None
        await store.put_meta(x=1, y="z")
        await store.put_meta(x=None)
        assert store.meta == {"y": "z"}

    run(path, work)


@pytest.mark.parametrize("seed", range(8))
def test_the_store_says_what_a_plain_dictionary_says_whatever_happens(path: Path, seed: int) -> None:
    dice = random.Random(seed)
    model: dict[str, tuple[Device, float | None]] = {}

    def check(store: Store) -> None:
        fleet = store.fleet
        assert fleet.rows == len(model)
        assert fleet.live_count == sum(gone is None for _, gone in model.values())
        for device_id, (device, gone) in model.items():
            row = fleet.row(device_id)
            assert row is not None
            assert fleet.id(row) == device_id
            for name in ("name", "alias", "state", "os_version", "last_seen", "battery_level", "is_gms", "tags"):
                assert fleet.value(name, row) == getattr(device, name)
            assert fleet.value("gone_at", row) == gone
        live = sorted(i for i, (_, gone) in model.items() if gone is None)
        assert sorted(names(fleet, fleet.select())) == live

    async def session(store: Store) -> None:
        check(store)
        now = NOW
        sweep: int | None = None
        seen: set[str] = set()
        for _ in range(12):
            now += 1
            match dice.choice(["put", "put", "put", "begin", "finish", "abort", "gone", "same"]):
                case "put" | "same" as what:
                    chosen = [random_device(dice.randrange(40), dice) for _ in range(dice.randrange(15))]
                    if what == "same":
                        chosen = [model[d.id][0] for d in chosen if d.id in model]
                    latest = {device.id: device for device in chosen}
                    changed = {i for i, d in latest.items() if i not in model or model[i] != (d, None)}
                    changes = heard(store)
                    assert await store.put_devices(chosen, at=now, sweep=sweep) == len(changed)
                    assert changes == ([Change(kind="devices", ids=frozenset(changed))] if changed else [])
                    model.update({i: (d, None) for i, d in latest.items()})
                    seen |= set(latest)
                case "begin":
                    sweep, seen = await store.begin_sweep(), set()
                case "finish" | "abort" as what if sweep is not None:
                    missing = {i for i, (_, gone) in model.items() if gone is None and i not in seen}
                    swept = await store.finish_sweep(sweep, complete=what == "finish", at=now)
                    assert swept.seen == len({i for i in seen if i in model})
                    assert swept.gone == (len(missing) if what == "finish" else 0)
                    if what == "finish":
                        model.update({i: (model[i][0], now) for i in missing})
                    sweep = None
                case "gone":
                    chosen_ids = dice.sample(sorted(model), min(len(model), 2))
                    await store.mark_gone(chosen_ids, at=now)
                    model.update({i: (d, now) for i in chosen_ids for d, gone in [model[i]] if gone is None})
            store.changed.clear()
            check(store)
        for device_id in dice.sample(sorted(model), min(len(model), 5)):
            assert await store.device(device_id) == model[device_id][0]

    for _ in range(4):
        run(path, session)
    run(path, lambda store: store.put_meta(end=store.fleet.rows))


def test_many_writers_at_once_leave_memory_and_disk_alike(path: Path) -> None:
    dice = random.Random(7)

    async def work(store: Store) -> Any:
        pages = [[random_device(dice.randrange(200), dice) for _ in range(20)] for _ in range(30)]
        await asyncio.gather(*(store.put_devices(page, at=NOW) for page in pages))
        return picture(store)

    before = run(path, work)

    async def look(store: Store) -> None:
        assert picture(store) == before

    run(path, look)


def test_a_cancelled_put_leaves_memory_and_disk_alike(path: Path) -> None:
    async def work(store: Store) -> Any:
        for start in range(0, 400, 40):
            devices = [Device(id=f"{n}", name=f"n{n}") for n in range(start, start + 40)]
            try:
                async with asyncio.timeout(0):
                    await store.put_devices(devices, at=NOW)
            except TimeoutError:
                pass
        await store.put_meta(settled=1)
        return picture(store)

    before = run(path, work)

    async def look(store: Store) -> None:
        assert picture(store) == before

    run(path, look)
