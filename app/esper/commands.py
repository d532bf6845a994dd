"""Commands: send one, read requests, count and list what became of them, cancel.

Invariant: a command goes out exactly once. Arguments of a request may hold secrets and are given on, never logged.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from app.errors import InputError, OutcomeUnknown, Problem, UnexpectedAnswer
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


class _Stat(Struct):
    state: Loose = None
    total: Loose = None


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


# Schemas CommandRequest, CommandStatus (device: an id here, an address on the older service) and CommandStats.
REQUEST = Form(_Request, _request)
STATUS = Form(_Status, _status)
STATS = Form(_Stats, _stats)


async def send(exchange: Exchange, body: Mapping[str, Any]) -> CommandRequest:
    """POST commands/v0/commands/, once."""
    sent = await exchange.write("POST", _COMMANDS, body, REQUEST)
    if sent is None:
        raise OutcomeUnknown("the server says that nothing changed", method="POST", path=_COMMANDS)
    return sent


async def request(exchange: Exchange, request_id: str) -> CommandRequest:
    """GET commands/v0/commands/{id}/."""
    return await exchange.one(f"{_COMMANDS}{part(request_id)}/", REQUEST, priority=Priority.FOLLOWING)


def requests(exchange: Exchange, limit: int) -> Pages[CommandRequest]:
    """GET commands/v0/commands/, one page after the other."""
    limits = (limit, 20) if limit > 20 else (limit,)
    return exchange.pages(_COMMANDS, REQUEST, limits=limits, at_once=1, priority=Priority.FOLLOWING)


async def stats(exchange: Exchange, request_id: str) -> dict[str, int]:
    """GET commands/v0/commands/{id}/stats/."""
    return await exchange.one(f"{_COMMANDS}{part(request_id)}/stats/", STATS, priority=Priority.FOLLOWING)


def statuses(exchange: Exchange, request_id: str, device_id: str, state: str, limit: int) -> Pages[CommandStatus]:
    """GET commands/v0/status/, which needs a request or a device."""
    params = {k: v for k, v in (("request", request_id), ("device", device_id), ("state", state)) if v}
    if not request_id and not device_id:
        raise InputError([Problem("request", "Name a request or a device.")])
    limits = (limit, *(smaller for smaller in (500, 100) if smaller < limit))
    return exchange.pages(_STATUS, STATUS, params=params, limits=limits, priority=Priority.FOLLOWING)


async def cancel(exchange: Exchange, status_id: str, reason: str) -> CommandStatus:
    """PUT commands/v0/status/{id}/, once; 304 means that nothing changed, and the status is read."""
    path = f"{_STATUS}{part(status_id)}/"
    body = {"state": CommandState.CANCELLED.value, "reason": reason}
    changed = await exchange.write("PUT", path, body, STATUS)
    return changed if changed is not None else await exchange.one(path, STATUS)
