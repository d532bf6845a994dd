"""Operations are created by a query over the fleet, and cancelled as a whole or for one device."""

from typing import Any

import httpx
import pytest

from app.sandbox.fleet import OFFLINE
from tests.unit.sandbox.tenant import NIGHT, Tenant, refusal


def create(fleet: Tenant, **body: Any) -> httpx.Response:
    return fleet.http.post(f"{fleet.facts.url}/v0/operations/", json=body)


def by(**filters: Any) -> dict[str, Any]:
    return {"device_request": filters}


def test_an_operation_reaches_exactly_the_devices_that_the_same_query_lists(fleet: Tenant) -> None:
    filters = {"platform": "ANDROID", "state": [1], "is_gms": True}
    wanted = fleet.content("/v2/devices/", platform="ANDROID", state=1, is_gms="true", limit=1000)
    answer = create(fleet, operation_type="LOCK", operation_device_query=by(**filters), arguments={})
    assert answer.status_code == 201
    made = answer.json()["content"]
    assert (made["operation"], made["state"], made["schedule_type"]) == ("LOCK", "RESOLVED", "IMMEDIATE")
    assert made["operation_device_query"] == by(**filters)
    rows = fleet.content(f"/v0/operations/{made['id']}/devices/", limit=500)
    assert {row["device_id"] for row in rows["results"]} == {row["id"] for row in wanted["results"]}
    assert fleet.content("/commands/v0/commands/")["results"][0]["command"] == "LOCK"
    fleet.step(120)
    assert fleet.content(f"/v0/operations/{made['id']}/")["state"] == "COMPLETED"


def test_an_operation_can_wait_for_a_window_whose_days_are_numbers(fleet: Tenant) -> None:
    night = NIGHT | {"days": [0, 6]}
    answer = create(
        fleet,
        operation_type="REBOOT",
        schedule_type="WINDOW",
        schedule_args=night,
        operation_device_query=by(search=fleet.device(fleet.pick())["name"]),
    )
    made = answer.json()["content"]
    assert (made["schedule_type"], made["schedule_args"]) == ("WINDOW", night)
    fleet.step(3600)
    (row,) = fleet.content(f"/v0/operations/{made['id']}/devices/")["results"]
    assert row["state"] == "CREATED"
    fleet.step(8 * 3600)
    assert fleet.content(f"/v0/operations/{made['id']}/")["state"] == "COMPLETED"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"operation_type": "EXPLODE"}, "operation_type"),
        ({"operation_type": None}, "operation_type"),
        (
            {"operation_type": "SET_BRIGHTNESS_SCALE", "arguments": {"brightness_value": 500}},
            "arguments.brightness_value",
        ),
        ({"arguments": []}, "arguments"),
        ({"schedule_type": "RECURRING"}, "schedule_type"),
        ({"schedule_type": ["WINDOW"]}, "schedule_type"),
        ({"schedule_type": "WINDOW"}, "schedule_args"),
        ({"operation_device_query": None}, "operation_device_query.device_request"),
        ({"operation_device_query": {}}, "operation_device_query.device_request"),
        ({"operation_device_query": by()}, "operation_device_query.device_request"),
        ({"operation_device_query": by(colour="red")}, "operation_device_query.device_request.colour"),
        ({"operation_device_query": by(platform={})}, "operation_device_query.device_request.platform"),
        ({"operation_device_query": by(platform="")}, "operation_device_query.device_request.platform"),
        ({"operation_device_query": by(state="sleepy")}, "state"),
    ],
)
def test_an_unsound_operation_is_refused_and_reaches_nobody(fleet: Tenant, change: dict[str, Any], field: str) -> None:
    body = {"operation_type": "LOCK", "operation_device_query": by(platform="ANDROID")} | change
    assert field in [error.split(": ")[0] for error in refusal(create(fleet, **body), 400)]
    assert fleet.content("/v0/operations/")["count"] == 0


def test_cancelling_an_operation_ends_what_has_not_begun_and_leaves_the_rest(fleet: Tenant) -> None:
    online, offline = fleet.pick(), fleet.pick(OFFLINE)
    request = fleet.send("REBOOT", [online, offline])
    fleet.step(30)
    (operation,) = fleet.content("/v0/operations/")["results"]
    address = f"{fleet.facts.url}/v0/operations/{operation['id']}/"
    answer = fleet.http.put(address, json={"state": "CANCELLED", "reason": "wrong group"})
    assert answer.json() == {"operationId": operation["id"], "status": "CANCELLED"}
    states = {status["device"]: (status["state"], status["reason"]) for status in fleet.statuses(request)}
    assert states[offline] == ("Command Cancelled", "wrong group")
    assert states[online][0] != "Command Cancelled"
    for body in ({"state": "DONE", "reason": "x"}, {"state": "CANCELLED"}, {}):
        assert refusal(fleet.http.put(address, json=body), 400)


def test_one_device_of_an_operation_can_be_cancelled(fleet: Tenant) -> None:
    first, second = fleet.pick(OFFLINE), fleet.pick(OFFLINE, skip=1)
    fleet.send("LOCK", [first, second])
    (operation,) = fleet.content("/v0/operations/")["results"]
    path = f"/v0/operations/{operation['id']}/devices/{first}/"
    body = {"state": "CANCELLATION_REQUESTED", "reason": "not this one"}
    answer = fleet.http.put(fleet.facts.url + path, json=body)
    assert answer.json()["content"]["state"] == "CANCELLED"
    assert fleet.content(path)["reason"] == "not this one"
    assert fleet.content(f"/v0/operations/{operation['id']}/devices/{second}/")["state"] == "CREATED"
    assert refusal(fleet.http.put(fleet.facts.url + path, json={"state": "CANCELLED"}), 400)
