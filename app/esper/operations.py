"""Operations: what the server makes of a command, and what each device makes of it.

Invariant: a state number or a known other spelling becomes the contract's text; any other text stays as it is.
"""

from typing import Any

from msgspec import Struct

from app.esper.answers import Form, identified
from app.esper.exchange import Exchange
from app.esper.pace import Priority
from app.esper.pages import Pages
from app.esper.wording import Loose, ident, moment, part, text, whole
from app.records import Activity, DeviceOperation, Operation
from app.states import OPERATION_STATE_NUMBERS, OperationState

_OPERATIONS = "/v0/operations/"
# The newer description writes these (one of them misspelt) for the same two states.
_SPELLINGS = {
    "SUCCEDED": OperationState.SUCCESS.value,
    "SUCCEEDED": OperationState.SUCCESS.value,
    "FAILED": OperationState.FAILURE.value,
}


class _Activity(Struct):
    operation_state: Loose = None
    device_operation_state: Loose = None
    created_at: Loose = None


class _Operation(Struct):
    id: Loose = None
    operation: Loose = None
    state: Loose = None
    reason: Loose = None
    created_by: Loose = None
    created_at: Loose = None
    updated_at: Loose = None
    operation_activity: list[_Activity] | None = None
    operation_stats: dict[str, Any] | None = None


class _DeviceOperation(Struct):
    id: Loose = None
    operation_id: Loose = None
    device_id: Loose = None
    state: Loose = None
    reason: Loose = None
    created_at: Loose = None
    updated_at: Loose = None
    device_operation_activity: list[_Activity] | None = None


def _operation(wire: _Operation, raw: bytes) -> Operation:
    return Operation(
        id=identified(wire.id, "an operation"),
        operation=text(wire.operation),
        state=text(wire.state),
        reason=text(wire.reason),
        created_by=text(wire.created_by),
        created_at=moment(wire.created_at),
        updated_at=moment(wire.updated_at),
        activity=tuple(
            Activity(state=text(a.operation_state), at=moment(a.created_at)) for a in wire.operation_activity or ()
        ),
        stats=_counts(wire.operation_stats or {}),
        raw=raw,
    )


def _device_operation(wire: _DeviceOperation, raw: bytes) -> DeviceOperation:
    return DeviceOperation(
        id=identified(wire.id, "a device operation"),
        operation_id=ident(wire.operation_id),
        device_id=ident(wire.device_id),
        state=_state(wire.state),
        reason=text(wire.reason),
        created_at=moment(wire.created_at),
        updated_at=moment(wire.updated_at),
        activity=tuple(
            Activity(state=_state(a.device_operation_state), at=moment(a.created_at))
            for a in wire.device_operation_activity or ()
        ),
    )


def _state(value: Loose) -> str:
    if (value_number := whole(value)) is not None and value_number in OPERATION_STATE_NUMBERS:
        return OPERATION_STATE_NUMBERS[value_number].value
    written = text(value)
    return _SPELLINGS.get(written, written)


def _counts(stats: dict[str, Any]) -> dict[str, int]:
    """The numbers of `device_operation_statuses_count`, or those at the top where it is missing."""
    inner = stats.get("device_operation_statuses_count")
    counts = inner if isinstance(inner, dict) else stats
    scalars = ((key, value) for key, value in counts.items() if isinstance(value, str | int | float))
    return {key: number for key, value in scalars if (number := whole(value)) is not None}


# Schemas Operation and DeviceOperation.
OPERATION = Form(_Operation, _operation)
DEVICE_OPERATION = Form(_DeviceOperation, _device_operation)


def pages(exchange: Exchange) -> Pages[Operation]:
    """GET v0/operations/, one page after the other: the newest push the others on while we read."""
    return exchange.pages(_OPERATIONS, OPERATION, limits=(100, 20), at_once=1, priority=Priority.FOLLOWING)


async def one(exchange: Exchange, operation_id: str) -> Operation:
    """GET v0/operations/{operationId}/."""
    return await exchange.one(f"{_OPERATIONS}{part(operation_id)}/", OPERATION)


def of_operation(exchange: Exchange, operation_id: str, state: int, ordering: str) -> Pages[DeviceOperation]:
    """GET v0/operations/{operationsId}/devices/; state 0 and an empty ordering are left out."""
    params = {key: value for key, value in (("state", state), ("ordering", ordering)) if value}
    path = f"{_OPERATIONS}{part(operation_id)}/devices/"
    return exchange.pages(path, DEVICE_OPERATION, params=params, priority=Priority.FOLLOWING)


async def of_device(exchange: Exchange, operation_id: str, device_id: str) -> DeviceOperation:
    """GET v0/operations/{operationsId}/devices/{deviceId}/."""
    path = f"{_OPERATIONS}{part(operation_id)}/devices/{part(device_id)}/"
    return await exchange.one(path, DEVICE_OPERATION, priority=Priority.FOLLOWING)


def on_device(exchange: Exchange, device_id: str) -> Pages[Operation]:
    """GET v0/devices/{deviceId}/operations/."""
    return exchange.pages(f"/v0/devices/{part(device_id)}/operations/", OPERATION, limits=(100, 20))
