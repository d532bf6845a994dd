"""Devices after changes, and the parts of a device that have paths of their own."""

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.tenant import ZEROS, Tenant, refusal


def patch(fleet: Tenant, device: str, body: Any) -> httpx.Response:
    return fleet.http.patch(f"{fleet.facts.url}{fleet.v1}/device/{device}/", json=body)


def tags(fleet: Tenant) -> dict[str, str]:
    return {row["tag"]: row["id"] for row in fleet.get(f"{fleet.v1}/tags/", limit=500)["results"]}


def test_new_tags_show_on_the_device_in_the_list_of_tags_and_in_filters(fleet: Tenant) -> None:
    device, before = fleet.pick(), len(tags(fleet))
    answer = patch(fleet, device, {"tags": ["kiosk", "brand new", "kiosk"]})
    assert answer.status_code == 200
    assert answer.json()["tags"] == ["kiosk", "brand new"]
    known = tags(fleet)
    assert len(known) == before + 1
    assert fleet.device(device)["tags"] == [known["kiosk"], known["brand new"]]
    assert fleet.get(f"{fleet.v1}/tags/{known['brand new']}/")["tag"] == "brand new"
    assert fleet.get(f"{fleet.v1}/tags/", search="BRAND")["count"] == 1
    for wanted in ("brand new", known["brand new"]):
        assert [row["id"] for row in fleet.content("/v2/devices/", tags=wanted)["results"]] == [device]
        assert [row["id"] for row in fleet.get(f"{fleet.v1}/device/", tags=wanted)["results"]] == [device]


def test_tags_are_replaced_as_a_whole_and_can_all_be_taken_away(fleet: Tenant) -> None:
    device = fleet.pick()
    patch(fleet, device, {"tags": ["pilot", "vip"]})
    patch(fleet, device, {"tags": ["spare"]})
    assert fleet.get(f"{fleet.v1}/device/{device}/")["tags"] == ["spare"]
    found = fleet.content("/v2/devices/", tags="pilot,vip", limit=1000)["results"]
    assert device not in {row["id"] for row in found}
    patch(fleet, device, {"tags": []})
    assert fleet.device(device)["tags"] == []


def test_a_device_that_reports_nothing_can_be_tagged(fleet: Tenant) -> None:
    number = next(n for n in fleet.world.fleet.bare.nonzero()[0].tolist() if fleet.world.fleet.platform[n] == 0)
    device = fleet.world.fleet.device_id(number)
    assert fleet.device(device)["tags"] is None
    assert patch(fleet, device, {"tags": ["repair"]}).json()["tags"] == ["repair"]
    assert fleet.device(device)["tags"] == [tags(fleet)["repair"]]
    assert device in {row["id"] for row in fleet.content("/v2/devices/", tags="repair", limit=1000)["results"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "tags"),
        ({"tags": "kiosk"}, "tags"),
        ({"tags": None}, "tags"),
        ({"tags": ["a", "b", "c", "d", "e", "f"]}, "tags"),
        ({"tags": [""]}, "tags"),
        ({"tags": [7]}, "tags"),
        ({"tags": ["x" * 256]}, "tags"),
        ({"tags": [], "alias_name": "Desk"}, "alias_name"),
        ({"tags": [], "device_name": "Desk"}, "device_name"),
    ],
)
def test_only_up_to_five_tags_can_be_changed_here(fleet: Tenant, body: Any, field: str) -> None:
    device = fleet.pick()
    before = fleet.get(f"{fleet.v1}/device/{device}/")
    assert refusal(patch(fleet, device, body), 400)[0].startswith(f"{field}: ")
    assert fleet.get(f"{fleet.v1}/device/{device}/") == before


def test_the_older_paths_know_android_devices_only(fleet: Tenant) -> None:
    refusal(patch(fleet, fleet.pick(platform=1), {"tags": []}), 404)
    refusal(patch(fleet, ZEROS, {"tags": []}), 404)


def test_the_rules_of_the_policy_come_with_a_device_when_asked_for(library: Tenant) -> None:
    rows = library.get(f"{library.v1}/device/", limit=200)["results"]
    row = next(row for row in rows if row.get("policy"))
    path = f"{library.v1}/device/{row['id']}/"
    assert "policy_details" not in library.get(path)
    details = library.get(path, show_policy="true", format="json")["policy_details"]
    assert (details["url"], details["name"]) == (row["policy"], row["policy_name"])
    bare = next(row for row in rows if row.get("policy", "") is None)
    assert library.get(f"{library.v1}/device/{bare['id']}/", show_policy="true")["policy_details"] is None
    assert library.refused(400, path, show_policy="perhaps")[0].startswith("show_policy: ")


def test_the_v0_service_shows_the_same_device(library: Tenant) -> None:
    for platform in range(4):
        device = library.pick(platform=platform)
        assert library.content(f"/device/v0/devices/{device}/") == library.device(device)


