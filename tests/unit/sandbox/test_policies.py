"""Policies: made, changed, deleted, and what devices say of them."""

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.tenant import ZEROS, Tenant, refusal


def send(fleet: Tenant, method: str, tail: str = "", body: Any = None) -> httpx.Response:
    return fleet.http.request(method, f"{fleet.facts.url}{fleet.v1}/policy/{tail}", json=body)


def whole(fleet: Tenant, **more: Any) -> dict[str, Any]:
    rules = {"cameraDisabled": True, "minimumPasswordLength": 6, "deviceUpdatePolicy": {"type": "TYPE_POSTPONE"}}
    return {"name": "Strict", "enterprise": f"{fleet.facts.url}{fleet.v1}/", "policy": rules} | more


def test_a_new_policy_is_found_by_the_number_in_its_address(fleet: Tenant) -> None:
    answer = send(fleet, "POST", body=whole(fleet, description="For pilots"))
    assert answer.status_code == 201
    made = answer.json()
    assert made["url"].endswith(f"/policy/{made['id']}/")
    assert (made["name"], made["policy_name"], made["description"]) == ("Strict", "Strict", "For pilots")
    assert made["policy"] == whole(fleet)["policy"]
    assert (made["device_count"], made["is_active"]) == (0, True)
    assert fleet.http.get(made["url"]).json() == made
    assert fleet.get(f"{fleet.v1}/policy/")["count"] == 5


def test_device_counts_agree_with_the_devices_that_follow_a_policy(library: Tenant) -> None:
    for policy in library.get(f"{library.v1}/policy/")["results"]:
        found = library.content("/v2/devices/", policy_multi=policy["name"], limit=1)
        assert found["count"] == policy["device_count"] > 0


def test_a_renamed_policy_has_its_new_name_on_devices_and_in_filters(fleet: Tenant) -> None:
    before = fleet.content("/v2/devices/", policy_multi="Standard")["count"]
    assert send(fleet, "PATCH", "1/", {"name": "Plain"}).json()["name"] == "Plain"
    page = fleet.content("/v2/devices/", policy_multi="Plain", limit=1000)
    assert page["count"] == before
    assert {row["policy"]["name"] for row in page["results"] if row.get("policy")} == {"Plain"}
    assert fleet.content("/v2/devices/", policy_multi="Standard")["count"] == 0
    android = next(row["id"] for row in page["results"] if row["platform"] == "ANDROID" and row.get("policy"))
    assert fleet.get(f"{fleet.v1}/device/{android}/")["policy_name"] == "Plain"


def test_a_change_keeps_what_was_not_sent_and_a_replacement_does_not(fleet: Tenant) -> None:
    made = send(fleet, "POST", body=whole(fleet, description="Kept")).json()
    changed = send(fleet, "PATCH", f"{made['id']}/", {"is_active": False}).json()
    assert (changed["is_active"], changed["description"], changed["policy"]) == (False, "Kept", made["policy"])
    replaced = send(fleet, "PUT", f"{made['id']}/", whole(fleet, policy={"adbDisabled": True})).json()
    assert (replaced["is_active"], replaced["description"], replaced["policy"]) == (True, None, {"adbDisabled": True})
    assert replaced["uuid"] == made["uuid"]


def test_lists_are_filtered_by_name_and_state_with_exact_names_first(fleet: Tenant) -> None:
    send(fleet, "POST", body=whole(fleet, name="Standard plus", is_active=False))
    send(fleet, "POST", body=whole(fleet, name="tandard"))
    names = [row["name"] for row in fleet.get(f"{fleet.v1}/policy/", name="TANDARD")["results"]]
    assert names == ["tandard", "Standard", "Standard plus"]
    assert [r["name"] for r in fleet.get(f"{fleet.v1}/policy/", is_active="false")["results"]] == ["Standard plus"]


def test_a_policy_in_use_is_not_deleted_and_an_unused_one_is(fleet: Tenant) -> None:
    assert "in use" in refusal(send(fleet, "DELETE", "1/"), 400)[0]
    made = send(fleet, "POST", body=whole(fleet)).json()
    answer = send(fleet, "DELETE", f"{made['id']}/")
    assert (answer.status_code, answer.content) == (204, b"")
    refusal(send(fleet, "GET", f"{made['id']}/"), 404)
    assert send(fleet, "POST", body=whole(fleet)).json()["id"] != made["id"]


def test_a_password_is_accepted_and_never_shown(fleet: Tenant) -> None:
    body = whole(fleet, policy={"settingsAppPassword": "hunter-22", "cameraDisabled": False})
    answer = send(fleet, "POST", body=body)
    assert answer.status_code == 201
    changed = send(fleet, "PATCH", f"{answer.json()['id']}/", {"policy": body["policy"]})
    assert answer.json()["policy"] == changed.json()["policy"] == {"cameraDisabled": False}
    assert "hunter-22" not in answer.text + changed.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"enterprise": "https://example.com/enterprise/other/"}, "enterprise"),
        ({"enterprise": 5}, "enterprise"),
        ({"policy": []}, "policy"),
        ({"is_active": "yes"}, "is_active"),
        ({"policy": {"cameraDisabled": "yes"}}, "policy.cameraDisabled"),
        ({"policy": {"minimumPasswordLength": 3}}, "policy.minimumPasswordLength"),
        ({"policy": {"minimumPasswordLength": True}}, "policy.minimumPasswordLength"),
        ({"policy": {"permissionPolicy": "ALWAYS"}}, "policy.permissionPolicy"),
        ({"policy": {"settingsAccessLevel": []}}, "policy.settingsAccessLevel"),
        ({"policy": {"phonePolicy": 1}}, "policy.phonePolicy"),
        ({"policy": {"frpGoogles": [1]}}, "policy.frpGoogles"),
        ({"policy": {"settingsAppPassword": 1}}, "policy.settingsAppPassword"),
    ],
)
def test_a_policy_that_can_not_be_is_refused_and_named(library: Tenant, change: Any, field: str) -> None:
    assert refusal(send(library, "POST", body=whole(library) | change), 400)[0].startswith(f"{field}: ")
    assert refusal(send(library, "PATCH", "1/", change), 400)[0].startswith(f"{field}: ")


def test_missing_fields_and_names_that_are_taken_are_refused(library: Tenant) -> None:
    assert {e.partition(":")[0] for e in refusal(send(library, "POST", body={}), 400)} == {
        "name",
        "enterprise",
        "policy",
    }
    twin = ["The fields name, enterprise must make a unique set. "]
    assert refusal(send(library, "POST", body=whole(library, name="Standard")), 400) == twin
    assert refusal(send(library, "PATCH", "2/", {"name": "Standard"}), 400) == twin
    for tail in ("0/", "5/", "abc/", f"{ZEROS}/", "99999999999999999999/"):
        refusal(send(library, "GET", tail), 404)
