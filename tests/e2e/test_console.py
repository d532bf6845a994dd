"""The console around its sandbox: opening twice, leaving early, crashes and kills; no process outlives its window."""

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest
from PySide6.QtWidgets import QApplication, QDialog

from app.commands.request import build
from app.credentials import Credentials
from app.errors import NoSecretStore, SecretStoreLocked
from app.jobs.book import FORGOTTEN
from app.jobs.plan import seal
from app.settings import Profile, Settings, tenant_from
from app.terminal import EXIT_STORE
from tests.e2e.test_session import until
from ui import loop
from ui.console import Console
from ui.dialogs.command import CommandDialog
from ui.dialogs.review import ReviewDialog

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads the list of processes from /proc")


class NoKeys(Credentials):
    """This computer has no key store."""

    def probe(self) -> str:
        raise NoSecretStore

    def read(self, tenant_key: str) -> str | None:
        return None


class LockedKeys(Credentials):
    """There is a key store, and nobody unlocks it."""

    def read(self, tenant_key: str) -> str | None:
        raise SecretStoreLocked("the collection is locked")


OTHERS: set[int] = set()


@pytest.fixture(autouse=True)
def only_ours() -> None:
    """Sandboxes that other tests of this process still need do not count."""
    OTHERS.clear()
    OTHERS.update(sandboxes(os.getpid()))


def sandboxes(parent: int) -> list[int]:
    """The sandbox processes that `parent` started and that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            status, command = (entry / "stat").read_text(), (entry / "cmdline").read_bytes()
        except OSError:
            continue
        state, father = status.rpartition(")")[2].split()[:2]
        if int(father) == parent and state != "Z" and b"app.sandbox" in command:
            found.append(int(entry.name))
    return [pid for pid in found if pid not in OTHERS]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def with_console(
    tmp_path: Path,
    body: Callable[[Console], Coroutine[Any, Any, None]],
    *,
    credentials: Credentials | None = None,
    clock: Callable[[], float] = time.time,
    settings: Settings | None = None,
) -> None:
    """Runs `body` beside a console's main, then quits; no sandbox is left."""

    async def main(app: QApplication) -> int:
        profile = Profile(tmp_path)
        profile.prepare()
        settings_ = settings or Settings(demo_devices=60)
        console = Console(app, profile, settings_, credentials=credentials or NoKeys(), clock=clock)
        running = asyncio.ensure_future(console.main())
        try:
            await body(console)
        finally:
            await console.quit()
            await running
        return 0

    assert loop.run(main) == 0
    assert sandboxes(os.getpid()) == []


def notices(console: Console) -> list[str]:
    return [notice.text for notice in console.window.notices.shown]


def synced(console: Console) -> Callable[[], bool]:
    return lambda: console.session is not None and console.session.health.full_sync_at is not None


def test_the_demo_asked_for_three_times_is_one_session_with_one_process(qapp: QApplication, tmp_path: Path) -> None:
    async def body(console: Console) -> None:
        for _ in range(3):
            console.begin(console.opening.open_demo(), "open demo")
            await asyncio.sleep(0.1)
        await until(synced(console))
        await until(lambda: len(sandboxes(os.getpid())) == 1)
        assert notices(console) == []

    with_console(tmp_path, body)


