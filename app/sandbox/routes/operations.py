"""Operations: the same requests seen as fleet operations, with a trail of states per device.

Invariant: every accepted request is one operation. Sources: 001_a74e240feaae3237.txt; contract paths tagged Operations.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.sandbox import order_documents as documents
from app.sandbox.answers import Answer, Asked, Refusal, body, listed, whole
from app.sandbox.device_query import FILTERS, select
from app.sandbox.intake import NEWER, read_draft
from app.sandbox.orders import Item, Order
from app.sandbox.routes import Path, device_in
from app.sandbox.routes.commands import reason_in
from app.sandbox.world import World

_STATES = {
    10: "CREATED",
    20: "INITIATED",
    30: "DISPATCHED",
    40: "PROCESSING",
    50: "SUCCESS",
    60: "FAILURE",
    70: "CANCELLED",
    80: "TIMEOUT",
    90: "COMPLETED",
}
_NUMBERS = {text: number for number, text in _STATES.items()}
# The devices of an operation come from its query, so none are named in it.
_BY_QUERY = replace(NEWER, needed={"DEVICE": ()})
_ORDERINGS: dict[str, Callable[[Item], Any]] = {
    "created_at": lambda item: item.created,
    "updated_at": lambda item: item.updated,
    "state": lambda item: _NUMBERS[documents.OPERATION_STATES[item.state]],
}


def list_operations(world: World, asked: Asked) -> Answer:
    """All operations, newest first."""
    return _content(listed(asked, world.orders.all[::-1], lambda order: documents.operation(world, order)))


def create(world: World, asked: Asked) -> Answer:
    """Runs a command on all devices that the filters of the any-platform list find at this moment."""
    sent = body(asked)
    problems: list[str] = []
    query, wanted = _query(sent, problems)
    schedule = sent.get("schedule_type", "IMMEDIATE")
    if schedule not in ("IMMEDIATE", "WINDOW"):
        problems.append("schedule_type: Must be one of IMMEDIATE, WINDOW.")
    when = sent.get("schedule_args")
    if isinstance(when, dict) and isinstance(when.get("days"), list) and all(isinstance(d, int) for d in when["days"]):
        when = {key: value for key, value in when.items() if key != "days"}  # numbers here, and a window has no days
    asking = {
        "command_type": "DEVICE",
        "devices": [],
        "command": sent.get("operation_type"),
        "command_args": sent.get("arguments", {}),
    }
    try:
        draft = read_draft(world, asking | {"schedule": schedule, "schedule_args": when}, _BY_QUERY)
    except Refusal as refused:
        renamed = {"command": "operation_type", "command_args": "arguments", "schedule": "schedule_type"}
        problems += [_renamed(error, renamed) for error in refused.errors]
    if problems:
        raise Refusal(400, list(dict.fromkeys(problems)))
    found = select(world, Asked({}, query, b"", asked.base, asked.here), newer=True)
    made = replace(draft, devices=tuple(found.tolist()), device_query=wanted, schedule_args=sent.get("schedule_args"))
    return Answer({"content": documents.operation(world, world.accept(made))}, 201)


def detail(world: World, asked: Asked) -> Answer:
    return _content(documents.operation(world, _operation(world, asked)))


def cancel(world: World, asked: Asked) -> Answer:
    """Cancels the operation on every device that has not begun. The answer has no wrapper (contract)."""
    order, sent = _operation(world, asked), body(asked)
    if sent.get("state") != "CANCELLED" or not isinstance(sent.get("reason"), str):
        raise Refusal(400, ["state: Must be CANCELLED.", "reason: Is required."])
    for item in order.items:
        world.lifecycle.cancel(item, world.now, sent["reason"])
    return Answer({"operationId": asked.path["operation_id"], "status": "CANCELLED"})


def devices(world: World, asked: Asked) -> Answer:
    """Devices of an operation. `state` is a number, 0 means no filter; `ordering` takes a leading minus."""
    items, state = _operation(world, asked).items, whole(asked, "state", 0)
    if state:
        if state not in _STATES:
            raise Refusal(400, [f"state: Must be 0 or one of {', '.join(map(str, _STATES))}."])
        items = [item for item in items if documents.OPERATION_STATES[item.state] == _STATES[state]]
    if ordering := asked.query.get("ordering"):
        key = _ORDERINGS.get(ordering.removeprefix("-"))
        if key is None:
            raise Refusal(400, [f"ordering: Must be one of {', '.join(_ORDERINGS)}, or one of them with a minus."])
        items = sorted(items, key=key, reverse=ordering.startswith("-"))
    return _content(listed(asked, items, lambda item: documents.device_operation(world, item)))


def device_detail(world: World, asked: Asked) -> Answer:
    return _content(documents.device_operation(world, _item(world, asked)))


def device_cancel(world: World, asked: Asked) -> Answer:
    """Asks to cancel the operation on one device; where it has begun already, its state stays."""
    item, sent = _item(world, asked), body(asked)
    if sent.get("state") != "CANCELLATION_REQUESTED":
        raise Refusal(400, ["state: Must be CANCELLATION_REQUESTED."])
    if not isinstance(sent.get("service_id", ""), str):
        raise Refusal(400, ["service_id: Must be text."])
    world.lifecycle.cancel(item, world.now, reason_in(sent))
    return _content(documents.device_operation(world, item))


def of_device(world: World, asked: Asked) -> Answer:
    """Operations of a device, newest first; this page is not wrapped (001_a74e240feaae3237.txt)."""
    items = world.orders.of_device(device_in(world, asked))[::-1]
    return Answer(listed(asked, items, lambda item: documents.operation(world, item.order)))


def _query(sent: dict[str, Any], problems: list[str]) -> tuple[dict[str, str], dict[str, Any]]:
    """The filters as a query of the device list, and as they were sent. No filter at all would be the whole fleet."""
    name = "operation_device_query.device_request"
    wanted = sent.get("operation_device_query")
    filters = wanted.get("device_request") if isinstance(wanted, dict) else None
    if not isinstance(wanted, dict) or not isinstance(filters, dict) or not filters:
        problems.append(f"{name}: Give at least one filter of the device list.")
        return {}, {}
    query = {}
    for key, value in filters.items():
        values = value if isinstance(value, list) else [value]
        if key not in FILTERS:
            problems.append(f"{name}.{key[:60]}: Is not a filter of the device list.")
        elif not values or not all(isinstance(entry, str | int | float) and entry != "" for entry in values):
            problems.append(f"{name}.{key}: Must be a text, number, boolean, or a list of them.")
        else:
            query[key] = ",".join(str(entry).lower() if isinstance(entry, bool) else str(entry) for entry in values)
    return query, wanted


def _renamed(error: str, names: dict[str, str]) -> str:
    """An error that names the field as the operation does."""
    field, _, rest = error.partition(": ")
    head, dot, inner = field.partition(".")
    return f"{names.get(head, head)}{dot}{inner}: {rest}"


def _content(document: dict[str, Any]) -> Answer:
    return Answer({"content": document})


def _operation(world: World, asked: Asked) -> Order:
    order = world.orders.find_operation(asked.path["operation_id"])
    if order is None:
        raise Refusal(404, message="There is no such operation")
    return order


def _item(world: World, asked: Asked) -> Item:
    number = world.ids.find("device", asked.path["device_id"])
    for item in _operation(world, asked).items:
        if item.device == number:
            return item
    raise Refusal(404, message="The operation does not have this device")


PATHS = [
    Path("/v0/operations/", list_operations, post=create),
    Path("/v0/operations/{operation_id}/", detail, put=cancel),
    Path("/v0/operations/{operation_id}/devices/", devices),
    Path("/v0/operations/{operation_id}/devices/{device_id}/", device_detail, put=device_cancel),
    Path("/v0/devices/{device_id}/operations/", of_device),
]
