"""The key, its owner and the company: what is asked, what is changed, and that no key is seen."""

import json
from typing import Any

import pytest
from starlette.responses import Response

from app.errors import InputError, OutcomeUnknown
from app.esper.client import EsperClient
from app.records import Enterprise
from app.redact import redact
from tests.unit.esper.asking import ask
from tests.unit.esper.server import TOKEN, Seen, breaking, document, serving

NEW = "a-new-key-that-nobody-may-see"
COMPANY = {
    "id": "e1",
    "name": "Nordic Foods",
    "short_code": "nf",
    "registered_name": "Nordic Foods AB",
    "registered_address": "Storgatan 1",
    "location": "Malmö",
    "zipcode": "21122",
    "contact_person": None,
    "contact_number": None,
    "contact_email": "it@nordic.example",
    "something_new": 1,
}


def company(seen: Seen) -> Response:
    changes = json.loads(seen.body) if seen.body else {}
    return document({**COMPANY, **changes})


def test_the_company_is_changed_in_the_differing_fields_only() -> None:
    async def change(opened: EsperClient) -> Enterprise:
        known = await opened.enterprise()
        wanted = Enterprise(**{**_fields(known), "location": "Lund", "contact_person": "Åsa"})
        changed = await opened.account.change_enterprise(known, wanted)
        again = await opened.account.change_enterprise(changed, changed)
        assert again is changed
        return changed

    with serving(company) as server:
        changed = ask(server.url, change)
    assert (changed.location, changed.contact_person, changed.postcode) == ("Lund", "Åsa", "21122")
    assert b"something_new" in changed.raw
    assert [(seen.method, seen.path) for seen in server.seen] == [
        ("GET", "/v1/enterprise/e1/"),
        ("PATCH", "/v1/enterprise/e1/"),
    ]
    assert json.loads(server.seen[1].body) == {"location": "Lund", "contact_person": "Åsa"}


def test_a_name_can_not_be_emptied_and_a_contact_can() -> None:
    async def change(opened: EsperClient) -> Enterprise:
        known = Enterprise(id="e1", name="Nordic Foods", contact_person="Åsa")
        with pytest.raises(InputError, match="name"):
            await opened.account.change_enterprise(known, Enterprise(**{**_fields(known), "name": ""}))
        return await opened.account.change_enterprise(known, Enterprise(**{**_fields(known), "contact_person": ""}))

    with serving(company) as server:
        ask(server.url, change)
    assert [json.loads(seen.body) for seen in server.seen] == [{"contact_person": None}]


def test_a_lost_answer_to_a_change_of_the_company_is_asked_for_again() -> None:
    body = json.dumps(COMPANY).encode()
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    known = Enterprise(id="e1", name="Old")

    with breaking(b"", whole) as server:
        ask(
            server.url, lambda opened: opened.account.change_enterprise(known, Enterprise(id="e1", name="Nordic Foods"))
        )
    assert [seen.body for seen in server.seen] == [b'{"name":"Nordic Foods"}'] * 2


def renewing(seen: Seen) -> Response:
    if seen.path == "/v1/token-info/":
        return document({"id": "t", "enterprise": "Nordic [e1]", "developer_app": "app-1", "token": TOKEN})
    if seen.path.endswith("/renew-token/"):
        found = {"token": NEW, "expires_at": "2031-01-02T03:04:05Z", "enterprise": "Nordic [e1]"}
        return document({**found, "developerapp": "console (app-1)", "scope": "read write"}, 201)
    return document(COMPANY)


def test_a_renewed_key_is_carried_from_then_on_and_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    async def renew(opened: EsperClient) -> Any:
        renewed = await opened.account.renew_token()
        await opened.enterprise()
        return renewed

    with serving(renewing) as server:
        renewed = ask(server.url, renew)
    _, asked, after = server.seen
    assert (asked.method, asked.path) == ("POST", "/v0/enterprise/e1/developerapp/app-1/renew-token/")
    assert (asked.query, asked.body) == ({"access_token": TOKEN}, b"")
    assert after.headers["authorization"] == f"Bearer {NEW}"
    assert renewed.token == NEW
    assert renewed.expires_at == pytest.approx(1_925_089_445)
    assert NEW not in repr(renewed)
    assert NEW not in redact(f"x {renewed.token}")
    ours = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn"))
    assert "renew-token/: 201" in ours
    assert TOKEN not in ours
    assert NEW not in ours


def test_a_key_of_no_developer_app_can_not_be_renewed() -> None:
    with serving(lambda seen: document({"enterprise": "e1"})) as server:
        with pytest.raises(InputError, match="developer app"):
            ask(server.url, lambda opened: opened.account.renew_token())
        assert len(server.seen) == 1


def test_a_renewal_without_a_key_in_the_answer_is_unknown_and_not_repeated() -> None:
    def answer(seen: Seen) -> Response:
        return renewing(seen) if seen.method == "GET" else document({"id": "t"}, 201)

    with serving(answer) as server:
        with pytest.raises(OutcomeUnknown):
            ask(server.url, lambda opened: opened.account.renew_token())
        assert [seen.method for seen in server.seen] == ["GET", "POST"]


def test_the_user_is_known_without_the_key_that_the_server_repeats() -> None:
    found = {
        "id": 7,
        "username": "asa",
        "first_name": "Åsa",
        "last_name": "Berg",
        "token": TOKEN,
        "is_active": True,
        "profile": {"role": {"name": "Admin"}},
        "shoe_size": 38,
    }
    with serving(lambda seen: document(found)) as server:
        user = ask(server.url, lambda opened: opened.account.user())
    assert (user.id, user.name, user.role, user.is_active, user.is_superuser) == ("7", "Åsa Berg", "Admin", True, None)
    assert server.seen[0].path == "/user_info/"
    assert TOKEN.encode() not in user.raw
    assert b"shoe_size" in user.raw


@pytest.mark.parametrize("wrapped", [False, True])
def test_feature_flags_are_a_flat_map_of_anything(wrapped: bool) -> None:
    flags = {"esper.cloud.ios.enable": True, "limit": 5, "note": None}
    with serving(lambda seen: document({"content": flags} if wrapped else flags)) as server:
        assert ask(server.url, lambda opened: opened.account.feature_flags()) == flags
    assert server.seen[0].path == "/feature-flags/"


def _fields(known: Enterprise) -> dict[str, Any]:
    return {name: getattr(known, name) for name in known.__struct_fields__}
