"""The key, the enterprise and what it may use."""

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.tenant import ZEROS, Tenant, refusal


def change(fleet: Tenant, body: Any) -> httpx.Response:
    return fleet.http.patch(f"{fleet.facts.url}/v1{fleet.v1}/", json=body)


def renewed(fleet: Tenant, key: str, app: str = "", name: str = "access_token") -> httpx.Response:
    app = app or fleet.get("/v1/token-info/")["developer_app"]
    path = f"{fleet.facts.url}/v0{fleet.v1}/developerapp/{app}/renew-token/"
    return fleet.http.post(path, params={name: key})


def opens(fleet: Tenant, key: str) -> bool:
    answer = httpx.get(f"{fleet.facts.url}/user_info/", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


def test_enterprise_facts_change_and_stay_changed(fleet: Tenant) -> None:
    before = fleet.get(f"/v1{fleet.v1}/")
    fleet.step(60)
    answer = change(fleet, {"name": "Nordwind", "contact_number": "+49 30 1", "contact_email": "it@nordwind.example"})
    assert answer.status_code == 200
    after = fleet.get(f"/v1{fleet.v1}/")
    assert answer.json() == after
    assert after["name"] == "Nordwind"
    assert after["updated_on"] > before["updated_on"]
    kept = set(before) - {"name", "contact_number", "contact_email", "updated_on"}
    assert {field: after[field] for field in kept} == {field: before[field] for field in kept}
    assert change(fleet, {"contact_person": None}).json()["contact_person"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ([], "body"),
        ({"short_code": "X"}, "short_code"),
        ({"id": ZEROS}, "id"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "n" * 256}, "name"),
        ({"zipcode": "123456789"}, "zipcode"),
        ({"contact_number": "1" * 21}, "contact_number"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"location": 7}, "location"),
    ],
)
def test_an_enterprise_fact_that_can_not_be_is_refused_and_named(library: Tenant, body: Any, field: str) -> None:
    assert refusal(change(library, body), 400)[0].startswith(f"{field}: ")
    assert library.get(f"/v1{library.v1}/")["name"] == "Demo fleet"


def test_all_that_is_wrong_is_named_at_once(library: Tenant) -> None:
    errors = refusal(change(library, {"name": 1, "zipcode": "", "colour": "red"}), 400)
    assert sorted(error.partition(":")[0] for error in errors) == ["colour", "name", "zipcode"]


@pytest.mark.parametrize("name", ["access_token", "access_token*"])
def test_a_renewed_key_opens_at_once_and_the_old_one_for_ten_minutes_more(fleet: Tenant, name: str) -> None:
    answer = renewed(fleet, "key", name=name)
    assert answer.status_code == 201
    made = answer.json()
    assert made["enterprise"] == f"Demo fleet [{fleet.facts.enterprise_id}]"
    assert made["developerapp"].endswith(f"({fleet.get('/v1/token-info/')['developer_app']})")
    assert made["token"] not in {"key", ""}
    assert opens(fleet, made["token"])
    fleet.step(599)
    assert opens(fleet, "key")
    fleet.step(2)
    assert not opens(fleet, "key")
    fleet.http.headers["Authorization"] = f"Bearer {made['token']}"
    assert fleet.get("/v1/token-info/")["expires_on"] == made["expires_at"]


def test_renewing_again_does_not_lengthen_the_life_of_the_old_key(fleet: Tenant) -> None:
    renewed(fleet, "key")
    fleet.step(400)
    second = renewed(fleet, "key").json()["token"]
    fleet.step(250)
    assert not opens(fleet, "key")
    assert opens(fleet, second)


def test_only_a_key_that_opens_is_renewed_and_no_answer_repeats_it(fleet: Tenant) -> None:
    assert refusal(renewed(fleet, ""), 400) == ["access_token: Is required."]
    answer = renewed(fleet, "some-other-key")
    assert refusal(answer, 400) == ["access_token: Is not a key of this enterprise."]
    assert "some-other-key" not in answer.text
    refusal(renewed(fleet, "key", app=ZEROS), 404)


def test_features_are_a_flat_map_of_truths(library: Tenant) -> None:
    flags = library.get("/feature-flags/")
    assert flags["esper.cloud.ios.enable"] is True
    assert all(isinstance(value, bool) for value in flags.values())
