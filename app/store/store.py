"""What is known of one tenant: on disk for the next start, in memory for the screen.

Invariant: memory follows the disk. A change is committed first, then applied on the loop's thread, then announced with
the ids that changed; a record equal to the stored one is neither written nor announced. Nothing is marked gone but by
a complete sweep or by name, and `full_sync_at` moves only at the end of a complete sweep.
"""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import apsw
import numpy as np

from app.errors import StoreDamaged
from app.observer import Signal
from app.records import App, AppVersion, Change, Device, Group, Tag
from app.store import shelf
from app.store.database import Database
from app.store.documents import HOT, SELECT, device_of, expand, shrink
from app.store.fleet import TEXTS, Fleet, Patch
from app.store.groups import Groups
from app.store.register import Register, Swept
from app.store.schema import MIGRATIONS
from app.tasks import Tasks

Meta = dict[str, float | str | int | None]
# Small enough for the rows of one round to stay in the processor's cache: twice as fast as thousands.
_CHUNK = 500
_ORDERED_AT_START = 20_000


class Detail(NamedTuple):
    """A cached answer and when it was fetched."""

    payload: bytes
    at: float


class Store:
    """The local copy of one tenant. All coroutines and `changed` belong to the loop that opened it."""

    def __init__(self, database: Database) -> None:
        self.path: Path = database.path
        self.changed: Signal[Change] = Signal()
        self.groups = Groups()
        self.tags: dict[str, str] = {}
        self.apps: dict[str, App] = {}
        self.versions: dict[str, tuple[AppVersion, ...]] = {}
        self.meta: Meta = {}
        self._database = database
        self._register = Register()
        self.fleet = Fleet(self._register.index)
        self._tasks = Tasks("store")
        # What the worker last wrote of each kind, to find what differs.
        self._shelved: dict[str, dict[str, Any]] = {"group": {}, "tag": {}, "app": {}, "version": {}}

    @classmethod
    async def open(cls, path: Path, *, key: bytes | None = None, read_only: bool = False) -> "Store":
        """The copy at `path`, made when missing, loaded whole into memory by the worker thread.

        Raises StoreDamaged (the file may be set aside and synced anew), StoreNewer, StoreBusy, StoreError.
        """
        database = await Database.open(path, MIGRATIONS, key=key, read_only=read_only)
        try:
            store = cls(database)
            await database.run(store._load)
        except BaseException:
            await database.close()
            raise
        store._tasks.start(store._order_texts(), "order texts")
        return store

    async def close(self) -> None:
        """Waits for what was begun and gives the file back. Safe to call twice."""
        await self._tasks.close()
        self.changed.clear()
        await self._database.close()

    # -- devices

    async def begin_sweep(self) -> int:
        """A number for `put_devices` and `finish_sweep`. A sweep that was running is void from here on."""
        return await self._database.run(lambda _: self._register.begin())

    async def put_devices(self, devices: Sequence[Device], *, at: float, sweep: int | None = None) -> int:
        """Takes records as the server gave them at `at`; says how many were new or really changed.

        A device that was gone is live again. With a sweep, `fetched_at` in `meta` moves too.
        """

        def settle(written: Any) -> Patch | None:
            self._register.settle(written, sweep)
            if not written.rows:
                return None
            values: dict[str, Sequence[Any]] = dict(zip(HOT, zip(*written.facts, strict=True), strict=True))
            values["gone_at"] = [None] * len(written.rows)
            rows = np.array(written.rows, np.int32)
            return self.fleet.encode(rows, len(self._register.index), values, frozenset(written.ids))

        def write(connection: apsw.Connection) -> Any:
            if sweep is not None:
                _write_meta(connection, {"fetched_at": at})
            return self._register.write(connection, devices)

        def apply(patch: Patch | None) -> None:
            if sweep is not None:
                self.meta["fetched_at"] = at
            self._take(patch)

        patch = await self._database.run_and_apply(write, settle, apply)
        return len(patch.rows) if patch is not None else 0

    async def finish_sweep(self, sweep: int, *, complete: bool, at: float) -> Swept:
        """Ends a sweep. If it was complete, devices it has not seen become tombstones and `full_sync_at` moves."""
        missing: list[int] = []
        current = False

        def write(connection: apsw.Connection) -> None:
            nonlocal missing, current
            current = complete and self._register.running(sweep)
            if current:
                missing = self._register.missing(sweep)
                _bury(connection, missing, at)
                _write_meta(connection, {"full_sync_at": at})

        def settle(_: None) -> tuple[Patch | None, Swept]:
            patch = self._buried(missing, at)
            return patch, self._register.finish(sweep, len(missing))

        def apply(result: tuple[Patch | None, Swept]) -> None:
            if current:
                self.meta["full_sync_at"] = at
            self._take(result[0])

        return (await self._database.run_and_apply(write, settle, apply))[1]

    async def mark_gone(self, device_ids: Sequence[str], *, at: float) -> None:
        """Makes tombstones of devices the server no longer has. Ids that are not known are passed over."""

        def write(connection: apsw.Connection) -> list[int]:
            rows = self._register.present(device_ids)
            _bury(connection, rows, at)
            return rows

        await self._database.run_and_apply(write, lambda rows: self._buried(rows, at), self._take)

    async def device(self, device_id: str) -> Device | None:
        """The whole record with the server's document, a tombstone's too; None for an id never seen."""

        def read(connection: apsw.Connection) -> Device | None:
            row = self._register.index.get(device_id)
            if row is None:
                return None
            facts = connection.execute(f"{SELECT} WHERE row = ?", (row,)).get
            raw = connection.execute("SELECT raw FROM device_raw WHERE row = ?", (row,)).get
            return device_of(facts[3:], raw)

        return await self._database.run(read)

    def _buried(self, rows: list[int], at: float) -> Patch | None:
        if not rows:
            return None
        self._register.bury(rows)
        chosen = np.array(rows, np.int32)
        values = {"gone_at": [at] * len(rows)}
        # Later patches may have grown the register already, never the rows this one is about.
        return self.fleet.encode(chosen, 0, values, self._register.names(rows))

    def _take(self, patch: Patch | None) -> None:
        if patch is not None:
            self.fleet.apply(patch)
            self.changed.emit(Change(kind="devices", ids=patch.ids))

    # -- lists

    async def put_groups(self, groups: Sequence[Group], *, at: float) -> None:
        """Takes the whole list; groups that are not in it are forgotten."""
        want = {group.id: group for group in groups}

        def write(connection: apsw.Connection) -> frozenset[str]:
            _write_meta(connection, {"groups_at": at})
            return shelf.replace(connection, "group", self._shelved["group"], want)

        def settle(ids: frozenset[str]) -> tuple[frozenset[str], Groups]:
            self._shelved["group"] = want
            return ids, Groups(want.values()) if ids else self.groups

        def apply(result: tuple[frozenset[str], Groups]) -> None:
            self.meta["groups_at"] = at
            if result[0]:
                self.groups = result[1]
                self.fleet.set_groups(result[1])
                self._announce(groups=result[0])

        await self._database.run_and_apply(write, settle, apply)

    async def put_tags(self, tags: Sequence[Tag], *, at: float) -> None:
        """Takes the whole list; tags that are not in it are forgotten."""
        want = {tag.id: tag for tag in tags}

        def write(connection: apsw.Connection) -> frozenset[str]:
            _write_meta(connection, {"tags_at": at})
            return shelf.replace(connection, "tag", self._shelved["tag"], want)

        def settle(ids: frozenset[str]) -> frozenset[str]:
            self._shelved["tag"] = want
            return ids

        def apply(ids: frozenset[str]) -> None:
            self.meta["tags_at"] = at
            if ids:
                self.tags = {tag.id: tag.text for tag in want.values()}
                self.fleet.set_tags(self.tags)
                self._announce(tags=ids)

        await self._database.run_and_apply(write, settle, apply)

    async def put_apps(self, apps: Sequence[App], versions: Mapping[str, Sequence[AppVersion]], *, at: float) -> None:
        """Takes the whole library: apps, and by app id their versions."""
        want = {app.id: app for app in apps}
        builds = {version.id: version for listed in versions.values() for version in listed}

        def write(connection: apsw.Connection) -> tuple[frozenset[str], frozenset[str]]:
            _write_meta(connection, {"apps_at": at})
            return (
                shelf.replace(connection, "app", self._shelved["app"], want),
                shelf.replace(connection, "version", self._shelved["version"], builds),
            )

        def settle(ids: tuple[frozenset[str], frozenset[str]]) -> tuple[frozenset[str], frozenset[str]]:
            self._shelved["app"], self._shelved["version"] = want, builds
            return ids

        def apply(ids: tuple[frozenset[str], frozenset[str]]) -> None:
            self.meta["apps_at"] = at
            if any(ids):
                self.apps = want
                self.versions = shelf.by_app(builds.values(), want)
                self._announce(apps=ids[0], versions=ids[1])

        await self._database.run_and_apply(write, settle, apply)

    def _announce(self, **changes: frozenset[str]) -> None:
        """One Change per kind; where a device's path or tags read differently now, all devices changed too."""
        for kind, ids in changes.items():
            if ids:
                self.changed.emit(Change(kind=kind, ids=ids))
        if self.fleet.rows and ("groups" in changes or "tags" in changes):
            self.changed.emit(Change(kind="devices"))

    # -- small things

    async def put_meta(self, **values: float | str | int | None) -> None:
        """Keeps small facts about the copy; None forgets one. Not announced."""

        def apply(_: None) -> None:
            for name, value in values.items():
                if value is None:
                    self.meta.pop(name, None)
                else:
                    self.meta[name] = value

        await self._database.run_and_apply(lambda c: _write_meta(c, values), lambda _: None, apply)

    async def put_detail(self, kind: str, key: str, payload: bytes, *, at: float) -> None:
        """Keeps an answer about one thing, in place of the one before."""
        row = (kind, key, at, shrink(payload))
        await self._database.run(lambda c: c.execute("INSERT OR REPLACE INTO detail VALUES (?, ?, ?, ?)", row) and None)

    async def detail(self, kind: str, key: str) -> Detail | None:
        """The answer kept last, if any."""

        def read(connection: apsw.Connection) -> Detail | None:
            found = connection.execute("SELECT payload, at FROM detail WHERE kind = ? AND key = ?", (kind, key)).get
            return Detail(expand(found[0]), found[1]) if found is not None else None

        return await self._database.run(read)

    # -- start

    def _load(self, connection: apsw.Connection) -> None:
        """Fills memory from disk. Nobody else sees the store yet, so the worker may touch everything."""
        self.meta = dict(connection.execute("SELECT name, value FROM meta"))
        groups = shelf.load(connection, "group", Group)
        tags = shelf.load(connection, "tag", Tag)
        apps = shelf.load(connection, "app", App)
        versions = shelf.load(connection, "version", AppVersion)
        self._shelved = {"group": groups, "tag": tags, "app": apps, "version": versions}
        self.groups = Groups(groups.values())
        self.tags = {tag.id: tag.text for tag in tags.values()}
        self.apps, self.versions = apps, shelf.by_app(versions.values(), apps)
        self.fleet.set_groups(self.groups)
        self.fleet.set_tags(self.tags)
        cursor = connection.execute(f"{SELECT} ORDER BY row")
        while chunk := list(islice(cursor, _CHUNK)):
            columns = list(zip(*chunk, strict=True))
            rows, digests, gone, ids = columns[:4]
            first = len(self._register.index)
            self._register.load(ids, digests, [at is not None for at in gone])
            if rows != tuple(range(first, first + len(rows))) or len(self._register.index) != first + len(rows):
                raise StoreDamaged(f"{self.path.name}: the rows of devices are not in order")
            values: dict[str, Sequence[Any]] = dict(zip(HOT, columns[3:], strict=True))
            values["gone_at"] = gone
            self.fleet.apply(self.fleet.encode(np.array(rows, np.int32), first + len(rows), values, frozenset()))
        self.fleet.text("name").order(self.fleet.rows)

    async def _order_texts(self) -> None:
        """Sorts the texts of a large fleet beforehand, off the loop, so that the first click on a header is quick."""
        for name in TEXTS if self.fleet.rows >= _ORDERED_AT_START else ():
            column = self.fleet.text(name)
            version, order = await asyncio.to_thread(column.sorted_aside, self.fleet.rows)
            column.adopt(version, order)


def _write_meta(connection: apsw.Connection, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if value is None:
            connection.execute("DELETE FROM meta WHERE name = ?", (name,))
        else:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def _bury(connection: apsw.Connection, rows: Sequence[int], at: float) -> None:
    connection.executemany("UPDATE device SET gone_at = ? WHERE row = ?", ((at, row) for row in rows))
