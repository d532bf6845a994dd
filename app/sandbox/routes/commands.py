"""Command requests, their counts and states per device, and the command history of a device.

Invariant: a 201 means the request was taken; what became of it is read from stats and status.
Sources: contract paths tagged Commands, and `/v0/enterprise/{enterprise_id}/device/{device_id}/command-history/`.
"""

from typing import Any

from app.sandbox import order_documents as documents
from app.sandbox.answers import Answer, Asked, Refusal, body, listed, truth, words, wrapped
from app.sandbox.intake import read_draft
from app.sandbox.orders import Item, Order
from app.sandbox.routes import Path, device_in, own_enterprise
from app.sandbox.world import World
from app.states import CommandState


def create(world: World, asked: Asked) -> Answer:
    order = world.accept(read_draft(world, body(asked)))
    return wrapped(documents.request(world, order), 201)


def list_requests(world: World, asked: Asked) -> Answer:
    """All requests, newest first."""
    return wrapped(listed(asked, world.orders.all[::-1], lambda order: documents.request(world, order)))


def detail(world: World, asked: Asked) -> Answer:
    return wrapped(documents.request(world, _request(world, asked)))


def stats(world: World, asked: Asked) -> Answer:
    return wrapped(documents.stats(_request(world, asked)))


def list_status(world: World, asked: Asked) -> Answer:
    """States per device, oldest first, of the requests and devices named; an unknown id matches nothing."""
    requests, devices = words(asked, "request"), words(asked, "device")
    if not requests and not devices:
        raise Refusal(400, ["request: Give at least one request or device."])
    truth(asked, "exclude_internal_commands")
    chosen = {number for number in (world.ids.find("device", text) for text in devices) if number is not None}
    if requests:
        orders = dict.fromkeys(order for order in map(world.orders.find, requests) if order is not None)
        items = [item for order in orders for item in order.items if not devices or item.device in chosen]
    else:
        items = sorted((item for number in chosen for item in world.orders.of_device(number)), key=lambda i: i.number)
    return wrapped(listed(asked, in_state(asked, items), lambda item: documents.status(world, item)))


def status_detail(world: World, asked: Asked) -> Answer:
    return wrapped(documents.status(world, _item(world, asked)))


def cancel(world: World, asked: Asked) -> Answer:
    """Cancels a command that the device has not begun. 304 where it is cancelled already, 400 where it is too late."""
    item, sent = _item(world, asked), body(asked)
    if sent.get("state") != CommandState.CANCELLED:
        raise Refusal(400, [f"state: Only {CommandState.CANCELLED} can be set."])
    if item.state == CommandState.CANCELLED:
        return Answer(None, 304)
    if not world.lifecycle.cancel(item, world.now, reason_in(sent)):
        raise Refusal(400, [f"state: The command can't be cancelled any more ({item.state})."])
    return wrapped(documents.status(world, item))


def history(world: World, asked: Asked) -> Answer:
    """Commands of a device, newest first, in the older form."""
    own_enterprise(world, asked)
    items = in_state(asked, world.orders.of_device(device_in(world, asked))[::-1])
    return Answer(listed(asked, items, lambda item: documents.history(world, item, asked.base)))


def reason_in(sent: dict[str, Any]) -> str | None:
    """The reason in a body. Raises Refusal 400 where it is no text."""
    reason = sent.get("reason")
    if reason is not None and not isinstance(reason, str):
        raise Refusal(400, ["reason: Must be text."])
    return reason


def in_state(asked: Asked, items: list[Item]) -> list[Item]:
    """The items in the `state` that was asked for. Raises Refusal 400 for a state that there is not."""
    state = asked.query.get("state")
    if not state:
        return items
    if state not in set(CommandState):
        raise Refusal(400, [f"state: Must be one of {', '.join(CommandState)}."])
    return [item for item in items if item.state == state]


def _request(world: World, asked: Asked) -> Order:
    order = world.orders.find(asked.path["id"])
    if order is None:
        raise Refusal(404, message="There is no such command request")
    return order


def _item(world: World, asked: Asked) -> Item:
    item = world.orders.find_item(asked.path["id"])
    if item is None:
        raise Refusal(404, message="There is no such command status")
    return item


PATHS = [
    Path("/commands/v0/commands/", list_requests, post=create),
    Path("/commands/v0/commands/{id}/", detail),
    Path("/commands/v0/commands/{id}/stats/", stats),
    Path("/commands/v0/status/", list_status),
    Path("/commands/v0/status/{id}/", status_detail, put=cancel),
    Path("/v0/enterprise/{enterprise_id}/device/{device_id}/command-history/", history),
]
