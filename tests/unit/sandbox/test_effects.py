"""What commands leave behind on a device."""

from typing import Any

import pytest

from app.sandbox.fleet import OFFLINE, ONLINE, Fleet
from app.sandbox.software import APPS
from tests.unit.sandbox.tenant import FINAL, NIGHT, ZEROS, Tenant, app_of, missing_app


def test_a_heartbeat_command_moves_last_seen(fleet: Tenant) -> None:
    device = fleet.pick()
    request = fleet.send("UPDATE_HEARTBEAT", [device])
    status = fleet.finish(request)
    assert fleet.device(device)["last_seen"] >= status["updated_at"]


def test_a_reboot_takes_the_device_offline_and_brings_it_back(fleet: Tenant) -> None:
    device = fleet.pick()
    request = fleet.send("REBOOT", [device])
    states = []
    for _ in range(120):
        fleet.step(1)
        states.append((fleet.device(device)["state"], fleet.one(request)["state"]))
        if states[-1][1] in FINAL:
            break
    assert states[-1] == (ONLINE, "Command Success")
    away = [pair for pair in states if pair[0] == OFFLINE]
    assert 15 <= len(away) <= 90
    assert {command for _, command in away} == {"Command In Progress"}


def test_a_second_reboot_waits_for_the_first(fleet: Tenant) -> None:
    device = fleet.pick()
    first, second = fleet.send("REBOOT", [device]), fleet.send("REBOOT", [device])
    assert fleet.finish(first)["state"] == "Command Success"
    assert fleet.finish(second)["state"] == "Command Success"
    assert fleet.device(device)["state"] == ONLINE


def test_install_and_uninstall_change_the_apps_the_counts_and_the_history(fleet: Tenant) -> None:
    device = fleet.pick()
    app = missing_app(fleet, device)
    path = f"{fleet.v1}/application/"
    entry = next(a for a in fleet.get(path, limit=100)["results"] if a["package_name"] == APPS[app].package)
    version = fleet.get(f"{path}{entry['id']}/version/")["results"][0]
    apps, installs = f"{fleet.v1}/device/{device}/app/", f"{fleet.v1}/device/{device}/install/"

    def count() -> int:
        return int(fleet.get(f"{path}{entry['id']}/version/{version['id']}/")["installed_count"])

    before = count()
    assert fleet.finish(fleet.send("INSTALL", [device], {"app_version": version["id"]}))["state"] == "Command Success"
    (found,) = fleet.get(apps, package_name=APPS[app].package)["results"]
    assert found["version_name"] == version["version_code"]
    assert count() == before + 1
    assert fleet.get(installs)["results"][0]["install_state"] == "Install Success"
    assert (
        fleet.finish(fleet.send("UNINSTALL", [device], {"package_name": APPS[app].package}))["state"]
        == "Command Success"
    )
    assert fleet.get(apps, package_name=APPS[app].package)["count"] == 0
    assert count() == before
    assert fleet.get(installs)["results"][0]["install_state"] == "Uninstall Success"


def test_an_install_shows_as_in_progress_while_it_runs(fleet: Tenant) -> None:
    device = fleet.pick()
    version = fleet.world.ids.make("version", missing_app(fleet, device) * 100)
    request = fleet.send("INSTALL", [device], {"app_version": version})
    for _ in range(20):
        fleet.step(0.5)
        if fleet.one(request)["state"] == "Command In Progress":
            break
    newest = fleet.get(f"{fleet.v1}/device/{device}/install/")["results"][0]
    assert newest["install_state"] == "Installation In-Progress"


def test_an_app_version_nobody_uploaded_fails_on_the_device_with_a_reason(fleet: Tenant) -> None:
    status = fleet.finish(fleet.send("INSTALL", [fleet.pick()], {"app_version": ZEROS}))
    assert (status["state"], status["reason"]) == ("Command Failure", "App version not found")


@pytest.mark.parametrize("command", ["UNINSTALL", "SET_KIOSK_APP", "CLEAR_APP_DATA"])
def test_a_command_for_an_app_that_is_not_there_fails_with_a_reason(fleet: Tenant, command: str) -> None:
    status = fleet.finish(fleet.send(command, [fleet.pick()], {"package_name": "com.example.nothere"}))
    assert status["state"] == "Command Failure"
    assert "com.example.nothere is not installed" in status["reason"]


def test_kiosk_mode_pins_an_app_and_multi_app_mode_releases_it(fleet: Tenant) -> None:
    device = fleet.pick()
    package = APPS[app_of(fleet, device)[0]].package
    fleet.finish(fleet.send("SET_KIOSK_APP", [device], {"package_name": package}))
    assert fleet.device(device)["kiosk_app_name"] == package
    assert fleet.device(device)["current_app_mode"] == "KIOSK"
    fleet.finish(fleet.send("SET_MULTI_APP_MODE", [device]))
    assert fleet.device(device)["kiosk_app_name"] is None


