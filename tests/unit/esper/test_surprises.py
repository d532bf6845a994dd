"""Answers that the contract does not allow: each is one named error with status, request id and an excerpt without secrets."""

import json

import pytest

from app.errors import NotFound, OutcomeUnknown, Refused, ServerFault, UnexpectedAnswer, Unreachable, WireError
from app.esper.failures import excerpt, title
from tests.unit.esper.asking import ask
from tests.unit.esper.server import TOKEN, breaking

PORTAL = b"<!DOCTYPE html><html><head><title>\n Hotel &amp; Spa WLAN </title></head><body>Please sign in</body></html>"
FENCE = b'{"id": "f1", "name": "Yard", "latitude": "1", "longitude": "2"}'


def reply(status: str, body: bytes, kind: str = "application/json", *more: str, length: int | None = None) -> bytes:
    head = [
        f"HTTP/1.1 {status}",
        "X-Request-Id: theirs-1",
        f"Content-Length: {len(body) if length is None else length}",
    ]
    if kind:
        head.append(f"Content-Type: {kind}")
    return "\r\n".join([*head, *more, "", ""]).encode() + body


def raised_by(answer: bytes) -> WireError:
    with breaking(answer) as server, pytest.raises(WireError) as raised:
        ask(server.url, lambda opened: opened.geofences.one("f1"))
    return raised.value


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        (reply("200 OK", PORTAL, "text/html; charset=utf-8"), 200, "a web page came instead of JSON: Hotel & Spa WLAN"),
        (reply("200 OK", PORTAL, "application/json"), 200, "a web page came instead of JSON"),
        (reply("200 OK", b"id,name\r\nf1,Yard", "text/csv"), 200, "not text/csv"),
        (reply("200 OK", b""), 200, "is empty"),
        (reply("204 No Content", b"", ""), 204, "is empty"),
        (reply("200 OK", FENCE[:-9]), 200, "is not JSON"),
        (reply("200 OK", b"[" + FENCE + b"]"), 200, "not a list"),
        (reply("200 OK", b'"f1"'), 200, "not a text"),
        (reply("200 OK", b'{"id": {}, "name": 7}'), 200, "without an id"),
        (reply("302 Found", b"", "", "Location: http://login.hotel.example/?key=x"), 302, "login.hotel.example"),
        (reply("301 Moved", b"", "", "Location: http://[broken"), 301, "elsewhere"),
        (reply("304 Not Modified", b"", ""), 304, "304"),
    ],
    ids=["portal", "portal as JSON", "csv", "empty", "204", "cut JSON", "list", "text", "wrong types", "302", "301", "304"],
)  # fmt: skip
def test_an_unexpected_answer_says_what_came(answer: bytes, status: int, says: str) -> None:
    error = raised_by(answer)
    assert isinstance(error, UnexpectedAnswer)
    assert says in str(error)
    assert (error.status, error.method, error.path) == (status, "GET", "/v0/enterprise/e1/geofence/f1/")
    assert error.request_id == "theirs-1"


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (reply("404 Not Found", b'{"errors": ["No such geofence"], "message": "Not found", "status": 404}'), NotFound,
         "404 Not found; No such geofence"),
        (reply("404 Not Found", b'{"code": 404, "message": "not there", "content": null}'), NotFound, "404 not there"),
        (reply("404 Not Found", PORTAL, "text/html"), NotFound, "404 Hotel & Spa WLAN"),
        (reply("511 Network Authentication Required", PORTAL, "text/html"), ServerFault, "511 Hotel & Spa WLAN"),
        (reply("404 Not Found", b""), NotFound, "404"),
        (reply("418 Teapot", b'{"message": {"a": 1}, "errors": 5}'), Refused, "418; 5"),
    ],
    ids=["seed form", "newer form", "portal", "portal's own status", "empty", "wrong types"],
)  # fmt: skip
def test_a_refusal_is_read_in_every_form(answer: bytes, kind: type[Refused], message: str) -> None:
    error = raised_by(answer)
    assert type(error) is kind
    assert str(error) == message
    assert error.request_id == "theirs-1"


def test_early_hints_are_no_answer() -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    with breaking(hint + reply("200 OK", FENCE)) as server:
        assert ask(server.url, lambda opened: opened.geofences.one("f1")).name == "Yard"


def test_a_switch_to_another_protocol_is_no_answer() -> None:
    switching = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    assert isinstance(raised_by(switching), Unreachable)


@pytest.mark.parametrize(
    "answer",
    [
        reply("200 OK", PORTAL, "text/html"),
        reply("201 Created", b""),
        reply("302 Found", b"", "", "Location: http://x/"),
    ],
)
def test_after_a_write_a_surprise_is_an_unknown_outcome_with_all_that_is_known(answer: bytes) -> None:
    with breaking(answer) as server, pytest.raises(OutcomeUnknown) as raised:
        ask(server.url, lambda opened: opened.groups.create("North"))
    assert len(server.seen) == 1
    assert raised.value.request_id == "theirs-1"
    assert raised.value.status in {200, 201, 302}


@pytest.mark.parametrize(
    "body",
    [
        {"id": {}, "token": "sesame-1"},
        {"id": {}, "deep": [{"wifi_access_points": [{"ssid": "a", "key": "sesame-1"}]}]},
        {"id": {}, "action_args": {"authorization": "sesame-1"}},
        {"id": {}, "note": f"Bearer {TOKEN}"},
    ],
)
def test_an_excerpt_hides_what_stands_behind_a_secret_name_at_any_depth(body: dict[str, object]) -> None:
    error = raised_by(reply("200 OK", json.dumps(body).encode()))
    assert "sesame-1" not in error.excerpt
    assert TOKEN not in error.excerpt
    assert '"id"' in error.excerpt


def test_an_excerpt_of_half_a_document_ends_before_a_secret() -> None:
    cut = b'{"id": "f1", "profile": {"inner": "sesame-1", "more": [1, 2'
    assert excerpt(cut).startswith('{"id": "f1", ')
    assert "sesame-1" not in excerpt(cut)
    assert excerpt(b"plain words of a gateway") == "plain words of a gateway"
    assert len(excerpt(b"[" + b"1," * 90_000 + b"1]")) <= 600


@pytest.mark.parametrize("page", [b"", b"<title>", b"<html>no title", b"\xff\xfe<title>\xff</title>"])
def test_a_page_without_a_title_has_none(page: bytes) -> None:
    assert len(title(page)) <= 1
