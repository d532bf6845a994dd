"""The room's door: submit a sealed plan, see every job, resume, cancel; what runs in the background runs from here.

Invariant: after a restart nothing is sent unless the user resumes it; lost answers are looked up, never repeated.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from app.commands import catalogue
from app.commands.request import batches
from app.errors import InputError, Problem, StoreError
from app.jobs.book import Book, Entry
from app.jobs.dispatch import Dispatch
from app.jobs.facts import Job, RequestState, Sending, Target
from app.jobs.ledger import JobRow, Ledger
from app.jobs.plan import Plan, verify
from app.jobs.recall import Recall
from app.jobs.reconcile import ALIAS
from app.jobs.tracker import Tracker
from app.jobs.wire import Clock, CommandClient, Sleep
from app.observer import Signal
from app.records import Change
from app.redact import HIDDEN, redact_value
from app.states import Schedule, TargetState
from app.tasks import Tasks

# Targets of finished jobs that are read at the start; those of older jobs are read when asked for.
MOST_TARGETS = 20_000


class Jobs:
    """Every job of one tenant, on its ledger. All methods are for the event loop's thread."""

    def __init__(self, book: Book, ledger: Ledger, tenant: str, clock: Clock, sleep: Sleep) -> None:
        self.changed: Signal[Change] = book.changed
        self._book = book
        self._ledger = ledger
        self._tenant = tenant
        self._clock = clock
        self._sleep = sleep
        self._client: CommandClient | None = None
        self._tasks = Tasks("jobs")
        self._lanes: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._disconnect = book.changed.connect(self._on_changed)

    @classmethod
    async def open(cls, path: Path, *, tenant: str, clock: Clock, sleep: Sleep = asyncio.sleep) -> "Jobs":
        """Opens the ledger at `path` of the tenant with that key. What was half sent is unknown, what was not is paused.

        Raises StoreBusy, StoreNewer, StoreDamaged, StoreError; a ledger is never set aside.
        """
        ledger = await Ledger.open(path)
        book = Book(ledger, clock)
        try:
            await book.open(most_targets=MOST_TARGETS)
        except BaseException:
            await ledger.close()
            raise
        return cls(book, ledger, tenant, clock, sleep)

    async def close(self) -> None:
        """Stops all work; a request that is on its way becomes unknown and is looked up the next time."""
        self._disconnect()
        self._client = None
        await self._tasks.close()
        await self._ledger.close()

    def all(self) -> list[Job]:
        """All jobs, newest first."""
        return [entry.fact() for entry in reversed(self._book.entries.values())]

    def job(self, job_id: str) -> Job | None:
        entry = self._book.entries.get(job_id)
        return entry.fact() if entry is not None else None

    def targets(self, job_id: str) -> list[Target]:
        """The devices of a job in the order of the plan. Those of an old job are read first: empty, then `changed`."""
        entry = self._book.entries.get(job_id)
        if entry is None:
            return []
        if not entry.loaded:
            self._start("load", entry, lambda: self._load(entry))
        return list(entry.targets.values())

    def connect(self, client: CommandClient | None) -> None:
        """From now on `client` is used; None means offline. What ran with the one before is stopped first."""
        for (lane, _), task in self._lanes.items():
            if lane != "load":
                task.cancel()
        self._client = client
        for entry in self._book.entries.values():
            entry.hopeless.clear()
            entry.denied = False
            self._wake(entry)

    async def submit(self, plan: Plan, names: Mapping[str, str]) -> Job:
        """Writes the job down, then sends in the background. `names` are device names by id, for the list.

        Returns when the job is on disk. Raises InputError for a plan that expired, was altered, was made for another
        tenant or asks for what can't be sent; StoreError when the disk says no: then nothing is sent.
        """
        if plan.tenant != self._tenant:
            raise InputError([Problem("plan", "The plan was made for another tenant. Nothing was sent.")])
        # A plan may hold 100,000 devices: what goes through all of them is done beside the loop.
        await asyncio.to_thread(verify, plan, now=self._clock())
        request = plan.request
        problems = catalogue.check(request.command, request.args)
        if request.schedule is not Schedule.IMMEDIATE:
            problems.append(Problem("schedule", "Only immediate commands can be sent."))
        if problems:
            raise InputError(problems)
        entry = await asyncio.to_thread(_entry_of, plan, names, self._clock())
        await self._book.enter(entry)
        return entry.fact()

    async def resume(self, job_id: str) -> None:
        """Sends what a paused job still has to send. Raises InputError where that can't be done."""
        entry = self._entry(job_id)
        waiting = entry.having(RequestState.WAITING)
        if waiting and entry.args is None:
            message = "The secret values of this command were not kept on disk. Send it as a new job."
            raise InputError([Problem("", message)])
        entry.denied = False
        entry.hopeless.clear()
        await self._book.unpause(entry)

    async def cancel(self, job_id: str) -> None:
        """Nothing more of the job is sent; what the server has queued is taken back in the background."""
        entry = self._entry(job_id)
        if entry.done:
            return
        entry.recall = True
        entry.recalled.clear()
        await self._book.cancel(entry)
        await self._book.withdraw(entry)

    def _entry(self, job_id: str) -> Entry:
        entry = self._book.entries.get(job_id)
        if entry is None:
            raise InputError([Problem("job", "There is no such job.")])
        return entry

    def _on_changed(self, change: Change) -> None:
        for job_id in change.ids:
            self._wake(self._book.entries[job_id])

    def _wake(self, entry: Entry) -> None:
        """Starts whatever the job needs and does not have: at most one task of each sort."""
        client = self._client
        if client is None or entry.done or not entry.loaded or entry.denied:
            return
        dispatch = Dispatch(self._book, entry, client, self._clock, self._sleep)
        tracker = Tracker(self._book, entry, client, self._clock, self._sleep)
        recall = Recall(self._book, entry, client)
        if dispatch.pending():
            self._start("send", entry, dispatch.run)
        if entry.followed():
            self._start("follow", entry, tracker.run)
        if recall.pending():
            self._start("recall", entry, recall.run)

    def _start(self, lane: str, entry: Entry, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        before = self._lanes.get((lane, entry.id))
        if before is not None and not before.done() and not before.cancelling():
            return
        task = self._tasks.start(self._guard(before, entry, work), f"{lane} {entry.id}")
        self._lanes[lane, entry.id] = task
        task.add_done_callback(lambda done: self._ended(lane, entry, done))

    async def _guard(
        self, before: asyncio.Task[None] | None, entry: Entry, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        if before is not None and not before.done():
            await asyncio.wait([before])
        try:
            await work()
        except StoreError as error:
            self._book.stop(entry, f"The ledger can't be written: {error}")
            raise

    def _ended(self, lane: str, entry: Entry, task: asyncio.Task[None]) -> None:
        if self._lanes.get((lane, entry.id)) is task:
            del self._lanes[lane, entry.id]
            if not task.cancelled() and task.exception() is None:
                # Something may have been asked for while the last step of this task was being written down.
                self._wake(entry)

    async def _load(self, entry: Entry) -> None:
        await self._book.load(entry)
        self.changed.emit(Change(kind="jobs", ids=frozenset({entry.id})))


def _entry_of(plan: Plan, names: Mapping[str, str], now: float) -> Entry:
    request = plan.request
    command = catalogue.COMMANDS[request.command]
    shown = {k: HIDDEN if k in command.secret_names else redact_value(v, k) for k, v in request.args.items()}
    job_id = uuid4().hex
    sendings = [
        Sending(job_id=job_id, seq=seq, alias=ALIAS + uuid4().hex, devices=devices)
        for seq, devices in enumerate(batches(request.devices))
    ]
    targets = {
        device_id: Target(
            device_id=device_id, name=names.get(device_id, ""), state=TargetState.NOT_SENT.value, since=now
        )
        for device_id in request.devices
    }
    total = len(request.devices)
    whom = f"{total:,} devices" if total > 1 else names.get(request.devices[0]) or "1 device"
    row = JobRow(
        id=job_id,
        title=f"{command.title}: {whom}",
        command=request.command,
        args=shown,
        withheld=shown != request.args,
        tenant=plan.tenant,
        digest=plan.digest,
        note=plan.note,
        created_at=now,
        total=total,
    )
    return Entry(row, sendings, targets, dict(request.args))
