"""Who may send, and how the server's 'too fast' is remembered."""

import asyncio
import itertools
import random

import pytest

from app.errors import TooFast
from app.esper.pace import Pace, PaceState, Priority
from tests.unit.esper.server import Time


def quick(time: Time, most: int = 8) -> Pace:
    return Pace(most, clock=time, ticks=time, sleep=time.sleep, rng=random.Random(1))


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class Crowd:
    """Requests that hold their slots until they are let go, and the order in which they started."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.started: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.most = 0

    async def request(self, name: str, priority: Priority) -> None:
        self.gates[name] = asyncio.Event()
        async with self.pace.slot(priority):
            self.started.append(name)
            self.most = max(self.most, self.pace.state.in_flight)
            await self.gates[name].wait()


def test_never_more_requests_in_flight_than_allowed() -> None:
    async def run() -> None:
        pace = quick(Time(), most=3)
        crowd = Crowd(pace)
        async with asyncio.TaskGroup() as group:
            for n in range(20):
                group.create_task(crowd.request(str(n), Priority.PEOPLE))
            await settle()
            assert pace.state == PaceState(3, 17, None)
            for n in range(20):
                crowd.gates[str(n)].set()
                await settle()
        assert crowd.most == 3
        assert pace.state == PaceState(0, 0, None)

    asyncio.run(run())


def test_people_go_before_sync_that_waited_longer() -> None:
    async def run() -> None:
        crowd = Crowd(quick(Time(), most=1))
        async with asyncio.TaskGroup() as group:
            group.create_task(crowd.request("first", Priority.PEOPLE))
            await settle()
            group.create_task(crowd.request("sync", Priority.SYNC))
            await settle()
            group.create_task(crowd.request("follow", Priority.FOLLOWING))
            group.create_task(crowd.request("click", Priority.PEOPLE))
            for name in ("first", "click", "follow", "sync"):
                await settle()
                assert crowd.started[-1] == name
                crowd.gates[name].set()

    asyncio.run(run())


def test_sync_leaves_two_slots_for_people() -> None:
    async def run() -> None:
        crowd = Crowd(quick(Time(), most=8))
        async with asyncio.TaskGroup() as group:
            for n in range(10):
                group.create_task(crowd.request(f"sync{n}", Priority.SYNC))
            await settle()
            assert len(crowd.started) == 6
            group.create_task(crowd.request("click", Priority.PEOPLE))
            await settle()
            assert crowd.started[-1] == "click"
            for _ in range(3):
                for gate in crowd.gates.values():
                    gate.set()
                await settle()

    asyncio.run(run())


def test_nothing_starts_before_the_time_the_server_named() -> None:
    async def run() -> None:
        time = Time()
        pace = quick(time)
        began = time.now
        pace.slow_down(7.0, time.now)
        assert pace.state.blocked_until == pytest.approx(began + 7.05, abs=0.06)
        async with pace.slot(Priority.PEOPLE) as started:
            assert started >= began + 7.0
        assert pace.state.blocked_until is None

    asyncio.run(run())


def test_without_a_named_time_each_refusal_waits_longer() -> None:
    async def run() -> None:
        time = Time()
        pace = quick(time)
        waits = []
        for _ in range(6):
            async with pace.slot(Priority.PEOPLE) as started:
                before = time.now
                pace.slow_down(None, started)
            waits.append((pace.state.blocked_until or 0) - before)
        assert waits[0] <= 1.1
        assert 10 < waits[-1] <= 31
        assert waits[-1] > waits[2] > waits[0]

    asyncio.run(run())


def test_several_refusals_of_one_burst_slow_down_once() -> None:
    time = Time()
    pace = quick(time)
    for _ in range(8):
        pace.slow_down(1.0, time.now - 0.5)
    assert pace.limit == 4


def test_full_speed_returns_only_with_peaceful_answers() -> None:
    async def run() -> None:
        time = Time()
        pace = quick(time)
        for _ in range(5):
            time.now += 10
            pace.slow_down(0.0, time.now)
        assert pace.limit == 1
        for _ in range(400):
            pace.speed_up()
        assert pace.limit == 8

    asyncio.run(run())


def test_after_a_refusal_starts_keep_a_gap() -> None:
    async def run() -> None:
        time = Time()
        pace = quick(time)
        pace.slow_down(1.0, time.now)
        starts = []
        for _ in range(5):
            async with pace.slot(Priority.PEOPLE) as started:
                starts.append(started)
        assert all(later - earlier >= 0.049 for earlier, later in itertools.pairwise(starts))

    asyncio.run(run())


def test_a_quiet_longer_than_patience_is_an_error_at_once() -> None:
    async def run() -> None:
        time = Time()
        pace = quick(time)
        pace.slow_down(600.0, time.now)
        with pytest.raises(TooFast) as raised:
            async with pace.slot(Priority.PEOPLE):
                pass
        assert raised.value.retry_after == pytest.approx(600, abs=1)
        assert time.slept == []
        assert pace.state.waiting == 0

    asyncio.run(run())


def test_a_cancelled_waiter_leaves_the_queue_to_the_next() -> None:
    async def run() -> None:
        pace = quick(Time(), most=1)
        crowd = Crowd(pace)
        async with asyncio.TaskGroup() as group:
            group.create_task(crowd.request("first", Priority.PEOPLE))
            await settle()
            doomed = group.create_task(crowd.request("doomed", Priority.PEOPLE))
            group.create_task(crowd.request("next", Priority.PEOPLE))
            await settle()
            doomed.cancel()
            await settle()
            assert pace.state.waiting == 1
            crowd.gates["first"].set()
            await settle()
            assert crowd.started == ["first", "next"]
            crowd.gates["next"].set()

    asyncio.run(run())


def test_every_change_of_state_is_announced() -> None:
    async def run() -> None:
        pace = quick(Time())
        told: list[PaceState] = []
        pace.changed.connect(told.append)
        async with pace.slot(Priority.PEOPLE):
            assert told[-1] == PaceState(1, 0, None)
        assert told[0].waiting == 1
        assert told[-1] == PaceState(0, 0, None)

    asyncio.run(run())
