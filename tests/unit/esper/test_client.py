"""The door: what it asks for each question, and that only records and named errors come out of it."""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import Response

from app.errors import BadRequest, InputError, NotFound, OutcomeUnknown, UnexpectedAnswer
from app.esper.client import EsperClient
from app.esper.pace import Pace
from tests.unit.esper.server import TOKEN, Seen, Time, client, document, serving

Answering = Callable[[Seen], Response]
GONE = {"errors": [], "message": "Not found", "status": 404}


def run(url: str, call: Callable[[EsperClient], Any], **options: Any) -> Any:
    async def go() -> Any:
        opened = await client(url, **options)
        try:
            return await call(opened)
        finally:
            await opened.close()

    return asyncio.run(go())


async def rows(pages: Any) -> list[Any]:
    return [row async for page in pages for row in page.rows]


def paged(fleet: list[dict[str, Any]], *, most: int = 1000, strict: bool = False) -> Answering:
    """A newer list: wrapped, links that lead to another host, a cap that is silent or strict."""

    def answer(seen: Seen) -> Response:
        limit, offset = int(seen.query["limit"]), int(seen.query["offset"])
        if strict and limit > most:
            return document({"errors": ["limit"], "message": "Invalid request", "status": 400}, 400)
        part = fleet[offset : offset + min(limit, most)]
        more = offset + len(part) < len(fleet)
        following = "http://elsewhere.example/api/?limit=1&offset=1" if more else None
        return document(
            {"code": 200, "content": {"count": len(fleet), "next": following, "prev": None, "results": part}}
        )

    return answer


def fleet(size: int) -> list[dict[str, Any]]:
    return [{"id": f"d{n}", "name": f"Device {n}", "state": 1} for n in range(size)]


@pytest.mark.parametrize(("most", "strict", "requests"), [(1000, False, 3), (400, False, 6), (250, True, 12)])
def test_the_whole_fleet_arrives_whatever_page_size_the_server_allows(most: int, strict: bool, requests: int) -> None:
    async def sweep(opened: EsperClient) -> tuple[list[Any], int]:
        return await rows(opened.device_pages()), opened.requests

    with serving(paged(fleet(2300), most=most, strict=strict)) as server:
        devices, sent = run(server.url, sweep)
    assert sorted(int(device.id[1:]) for device in devices) == list(range(2300))
    assert sent == requests
    assert {seen.path for seen in server.seen} == {"/v2/devices/"}
    assert {seen.query["ordering"] for seen in server.seen} == {"created_at"}


def test_a_tenant_without_the_newer_list_is_read_from_the_older() -> None:
    def answer(seen: Seen) -> Response:
        if seen.path.startswith("/v2/"):
            return document(GONE, 404)
        part = [{"id": f"d{n}", "device_name": f"Device {n}"} for n in range(1200)]
        offset = int(seen.query["offset"])
        return document({"count": 1200, "next": "", "previous": "", "results": part[offset : offset + 500]})

    with serving(answer) as server:
        devices = run(server.url, lambda opened: rows(opened.device_pages()))
    assert len({device.id for device in devices}) == 1200
    assert [seen.path for seen in server.seen] == ["/v2/devices/", *["/enterprise/e1/device/"] * 3]
    assert "ordering" not in server.seen[-1].query


def test_one_device_is_looked_for_in_both_services() -> None:
    def answer(seen: Seen) -> Response:
        if seen.path == "/enterprise/e1/device/d1/":
            return document({"id": "d1", "device_name": "Old"})
        return document(GONE, 404)

    with serving(answer) as server:
        assert run(server.url, lambda opened: opened.device("d1")).name == "Old"
        with pytest.raises(NotFound) as raised:
            run(server.url, lambda opened: opened.device("d2"))
    assert raised.value.path == "/v2/devices/d2"


