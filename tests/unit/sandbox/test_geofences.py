"""Geofences: made, changed, applied, deleted."""

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.tenant import ZEROS, Tenant, refusal

YARD = {
    "name": "Yard",
    "description": "Trucks stay inside",
    "latitude": "52.5200",
    "longitude": "-13.405",
    "radius": 250.5,
    "radius_unit": "METERS",
    "device_actions": ["LOCK_DOWN", "BEEP"],
}


def send(fleet: Tenant, method: str, tail: str, body: Any = None) -> httpx.Response:
    return fleet.http.request(method, f"{fleet.facts.url}/v0{fleet.v1}/{tail}", json=body)


def listed(fleet: Tenant, **query: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = fleet.get(f"/v0{fleet.v1}/geofence/", limit=100, **query)["results"]
    return rows


def test_a_new_geofence_is_what_was_sent_and_is_listed(fleet: Tenant) -> None:
    before = len(listed(fleet))
    answer = send(fleet, "POST", "geofence/", YARD)
    assert answer.status_code == 201
    made = answer.json()
    assert {key: made[key] for key in YARD} == YARD
    assert (made["device_count"], made["enterprise"]) == (0, fleet.facts.enterprise_id)
    assert len(listed(fleet)) == before + 1
    assert send(fleet, "GET", f"geofence/{made['id']}/").json() == made
    assert [row["id"] for row in listed(fleet, search="trucks")] == [made["id"]]


def test_a_change_keeps_what_was_not_sent_and_a_replacement_empties_it(fleet: Tenant) -> None:
    made = send(fleet, "POST", "geofence/", YARD).json()
    path = f"geofence/{made['id']}/"
    fleet.step(60)
    changed = send(fleet, "PATCH", path, {"radius": 9, "description": None}).json()
    assert changed["updated_on"] > made["updated_on"]
    assert {k: v for k, v in changed.items() if k != "updated_on"} == {
        k: v for k, v in (made | {"radius": 9, "description": None}).items() if k != "updated_on"
    }
    replaced = send(fleet, "PUT", path, {"name": "Lot", "latitude": "1", "longitude": "2"}).json()
    assert (replaced["name"], replaced["radius"], replaced["device_actions"]) == ("Lot", None, [])
    assert replaced["id"] == made["id"]
    assert replaced["created_on"] == made["created_on"]


def test_what_is_shown_can_be_sent_back_unchanged(fleet: Tenant) -> None:
    for shown in listed(fleet):
        answer = send(fleet, "PUT", f"geofence/{shown['id']}/", shown)
        assert {k: v for k, v in answer.json().items() if k != "updated_on"} == {
            k: v for k, v in shown.items() if k != "updated_on"
        }


def test_a_deleted_geofence_is_gone_and_its_id_is_not_given_again(fleet: Tenant) -> None:
    made = send(fleet, "POST", "geofence/", YARD).json()
    answer = send(fleet, "DELETE", f"geofence/{made['id']}/")
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE"):
        refusal(send(fleet, method, f"geofence/{made['id']}/"), 404)
    assert send(fleet, "POST", "geofence/", YARD).json()["id"] != made["id"]


def test_applying_counts_each_device_once_and_only_while_it_exists(fleet: Tenant) -> None:
    linux, android = fleet.pick(platform=2), fleet.pick()
    body = YARD | {"devices": [linux, android, linux], "device_actions": ["beep"]}
    answer = send(fleet, "POST", "create-apply-geo-fence/", body)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["device_count"], made["device_actions"]) == (2, ["BEEP"])
    fleet.http.delete(f"{fleet.facts.url}/device/v0/devices/{linux}/")
    assert send(fleet, "GET", f"geofence/{made['id']}/").json()["device_count"] == 1
    assert send(fleet, "PATCH", f"geofence/{made['id']}/", {"name": "Renamed"}).json()["device_count"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"latitude": 52.5}, "latitude"),
        ({"latitude": "90.01"}, "latitude"),
        ({"longitude": "181"}, "longitude"),
        ({"longitude": "1,5"}, "longitude"),
        ({"radius": 0}, "radius"),
        ({"radius": "wide"}, "radius"),
        ({"radius": True}, "radius"),
        ({"radius_unit": "FEET"}, "radius_unit"),
        ({"device_actions": ["EXPLODE"]}, "device_actions"),
        ({"device_actions": "BEEP"}, "device_actions"),
        ({"description": 5}, "description"),
    ],
)
def test_a_geofence_that_can_not_be_is_refused_and_named(library: Tenant, change: Any, field: str) -> None:
    before = listed(library)
    assert refusal(send(library, "POST", "geofence/", YARD | change), 400)[0].startswith(f"{field}: ")
    assert refusal(send(library, "PATCH", f"geofence/{before[0]['id']}/", change), 400)[0].startswith(f"{field}: ")
    assert listed(library) == before


def test_what_is_missing_is_named(library: Tenant) -> None:
    errors = refusal(send(library, "POST", "create-apply-geo-fence/", {}), 400)
    assert {error.partition(":")[0] for error in errors} == {"name", "latitude", "longitude", "devices"}
    assert refusal(send(library, "PATCH", f"geofence/{listed(library)[0]['id']}/", {}), 400)[0].startswith("body: ")
    body = YARD | {"devices": [ZEROS]}
    assert refusal(send(library, "POST", "create-apply-geo-fence/", body), 400)[0].startswith("devices: ")
