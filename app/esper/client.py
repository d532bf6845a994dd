"""The only door to the wire: one method per question the console asks a tenant.

Invariant: everything that goes wrong leaves here as a class of `app.errors`, everything else as a record.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.esper.account import Account
from app.esper.apps import Apps
from app.esper.commands import Commands
from app.esper.content import ContentLibrary
from app.esper.devices import Devices
from app.esper.exchange import Exchange
from app.esper.geofences import Geofences
from app.esper.groups import Groups
from app.esper.legacy_commands import LegacyCommands
from app.esper.operations import Operations
from app.esper.pace import Pace
from app.esper.pages import Pages
from app.esper.policies import Policies
from app.esper.remote_viewer import RemoteViewer
from app.esper.subscriptions import Subscriptions
from app.esper.tags import Tags
from app.esper.telemetry import Telemetry
from app.esper.tenant_apps import TenantApps
from app.esper.transport import Transport
from app.records import (
    App,
    AppVersion,
    CommandRequest,
    CommandStatus,
    Device,
    DeviceApp,
    DeviceOperation,
    Enterprise,
    Group,
    InstalledOn,
    Operation,
    Tag,
    TokenInfo,
)


class EsperClient:
    """One tenant over HTTP. Reads raise Unreachable, UnexpectedAnswer or a kind of Refused; writes also OutcomeUnknown.

    What is asked all the time stands here by itself, everything else with its noun: `client.groups.rename(...)`.
    Lists are asynchronous iterators of pages; who leaves one early calls its `aclose`.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._transport = exchange.transport
        self.account = Account(exchange)
        self.devices = Devices(exchange)
        self.groups = Groups(exchange)
        self.tags = Tags(exchange)
        self.geofences = Geofences(exchange)
        self.policies = Policies(exchange)
        self.subscriptions = Subscriptions(exchange)
        self.telemetry = Telemetry(exchange)
        self.apps = Apps(exchange)
        self.tenant_apps = TenantApps(exchange)
        self.content = ContentLibrary(exchange)
        self.commands = Commands(exchange)
        self.legacy_commands = LegacyCommands(exchange)
        self.operations = Operations(exchange)
        self.remote_viewer = RemoteViewer(exchange)

    @classmethod
    async def open(
        cls,
        url: str,
        token: str,
        *,
        enterprise_id: str = "",
        pace: Pace | None = None,
        timeout: float = 30.0,
        authorities: Path | None = None,
    ) -> "EsperClient":
        """A client for `url` (ends in /api). Sends nothing yet. `timeout` in seconds for any single wait.

        `authorities` is a PEM file with a company's own certificates, trusted besides the system's.
        Raises InputError on an address, a key, a proxy or a file that can't be used.
        """
        return cls(Exchange(await Transport.open(url, token, pace or Pace(), timeout, authorities), enterprise_id))

    @property
    def enterprise_id(self) -> str:
        """Empty until it was given or learnt from the key."""
        return self._exchange.enterprise_id

    @property
    def url(self) -> str:
        return self._transport.url

    @property
    def pace(self) -> Pace:
        return self._transport.pace

    @property
    def requests(self) -> int:
        """Requests sent so far, tries included."""
        return self._transport.requests

    @property
    def received(self) -> int:
        """Bytes of answers so far, as they came over the wire."""
        return self._transport.received

    async def close(self) -> None:
        """Closes every connection; later calls raise Offline."""
        await self._transport.close()

    async def token_info(self) -> TokenInfo:
        """GET v1/token-info/; fills `enterprise_id` where it is empty."""
        return await self._exchange.token_info()

    async def enterprise(self) -> Enterprise:
        """GET v1/enterprise/{enterprise_id}/."""
        return await self.account.enterprise()

    def device_pages(self, *, limit: int = 1000, at_once: int = 6, ordering: str = "created_at") -> Pages[Device]:
        """GET v2/devices/: every platform, pages as they arrive, a smaller limit on 400.

        GET enterprise/{enterprise_id}/device/ (Android only) where the tenant answers 404.
        """
        return self.devices.pages(limit, at_once, ordering)

    async def device(self, device_id: str) -> Device:
        """GET v2/devices/{id}, or GET enterprise/{enterprise_id}/device/{device_id}/ on 404."""
        return await self.devices.one(device_id)

    def group_pages(self) -> Pages[Group]:
        """GET enterprise/{enterprise_id}/devicegroup/."""
        return self.groups.pages()

    def tag_pages(self) -> Pages[Tag]:
        """GET enterprise/{enterprise_id}/tags/."""
        return self.tags.pages()

    def app_pages(self) -> Pages[App]:
        """GET enterprise/{enterprise_id}/application/."""
        return self.apps.pages()

    def version_pages(self, app_id: str) -> Pages[AppVersion]:
        """GET enterprise/{enterprise_id}/application/{application_id}/version/."""
        return self.apps.versions(app_id)

    def installed_on(self, app_id: str, version_id: str) -> Pages[InstalledOn]:
        """GET enterprise/{enterprise_id}/application/{application_id}/version/{version_id}/installdevices."""
        return self.apps.installed_on(app_id, version_id)

    def device_apps(self, device_id: str) -> Pages[DeviceApp]:
        """GET enterprise/{enterprise_id}/device/{device_id}/app/, else GET v2/devices/{deviceId}/device-apps/."""
        return self.devices.apps(device_id)

    async def send_command(self, body: Mapping[str, Any]) -> CommandRequest:
        """POST commands/v0/commands/, exactly once. Unreachable means that it certainly was not sent."""
        return await self.commands.send(body)

    async def command_request(self, request_id: str) -> CommandRequest:
        """GET commands/v0/commands/{id}/."""
        return await self.commands.request(request_id)

    def command_requests(self, *, limit: int = 50) -> Pages[CommandRequest]:
        """GET commands/v0/commands/, in the server's order, one page after the other."""
        return self.commands.requests(limit)

    async def command_stats(self, request_id: str) -> dict[str, int]:
        """GET commands/v0/commands/{id}/stats/: wire state to number of devices."""
        return await self.commands.stats(request_id)

    def command_statuses(
        self, *, request_id: str = "", device_id: str = "", state: str = "", limit: int = 500
    ) -> Pages[CommandStatus]:
        """GET commands/v0/status/. Raises InputError without a request and a device."""
        requests, devices = filter(None, [request_id]), filter(None, [device_id])
        return self.commands.statuses(request_ids=requests, device_ids=devices, state=state, limit=limit)

    async def cancel_command(self, status_id: str, reason: str) -> CommandStatus:
        """PUT commands/v0/status/{id}/, once; gives the status after it."""
        return await self.commands.cancel(status_id, reason)

    async def operation(self, operation_id: str) -> Operation:
        """GET v0/operations/{operationId}/."""
        return await self.operations.one(operation_id)

    def device_operations(self, operation_id: str, *, state: int = 0, ordering: str = "") -> Pages[DeviceOperation]:
        """GET v0/operations/{operationsId}/devices/; `state` 0 asks for all."""
        return self.operations.devices(operation_id, state=state, ordering=ordering)

    async def device_operation(self, operation_id: str, device_id: str) -> DeviceOperation:
        """GET v0/operations/{operationsId}/devices/{deviceId}/."""
        return await self.operations.device(operation_id, device_id)

    def operations_of_device(self, device_id: str) -> Pages[Operation]:
        """GET v0/devices/{deviceId}/operations/."""
        return self.operations.of_device(device_id)
