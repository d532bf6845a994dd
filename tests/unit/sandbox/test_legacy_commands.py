"""Commands of the older generations: their own limits and forms, and one book for all of them."""

from typing import Any

import httpx
import pytest

from app.sandbox.fleet import OFFLINE, ONLINE
from tests.unit.sandbox.tenant import ZEROS, Tenant, refusal, tenant


def run(fleet: Tenant, device: str, command: Any, args: Any = None) -> httpx.Response:
    body = {"command": command} | ({} if args is None else {"command_args": args})
    return fleet.http.post(f"{fleet.facts.url}{fleet.v1}/device/{device}/command/", json=body)


def ask(fleet: Tenant, **body: Any) -> httpx.Response:
    return fleet.http.post(f"{fleet.facts.url}/v0{fleet.v1}/command/", json=body)


def branch(fleet: Tenant) -> dict[str, Any]:
    groups: list[dict[str, Any]] = fleet.get(f"{fleet.v1}/devicegroup/", limit=500)["results"]
    return next(g for g in groups if g["path"] == "All devices/Retail")


def test_a_command_on_a_device_is_taken_with_200_and_shows_in_every_generation(fleet: Tenant) -> None:
    device = fleet.pick()
    answer = run(fleet, device, "REBOOT")
    assert answer.status_code == 200
    sent = answer.json()
    assert (sent["command"], sent["state"], sent["group_command"]) == ("REBOOT", "Command Initiated", None)
    assert sent["device"] == f"{fleet.facts.url}{fleet.v1}/device/{device}/"
    assert "action" not in sent
    (status,) = fleet.content("/commands/v0/status/", device=device)["results"]
    assert status["id"] == sent["id"]
    fleet.finish(status["request"])
    done = fleet.get(f"{fleet.v1}/device/{device}/command/{sent['id']}/")
    assert (done["state"], done["action"]) == ("Command Success", "success")
    assert fleet.get(f"/v0{fleet.v1}/device/{device}/command-history/")["results"][0]["id"] == sent["id"]
    assert fleet.get(f"/v0{fleet.v1}/command/", devices=device)["results"][0]["id"] == status["request"]
    assert fleet.get(f"/v0/devices/{device}/operations/")["results"][0]["operation"] == "REBOOT"


def test_a_command_of_the_newest_generation_can_be_read_in_the_oldest_form(fleet: Tenant) -> None:
    device = fleet.pick(OFFLINE)
    request = fleet.send("SET_BRIGHTNESS_SCALE", [device], {"brightness_value": 40})
    status = fleet.one(request)
    path = f"{fleet.v1}/device/{device}/command/{status['id']}/"
    assert fleet.get(path)["command_args"] == {"brightness_value": 40}
    address = f"{fleet.facts.url}/commands/v0/status/{status['id']}/"
    assert fleet.http.put(address, json={"state": "Command Cancelled", "reason": "no"}).status_code == 200
    assert (fleet.get(path)["state"], fleet.get(path)["details"]) == ("Command Failure", "no")
    other = f"{fleet.v1}/device/{fleet.pick()}/command/{status['id']}/"
    assert fleet.refused(404, other) == []
    assert fleet.refused(404, f"{fleet.v1}/device/{device}/command/{ZEROS}/") == []


@pytest.mark.parametrize(
    ("command", "args", "field"),
    [
        ("SET_GPS_STATE", {"gps_state": 4}, "command_args.gps_state"),
        ("SET_SCREEN_OFF_TIMEOUT", {"screen_off_timeout": -1}, "command_args.screen_off_timeout"),
        ("SET_SCREEN_OFF_TIMEOUT", {"screen_off_timeout": 4999}, "command_args.screen_off_timeout"),
        ("SET_BRIGHTNESS_SCALE", {"brightness_value": 0}, "command_args.brightness_value"),
        ("SET_BRIGHTNESS_SCALE", {}, "command_args.brightness_value"),
        ("INSTALL", {"app_version": "7"}, "command_args.app_version"),
        ("INSTALL", None, "command_args.app_version"),
        ("WIPE", {"is_factory_reset": True}, "command_args.is_factory_reset"),
        ("SET_WIFI_STATE", {"wifi_state": True, "wifi_revert_timeout": 60}, "command_args.wifi_revert_timeout"),
        ("REBOOT", {"force": True}, "command_args.force"),
        ("REBOOT", [], "command_args"),
        ("NOTIFY_DEVICE", {}, "command"),
        (5, {}, "command"),
        (None, {}, "command"),
    ],
)
def test_the_oldest_generation_has_limits_of_its_own(library: Tenant, command: Any, args: Any, field: str) -> None:
    errors = refusal(run(library, library.pick(), command, args), 400)
    assert field in [error.split(": ")[0] for error in errors]


