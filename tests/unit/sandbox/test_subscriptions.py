"""Event subscriptions."""

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.tenant import ZEROS, Tenant, refusal


def send(fleet: Tenant, method: str, tail: str = "", body: Any = None) -> httpx.Response:
    return fleet.http.request(method, f"{fleet.facts.url}/v0{fleet.v1}/subscription/{tail}", json=body)


def test_subscriptions_are_made_listed_read_and_deleted(fleet: Tenant) -> None:
    assert send(fleet, "GET").json()["count"] == 0
    answer = send(fleet, "POST", body={"aws_account_id": "123456789012"})
    assert answer.status_code == 201
    made = answer.json()
    assert made["aws_account_id"] == "123456789012"
    assert made["is_subscribed"] is True
    assert made["sns_topic_arn"].startswith("arn:aws:sns:")
    assert made["enterprise"] == f"{fleet.facts.url}{fleet.v1}/"
    assert send(fleet, "GET").json()["results"] == [made]
    assert send(fleet, "GET", f"{made['id']}/").json() == made
    assert send(fleet, "DELETE", f"{made['id']}/").status_code == 204
    for method in ("GET", "DELETE"):
        refusal(send(fleet, method, f"{made['id']}/"), 404)
    assert send(fleet, "POST", body={"aws_account_id": "123456789012"}).json()["id"] != made["id"]


@pytest.mark.parametrize("body", [{}, {"aws_account_id": ""}, {"aws_account_id": 12}, {"aws_account_id": None}])
def test_an_account_is_needed(library: Tenant, body: Any) -> None:
    assert refusal(send(library, "POST", body=body), 400)[0].startswith("aws_account_id: ")


def test_unknown_subscriptions_are_404(library: Tenant) -> None:
    for tail in (f"{ZEROS}/", "nonsense/"):
        refusal(send(library, "GET", tail), 404)
