"""A list of any length, page by page: the first alone, the rest several at a time by offset.

Invariant: offsets follow the page size the server really gives, `next` links are never followed, every gap that a
short page leaves is asked for once more, and after the end, an error or a cancellation no task of a walk runs.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from app.errors import BadRequest, FleetError, UnexpectedAnswer
from app.tasks import Tasks

T = TypeVar("T")
# A server whose list never ends must not keep us for ever: at ten rows a page this is a fleet of a million.
_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list. `total` is what the server said beside this very page; `more` is its `next`."""

    offset: int
    total: int | None
    rows: list[T]
    more: bool = False


class _Span(NamedTuple):
    offset: int
    rows: int


Fetch = Callable[[int, int], Awaitable[Page[T]]]
_Outcome = tuple[_Span, Page[T] | FleetError]


class Pages(AsyncIterator[Page[T]], Generic[T]):
    """An asynchronous iterator over pages in the order of their arrival.

    `fetch(offset, limit)` reads one page. The first of `limits` that the server does not refuse with 400 is used.
    Who stops early calls `aclose` (`contextlib.aclosing` does); otherwise the requests in flight run to their end.
    """

    def __init__(self, fetch: Fetch[T], limits: Sequence[int], at_once: int) -> None:
        self._fetch = fetch
        self._limits = limits
        self._at_once = at_once
        self._tasks = Tasks("pages")
        self._running: set[asyncio.Task[_Outcome[T]]] = set()
        self._spans: deque[_Span] = deque()
        self._end = 0
        self._step = 0
        self._total: int | None = None
        self._more = False
        self._given = 0
        self._finished = False

    async def __anext__(self) -> Page[T]:
        if self._finished:
            raise StopAsyncIteration
        try:
            page = await (self._next() if self._given else self._first())
        except BaseException:
            await self.aclose()
            raise
        if page is None:
            await self.aclose()
            raise StopAsyncIteration
        self._given += 1
        if self._given > _MOST_PAGES:
            await self.aclose()
            raise UnexpectedAnswer("the list does not end")
        return page

    async def aclose(self) -> None:
        """Cancels the requests in flight and waits until they are gone."""
        self._finished = True
        self._spans.clear()
        await self._tasks.close()
        self._running.clear()

    async def _first(self) -> Page[T]:
        for limit in self._limits[:-1]:
            try:
                page = await self._fetch(0, limit)
                break
            except BadRequest:
                continue
        else:
            page = await self._fetch(0, self._limits[-1])
        self._step = self._end = len(page.rows)
        self._total, self._more = page.total, page.more
        self._plan()
        self._start()
        return page

    async def _next(self) -> Page[T] | None:
        self._start()
        if not self._running:
            return None
        done, _ = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        task = done.pop()
        self._running.discard(task)
        span, page = task.result()
        if isinstance(page, FleetError):
            raise page
        self._note(span, page)
        self._plan()
        self._start()
        return page

    def _note(self, span: _Span, page: Page[T]) -> None:
        got, reached = len(page.rows), span.offset + len(page.rows)
        if page.total is not None:
            self._total = page.total
        if 0 < got < span.rows and (page.more or reached < (self._total or 0)):
            self._spans.appendleft(_Span(reached, span.rows - got))
        if span.offset + span.rows >= self._end:
            self._more = page.more and got > 0

    def _plan(self) -> None:
        """Turns what is known of the length into spans; beyond the known end one page at a time."""
        if self._step == 0:
            return
        while self._end < (self._total or 0):
            self._spans.append(_Span(self._end, min(self._step, (self._total or 0) - self._end)))
            self._end += self._spans[-1].rows
        if self._more and not self._spans and not self._running:
            self._more = False
            self._spans.append(_Span(self._end, self._step))
            self._end += self._step

    def _start(self) -> None:
        while self._spans and len(self._running) < self._at_once:
            span = self._spans.popleft()
            self._running.add(self._tasks.start(self._attempt(span), f"offset {span.offset}"))

    async def _attempt(self, span: _Span) -> _Outcome[T]:
        # An error is a result here: it belongs to whoever walks, and only once.
        try:
            return span, await self._fetch(span.offset, span.rows)
        except FleetError as error:
            return span, error
