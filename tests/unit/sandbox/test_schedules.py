"""Scheduled commands: windows, days, and what becomes of a device that misses them."""

from app.sandbox.fleet import OFFLINE
from app.sandbox.software import APPS
from tests.unit.sandbox.tenant import NIGHT, ORDER, Tenant, missing_app, trail


def test_a_scheduled_command_waits_for_its_window(fleet: Tenant) -> None:
    request = fleet.send("LOCK", [fleet.pick()], schedule="WINDOW", schedule_args=NIGHT)
    fleet.step(7 * 3600)
    assert fleet.stats(request) == {"Command Scheduled": 1}
    fleet.step(3600)
    assert fleet.finish(request)["state"] == "Command Success"
    assert trail(fleet, request) == ["Command Scheduled", *ORDER]


def test_a_device_offline_for_the_whole_window_times_out(fleet: Tenant) -> None:
    request = fleet.send("LOCK", [fleet.pick(OFFLINE)], schedule="WINDOW", schedule_args=NIGHT)
    fleet.step(9 * 3600)
    assert fleet.stats(request) == {"Command Queued": 1}
    fleet.step(2 * 3600)
    assert fleet.stats(request) == {"Command TimeOut": 1}


def test_a_recurring_command_is_tried_again_until_it_succeeds(fleet: Tenant) -> None:
    device = fleet.pick()
    app = missing_app(fleet, device)
    daily = {"window_start_time": "20:00:00", "window_end_time": "21:00:00", "days": ["All days"]}
    args = NIGHT | daily | {"end_datetime": "2026-03-09T22:00:00Z"}
    request = fleet.send(
        "CLEAR_APP_DATA", [device], {"package_name": APPS[app].package}, schedule="RECURRING", schedule_args=args
    )
    fleet.step(9 * 3600)
    status = fleet.one(request)
    assert status["state"] == "Command Scheduled"
    assert "is not installed" in status["reason"]
    install = fleet.send("INSTALL", [device], {"app_version": fleet.world.ids.make("version", app * 100)})
    assert fleet.finish(install)["state"] == "Command Success"
    fleet.step(86400)
    assert fleet.one(request)["state"] == "Command Success"
    assert trail(fleet, request).count("Command In Progress") == 2


def test_a_recurring_command_that_never_succeeds_ends_with_its_schedule(fleet: Tenant) -> None:
    args = NIGHT | {"days": ["Monday"], "end_datetime": "2026-03-20T22:00:00Z"}
    request = fleet.send("LOCK", [fleet.pick(OFFLINE)], schedule="RECURRING", schedule_args=args)
    fleet.step(30 * 86400)
    assert fleet.stats(request) == {"Command TimeOut": 1}


def test_scheduling_is_for_android_only(fleet: Tenant) -> None:
    request = fleet.send("LOCK", [fleet.pick(platform=1)], schedule="WINDOW", schedule_args=NIGHT)
    assert fleet.one(request)["reason"] == "Scheduled commands are supported on Android only"
