"""Shared work: whoever asks for what is already under way waits for the same answer.

Invariant: one run per key at a time; it ends with its last waiter, so a caller that gives up leaves nothing running
that nobody wants.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from app.errors import FleetError
from app.tasks import Tasks

T = TypeVar("T")


class Flights:
    """Runs by key."""

    def __init__(self, name: str) -> None:
        self._tasks = Tasks(name)
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._waiting: dict[asyncio.Task[Any], int] = {}

    async def join(self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        """The result of the run under `key`: one that is under way, else `work`. A FleetError reaches every waiter."""
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = self._tasks.start(_outcome(work), key)
            self._waiting[task] = 0
        self._waiting[task] += 1
        try:
            outcome: T | FleetError = await asyncio.shield(task)
        finally:
            self._waiting[task] -= 1
            if not self._waiting[task]:
                # The key is free at once: a run that is being cancelled must not be joined.
                del self._waiting[task]
                if self._running.get(key) is task:
                    del self._running[key]
                if not task.done():
                    task.cancel()
                    await asyncio.wait([task])
        if isinstance(outcome, FleetError):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Ends every run; its waiters are cancelled."""
        await self._tasks.close()


async def _outcome(work: Callable[[], Awaitable[T]]) -> T | FleetError:
    try:
        return await work()
    except FleetError as error:
        # Handed over as a value: an error that is expected is the waiters' and not a failed task.
        return error
