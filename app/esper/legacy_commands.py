"""Commands of the two older generations, for what only they know: v1 per device or group, v0 per enterprise, history.

Invariant: a command goes out exactly once; arguments may hold secrets and are given on, never logged.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from app.esper.answers import Form, identified
from app.esper.commands import REQUEST, STATUS
from app.esper.exchange import Exchange
from app.esper.pages import Pages
from app.esper.wording import Loose, ident, moment, part, text
from app.records import CommandRequest, CommandStatus, LegacyCommand

_COMMANDS = "/v0/enterprise/{enterprise}/command/"


class _Command(Struct):
    id: Loose = None
    device: Loose = None
    group: Loose = None
    command: Loose = None
    state: Loose = None
    details: dict[str, Any] | list[Any] | Loose = None
    command_args: dict[str, Any] | None = None
    issued_by: Loose = None
    created_on: Loose = None
    updated_on: Loose = None


def _command(wire: _Command, raw: bytes) -> LegacyCommand:
    details = wire.details
    return LegacyCommand(
        id=identified(wire.id, "a command"),
        target_id=ident(wire.device) or ident(wire.group),
        command=text(wire.command),
        state=text(wire.state),
        # A group's outcome is an object of lists of devices.
        details=json.dumps(details, ensure_ascii=False) if isinstance(details, dict | list) else text(details),
        args=wire.command_args or {},
        issued_by=text(wire.issued_by),
        created_at=moment(wire.created_on),
        updated_at=moment(wire.updated_on),
    )


# Schemas LegacyCommand and GroupCommand.
COMMAND = Form(_Command, _command)


class LegacyCommands:
    """New commands belong to `client.send_command`; these are here because tenants have histories."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def run(self, device_id: str, command: str, args: Mapping[str, Any] | None = None) -> LegacyCommand:
        """POST enterprise/{enterprise_id}/device/{device_id}/command/, once; success is 200."""
        return await self._run(_of_device(device_id), command, args)

    async def one(self, device_id: str, command_id: str) -> LegacyCommand:
        """GET enterprise/{enterprise_id}/device/{device_id}/command/{command_id}/."""
        return await self._exchange.one(f"{_of_device(device_id)}{part(command_id)}/", COMMAND)

    async def run_on_group(self, group_id: str, command: str, args: Mapping[str, Any] | None = None) -> LegacyCommand:
        """POST enterprise/{enterprise_id}/devicegroup/{group_id}/command/, once: the active devices of the group."""
        return await self._run(_of_group(group_id), command, args)

    async def one_of_group(self, group_id: str, command_id: str) -> LegacyCommand:
        """GET enterprise/{enterprise_id}/devicegroup/{group_id}/command/{command_id}/."""
        return await self._exchange.one(f"{_of_group(group_id)}{part(command_id)}/", COMMAND)

    async def create(self, body: Mapping[str, Any]) -> CommandRequest:
        """POST v0/enterprise/{enterprise_id}/command/, once. `body` as in the contract's EnterpriseCommandCreate."""
        return await self._exchange.change("POST", _COMMANDS, body, REQUEST)

    def requests(
        self,
        *,
        command_type: str = "",
        device_ids: Iterable[str] = (),
        device_type: str = "",
        command: str = "",
        issued_by: str = "",
    ) -> Pages[CommandRequest]:
        """GET v0/enterprise/{enterprise_id}/command/; `device_type` is active, inactive or all."""
        params = {
            "command_type": command_type,
            "devices": ",".join(device_ids),
            "device_type": device_type,
            "command": command,
            "issued_by": issued_by,
        }
        return self._exchange.pages(_COMMANDS, REQUEST, params=_said(params), limits=(100, 20), at_once=1)

    def statuses(self, request_id: str, *, device_id: str = "", state: str = "") -> Pages[CommandStatus]:
        """GET v0/enterprise/{enterprise_id}/command/{request_id}/status/."""
        params = _said({"device": device_id, "state": state})
        return self._exchange.pages(f"{_COMMANDS}{part(request_id)}/status/", STATUS, params=params)

    def history(self, device_id: str, *, state: str = "") -> Pages[CommandStatus]:
        """GET v0/enterprise/{enterprise_id}/device/{device_id}/command-history/: what was asked of one device."""
        path = f"/v0/enterprise/{{enterprise}}/device/{part(device_id)}/command-history/"
        return self._exchange.pages(path, STATUS, params=_said({"state": state}), limits=(100, 20), at_once=1)

    async def _run(self, path: str, command: str, args: Mapping[str, Any] | None) -> LegacyCommand:
        body = {"command": command, "command_args": dict(args)} if args else {"command": command}
        return await self._exchange.change("POST", path, body, COMMAND)


def _of_device(device_id: str) -> str:
    return f"/enterprise/{{enterprise}}/device/{part(device_id)}/command/"


def _of_group(group_id: str) -> str:
    return f"/enterprise/{{enterprise}}/devicegroup/{part(group_id)}/command/"


def _said(params: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in params.items() if value}
