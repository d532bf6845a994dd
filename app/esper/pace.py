"""One pace-keeper per tenant: who may send now, and how fast the server lets us.

Invariant: never more than `most` requests are in flight, people go before sync, and while the server asked for quiet
nothing is sent. What the server refused as too fast is remembered: fewer at a time, and a gap between two starts.
"""

import asyncio
import math
import random
import time
from bisect import insort
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import IntEnum
from itertools import count
from typing import NamedTuple

from app.errors import TooFast
from app.esper.allowance import Allowance
from app.observer import Signal

# Room that sync leaves to people, so that a click never waits behind eight slow pages.
_KEPT_FREE = 2
_SMALLEST_GAP, _LARGEST_GAP = 0.05, 2.0
_LONGEST_QUIET = 3600.0
# From this many rounds before the end of an allowance on, what is left of it is shared out over the time to go.
_SPARING = 4


class Priority(IntEnum):
    """Who waits for the answer; smaller goes first."""

    PEOPLE = 0
    FOLLOWING = 1
    SYNC = 2


class PaceState(NamedTuple):
    """`blocked_until` in epoch seconds, None while the server has not asked for quiet.

    `left` is how many requests the server says it still allows for now, None where it says nothing.
    """

    in_flight: int
    waiting: int
    blocked_until: float | None
    left: int | None = None


class Pace:
    """Hands out slots. `patience` in seconds: a longer quiet raises TooFast at once instead of waiting unseen.

    `clock` gives epoch seconds, `ticks` monotonic seconds; both, `sleep` and `rng` are injected.
    """

    def __init__(
        self,
        most: int = 8,
        *,
        patience: float = 60.0,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        rng: random.Random | None = None,
    ) -> None:
        self.most = most
        self.patience = patience
        self.changed: Signal[PaceState] = Signal()
        self._clock, self._ticks, self._sleep = clock, ticks, sleep
        self._rng = rng or random.Random()
        self._limit = most
        self._in_flight = 0
        self._numbers = count()
        self._waiting: list[tuple[int, int]] = []
        self._turns: list[asyncio.Future[None]] = []
        self._quiet_until = -math.inf
        self._last_start = -math.inf
        self._last_strike = -math.inf
        self._strikes = 0
        self._good = 0
        self._gap = 0.0
        self._left: int | None = None
        self._spread = 0.0
        self._spread_until = -math.inf

    @property
    def state(self) -> PaceState:
        """What a status bar shows."""
        left = self._quiet_until - self._ticks()
        blocked_until = self._clock() + left if left > 0 else None
        allowed = self._left if self._ticks() < self._spread_until else None
        return PaceState(self._in_flight, len(self._waiting), blocked_until, allowed)

    @property
    def limit(self) -> int:
        """How many requests may be in flight now, from 1 to `most`."""
        return self._limit

    @asynccontextmanager
    async def slot(self, priority: Priority) -> AsyncIterator[float]:
        """Waits for a turn and keeps it for the body; gives the start in ticks.

        Raises TooFast, with nothing sent, when the server's wish for quiet is longer than `patience`.
        """
        start = await self._enter(priority)
        try:
            yield start
        finally:
            self._in_flight -= 1
            self._wake()
            self._announce()

    def slow_down(self, retry_after: float | None, started: float) -> None:
        """The server said 429 to a request that started at tick `started`; `retry_after` in seconds if it said so.

        Several answers to one burst count once: only requests started after the last strike teach anything new.
        """
        now = self._ticks()
        if started > self._last_strike:
            self._last_strike = now
            self._strikes += 1
            self._good = 0
            self._limit = max(1, self._limit // 2)
            self._gap = min(_LARGEST_GAP, max(_SMALLEST_GAP, self._gap * 2))
        if retry_after is None:
            retry_after = min(30.0, 2.0 ** min(self._strikes - 1, 5)) * self._rng.uniform(0.5, 1.0)
        self.hold(retry_after + self._rng.uniform(0.0, 0.1))

    def hold(self, seconds: float) -> None:
        """Nothing starts for the next `seconds`; a shorter hold never cuts a longer one."""
        self._quiet_until = max(self._quiet_until, self._ticks() + min(seconds, _LONGEST_QUIET))
        self._wake()
        self._announce()

    def heed(self, allowed: Allowance) -> None:
        """The server said how much it still allows: nothing left is quiet, little left is spread over the time to go.

        People are not slowed down by a spread, only by quiet.
        """
        self._left = allowed.left
        self._spread_until = self._ticks() + min(allowed.seconds, _LONGEST_QUIET)
        self._spread = 0.0
        if not allowed.left:
            self.hold(allowed.seconds + self._rng.uniform(0.0, 0.1))
        elif allowed.left <= _SPARING * self.most:
            self._spread = min(_LARGEST_GAP, allowed.seconds / allowed.left)

    def speed_up(self) -> None:
        """The server answered in peace: slowly back to full speed."""
        self._strikes = 0
        self._gap = 0.0 if self._gap < 0.01 else self._gap * 0.98
        self._good += 1
        if self._good >= 4 * self._limit and self._limit < self.most:
            self._limit += 1
            self._good = 0
            self._wake()

    def _pause(self, priority: Priority) -> float:
        now, gap = self._ticks(), self._gap
        if priority > Priority.PEOPLE and now < self._spread_until:
            gap = max(gap, self._spread)
        return max(self._quiet_until, self._last_start + gap) - now

    async def _enter(self, priority: Priority) -> float:
        ticket = (int(priority), next(self._numbers))
        insort(self._waiting, ticket)
        self._announce()
        try:
            while True:
                quiet = self._quiet_until - self._ticks()
                if quiet > self.patience:
                    raise TooFast(429, f"the server asked for {quiet:.0f} s of quiet", retry_after=quiet)
                if (pause := self._pause(priority)) > 0:
                    await self._sleep(pause)
                elif self._waiting[0] == ticket and self._in_flight < self._room(priority):
                    break
                else:
                    turn = asyncio.get_running_loop().create_future()
                    self._turns.append(turn)
                    await turn
        finally:
            self._waiting.remove(ticket)
            self._wake()
            self._announce()
        self._in_flight += 1
        self._last_start = self._ticks()
        self._announce()
        return self._last_start

    def _room(self, priority: Priority) -> int:
        return self._limit if priority < Priority.SYNC else max(1, self._limit - _KEPT_FREE)

    def _wake(self) -> None:
        turns, self._turns = self._turns, []
        for turn in turns:
            if not turn.done():
                turn.set_result(None)

    def _announce(self) -> None:
        self.changed.emit(self.state)
