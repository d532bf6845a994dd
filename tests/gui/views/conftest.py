"""A small fleet in a real copy and a real ledger, and a server of which only the network is missing."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.commands.request import build
from app.errors import FleetError, Unreachable
from app.esper.pages import Page
from app.jobs.facts import Job
from app.jobs.jobs import Jobs
from app.jobs.plan import seal
from app.records import (
    App,
    AppVersion,
    CommandRequest,
    CommandStatus,
    Device,
    DeviceApp,
    Group,
    InstalledOn,
    Operation,
    Tag,
)
from app.store.store import Store
from app.sync.details import Details
from app.sync.health import Health
from app.tasks import Tasks
from ui import loop, theme

NOW = 1_795_000_000.0
HOUR, DAY = 3600.0, 86400.0
GROUPS = (
    Group(id="root", name="All devices"),
    Group(id="north", name="North", parent_id="root"),
    Group(id="south", name="South", parent_id="root"),
    Group(id="store-1", name="Store 1", parent_id="north"),
    Group(id="store-2", name="Store 2 & Co", parent_id="north"),
)
APPS = (
    App(id="app-1", name="Kiosk Browser", package="com.example.kiosk", developer="Example"),
    App(id="app-2", name="Scanner", package="com.example.scanner"),
)
VERSIONS = {
    "app-1": (
        AppVersion(
            id="v2", app_id="app-1", version="2.1", build="210", size=48.0, track="production", installed_count=2
        ),
        AppVersion(id="v1", app_id="app-1", version="1.9", build="190", size=45.5, track="beta", installed_count=1),
    ),
    "app-2": (AppVersion(id="s1", app_id="app-2", version="5.0", size=12.0, installed_count=0),),
}


def make_devices(count: int) -> list[Device]:
    """Each third device is offline; they take turns in the groups Store 1, Store 2 and South."""
    models = ("TC52", "CT60", "Tab A8", "ScanPal")
    return [
        Device(
            id=f"d{n:04}",
            name=f"Device {n:04}",
            alias=f"Till {n}" if n % 5 == 0 else "",
            state=60 if n % 3 == 0 else 1,
            platform="ANDROID",
            os="Android",
            os_version=str(10 + n % 4),
            last_seen=NOW - (9 * DAY if n % 6 == 0 else 60.0 * n),
            group_id=("store-1", "store-2", "south")[n % 3],
            model=models[n % 4],
            brand="Zebra",
            serial=f"SN{n:06}",
            imei1=f"35693803564{n:04}",
            tags=("t1",) if n % 2 else ("t1", "t2"),
            battery_level=float(n * 7 % 101),
            battery_charging=n % 4 == 0,
            storage_free=2000.0 + n,
            storage_total=32768.0,
            wifi_ssid="Depot",
            wifi_signal=-60.0,
            ip=f"10.0.0.{n % 250}",
            agent_version="7.9.3",
            registered_at=NOW - 100 * DAY,
            raw=f'{{"id":"d{n:04}","name":"Device {n:04}"}}'.encode(),
        )
        for n in range(count)
    ]


class Server:
    """What a server would answer. `down` is raised instead while it is set; `asked` counts the questions by name."""

    def __init__(self) -> None:
        self.down: FleetError | None = None
        self.asked: list[str] = []
        self.apps = [DeviceApp(id="a", device_id="d0001", name="Chrome", package="com.android.chrome", version="121")]
        self.installed = {
            "v2": [InstalledOn(device_id="d0001", device_name="Device 0001"), InstalledOn(device_id="d0004")]
        }
        self.states: dict[str, tuple[str, str]] = {}
        self._requests: dict[str, CommandRequest] = {}

    async def _pages(self, name: str, rows: list[Any]) -> AsyncIterator[Page[Any]]:
        self.asked.append(name)
        if self.down is not None:
            raise self.down
        yield Page(0, len(rows), rows)

    def device_apps(self, device_id: str) -> AsyncIterator[Page[DeviceApp]]:
        return self._pages("apps", self.apps)

    def installed_on(self, app_id: str, version_id: str) -> AsyncIterator[Page[InstalledOn]]:
        return self._pages("installed", self.installed.get(version_id, []))

    def operations_of_device(self, device_id: str) -> AsyncIterator[Page[Operation]]:
        return self._pages("operations", [])

    def command_requests(self, *, limit: int = 50) -> AsyncIterator[Page[CommandRequest]]:
        return self._pages("requests", list(self._requests.values()))

    def command_statuses(
        self, *, request_id: str = "", device_id: str = "", state: str = "", limit: int = 500
    ) -> AsyncIterator[Page[CommandStatus]]:
        return self._pages("statuses", [s for s in self._statuses() if request_id in ("", s.request_id)])

    async def command_stats(self, request_id: str) -> dict[str, int]:
        counts: dict[str, int] = {}
        for status in self._statuses():
            counts[status.state] = counts.get(status.state, 0) + 1
        return counts

    async def command_request(self, request_id: str) -> CommandRequest:
        return self._requests[request_id]

    async def send_command(self, body: Mapping[str, Any]) -> CommandRequest:
        if self.down is not None:
            raise self.down
        request = CommandRequest(
            id=f"r{len(self._requests)}",
            command=str(body["command"]),
            devices=tuple(body["devices"]),
            created_at=NOW,
            created_by="ana",
        )
        self._requests[request.id] = request
        return request

    async def cancel_command(self, status_id: str, reason: str) -> CommandStatus:
        self.states[status_id] = ("Command Cancelled", reason)
        return next(s for s in self._statuses() if s.id == status_id)

    def _statuses(self) -> list[CommandStatus]:
        return [
            CommandStatus(
                id=device_id,
                request_id=request.id,
                device_id=device_id,
                state=self.states.get(device_id, ("Command Queued", ""))[0],
                reason=self.states.get(device_id, ("", ""))[1],
                created_at=NOW,
                updated_at=NOW + len(self.states),
            )
            for request in self._requests.values()
            for device_id in request.devices
        ]


@dataclass
class Place:
    """Everything a panel may be given. `online` is how the session stands; the server is reached through `details`."""

    store: Store
    jobs: Jobs
    health: Health
    details: Details
    tasks: Tasks
    server: Server

    def clock(self) -> float:
        return NOW

    def go_offline(self) -> None:
        """As when the network goes away."""
        self.details.connect(None)
        self.health.failed(Unreachable())

    async def send(self, count: int, command: str = "REBOOT") -> Job:
        """Submits a command for the first `count` devices of the fleet."""
        ids = [self.store.fleet.id(row) for row in range(count)]
        plan = seal(build(command, {}, ids), self.store.fleet, now=NOW, tenant="acme")
        return await self.jobs.submit(plan, {i: f"Device {i[1:]}" for i in ids})


Scenario = Callable[[Place], Awaitable[None]]
Run = Callable[..., None]


@pytest.fixture
def run(qapp: QApplication, tmp_path: Path) -> Run:
    """Runs a scenario on the Qt event loop with `devices` in the copy, then closes everything."""

    def start(scenario: Scenario, devices: int = 40, *, synced: bool = True) -> None:
        async def main(_app: QApplication) -> int:
            store = await Store.open(tmp_path / "copy.db")
            jobs = await Jobs.open(tmp_path / "ledger.db", tenant="acme", clock=lambda: NOW)
            server = Server()
            health = Health()
            details = Details(server, store, lambda: NOW)  # type: ignore[arg-type]
            tasks = Tasks("panels")
            try:
                if synced:
                    await store.put_groups(GROUPS, at=NOW)
                    await store.put_tags([Tag(id="t1", text="kiosk"), Tag(id="t2", text="north")], at=NOW)
                    await store.put_devices(make_devices(devices), at=NOW)
                    await store.put_apps(APPS, VERSIONS, at=NOW)
                    health.fetched(NOW - 120, full_sync_at=NOW - 120)
                await scenario(Place(store, jobs, health, details, tasks, server))
            finally:
                await tasks.close()
                await details.close()
                await jobs.close()
                await store.close()
            return 0

        assert loop.run(main) == 0

    return start


@pytest.fixture(autouse=True)
def _look(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, "light")
    yield
    for widget in qapp.topLevelWidgets():
        widget.close()
        widget.deleteLater()