def test_an_app_can_be_hidden(fleet: Tenant) -> None:
    device = fleet.pick()
    package = APPS[app_of(fleet, device)[0]].package
    fleet.finish(fleet.send("SET_APP_STATE", [device], {"package_name": package, "app_state": "HIDE"}))
    (found,) = fleet.get(f"{fleet.v1}/device/{device}/app/", package_name=package)["results"]
    assert found["state"] == "HIDE"


@pytest.mark.parametrize(
    ("command", "args", "reported"),
    [
        ("SET_BRIGHTNESS_SCALE", {"brightness_value": 42}, {"brightness_scale": 42}),
        ("SET_GPS_STATE", {"gps_state": 3}, {"gps_state": "LOCATION_MODE_OFF"}),
        ("SET_ROTATION_STATE", {"rotate_state": 2}, {"rotation_state": "LANDSCAPE_ONLY"}),
        ("SET_SCREEN_OFF_TIMEOUT", {"screen_off_timeout": 9000}, {"screen_off_timeout": 9000}),
        ("SET_BLUETOOTH_STATE", {"bluetooth_state": True}, {"bluetooth_state": True}),
    ],
)
def test_settings_are_reported_as_they_were_set(
    fleet: Tenant, command: str, args: dict[str, Any], reported: dict[str, Any]
) -> None:
    device = fleet.pick()
    assert fleet.finish(fleet.send(command, [device], args))["state"] == "Command Success"
    assert fleet.get(f"/device/v0/devices/{device}/devicestate").items() >= reported.items()


def test_a_new_alias_shows_everywhere_and_is_found(fleet: Tenant) -> None:
    device = fleet.pick()
    assert fleet.content("/v2/devices/", search="aisle nine")["count"] == 0
    fleet.finish(fleet.send("UPDATE_DEVICE_CONFIG", [device], {"device_alias_name": "Aisle Nine"}))
    assert fleet.device(device)["alias"] == "Aisle Nine"
    assert [r["id"] for r in fleet.content("/v2/devices/", search="aisle nine")["results"]] == [device]


def test_a_lockdown_shows_on_the_device(fleet: Tenant) -> None:
    device = fleet.pick()
    fleet.finish(fleet.send("SET_DEVICE_LOCKDOWN_STATE", [device], {"state": "LOCKED", "message": "Call us"}))
    assert fleet.device(device)["is_locked_down"] is True


def test_wifi_off_cuts_a_device_that_has_nothing_else_until_the_revert_time(fleet: Tenant) -> None:
    columns: Fleet = fleet.world.fleet
    number = int(((columns.state == ONLINE) & (columns.platform == 0) & (columns.connection == 0)).nonzero()[0][0])
    device = columns.device_id(number)
    fleet.finish(fleet.send("SET_WIFI_STATE", [device], {"wifi_state": False, "wifi_revert_timeout": 300}))
    fleet.step(60)
    assert fleet.device(device)["state"] == OFFLINE
    fleet.step(300)
    assert fleet.device(device)["state"] == ONLINE


def test_a_wiped_device_is_gone_from_everywhere_and_its_other_commands_are_cancelled(fleet: Tenant) -> None:
    device = fleet.pick()
    before = fleet.content("/v2/devices/")["count"]
    wipe = fleet.send("WIPE", [device])
    for _ in range(20):
        fleet.step(1)
        if fleet.one(wipe)["state"] == "Command In Progress":
            break
    assert fleet.device(device)["state"] == 70
    other = fleet.send("NOTIFY_DEVICE", [device], {"title": "t", "message": "m"})
    assert fleet.finish(wipe)["state"] == "Command Success"
    fleet.refused(404, f"/v2/devices/{device}")
    fleet.refused(404, f"{fleet.v1}/device/{device}/")
    assert fleet.content("/v2/devices/")["count"] == before - 1
    groups = fleet.get(f"{fleet.v1}/devicegroup/", limit=500)["results"]
    assert sum(g["device_count"] for g in groups) == before - 1
    assert fleet.one(other)["state"] in {"Command Cancelled", "Command Failure"}
    assert fleet.one(wipe)["device"] == device


def test_commands_waiting_for_a_device_that_is_wiped_are_cancelled(fleet: Tenant) -> None:
    device = fleet.pick()
    wipe, reboot = fleet.send("WIPE", [device]), fleet.send("LOCK", [device], schedule="WINDOW", schedule_args=NIGHT)
    fleet.finish(wipe)
    assert fleet.one(reboot)["state"] == "Command Cancelled"
    assert fleet.one(reboot)["reason"] == "The device was removed"
