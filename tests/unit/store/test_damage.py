"""The copy when things go wrong: killed processes, second openers, newer and damaged files."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.errors import StoreBusy, StoreDamaged, StoreError, StoreNewer
from app.records import Device
from app.store.database import Database
from app.store.schema import MIGRATIONS
from app.store.store import Store

from .samples import DEVICES, NOW, names, random_device, with_store

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "copy.db"


def run(path: Path, work: Any) -> Any:
    return asyncio.run(with_store(path, work))


_CHILD = """
import asyncio, sys, time
from pathlib import Path
from app.records import Device
from app.store.store import Store

async def main():
    store = await Store.open(Path(sys.argv[1]))
    sweep = await store.begin_sweep()
    for page in range(10_000):
        devices = [Device(id=f"{n:06d}", name=f"second {n}") for n in range(page * 50, page * 50 + 50)]
        await store.put_devices(devices, at=2.0, sweep=sweep)
        print(page, flush=True)

asyncio.run(main())
"""


def test_a_process_killed_in_mid_sweep_leaves_whole_pages_and_no_full_sync(path: Path) -> None:
    async def fill(store: Store) -> None:
        sweep = await store.begin_sweep()
        await store.put_devices([Device(id=f"{n:06d}", name=f"first {n}") for n in range(1000)], at=1.0, sweep=sweep)
        await store.finish_sweep(sweep, complete=True, at=1.0)

    run(path, fill)
    child = subprocess.Popen([sys.executable, "-c", _CHILD, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout is not None
    pages = 0
    for line in child.stdout:
        pages = int(line) + 1
        if pages == 7:
            child.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    child.wait(10)
    child.stdout.close()

    async def look(store: Store) -> None:
        assert store.meta["full_sync_at"] == 1.0
        assert store.meta["fetched_at"] == 2.0
        assert store.fleet.live_count == store.fleet.rows >= 1000
        second = {store.fleet.row(i) for i in (f"{n:06d}" for n in range(pages * 50))}
        for row in range(store.fleet.rows):
            name = str(store.fleet.value("name", row))
            number = int(store.fleet.id(row))
            # What was said to be stored is stored, and of a page there is all or nothing.
            assert name == f"second {number}" if row in second else name.endswith(f" {number}")
            first_of_page = store.fleet.row(f"{number - number % 50:06d}")
            assert first_of_page is not None
            assert str(store.fleet.value("name", first_of_page)).split()[0] == name.split()[0]

    run(path, look)


def test_a_second_opener_a_newer_file_and_a_damaged_one_are_told_apart(path: Path) -> None:
    async def twice(store: Store) -> None:
        await store.put_devices(DEVICES, at=NOW)
        with pytest.raises(StoreBusy):
            await Store.open(path)
        reader = await Store.open(path, read_only=True)
        assert names(reader.fleet, reader.fleet.select(group_id="elsewhere")) == ["dddd-4"]
        with pytest.raises(StoreError):
            await reader.put_devices([Device(id="x")], at=NOW)
        assert reader.fleet.rows == 4
        await reader.close()

    async def newer() -> None:
        database = await Database.open(path, (*MIGRATIONS, "CREATE TABLE later (x)"))
        await database.close()
        with pytest.raises(StoreNewer):
            await Store.open(path)

    run(path, twice)
    asyncio.run(newer())
    path.write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreDamaged):
        asyncio.run(Store.open(path))


def test_rows_with_holes_or_doubles_are_called_damaged(path: Path) -> None:
    async def spoil(statement: str) -> None:
        database = await Database.open(path, MIGRATIONS)
        await database.run(lambda c: c.execute(statement) and None)
        await database.close()

    run(path, lambda store: store.put_devices(DEVICES, at=NOW))
    asyncio.run(spoil("UPDATE device SET row = 9 WHERE row = 3"))
    with pytest.raises(StoreDamaged):
        asyncio.run(Store.open(path))
    asyncio.run(spoil("UPDATE device SET row = 3, id = 'aaaa-1' WHERE row = 9"))
    with pytest.raises(StoreDamaged):
        asyncio.run(Store.open(path))


def test_bytes_lost_in_the_file_are_never_shown_as_devices(path: Path) -> None:
    run(path, lambda store: store.put_devices([random_device(n, random.Random(n)) for n in range(500)], at=NOW))
    whole = path.read_bytes()
    dice = random.Random(3)
    for _ in range(12):
        torn = bytearray(whole)
        start = dice.randrange(100, len(torn) - 3000)
        torn[start : start + 3000] = bytes(3000)
        path.write_bytes(torn)
        try:
            run(path, lambda store: store.put_meta(rows=store.fleet.rows))
        except StoreDamaged:
            continue


def test_an_encrypted_copy_holds_no_readable_name(path: Path) -> None:
    async def work() -> None:
        store = await Store.open(path, key=bytes(range(32)))
        await store.put_devices([Device(id="a", name="Unmistakable", raw=b"Unmistakable")], at=NOW)
        await store.close()
        again = await Store.open(path, key=bytes(range(32)))
        assert again.fleet.value("name", 0) == "Unmistakable"
        await again.close()

    asyncio.run(work())
    assert all(b"Unmistakable" not in file.read_bytes() for file in path.parent.iterdir())
