"""Commands: send one, read requests, count and list what became of them, cancel.

Invariant: a command goes out exactly once. Arguments of a request may hold secrets and are given on, never logged.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from app.errors import InputError, Problem, UnexpectedAnswer
from app.esper.answers import Form, identified
from app.esper.exchange import Exchange
from app.esper.pace import Priority
from app.esper.pages import Pages
from app.esper.wording import Loose, first, ident, moment, part, text, whole
from app.records import CommandRequest, CommandStatus
from app.states import CommandState

_COMMANDS = "/commands/v0/commands/"
_STATUS = "/commands/v0/status/"


class _Person(Struct):
    username: Loose = None


class _Stat(Struct):
    state: Loose = None
    total: Loose = None


class _Request(Struct):
    id: Loose = None
    command: Loose = None
    command_type: Loose = None
    alias: Loose = None
    devices: list[Loose] | None = None
    groups: list[Loose] | None = None
    command_args: dict[str, Any] | None = None
    schedule: Loose = None
    reason: Loose = None
    created_by: _Person | Loose = None
    issued_by: _Person | Loose = None
    created_at: Loose = None
    created_on: Loose = None
    status: list[_Stat] | None = None


class _NamedDevice(Struct):
    device_name: Loose = None


class _Meta(Struct):
    device: _NamedDevice | None = None


class _Status(Struct):
    id: Loose = None
    request: Loose = None
    device: Loose = None
    state: Loose = None
    reason: Loose = None
    created_at: Loose = None
    created_on: Loose = None
    updated_at: Loose = None
    updated_on: Loose = None
    command: Loose = None
    issued_by: _Person | Loose = None
    requeue_value: Loose = None
    meta: _Meta | None = None


class _Stats(Struct):
    status: list[_Stat] | None = None


def _request(wire: _Request, raw: bytes) -> CommandRequest:
    return CommandRequest(
        id=identified(wire.id, "a command request"),
        command=text(wire.command),
        command_type=text(wire.command_type),
        alias=text(wire.alias),
        devices=tuple(filter(None, map(ident, wire.devices or ()))),
        groups=tuple(filter(None, map(ident, wire.groups or ()))),
        args=wire.command_args or {},
        schedule=text(wire.schedule),
        reason=text(wire.reason),
        created_by=first(_name(wire.created_by), _name(wire.issued_by)),
        created_at=moment(wire.created_at) or moment(wire.created_on),
        counts={text(stat.state): whole(stat.total) or 0 for stat in wire.status or () if text(stat.state)},
    )


def _status(wire: _Status, raw: bytes) -> CommandStatus:
    return CommandStatus(
        id=identified(wire.id, "a command status"),
        request_id=ident(wire.request),
        device_id=ident(wire.device),
        state=text(wire.state),
        reason=text(wire.reason),
        created_at=moment(wire.created_at) or moment(wire.created_on),
        updated_at=moment(wire.updated_at) or moment(wire.updated_on),
        command=text(wire.command),
        issued_by=_name(wire.issued_by),
        device_name=text(wire.meta.device.device_name) if wire.meta and wire.meta.device else "",
        requeued=whole(wire.requeue_value),
    )


def _stats(wire: _Stats, raw: bytes) -> dict[str, int]:
    if wire.status is None:
        raise UnexpectedAnswer("command counts without a list of states")
    totals: dict[str, int] = {}
    for stat in wire.status:
        state, total = text(stat.state), whole(stat.total)
        if not state or total is None:
            raise UnexpectedAnswer("a command count without a state or a number")
        totals[state] = totals.get(state, 0) + total
    return totals


def _name(person: _Person | Loose) -> str:
    return text(person.username if isinstance(person, _Person) else person)


# Schemas CommandRequest, CommandStatus and CommandStats; EnterpriseCommandRequest and EnterpriseCommandStatus of the
# older service are read by the same forms: there `device` is an address.
REQUEST = Form(_Request, _request)
STATUS = Form(_Status, _status)
STATS = Form(_Stats, _stats)


class Commands:
    """Requests and what became of them on each device."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def send(self, body: Mapping[str, Any]) -> CommandRequest:
        """POST commands/v0/commands/, once."""
        return await self._exchange.change("POST", _COMMANDS, body, REQUEST)

    async def request(self, request_id: str) -> CommandRequest:
        """GET commands/v0/commands/{id}/."""
        return await self._exchange.one(f"{_COMMANDS}{part(request_id)}/", REQUEST, priority=Priority.FOLLOWING)

    def requests(self, limit: int) -> Pages[CommandRequest]:
        """GET commands/v0/commands/, one page after the other."""
        limits = (limit, 20) if limit > 20 else (limit,)
        return self._exchange.pages(_COMMANDS, REQUEST, limits=limits, at_once=1, priority=Priority.FOLLOWING)

    async def stats(self, request_id: str) -> dict[str, int]:
        """GET commands/v0/commands/{id}/stats/."""
        return await self._exchange.one(f"{_COMMANDS}{part(request_id)}/stats/", STATS, priority=Priority.FOLLOWING)

    def statuses(
        self,
        *,
        request_ids: Iterable[str] = (),
        device_ids: Iterable[str] = (),
        state: str = "",
        with_internal: bool = True,
        limit: int = 500,
    ) -> Pages[CommandStatus]:
        """GET commands/v0/status/. Raises InputError without a request and a device.

        `with_internal` False leaves out commands that the server gave by itself.
        """
        params = {"request": ",".join(request_ids), "device": ",".join(device_ids), "state": state}
        if not params["request"] and not params["device"]:
            raise InputError([Problem("request", "Name a request or a device.")])
        if not with_internal:
            params["exclude_internal_commands"] = "true"
        wanted = {key: value for key, value in params.items() if value}
        limits = (limit, *(smaller for smaller in (500, 100) if smaller < limit))
        return self._exchange.pages(_STATUS, STATUS, params=wanted, limits=limits, priority=Priority.FOLLOWING)

    async def status(self, status_id: str) -> CommandStatus:
        """GET commands/v0/status/{id}/."""
        return await self._exchange.one(f"{_STATUS}{part(status_id)}/", STATUS, priority=Priority.FOLLOWING)

    async def cancel(self, status_id: str, reason: str) -> CommandStatus:
        """PUT commands/v0/status/{id}/, once; 304 means that nothing changed, and the status is read."""
        path = f"{_STATUS}{part(status_id)}/"
        body = {"state": CommandState.CANCELLED.value, "reason": reason}
        changed = await self._exchange.write("PUT", path, body, STATUS)
        return changed if changed is not None else await self._exchange.one(path, STATUS)
