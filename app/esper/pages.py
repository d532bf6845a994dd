"""A list of any length, page by page: the first alone, the rest several at a time by offset.

Invariant: offsets follow the page size the server really gives, `next` links are never followed, every gap that a
short page leaves is asked for once more, and after the end, an error or a cancellation no task of a walk runs.
What `collect` gives holds no row twice, and says so where one may be missing.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Generic, NamedTuple, TypeVar

from app.errors import BadRequest, FleetError, UnexpectedAnswer
from app.tasks import Tasks

T = TypeVar("T")
# A server whose list never ends must not keep us for ever: at ten rows a page this is a fleet of a million.
_MOST_PAGES = 100_000
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list. `total` is what the server said beside this very page; `more` is its `next`."""

    offset: int
    total: int | None
    rows: list[T]
    more: bool = False


class Collected(NamedTuple, Generic[T]):
    """A whole list. `doubt` is empty, or a sentence where rows may be missing because the list moved all the time."""

    rows: list[T]
    doubt: str


class _Span(NamedTuple):
    """`lapped`: asked for with the row before it, which must be the one that the page before ended with."""

    offset: int
    rows: int
    lapped: bool


Fetch = Callable[[int, int], Awaitable[Page[T]]]
_Outcome = tuple[_Span, Page[T] | FleetError]


class Pages(AsyncIterator[Page[T]], Generic[T]):
    """An asynchronous iterator over pages in the order of their arrival.

    `fetch(offset, limit)` reads one page. The first of `limits` that the server does not refuse with 400 is used.
    Who stops early calls `aclose` (`contextlib.aclosing` does); otherwise the requests in flight run to their end.
    With `key`, pages overlap by one row, and `moved` says whether the list was the same where they meet.
    """

    def __init__(
        self, fetch: Fetch[T], limits: Sequence[int], at_once: int, key: Callable[[T], Hashable] | None = None
    ) -> None:
        self._fetch = fetch
        self._key = key
        self._seams: dict[int, Hashable] = {}
        self._totals: set[int] = set()
        self._opening: T | None = None
        self._lapping = self._shifted = False
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

    @property
    def moved(self) -> bool:
        """Whether the list is known to have changed while it was read."""
        return self._shifted or len(self._totals) > 1

    async def in_order(self) -> AsyncGenerator[Page[T], None]:
        """The same pages, each after those before it; what a moving list leaves behind a gap comes at the end."""
        early: dict[int, Page[T]] = {}
        reached = 0
        try:
            async for page in self:
                early[page.offset] = page
                while ready := early.pop(reached, None):
                    reached += len(ready.rows)
                    yield ready
            for offset in sorted(early):
                yield early[offset]
        finally:
            await self.aclose()

    async def collect(self, key: Callable[[T], Hashable] | None = None) -> Collected[T]:
        """All rows in the server's order, none twice; a list that moved meanwhile is read again, three times at most.

        `key` tells rows apart, by default their `id`. Uses none of this object's own walk. Raises as the pages do.
        """
        key = key or _identifier
        doubt = ""
        unique: dict[Hashable, T] = {}
        for left in reversed(range(_TRIES)):
            walk = Pages(self._fetch, self._limits, self._at_once, key)
            unique = {}
            async with aclosing(walk.in_order()) as pages:
                async for page in pages:
                    unique.update((key(row), row) for row in page.rows)
                    if walk.moved and left:
                        break
            total = walk._total
            if not walk.moved and (total is None or len(unique) == total):
                return Collected(list(unique.values()), "")
            doubt = f"The list moved while it was read: {len(unique):,} of {total or 0:,} came."
        return Collected(list(unique.values()), doubt)

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
        self._opening = page.rows[0] if page.rows else None
        # The server gives no more rows than these, and one of them is spent on the seam.
        self._lapping = self._key is not None and self._step > 1
        self._step -= self._lapping
        self._compare(0, page)
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
        if self._total is None and page.rows and page.rows[0] == self._opening:
            # A server that knows no offset gives its whole list again.
            return None
        self._compare(page.offset, page)
        if span.lapped:
            if len(page.rows) == 1 and (page.more or span.offset < (page.total or 0)):
                self._spans.appendleft(_Span(span.offset, span.rows, False))
            page = replace(page, offset=span.offset, rows=page.rows[1:])
        self._note(span, page)
        self._plan()
        self._start()
        return page

    def _note(self, span: _Span, page: Page[T]) -> None:
        got, reached = len(page.rows), span.offset + len(page.rows)
        if page.total is not None:
            self._total = page.total
        if 0 < got < span.rows and (page.more or reached < (self._total or 0)):
            self._spans.appendleft(_Span(reached, span.rows - got, self._lapping))
        if span.offset + span.rows >= self._end:
            self._more = page.more and got > 0

    def _plan(self) -> None:
        """Turns what is known of the length into spans; beyond the known end one page at a time."""
        # A list that grows while it is collected is read again, not run after: it may grow faster than we read.
        if self._step == 0 or (self._key and len(self._totals) > 1):
            return
        while self._end < (self._total or 0):
            self._spans.append(_Span(self._end, min(self._step, (self._total or 0) - self._end), self._lapping))
            self._end += self._spans[-1].rows
        if self._more and not self._spans and not self._running:
            self._more = False
            self._spans.append(_Span(self._end, self._step, self._lapping))
            self._end += self._step

    def _start(self) -> None:
        while self._spans and len(self._running) < self._at_once:
            span = self._spans.popleft()
            self._running.add(self._tasks.start(self._attempt(span), f"offset {span.offset}"))

    async def _attempt(self, span: _Span) -> _Outcome[T]:
        # An error is a result here: it belongs to whoever walks, and only once.
        try:
            if span.lapped:
                return span, await self._fetch(span.offset - 1, span.rows + 1)
            return span, await self._fetch(span.offset, span.rows)
        except FleetError as error:
            return span, error

    def _compare(self, offset: int, page: Page[T]) -> None:
        """Both pages that meet in a row must show the same one there, else something before it came or went."""
        if page.total is not None:
            self._totals.add(page.total)
        if self._key is None or not page.rows:
            return
        for place, row in ((offset, page.rows[0]), (offset + len(page.rows) - 1, page.rows[-1])):
            seen = self._key(row)
            self._shifted |= self._seams.setdefault(place, seen) != seen


def _identifier(row: object) -> Hashable:
    """What tells a record from the others: its id, its device's, or all of it."""
    return getattr(row, "id", "") or getattr(row, "device_id", "") or row
