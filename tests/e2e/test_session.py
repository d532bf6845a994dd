"""A session on the real sandbox: from the first page to the copy that stays when the network goes."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from app.commands.request import build
from app.errors import NotAuthorised, Unreachable
from app.jobs.plan import seal
from app.session import Session
from app.settings import Profile, Tenant, tenant_from
from app.states import FINAL_STATES, TargetState
from tests.sandbox import Sandbox, running

FAST = ("--speed", "200", "--seed", "7")


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Waits for a condition that a real server brings about."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def tenant_of(sandbox: Sandbox) -> Tenant:
    return tenant_from(sandbox.url)


def with_session(
    sandbox: Sandbox, profile: Path, body: Callable[[Session], Coroutine[Any, Any, None]], *, connect: bool = True
) -> None:
    async def main() -> None:
        session = await Session.open(tenant_of(sandbox), Profile(profile))
        try:
            if connect:
                await session.connect(sandbox.token)
            await body(session)
        finally:
            await session.close()

    asyncio.run(main())


def test_a_sweep_brings_every_device_group_app_and_version(tmp_path: Path) -> None:
    async def body(session: Session) -> None:
        report = await session.sync()
        assert (report.complete, report.devices, session.fleet.live_count) == (True, 150, 150)
        assert session.health.full_sync_at is not None
        assert report.groups == len(session.store.groups.by_id) > 3
        assert report.apps == len(session.store.apps) > 3
        assert report.versions == sum(len(v) for v in session.store.versions.values()) >= report.apps
        known = set(session.store.groups.by_id)
        assert all(session.fleet.value("group_id", row) in known for row in session.fleet.select().tolist())

    with running(150, *FAST) as sandbox:
        with_session(sandbox, tmp_path, body)


def test_without_a_network_the_session_starts_from_its_copy_with_its_age(tmp_path: Path) -> None:
    names: list[object] = []

    async def first(session: Session) -> None:
        await session.sync()
        names.extend(session.fleet.value("name", r) for r in session.fleet.select().tolist())

    async def second(session: Session) -> None:
        assert [session.fleet.value("name", r) for r in session.fleet.select().tolist()] == names
        assert session.health.full_sync_at is not None
        with pytest.raises(Unreachable):
            await session.connect("any-key-will-do")
        assert not session.online
        assert session.fleet.live_count == 60

    with running(60, *FAST) as sandbox:
        with_session(sandbox, tmp_path, first)
    with_session(sandbox, tmp_path, second, connect=False)


def test_a_wrong_key_is_refused_and_the_copy_stays_readable(tmp_path: Path) -> None:
    async def body(session: Session) -> None:
        await session.sync()
        with pytest.raises(NotAuthorised):
            await session.connect("not-the-key")
        assert session.fleet.live_count == 40

    with running(40, *FAST) as sandbox:
        with_session(sandbox, tmp_path, body)


def test_a_reboot_is_followed_until_every_device_has_a_final_state_and_the_server_agrees(tmp_path: Path) -> None:
    async def body(session: Session) -> None:
        await session.sync()
        rows = [r for r in session.fleet.select().tolist() if session.fleet.value("condition", r) == "online"]
        ids = [session.fleet.id(r) for r in rows if session.fleet.value("platform", r) == "ANDROID"][:20]
        plan = seal(build("REBOOT", {}, ids), session.fleet, now=session.clock(), tenant=session.tenant.key)
        job = await session.jobs.submit(plan, {})
        await until(lambda: all(t.state in FINAL_STATES for t in session.jobs.targets(job.id)), 60)
        await until(lambda: session.jobs.job(job.id).phase == "done")  # type: ignore[union-attr]
        targets = session.jobs.targets(job.id)
        assert sorted(t.device_id for t in targets) == sorted(ids)
        assert sum(t.state == TargetState.SUCCESS for t in targets) > len(ids) // 2
        assert all(t.reason for t in targets if t.state == TargetState.FAILURE)
        assert session.client is not None
        for target in targets:
            async for page in session.client.command_statuses(device_id=target.device_id):
                assert [s.id for s in page.rows if s.id == target.status_id]

    with running(150, *FAST) as sandbox:
        with_session(sandbox, tmp_path, body)


def test_a_wiped_device_vanishes_from_the_next_sweep_but_stays_visible_as_gone(tmp_path: Path) -> None:
    async def body(session: Session) -> None:
        await session.sync()
        row = next(
            r
            for r in session.fleet.select().tolist()
            if session.fleet.value("condition", r) == "online" and session.fleet.value("platform", r) == "ANDROID"
        )
        victim = session.fleet.id(row)
        plan = seal(build("WIPE", {}, [victim]), session.fleet, now=session.clock(), tenant=session.tenant.key)
        job = await session.jobs.submit(plan, {})
        await until(lambda: session.jobs.targets(job.id)[0].state in FINAL_STATES, 60)
        if session.jobs.targets(job.id)[0].state != TargetState.SUCCESS:
            pytest.fail("seed 7 was chosen so that this wipe succeeds")

        async def swept() -> bool:
            report = await session.sync()
            return report.gone > 0 or session.fleet.live_count == 39

        async with asyncio.timeout(30):
            while not await swept():
                await asyncio.sleep(0.05)
        gone = session.fleet.row(victim)
        assert gone is not None
        assert session.fleet.value("gone_at", gone) is not None
        assert session.fleet.live_count == 39

    with running(40, *FAST) as sandbox:
        with_session(sandbox, tmp_path, body)


def test_a_damaged_copy_is_set_aside_and_rebuilt_and_the_ledger_is_not_touched(tmp_path: Path, expected_log) -> None:  # type: ignore[no-untyped-def]
    expected_log("was damaged and is kept as")

    async def fill(session: Session) -> None:
        await session.sync()

    async def again(session: Session) -> None:
        assert session.set_aside is not None
        assert session.set_aside.exists()
        assert session.fleet.live_count == 0
        await session.sync()
        assert session.fleet.live_count == 30

    with running(30, *FAST) as sandbox:
        with_session(sandbox, tmp_path, fill)
        copy = Profile(tmp_path).tenant_dir(tenant_of(sandbox)) / "copy.db"
        copy.write_bytes(b"this is no database" * 1000)
        with_session(sandbox, tmp_path, again)
