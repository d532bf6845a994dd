"""The sealed plan: exactly these devices, counted as the copy knows them, with an end."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.commands import catalogue
from app.commands.request import build
from app.errors import InputError
from app.jobs.plan import LIFETIME, Friction, Plan, friction, seal, verify
from app.records import Device, Group
from app.store.fleet import Fleet
from app.store.store import Store

NOW = 1_700_000_000.0
DAY = 86400.0
GROUPS = [Group(id="root", name="All devices"), Group(id="s1", name="Store 1", parent_id="root")]
DEVICES = [
    Device(id="on", state=1, platform="ANDROID", last_seen=NOW - 60, group_id="s1"),
    Device(id="off", state=60, platform="ANDROID", last_seen=NOW - 8 * DAY, group_id="s1"),
    Device(id="linux", state=60, platform="LINUX", last_seen=NOW - 6 * DAY, group_id="root"),
    Device(id="mystery", state=1, group_id="root"),
    Device(id="left", state=1, platform="ANDROID"),
]


def with_fleet(tmp_path: Path, check: Callable[[Fleet], None]) -> None:
    async def main() -> None:
        store = await Store.open(tmp_path / "copy.db")
        await store.put_groups(GROUPS, at=NOW)
        await store.put_devices(DEVICES, at=NOW)
        await store.mark_gone(["left"], at=NOW)
        try:
            check(store.fleet)
        finally:
            await store.close()

    asyncio.run(main())


def seal_reboot(fleet: Fleet, *devices: str, note: str = "") -> Plan:
    return seal(build("REBOOT", {}, devices), fleet, now=NOW, tenant="acme", note=note)


def test_a_plan_counts_what_a_review_has_to_say(tmp_path: Path) -> None:
    def check(fleet: Fleet) -> None:
        plan = seal_reboot(fleet, "on", "off", "linux", "mystery")
        assert (plan.total, plan.online, plan.offline, plan.stale_7d, plan.batches) == (4, 2, 2, 1, 1)
        assert plan.unsupported == ("linux",)
        assert plan.missing == ()
        assert plan.share_of_tenant == 1.0
        assert sorted(plan.groups.values()) == [2, 2]
        assert any("Store 1" in path for path in plan.groups)
        assert plan.expires_at - plan.created_at == LIFETIME

    with_fleet(tmp_path, check)


def test_devices_that_are_gone_or_were_never_seen_are_named(tmp_path: Path) -> None:
    def check(fleet: Fleet) -> None:
        plan = seal_reboot(fleet, "on", "left", "stranger")
        assert plan.missing == ("left", "stranger")
        assert (plan.total, plan.online) == (3, 1)
        assert plan.share_of_tenant == 0.25

    with_fleet(tmp_path, check)


def test_a_plan_can_be_made_over_an_empty_copy() -> None:
    plan = seal_reboot(Fleet(), *[f"d{n}" for n in range(501)])
    assert (plan.total, plan.batches, plan.share_of_tenant, len(plan.missing)) == (501, 2, 0.0, 501)


def test_the_digest_names_the_devices_the_tenant_and_the_time_but_not_the_order() -> None:
    one, two = seal_reboot(Fleet(), "a", "b"), seal_reboot(Fleet(), "b", "a")
    assert one.digest == two.digest
    assert one.digest != seal_reboot(Fleet(), "a").digest
    assert one.digest != seal_reboot(Fleet(), "a", "b", note="asked for by Kim").digest
    assert one.digest != seal(one.request, Fleet(), now=NOW + 1, tenant="acme").digest
    assert one.digest != seal(one.request, Fleet(), now=NOW, tenant="other").digest


@pytest.mark.parametrize(("at", "holds"), [(0.0, True), (LIFETIME - 1, True), (LIFETIME, False), (-3600.0, False)])
def test_a_plan_holds_for_a_quarter_of_an_hour_and_not_when_the_clock_was_set_back(at: float, holds: bool) -> None:
    plan = seal_reboot(Fleet(), "a")
    if holds:
        verify(plan, now=NOW + at)
    else:
        with pytest.raises(InputError):
            verify(plan, now=NOW + at)


def test_a_plan_whose_devices_were_changed_does_not_pass() -> None:
    plan = seal_reboot(Fleet(), "a", "b")
    for devices in (("a",), ("a", "b", "c"), ("a", "c"), ()):
        with pytest.raises(InputError):
            verify(replace(plan, request=replace(plan.request, devices=devices)), now=NOW)


@pytest.mark.parametrize(
    ("command", "count", "expected"),
    [
        ("UPDATE_HEARTBEAT", 1, Friction.NONE),
        ("UPDATE_HEARTBEAT", 25, Friction.NONE),
        ("UPDATE_HEARTBEAT", 26, Friction.CONFIRM),
        ("REBOOT", 1, Friction.CONFIRM),
        ("SET_WIFI_STATE", 1, Friction.CONFIRM),
        ("UNINSTALL", 1, Friction.CONFIRM),
        ("WIPE", 1, Friction.TYPE_COUNT),
        ("WIPE", 26, Friction.TYPE_COUNT),
    ],
)
def test_friction_follows_the_risk_and_the_number(command: str, count: int, expected: Friction) -> None:
    args = {"SET_WIFI_STATE": {"wifi_state": True}, "UNINSTALL": {"package_name": "com.example.a"}}.get(command, {})
    plan = seal(build(command, args, [f"d{n}" for n in range(count)]), Fleet(), now=NOW, tenant="acme")
    assert friction(catalogue.COMMANDS[command], plan) is expected
