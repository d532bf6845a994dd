"""Brings the whole copy up to date: devices, groups, tags, apps and their versions, page by page into the store.

Invariant: devices are marked as gone only after a pass that delivered every row the server promised; what could not be
had whole is said as a doubt, and what the copy held of it stays.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING

from app.errors import WireError
from app.observer import Signal
from app.sync.flight import Flights
from app.sync.health import Health
from app.sync.library import Library
from app.sync.reading import Progress, Reading
from app.tasks import Tasks

if TYPE_CHECKING:
    from app.esper.client import EsperClient
    from app.store.register import Swept
    from app.store.store import Store

__all__ = ["Progress", "Report", "Sweep"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a sweep brought. `doubt` is a sentence where something is missing, else empty; `seconds` by the wall."""

    devices: int
    groups: int
    apps: int
    versions: int
    tags: int
    appeared: int
    changed: int
    gone: int
    requests: int
    seconds: float
    complete: bool
    doubt: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    devices: int
    appeared: int
    changed: int
    gone: int
    at: float


class Sweep:
    """One tenant's full synchronisation. `run` twice at once is one run with two listeners."""

    def __init__(
        self, client: "EsperClient", store: "Store", health: Health, clock: Callable[[], float] = time
    ) -> None:
        self.progress: Signal[Progress] = Signal()
        self._client = client
        self._store = store
        self._health = health
        self._clock = clock
        self._flights = Flights("sweep")

    async def run(self) -> Report:
        """Sweeps once. Raises WireError when devices can't be read at all, StoreError when the copy can't be written.

        Cancelling the last caller stops the sweep; what arrived stays in the store, and nothing is marked as gone.
        """
        return await self._flights.join("run", self._attempt)

    async def close(self) -> None:
        """Stops a sweep that is under way."""
        await self._flights.close()

    async def _attempt(self) -> Report:
        try:
            return await self._sweep()
        except WireError as error:
            self._health.failed(error)
            raise

    async def _sweep(self) -> Report:
        started, sent = self._clock(), self._client.requests
        library = Library(self._client, self._store, self._clock, self.progress)
        first_page = asyncio.Event()

        async def apps_after_devices() -> int:
            # The devices on the screen come first.
            await first_page.wait()
            return await library.apps()

        group = Tasks("sweep parts")
        try:
            parts = [
                group.start(library.attempt("groups", library.groups), "groups"),
                group.start(library.attempt("tags", library.tags), "tags"),
                group.start(library.attempt("apps", apps_after_devices), "apps"),
            ]
            swept = await self._devices(first_page, library.doubts)
            await asyncio.wait(parts)
            groups, tags, apps = (part.result() or 0 for part in parts)
        finally:
            await group.close()
        await self._store.put_meta(server_devices=swept.devices)
        self._health.fetched(swept.at, full_sync_at=_time(self._store.meta.get("full_sync_at")))
        return Report(
            devices=swept.devices,
            groups=groups,
            apps=apps,
            versions=sum(len(versions) for versions in self._store.versions.values()),
            tags=tags,
            appeared=swept.appeared,
            changed=swept.changed,
            gone=swept.gone,
            requests=self._client.requests - sent,
            seconds=self._clock() - started,
            complete=not library.doubts,
            doubt=" ".join(dict.fromkeys(library.doubts)),
        )

    async def _devices(self, first_page: asyncio.Event, doubts: list[str]) -> _Outcome:
        swept, reading = await self._pass_over_devices(first_page)
        appeared, changed = swept.appeared, swept.changed
        if not reading.whole:
            swept, reading = await self._pass_over_devices(first_page)
            appeared, changed = appeared + swept.appeared, changed + swept.changed
        if not reading.whole:
            came = f"{len(reading.ids):,} of {reading.total:,} came" if reading.total is not None else "nothing came"
            doubts.append(f"The list of devices could not be read whole: {came}.")
        return _Outcome(len(reading.ids), appeared, changed, swept.gone, reading.at)

    async def _pass_over_devices(self, first_page: asyncio.Event) -> "tuple[Swept, Reading]":
        reading = Reading(self._clock())
        sweep = await self._store.begin_sweep()
        ended = False
        try:
            async with aclosing(self._client.device_pages()) as pages:
                async for page in pages:
                    rows = reading.take(page)
                    await self._store.put_devices(rows, at=reading.at, sweep=sweep)
                    self.progress.emit(Progress("devices", len(reading.ids), reading.total))
                    self._health.reached()
                    first_page.set()
            ended = True
        finally:
            first_page.set()
            complete = ended and reading.whole
            swept = await self._store.finish_sweep(sweep, complete=complete, at=reading.at)
        return swept, reading


def _time(value: float | str | None) -> float | None:
    return float(value) if value is not None else None
