"""The event heap: what is due when.

Invariant: events run in the order of their times, equal times in the order they were entered, and none runs early.
"""

import heapq
from collections.abc import Callable
from itertools import count

Action = Callable[[float], None]


class Agenda:
    """Nothing runs by itself: `run` is called whenever somebody looks, so an idle fleet costs nothing."""

    def __init__(self, start: float) -> None:
        self.now = start
        self._due: list[tuple[float, int, Action]] = []
        self._entry = count()

    def __len__(self) -> int:
        return len(self._due)

    def at(self, due: float, action: Action) -> None:
        """Enters an action; it is called with the time it was due at (seconds since 1970)."""
        heapq.heappush(self._due, (max(due, self.now), next(self._entry), action))

    def run(self, until: float) -> None:
        """Runs everything due up to and including `until`, also what is entered meanwhile."""
        while self._due and self._due[0][0] <= until:
            due, _, action = heapq.heappop(self._due)
            self.now = due
            action(due)
        self.now = max(self.now, until)
