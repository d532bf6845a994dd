"""One SQLite file, owned by one process and touched by one thread.

Invariant: whatever `run` does is one transaction: whole on disk, or as if it had never begun. A file that is damaged,
foreign or newer is never written to.
"""

import asyncio
import shutil
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import apsw

from app.errors import FleetError, StoreBusy, StoreDamaged, StoreError, StoreNewer

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

T = TypeVar("T")
U = TypeVar("U")

# Written into every file of ours, so that a foreign one is recognised ("EFLC").
APPLICATION_ID = 0x45464C43


class FileLock:
    """Exclusive ownership through the operating system: it ends with the process, however that dies."""

    def __init__(self, path: Path) -> None:
        """Takes the lock, or raises StoreBusy. The file stays on disk; only the lock on it counts."""
        try:
            self._file = path.open("a+b")
        except OSError as error:
            raise StoreError(f"cannot open {path}: {error.strerror}") from error
        try:
            if sys.platform == "win32":
                self._file.seek(0)
                msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise StoreBusy(f"{path.with_suffix('')} is open in another process") from error

    def release(self) -> None:
        self._file.close()


class Database:
    """The file at `path`. `run` is the only way in."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=f"database {path.name}")
        self._lock: FileLock | None = None
        self._connection: apsw.Connection | None = None
        self._closed = False

    @classmethod
    async def open(
        cls,
        path: Path,
        migrations: Sequence[str],
        *,
        key: bytes | None = None,
        durable: bool = False,
        read_only: bool = False,
        keep_backup: bool = False,
    ) -> "Database":
        """Opens or makes the file and brings it to version `len(migrations)`; migration n is an SQL script.

        `key` (32 random bytes) turns encryption on. `durable` syncs every commit to the disk, otherwise the last ones
        may be lost with the power, never torn. `read_only` takes no lock and changes nothing. `keep_backup` copies an
        older file to `<name>.v<version>.bak` before migrating it.

        Raises StoreBusy, StoreNewer, StoreDamaged (damaged, foreign, or another key), StoreError.
        """
        database = cls(path, read_only=read_only)

        def begin() -> None:
            try:
                database._begin(migrations, key, durable, keep_backup)
            except BaseException:
                database._end()
                raise

        opening = database._worker.submit(begin)
        try:
            await asyncio.wrap_future(opening)
        except BaseException:
            # A cancelled opener may have got the file after all. It is given back before anyone hears of it, so that
            # whoever opens the same file next finds it free.
            database._closed = True
            ending = database._worker.submit(database._end)
            database._worker.shutdown(wait=False)
            await asyncio.wrap_future(ending)
            raise
        return database

    async def run(self, work: Callable[[apsw.Connection], T]) -> T:
        """`work(connection)` on the worker thread, in one transaction. Exceptions roll it back and come out here.

        SQLite's own errors come out as StoreBusy, StoreDamaged or StoreError. When the caller is cancelled, work that
        has begun still ends with its commit.
        """
        return await asyncio.wrap_future(self._submit(lambda: self._transact(work)))

    async def run_and_apply(
        self, work: Callable[[apsw.Connection], T], settle: Callable[[T], U], apply: Callable[[U], None]
    ) -> U:
        """Like `run`, then `settle(result)` on the worker after the commit, then `apply` of that on the loop's thread.

        Once committed, `settle` and `apply` happen even when the caller was cancelled meanwhile, and `apply` calls come
        in the order of the commits: what is in memory follows what is on disk.
        """
        loop = asyncio.get_running_loop()
        job = self._submit(lambda: settle(self._transact(work)))

        def pass_on(done: "Future[U]") -> None:
            if not done.cancelled() and done.exception() is None and not loop.is_closed():
                loop.call_soon_threadsafe(apply, done.result())

        # Registered before the waiter, so that `apply` runs before the caller goes on.
        job.add_done_callback(pass_on)
        return await asyncio.wrap_future(job)

    async def close(self) -> None:
        """Waits for what was begun, folds the log into the file and gives up the lock. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        ending = self._worker.submit(self._end)
        self._worker.shutdown(wait=False)
        await asyncio.wrap_future(ending)

    def _submit(self, work: Callable[[], T]) -> "Future[T]":
        if self._closed:
            raise StoreError(f"{self.path.name} is closed")
        return self._worker.submit(work)

    def _transact(self, work: Callable[[apsw.Connection], T]) -> T:
        connection = self._connection
        if connection is None:
            raise StoreError(f"{self.path.name} is closed")
        try:
            connection.execute("BEGIN" if self.read_only else "BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except apsw.Error as error:
            raise _translate(error, self.path) from error
        return result

    def _begin(self, migrations: Sequence[str], key: bytes | None, durable: bool, keep_backup: bool) -> None:
        path = self.path
        if self.read_only:
            if not path.exists():
                raise StoreError(f"{path} does not exist yet")
        else:
            self._lock = FileLock(path.with_name(path.name + ".lock"))
        flags = apsw.SQLITE_OPEN_READONLY if self.read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        try:
            connection = self._connection = apsw.Connection(str(path), flags=flags)
            connection.set_busy_timeout(2000)
            if key is not None:
                connection.pragma("cipher", "aegis")
                connection.pragma("hexkey", key.hex())
            version = self._version(len(migrations))
            if not self.read_only:
                if version:
                    self._check()
                self._migrate(migrations, version, durable, keep_backup)
            elif version < len(migrations):
                raise StoreError(f"{path.name} is older than this program and has to be opened for writing once")
        except apsw.Error as error:
            raise _translate(error, path) from error
        except OSError as error:
            raise StoreError(f"{path.name}: {error.strerror}") from error

    def _version(self, newest: int) -> int:
        """The file's version, 0 for a new one. Raises for a file that is foreign or newer."""
        assert self._connection is not None
        version = int(self._connection.pragma("user_version") or 0)
        owner = self._connection.pragma("application_id")
        tables = self._connection.execute("SELECT count(*) FROM sqlite_schema").get
        if owner != APPLICATION_ID and (owner or version or tables):
            raise StoreDamaged(f"{self.path.name} is not a file of this program")
        if version > newest:
            raise StoreNewer(f"{self.path.name} has version {version}, this program knows {newest}")
        return version

    def _check(self) -> None:
        assert self._connection is not None
        found = self._connection.execute("PRAGMA quick_check(1)").get
        if found != "ok":
            raise StoreDamaged(f"{self.path.name}: {found}")

    def _migrate(self, migrations: Sequence[str], version: int, durable: bool, keep_backup: bool) -> None:
        assert self._connection is not None
        connection = self._connection
        if not version:
            # Fewer, larger pages: the rows of a fleet are read all at once or not at all. Only a new file takes it.
            connection.pragma("page_size", 8192)
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "FULL" if durable else "NORMAL")
        connection.pragma("fullfsync", durable)
        connection.pragma("foreign_keys", True)
        if keep_backup and 0 < version < len(migrations):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copy2(self.path, self.path.with_name(f"{self.path.name}.v{version}.bak"))
        for number in range(version, len(migrations)):

            def migrate(connection: apsw.Connection, number: int = number) -> None:
                connection.execute(migrations[number])
                connection.pragma("application_id", APPLICATION_ID)
                connection.pragma("user_version", number + 1)

            self._transact(migrate)

    def _end(self) -> None:
        try:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
        finally:
            if self._lock is not None:
                self._lock.release()
                self._lock = None


def _translate(error: apsw.Error, path: Path) -> FleetError:
    detail = f"{path.name}: {error}"
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return StoreDamaged(detail)
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return StoreBusy(detail)
    return StoreError(detail)
