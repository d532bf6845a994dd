"""The jobs in memory, in step with the ledger: each transition of a request or a target is one call here.

Invariant: memory moves first and at once, the ledger follows in the same order; `enter` and `begin` return only when
the disk has it, so nothing goes out that is not written down.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from app.jobs.facts import Job, RequestState, Sending, Target
from app.jobs.ledger import JobRow, Ledger
from app.jobs.machine import is_final, merge, phase_of
from app.jobs.wire import Clock
from app.observer import Signal
from app.records import Change, CommandStatus
from app.redact import redact
from app.states import TargetState

NO_KEY = "The server does not accept the key"
NO_RECORD = "the server has no record of it"
RECALLED = "cancelled before sending"
FORGOTTEN = "the server has no record of this request any more"


@dataclass(slots=True)
class Entry:
    """One job. `args` are what is sent, None where secrets were not kept. `recall` asks to
    cancel what is queued, `recalled` are the requests where that was tried, `hopeless` the lost ones of which the server's
    list tells nothing. `denied`: the server did not accept the key, so nothing is tried until somebody acts."""

    row: JobRow
    sendings: list[Sending]
    targets: dict[str, Target]
    args: dict[str, Any] | None
    counts: Counter[str] = field(default_factory=Counter)
    loaded: bool = True
    recall: bool = False
    recalled: set[int] = field(default_factory=set)
    hopeless: set[int] = field(default_factory=set)
    denied: bool = False
    _ended: set[int] = field(default_factory=set)

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def done(self) -> bool:
        return self.row.finished_at is not None

    def having(self, state: RequestState) -> list[Sending]:
        """Its requests in that state, in order."""
        return [sending for sending in self.sendings if sending.state is state]

    def lost(self) -> list[Sending]:
        """Requests whose outcome is not known and can still be found out."""
        return [sending for sending in self.having(RequestState.UNKNOWN) if sending.seq not in self.hopeless]

    def followed(self) -> list[Sending]:
        """Accepted requests that still have a device without a final state."""
        still = []
        for sending in self.having(RequestState.ACCEPTED):
            if sending.seq in self._ended:
                continue
            if all(is_final(self.targets[device_id].state) for device_id in sending.devices):
                self._ended.add(sending.seq)
            else:
                still.append(sending)
        return still

    def fact(self) -> Job:
        """The job as others see it."""
        row = self.row
        return Job(
            id=row.id,
            title=row.title,
            command=row.command,
            args=row.args,
            created_at=row.created_at,
            total=row.total,
            counts={state: number for state, number in self.counts.items() if number},
            phase=phase_of(self.sendings, self.counts, paused=row.paused),
            finished_at=row.finished_at,
            error=row.error,
            requests=len(self.sendings),
            accepted=len(self.having(RequestState.ACCEPTED)) + len(self.having(RequestState.FORGOTTEN)),
        )


class Book:
    """All jobs of one tenant. `changed` names the jobs that moved."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self.changed: Signal[Change] = Signal()
        self.entries: dict[str, Entry] = {}
        self._ledger = ledger
        self._clock = clock

    async def open(self, *, most_targets: int) -> None:
        """Reads the ledger; the targets of long finished jobs, beyond `most_targets`, stay on disk until asked for."""
        await self._ledger.interrupted()
        found = await self._ledger.jobs()
        room = most_targets
        for row, sendings in reversed(found):
            args = None if row.withheld else row.args
            # What the user wanted back before the restart is still wanted back.
            entry = Entry(row, sendings, {}, args, Counter(row.counts), loaded=False, recall=row.cancelled)
            if not entry.done or row.total <= room:
                room -= row.total
                await self.load(entry)
            self.entries[row.id] = entry
        self.entries = dict(reversed(self.entries.items()))
        for entry in self.entries.values():
            waiting = len(entry.having(RequestState.WAITING))
            if entry.row.cancelled:
                await self.withdraw(entry)
            elif waiting and not entry.row.paused:
                await self.pause(entry, f"Interrupted: {waiting} of {len(entry.sendings)} requests were not sent.")

    async def load(self, entry: Entry) -> None:
        """Brings the targets of a job into memory."""
        devices: dict[int, list[str]] = {}
        targets: dict[str, Target] = {}
        for seq, target in await self._ledger.targets(entry.id):
            devices.setdefault(seq, []).append(target.device_id)
            targets[target.device_id] = target
        entry.targets = targets
        entry.sendings = [replace(s, devices=tuple(devices.get(s.seq, ()))) for s in entry.sendings]
        entry.counts = Counter(target.state for target in targets.values())
        entry.loaded = True

    async def enter(self, entry: Entry) -> None:
        """A new job: on disk first, then in memory."""
        entry.counts = Counter(target.state for target in entry.targets.values())
        entry.row = replace(entry.row, counts=dict(entry.counts))
        await self._ledger.add(entry.row, entry.sendings, entry.targets)
        self.entries[entry.id] = entry
        self._announce(entry)

    async def begin(self, entry: Entry, seq: int) -> Sending:
        """Marks a request as being sent. Only after this returns may it go out."""
        return await self._move(entry, seq, RequestState.SENDING, TargetState.SENDING, sent_at=self._clock())

    async def put_back(self, entry: Entry, seq: int, reason: str = "", *, pause: str = "") -> Sending:
        """The server certainly does not have it: it waits again, for the user where `pause` says why."""
        if pause:
            # In one step, so that nobody resumes the job between the two.
            entry.row = replace(entry.row, paused=True, error=redact(pause))
        return await self._move(entry, seq, RequestState.WAITING, TargetState.NOT_SENT, reason)

    async def accept(self, entry: Entry, seq: int, server_id: str) -> Sending:
        """The server took it."""
        return await self._move(entry, seq, RequestState.ACCEPTED, TargetState.SUBMITTED, server_id=server_id)

    async def refuse(self, entry: Entry, seq: int, reason: str) -> Sending:
        """The server said no to it."""
        return await self._move(entry, seq, RequestState.REFUSED, TargetState.REFUSED, reason)

    async def lose(self, entry: Entry, seq: int, reason: str) -> Sending:
        """It may have arrived or not."""
        return await self._move(entry, seq, RequestState.UNKNOWN, TargetState.UNKNOWN, reason)

    async def forget(self, entry: Entry, seq: int) -> None:
        """The server took it once and knows nothing of it any more: what is not at an end stays unknown for good."""
        sending = replace(entry.sendings[seq], state=RequestState.FORGOTTEN, reason=FORGOTTEN)
        now = self._clock()
        targets = [
            replace(target, state=TargetState.UNKNOWN.value, reason=FORGOTTEN, since=now)
            for target in (entry.targets[device_id] for device_id in sending.devices)
            if not is_final(target.state)
        ]
        # A job that still waits for the user keeps the sentence that says why.
        if not entry.row.paused:
            entry.row = replace(entry.row, error=f"Following ended: {FORGOTTEN}.")
        await self._apply(entry, [sending], targets)

    async def withdraw(self, entry: Entry) -> None:
        """What was not sent so far will never be sent."""
        waiting = [replace(s, state=RequestState.CANCELLED) for s in entry.having(RequestState.WAITING)]
        now = self._clock()
        targets = [
            replace(entry.targets[device_id], state=TargetState.CANCELLED.value, reason=s.reason or RECALLED, since=now)
            for s in waiting
            for device_id in s.devices
        ]
        if waiting:
            await self._apply(entry, waiting, targets)

    async def hear(self, entry: Entry, news: Iterable[CommandStatus]) -> int:
        """Merges what the server says about devices of the job; the number of targets that changed."""
        changed = []
        for status in news:
            before = entry.targets.get(status.device_id)
            after = merge(before, status, at=self._clock()) if before is not None else before
            if after is not None and after is not before:
                changed.append(after)
        if changed:
            await self._apply(entry, [], changed)
        return len(changed)

    async def pause(self, entry: Entry, error: str) -> None:
        """Stops the sending until the user resumes it; `error` says why."""
        entry.row = replace(entry.row, paused=True, error=redact(error))
        await self._apply(entry, [], [])

    async def unpause(self, entry: Entry) -> None:
        entry.row = replace(entry.row, paused=False, error="")
        await self._apply(entry, [], [])

    async def cancel(self, entry: Entry) -> None:
        """The user wants no more of it: what still turns out to be unsent will not be sent."""
        entry.row = replace(entry.row, cancelled=True, paused=False, error="")
        await self._apply(entry, [], [])

    def stop(self, entry: Entry, error: str) -> None:
        """Pauses a job in memory only, where the ledger can't be written."""
        entry.row = replace(entry.row, paused=True, error=redact(error))
        self._announce(entry)

    async def note(self, entry: Entry, error: str) -> None:
        """Says (or, with an empty text, no longer says) what is wrong with the following of a job."""
        if entry.row.error != error:
            entry.row = replace(entry.row, error=redact(error))
            await self._apply(entry, [], [])

    async def _move(
        self,
        entry: Entry,
        seq: int,
        state: RequestState,
        target_state: TargetState,
        reason: str = "",
        *,
        sent_at: float | None = None,
        server_id: str = "",
    ) -> Sending:
        reason = redact(reason)
        before = entry.sendings[seq]
        sending = replace(
            before,
            state=state,
            reason=reason,
            sent_at=sent_at if sent_at is not None else before.sent_at,
            server_id=server_id or before.server_id,
        )
        now = self._clock()
        targets = [
            replace(entry.targets[device_id], state=str(target_state), reason=reason, since=now)
            for device_id in sending.devices
        ]
        await self._apply(entry, [sending], targets)
        return sending

    async def _apply(self, entry: Entry, sendings: Sequence[Sending], targets: Sequence[Target]) -> None:
        for sending in sendings:
            entry.sendings[sending.seq] = sending
        for target in targets:
            entry.counts[entry.targets[target.device_id].state] -= 1
            entry.counts[target.state] += 1
            entry.targets[target.device_id] = target
        done = phase_of(entry.sendings, entry.counts, paused=entry.row.paused) == "done"
        finished_at = (entry.row.finished_at or self._clock()) if done else None
        entry.row = replace(entry.row, counts=dict(+entry.counts), finished_at=finished_at)
        self._announce(entry)
        await self._ledger.save(entry.row, sendings, targets)

    def _announce(self, entry: Entry) -> None:
        self.changed.emit(Change(kind="jobs", ids=frozenset({entry.id})))
