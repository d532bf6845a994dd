"""What ends a session early: closing, going offline, a second process; nothing hangs, leaks or comes back by itself."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import apsw
import pytest

from app.errors import Offline, StoreError
from app.session import Session
from app.settings import Profile, Settings
from app.terminal import EXIT_STORE, TOKEN_VARIABLE
from tests.e2e.test_session import tenant_of, until
from tests.sandbox import Sandbox, running

SLOW = ("--latency", "400", "--seed", "7")


def sockets() -> int:
    """How many sockets this process holds."""
    links = list(Path("/proc/self/fd").iterdir())
    return sum(str(link.readlink()).startswith("socket:") for link in links if link.is_symlink())


def with_session(sandbox: Sandbox, profile: Path, body: Callable[[Session], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        session = await Session.open(tenant_of(sandbox), Profile(profile))
        try:
            await body(session)
        finally:
            await session.close()

    asyncio.run(main())


@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors in /proc")
@pytest.mark.parametrize("moment", ["connecting", "first answers", "sweeping"])
def test_closing_at_any_moment_ends_at_once_and_leaves_no_connection(tmp_path: Path, moment: str) -> None:
    before = sockets()

    async def main(sandbox: Sandbox) -> None:
        session = await Session.open(tenant_of(sandbox), Profile(tmp_path))
        pages: list[object] = []
        session.progress.connect(pages.append)
        loop_sockets = sockets()
        session.begin(sandbox.token, 5)
        if moment == "connecting":
            await until(lambda: sockets() > loop_sockets)
        elif moment == "first answers":
            await until(lambda: session.client is not None)
        else:
            await until(lambda: bool(pages))
        async with asyncio.timeout(2):
            await session.close()
        assert sockets() == loop_sockets

    with running(150, *SLOW) as sandbox:
        asyncio.run(main(sandbox))
    assert sockets() == before


def test_working_offline_in_the_middle_of_a_sweep_can_be_ended_again(tmp_path: Path) -> None:
    async def body(session: Session) -> None:
        pages: list[object] = []
        session.progress.connect(pages.append)
        session.begin(sandbox.token, 5)
        await until(lambda: bool(pages))
        await session.disconnect()
        assert (session.online, session.away, session.client) == (False, True, None)
        session.refresh_soon()
        await until(lambda: session.health.full_sync_at is not None)
        assert session.online

    with running(60, *SLOW) as sandbox:
        with_session(sandbox, tmp_path, body)


def test_working_offline_is_not_undone_by_a_connection_that_was_being_made(tmp_path: Path) -> None:
    async def body(session: Session) -> None:
        connecting = asyncio.ensure_future(session.connect(sandbox.token))
        await asyncio.sleep(0.2)
        await session.disconnect()
        with pytest.raises(Offline):
            await connecting
        assert (session.online, session.away, session.client) == (False, True, None)

    with running(20, *SLOW) as sandbox:
        with_session(sandbox, tmp_path, body)


def test_who_waits_for_a_sweep_that_is_stopped_hears_that_it_is_offline(tmp_path: Path) -> None:
    async def body(session: Session) -> None:
        await session.connect(sandbox.token)
        waiting = asyncio.ensure_future(session.sync())
        await asyncio.sleep(0.2)
        await session.disconnect()
        with pytest.raises(Offline):
            await waiting

    with running(60, *SLOW) as sandbox:
        with_session(sandbox, tmp_path, body)


def test_a_copy_that_can_not_be_written_is_said_and_not_hidden_behind_an_old_age(
    tmp_path: Path, expected_log: Callable[[str], None]
) -> None:
    expected_log("database or disk is full")

    async def body(session: Session) -> None:
        with apsw.Connection(str(session.store.path)) as disk:
            disk.execute(
                "CREATE TRIGGER full BEFORE INSERT ON device_raw BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
            )
        disk.close()
        session.begin(sandbox.token, 5)
        await until(lambda: isinstance(session.health.error, StoreError))
        assert "full" in str(session.health.error)
        assert session.health.full_sync_at is None
        assert session.online

    with running(20, "--seed", "7") as sandbox:
        with_session(sandbox, tmp_path, body)


def headless(*args: str, token: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {TOKEN_VARIABLE: token}
    return subprocess.run(
        [sys.executable, "-m", "ui.main", *args], capture_output=True, text=True, timeout=60, env=environment
    )


def test_while_a_window_has_the_copy_open_sync_says_so_and_list_prints_it(tmp_path: Path) -> None:
    async def body(session: Session) -> None:
        await session.connect(sandbox.token)
        await session.sync()
        profile = Profile(tmp_path)
        profile.save(Settings(tenants=[session.tenant], last_tenant=session.tenant.key))
        kept = profile.settings_file.read_bytes()
        refused = await asyncio.to_thread(
            headless, "sync", "--url", sandbox.url, "--profile", str(tmp_path), token=sandbox.token
        )
        assert (refused.returncode, refused.stdout) == (EXIT_STORE, "")
        assert refused.stderr.startswith("fleet-console: another fleet-console has this tenant's copy open")
        assert refused.stderr.count("\n") == 1
        assert profile.settings_file.read_bytes() == kept
        listed = await asyncio.to_thread(headless, "list", "--json", "--profile", str(tmp_path))
        assert (listed.returncode, listed.stderr) == (0, "")
        assert len([json.loads(line) for line in listed.stdout.splitlines()]) == 60
        await session.sync()

    with running(60, "--seed", "7") as sandbox:
        with_session(sandbox, tmp_path, body)


def test_listing_a_tenant_without_a_copy_leaves_no_directory_behind(tmp_path: Path) -> None:
    assert headless("list", "--url", "acme", "--profile", str(tmp_path)).returncode != 0
    assert not (tmp_path / "tenants").exists()
