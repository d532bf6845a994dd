"""Faults on the wire, over a real socket: too fast, late, lost, cut, and answers that are not what was asked for."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.sandbox.faults import Faults
from app.sandbox.server import main
from tests.sandbox import running
from tests.unit.sandbox.tenant import Tenant, refusal, tenant

INFO = "/v1/token-info/"
WALL = 1_772_452_800.0  # Mon, 02 Mar 2026 12:00:00 GMT


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Tenant, Faults]]:
    faults = Faults(wall=lambda: WALL)
    with tenant(5, faults) as fleet:
        yield fleet, faults


@pytest.fixture
def struck(shared: tuple[Tenant, Faults]) -> Iterator[Callable[..., Tenant]]:
    """The tenant with these faults, which end with the test."""
    fleet, faults = shared

    def strike(*rules: str) -> Tenant:
        faults.set(rules)
        return fleet

    yield strike
    faults.set([])


def ask(fleet: Tenant, path: str = INFO) -> httpx.Response:
    return fleet.http.get(fleet.facts.url + path)


def lock(fleet: Tenant) -> httpx.Response:
    body = {"command_type": "DEVICE", "devices": [fleet.world.fleet.device_id(0)], "command": "LOCK"}
    return fleet.post(body)


def taken(fleet: Tenant) -> int:
    """How many requests the world has accepted."""
    return len(fleet.world.orders.all)


def raw(fleet: Tenant, path: str = INFO) -> bytes:
    """All that comes over the connection until it is closed."""
    ask = f"GET /api{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", fleet.facts.port), timeout=10) as wire:
        wire.sendall(ask.encode())
        return b"".join(iter(lambda: wire.recv(65536), b""))


def test_requests_above_the_rate_are_429_with_the_seconds_to_wait() -> None:
    now = [0.0]
    with tenant(5, Faults(rate_limit=2, ticks=lambda: now[0])) as fleet:
        fleet.get(INFO)
        fleet.get(INFO)
        answer = ask(fleet)
        assert refusal(answer, 429) == []
        assert answer.headers["retry-after"] == "1"
        now[0] = 1.0
        fleet.get(INFO)


def test_an_error_by_chance_comes_before_anything_is_accepted() -> None:
    with tenant(5, Faults(error_rate=1.0)) as fleet:
        answer = lock(fleet)
        assert answer.status_code in {500, 503}
        assert refusal(answer, answer.status_code) == []
        assert taken(fleet) == 0


def test_the_short_forms_are_rules_on_all_paths() -> None:
    faults = Faults(latency=0.2, error_rate=0.25, drop_after_accept=0.5)
    assert [entry["fault"].split()[:3] for entry in faults.report()] == [
        ["*", "*", "latency"],
        ["*", "*", "error"],
        ["POST", "*", "drop-after"],
    ]


def test_without_a_fault_nothing_is_spoilt(struck: Callable[..., Tenant]) -> None:
    assert ask(struck("POST /v1/token-info/ 503", "GET /v2/devices/ 503")).status_code == 200


def test_latency_lets_the_answer_wait(struck: Callable[..., Tenant]) -> None:
    fleet, began = struck("GET /v1/token-info/ latency ms=120 jitter=20"), time.monotonic()
    assert ask(fleet).status_code == 200
    assert time.monotonic() - began >= 0.1


def test_a_connection_dropped_before_leaves_nothing_accepted(struck: Callable[..., Tenant]) -> None:
    fleet = struck("POST /commands/v0/commands/ drop-before")
    before = taken(fleet)
    with pytest.raises(httpx.TransportError):
        lock(fleet)
    assert taken(fleet) == before


def test_a_connection_dropped_after_leaves_the_request_accepted(struck: Callable[..., Tenant]) -> None:
    fleet = struck("POST /commands/v0/commands/ drop-after")
    before = taken(fleet)
    with pytest.raises(httpx.RemoteProtocolError):
        lock(fleet)
    assert taken(fleet) == before + 1


@pytest.mark.parametrize(("when", "more"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("kind", ["504", "error", "html"])
def test_another_answer_comes_before_or_after_the_request_is_carried_out(
    struck: Callable[..., Tenant], kind: str, when: str, more: int
) -> None:
    fleet = struck(f"POST /commands/v0/commands/ {kind} when={when}")
    before = taken(fleet)
    assert lock(fleet).status_code in {200, 500, 503, 504}
    assert taken(fleet) == before + more


@pytest.mark.parametrize(
    ("options", "header"),
    [("", None), ("retry-after=3", "3"), ("retry-after=90 form=date", "Mon, 02 Mar 2026 12:01:30 GMT")],
)
def test_too_many_requests_says_when_to_come_back_if_asked_to(
    struck: Callable[..., Tenant], options: str, header: str | None
) -> None:
    answer = ask(struck(f"GET /v1/token-info/ 429 {options}"))
    assert refusal(answer, 429) == []
    assert answer.headers.get("retry-after") == header


def test_the_next_two_fail_and_the_third_is_answered(struck: Callable[..., Tenant]) -> None:
    fleet = struck("GET /v1/token-info/ 502 next=2")
    assert [ask(fleet).status_code for _ in range(3)] == [502, 502, 200]


def test_a_slow_body_comes_whole_at_its_rate(struck: Callable[..., Tenant]) -> None:
    size, fleet = len(ask(struck()).content), struck("GET /v1/token-info/ slow rate=2000")
    began = time.monotonic()
    assert len(ask(fleet).content) == size
    assert time.monotonic() - began >= size / 2000 * 0.9


@pytest.mark.parametrize("option", ["", "bytes=7", "bytes=0"])
def test_a_cut_body_ends_before_the_length_that_was_promised(struck: Callable[..., Tenant], option: str) -> None:
    whole = len(ask(struck()).content)
    head, _, body = raw(struck(f"GET /v1/token-info/ cut {option}")).partition(b"\r\n\r\n")
    assert f"content-length: {whole}".encode() in head.lower()
    assert len(body) == (int(option[6:]) if option else whole // 2)


def test_a_slow_body_that_is_cut_ends_at_the_cut(struck: Callable[..., Tenant]) -> None:
    fleet = struck("GET /v1/token-info/ cut bytes=10", "GET /v1/token-info/ slow rate=100000")
    assert len(raw(fleet).partition(b"\r\n\r\n")[2]) == 10


@pytest.mark.parametrize("other", ["empty", "truncated bytes=10"])
def test_a_body_that_another_fault_left_unreadable_has_no_types_to_confuse(
    struck: Callable[..., Tenant], other: str
) -> None:
    answer = ask(struck("GET /v1/token-info/ wrong-types", f"GET /v1/token-info/ {other}"))
    assert (answer.status_code, len(answer.content)) == (200, 0 if other == "empty" else 10)


def test_a_body_shorter_than_the_cut_is_whole(struck: Callable[..., Tenant]) -> None:
    assert ask(struck("GET /v1/token-info/ cut bytes=100000")).json()["id"] == "1"


@pytest.mark.parametrize("code", [200, 511])
def test_a_captive_portal_answers_with_its_page(struck: Callable[..., Tenant], code: int) -> None:
    answer = ask(struck(f"* * html code={code}"))
    assert answer.status_code == code
    assert answer.headers["content-type"].startswith("text/html")
    assert "<html>" in answer.text


def test_truncated_json_has_a_length_that_matches_and_no_end(struck: Callable[..., Tenant]) -> None:
    answer = ask(struck("GET * truncated bytes=10"))
    assert answer.status_code == 200
    assert len(answer.content) == 10
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_wrong_types_are_still_json_and_differ_from_the_truth(struck: Callable[..., Tenant]) -> None:
    path = "/v2/devices/?limit=3"
    truth = ask(struck(), path).json()
    for share in ("0", "0.1", "1"):
        assert ask(struck(f"GET /v2/devices/ wrong-types share={share}"), path).json() != truth


def test_a_wrong_media_type_stands_over_the_true_body(struck: Callable[..., Tenant]) -> None:
    answer = ask(struck("GET * wrong-content-type"))
    assert answer.headers["content-type"] == "text/plain"
    assert answer.json()["id"] == "1"


def test_an_empty_answer_keeps_its_status(struck: Callable[..., Tenant]) -> None:
    answer = ask(struck("GET * empty"))
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_redirect_names_where_to(struck: Callable[..., Tenant]) -> None:
    answer = ask(struck("GET * 302 location=https://portal.example/"))
    assert (answer.status_code, answer.headers["location"]) == (302, "https://portal.example/")
    assert ask(struck("GET * 304")).status_code == 304


def test_an_informational_answer_comes_before_the_true_one(struck: Callable[..., Tenant]) -> None:
    fleet = struck("GET /v1/token-info/ 103")
    assert raw(fleet).startswith(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert ask(fleet).json()["id"] == "1"


def test_after_a_switch_of_protocols_nothing_comes(struck: Callable[..., Tenant]) -> None:
    answer = raw(struck("GET /v1/token-info/ 101"))
    assert answer.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert answer.endswith(b"\r\n\r\n")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_connection_outlives_the_faults_that_do_not_close_it(struck: Callable[..., Tenant]) -> None:
    kinds = ["503", "html", "truncated", "wrong-types", "wrong-content-type", "empty", "103", "slow rate=100000"]
    fleet = struck(*(f"GET /v1/token-info/ {kind} next=1" for kind in kinds))
    wire = http.client.HTTPConnection("127.0.0.1", fleet.facts.port, timeout=10)
    wire.connect()
    first = wire.sock
    for _ in range(len(kinds) + 1):
        wire.request("GET", f"/api{INFO}", headers={"Authorization": "Bearer key"})
        wire.getresponse().read()
        assert wire.sock is first
    wire.close()


def control(fleet: Tenant, method: str, body: Any = None, key: str = "key") -> httpx.Response:
    site = urlsplit(fleet.facts.url)
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.request(method, f"{site.scheme}://{site.netloc}/sandbox/faults", json=body, headers=headers)


def test_faults_can_be_set_counted_and_ended_while_the_sandbox_runs(struck: Callable[..., Tenant]) -> None:
    fleet = struck()
    rule = "GET /v1/token-info/ 503 next=2"
    assert control(fleet, "PUT", {"faults": [rule]}).json() == {"faults": [{"fault": rule, "struck": 0, "left": 2}]}
    assert ask(fleet).status_code == 503
    assert control(fleet, "GET").json() == {"faults": [{"fault": rule, "struck": 1, "left": 1}]}
    assert control(fleet, "DELETE").status_code == 204
    assert ask(fleet).status_code == 200
    assert control(fleet, "GET").json() == {"faults": []}


def test_the_control_address_is_never_struck_and_needs_the_key(struck: Callable[..., Tenant]) -> None:
    fleet = struck("* * drop-before")
    assert control(fleet, "GET").status_code == 200
    assert refusal(control(fleet, "DELETE", key="other"), 401) == []
    assert refusal(control(fleet, "POST"), 405) == []


@pytest.mark.parametrize("body", [{}, {"faults": "x"}, {"faults": ["GET /x explode"]}, {"faults": [], "more": 1}, None])
def test_a_list_that_cant_be_read_is_refused_and_changes_nothing(struck: Callable[..., Tenant], body: Any) -> None:
    fleet = struck("GET /x 503")
    assert len(refusal(control(fleet, "PUT", body), 400)) == 1
    assert len(control(fleet, "GET").json()["faults"]) == 1


def test_a_failure_inside_is_500_in_the_contracts_form(
    monkeypatch: pytest.MonkeyPatch, expected_log: Callable[[str], None]
) -> None:
    with tenant(5) as fleet:
        expected_log("the sandbox failed to answer")
        monkeypatch.setattr(fleet.world.fleet, "groups", None)
        assert refusal(ask(fleet, "/v2/devices/"), 500) == []


def test_faults_are_options_of_the_command() -> None:
    options = ["--fault", "GET /v1/token-info/ 418 next=1", "--fault", "* /user_info/ drop-before"]
    with running(5, *options) as server, httpx.Client(headers={"Authorization": f"Bearer {server.token}"}) as http:
        assert [http.get(server.url + INFO).status_code for _ in range(2)] == [418, 200]
        with pytest.raises(httpx.TransportError):
            http.get(server.url + "/user_info/")


def test_a_fault_that_cant_be_read_ends_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--fault", "GET /x explode"]) == 2
    assert "sandbox: --fault: 'explode' is no kind of fault" in capsys.readouterr().err


def test_the_help_has_the_grammar_of_faults(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "drop-after" in capsys.readouterr().out
