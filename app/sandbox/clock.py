"""The sandbox's clock: real time at a chosen speed, plus whatever a test steps it by.

Invariant: it never runs backwards, whatever the wall clock does.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """`speed` 1 is real time, 60 makes an hour pass in a minute, 0 stands still until `advance`."""

    def __init__(
        self, speed: float = 1.0, start: datetime | None = None, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self.speed = speed
        self._start = (start or datetime.now(UTC)).timestamp()
        self._ticks = ticks
        self._zero = ticks()
        self._stepped = 0.0

    def seconds(self) -> float:
        """The time as seconds since 1970, UTC."""
        return self._start + (self._ticks() - self._zero) * self.speed + self._stepped

    def now(self) -> datetime:
        """The time as a datetime in UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def advance(self, seconds: float) -> None:
        """Steps forward. Raises ValueError for a negative step."""
        if seconds < 0:
            raise ValueError("a clock does not run backwards")
        self._stepped += seconds
