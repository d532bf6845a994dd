"""Faults on purpose: too fast, by chance, slow, and answers that get lost."""

from collections.abc import Callable

import httpx
import pytest

from app.sandbox.answers import Refusal
from app.sandbox.faults import Faults
from tests.unit.sandbox.tenant import refusal, tenant


def test_requests_above_the_rate_are_429_with_the_seconds_to_wait() -> None:
    time = [0.0]
    with tenant(5, Faults(rate_limit=2, ticks=lambda: time[0])) as fleet:
        fleet.get("/v1/token-info/")
        fleet.get("/v1/token-info/")
        answer = fleet.http.get(f"{fleet.facts.url}/v1/token-info/")
        assert refusal(answer, 429) == []
        assert answer.headers["retry-after"] == "1"
        time[0] = 1.0
        fleet.get("/v1/token-info/")


def test_a_slow_rate_names_a_long_wait() -> None:
    faults = Faults(rate_limit=0.1, ticks=lambda: 5.0)
    faults.admit()
    with pytest.raises(Refusal) as refused:
        faults.admit()
    assert refused.value.retry_after == 10


def test_an_error_by_chance_comes_before_anything_is_accepted() -> None:
    with tenant(5, Faults(error_rate=1.0)) as fleet:
        body = {"command_type": "DEVICE", "devices": [fleet.world.fleet.device_id(0)], "command": "LOCK"}
        answer = fleet.post(body)
        assert answer.status_code in {500, 503}
        assert refusal(answer, answer.status_code) == []
        assert fleet.world.orders.all == []


def test_about_the_given_share_of_answers_are_errors() -> None:
    faults, failed = Faults(error_rate=0.3), 0
    for _ in range(2000):
        try:
            faults.stumble()
        except Refusal as refused:
            failed += refused.status in {500, 503}
    assert 500 < failed < 700


def test_an_answer_that_gets_lost_leaves_its_request_accepted() -> None:
    with tenant(5, Faults(drop_after_accept=1.0)) as fleet:
        body = {"command_type": "DEVICE", "devices": [fleet.world.fleet.device_id(0)], "command": "LOCK"}
        with pytest.raises(httpx.RemoteProtocolError):
            fleet.post(body)
        assert fleet.content("/commands/v0/commands/")["count"] == 1


def test_latency_varies_by_a_quarter_around_what_was_asked() -> None:
    faults = Faults(latency=0.2)
    delays = [faults.delay() for _ in range(200)]
    assert min(delays) >= 0.15
    assert max(delays) <= 0.25
    assert Faults().delay() == 0


def test_a_failure_inside_is_500_in_the_contracts_form(
    monkeypatch: pytest.MonkeyPatch, expected_log: Callable[[str], None]
) -> None:
    with tenant(5) as fleet:
        expected_log("the sandbox failed to answer")
        monkeypatch.setattr(fleet.world.fleet, "groups", None)
        answer = fleet.http.get(f"{fleet.facts.url}/v2/devices/")
        assert refusal(answer, 500) == []
