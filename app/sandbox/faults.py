"""Faults on purpose: latency, errors by chance, a rate limit, answers that get lost.

Invariant: an error by chance comes before the request is looked at, so a refused command was never accepted; only
`drop_after_accept` loses the answer to a request that was.
"""

import math
import random
import time
from collections.abc import Callable

from app.sandbox.answers import Refusal


class Faults:
    """`latency` in seconds, `error_rate` and `drop_after_accept` from 0 to 1, `rate_limit` in requests per second (0: none)."""

    def __init__(
        self,
        latency: float = 0.0,
        error_rate: float = 0.0,
        rate_limit: float = 0.0,
        drop_after_accept: float = 0.0,
        seed: int = 1,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.latency = latency
        self.error_rate = error_rate
        self.rate_limit = rate_limit
        self.drop_after_accept = drop_after_accept
        self._chance = random.Random(seed)
        self._ticks = ticks
        self._tokens = self._room
        self._filled = ticks()

    @property
    def _room(self) -> float:
        """One second's worth of requests may come at once."""
        return max(1.0, self.rate_limit)

    def delay(self) -> float:
        """Seconds to wait before this answer: the latency, give or take a quarter."""
        return self.latency * self._chance.uniform(0.75, 1.25) if self.latency > 0 else 0.0

    def admit(self) -> None:
        """Raises Refusal 429 where requests come too fast, with the seconds to wait."""
        if self.rate_limit <= 0:
            return
        now = self._ticks()
        self._tokens = min(self._room, self._tokens + (now - self._filled) * self.rate_limit)
        self._filled = now
        if self._tokens < 1.0:
            raise Refusal(429, retry_after=max(1, math.ceil((1.0 - self._tokens) / self.rate_limit)))
        self._tokens -= 1.0

    def stumble(self) -> None:
        """Raises Refusal 500 or 503 by chance."""
        if self._chance.random() < self.error_rate:
            raise Refusal(self._chance.choice((500, 503)))

    def drops(self) -> bool:
        """Whether the answer to this accepted request gets lost."""
        return self._chance.random() < self.drop_after_accept
