"""Operations: what the server makes of a command, and what each device makes of it.

Invariant: a state number or a known other spelling becomes the contract's text; any other text stays as it is.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from app.esper.answers import Form, identified
from app.esper.exchange import Exchange
from app.esper.pace import Priority
from app.esper.pages import Pages
from app.esper.wording import Loose, first, ident, moment, part, text, whole
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


class _Outcome(Struct):
    status: Loose = None
    state: Loose = None


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


def _outcome(wire: _Outcome, raw: bytes) -> str:
    return first(wire.status, wire.state)


# Schemas Operation and DeviceOperation; what the cancellation of an operation answers, {operationId, status}.
OPERATION = Form(_Operation, _operation)
DEVICE_OPERATION = Form(_DeviceOperation, _device_operation)
OUTCOME = Form(_Outcome, _outcome)


class Operations:
    """Creating and cancelling goes out once; a device's part of an operation is cancelled by asking for it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def pages(self) -> Pages[Operation]:
        """GET v0/operations/, one page after the other: the newest push the others on while we read."""
        return self._exchange.pages(_OPERATIONS, OPERATION, limits=(100, 20), at_once=1, priority=Priority.FOLLOWING)

    async def one(self, operation_id: str) -> Operation:
        """GET v0/operations/{operationId}/."""
        return await self._exchange.one(_path(operation_id), OPERATION)

    async def create(
        self,
        operation_type: str,
        *,
        arguments: Mapping[str, Any] | None = None,
        device_request: Mapping[str, Any] | None = None,
        schedule_args: Mapping[str, Any] | None = None,
    ) -> Operation:
        """POST v0/operations/, once. `device_request` takes the filters of the list v2/devices/.

        With `schedule_args` it runs in that window (days are numbers here), else at once.
        """
        body: dict[str, Any] = {"operation_type": operation_type, "schedule_type": "IMMEDIATE"}
        if arguments is not None:
            body["arguments"] = dict(arguments)
        if device_request is not None:
            body["operation_device_query"] = {"device_request": dict(device_request)}
        if schedule_args is not None:
            body |= {"schedule_type": "WINDOW", "schedule_args": dict(schedule_args)}
        return await self._exchange.change("POST", _OPERATIONS, body, OPERATION)

    async def cancel(self, operation_id: str, reason: str) -> str:
        """PUT v0/operations/{operationId}/, once; gives the state that the server names, empty where it names none."""
        body = {"state": "CANCELLED", "reason": reason}
        return await self._exchange.change("PUT", _path(operation_id), body, OUTCOME)

    def devices(self, operation_id: str, *, state: int = 0, ordering: str = "") -> Pages[DeviceOperation]:
        """GET v0/operations/{operationsId}/devices/; state 0 and an empty ordering are left out."""
        params = {key: value for key, value in (("state", state), ("ordering", ordering)) if value}
        path = f"{_path(operation_id)}devices/"
        return self._exchange.pages(path, DEVICE_OPERATION, params=params, priority=Priority.FOLLOWING)

    async def device(self, operation_id: str, device_id: str) -> DeviceOperation:
        """GET v0/operations/{operationsId}/devices/{deviceId}/."""
        return await self._exchange.one(_of(operation_id, device_id), DEVICE_OPERATION, priority=Priority.FOLLOWING)

    async def cancel_device(self, operation_id: str, device_id: str, reason: str) -> DeviceOperation:
        """PUT v0/operations/{operationsId}/devices/{deviceId}/, once: a wish, whose outcome is the state to follow."""
        body = {"state": "CANCELLATION_REQUESTED", "reason": reason}
        return await self._exchange.change("PUT", _of(operation_id, device_id), body, DEVICE_OPERATION)

    def of_device(self, device_id: str) -> Pages[Operation]:
        """GET v0/devices/{deviceId}/operations/."""
        return self._exchange.pages(f"/v0/devices/{part(device_id)}/operations/", OPERATION, limits=(100, 20))


def _path(operation_id: str) -> str:
    return f"{_OPERATIONS}{part(operation_id)}/"


def _of(operation_id: str, device_id: str) -> str:
    return f"{_path(operation_id)}devices/{part(device_id)}/"
