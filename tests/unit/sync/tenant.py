"""A tenant's lists in memory, whose pages can be scripted: it stands in for the network, not for our code."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from app.errors import NotFound
from app.esper.pages import Page
from app.records import App, AppVersion, CommandRequest, CommandStatus, Device, DeviceApp, Group, InstalledOn, Tag


def devices(*numbers: int) -> list[Device]:
    """Devices by number."""
    return [Device(id=f"d{n:03}", name=f"Till {n}", state=1, group_id="g1") for n in numbers]


def pages_of(rows: list[Any], size: int = 2, total: int | None = None) -> list[Page[Any]]:
    """The rows cut into pages that all name the same size."""
    count = len(rows) if total is None else total
    return [Page(n, count, rows[n : n + size]) for n in range(0, max(len(rows), 1), size)]


@dataclass
class Tenant:
    """`passes` are the pages of the device list, one reading after the other; the last is given again and again."""

    passes: list[list[Page[Any]]] = field(default_factory=lambda: [pages_of(devices(1, 2, 3))])
    groups: list[list[Page[Any]]] = field(default_factory=lambda: [pages_of([Group(id="g1", name="All devices")])])
    tags: list[Tag] = field(default_factory=lambda: [Tag(id="t1", text="kiosk")])
    apps: list[App] = field(default_factory=lambda: [App(id="a1", name="Shop"), App(id="a2", name="Scan")])
    versions: dict[str, list[AppVersion]] = field(
        default_factory=lambda: {"a1": [AppVersion(id="v1", app_id="a1", version="1")], "a2": []}
    )
    on_device: dict[str, list[DeviceApp]] = field(default_factory=dict)
    statuses: list[CommandStatus] = field(default_factory=list)
    commands: dict[str, CommandRequest] = field(default_factory=dict)
    faults: dict[str, Exception] = field(default_factory=dict)
    at_page: Callable[[str, int], None] | None = None
    calls: Counter[str] = field(default_factory=Counter)
    opened: int = 0
    closed: int = 0
    requests: int = 0

    def device_pages(self) -> AsyncIterator[Page[Any]]:
        self.calls["device lists"] += 1
        return self._give("devices", self.passes.pop(0) if len(self.passes) > 1 else self.passes[0])

    def group_pages(self) -> AsyncIterator[Page[Any]]:
        return self._give("groups", self.groups.pop(0) if len(self.groups) > 1 else self.groups[0])

    def tag_pages(self) -> AsyncIterator[Page[Any]]:
        return self._give("tags", pages_of(self.tags))

    def app_pages(self) -> AsyncIterator[Page[Any]]:
        return self._give("apps", pages_of(self.apps))

    def version_pages(self, app_id: str) -> AsyncIterator[Page[Any]]:
        return self._give(f"versions {app_id}", pages_of(self.versions[app_id]))

    def installed_on(self, app_id: str, version_id: str) -> AsyncIterator[Page[Any]]:
        return self._give("installed", pages_of([InstalledOn(device_id="d001", device_name=f"{app_id} {version_id}")]))

    def device_apps(self, device_id: str) -> AsyncIterator[Page[Any]]:
        return self._give("device apps", pages_of(self.on_device.get(device_id, [])))

    def operations_of_device(self, device_id: str) -> AsyncIterator[Page[Any]]:
        return self._give("operations", pages_of([]))

    def command_statuses(self, *, device_id: str = "") -> AsyncIterator[Page[Any]]:
        return self._give("statuses", pages_of([s for s in self.statuses if s.device_id == device_id]))

    async def command_request(self, request_id: str) -> CommandRequest:
        await self._step("request", 0)
        if request_id not in self.commands:
            raise NotFound(404)
        return self.commands[request_id]

    async def device(self, device_id: str) -> Device:
        await self._step("device", 0)
        return Device(id=device_id, name="Renamed", state=60)

    async def _give(self, kind: str, pages: list[Page[Any]]) -> AsyncIterator[Page[Any]]:
        self.opened += 1
        try:
            for number, page in enumerate(pages):
                await self._step(kind, number)
                yield page
        finally:
            self.closed += 1

    async def _step(self, kind: str, number: int) -> None:
        self.requests += 1
        self.calls[kind] += 1
        await asyncio.sleep(0)
        if self.at_page:
            self.at_page(kind, number)
        if fault := self.faults.get(kind):
            raise fault
