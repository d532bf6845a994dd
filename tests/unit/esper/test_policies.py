"""Policies: the id stands in the address, and a password inside the rules is seen by nobody but the server."""

import json

import pytest
from starlette.responses import Response

from app.errors import BadRequest, InputError
from app.esper.client import EsperClient
from app.tenancy import PolicyDraft
from tests.unit.esper.asking import ask, calls, page, rows
from tests.unit.esper.server import Seen, document, serving

PATH = "/enterprise/e1/policy/"
SECRET = "open-sesame-17"
RULES = {"cameraDisabled": True, "settingsAppPassword": SECRET}
WIRE = {
    "uuid": "u1",
    "url": "https://x/api/enterprise/e1/policy/42/",
    "name": "Tills",
    "policy": RULES,
    "is_active": True,
    "device_count": 3,
    "new_thing": [1],
}


def answer(seen: Seen) -> Response:
    if seen.method == "DELETE":
        return Response(status_code=204)
    changes = json.loads(seen.body) if seen.body else {}
    return document({**WIRE, **changes}, 201 if seen.method == "POST" else 200)


def test_a_policy_lives_from_draft_to_deletion() -> None:
    async def question(opened: EsperClient) -> str:
        policies = opened.policies
        made = await policies.create(PolicyDraft(name="Tills", rules=RULES))
        assert (made.id, made.uuid, made.rules, made.device_count) == ("42", "u1", RULES, 3)
        assert await policies.change(made, made) is made
        wanted = PolicyDraft(name="Tills", rules=RULES, is_active=False)
        assert (await policies.change(made, wanted)).is_active is False
        await policies.replace("42", wanted)
        assert (await policies.one("42")).name == "Tills"
        await policies.delete("42")
        return opened.url

    with serving(answer) as server:
        url = ask(server.url, question)
    own = f"{PATH}42/"
    assert calls(server.seen) == [("POST", PATH), ("PATCH", own), ("PUT", own), ("GET", own), ("DELETE", own)]
    assert json.loads(server.seen[0].body) == {
        "name": "Tills", "description": None, "policy": RULES, "enterprise": f"{url}/enterprise/e1/",
    }  # fmt: skip
    assert json.loads(server.seen[1].body) == {"is_active": False}
    assert json.loads(server.seen[2].body)["is_active"] is False


def test_the_password_in_the_rules_stays_out_of_raw_and_of_errors() -> None:
    with serving(lambda seen: page([WIRE])) as server:
        [policy] = ask(server.url, lambda opened: rows(opened.policies.pages(name="Tills", active=True)))
    assert (server.seen[0].query["name"], server.seen[0].query["is_active"]) == ("Tills", "true")
    assert SECRET.encode() not in policy.raw
    assert b"new_thing" in policy.raw
    echo = {"errors": [f"policy: {SECRET}"], "message": f"no {SECRET}", "status": 400}
    with serving(lambda seen: document(echo, 400)) as server, pytest.raises(BadRequest) as raised:
        ask(server.url, lambda opened: opened.policies.create(PolicyDraft(name="Tills", rules=RULES)))
    assert SECRET not in f"{raised.value} {raised.value.details} {raised.value.excerpt}"


def test_the_older_spellings_of_id_and_name_are_read() -> None:
    with serving(lambda seen: page([{"id": 7, "policy_name": "Old"}])) as server:
        [policy] = ask(server.url, lambda opened: rows(opened.policies.pages()))
    assert (policy.id, policy.name, policy.rules) == ("7", "Old", {})


def test_a_policy_needs_a_name() -> None:
    with serving(answer) as server:
        with pytest.raises(InputError, match="name"):
            ask(server.url, lambda opened: opened.policies.create(PolicyDraft(name="")))
        assert server.seen == []
