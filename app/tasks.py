"""The one place that creates asyncio tasks: named, referenced, reported, cancelled on close.

Invariant: a task that fails is seen by `failed` and the log; after `close` no task of the group runs.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, TypeVar

from app.observer import Signal

T = TypeVar("T")
log = logging.getLogger(__name__)


class Failure(NamedTuple):
    """What a background task died of."""

    name: str
    error: BaseException


class Tasks:
    """A group of tasks with one lifetime."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.failed: Signal[Failure] = Signal()
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    def start(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Runs `work` in the background. Raises RuntimeError after `close` (the coroutine is closed, not leaked)."""
        if self._closed:
            work.close()
            raise RuntimeError(f"{self.name} is closed; {name} was not started")
        task = asyncio.get_running_loop().create_task(work, name=f"{self.name}/{name}")
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            log.error("task %s failed: %s", task.get_name(), error, exc_info=error)
            self.failed.emit(Failure(task.get_name(), error))

    def __len__(self) -> int:
        return len(self._running)

    async def close(self) -> None:
        """Cancels what still runs and waits until it is gone."""
        self._closed = True
        running = [t for t in self._running if t is not asyncio.current_task()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.gather(*running, return_exceptions=True)


async def in_thread(work: Callable[[], T]) -> T:
    """Like `asyncio.to_thread`, but a cancellation is only passed on once `work` has ended: for files, which are closed next."""
    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        if not future.cancelled():
            await asyncio.wait([future])
            future.exception()
        raise
