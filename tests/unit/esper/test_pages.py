"""Lists of any length: every row once, in as few requests as the server allows, and nothing left running."""

import asyncio
import random
from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import BadRequest, ServerFault, UnexpectedAnswer
from app.esper import pages
from app.esper.pages import Page, Pages


class Shelf:
    """A list as a server serves it: its own cap, perhaps no count, perhaps pages that come up short."""

    def __init__(self, rows: int, *, cap: int = 1000, counted: bool = True, short: float = 0.0, seed: int = 0) -> None:
        self.rows = list(range(rows))
        self.cap, self.counted, self.short = cap, counted, short
        self.rng = random.Random(seed)
        self.asked: list[tuple[int, int]] = []
        self.in_flight = self.most = 0

    async def fetch(self, offset: int, limit: int) -> Page[int]:
        self.asked.append((offset, limit))
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            for _ in range(self.rng.randrange(1, 6)):
                await asyncio.sleep(0)
        finally:
            self.in_flight -= 1
        size = min(limit, self.cap)
        if size > 1 and self.rng.random() < self.short:
            size = self.rng.randrange(1, size)
        rows = self.rows[offset : offset + size]
        return Page(offset, len(self.rows) if self.counted else None, rows, offset + len(rows) < len(self.rows))


async def collect(walk: Pages[int]) -> list[int]:
    return [row async for page in walk for row in page.rows]


@settings(max_examples=150, deadline=None)
@given(
    rows=st.integers(0, 400),
    limit=st.integers(1, 120),
    cap=st.integers(1, 120),
    at_once=st.integers(1, 8),
    counted=st.booleans(),
    short=st.sampled_from([0.0, 0.0, 0.3, 0.9]),
    seed=st.integers(0, 99),
)
def test_every_row_arrives_exactly_once(
    rows: int, limit: int, cap: int, at_once: int, counted: bool, short: float, seed: int
) -> None:
    shelf = Shelf(rows, cap=cap, counted=counted, short=short, seed=seed)
    assert sorted(asyncio.run(collect(Pages(shelf.fetch, (limit,), at_once)))) == shelf.rows
    assert shelf.most <= at_once


def test_a_counted_list_takes_one_request_a_page() -> None:
    shelf = Shelf(10_000)
    asyncio.run(collect(Pages(shelf.fetch, (1000,), 6)))
    assert len(shelf.asked) == 10
    assert shelf.most == 6


def test_offsets_follow_the_size_the_server_gives_not_the_wish() -> None:
    shelf = Shelf(1200, cap=500)
    asyncio.run(collect(Pages(shelf.fetch, (1000,), 4)))
    assert sorted(shelf.asked) == [(0, 1000), (500, 500), (1000, 200)]


def test_a_limit_the_server_refuses_is_made_smaller() -> None:
    shelf = Shelf(700)
    refused = []

    async def fetch(offset: int, limit: int) -> Page[int]:
        if limit > 250:
            refused.append(limit)
            raise BadRequest(400, "limit")
        return await shelf.fetch(offset, limit)

    rows = asyncio.run(collect(Pages(fetch, (1000, 500, 250, 100), 4)))
    assert sorted(rows) == shelf.rows
    assert refused == [1000, 500]


def test_a_request_refused_at_the_smallest_limit_is_the_error() -> None:
    async def fetch(offset: int, limit: int) -> Page[int]:
        raise BadRequest(400, f"limit {limit}")

    with pytest.raises(BadRequest, match="limit 100"):
        asyncio.run(collect(Pages(fetch, (500, 100), 4)))


def test_a_list_that_grows_and_one_that_shrinks_come_to_an_end_with_their_totals_visible() -> None:
    for change in (+150, -150):
        shelf = Shelf(500, cap=100)

        async def fetch(offset: int, limit: int, shelf: Shelf = shelf, change: int = change) -> Page[int]:
            if offset == 200:
                shelf.rows = list(range(500 + change))
            return await shelf.fetch(offset, limit)

        async def run(fetch: pages.Fetch[int] = fetch) -> tuple[list[int], set[int | None]]:
            seen = [page async for page in Pages(fetch, (100,), 1)]
            return [row for page in seen for row in page.rows], {page.total for page in seen}

        rows, totals = asyncio.run(run())
        assert sorted(rows) == shelf.rows
        assert totals == {500, 500 + change}


def test_rows_without_a_count_in_the_middle_end_with_an_empty_page() -> None:
    async def fetch(offset: int, limit: int) -> Page[int]:
        return Page(offset, 500, [] if offset >= 200 else list(range(offset, offset + 100)), True)

    assert sorted(asyncio.run(collect(Pages(fetch, (100,), 2)))) == list(range(200))


def test_a_list_that_never_ends_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_MOST_PAGES", 50)

    async def fetch(offset: int, limit: int) -> Page[int]:
        return Page(offset, offset + 1000, [offset], True)

    with pytest.raises(UnexpectedAnswer, match="does not end"):
        asyncio.run(collect(Pages(fetch, (1,), 3)))


def test_a_failing_page_ends_the_walk_and_cancels_the_others() -> None:
    stopped = []

    async def fetch(offset: int, limit: int) -> Page[int]:
        if offset == 10:
            raise ServerFault(500, "boom")
        if offset:
            try:
                await asyncio.Event().wait()
            finally:
                stopped.append(offset)
        return Page(offset, 50, [0] * 10, True)

    async def run() -> None:
        walk = Pages(fetch, (10,), 4)
        await anext(walk)
        with pytest.raises(ServerFault):
            await anext(walk)
        assert sorted(stopped) == [20, 30, 40]
        with pytest.raises(StopAsyncIteration):
            await anext(walk)

    asyncio.run(run())


@pytest.mark.parametrize("way", ["cancelled", "closed"])
def test_a_walk_that_is_left_early_leaves_no_task(way: str) -> None:
    stopped = []

    async def fetch(offset: int, limit: int) -> Page[int]:
        if offset:
            try:
                await asyncio.Event().wait()
            finally:
                stopped.append(offset)
        return Page(offset, 100, [0] * 10, True)

    async def run() -> None:
        async def walk() -> None:
            async with aclosing(Pages(fetch, (10,), 4)) as walked:
                async for _ in walked:
                    if way == "closed":
                        break

        if way == "closed":
            await walk()
        else:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await walk()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(run())
    assert len(stopped) in ({4} if way == "cancelled" else {0, 4})


@settings(max_examples=60, deadline=None)
@given(rows=st.integers(0, 90), limit=st.integers(1, 30), at_once=st.integers(1, 4))
def test_a_list_that_says_neither_its_length_nor_whether_more_follows_is_asked_until_it_is_empty(
    rows: int, limit: int, at_once: int
) -> None:
    async def fetch(offset: int, size: int) -> Page[int]:
        found = list(range(rows))[offset : offset + size]
        return Page(offset, None, found, bool(found))

    assert asyncio.run(collect(Pages(fetch, (limit,), at_once))) == list(range(rows))


def test_a_server_that_knows_no_offset_gives_its_rows_once_and_not_for_ever() -> None:
    asked: list[int] = []

    async def fetch(offset: int, size: int) -> Page[int]:
        asked.append(offset)
        return Page(offset, None, [7, 8, 9], True)

    assert asyncio.run(collect(Pages(fetch, (100,), 4))) == [7, 8, 9]
    assert asked == [0, 3]