def test_what_an_open_tenant_needs_is_spared_by_the_collector_until_it_is_closed(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def body(console: Console) -> None:
        await console.opening.open_demo()
        assert gc.get_freeze_count() > 10_000
        closed = weakref.ref(console.session)
        await console.opening.leave()
        assert gc.get_freeze_count() == 0
        await asyncio.sleep(0)
        gc.collect()
        assert closed() is None

    with_console(tmp_path, body)


def test_a_shortcut_held_down_asks_for_one_command_and_a_tenant_that_was_closed_meanwhile_gets_none(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def body(console: Console) -> None:
        await console.opening.open_demo()
        await until(synced(console))
        session, panels = console.session, console.window.panels
        assert session is not None
        assert panels is not None
        await until(lambda: session.online and panels.devices.shown == 60)
        panels.devices.selection.select_all()
        sends = [asyncio.ensure_future(console.sending.send("UPDATE_HEARTBEAT")) for _ in range(3)]
        await asyncio.wait(sends, return_when=asyncio.FIRST_COMPLETED)
        dialogs = [w for w in qapp.topLevelWidgets() if isinstance(w, CommandDialog) and w.isVisible()]
        assert [send.done() for send in sends] == [False, True, True]
        assert len(dialogs) == 1
        dialogs[0].review.click()
        await until(lambda: any(isinstance(w, ReviewDialog) and w.isVisible() for w in qapp.topLevelWidgets()))
        await console.opening.open_demo()
        (review,) = [w for w in qapp.topLevelWidgets() if isinstance(w, ReviewDialog) and w.isVisible()]
        review.done(QDialog.DialogCode.Accepted)
        assert await sends[0] is None
        assert any("was not sent" in text for text in notices(console))
        assert console.session is not None
        assert console.session.jobs.all() == []

    with_console(tmp_path, body)


def test_quitting_while_the_demo_starts_leaves_no_process(qapp: QApplication, tmp_path: Path) -> None:
    async def body(console: Console) -> None:
        console.begin(console.opening.open_demo(), "open demo")
        await until(lambda: len(sandboxes(os.getpid())) == 1)
        async with asyncio.timeout(5):
            await console.quit()
        await until(lambda: not sandboxes(os.getpid()))

    with_console(tmp_path, body)


def test_pressing_close_twice_closes_the_session_once_and_whole(qapp: QApplication, tmp_path: Path) -> None:
    async def body(console: Console) -> None:
        await console.opening.open_demo()
        await until(synced(console))
        session = console.session
        assert session is not None
        console.window.close()
        console.window.close()
        await console.closed.wait()
        assert sandboxes(os.getpid()) == []
        assert not (session.store.path.parent / "copy.db-wal").exists()

    with_console(tmp_path, body)


def test_a_sandbox_that_crashed_is_said_and_started_again_on_request(
    qapp: QApplication, tmp_path: Path, expected_log: Callable[[str], None]
) -> None:
    expected_log("the demo fleet ended")

    async def body(console: Console) -> None:
        await console.opening.open_demo()
        await until(synced(console))
        (pid,) = sandboxes(os.getpid())
        os.kill(pid, signal.SIGKILL)
        await until(lambda: any("stopped unexpectedly" in text for text in notices(console)))
        assert console.session is not None
        assert console.session.fleet.live_count == 60
        console.window.notices.shown[-1]._button.click()
        await until(lambda: bool(sandboxes(os.getpid())))
        await until(lambda: synced(console)() and console.session is not None and console.session.online)

    with_console(tmp_path, body)


def test_a_job_that_the_next_sandbox_does_not_know_ends_as_unknown_and_new_ones_are_not_mixed_up_with_it(
    qapp: QApplication, tmp_path: Path
) -> None:
    ahead = 0.0

    async def send(console: Console, condition: str) -> str:
        session = console.session
        assert session is not None
        rows = session.fleet.select().tolist()
        ids = [
            session.fleet.id(r)
            for r in rows
            if session.fleet.value("condition", r) == condition and session.fleet.value("platform", r) == "ANDROID"
        ][:3]
        plan = seal(build("REBOOT", {}, ids), session.fleet, now=console.clock(), tenant=session.tenant.key)
        return (await session.jobs.submit(plan, {})).id

    async def body(console: Console) -> None:
        nonlocal ahead
        await console.opening.open_demo()
        await until(synced(console))
        first = console.session
        assert first is not None
        old = await send(console, "offline")
        await until(lambda: first.jobs.job(old).counts == {"queued": 3})  # type: ignore[union-attr]
        ahead = 300.0
        await console.opening.open_demo()
        await until(synced(console))
        second = console.session
        assert second is not None
        new = await send(console, "offline")
        await until(lambda: second.jobs.job(new).counts == {"queued": 3})  # type: ignore[union-attr]
        await until(lambda: second.jobs.job(old).phase == "done", 40)  # type: ignore[union-attr]
        assert {(t.state, t.reason) for t in second.jobs.targets(old)} == {("unknown", FORGOTTEN)}
        assert any("is not known" in text for text in notices(console))

    with_console(tmp_path, body, clock=lambda: time.time() + ahead)


def test_a_locked_key_store_is_not_taken_for_a_missing_key(qapp: QApplication, tmp_path: Path) -> None:
    async def body(console: Console) -> None:
        await console.opening.open_known("acme")
        (said,) = notices(console)
        assert "There is no key" not in said
        assert "local copy" in said

    with_console(
        tmp_path, body, credentials=LockedKeys(), settings=Settings(tenants=[tenant_from("acme")], demo_devices=60)
    )


def rows(copy: Path) -> int:
    """How many devices are on disk."""
    try:
        with closing(apsw.Connection(str(copy), flags=apsw.SQLITE_OPEN_READONLY)) as disk:
            return int(disk.execute("SELECT count(*) FROM device").get)
    except apsw.Error:
        return 0


def start(profile: Path, *options: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "ui.main", "--profile", str(profile), *options],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_sandbox_dies_with_the_console_however_that_ends(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({"demo_devices": 60}))
    with start(tmp_path, "--demo") as console:
        try:
            wait_for(lambda: rows(tmp_path / "tenants" / "_demo" / "copy.db") > 0)
            (pid,) = sandboxes(console.pid)
            console.send_signal(number)
            _, errors = console.communicate(timeout=20)
            wait_for(lambda: not alive(pid), 10)
        finally:
            console.kill()
    assert errors == ""
    assert console.returncode == (-number if number == signal.SIGKILL else 128 + number)
    log = (tmp_path / "logs" / "console.log").read_text()
    assert "still running" not in log
    if number != signal.SIGKILL:
        assert log == ""
        assert not (tmp_path / "tenants" / "_demo" / "copy.db-wal").exists()
        assert "_demo" in json.loads((tmp_path / "settings.json").read_text())["views"]


def test_a_profile_that_can_not_be_used_is_one_line_and_an_exit_code(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with start(tmp_path / "file") as console:
        said, errors = console.communicate(timeout=20)
    assert (console.returncode, said, errors.count("\n")) == (EXIT_STORE, "", 1)
    assert errors.startswith("fleet-console: ")
