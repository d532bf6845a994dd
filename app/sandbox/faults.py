"""Faults on purpose: which of them strike a request, and a limit on the rate of all requests.

Faults are rules (`fault_rules` has their grammar), given when the sandbox starts, by `set` while it runs, or by a client
at /sandbox/faults (`fault_control`). What they do to an answer stands in `spoiling`.

Invariant: the same seed, rules and requests give the same faults; each rule has its own chance, so that one more
request to one path changes nothing on another.
"""

import math
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.sandbox.answers import Refusal
from app.sandbox.fault_rules import Fault, read_fault


@dataclass(slots=True)
class Rule:
    """A fault at work: its own chance, how often it struck, and how often it still will (None: without end)."""

    fault: Fault
    chance: random.Random
    struck: int = 0

    @property
    def left(self) -> int | None:
        return None if self.fault.count is None else self.fault.count - self.struck

    def strikes(self, method: str, path: str) -> bool:
        """Whether it strikes this request; counts it when it does."""
        if self.left == 0 or not self.fault.strikes(method, path):
            return False
        struck = self.chance.random() < self.fault.share
        self.struck += struck
        return struck


class Faults:
    """`rules` are texts. The others are short for a rule on all paths: `latency` in seconds (give or take a quarter),
    `error_rate` and `drop_after_accept` (POST only) from 0 to 1; `rate_limit` in requests per second (0: none).

    `ticks` counts seconds for the rate, `wall` gives the Unix time for dates in Retry-After. Raises BadFault.
    """

    def __init__(
        self,
        latency: float = 0.0,
        error_rate: float = 0.0,
        rate_limit: float = 0.0,
        drop_after_accept: float = 0.0,
        seed: int = 1,
        ticks: Callable[[], float] = time.monotonic,
        rules: Iterable[str] = (),
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.rate_limit = rate_limit
        self.wall = wall
        self._seed = seed
        self._ticks = ticks
        self._tokens = self._room
        self._filled = ticks()
        short = [
            f"* * latency ms={latency * 1000:.6f} jitter={latency * 250:.6f}" if latency > 0 else "",
            f"* * error p={error_rate:.9f}" if error_rate > 0 else "",
            f"POST * drop-after p={drop_after_accept:.9f}" if drop_after_accept > 0 else "",
        ]
        self.set([*filter(None, short), *rules])

    @property
    def _room(self) -> float:
        """One second's worth of requests may come at once."""
        return max(1.0, self.rate_limit)

    def set(self, texts: Sequence[str]) -> None:
        """Puts these faults in place of all others. Raises BadFault, and then nothing has changed."""
        faults = [read_fault(text) for text in texts]
        self._rules = [
            Rule(fault, random.Random(f"{self._seed} {place} {fault.text}")) for place, fault in enumerate(faults)
        ]

    def report(self) -> list[dict[str, Any]]:
        """Each fault with how often it struck and how often it still will (null: without end)."""
        return [{"fault": rule.fault.text, "struck": rule.struck, "left": rule.left} for rule in self._rules]

    def strikes(self, method: str, path: str) -> list[Rule]:
        """The rules that strike this request, in their order; none behind one that ends it. `path` is below /api."""
        found = []
        for rule in self._rules:
            if rule.strikes(method, path):
                found.append(rule)
                if rule.fault.ends:
                    break
        return found

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