def test_defaults_that_a_client_sends_with_every_command_are_let_go(fleet: Tenant) -> None:
    args = {"wipe_external_storage": False, "wipe_FRP": True, "brightness_value": None, "gps_state": 3}
    answer = run(fleet, fleet.pick(), "SET_GPS_STATE", args)
    assert answer.json()["command_args"] == {"gps_state": 3}
    assert run(fleet, fleet.pick(), "CAPTURE_SCREENSHOT", {"tag": "till 4"}).json()["command_args"] == {"tag": "till 4"}


def test_only_android_devices_take_commands_of_the_oldest_generation(library: Tenant) -> None:
    assert refusal(run(library, library.pick(platform=1), "REBOOT"), 404) == []
    assert refusal(run(library, ZEROS, "REBOOT"), 404) == []


def test_a_command_on_a_group_reaches_the_devices_that_are_online_and_names_the_others(fleet: Tenant) -> None:
    group = branch(fleet)
    address = f"{fleet.facts.url}{fleet.v1}/devicegroup/{group['id']}/command/"
    answer = fleet.http.post(address, json={"command": "LOCK"})
    assert answer.status_code == 201
    sent = answer.json()
    assert (sent["state"], sent["group"]) == (
        "Command Initiated",
        f"{fleet.facts.url}{fleet.v1}/devicegroup/{group['id']}/",
    )
    members = {r["id"]: r for r in fleet.content("/v2/devices/", group_multi=group["id"], limit=1000)["results"]}
    online = {device for device, row in members.items() if row["state"] == ONLINE}
    assert {device["id"] for device in sent["details"]["initiate"]} == online
    assert {device["id"] for device in sent["details"]["inactive"]} == set(members) - online
    assert {status["device"] for status in fleet.statuses(sent["id"])} == online
    fleet.step(300)
    path = f"{fleet.v1}/devicegroup/{group['id']}/command/{sent['id']}/"
    done = fleet.get(path)
    failed = {device["id"] for device in done["details"].get("failed", [])}
    assert {device["id"] for device in done["details"]["success"]} | failed == online
    assert done["state"] == ("Command Failure" if failed else "Command Success")
    assert fleet.content(f"/commands/v0/commands/{sent['id']}/")["device_type"] == "active"
    (one,) = fleet.statuses(sent["id"], device=next(iter(online)))
    shown = fleet.get(f"{fleet.v1}/device/{one['device']}/command/{one['id']}/")
    assert shown["group_command"] == fleet.facts.url + path


def test_a_group_takes_four_commands_only(library: Tenant) -> None:
    group = branch(library)["id"]
    address = f"{library.facts.url}{library.v1}/devicegroup/{group}/command/"
    assert refusal(library.http.post(address, json={"command": "WIPE"}), 400)[0].startswith("command: ")
    missing = refusal(library.http.post(address, json={"command": "INSTALL"}), 400)
    assert missing == ["command_args.app_version: Is required."]
    nowhere = f"{library.facts.url}{library.v1}/devicegroup/{ZEROS}/command/"
    assert refusal(library.http.post(nowhere, json={"command": "LOCK"}), 404) == []
    assert library.refused(404, f"{library.v1}/devicegroup/{group}/command/{ZEROS}/") == []


def test_an_enterprise_request_reaches_active_devices_unless_told_otherwise(fleet: Tenant) -> None:
    online, offline = fleet.pick(), fleet.pick(OFFLINE)
    reached: dict[str, set[str]] = {}
    for kind in ("active", "inactive", "all"):
        answer = ask(fleet, command_type="DEVICE", devices=[online, offline], command="LOCK", device_type=kind)
        assert answer.status_code == 201
        assert answer.json()["device_type"] == kind
        reached[kind] = {status["device"] for status in fleet.statuses(answer.json()["id"])}
    assert reached == {"active": {online}, "inactive": {offline}, "all": {online, offline}}
    default = ask(fleet, command_type="DEVICE", devices=[online, offline], command="LOCK").json()
    assert default["device_type"] == "active"
    assert default["status"] == [{"state": "Command Queued", "total": 1}]


