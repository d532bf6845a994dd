"""The flows of the whole console: opening, switching, remembering, and ending while things are under way."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import StoreBusy
from app.settings import DEMO_KEY, Profile, Tenant, tenant_from
from app.store.store import Store
from tests.gui.conftest import Play
from tests.gui.stage import Stage, alive, children_of, listeners, sandboxes
from tests.sandbox import Sandbox, running
from ui import text
from ui.guide import until

ROOT = Path(__file__).resolve().parents[2]
AWAY = "http://127.0.0.1:9/api"


def another(name: str) -> Tenant:
    """A tenant whose server is away: it opens from its copy, which is empty."""
    return Tenant(key=name, name=name, url=AWAY, enterprise_id="e", production=False)


# ---- switching ---------------------------------------------------------------------------------------------------


def test_of_two_tenants_opened_in_a_row_the_second_one_is_on_the_screen(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        console = stage.console
        console.settings.tenants = [another("one"), another("two")]
        console.begin(console.opening.open_known("one"), "open tenant")
        console.begin(console.opening.open_known("two"), "open tenant")
        await stage.opened()
        assert stage.session.tenant.key == "two"
        assert console.window.windowTitle().startswith("two")
        assert not any("unexpected" in said for said in stage.said)

    play(scenario)


def test_the_same_tenant_opened_twice_in_a_row_is_open_once(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        console = stage.console
        console.settings.tenants = [another("one")]
        for _ in range(2):
            console.begin(console.opening.open_known("one"), "open tenant")
        await stage.opened()
        assert stage.session.tenant.key == "one"
        assert not any("unexpected" in said for said in stage.said)

    play(scenario)


def test_a_tenant_that_was_left_has_no_listener_and_no_task_any_more(play: Play, sandbox: Sandbox) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.enter(sandbox)
        first = stage.session
        await stage.console.opening.leave()
        await stage.settle()
        assert (stage.console.session, stage.console.window.panels) == (None, None)
        assert listeners(first) == 0
        assert len(first.tasks) == 0

    play(scenario)


def test_the_demo_asked_for_twice_runs_one_sandbox_and_leaving_it_ends_it(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        console, before = stage.console, children_of(os.getpid())
        for _ in range(2):
            console.begin(console.opening.open_demo(), "open demo")
        await stage.opened()
        assert stage.session.tenant.key == DEMO_KEY
        assert len(sandboxes(children_of(os.getpid()) - before)) == 1
        await console.opening.leave()
        assert not sandboxes(children_of(os.getpid()) - before)

    play(scenario)


def test_a_name_that_is_not_known_here_leaves_the_open_tenant_as_it_is(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        console = stage.console
        console.settings.tenants = [another("one")]
        await console.opening.open_known("one")
        await console.opening.open_known("nobody")
        assert stage.session.tenant.key == "one"
        assert any("nobody" in said for said in stage.said)

    play(scenario)


def test_a_copy_that_another_console_has_open_is_said_in_one_sentence(
    play: Play, profile: Profile, expected_log: Callable[[str], None]
) -> None:
    expected_log("task console/open tenant failed")

    async def scenario(stage: Stage) -> None:
        console, tenant = stage.console, another("one")
        console.settings.tenants = [tenant]
        other = await Store.open(profile.make_tenant_dir(tenant) / "copy.db")
        console.begin(console.opening.open_known("one"), "open tenant")
        await stage.hears(text.describe(StoreBusy()))
        assert console.session is None
        assert console.window.welcome.isVisible()
        await other.close()
        await console.opening.open_known("one")
        assert stage.session.tenant.key == "one"

    play(scenario)


# ---- offline -----------------------------------------------------------------------------------------------------


def test_a_tenant_without_a_key_is_browsed_from_its_copy_and_offers_a_sign_in(play: Play, sandbox: Sandbox) -> None:
    async def first(stage: Stage) -> None:
        await stage.enter(sandbox)

    async def second(stage: Stage) -> None:
        await until(lambda: stage.console.session is not None, "the last tenant did not open")
        await stage.hears("no key for this tenant")
        assert stage.panels.devices.shown == stage.session.fleet.live_count == 150
        assert not stage.session.online

    play(first)
    play(second)


def test_working_offline_during_a_sweep_ends_the_sweep_and_coming_back_reconnects(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        with running(80, "--speed", "60", "--seed", "7", "--latency", "150") as slow:
            await stage.enter(slow, sync=False)
            await until(lambda: stage.session.client is not None, "no connection")
            stage.console.window.actions_.trigger("tenant.offline")
            await until(lambda: stage.session.health.online is False, "still online")
            assert stage.session.client is None
            stage.console.window.actions_.trigger("tenant.offline")
            await until(lambda: stage.session.online, "it did not come back")
            await stage.synced()
            assert stage.session.fleet.live_count == 80

    play(scenario)


# ---- what is remembered ------------------------------------------------------------------------------------------


def test_layout_columns_sort_and_open_groups_come_back_per_tenant_after_a_restart(play: Play, sandbox: Sandbox) -> None:
    columns = ["name", "serial", "battery_level"]
    seen: dict[str, object] = {}

    async def first(stage: Stage) -> None:
        await stage.enter(sandbox)
        panels, docks = stage.panels, stage.console.window.docks
        header = panels.devices.table.columns_header
        panels.devices.table.set_visible_columns(columns)
        header._ask("serial", True)
        docks["jobs"].hide()
        tree = panels.groups.tree
        tree.expand(tree.model().index(0, 0, tree.model().index(0, 0)))
        seen["expanded"] = panels.groups.state()["expanded"]
        seen["first"] = stage.shown_rows()[0]
        assert len(panels.groups.state()["expanded"]) == 2

    async def second(stage: Stage) -> None:
        await until(lambda: stage.console.window.panels is not None, "the tenant did not open")
        panels, docks = stage.panels, stage.console.window.docks
        assert panels.devices.table.visible_columns() == columns
        assert panels.devices.table.columns_header.sort == ("serial", True)
        assert stage.shown_rows()[0] == seen["first"]
        assert docks["jobs"].isHidden()
        assert not docks["groups"].isHidden()
        assert panels.groups.state()["expanded"] == seen["expanded"]
        stage.console.settings.tenants.append(another("other"))
        await stage.console.opening.open_known("other")
        assert stage.panels.devices.table.visible_columns() != columns
        assert not docks["jobs"].isHidden()

    play(first)
    play(second)


@pytest.mark.parametrize("junk", ["no base 64 at all!", "QUJD", "", 7, None, ["x"], {"a": 1}], ids=repr)
def test_a_damaged_layout_is_ignored(play: Play, profile: Profile, junk: object) -> None:
    settings = profile.load()
    settings.tenants = [another("one")]
    settings.views = {
        "": {"geometry": junk},
        "one": {"window": junk, "devices": junk, "groups": junk},
    }
    profile.save(settings)

    async def scenario(stage: Stage) -> None:
        window = stage.console.window
        await stage.opened()
        assert window.isVisible()
        assert all(not dock.isHidden() for dock in window.docks.values())
        assert not any("unexpected" in said for said in stage.said)
        await stage.hears("no key for this tenant")

    play(scenario, tenant="one")


@pytest.mark.parametrize("junk", [[], {"columns": 5, "widths": [1], "sort": [1, 2, 3]}, "x"], ids=repr)
def test_damaged_columns_leave_the_default_ones(play: Play, profile: Profile, junk: object) -> None:
    settings = profile.load()
    settings.tenants = [another("one")]
    settings.views = {"one": {"devices": {"mode": 4, "table": junk}, "groups": {"expanded": junk, "current": 5}}}
    profile.save(settings)

    async def scenario(stage: Stage) -> None:
        await stage.opened()
        assert stage.panels.devices.table.visible_columns()[0] == "name"
        assert stage.panels.devices.mode == "table"

    play(scenario, tenant="one")


def test_theme_and_density_chosen_in_the_menu_are_there_at_the_next_start(play: Play, profile: Profile) -> None:
    async def first(stage: Stage) -> None:
        stage.console.window.actions_.trigger("theme.dark")
        stage.console.window.actions_.trigger("view.compact")

    async def second(stage: Stage) -> None:
        actions = stage.console.window.actions_
        assert actions.qt("theme.dark").isChecked()
        assert not actions.qt("theme.system").isChecked()
        assert actions.qt("view.compact").isChecked()

    play(first)
    assert (profile.load().theme, profile.load().density) == ("dark", "compact")
    play(second)


# ---- the end -----------------------------------------------------------------------------------------------------


def test_closing_the_window_in_the_middle_of_a_sweep_keeps_what_came_and_ends(play: Play, profile: Profile) -> None:
    with running(3000, "--speed", "60", "--seed", "7", "--latency", "120") as slow:

        async def scenario(stage: Stage) -> None:
            await stage.enter(slow, sync=False)
            await until(lambda: stage.session.fleet.live_count > 0, "no page came")
            assert stage.session.health.full_sync_at is None, "the sweep was too fast for this test"
            session = stage.session
            stage.console.window.close()
            await until(stage.console.closed.is_set, "the console did not end")
            assert len(session.tasks) == 0
            assert not stage.console.window.isVisible()

        play(scenario)

    async def copy() -> tuple[int, object]:
        store = await Store.open(profile.tenant_dir(tenant_from(slow.url)) / "copy.db")
        found = store.fleet.live_count, store.meta.get("full_sync_at")
        await store.close()
        return found

    devices, full = asyncio.run(copy())
    assert devices > 0
    assert full is None


def test_closing_the_window_twice_at_once_ends_once_and_saves_everything(
    play: Play, sandbox: Sandbox, profile: Profile
) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.enter(sandbox)
        stage.panels.devices.table.set_visible_columns(["name", "model"])
        for _ in range(3):
            stage.console.window.close()
        await until(stage.console.closed.is_set, "the console did not end")

    play(scenario)
    view = profile.load().views[tenant_from(sandbox.url).key]
    assert view["devices"]["table"]["columns"] == ["name", "model"]


def test_closing_the_window_while_the_demo_starts_leaves_no_process(play: Play) -> None:
    before = children_of(os.getpid())

    async def scenario(stage: Stage) -> None:
        stage.console.window.welcome.demo.click()
        await until(lambda: bool(sandboxes(children_of(os.getpid()) - before)), "no sandbox was started")
        stage.console.window.close()
        await until(stage.console.closed.is_set, "the console did not end")

    play(scenario)
    assert not sandboxes(children_of(os.getpid()) - before)


def test_closing_the_window_with_a_dialog_open_closes_both(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        stage.console.window.actions_.trigger("help.about")
        await until(lambda: len(stage.console.tasks) > 0, "no dialog")
        stage.console.begin(stage.console.quit(), "quit")
        await until(stage.console.closed.is_set, "the console did not end")
        await stage.no_dialog()

    play(scenario)


def test_the_sandbox_of_the_demo_is_gone_after_the_end(play: Play) -> None:
    before = children_of(os.getpid())

    async def scenario(stage: Stage) -> None:
        await until(lambda: stage.console.session is not None, "the demo did not open")
        await stage.synced()
        assert len(sandboxes(children_of(os.getpid()) - before)) == 1

    play(scenario, demo=True)
    assert not sandboxes(children_of(os.getpid()) - before)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for the process in /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "terminate"])
def test_the_sandbox_of_the_demo_is_gone_when_the_console_is_killed(tmp_path: Path, number: signal.Signals) -> None:
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    console = subprocess.Popen(
        [sys.executable, "-m", "ui.main", "--demo", "--profile", str(tmp_path)], cwd=ROOT, env=environment,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    found: set[int] = set()

    async def started() -> bool:
        found.update(sandboxes(children_of(console.pid)))
        return bool(found) and (tmp_path / "tenants" / DEMO_KEY / "copy.db").exists()

    async def waits() -> None:
        async with asyncio.timeout(40):
            while not await started():
                await asyncio.sleep(0.02)
            console.send_signal(number)
            await asyncio.to_thread(console.wait)
            while any(alive(pid) for pid in found):
                await asyncio.sleep(0.02)

    try:
        asyncio.run(waits())
    finally:
        console.kill()
        said = console.communicate()[1]
    assert said == b""
    assert console.returncode == (-number if number is signal.SIGKILL else 128 + number)
