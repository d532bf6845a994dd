"""Operations: the same requests seen as fleet operations, with a trail of states per device.

Invariant: every accepted request is one operation. Sources: 001_a74e240feaae3237.txt; contract paths tagged Operations.
"""

from collections.abc import Callable
from typing import Any

from app.sandbox import order_documents as documents
from app.sandbox.answers import Answer, Asked, Refusal, body, listed, whole
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
_ORDERINGS: dict[str, Callable[[Item], Any]] = {
    "created_at": lambda item: item.created,
    "updated_at": lambda item: item.updated,
    "state": lambda item: _NUMBERS[documents.OPERATION_STATES[item.state]],
}


def list_operations(world: World, asked: Asked) -> Answer:
    """All operations, newest first."""
    return _content(listed(asked, world.orders.all[::-1], lambda order: documents.operation(world, order)))


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
    world.lifecycle.cancel(item, world.now, reason_in(sent))
    return _content(documents.device_operation(world, item))


def of_device(world: World, asked: Asked) -> Answer:
    """Operations of a device, newest first; this page is not wrapped (001_a74e240feaae3237.txt)."""
    items = world.orders.of_device(device_in(world, asked))[::-1]
    return Answer(listed(asked, items, lambda item: documents.operation(world, item.order)))


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
    Path("/v0/operations/", list_operations),
    Path("/v0/operations/{operation_id}/", detail, put=cancel),
    Path("/v0/operations/{operation_id}/devices/", devices),
    Path("/v0/operations/{operation_id}/devices/{device_id}/", device_detail, put=device_cancel),
    Path("/v0/devices/{device_id}/operations/", of_device),
]