def test_an_enterprise_request_has_its_own_form(fleet: Tenant) -> None:
    made = ask(fleet, command_type="DEVICE", devices=[fleet.pick()], command="REBOOT").json()
    assert made["enterprise"] == fleet.facts.enterprise_id
    assert list(made["issued_by"])[-1] == "username"
    assert made["created_on"]
    (status,) = fleet.get(f"/v0{fleet.v1}/command/{made['id']}/status/")["results"]
    assert status["request"] == made["id"]
    assert status["device"].endswith(f"/device/{fleet.pick()}/")
    assert status["meta"]["device"]["timezone_string"]
    assert fleet.refused(404, f"/v0{fleet.v1}/command/{ZEROS}/status/") == []


def test_requests_can_be_listed_by_what_they_are(fleet: Tenant) -> None:
    first, second = fleet.pick(), fleet.pick(skip=1)
    lock = fleet.send("LOCK", [first])
    reboot = ask(fleet, command_type="DEVICE", devices=[second], command="REBOOT").json()["id"]
    group = fleet.send("LOCK", [], command_type="GROUP", groups=[branch(fleet)["id"]])
    path = f"/v0{fleet.v1}/command/"

    def listed(**query: Any) -> list[str]:
        return [row["id"] for row in fleet.get(path, **query)["results"]]

    assert listed() == [group, reboot, lock]
    assert listed(command_type="GROUP") == [group]
    assert listed(device_type="active") == [reboot]
    assert listed(command="REBOOT") == [reboot]
    assert reboot in listed(devices=f"{second},{ZEROS}")
    assert lock not in listed(devices=second)
    assert listed(issued_by="admin@example.com", limit=1) == [group]
    assert listed(issued_by="somebody else") == []
    assert fleet.refused(400, path, device_type="sleeping")[0].startswith("device_type: ")
    assert fleet.refused(400, path, command_type="ALL")[0].startswith("command_type: ")


def test_states_of_an_enterprise_request_can_be_narrowed(fleet: Tenant) -> None:
    devices = [fleet.pick(), fleet.pick(skip=1), fleet.pick(OFFLINE)]
    made = ask(fleet, command_type="DEVICE", devices=devices, command="LOCK", device_type="all").json()["id"]
    path = f"/v0{fleet.v1}/command/{made}/status/"
    fleet.step(120)
    assert fleet.get(path, state="Command Success")["count"] == 2
    assert fleet.get(path, device=devices[2])["results"][0]["state"] == "Command Queued"
    assert fleet.refused(400, path, state="done")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"devices": [ZEROS]}, "devices"),
        ({"devices": ["x"] * 501}, "devices"),
        ({"command_type": "GROUP"}, "groups"),
        ({"device_type": "asleep"}, "device_type"),
        ({"device_type": ["all"]}, "device_type"),
        ({"command": "COLLECT_LOGS"}, "command"),
        ({"command": "SET_GPS_STATE", "command_args": {"gps_state": 9}}, "command_args.gps_state"),
        ({"command": "INSTALL"}, "command_args.app_version"),
        ({"command_args": []}, "command_args"),
        ({"schedule": "WINDOW"}, "schedule_args"),
    ],
)
def test_an_unsound_enterprise_request_is_refused_and_the_field_named(
    library: Tenant, change: dict[str, Any], field: str
) -> None:
    body = {"command_type": "DEVICE", "devices": [library.pick()], "command": "LOCK"} | change
    assert field in [error.split(": ")[0] for error in refusal(ask(library, **body), 400)]


def test_the_older_list_of_commands_is_longer_in_places_and_looser_about_arguments(fleet: Tenant) -> None:
    device = fleet.pick()
    args = {"wipe_FRP": True, "tag": "x", "message": None}
    for command in ("CAPTURE_SCREENSHOT", "SYNC_CONTENT", "REBOOT"):
        made = ask(fleet, command_type="DEVICE", devices=[device], command=command, command_args=args)
        assert made.status_code == 201
        assert fleet.finish(made.json()["id"])["state"] == "Command Success"
    assert made.json()["command_args"] == {}


def test_a_dynamic_request_of_the_older_generation_needs_devices_only(fleet: Tenant) -> None:
    body = {"command_type": "DYNAMIC", "devices": [fleet.pick()], "command": "LOCK", "groups": None}
    assert ask(fleet, **body).status_code == 201


def test_a_request_that_reaches_nobody_is_taken_and_complete() -> None:
    with tenant(60) as fleet:
        made = ask(fleet, command_type="DEVICE", devices=[fleet.pick(OFFLINE)], command="LOCK").json()
        assert made["status"] == []
        assert fleet.content("/v0/operations/")["results"][0]["state"] == "COMPLETED"
