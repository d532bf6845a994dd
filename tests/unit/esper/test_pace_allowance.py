"""What the server says of its limits, in every usual spelling, and how the pace-keeper lives within it."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable

import pytest
from starlette.responses import Response

from app.errors import TooFast
from app.esper.allowance import Allowance, allowance
from app.esper.pace import Pace, Priority
from tests.unit.esper.asking import ask
from tests.unit.esper.server import Seen, Time, document, serving

NOW = 1_767_312_000.0


def quick(time: Time, most: int = 8) -> Pace:
    return Pace(most, clock=time, ticks=time, sleep=time.sleep, rng=random.Random(1))


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"x-ratelimit-limit": "100", "x-ratelimit-remaining": "7", "x-ratelimit-reset": "30"}, (7, 30)),
        ({"x-ratelimit-remaining": "7", "x-ratelimit-reset": f"{NOW + 30:.0f}"}, (7, 30)),
        ({"x-ratelimit-remaining": "7", "x-ratelimit-reset": f"{(NOW + 30) * 1000:.0f}"}, (7, 30)),
        ({"x-rate-limit-remaining": " 7 ", "x-rate-limit-reset": "30"}, (7, 30)),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "5"}, (0, 5)),
        ({"ratelimit": "limit=100, remaining=50, reset=5"}, (50, 5)),
        ({"ratelimit": '"default";r=50;t=30'}, (50, 30)),
        ({"ratelimit": '"day";r=900;t=40000, "minute";r=3;t=20'}, (3, 20)),
        ({"x-ratelimit-remaining": "9", "x-ratelimit-reset": "60", "ratelimit-remaining": "2", "ratelimit-reset": "1"}, (2, 1)),
    ],
)  # fmt: skip
def test_every_usual_spelling_of_a_limit_is_read(headers: dict[str, str], found: tuple[int, float]) -> None:
    assert allowance(headers, NOW) == Allowance(*found)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-ratelimit-remaining": "7"},
        {"x-ratelimit-reset": "7"},
        {"x-ratelimit-remaining": "many", "x-ratelimit-reset": "soon"},
        {"x-ratelimit-remaining": "-1", "x-ratelimit-reset": "5"},
        {"x-ratelimit-remaining": "1", "x-ratelimit-reset": "-5"},
        {"x-ratelimit-remaining": "inf", "x-ratelimit-reset": "nan"},
        {"x-ratelimit-remaining": "1", "x-ratelimit-reset": f"{NOW - 30:.0f}"},
        {"ratelimit": "limit=100"},
        {"ratelimit": ";;;,,,==="},
    ],
)
def test_a_limit_that_can_not_be_read_says_nothing(headers: dict[str, str]) -> None:
    assert allowance(headers, NOW) is None


def test_when_nothing_is_left_nobody_starts_before_the_window_ends() -> None:
    async def run() -> None:
        time = Time()
        pace, began = quick(time), time.now
        pace.heed(Allowance(0, 12.0))
        assert pace.state.left == 0
        assert pace.state.blocked_until == pytest.approx(began + 12.0, abs=0.2)
        async with pace.slot(Priority.PEOPLE) as started:
            assert 12.0 <= started - began <= 12.2
        assert pace.state.left is None

    asyncio.run(run())


def test_what_little_is_left_is_shared_out_for_sync_and_free_for_people() -> None:
    async def run() -> None:
        time = Time()
        pace = quick(time)
        pace.heed(Allowance(20, 20.0))
        assert pace.state.left == 20
        starts = []
        for _ in range(4):
            async with pace.slot(Priority.SYNC) as started:
                starts.append(started)
        assert all(later - earlier >= 0.99 for earlier, later in itertools.pairwise(starts))
        async with pace.slot(Priority.PEOPLE) as started:
            assert started == starts[-1]

    asyncio.run(run())


def test_plenty_left_slows_nobody_down() -> None:
    async def run() -> None:
        time = Time()
        pace = quick(time)
        pace.heed(Allowance(4900, 60.0))
        for _ in range(20):
            async with pace.slot(Priority.SYNC):
                pass
        assert time.slept == []

    asyncio.run(run())


def test_a_spread_ends_with_its_window() -> None:
    async def run() -> None:
        time = Time()
        pace = quick(time)
        pace.heed(Allowance(1, 2.0))
        time.now += 2.1
        for _ in range(3):
            async with pace.slot(Priority.SYNC):
                pass
        assert time.slept == []

    asyncio.run(run())


def waiting_for_quiet(pace: Pace) -> None:
    pace.hold(30.0)


def waiting_for_a_gap(pace: Pace) -> None:
    pace.heed(Allowance(1, 30.0))


@pytest.mark.parametrize("hindrance", [waiting_for_quiet, waiting_for_a_gap])
def test_every_wait_can_be_cancelled_at_once(hindrance: Callable[[Pace], None]) -> None:
    async def run() -> None:
        pace = Pace(most=2)
        async with pace.slot(Priority.SYNC):
            pass
        hindrance(pace)

        async def wait() -> None:
            async with pace.slot(Priority.SYNC):
                raise AssertionError("nothing may start")

        async with asyncio.timeout(2):
            waiter = asyncio.get_running_loop().create_task(wait())
            while not pace.state.waiting:
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            waiter.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiter
        assert pace.state.waiting == pace.state.in_flight == 0

    asyncio.run(run())


def limited(*answers: tuple[int, dict[str, str]]) -> Callable[[Seen], Response]:
    left = list(answers)

    def answer(seen: Seen) -> Response:
        status, headers = left.pop(0) if len(left) > 1 else left[0]
        return document({"id": 7, "username": "asa"}, status, headers)

    return answer


def read_twice(url: str, time: Time) -> None:
    async def question(opened: object) -> None:
        user: Callable[[], Awaitable[object]] = opened.account.user  # type: ignore[attr-defined]
        await user()
        await user()

    ask(url, question, pace=Pace(clock=time, ticks=time, sleep=time.sleep))


def test_the_limits_in_an_answer_are_heeded_by_the_next_request() -> None:
    time = Time()
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9"}
    with serving(limited((200, spent), (200, {}))) as server:
        read_twice(server.url, time)
    assert 9.0 <= sum(time.slept) <= 9.2
    assert len(server.seen) == 2


def test_a_429_without_a_time_waits_as_long_as_the_limits_say() -> None:
    time = Time()
    spent = {"RateLimit": '"minute";r=0;t=11'}
    with serving(limited((429, spent), (200, {}))) as server:
        read_twice(server.url, time)
    assert 11.0 <= sum(time.slept) <= 11.3
    assert len(server.seen) == 3


def test_an_exhausted_day_is_an_error_at_once_and_not_a_frozen_window() -> None:
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "3000"}
    with serving(limited((200, spent))) as server, pytest.raises(TooFast) as raised:
        read_twice(server.url, Time())
    assert len(server.seen) == 1
    assert raised.value.retry_after == pytest.approx(3000, abs=1)
