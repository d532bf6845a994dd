"""Details: kept with their age, fetched when asked, once at a time."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from app.errors import Forbidden, NotFound, Offline, Unreachable
from app.records import CommandRequest, CommandStatus, Device, DeviceApp
from app.store.store import Store
from app.sync.details import Details
from tests.unit.sync.tenant import Tenant

APP = DeviceApp(id="1", device_id="d1", name="Shop", version="7", raw=b'{"x":1}')


def run(tmp_path: Path, body: Callable[[Store, Tenant, Details], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        store = await Store.open(tmp_path / "copy.db")
        tenant = Tenant(on_device={"d1": [APP]})
        details = Details(tenant, store, lambda: 500.0)  # type: ignore[arg-type]
        try:
            await body(store, tenant, details)
        finally:
            await details.close()
            await store.close()

    asyncio.run(main())


def test_without_refresh_only_the_copy_is_read_and_says_its_age(tmp_path: Path) -> None:
    async def body(store: Store, tenant: Tenant, details: Details) -> None:
        never = await details.apps_of("d1", refresh=False)
        assert (never.rows, never.at) == ([], None)
        assert not tenant.calls
        fresh = await details.apps_of("d1", refresh=True)
        assert (fresh.rows, fresh.at) == ([APP], 500.0)
        kept = await details.apps_of("d1", refresh=False)
        assert (kept.rows, kept.at) == ([APP], 500.0)
        assert tenant.calls["device apps"] == 1

    run(tmp_path, body)


def test_offline_a_refresh_says_so_and_the_copy_still_answers(tmp_path: Path) -> None:
    async def body(store: Store, tenant: Tenant, details: Details) -> None:
        await details.apps_of("d1", refresh=True)
        details.connect(None)
        with pytest.raises(Offline):
            await details.apps_of("d1", refresh=True)
        assert (await details.apps_of("d1", refresh=False)).rows == [APP]

    run(tmp_path, body)


def test_a_failed_refresh_leaves_what_was_kept(tmp_path: Path) -> None:
    async def body(store: Store, tenant: Tenant, details: Details) -> None:
        await details.apps_of("d1", refresh=True)
        tenant.faults["device apps"] = Unreachable("gone")
        with pytest.raises(Unreachable):
            await details.apps_of("d1", refresh=True)
        assert (await details.apps_of("d1", refresh=False)).at == 500.0

    run(tmp_path, body)


def test_the_same_thing_asked_twice_at_once_is_fetched_once(tmp_path: Path) -> None:
    async def body(store: Store, tenant: Tenant, details: Details) -> None:
        await asyncio.gather(
            *(details.apps_of("d1", refresh=True) for _ in range(3)), details.apps_of("d2", refresh=True)
        )
        assert tenant.calls["device apps"] == 2

    run(tmp_path, body)


def test_one_who_gives_up_does_not_spoil_it_for_another(tmp_path: Path) -> None:
    async def body(store: Store, tenant: Tenant, details: Details) -> None:
        async with asyncio.TaskGroup() as group:
            gives_up = group.create_task(details.apps_of("d1", refresh=True))
            stays = group.create_task(details.apps_of("d1", refresh=True))
            await asyncio.sleep(0)
            gives_up.cancel()
        assert (await stays).rows == [APP]
        assert tenant.calls["device apps"] == 1

    run(tmp_path, body)


def status(number: int, request_id: str, state: str = "Command Success") -> CommandStatus:
    return CommandStatus(id=f"s{number}", request_id=request_id, device_id="d1", state=state, created_at=float(number))


def test_recent_commands_are_named_newest_first_and_each_request_is_read_once(tmp_path: Path) -> None:
    async def body(store: Store, tenant: Tenant, details: Details) -> None:
        tenant.statuses = [
            status(1, "r1"),
            status(3, "r2", "Command TimeOut"),
            status(2, "r1", "Command Paused"),
            status(4, "r9"),
        ]
        secret = {"new_lockscreen_password": "hunter22"}
        tenant.commands = {
            "r1": CommandRequest(id="r1", command="REBOOT", created_by="kim"),
            "r2": CommandRequest(id="r2", command="RESET_LOCKSCREEN_PASSWORD", args=secret),
        }
        rows = (await details.recent_commands("d1", refresh=True)).rows
        assert [(r.command, r.state, r.created_by) for r in rows] == [
            ("", "success", ""),
            ("RESET_LOCKSCREEN_PASSWORD", "timed out", ""),
            ("REBOOT", "Command Paused", "kim"),
            ("REBOOT", "success", "kim"),
        ]
        await details.recent_commands("d1", refresh=True)
        assert tenant.calls["request"] == 4
        kept = await store.detail("recent commands", "d1")
        assert kept is not None
        assert b"hunter22" not in kept.payload
        assert (await details.recent_commands("d1", refresh=False)).rows == rows

    run(tmp_path, body)


def test_an_error_on_the_way_to_a_command_name_is_the_caller_s(tmp_path: Path) -> None:
    async def body(store: Store, tenant: Tenant, details: Details) -> None:
        tenant.statuses = [status(1, "r1")]
        tenant.faults["request"] = Forbidden(403)
        with pytest.raises(Forbidden):
            await details.recent_commands("d1", refresh=True)

    run(tmp_path, body)


def test_devices_of_a_version_and_operations_are_kept_too(tmp_path: Path) -> None:
    async def body(store: Store, tenant: Tenant, details: Details) -> None:
        await details.installed_on("a1", "v1", refresh=True)
        await details.operations_of("d1", refresh=True)
        details.connect(None)
        assert [r.device_name for r in (await details.installed_on("a1", "v1", refresh=False)).rows] == ["a1 v1"]
        assert (await details.installed_on("a1", "v2", refresh=False)).at is None
        assert (await details.operations_of("d1", refresh=False)).at == 500.0

    run(tmp_path, body)


def test_one_device_is_brought_up_to_date_or_marked_as_gone(tmp_path: Path) -> None:
    async def body(store: Store, tenant: Tenant, details: Details) -> None:
        await store.put_devices([Device(id="d1", name="Till")], at=1.0)
        await details.device("d1")
        row = store.fleet.row("d1")
        assert row is not None
        assert store.fleet.value("name", row) == "Renamed"
        tenant.faults["device"] = NotFound(404)
        await details.device("d1")
        assert store.fleet.live_count == 0

    run(tmp_path, body)


def test_what_an_older_version_kept_in_another_form_counts_as_never_fetched(tmp_path: Path) -> None:
    async def body(store: Store, tenant: Tenant, details: Details) -> None:
        await store.put_detail("device apps", "d1", b"\x81\xa1x\x01", at=3.0)
        assert (await details.apps_of("d1", refresh=False)).at is None

    run(tmp_path, body)
