"""One request on a real socket: what is sent, what is tried again, and what each way to fail is called."""

import asyncio
import gzip
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import RedirectResponse, Response

from app.errors import (
    BadRequest,
    InputError,
    NotAuthorised,
    Offline,
    OutcomeUnknown,
    ServerFault,
    TooFast,
    UnexpectedAnswer,
    Unreachable,
    WireError,
)
from app.esper import transport as module
from app.esper.failures import Answer
from app.esper.pace import Pace
from app.esper.transport import Transport
from tests.conftest import ExpectedLog
from tests.unit.esper.server import TOKEN, Seen, Server, Time, breaking, document, free_port, serving, transport

PATH = "/commands/v0/commands/"
HALF = b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"content": {"id"'
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def run(url: str, call: Callable[[Transport], Any], time: Time | None = None, timeout: float = 5.0) -> Any:
    """The answer of one call, with the transport closed afterwards."""

    async def go() -> Any:
        opened = await transport(url, time or Time(), timeout)
        try:
            return await call(opened)
        finally:
            await opened.close()

    return asyncio.run(go())


def read(opened: Transport) -> Any:
    return opened.read("/v2/devices/", {"limit": 1})


def post(opened: Transport) -> Any:
    return opened.write("POST", PATH, b'{"command": "REBOOT"}')


def script(*statuses: int, **headers: str) -> Callable[[Seen], Response]:
    """Answers with these statuses in turn, the last again and again."""
    left = list(statuses)

    def answer(seen: Seen) -> Response:
        status = left.pop(0) if len(left) > 1 else left[0]
        body = {"ok": True} if status < 400 else {"errors": [], "message": "no", "status": status}
        return document(body, status, {name.replace("_", "-"): value for name, value in headers.items()})

    return answer


def test_a_request_carries_the_key_and_a_name_of_its_own() -> None:
    async def twice(opened: Transport) -> tuple[Answer, int, int]:
        await read(opened)
        return await read(opened), opened.requests, opened.received

    with serving(script(200)) as server:
        answer, requests, received = run(server.url, twice)
    assert (answer.status, requests, received) == (200, 2, 2 * len(answer.body))
    assert [seen.headers["authorization"] for seen in server.seen] == [f"Bearer {TOKEN}"] * 2
    assert len({seen.headers["x-request-id"] for seen in server.seen}) == 2
    assert server.seen[0].query == {"limit": "1"}
    assert "content-type" not in server.seen[0].headers


def test_the_server_s_own_request_id_is_kept() -> None:
    with serving(script(400, X_Request_Id="theirs")) as server, pytest.raises(BadRequest) as raised:
        run(server.url, read)
    assert (raised.value.request_id, raised.value.path, raised.value.method) == ("theirs", "/v2/devices/", "GET")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_read_is_tried_again_after_a_passing_fault(status: int) -> None:
    with serving(script(status, status, 200)) as server:
        assert run(server.url, read).status == 200
    assert len(server.seen) == 3


def test_a_read_is_given_up_after_four_tries_with_growing_pauses() -> None:
    time = Time()
    with serving(script(503)) as server, pytest.raises(ServerFault):
        run(server.url, read, time)
    assert len(server.seen) == 4
    assert len(time.slept) == 3
    assert all(0.5 * base <= slept <= base for slept, base in zip(time.slept, (0.5, 1.0, 2.0), strict=True))


@pytest.mark.parametrize(("status", "kind"), [(400, BadRequest), (401, NotAuthorised), (501, ServerFault)])
def test_a_plain_no_is_not_asked_again(status: int, kind: type[Exception]) -> None:
    with serving(script(status)) as server, pytest.raises(kind):
        run(server.url, read)
    assert len(server.seen) == 1


def test_the_time_the_server_names_is_waited_before_the_next_try() -> None:
    time = Time()
    with serving(script(429, 200, Retry_After="7")) as server:
        run(server.url, read, time)
    assert len(server.seen) == 2
    assert 7.0 <= sum(time.slept) <= 7.2


def test_a_wish_for_an_hour_of_quiet_is_an_error_at_once() -> None:
    with serving(script(429, Retry_After="3600")) as server, pytest.raises(TooFast) as raised:
        run(server.url, read)
    assert (len(server.seen), raised.value.retry_after) == (1, 3600.0)


def test_the_quiet_after_an_unavailable_service_is_kept_by_all() -> None:
    time = Time()
    with serving(script(503, 200, Retry_After="9")) as server:
        run(server.url, read, time)
    assert sum(time.slept) >= 8.99


def test_a_read_survives_a_lost_connection() -> None:
    with breaking(b"", HALF, WHOLE) as server:
        assert run(server.url, read).body == b"{}"
    assert len(server.seen) == 3


def test_a_read_that_never_gets_an_answer_is_unreachable() -> None:
    with breaking(b"") as server, pytest.raises(Unreachable) as raised:
        run(server.url, read)
    assert len(server.seen) == 4
    assert raised.value.path == "/v2/devices/"


@pytest.mark.parametrize(
    "reply",
    [b"", HALF, b"\x00\x01\x02 not http\r\n\r\n", b"HTTP/1.1 201"],
    ids=["cut at once", "cut in the body", "garbage", "cut in the head"],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_write_whose_answer_is_cut_arrives_exactly_once_and_is_unknown(method: str, reply: bytes) -> None:
    def write(opened: Transport) -> Any:
        return opened.write(method, PATH, b'{"command": "REBOOT"}')

    with breaking(reply) as server, pytest.raises(OutcomeUnknown) as raised:
        run(server.url, write)
    assert [(seen.method, seen.body) for seen in server.seen] == [(method, b'{"command": "REBOOT"}')]
    assert raised.value.path == PATH


@pytest.mark.parametrize(
    ("status", "kind"), [(400, BadRequest), (429, TooFast), (500, ServerFault), (503, ServerFault)]
)
def test_a_refused_write_is_sent_once(status: int, kind: type[WireError]) -> None:
    with serving(script(status, Retry_After="1")) as server, pytest.raises(kind):
        run(server.url, post)
    assert len(server.seen) == 1
    assert server.seen[0].headers["content-type"] == "application/json"


def test_a_write_with_no_answer_in_time_is_unknown_and_not_repeated() -> None:
    def slow(seen: Seen) -> Response:
        gate.wait(2)
        return document({})

    gate = threading.Event()
    with serving(slow) as server:
        with pytest.raises(OutcomeUnknown, match="in time"):
            run(server.url, post, timeout=0.2)
        gate.set()
    assert len(server.seen) == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("call", [read, post])
def test_where_nobody_listens_certainly_nothing_was_sent(scheme: str, call: Callable[[Transport], Any]) -> None:
    with pytest.raises(Unreachable, match="refused"):
        run(f"{scheme}://127.0.0.1:{free_port()}/api", call)


def test_a_failed_tls_handshake_sends_nothing(expected_log: ExpectedLog) -> None:
    expected_log("Invalid HTTP request received.")
    with serving(script(200)) as server:
        with pytest.raises(Unreachable):
            run(server.url.replace("http://", "https://"), post)
        assert server.seen == []


def test_no_redirect_is_followed_and_no_other_host_sees_the_key() -> None:
    with serving(script(200)) as other, serving(lambda seen: RedirectResponse(f"{other.url}/stolen", 302)) as server:
        with pytest.raises(UnexpectedAnswer):
            run(server.url, read)
        with pytest.raises(OutcomeUnknown):
            run(server.url, post)
        assert other.seen == []
        assert len(server.seen) == 2


def test_no_cookie_is_kept() -> None:
    async def twice(opened: Transport) -> None:
        await read(opened)
        await read(opened)

    with serving(script(200, Set_Cookie="session=1; Path=/")) as server:
        run(server.url, twice)
    assert all("cookie" not in seen.headers for seen in server.seen)


def test_a_packed_answer_is_unpacked_and_a_broken_one_is_unexpected() -> None:
    packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    with serving(lambda seen: Response(gzip.compress(b'{"a": 1}'), 200, packed)) as server:
        assert run(server.url, read).body == b'{"a": 1}'
    for broken in (b"no gzip", gzip.compress(b"x" * 9999)[:-12]):
        with serving(lambda seen, broken=broken: Response(broken, 200, packed)) as server:  # type: ignore[misc]
            with pytest.raises(UnexpectedAnswer):
                run(server.url, read)
            with pytest.raises(OutcomeUnknown):
                run(server.url, post)
    with (
        serving(lambda seen: Response(b"?", 200, {"Content-Encoding": "br"})) as server,
        pytest.raises(UnexpectedAnswer, match="br"),
    ):
        run(server.url, read)


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGEST_BODY", 1000)
    packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    with (
        serving(lambda seen: Response(gzip.compress(b" " * 100_000), 200, packed)) as server,
        pytest.raises(UnexpectedAnswer, match="larger"),
    ):
        run(server.url, read)


def test_after_closing_nothing_is_sent() -> None:
    async def late(opened: Transport) -> None:
        await opened.close()
        with pytest.raises(Offline):
            await read(opened)
        with pytest.raises(Offline):
            await post(opened)

    with serving(script(200)) as server:
        run(server.url, late)
        assert server.seen == []


@pytest.mark.parametrize(
    "url",
    ["http://foo-api.esper.cloud/api", "ftp://127.0.0.1/api", "https://", "nonsense", "https://a:b@127.0.0.1/api",
     "https://127.0.0.1/api?x=1", "https://127.0.0.1:99999/api", "http://127.0.0.1.example.com/api"],
)  # fmt: skip
def test_an_unsafe_address_gets_no_client(url: str) -> None:
    with pytest.raises(InputError):
        run(url, read)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "schlüssel"])
