"""A server's side of commands in memory, with faults on order: it stands in for the network, not for our code."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.commands.request import build
from app.errors import NotFound
from app.jobs.facts import Job, Target
from app.jobs.jobs import Jobs
from app.jobs.plan import Plan, seal
from app.records import CommandRequest, CommandStatus, Device
from app.store.fleet import Fleet
from app.store.store import Store


@dataclass
class Rows:
    """One page."""

    rows: list[Any]
    total: int | None


class Clock:
    """Time that runs 200 times as fast: a minute of waiting takes a third of a second."""

    SPEED = 200.0

    def __init__(self) -> None:
        self._start = time.monotonic()
        self.slept: list[float] = []

    def __call__(self) -> float:
        return 1_700_000_000.0 + (time.monotonic() - self._start) * self.SPEED

    @property
    def now(self) -> float:
        return self()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(seconds / self.SPEED)


@dataclass
class Server:
    """Takes requests and holds a state per device. `faults` are used up one per POST, before or after it is taken."""

    clock: Clock
    keeps_aliases: bool = True
    page_size: int = 50
    requests: list[CommandRequest] = field(default_factory=list)
    statuses: dict[str, CommandStatus] = field(default_factory=dict)
    before: list[Exception | None] = field(default_factory=list)
    after: list[Exception | None] = field(default_factory=list)
    every_read: Exception | None = None
    on_post: Callable[[], None] | None = None
    posts: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    cancels: list[str] = field(default_factory=list)
    hidden: bool = False
    counts_missing: bool = False

    async def send_command(self, body: Mapping[str, Any]) -> CommandRequest:
        self.posts += 1
        if self.on_post:
            self.on_post()
        await asyncio.sleep(0)
        if self.before and (fault := self.before.pop(0)):
            raise fault
        request = CommandRequest(
            id=f"r{len(self.requests)}",
            command=body["command"],
            alias=body["alias"] if self.keeps_aliases else "",
            devices=tuple(body["devices"]),
            args=dict(body["command_args"]),
            created_at=self.clock(),
        )
        self.requests.append(request)
        for n, device_id in enumerate(request.devices):
            status = CommandStatus(
                id=f"{request.id}-{n}",
                request_id=request.id,
                device_id=device_id,
                state="Command Queued",
                created_at=self.clock(),
                updated_at=self.clock(),
            )
            self.statuses[status.id] = status
        if self.after and (fault := self.after.pop(0)):
            raise fault
        return request

    async def command_requests(self, *, limit: int = 50) -> AsyncIterator[Rows]:
        newest_first = [] if self.hidden else self.requests[::-1]
        for start in range(0, max(len(newest_first), 1), self.page_size):
            self._read("command_requests")
            yield Rows(newest_first[start : start + self.page_size], len(newest_first))

    async def command_request(self, request_id: str) -> CommandRequest:
        self._read("command_request")
        for request in self.requests:
            if request.id == request_id:
                return request
        raise NotFound(404, "no such request")

    async def command_stats(self, request_id: str) -> dict[str, int]:
        self._read("command_stats")
        if self.counts_missing or all(request.id != request_id for request in self.requests):
            raise NotFound(404, "no such request")
        return dict(Counter(s.state for s in self.statuses.values() if s.request_id == request_id))

    async def command_statuses(
        self, *, request_id: str = "", device_id: str = "", state: str = "", limit: int = 500
    ) -> AsyncIterator[Rows]:
        self._read("command_statuses")
        rows = [s for s in self.statuses.values() if s.request_id == request_id]
        yield Rows(rows, len(rows))

    async def cancel_command(self, status_id: str, reason: str) -> CommandStatus:
        self._read("cancel_command")
        if status_id not in self.statuses:
            raise NotFound(404, "no such status")
        self.cancels.append(status_id)
        return self.put(status_id, "Command Cancelled", reason)

    def put(self, status_id: str, state: str, reason: str = "") -> CommandStatus:
        """Moves one device of one request."""
        old = self.statuses[status_id]
        new = CommandStatus(
            id=old.id,
            request_id=old.request_id,
            device_id=old.device_id,
            state=state,
            reason=reason,
            created_at=old.created_at,
            updated_at=self.clock(),
        )
        self.statuses[status_id] = new
        return new

    def finish(self, state: str = "Command Success") -> None:
        """Moves every device that is not at an end."""
        for status_id, status in list(self.statuses.items()):
            if status.state == "Command Queued":
                self.put(status_id, state)

    def owners(self) -> Counter[str]:
        """How many accepted requests hold each device."""
        return Counter(device_id for request in self.requests for device_id in request.devices)

    def _read(self, name: str) -> None:
        self.calls[name] += 1
        if self.every_read is not None:
            raise self.every_read


def ids(count: int) -> list[str]:
    """Device ids."""
    return [f"d{n:06}" for n in range(count)]


async def fleet_of(store: Store, count: int, **facts: Any) -> Fleet:
    """A fleet of so many devices, alike but for their ids."""
    await store.put_devices([Device(id=i, name=i, state=1, platform="ANDROID", **facts) for i in ids(count)], at=1.0)
    return store.fleet


def plan_for(count: int, now: float, command: str = "REBOOT", args: dict[str, Any] | None = None) -> Plan:
    """A sealed plan over a fleet the copy knows nothing of, which is enough to send it."""
    return seal(build(command, args or {}, ids(count)), Fleet(), now=now, tenant="acme")


async def open_jobs(path: Path, clock: Clock) -> Jobs:
    return await Jobs.open(path / "ledger.db", tenant="acme", clock=clock, sleep=clock.sleep)


async def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Waits for what the background brings about; fails when it does not come to that."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.001)


def job_of(jobs: Jobs, job_id: str) -> Job:
    job = jobs.job(job_id)
    assert job is not None
    return job


def by_state(targets: list[Target]) -> dict[str, int]:
    return dict(Counter(target.state for target in targets))


def run(
    tmp_path: Path, body: Callable[[Jobs, Server, Clock], Coroutine[Any, Any, None]], clock: Clock | None = None
) -> None:
    """`body` with opened jobs and a fresh server."""
    clock = clock or Clock()

    async def main() -> None:
        jobs = await open_jobs(tmp_path, clock)
        try:
            await body(jobs, Server(clock), clock)
        finally:
            await jobs.close()

    asyncio.run(main())


async def submit(
    jobs: Jobs, clock: Clock, count: int = 3, command: str = "REBOOT", args: dict[str, Any] | None = None
) -> Job:
    return await jobs.submit(plan_for(count, clock.now, command, args), {"d000000": "Till 1"})


def done(jobs: Jobs, job: Job) -> Callable[[], bool]:
    return lambda: job_of(jobs, job.id).phase == "done"
