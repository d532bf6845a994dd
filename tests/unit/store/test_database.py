"""One file, one owner, one thread: transactions, locks, versions, damage, keys, cancelled callers."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from app.errors import StoreBusy, StoreDamaged, StoreError, StoreNewer
from app.store.database import Database

ONE = ("CREATE TABLE note (text TEXT NOT NULL)",)
TWO = (*ONE, "ALTER TABLE note ADD COLUMN at REAL; UPDATE note SET at = 7")
KEY = bytes(range(32))


def add(text: str) -> Callable[[apsw.Connection], None]:
    def insert(connection: apsw.Connection) -> None:
        connection.execute("INSERT INTO note (text) VALUES (?)", (text,))

    return insert


def notes(connection: apsw.Connection) -> list[str]:
    return [text for (text,) in connection.execute("SELECT text FROM note ORDER BY rowid")]


def using(
    path: Path, work: Callable[[Database], Awaitable[Any]], migrations: tuple[str, ...] = ONE, **options: Any
) -> Any:
    async def run() -> Any:
        database = await Database.open(path, migrations, **options)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "copy.db"


def test_what_was_committed_is_there_at_the_next_opening(path: Path) -> None:
    using(path, lambda db: db.run(add("one")))
    assert using(path, lambda db: db.run(notes)) == ["one"]
    assert not path.with_name("copy.db-wal").exists()


def test_work_that_raises_leaves_nothing_behind(path: Path) -> None:
    def fail(connection: apsw.Connection) -> None:
        add("half")(connection)
        raise KeyError("stop")

    async def work(db: Database) -> list[str]:
        with pytest.raises(KeyError):
            await db.run(fail)
        await db.run(add("whole"))
        return await db.run(notes)

    assert using(path, work) == ["whole"]


def test_all_work_runs_on_one_thread_that_is_not_the_callers(path: Path) -> None:
    async def work(db: Database) -> set[int]:
        return {await db.run(lambda _: threading.get_ident()) for _ in range(5)}

    threads = using(path, work)
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_a_second_opener_is_told_that_the_file_is_taken(path: Path) -> None:
    async def work(db: Database) -> None:
        with pytest.raises(StoreBusy):
            await Database.open(path, ONE)
        script = (
            "import asyncio, sys; from pathlib import Path; from app.store.database import Database\n"
            "try: asyncio.run(Database.open(Path(sys.argv[1]), ()))\n"
            "except Exception as e: print(type(e).__name__)"
        )
        command = [sys.executable, "-c", script, str(path)]
        done = await asyncio.to_thread(subprocess.check_output, command, text=True)
        assert done.strip() == "StoreBusy"

    using(path, work)
    using(path, lambda db: db.run(notes))


def test_a_reader_looks_on_while_another_process_owns_the_file(path: Path) -> None:
    async def work(db: Database) -> None:
        await db.run(add("one"))
        reader = await Database.open(path, ONE, read_only=True)
        assert await reader.run(notes) == ["one"]
        with pytest.raises(StoreError):
            await reader.run(add("two"))
        await reader.close()

    using(path, work)


def test_a_reader_makes_no_file_and_migrates_none(path: Path) -> None:
    with pytest.raises(StoreError):
        using(path, lambda db: db.run(notes), read_only=True)
    assert not path.exists()
    using(path, lambda db: db.run(add("one")))
    with pytest.raises(StoreError):
        using(path, lambda db: db.run(notes), TWO, read_only=True)


def test_a_newer_file_is_refused_and_left_as_it_is(path: Path) -> None:
    using(path, lambda db: db.run(add("one")), TWO)
    before = path.read_bytes()
    with pytest.raises(StoreNewer):
        using(path, lambda db: db.run(notes), ONE)
    assert path.read_bytes() == before


def test_an_older_file_is_brought_up_to_date_and_kept_beside(path: Path) -> None:
    using(path, lambda db: db.run(add("one")))
    rows = using(path, lambda db: db.run(lambda c: list(c.execute("SELECT text, at FROM note"))), TWO, keep_backup=True)
    assert rows == [("one", 7.0)]
    backup = path.with_name("copy.db.v1.bak")
    assert using(backup, lambda db: db.run(notes)) == ["one"]


def test_a_migration_that_fails_leaves_the_older_version(path: Path) -> None:
    using(path, lambda db: db.run(add("one")))
    with pytest.raises(StoreError):
        using(path, lambda db: db.run(notes), (*ONE, "CREATE TABLE more (x); SELECT nothing FROM nowhere"))
    assert using(path, lambda db: db.run(notes)) == ["one"]


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_file_that_is_no_database_is_called_damaged_and_left_as_it_is(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        using(path, lambda db: db.run(notes))
    assert path.read_bytes() == content


def test_a_torn_page_is_noticed_at_opening(path: Path) -> None:
    async def fill(db: Database) -> None:
        await db.run(lambda c: c.executemany("INSERT INTO note VALUES (?)", [("x" * 500,)] * 400) and None)

    using(path, fill)
    content = bytearray(path.read_bytes())
    content[40_000:60_000] = bytes(20_000)
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        using(path, lambda db: db.run(notes))


def test_a_database_of_another_program_is_not_touched(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreDamaged):
        using(path, lambda db: db.run(notes))
    assert path.read_bytes() == before


def test_with_a_key_nothing_readable_reaches_the_disk(path: Path) -> None:
    async def work(db: Database) -> None:
        await db.run(add("a device name"))
        for file in path.parent.iterdir():
            assert b"device name" not in file.read_bytes()

    using(path, work, key=KEY)
    assert b"device name" not in path.read_bytes()
    assert using(path, lambda db: db.run(notes), key=KEY) == ["a device name"]


@pytest.mark.parametrize("key", [None, bytes(32)])
def test_another_key_or_none_reads_as_damaged(path: Path, key: bytes | None) -> None:
    using(path, lambda db: db.run(add("one")), key=KEY)
    with pytest.raises(StoreDamaged):
        using(path, lambda db: db.run(notes), key=key)


def test_what_was_committed_is_applied_even_when_the_caller_has_gone(path: Path) -> None:
    applied: list[str] = []

    async def work(db: Database) -> None:
        begun, go_on = threading.Event(), threading.Event()

        def slow(connection: apsw.Connection) -> str:
            begun.set()
            go_on.wait(10)
            add("late")(connection)
            return "late"

        async def ask() -> None:
            await db.run_and_apply(slow, str.upper, applied.append)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await ask()
        assert begun.is_set()
        go_on.set()
        assert await db.run(notes) == ["late"]
        assert applied == ["LATE"]

    using(path, work)


def test_work_is_applied_before_its_caller_goes_on_and_in_the_order_of_commits(path: Path) -> None:
    seen: list[int] = []

    async def work(db: Database) -> None:
        async def one(n: int) -> None:
            await db.run_and_apply(add(str(n)), lambda _: n, seen.append)
            assert n in seen

        await asyncio.gather(*(one(n) for n in range(20)))
        assert [str(n) for n in seen] == await db.run(notes)

    using(path, work)


def test_after_closing_nothing_runs_and_closing_again_is_harmless(path: Path) -> None:
    async def run() -> None:
        database = await Database.open(path, ONE)
        await database.close()
        await database.close()
        with pytest.raises(StoreError):
            await database.run(notes)

    asyncio.run(run())


def test_a_place_that_does_not_exist_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        using(tmp_path / "nowhere" / "copy.db", lambda db: db.run(notes))


def test_durable_means_synced_at_every_commit(path: Path) -> None:
    assert using(path, lambda db: db.run(lambda c: c.pragma("synchronous")), durable=True) == 2
    assert using(path, lambda db: db.run(lambda c: c.pragma("synchronous"))) == 1


def test_an_opener_that_is_cancelled_gives_the_file_back_before_anyone_hears_of_it(path: Path) -> None:
    async def main() -> None:
        for _ in range(20):
            opening = asyncio.ensure_future(Database.open(path, ONE))
            await asyncio.sleep(0)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
            database = await Database.open(path, ONE)
            await database.close()

    asyncio.run(main())
