"""Follows the accepted requests of a job until every device has a final state.

Invariant: one counting request per poll, status pages only when the counts moved, so the cost follows what happens and
not how many devices there are; a request where nothing happens is asked less and less often.
"""

import asyncio
import logging
from collections.abc import Sequence

from app.errors import Forbidden, NotAuthorised, NotFound, TooFast, WireError
from app.jobs.book import NO_KEY, Book, Entry
from app.jobs.facts import Sending
from app.jobs.reconcile import SETTLED
from app.jobs.wire import Clock, CommandClient, Sleep, reading
from app.tasks import Tasks

log = logging.getLogger(__name__)

FIRST_DELAY = 1.0
LAST_DELAY = 15.0
AT_ONCE = 4
QUIET = 8


class Tracker:
    """The following side of one job. `run` ends when nothing accepted is open, or the key is no longer accepted."""

    def __init__(self, book: Book, entry: Entry, client: CommandClient, clock: Clock, sleep: Sleep) -> None:
        self._book = book
        self._entry = entry
        self._client = client
        self._clock = clock
        self._sleep = sleep
        self._counts: dict[int, dict[str, int]] = {}
        self._quiet: dict[int, int] = {}
        self._delay: dict[int, float] = {}
        self._due: dict[int, float] = {}

    async def run(self) -> None:
        while not self._entry.denied and (following := self._entry.followed()):
            pause = min(self._due.setdefault(s.seq, FIRST_DELAY) for s in following)
            await self._sleep(pause)
            for sending in following:
                self._due[sending.seq] -= pause
            await self._poll_all([s for s in following if self._due[s.seq] <= 0])

    async def _poll_all(self, due: Sequence[Sending]) -> None:
        group = Tasks(f"follow {self._entry.id}")
        try:
            for start in range(0, len(due), AT_ONCE):
                polls = [group.start(self._poll(sending), sending.alias) for sending in due[start : start + AT_ONCE]]
                await asyncio.wait(polls)
                for poll in polls:
                    poll.result()
        finally:
            await group.close()

    async def _poll(self, sending: Sending) -> None:
        seq = sending.seq
        at_least = 0.0
        moved = False
        try:
            moved = await self._ask(sending)
            if self._entry.row.error.startswith(NO_KEY) and not self._entry.row.paused:
                await self._book.note(self._entry, "")
        except (NotAuthorised, Forbidden) as error:
            self._entry.denied = True
            await self._book.note(self._entry, f"{NO_KEY}: {error}")
        except TooFast as error:
            at_least = error.retry_after or 0.0
        except WireError as error:
            log.info("job %s, request %d: %s", self._entry.id, seq, error)
        delay = FIRST_DELAY if moved else min(self._delay.get(seq, FIRST_DELAY) * 2, LAST_DELAY)
        self._delay[seq] = delay
        self._due[seq] = max(delay, at_least)

    async def _ask(self, sending: Sending) -> bool:
        """One poll; True when something moved."""
        try:
            counts = await self._client.command_stats(sending.server_id)
        except NotFound:
            # A server without counts is asked for the states themselves.
            seen, moved = await hear_all(self._book, self._entry, self._client, sending)
            if not seen:
                await self._ask_whether_it_exists(sending)
            return moved > 0
        if counts == self._counts.get(sending.seq):
            self._quiet[sending.seq] = quiet = self._quiet.get(sending.seq, 0) + 1
            # Two devices may swap their states and leave the counts alone.
            return quiet % QUIET == 0 and (await hear_all(self._book, self._entry, self._client, sending))[1] > 0
        await hear_all(self._book, self._entry, self._client, sending)
        self._counts[sending.seq] = counts
        return True

    async def _ask_whether_it_exists(self, sending: Sending) -> None:
        """A request that the server denies in every way is not followed for ever; a young one may still show up."""
        if abs(self._clock() - (sending.sent_at or 0.0)) < SETTLED:
            return
        try:
            await self._client.command_request(sending.server_id)
        except NotFound:
            log.info("job %s, request %d: the server forgot it", self._entry.id, sending.seq)
            await self._book.forget(self._entry, sending.seq)


async def hear_all(book: Book, entry: Entry, client: CommandClient, sending: Sending) -> tuple[int, int]:
    """Reads the states of a request, page by page; how many there were and the number of devices that moved."""
    seen = moved = 0
    async with reading(client.command_statuses(request_id=sending.server_id)) as pages:
        async for page in pages:
            seen += len(page.rows)
            moved += await book.hear(entry, page.rows)
    return seen, moved