def test_a_device_that_is_not_android_can_be_deleted_and_is_gone_everywhere(fleet: Tenant) -> None:
    device = fleet.pick(platform=2)
    request = fleet.send("REBOOT", [device])
    shown = fleet.device(device)
    path = f"{fleet.facts.url}/device/v0/devices/{device}/"
    answer = fleet.http.delete(path)
    assert answer.status_code == 200
    assert answer.json()["content"] == shown
    refusal(fleet.http.delete(path), 404)
    fleet.refused(404, f"/v2/devices/{device}")
    fleet.refused(404, f"/device/v0/heartbeat/{device}/")
    assert fleet.content("/v2/devices/", limit=1)["count"] == 299
    assert fleet.one(request)["state"] == "Command Cancelled"


def test_an_android_device_is_wiped_and_not_deleted(fleet: Tenant) -> None:
    device = fleet.pick()
    answer = fleet.http.delete(f"{fleet.facts.url}/device/v0/devices/{device}/")
    assert refusal(answer, 400) == ["id: An Android device is removed with the command WIPE."]
    fleet.device(device)


def test_a_heartbeat_is_when_the_device_was_last_seen(library: Tenant) -> None:
    for state, recent in ((1, 1), (60, None)):
        device = library.pick(state=state)
        beat = library.content(f"/device/v0/heartbeat/{device}/")
        assert beat["device_id"] == device
        assert beat["timestamp"] == library.device(device)["last_seen"]
        assert recent is None or beat["status"] == recent
    bare = library.world.fleet.device_id(library.world.fleet.bare.nonzero()[0].tolist()[0])
    library.refused(404, f"/device/v0/heartbeat/{bare}/")


def test_heartbeats_of_a_period_are_those_between_its_ends(library: Tenant) -> None:
    seen = {r["id"]: r["last_seen"] for r in library.content("/v2/devices/", limit=1000)["results"] if r["last_seen"]}
    after, before = "2026-03-01T00:00:00Z", "2026-03-02T11:58:00Z"
    page = library.content("/v2/heartbeat/", last_seen_gt=after, last_seen_lt=before, limit=500)
    expected = {device for device, at in seen.items() if "2026-03-01T00:00:00" < at < "2026-03-02T11:58:00"}
    assert {row["device_id"] for row in page["results"]} == expected
    assert page["count"] == len(expected) > 5
    assert page["prev"] is None
    apple = library.content("/v2/heartbeat/", last_seen_gt="2020-01-01T00:00:00Z", last_seen_lt="2027-01-01T00:00:00Z",
                            platform="APPLE", limit=500)  # fmt: skip
    rows = library.content("/v2/devices/", platform="APPLE", limit=1000)["results"]
    assert {r["device_id"] for r in apple["results"]} == {r["id"] for r in rows if r["last_seen"]}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "last_seen_gt"),
        ({"last_seen_gt": "2026-01-01T00:00:00Z"}, "last_seen_lt"),
        ({"last_seen_gt": "yesterday", "last_seen_lt": "2026-01-01T00:00:00Z"}, "last_seen_gt"),
        ({"last_seen_gt": "2026-01-01T00:00:00", "last_seen_lt": "2026-01-01T00:00:00Z"}, "last_seen_gt"),
        ({"last_seen_gt": "0001-01-01T00:00:00Z", "last_seen_lt": "9999-12-31T23:59:59Z"}, "last_seen_gt"),
        ({"last_seen_gt": "2026-01-01T00:00:00Z", "last_seen_lt": "2026-02-01T00:00:00Z", "platform": "TOASTER"}, "platform"),
    ],
)  # fmt: skip
def test_a_period_that_can_not_be_read_is_refused(library: Tenant, query: dict[str, str], field: str) -> None:
    assert library.refused(400, "/v2/heartbeat/", **query)[0].startswith(f"{field}: ")


def test_the_newest_event_comes_first_and_a_day_of_them_when_asked_for(library: Tenant) -> None:
    path = f"{library.v1}/device/{library.pick()}/status/"
    newest = library.get(path, latest_event=1)
    assert newest["count"] == 1
    history = library.get(path, latest_event=0, limit=100)["results"]
    assert history[0] == newest["results"][0]
    assert len(history) == 24
    times = [event["created_on"] for event in history]
    assert times == sorted(times, reverse=True)
    assert len({event["id"] for event in history}) == 24
    assert library.refused(400, path) == ["latest_event: Is required."]


def test_apps_of_apple_and_windows_devices_have_names_and_android_has_none(library: Tenant) -> None:
    library_apps = {a["id"]: a for a in library.content("/v2/tenant-apps", limit=100)["results"]}
    for platform, begin in ((1, "APPLE"), (3, "WINDOWS")):
        entries = []
        for row in library.content("/v2/devices/", platform=begin, limit=1000)["results"]:
            entries += library.content(f"/v2/devices/{row['id']}/device-apps/")["results"]
        assert entries
        assert all(entry["app_name"] and entry["package_name"] and entry["version_name"] for entry in entries)
        assert {entry["app_id"] for entry in entries} <= set(library_apps)
        assert platform
    assert library.content(f"/v2/devices/{library.pick()}/device-apps/")["count"] == 0


def test_the_install_history_can_be_asked_for_its_own_device_only(library: Tenant) -> None:
    device = library.pick()
    path = f"{library.v1}/device/{device}/install/"
    assert library.get(path, device=device)["count"] == library.get(path)["count"] > 0
    assert library.get(path, device=ZEROS)["count"] == 0
