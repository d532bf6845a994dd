"""Sends the waiting requests of a job, one after the other, and settles those whose answer was lost.

Invariant: a request is on disk as `sending` before it goes out, and one that may have arrived is never sent again
until a complete listing of the server shows that it did not.
"""

import logging
from contextlib import suppress

from app.commands.request import body
from app.errors import (
    FleetError,
    Forbidden,
    NotAuthorised,
    Offline,
    Refused,
    ServerFault,
    StoreError,
    TooFast,
    Unreachable,
)
from app.jobs.book import NO_KEY, NO_RECORD, Book, Entry
from app.jobs.facts import RequestState, Sending
from app.jobs.reconcile import SKEW, Absent, Ambiguous, Found, Listing, Open, Verdict, match
from app.jobs.wire import Clock, CommandClient, Sleep, reading

log = logging.getLogger(__name__)

FIRST_DELAY = 1.0
LAST_DELAY = 15.0
# At 50 requests a page; a longer list is not read to the end, and nothing is concluded from it.
MOST_PAGES = 400
# Statuses by which the server judges this one body; any other refusal would meet the next request as well.
ABOUT_THE_BODY = frozenset({400, 409, 413, 422})


class Dispatch:
    """The sending side of one job. `run` ends when nothing is left to send or settle, or when the job is paused."""

    def __init__(self, book: Book, entry: Entry, client: CommandClient, clock: Clock, sleep: Sleep) -> None:
        self._book = book
        self._entry = entry
        self._client = client
        self._clock = clock
        self._sleep = sleep
        self._delay = FIRST_DELAY

    def pending(self) -> bool:
        """Whether there is something that `run` could do now."""
        waiting = bool(self._entry.having(RequestState.WAITING)) and not self._entry.row.paused
        return waiting or bool(self._entry.lost())

    async def run(self) -> None:
        while self.pending():
            try:
                if self._entry.row.cancelled:
                    await self._book.withdraw(self._entry)
                if self._entry.lost():
                    await self._settle()
                elif self._entry.having(RequestState.WAITING):
                    await self._send_next()
            except (NotAuthorised, Forbidden) as error:
                self._entry.denied = True
                await self._book.pause(self._entry, f"{NO_KEY}: {error}")
                return
            except StoreError:
                raise
            except FleetError as error:
                log.info("job %s waits %.0f s: %s", self._entry.id, self._delay, error)
                await self._wait(error.retry_after if isinstance(error, TooFast) else None)

    async def _wait(self, seconds: float | None = None) -> None:
        delay, self._delay = self._delay, min(self._delay * 2, LAST_DELAY)
        await self._sleep(max(delay, seconds or 0.0))

    async def _send_next(self) -> None:
        entry = self._entry
        sending = entry.having(RequestState.WAITING)[0]
        if entry.args is None:
            await self._book.pause(entry, "The secret values of this command were not kept. Send it as a new job.")
            return
        if sending.reason == NO_RECORD and not await self._still_absent(sending):
            return
        try:
            await self._book.begin(entry, sending.seq)
        except BaseException:
            # Not on disk for certain, so nothing was sent; the put-back fails the same way where the disk does.
            with suppress(StoreError):
                await self._book.put_back(entry, sending.seq, sending.reason)
            raise
        if entry.row.cancelled:
            await self._book.put_back(entry, sending.seq, sending.reason)
            return
        try:
            answer = await self._client.send_command(
                body(entry.row.command, entry.args, sending.devices, sending.alias)
            )
        except (Unreachable, Offline, TooFast, NotAuthorised, Forbidden):
            await self._book.put_back(entry, sending.seq)
            raise
        except ServerFault as error:
            await self._book.lose(entry, sending.seq, str(error))
        except Refused as error:
            if error.status == 408:
                await self._book.lose(entry, sending.seq, str(error))
                return
            await self._book.refuse(entry, sending.seq, str(error))
            if error.status not in ABOUT_THE_BODY and entry.having(RequestState.WAITING):
                await self._book.pause(entry, f"The server refused a request: {error}")
        except FleetError as error:
            await self._book.lose(entry, sending.seq, str(error))
        except BaseException:
            await self._book.lose(entry, sending.seq, "interrupted while it was being sent")
            raise
        else:
            self._delay = FIRST_DELAY
            await self._book.accept(entry, sending.seq, answer.id)

    async def _settle(self) -> None:
        """Looks for the lost requests on the server, once; waits where it is too early to tell."""
        entry, book = self._entry, self._book
        verdicts = await self._look_up(self._entry.lost())
        for seq, verdict in verdicts.items():
            if isinstance(verdict, Found):
                await book.accept(entry, seq, verdict.request.id)
            elif isinstance(verdict, Ambiguous):
                entry.hopeless.add(seq)
                await book.lose(entry, seq, "the server's list of requests does not tell whether it arrived")
            elif isinstance(verdict, Absent):
                why = "" if entry.row.cancelled else "A request did not reach the server. Resume to send it."
                await book.put_back(entry, seq, NO_RECORD, pause=why)
        if entry.lost():
            await self._wait()
        else:
            self._delay = FIRST_DELAY

    async def _still_absent(self, sending: Sending) -> bool:
        """A last look before a request that got lost once goes out again."""
        verdict = (await self._look_up([sending]))[sending.seq]
        if isinstance(verdict, Absent):
            return True
        if isinstance(verdict, Found):
            await self._book.accept(self._entry, sending.seq, verdict.request.id)
        else:
            await self._book.lose(self._entry, sending.seq, sending.reason)
        return False

    async def _look_up(self, lost: list[Sending]) -> dict[int, Verdict]:
        aliases = {sending.alias for sending in lost}
        now = self._clock()
        listing = Listing(min(sending.sent_at or 0.0 for sending in lost) - SKEW)
        pages = 0
        async with reading(self._client.command_requests()) as requests:
            async for page in requests:
                pages += 1
                aliases -= {row.alias for row in page.rows}
                if listing.take(page.rows) or not aliases or pages == MOST_PAGES:
                    break
            else:
                listing.end()
        taken = {s.server_id for entry in self._book.entries.values() for s in entry.sendings if s.server_id}
        verdicts = match(lost, self._entry.row.command, listing, taken=taken, now=now)
        if pages == MOST_PAGES:
            verdicts = {seq: Ambiguous() if isinstance(v, Open) else v for seq, v in verdicts.items()}
        return verdicts
