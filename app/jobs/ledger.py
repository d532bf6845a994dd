"""The ledger on disk: every job, request and target, synced before anything is sent.

Invariant: the file is precious: it is never set aside, is copied before a migration, and holds no secret argument.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import apsw
import msgspec

from app.errors import StoreError
from app.jobs.facts import RequestState, Sending, Target
from app.store.database import Database
from app.tasks import Tasks

# Numbered, never edited after a release.
MIGRATIONS = (
    """
    CREATE TABLE job (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, command TEXT NOT NULL, args BLOB NOT NULL, withheld INTEGER NOT NULL,
        tenant TEXT NOT NULL, digest TEXT NOT NULL, note TEXT NOT NULL, created_at REAL NOT NULL, total INTEGER NOT NULL,
        paused INTEGER NOT NULL, cancelled INTEGER NOT NULL, error TEXT NOT NULL, finished_at REAL, counts BLOB NOT NULL
    );
    CREATE TABLE request (
        job_id TEXT NOT NULL REFERENCES job (id), seq INTEGER NOT NULL, alias TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
        server_id TEXT NOT NULL, sent_at REAL, reason TEXT NOT NULL, PRIMARY KEY (job_id, seq)
    ) WITHOUT ROWID;
    CREATE TABLE target (
        job_id TEXT NOT NULL, seq INTEGER NOT NULL, place INTEGER NOT NULL, device_id TEXT NOT NULL, name TEXT NOT NULL,
        state TEXT NOT NULL, reason TEXT NOT NULL, since REAL, status_id TEXT NOT NULL, updated_at REAL,
        PRIMARY KEY (job_id, seq, place), FOREIGN KEY (job_id, seq) REFERENCES request (job_id, seq)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX one_target_per_device ON target (job_id, device_id);
    """,
)


class JobRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the table `job` holds. `withheld`: some argument is secret and stands here as dots only."""

    id: str
    title: str
    command: str
    args: dict[str, Any]
    withheld: bool
    tenant: str
    digest: str
    note: str
    created_at: float
    total: int
    paused: bool = False
    cancelled: bool = False
    error: str = ""
    finished_at: float | None = None
    counts: dict[str, int] = {}


class Ledger:
    """Reads and writes whole facts. Every write is one durable transaction; writes take place in the order of the calls."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tasks = Tasks("ledger")
        self._last: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(cls, path: Path) -> "Ledger":
        """Opens or makes the file. Raises StoreBusy, StoreNewer, StoreDamaged, StoreError."""
        return cls(await Database.open(path, MIGRATIONS, durable=True, keep_backup=True))

    async def close(self) -> None:
        """Waits for the last write. Safe to call twice."""
        self._closed = True
        if self._last is not None:
            await asyncio.wait([self._last])
        await self._tasks.close()
        await self._database.close()

    async def interrupted(self) -> None:
        """Whatever was being sent when the program ended is unknown from now on."""

        def work(connection: apsw.Connection) -> None:
            connection.execute("UPDATE request SET state = 'unknown' WHERE state = 'sending'")
            connection.execute("UPDATE target SET state = 'unknown' WHERE state = 'sending'")

        await self._write(work)

    async def jobs(self) -> list[tuple[JobRow, list[Sending]]]:
        """All jobs, oldest first, with their requests; the requests name no devices here."""

        def work(connection: apsw.Connection) -> list[tuple[JobRow, list[Sending]]]:
            sendings: dict[str, list[Sending]] = {}
            query = "SELECT job_id, seq, alias, state, server_id, sent_at, reason FROM request ORDER BY job_id, seq"
            for job_id, seq, alias, state, server_id, sent_at, reason in connection.execute(query):
                sending = Sending(
                    job_id=job_id,
                    seq=seq,
                    alias=alias,
                    devices=(),
                    state=RequestState(state),
                    server_id=server_id,
                    sent_at=sent_at,
                    reason=reason,
                )
                sendings.setdefault(job_id, []).append(sending)
            rows = connection.execute(f"SELECT {', '.join(_JOB)} FROM job ORDER BY created_at, rowid")  # noqa: S608
            return [(_job_row(row), sendings.get(row[0], [])) for row in rows]

        return await self._database.run(work)

    async def targets(self, job_id: str) -> list[tuple[int, Target]]:
        """The targets of a job with the number of their request, in the order of the plan."""

        def work(connection: apsw.Connection) -> list[tuple[int, Target]]:
            query = (
                "SELECT seq, device_id, name, state, reason, since, status_id, updated_at FROM target "
                "WHERE job_id = ? ORDER BY seq, place"
            )
            return [
                (
                    seq,
                    Target(
                        device_id=device_id,
                        name=name,
                        state=state,
                        reason=reason,
                        since=since,
                        status_id=status_id,
                        updated_at=updated_at,
                    ),
                )
                for seq, device_id, name, state, reason, since, status_id, updated_at in connection.execute(
                    query, (job_id,)
                )
            ]

        return await self._database.run(work)

    async def add(self, job: JobRow, sendings: Sequence[Sending], targets: dict[str, Target]) -> None:
        """A new job, whole."""

        def work(connection: apsw.Connection) -> None:
            _put_job(connection, job)
            _put_sendings(connection, sendings)
            rows = (
                (
                    job.id,
                    s.seq,
                    place,
                    t.device_id,
                    t.name,
                    t.state,
                    t.reason,
                    t.since,
                    t.status_id,
                    t.updated_at,
                )
                for s in sendings
                for place, t in enumerate(targets[device_id] for device_id in s.devices)
            )
            connection.executemany("INSERT INTO target VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

        await self._write(work)

    async def save(self, job: JobRow, sendings: Sequence[Sending], targets: Sequence[Target]) -> None:
        """The job's present facts and whichever of its requests and targets changed."""

        def work(connection: apsw.Connection) -> None:
            _put_job(connection, job)
            _put_sendings(connection, sendings)
            connection.executemany(
                "UPDATE target SET state = ?, reason = ?, since = ?, status_id = ?, updated_at = ? "
                "WHERE job_id = ? AND device_id = ?",
                ((t.state, t.reason, t.since, t.status_id, t.updated_at, job.id, t.device_id) for t in targets),
            )

        await self._write(work)

    async def _write(self, work: Callable[[apsw.Connection], None]) -> None:
        if self._closed:
            raise StoreError("the ledger is closed")
        # A caller that is cancelled must not take its write along: what is in memory has to reach the disk.
        self._last = self._tasks.start(self._database.run(work), "write")
        await asyncio.shield(self._last)


_JOB = JobRow.__struct_fields__
_STORED_AS_JSON = frozenset({"args", "counts"})


def _job_row(row: Sequence[Any]) -> JobRow:
    facts = dict(zip(_JOB, row, strict=True))
    for name in _STORED_AS_JSON:
        facts[name] = msgspec.json.decode(facts[name])
    for name in ("withheld", "paused", "cancelled"):
        facts[name] = bool(facts[name])
    return JobRow(**facts)


def _put_job(connection: apsw.Connection, job: JobRow) -> None:
    values = [msgspec.json.encode(v) if k in _STORED_AS_JSON else v for k, v in msgspec.structs.asdict(job).items()]
    update = ", ".join(
        f"{name} = excluded.{name}" for name in ("paused", "cancelled", "error", "finished_at", "counts")
    )
    connection.execute(
        f"INSERT INTO job ({', '.join(_JOB)}) VALUES ({', '.join('?' * len(_JOB))}) "  # noqa: S608
        f"ON CONFLICT (id) DO UPDATE SET {update}",
        values,
    )


def _put_sendings(connection: apsw.Connection, sendings: Sequence[Sending]) -> None:
    connection.executemany(
        "INSERT INTO request (job_id, seq, alias, state, server_id, sent_at, reason) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (job_id, seq) DO UPDATE SET state = excluded.state, server_id = excluded.server_id, "
        "sent_at = excluded.sent_at, reason = excluded.reason",
        ((s.job_id, s.seq, s.alias, str(s.state), s.server_id, s.sent_at, s.reason) for s in sendings),
    )
