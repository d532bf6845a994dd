"""Commands in the forms of the first two generations of the API.

Invariant: they are other views of the same requests and items, so every generation tells the same story. States that a
generation lacks are shown as the nearest it has: queued as initiated, cancelled as failed.
Sources: contract schemas LegacyCommand, GroupCommand, EnterpriseCommandRequest; the contract's wire facts.
"""

from typing import Any

from app.sandbox import order_documents
from app.sandbox.device_facts import Document, moment
from app.sandbox.library_documents import enterprise_url
from app.sandbox.orders import FINAL, Item, Order
from app.sandbox.world import World
from app.states import CommandState

_STATES = {CommandState.QUEUED: CommandState.INITIATED, CommandState.CANCELLED: CommandState.FAILURE}
_ACTIONS = {
    CommandState.ACKNOWLEDGED: "acknowledge",
    CommandState.IN_PROGRESS: "in_progress",
    CommandState.SUCCESS: "success",
    CommandState.FAILURE: "failed",
    CommandState.TIMEOUT: "failed",
    CommandState.CANCELLED: "failed",
}
_OUTCOMES = {
    CommandState.QUEUED: "initiate",
    CommandState.SCHEDULED: "initiate",
    CommandState.INITIATED: "initiate",
    CommandState.ACKNOWLEDGED: "acknowledge",
    CommandState.IN_PROGRESS: "in_progress",
    CommandState.SUCCESS: "success",
    CommandState.FAILURE: "failed",
    CommandState.CANCELLED: "failed",
    CommandState.TIMEOUT: "timeout",
}


def device_command(world: World, item: Item, base: str) -> Document:
    """One command on one device. `action` is what the device said last; it is absent until it says something."""
    order, enterprise = item.order, enterprise_url(world, base)
    groups = order.draft.groups
    group = world.fleet.groups.all[groups[0]].id if groups else None
    document: Document = {
        "id": world.orders.ids.make("status", item.number),
        "current_base_uri": f"{base}/",
        "command_args": order.draft.args,
        "schedule": None,
        "group_schedule_id": None,
        "command": order.draft.command,
        "state": _STATES.get(item.state, item.state),
        "details": item.reason,
        "created_on": moment(item.created),
        "updated_on": moment(item.updated),
        "enterprise": enterprise,
        "device": f"{enterprise}device/{world.fleet.device_id(item.device)}/",
        "group_command": f"{enterprise}devicegroup/{group}/command/{order.id}/" if group else None,
        "issued_by": f"{base}/user/1/",
    }
    return document | ({"action": _ACTIONS[item.state]} if item.state in _ACTIONS else {})


def group_command(world: World, order: Order, group: int, base: str) -> Document:
    """One command on a group. `details` are devices by outcome; those that were offline were not reached (inactive)."""
    enterprise = enterprise_url(world, base)
    done = sum(order.counts[state] for state in FINAL) == len(order.items)
    failed = order.counts[CommandState.SUCCESS] < len(order.items)
    state = CommandState.INITIATED if not done else CommandState.FAILURE if failed else CommandState.SUCCESS
    if len(order.items) and order.counts[CommandState.SCHEDULED] == len(order.items):
        state = CommandState.SCHEDULED
    details: dict[str, list[dict[str, Any]]] = {}
    for item in order.items:
        details.setdefault(_OUTCOMES[item.state], []).append(_named(world, item.device))
    if order.draft.device_type == "active":
        reached = {item.device for item in order.items}
        members = world.fleet.members_below(group).tolist()
        details["inactive"] = [_named(world, device) for device in members if device not in reached]
    return {
        "id": order.id,
        "schedule": None,
        "command": order.draft.command,
        "command_args": order.draft.args,
        "state": state,
        "details": details,
        "created_on": moment(order.created),
        "updated_on": moment(max((item.updated for item in order.items), default=order.created)),
        "is_active": not done,
        "enterprise": enterprise,
        "group": f"{enterprise}devicegroup/{world.fleet.groups.all[group].id}/",
        "issued_by": f"{base}/user/1/",
    }


def enterprise_request(world: World, order: Order) -> Document:
    """A request in the form of the enterprise's own list; `issued_by` ends with the user's name (wire fact)."""
    newer = order_documents.request(world, order)
    taken = ("command_type", "devices", "groups", "device_type", "command", "command_args", "schedule", "schedule_args")
    return {
        "id": order.id,
        "enterprise": world.enterprise_id,
        **{name: newer[name] for name in taken},
        "issued_by": {"id": 1, "username": order_documents.USER},
        "created_on": newer["created_at"],
        "status": order_documents.stats(order)["status"],
    }


def _named(world: World, device: int) -> dict[str, Any]:
    return {"id": world.fleet.device_id(device), "name": world.identity.name(device)}
