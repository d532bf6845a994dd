"""Details on demand: what is asked for when a device or version is on screen, kept with its age.

Invariant: without `refresh` nothing touches the network; the same thing is never fetched twice at the same time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from app.errors import FleetError, NotFound, Offline
from app.records import CommandStatus, DeviceApp, InstalledOn, Operation
from app.redact import redact
from app.states import target_state_of
from app.sync.flight import Flights
from app.tasks import Tasks

if TYPE_CHECKING:
    from app.esper.client import EsperClient
    from app.esper.pages import Pages
    from app.store.store import Store

T = TypeVar("T")

RECENT = 20
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """`rows` as of `at`; `at` is None where they were never fetched."""

    rows: T
    at: float | None


class RecentCommand(msgspec.Struct, frozen=True, kw_only=True):
    """One command that a device was sent. `state` is a TargetState text, or a wire text the contract does not list."""

    request_id: str
    command: str = ""
    state: str = ""
    reason: str = ""
    created_at: float | None = None
    updated_at: float | None = None
    created_by: str = ""


class Details:
    """Reads through the store's details. With no client a refresh raises Offline."""

    def __init__(self, client: "EsperClient | None", store: "Store", clock: Callable[[], float] = time) -> None:
        self._client = client
        self._store = store
        self._clock = clock
        self._flights = Flights("details")
        # Command and sender by request id. Never the arguments: they may hold secrets.
        self._requests: dict[str, tuple[str, str]] = {}

    def connect(self, client: "EsperClient | None") -> None:
        """From now on `client` is asked; None means offline."""
        self._client = client

    async def close(self) -> None:
        await self._flights.close()

    async def apps_of(self, device_id: str, *, refresh: bool) -> Dated[list[DeviceApp]]:
        """The apps on a device. Raises WireError, Offline."""
        return await self._rows(
            "device apps", device_id, DeviceApp, refresh, lambda client: _all(client.device_apps(device_id))
        )

    async def operations_of(self, device_id: str, *, refresh: bool) -> Dated[list[Operation]]:
        """The operations that a device was part of. Raises WireError, Offline."""
        return await self._rows(
            "operations", device_id, Operation, refresh, lambda client: _all(client.operations_of_device(device_id))
        )

    async def installed_on(self, app_id: str, version_id: str, *, refresh: bool) -> Dated[list[InstalledOn]]:
        """The devices that have a version of an app. Raises WireError, Offline."""
        return await self._rows(
            "installed on",
            f"{app_id}/{version_id}",
            InstalledOn,
            refresh,
            lambda client: _all(client.installed_on(app_id, version_id)),
        )

    async def recent_commands(self, device_id: str, *, refresh: bool) -> Dated[list[RecentCommand]]:
        """The last commands of a device, newest first. Raises WireError, Offline."""
        return await self._rows(
            "recent commands", device_id, RecentCommand, refresh, lambda client: self._recent(client, device_id)
        )

    async def device(self, device_id: str) -> None:
        """Brings one device in the store up to date; one the server no longer has is marked as gone."""

        async def fetch(client: "EsperClient") -> None:
            try:
                device = await client.device(device_id)
            except NotFound:
                await self._store.mark_gone([device_id], at=self._clock())
            else:
                await self._store.put_devices([device], at=self._clock())

        await self._once(("device", device_id), fetch)

    async def _rows(
        self,
        kind: str,
        key: str,
        record: type[T],
        refresh: bool,
        fetch: "Callable[[EsperClient], Awaitable[list[T]]]",
    ) -> Dated[list[T]]:
        if not refresh:
            kept = await self._store.detail(kind, key)
            if kept is None:
                return Dated([], None)
            try:
                return Dated(msgspec.msgpack.decode(kept.payload, type=list[record]), kept.at)  # type: ignore[valid-type]
            except msgspec.MsgspecError:
                # Kept by a version that knew the record otherwise: as good as never fetched.
                return Dated([], None)

        async def fetch_and_keep(client: "EsperClient") -> Dated[list[T]]:
            at = self._clock()
            rows = await fetch(client)
            await self._store.put_detail(kind, key, msgspec.msgpack.encode(rows), at=at)
            return Dated(rows, at)

        return await self._once((kind, key), fetch_and_keep)

    async def _once(self, key: tuple[str, str], work: "Callable[[EsperClient], Awaitable[T]]") -> T:
        client = self._client
        if client is None:
            raise Offline
        return await self._flights.join(" ".join(key), lambda: work(client))

    async def _recent(self, client: "EsperClient", device_id: str) -> list[RecentCommand]:
        # The server names no order for statuses, so all of them are read before the newest are chosen.
        statuses = await _all(client.command_statuses(device_id=device_id))
        newest = sorted(statuses, key=lambda s: s.created_at or 0.0, reverse=True)[:RECENT]
        missing = list(dict.fromkeys(s.request_id for s in newest if s.request_id not in self._requests))
        group = Tasks("recent commands")
        try:
            for start in range(0, len(missing), AT_ONCE):
                chunk = [group.start(self._request(client, i), i) for i in missing[start : start + AT_ONCE]]
                await asyncio.wait(chunk)
                for task in chunk:
                    if isinstance(error := task.result(), FleetError):
                        raise error
        finally:
            await group.close()
        return [self._recent_command(status) for status in newest]

    async def _request(self, client: "EsperClient", request_id: str) -> FleetError | None:
        try:
            # A request never changes once the server has it, so one reading lasts for the session.
            request = await client.command_request(request_id)
        except NotFound:
            return None
        except FleetError as error:
            return error
        self._requests[request_id] = (request.command, request.created_by)
        return None

    def _recent_command(self, status: CommandStatus) -> RecentCommand:
        command, created_by = self._requests.get(status.request_id, ("", ""))
        return RecentCommand(
            request_id=status.request_id,
            command=command,
            state=str(target_state_of(status.state)),
            reason=redact(status.reason),
            created_at=status.created_at,
            updated_at=status.updated_at,
            created_by=created_by,
        )


async def _all(pages: "Pages[T]") -> list[T]:
    async with aclosing(pages):
        return [row async for page in pages for row in page.rows]