def test_the_enterprise_is_learnt_from_the_key_when_it_is_needed() -> None:
    def answer(seen: Seen) -> Response:
        if seen.path == "/v1/token-info/":
            return document({"id": "1", "enterprise": "e7"})
        return document({"count": 0, "next": None, "previous": None, "results": []})

    async def go() -> str:
        opened = await EsperClient.open(server.url, TOKEN)
        await rows(opened.group_pages())
        await opened.close()
        return opened.enterprise_id

    with serving(answer) as server:
        assert asyncio.run(go()) == "e7"
    assert [seen.path for seen in server.seen] == ["/v1/token-info/", "/enterprise/e7/devicegroup/"]


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, {"Content-Type": "text/html"}, b"<html>Welcome to the hotel Wi-Fi</html>"),
        (200, {"Content-Type": "application/json"}, b""),
        (200, {"Content-Type": "application/json"}, b'{"content": {"results": [{"id": "d'),
        (200, {"Content-Type": "application/json"}, b'{"content": {"results": {"id": "d1"}}}'),
        (204, {}, b""),
    ],
    ids=["html", "empty", "truncated", "wrong type inside", "no content"],
)
def test_what_the_contract_does_not_allow_is_named_with_its_request(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    with serving(lambda seen: Response(body, status, headers)) as server:
        with pytest.raises(UnexpectedAnswer) as raised:
            run(server.url, lambda opened: rows(opened.device_pages()))
        assert (raised.value.method, raised.value.path) == ("GET", "/v2/devices/")
        assert raised.value.request_id
        assert len(server.seen) == 1
        with pytest.raises(OutcomeUnknown):
            run(server.url, lambda opened: opened.send_command({"command": "REBOOT"}))
        assert [seen.method for seen in server.seen] == ["GET", "POST"]


def test_a_command_goes_out_as_it_was_given() -> None:
    given = {"command": "REBOOT", "devices": ["d1"], "alias": "fc-1", "command_args": {}}
    answer = {"code": 0, "message": "ok", "content": {"id": "c1", "command": "REBOOT", "command_type": "DEVICE"}}
    with serving(lambda seen: document(answer, 201)) as server:
        request = run(server.url, lambda opened: opened.send_command(given))
    assert request.id == "c1"
    assert (server.seen[0].method, server.seen[0].path) == ("POST", "/commands/v0/commands/")
    assert json.loads(server.seen[0].body) == given


def test_a_cancellation_that_changed_nothing_gives_the_state_as_it_is() -> None:
    def answer(seen: Seen) -> Response:
        if seen.method == "PUT":
            return Response(status_code=304)
        return document({"content": {"id": "s1", "state": "Command Success", "device": "d1"}})

    with serving(answer) as server:
        status = run(server.url, lambda opened: opened.cancel_command("s1", "changed my mind"))
    assert status.state == "Command Success"
    assert [(seen.method, seen.path) for seen in server.seen] == [
        ("PUT", "/commands/v0/status/s1/"),
        ("GET", "/commands/v0/status/s1/"),
    ]
    assert server.seen[0].body == b'{"state":"Command Cancelled","reason":"changed my mind"}'


def test_statuses_of_nothing_are_not_asked_for() -> None:
    with pytest.raises(InputError):
        run("http://127.0.0.1:1/api", lambda opened: rows(opened.command_statuses()))


@pytest.mark.parametrize("identifier", ["", "..", "."])
def test_an_id_that_names_another_resource_is_not_sent(identifier: str) -> None:
    for call in (
        lambda opened: opened.device(identifier),
        lambda opened: opened.cancel_command(identifier, ""),
        lambda opened: opened.command_stats(identifier),
    ):
        with pytest.raises(InputError):
            run("http://127.0.0.1:1/api", call)


def test_apps_of_a_device_come_from_the_service_that_knows_it() -> None:
    empty: dict[str, Any] = {"count": 0, "next": None, "results": []}

    def answer(seen: Seen) -> Response:
        match seen.path:
            case "/enterprise/e1/device/android/app/":
                return document({"count": 1, "results": [{"id": "x", "app_name": "Till"}]})
            case "/enterprise/e1/device/bare/app/":
                return document(empty)
            case "/v2/devices/apple/device-apps/":
                return document({"content": {"count": 1, "results": [{"id": "y", "app_id": "a1"}]}})
            case "/v2/devices/bare/device-apps/":
                return document({"errors": [], "message": "not here", "status": 400}, 400)
        return document(GONE, 404)

    with serving(answer) as server:

        def names(device_id: str) -> list[str]:
            return [app.name for app in run(server.url, lambda opened: rows(opened.device_apps(device_id)))]

        found = {device_id: names(device_id) for device_id in ("android", "apple", "bare")}
        with pytest.raises(NotFound):
            names("nowhere")
    assert found == {"android": ["Till"], "apple": ["a1"], "bare": []}


def test_a_list_that_refuses_every_page_size_is_a_bad_request() -> None:
    refusing = {"errors": ["ordering: unknown"], "message": "Invalid request", "status": 400}
    with serving(lambda seen: document(refusing, 400)) as server, pytest.raises(BadRequest, match="ordering"):
        run(server.url, lambda opened: rows(opened.device_pages()))
    assert [seen.query["limit"] for seen in server.seen] == ["1000", "500", "250", "100"]


def test_a_sweep_gets_through_a_rate_limit() -> None:
    time = Time()
    bucket = {"tokens": 10.0, "at": time.now, "refused": 0.0}
    inner = paged(fleet(2000), most=50)

    def answer(seen: Seen) -> Response:
        bucket["tokens"] = min(10.0, bucket["tokens"] + 10.0 * (time.now - bucket["at"]))
        bucket["at"] = time.now
        if bucket["tokens"] < 1:
            bucket["refused"] += 1
            return document({"errors": [], "message": "Rate limit exceeded", "status": 429}, 429, {"Retry-After": "1"})
        bucket["tokens"] -= 1
        return inner(seen)

    pace = Pace(rng=random.Random(1), clock=time, ticks=time, sleep=time.sleep)
    with serving(answer) as server:
        devices = run(server.url, lambda opened: rows(opened.device_pages()), pace=pace)
    assert len({device.id for device in devices}) == 2000
    assert bucket["refused"] > 0
