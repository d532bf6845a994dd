"""The only door to the wire: one method per question the console asks a tenant.

Invariant: everything that goes wrong leaves here as a class of `app.errors`, everything else as a record.
"""

from collections.abc import Mapping
from typing import Any

from app.esper import account, apps, commands, devices, groups, operations, tags
from app.esper.exchange import Exchange
from app.esper.pace import Pace
from app.esper.pages import Pages
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

    Lists are asynchronous iterators of pages; who leaves one early calls its `aclose`.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._transport = exchange.transport

    @classmethod
    async def open(
        cls, url: str, token: str, *, enterprise_id: str = "", pace: Pace | None = None, timeout: float = 30.0
    ) -> "EsperClient":
        """A client for `url` (ends in /api). Sends nothing yet. `timeout` in seconds for any single wait.

        Raises InputError on an address or a key that can't be used.
        """
        return cls(Exchange(await Transport.open(url, token, pace or Pace(), timeout), enterprise_id))

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
        return await account.enterprise(self._exchange)

    def device_pages(self, *, limit: int = 1000, at_once: int = 6, ordering: str = "created_at") -> Pages[Device]:
        """GET v2/devices/: every platform, pages as they arrive, a smaller limit on 400.

        GET enterprise/{enterprise_id}/device/ (Android only) where the tenant answers 404.
        """
        return devices.pages(self._exchange, limit, at_once, ordering)

    async def device(self, device_id: str) -> Device:
        """GET v2/devices/{id}, or GET enterprise/{enterprise_id}/device/{device_id}/ on 404."""
        return await devices.one(self._exchange, device_id)

    def group_pages(self) -> Pages[Group]:
        """GET enterprise/{enterprise_id}/devicegroup/."""
        return groups.pages(self._exchange)

    def tag_pages(self) -> Pages[Tag]:
        """GET enterprise/{enterprise_id}/tags/."""
        return tags.pages(self._exchange)

    def app_pages(self) -> Pages[App]:
        """GET enterprise/{enterprise_id}/application/."""
        return apps.pages(self._exchange)

    def version_pages(self, app_id: str) -> Pages[AppVersion]:
        """GET enterprise/{enterprise_id}/application/{application_id}/version/."""
        return apps.versions(self._exchange, app_id)

    def installed_on(self, app_id: str, version_id: str) -> Pages[InstalledOn]:
        """GET enterprise/{enterprise_id}/application/{application_id}/version/{version_id}/installdevices."""
        return apps.installed_on(self._exchange, app_id, version_id)

    def device_apps(self, device_id: str) -> Pages[DeviceApp]:
        """GET enterprise/{enterprise_id}/device/{device_id}/app/, else GET v2/devices/{deviceId}/device-apps/."""
        return apps.on_device(self._exchange, device_id)

    async def send_command(self, body: Mapping[str, Any]) -> CommandRequest:
        """POST commands/v0/commands/, exactly once. Unreachable means that it certainly was not sent."""
        return await commands.send(self._exchange, body)

    async def command_request(self, request_id: str) -> CommandRequest:
        """GET commands/v0/commands/{id}/."""
        return await commands.request(self._exchange, request_id)

    def command_requests(self, *, limit: int = 50) -> Pages[CommandRequest]:
        """GET commands/v0/commands/, in the server's order, one page after the other."""
        return commands.requests(self._exchange, limit)

    async def command_stats(self, request_id: str) -> dict[str, int]:
        """GET commands/v0/commands/{id}/stats/: wire state to number of devices."""
        return await commands.stats(self._exchange, request_id)

    def command_statuses(
        self, *, request_id: str = "", device_id: str = "", state: str = "", limit: int = 500
    ) -> Pages[CommandStatus]:
        """GET commands/v0/status/. Raises InputError without a request and a device."""
        return commands.statuses(self._exchange, request_id, device_id, state, limit)

    async def cancel_command(self, status_id: str, reason: str) -> CommandStatus:
        """PUT commands/v0/status/{id}/, once; gives the status after it."""
        return await commands.cancel(self._exchange, status_id, reason)

    def operations(self) -> Pages[Operation]:
        """GET v0/operations/."""
        return operations.pages(self._exchange)

    async def operation(self, operation_id: str) -> Operation:
        """GET v0/operations/{operationId}/."""
        return await operations.one(self._exchange, operation_id)

    def device_operations(self, operation_id: str, *, state: int = 0, ordering: str = "") -> Pages[DeviceOperation]:
        """GET v0/operations/{operationsId}/devices/; `state` 0 asks for all."""
        return operations.of_operation(self._exchange, operation_id, state, ordering)

    async def device_operation(self, operation_id: str, device_id: str) -> DeviceOperation:
        """GET v0/operations/{operationsId}/devices/{deviceId}/."""
        return await operations.of_device(self._exchange, operation_id, device_id)

    def operations_of_device(self, device_id: str) -> Pages[Operation]:
        """GET v0/devices/{deviceId}/operations/."""
        return operations.on_device(self._exchange, device_id)
