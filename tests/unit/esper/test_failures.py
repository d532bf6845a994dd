"""One table from statuses and exceptions to the error tree."""

import email.utils
import itertools
import json
import socket
import ssl

import pytest

from app.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotAuthorised,
    NotFound,
    Refused,
    ServerFault,
    TooFast,
)
from app.esper.failures import Answer, reason, refusal, retry_after


def answer(status: int, body: object = None, headers: dict[str, str] | None = None) -> Answer:
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, headers or {}, written, "GET", "/v2/devices/", "r-1")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequest), (401, NotAuthorised), (403, Forbidden), (404, NotFound), (405, Refused), (409, Conflict),
        (415, Refused), (429, TooFast), (500, ServerFault), (502, ServerFault), (599, ServerFault),
    ],
)  # fmt: skip
def test_each_status_has_one_class(status: int, kind: type[Refused]) -> None:
    error = refusal(answer(status, {"errors": [], "message": "no", "status": status}), 0.0)
    assert type(error) is kind
    assert (error.status, error.message, error.path, error.request_id) == (status, "no", "/v2/devices/", "r-1")


@pytest.mark.parametrize(
    ("body", "message", "details"),
    [
        (
            {"errors": ["a", {"devices": ["b", "c"]}], "message": "m", "status": 400},
            "m",
            ("a", "devices: b", "devices: c"),
        ),
        ({"errors": [], "message": "m", "status": 400, "meta": {"non_field_errors": ["n"]}}, "m", ("n",)),
        ({"code": 400, "message": "m", "content": {}}, "m", ()),
        ({"detail": "Not found."}, "Not found.", ()),
        ({"name": ["Too long.", "Taken."]}, "", ("name: Too long.", "name: Taken.")),
        (["a list"], "", ()),
        (b"<html>502</html>", "", ()),
        (b"", "", ()),
    ],
)
def test_message_and_details_are_read_from_every_known_form(
    body: object, message: str, details: tuple[str, ...]
) -> None:
    error = refusal(answer(400, body), 0.0)
    assert (error.message, error.details) == (message, details)


def test_details_are_few_and_short() -> None:
    error = refusal(answer(400, {"errors": ["x" * 5000] * 500, "message": "y" * 5000, "status": 400}), 0.0)
    assert len(error.details) == 20
    assert max(map(len, (*error.details, error.message))) <= 300


def test_the_time_to_wait_is_read_from_seconds_and_from_a_date() -> None:
    now = 1_795_245_248.0
    later = email.utils.formatdate(now + 90, usegmt=True)
    assert retry_after("3", now) == 3.0
    assert retry_after(later, now) == pytest.approx(90, abs=1)
    assert retry_after(email.utils.formatdate(now - 90, usegmt=True), now) == 0.0
    assert [retry_after(t, now) for t in ("", "soon", "nan", "inf")] == [None] * 4
    assert refusal(answer(429, {}, {"retry-after": "3"}), now).retry_after == 3.0


def test_a_secret_in_an_error_body_does_not_get_into_the_error() -> None:
    error = refusal(answer(400, {"errors": [], "message": 'token: "abcdef"', "status": 400}), 0.0)
    assert "abcdef" not in f"{error} {error.excerpt} {error.message} {error.details}"


def chained(*errors: BaseException) -> BaseException:
    for outer, inner in itertools.pairwise(errors):
        outer.__cause__ = inner
    return errors[0]


def test_the_deepest_cause_that_says_something_is_named() -> None:
    untrusted = ssl.SSLCertVerificationError("bad")
    untrusted.verify_message = "self-signed certificate"
    assert reason(chained(OSError("x"), OSError("y"), socket.gaierror())) == "the server's name was not found"
    assert (
        reason(chained(OSError("x"), ExceptionGroup("g", [ConnectionRefusedError()]))) == "the connection was refused"
    )
    assert reason(chained(OSError("x"), untrusted)).endswith("not trusted: self-signed certificate")
    assert reason(chained(OSError("x"), ssl.SSLError("handshake"))).startswith("no secure connection")
    assert reason(TimeoutError()) == "no answer in time"
    assert reason(OSError("odd")) == "OSError: odd"