def test_a_key_that_can_not_stand_in_a_header_is_refused(token: str) -> None:
    async def go() -> None:
        with pytest.raises(InputError) as raised:
            await Transport.open("http://127.0.0.1/api", token, Pace())
        assert raised.value.problems[0].field == "token"
        assert not token or token not in str(raised.value)

    asyncio.run(go())


def test_the_key_is_in_no_log_no_error_and_no_repr(caplog: pytest.LogCaptureFixture) -> None:
    def echo(seen: Seen) -> Response:
        return document({"errors": [seen.headers["authorization"]], "message": TOKEN, "status": 400}, 400)

    caplog.set_level(logging.DEBUG)
    with serving(echo) as server, pytest.raises(BadRequest) as raised:
        run(server.url, post)
    said = f"{raised.value!r} {raised.value} {raised.value.excerpt} {raised.value.details} {raised.value.message}"
    assert TOKEN not in said
    assert TOKEN not in caplog.text
    assert "POST /commands/v0/commands/" in caplog.text


def test_a_cancelled_request_frees_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def slow(seen: Seen) -> Response:
        gate.wait(2)
        return document({})

    async def cancelled(opened: Transport) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await read(opened)
        assert opened.pace.state.in_flight == 0
        gate.set()
        assert (await read(opened)).status == 200

    with serving(slow) as server:
        run(server.url, cancelled)


def test_a_server_is_named_by_its_address_without_a_final_slash() -> None:
    async def where(opened: Transport) -> str:
        return opened.url

    server = Server("http://127.0.0.1:1/api")
    assert run(f"{server.url}/", where) == server.url
