"""Takes back what the server has accepted but not yet begun.

Invariant: only a device whose command was queued or scheduled a moment ago is cancelled; the others are followed on.
"""

import asyncio
import logging

from msgspec.structs import replace

from app.errors import Forbidden, NotAuthorised, Refused, WireError
from app.jobs.book import NO_KEY, Book, Entry
from app.jobs.facts import Sending, Target
from app.jobs.machine import RECALLABLE
from app.jobs.tracker import hear_all
from app.jobs.wire import CommandClient
from app.records import CommandStatus
from app.tasks import Tasks

log = logging.getLogger(__name__)

AT_ONCE = 6
REASON = "Cancelled in the fleet console"


class Recall:
    """The cancelling side of one job. Each accepted request is gone through once."""

    def __init__(self, book: Book, entry: Entry, client: CommandClient) -> None:
        self._book = book
        self._entry = entry
        self._client = client

    def pending(self) -> list[Sending]:
        """Accepted requests that the user wants back and that were not gone through yet."""
        entry = self._entry
        return [s for s in entry.followed() if s.seq not in entry.recalled] if entry.recall else []

    async def run(self) -> None:
        while not self._entry.denied and (pending := self.pending()):
            sending = pending[0]
            self._entry.recalled.add(sending.seq)
            try:
                await hear_all(self._book, self._entry, self._client, sending)
                await self._take_back(sending)
            except (NotAuthorised, Forbidden) as error:
                self._entry.denied = True
                await self._book.note(self._entry, f"{NO_KEY}: {error}")
            except WireError as error:
                await self._book.note(self._entry, f"Not everything could be cancelled: {error}")

    async def _take_back(self, sending: Sending) -> None:
        targets = (self._entry.targets[device_id] for device_id in sending.devices)
        wanted = [target for target in targets if target.state in RECALLABLE and target.status_id]
        group = Tasks(f"recall {self._entry.id}")
        try:
            for start in range(0, len(wanted), AT_ONCE):
                chunk = wanted[start : start + AT_ONCE]
                asked = [group.start(self._ask(target), target.status_id) for target in chunk]
                await asyncio.wait(asked)
                await self._book.hear(self._entry, [news for one in asked if (news := one.result()) is not None])
        finally:
            await group.close()

    async def _ask(self, target: Target) -> CommandStatus | None:
        try:
            answer = await self._client.cancel_command(target.status_id, REASON)
        except (NotAuthorised, Forbidden) as error:
            self._entry.denied = True
            await self._book.note(self._entry, f"{NO_KEY}: {error}")
        except Refused as error:
            log.info("job %s: %s is past recall: %s", self._entry.id, target.device_id, error)
        except WireError as error:
            await self._book.note(self._entry, f"Not everything could be cancelled: {error}")
        else:
            return replace(answer, device_id=target.device_id)
        return None
