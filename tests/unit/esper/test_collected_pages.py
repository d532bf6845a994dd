"""A whole list in order: every row once, and a doubt where the list did not hold still."""

import asyncio
import random
from collections.abc import Callable
from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import ServerFault
from app.esper.pages import Collected, Page, Pages


class Shelf:
    """A list that a test may change between any two requests."""

    def __init__(self, rows: int, *, cap: int = 100, counted: bool = True, short: float = 0.0, seed: int = 0) -> None:
        self.rows = list(range(rows))
        self.cap, self.counted, self.short = cap, counted, short
        self.rng = random.Random(seed)
        self.asked = 0
        self.change: Callable[[], None] = lambda: None

    async def fetch(self, offset: int, limit: int) -> Page[int]:
        self.asked += 1
        for _ in range(self.rng.randrange(1, 9)):
            await asyncio.sleep(0)
        size = min(limit, self.cap)
        if size > 1 and self.rng.random() < self.short:
            size = self.rng.randrange(1, size)
        rows = self.rows[offset : offset + size]
        page = Page(offset, len(self.rows) if self.counted else None, rows, offset + len(rows) < len(self.rows))
        self.change()
        return page

    def collect(self, at_once: int = 4) -> Collected[int]:
        return asyncio.run(Pages(self.fetch, (self.cap,), at_once).collect(lambda row: row))


@settings(max_examples=120, deadline=None)
@given(
    rows=st.integers(0, 300),
    cap=st.integers(1, 90),
    at_once=st.integers(1, 8),
    counted=st.booleans(),
    short=st.sampled_from([0.0, 0.3, 0.9]),
    seed=st.integers(0, 99),
)
def test_a_list_that_holds_still_comes_whole_in_order_and_without_doubt(
    rows: int, cap: int, at_once: int, counted: bool, short: float, seed: int
) -> None:
    shelf = Shelf(rows, cap=cap, counted=counted, short=short, seed=seed)
    assert shelf.collect(at_once) == (shelf.rows, "")


def test_pages_in_order_arrive_in_order_however_they_are_answered() -> None:
    shelf = Shelf(2000, cap=50, seed=3)

    async def run() -> list[int]:
        async with aclosing(Pages(shelf.fetch, (50,), 6).in_order()) as pages:
            return [row async for page in pages for row in page.rows]

    assert asyncio.run(run()) == shelf.rows


def test_a_row_that_vanishes_and_one_that_appears_meanwhile_cost_no_other_row() -> None:
    # The count never changes, so that only the seam between two pages can tell.
    shelf = Shelf(300)
    once = [True]

    def change() -> None:
        if shelf.asked == 2 and once:
            once.clear()
            shelf.rows.pop(0)
            shelf.rows.append(999)

    shelf.change = change
    rows, doubt = shelf.collect(at_once=1)
    assert rows == [*range(1, 300), 999]
    assert doubt == ""
    assert shelf.asked > 4


@settings(max_examples=60, deadline=None)
@given(
    moves=st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.integers(0, 400)), max_size=4),
    seed=st.integers(0, 9),
)
def test_rows_that_were_there_all_the_time_are_never_lost_in_silence(
    moves: list[tuple[int, bool, int]], seed: int
) -> None:
    shelf = Shelf(260, cap=40, seed=seed)
    steady = set(shelf.rows)
    fresh = iter(range(1000, 2000))

    def change() -> None:
        for at, appears, place in moves:
            if at != shelf.asked:
                continue
            if appears:
                shelf.rows.insert(place % (len(shelf.rows) + 1), next(fresh))
            else:
                steady.discard(shelf.rows.pop(place % len(shelf.rows)))

    shelf.change = change
    rows, doubt = shelf.collect()
    assert len(rows) == len(set(rows))
    assert doubt or steady <= set(rows)


def test_a_list_that_never_holds_still_is_given_with_a_doubt() -> None:
    shelf = Shelf(250)
    shelf.change = lambda: shelf.rows.append(len(shelf.rows))
    rows, doubt = shelf.collect()
    assert len(rows) == len(set(rows)) >= 250
    assert doubt.startswith("The list moved while it was read")


@pytest.mark.parametrize("cut", ["cancelled", "failed", "left"])
def test_a_walk_that_ends_early_leaves_no_request_behind(cut: str) -> None:
    running = set()

    async def fetch(offset: int, limit: int) -> Page[int]:
        if offset:
            running.add(offset)
            try:
                if cut == "failed" and offset > 20:
                    raise ServerFault(500)
                await asyncio.Event().wait()
            finally:
                running.discard(offset)
        return Page(offset, 100, list(range(offset, offset + 10)))

    async def run() -> None:
        walk = Pages(fetch, (10,), 4)
        if cut == "left":
            async with aclosing(walk.in_order()) as pages:
                assert (await anext(pages)).offset == 0
        else:
            with pytest.raises(ServerFault if cut == "failed" else TimeoutError):
                async with asyncio.timeout(0.05):
                    await walk.collect(lambda row: row)
        assert not running
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())
