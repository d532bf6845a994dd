"""A sweep from a tenant that is calm, moves, refuses or goes away, into a real copy."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from app.errors import Forbidden, NotAuthorised, StoreError, Unreachable
from app.esper.pages import Page
from app.records import App, Group
from app.store.store import Store
from app.sync.health import Health
from app.sync.sweep import Progress, Sweep
from tests.unit.sync.tenant import Tenant, devices, pages_of

NOW = 1_700_000_000.0


class Clock:
    """Moves by one second a look."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        self.now += 1
        return self.now


def run(tmp_path: Path, body: Callable[[Store], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        store = await Store.open(tmp_path / "copy.db")
        try:
            await body(store)
        finally:
            await store.close()

    asyncio.run(main())


def sweep_of(tenant: Tenant, store: Store, health: Health | None = None) -> Sweep:
    return Sweep(tenant, store, health or Health(), clock=Clock())  # type: ignore[arg-type]


def live(store: Store) -> set[str]:
    return {store.fleet.id(row) for row in store.fleet.select().tolist()}


def test_everything_arrives_and_is_reported(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        health = Health()
        report = await sweep_of(Tenant(), store, health).run()
        assert (report.devices, report.groups, report.tags, report.apps, report.versions) == (3, 1, 1, 2, 1)
        assert (report.appeared, report.gone, report.complete, report.doubt) == (3, 0, True, "")
        assert report.requests == 2 + 1 + 1 + 1 + 2
        assert report.seconds > 0
        assert live(store) == {"d001", "d002", "d003"}
        assert store.meta["server_devices"] == 3
        assert health.online is True
        assert health.fetched_at == health.full_sync_at == store.meta["full_sync_at"]

    run(tmp_path, body)


def test_the_first_page_is_on_screen_before_the_second_and_before_any_app_is_asked_for(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        seen: dict[str, int] = {}
        tenant = Tenant()
        tenant.at_page = lambda kind, number: seen.setdefault(f"{kind} {number}", store.fleet.live_count)  # type: ignore[func-returns-value]
        await sweep_of(tenant, store).run()
        assert (seen["devices 0"], seen["devices 1"]) == (0, 2)
        assert seen["apps 0"] >= 2

    run(tmp_path, body)


def test_progress_counts_rows_of_each_kind(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        heard: list[Progress] = []
        sweep = sweep_of(Tenant(), store)
        sweep.progress.connect(heard.append)
        await sweep.run()
        assert [(p.done, p.total) for p in heard if p.kind == "devices"] == [(2, 3), (3, 3)]
        assert {p.kind for p in heard} == {"devices", "groups", "tags", "apps"}

    run(tmp_path, body)


def test_a_device_that_vanished_is_gone_after_a_whole_reading_and_is_back_when_it_returns(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        await sweep_of(Tenant(), store).run()
        report = await sweep_of(Tenant(passes=[pages_of(devices(1, 3))]), store).run()
        assert (report.gone, live(store)) == (1, {"d001", "d003"})
        report = await sweep_of(Tenant(), store).run()
        assert (report.appeared, live(store)) == (1, {"d001", "d002", "d003"})

    run(tmp_path, body)


def test_rows_that_come_twice_do_no_harm(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        one, two, three = devices(1, 2, 3)
        pages = [Page(0, 3, [one, two, one]), Page(2, 3, [two, three])]
        report = await sweep_of(Tenant(passes=[pages]), store).run()
        assert (report.devices, report.complete) == (3, True)

    run(tmp_path, body)


SHORT = pages_of(devices(1, 2), total=3)
MOVED = [Page(0, 4, devices(1, 2)), Page(2, 3, devices(3))]


@pytest.mark.parametrize("first", [SHORT, MOVED])
def test_a_list_that_moved_is_read_once_more_and_then_trusted(tmp_path: Path, first: list[Page[Any]]) -> None:
    async def body(store: Store) -> None:
        await sweep_of(Tenant(passes=[pages_of(devices(1, 2, 3, 4))]), store).run()
        tenant = Tenant(passes=[first, pages_of(devices(1, 2, 3))])
        report = await sweep_of(tenant, store).run()
        assert tenant.calls["device lists"] == 2
        assert (report.complete, report.gone, report.devices) == (True, 1, 3)

    run(tmp_path, body)


@pytest.mark.parametrize("pages", [SHORT, MOVED])
def test_a_list_that_keeps_moving_is_doubted_and_nothing_is_called_gone(tmp_path: Path, pages: list[Page[Any]]) -> None:
    async def body(store: Store) -> None:
        health = Health()
        await sweep_of(Tenant(passes=[pages_of(devices(1, 2, 3, 4, 5))]), store).run()
        before = store.meta["full_sync_at"]
        report = await sweep_of(Tenant(passes=[pages]), store, health).run()
        assert (report.complete, report.gone, len(live(store))) == (False, 0, 5)
        assert "devices" in report.doubt
        assert health.full_sync_at == store.meta["full_sync_at"] == before

    run(tmp_path, body)


def test_without_a_size_from_the_server_the_end_of_the_list_is_trusted(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        report = await sweep_of(Tenant(passes=[[Page(0, None, devices(1, 2))]]), store).run()
        assert (report.devices, report.complete) == (2, True)

    run(tmp_path, body)


def test_an_empty_list_without_a_size_does_not_empty_the_copy(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        await sweep_of(Tenant(), store).run()
        report = await sweep_of(Tenant(passes=[[Page(0, None, [])]]), store).run()
        assert (report.complete, report.gone, len(live(store))) == (False, 0, 3)

    run(tmp_path, body)


def test_a_line_cut_in_the_middle_keeps_what_arrived_and_calls_nothing_gone(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        await sweep_of(Tenant(passes=[pages_of(devices(4, 5))]), store).run()
        health, tenant = Health(), Tenant()

        def cut(kind: str, number: int) -> None:
            if (kind, number) == ("devices", 1):
                raise Unreachable("cut")

        tenant.at_page = cut
        with pytest.raises(Unreachable):
            await sweep_of(tenant, store, health).run()
        assert live(store) == {"d001", "d002", "d004", "d005"}
        assert (health.online, health.full_sync_at) == (False, None)
        assert isinstance(health.error, Unreachable)

    run(tmp_path, body)


@pytest.mark.parametrize(
    ("kind", "named"), [("groups", "groups"), ("tags", "tags"), ("apps", "apps"), ("versions a1", "versions")]
)
def test_a_part_the_key_may_not_read_is_a_doubt_and_the_copy_of_it_stays(tmp_path: Path, kind: str, named: str) -> None:
    async def body(store: Store) -> None:
        await sweep_of(Tenant(), store).run()
        report = await sweep_of(Tenant(faults={kind: Forbidden(403)}), store).run()
        assert named in report.doubt
        assert not report.complete
        assert report.devices == 3
        assert set(store.groups.by_id) == {"g1"}
        assert store.tags == {"t1": "kiosk"}
        assert [v.id for v in store.versions["a1"]] == ["v1"]

    run(tmp_path, body)


def test_groups_that_moved_twice_do_not_replace_those_the_copy_has(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        await sweep_of(Tenant(), store).run()
        torn = [[Page(0, 9, [Group(id="g2", name="Half")])]]
        report = await sweep_of(Tenant(groups=torn), store).run()
        assert "groups" in report.doubt
        assert set(store.groups.by_id) == {"g1"}

    run(tmp_path, body)


def test_a_key_that_is_refused_ends_the_sweep_with_the_server_reached(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        health = Health()
        refused = NotAuthorised(401)
        with pytest.raises(NotAuthorised):
            await sweep_of(
                Tenant(faults=dict.fromkeys(("devices", "groups", "tags", "apps"), refused)), store, health
            ).run()
        assert health.online is True
        assert health.error is refused

    run(tmp_path, body)


def test_two_who_sweep_at_once_share_one_sweep(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        tenant = Tenant()
        sweep = sweep_of(tenant, store)
        first, second = await asyncio.gather(sweep.run(), sweep.run())
        assert first is second
        assert tenant.calls["device lists"] == 1
        assert await sweep.run() is not first

    run(tmp_path, body)


def test_a_cancelled_sweep_closes_its_lists_and_calls_nothing_gone(tmp_path: Path) -> None:
    async def body(store: Store) -> None:
        await sweep_of(Tenant(passes=[pages_of(devices(7, 8, 9))]), store).run()
        tenant = Tenant(apps=[App(id="a1")])
        started = asyncio.Event()
        tenant.at_page = lambda kind, number: started.set() if (kind, number) == ("devices", 1) else None
        async with asyncio.TaskGroup() as group:
            task = group.create_task(sweep_of(tenant, store).run())
            await started.wait()
            task.cancel()
        assert {"d007", "d008", "d009"} <= live(store)
        assert tenant.closed == tenant.opened > 0

    run(tmp_path, body)


def test_a_copy_that_cannot_be_written_ends_the_sweep(tmp_path: Path) -> None:
    async def main() -> None:
        store = await Store.open(tmp_path / "copy.db")
        await store.close()
        with pytest.raises(StoreError):
            await sweep_of(Tenant(), store).run()

    asyncio.run(main())
