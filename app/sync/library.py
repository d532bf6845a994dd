"""The lists beside the devices: groups, tags, apps and their versions, each whole into the store.

Invariant: a list that could not be read whole never replaces one that the store has.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

from app.errors import NotAuthorised, WireError
from app.observer import Signal
from app.records import AppVersion
from app.sync.reading import Kind, Progress, R, Reading
from app.tasks import Tasks

if TYPE_CHECKING:
    from app.esper.client import EsperClient
    from app.esper.pages import Pages
    from app.store.store import Store

T = TypeVar("T")
log = logging.getLogger(__name__)

AT_ONCE = 4


class Library:
    """Each method reads one list, gives the number of its rows and adds to `doubts` what was not had whole."""

    def __init__(
        self, client: "EsperClient", store: "Store", clock: Callable[[], float], progress: Signal[Progress]
    ) -> None:
        self.doubts: list[str] = []
        self._client = client
        self._store = store
        self._clock = clock
        self._progress = progress

    async def groups(self) -> int:
        """All groups."""
        rows, whole = await self._whole("groups", self._client.group_pages)
        if whole or not self._store.groups.by_id:
            await self._store.put_groups(rows, at=self._clock())
        return len(rows)

    async def tags(self) -> int:
        """All tags."""
        rows, whole = await self._whole("tags", self._client.tag_pages)
        if whole or not self._store.tags:
            await self._store.put_tags(rows, at=self._clock())
        return len(rows)

    async def apps(self) -> int:
        """All apps with their versions; the versions of an app that can't be read stay as they were."""
        apps, whole = await self._whole("apps", self._client.app_pages)
        versions: dict[str, list[AppVersion]] = {}
        queue = [app.id for app in reversed(apps)]

        async def read_versions() -> None:
            while queue:
                app_id = queue.pop()
                reading = Reading(self._clock())
                rows: list[AppVersion] = []
                async with aclosing(self._client.version_pages(app_id)) as pages:
                    async for page in pages:
                        rows += reading.take(page)
                versions[app_id] = rows

        group = Tasks("app versions")
        try:
            readers = [group.start(self.attempt("app versions", read_versions), f"reader {n}") for n in range(AT_ONCE)]
            await asyncio.wait(readers)
            for reader in readers:
                reader.result()
        finally:
            await group.close()
        for app in apps:
            versions.setdefault(app.id, list(self._store.versions.get(app.id, ())))
        if whole or not self._store.apps:
            await self._store.put_apps(apps, versions, at=self._clock())
        return len(apps)

    async def attempt(self, what: str, work: Callable[[], Awaitable[T]]) -> T | None:
        """`work`, or None where the server does not give it: a doubt, and not the end of the sweep."""
        try:
            return await work()
        except NotAuthorised:
            # The devices meet the same answer, which ends the sweep and says it once for all.
            self.doubts.append(f"The server did not give the {what}.")
        except WireError as error:
            log.info("no %s: %s", what, error)
            self.doubts.append(f"The server did not give the {what}: {error}.")
        return None

    async def _whole(self, kind: Kind, read: "Callable[[], Pages[R]]") -> tuple[list[R], bool]:
        """A list, read once more when it moved; whether it is whole."""
        rows: list[R] = []
        for _ in range(2):
            rows, reading = [], Reading(self._clock())
            async with aclosing(read()) as pages:
                async for page in pages:
                    rows += reading.take(page)
                    self._progress.emit(Progress(kind, len(rows), reading.total))
            if reading.whole:
                return rows, True
        self.doubts.append(f"The list of {kind} moved while it was read.")
        return rows, False
