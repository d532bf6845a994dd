"""Command requests and operations as the contract's JSON.

Invariant: an operation is another view of a command request, so both always tell the same story.
Sources: contract schemas CommandRequest, CommandStats, CommandStatus, EnterpriseCommandStatus, Operation, DeviceOperation.
"""

from app.sandbox.device_facts import Document, moment, timezone_of
from app.sandbox.library_documents import enterprise_url
from app.sandbox.orders import FINAL, Item, Order
from app.sandbox.world import World
from app.states import CommandState

USER = "admin@example.com"
OPERATION_STATES = {
    CommandState.SCHEDULED: "CREATED",
    CommandState.QUEUED: "CREATED",
    CommandState.INITIATED: "INITIATED",
    CommandState.ACKNOWLEDGED: "DISPATCHED",
    CommandState.IN_PROGRESS: "PROCESSING",
    CommandState.SUCCESS: "SUCCESS",
    CommandState.FAILURE: "FAILURE",
    CommandState.CANCELLED: "CANCELLED",
    CommandState.TIMEOUT: "TIMEOUT",
}


def request(world: World, order: Order) -> Document:
    """A command request as it was accepted."""
    draft = order.draft
    groups = draft.groups
    return {
        "id": order.id,
        "command_type": draft.command_type,
        "alias": draft.alias,
        "devices": None if draft.devices is None else [world.fleet.device_id(d) for d in draft.devices],
        "groups": None if groups is None else [world.fleet.groups.all[g].id for g in groups],
        "device_type": draft.device_type,
        "command": draft.command,
        "command_args": draft.args,
        "schedule": draft.schedule,
        "schedule_args": draft.schedule_args,
        "reason": None,
        "created_by": USER,
        "created_at": moment(order.created),
    }


def stats(order: Order) -> Document:
    """How many devices are in each state; states without devices are left out."""
    return {"id": order.id, "status": [{"state": s, "total": order.counts[s]} for s in CommandState if order.counts[s]]}


def status(world: World, item: Item) -> Document:
    """One command on one device."""
    return {
        "id": world.orders.ids.make("status", item.number),
        "request": item.order.id,
        "device": world.fleet.device_id(item.device),
        "state": item.state,
        "reason": item.reason,
        "created_at": moment(item.created),
        "updated_at": moment(item.updated),
    }


def history(world: World, item: Item, base: str) -> Document:
    """The same in the older form: the device is an address, and `issued_by` ends with the user's name."""
    number = item.device
    device_id = world.fleet.device_id(number)
    return {
        "id": world.orders.ids.make("status", item.number),
        "request": item.order.id,
        "command": item.order.draft.command,
        "command_args": item.order.draft.args,
        "issued_by": {"id": 1, "username": USER},
        "device": f"{enterprise_url(world, base)}device/{device_id}/",
        "state": item.state,
        "reason": item.reason,
        "requeue_value": min(item.tries, 3),
        "created_on": moment(item.created),
        "updated_on": moment(item.updated),
        "meta": {
            "device": {
                "id": device_id,
                "device_name": world.identity.name(number),
                "alias_name": world.identity.alias(number),
                "timezone_string": timezone_of(world, number),
                "tags": world.labels.texts_of(number),
                "managed_by": "ESPER",
            }
        },
    }


def operation(world: World, order: Order) -> Document:
    """The operation of a request."""
    draft, counts, total = order.draft, order.counts, len(order.items)
    done = sum(counts[s] for s in FINAL) == total
    updated = max((item.updated for item in order.items), default=order.created) if done else world.now
    steps: list[tuple[str, float]] = [("CREATED", order.created), ("QUERY RESOLVED", order.created)]
    begun = total - counts[CommandState.QUEUED] - counts[CommandState.SCHEDULED]
    if begun:
        steps.append(("DISPATCHING", min(item.trail[1][0] for item in order.items if len(item.trail) > 1)))
    if done:
        steps.append(("SUCCESS", updated))
    query = draft.device_query
    if query is None:
        query = {key: value for key, value in request(world, order).items() if key in {"devices", "groups"}}
    return {
        "id": world.orders.ids.make("operation", order.number),
        "operation": draft.command,
        "state": "COMPLETED" if done else "DISPATCHING" if begun else "RESOLVED",
        "schedule_type": "IMMEDIATE" if draft.windows is None else "WINDOW",
        "schedule_args": draft.schedule_args,
        "operation_device_query": query,
        "arguments": draft.args,
        "reason": None,
        "created_at": moment(order.created),
        "created_by": USER,
        "updated_at": moment(updated),
        "updated_by": None,
        "operation_activity": [{"operation_state": s, "created_at": moment(at)} for s, at in steps],
        "operation_stats": {
            "device_operation_statuses_count": {
                "resolved_device_count": total,
                "dispatched_device_count": begun,
                "dispatch_failed_count": counts[CommandState.TIMEOUT],
                "failed_device_count": counts[CommandState.FAILURE],
                "success_device_count": counts[CommandState.SUCCESS],
            }
        },
    }


def device_operation(world: World, item: Item) -> Document:
    """One operation on one device, with the trail of states it went through."""
    trail = [{"device_operation_state": OPERATION_STATES[s], "created_at": moment(at)} for at, s in item.trail]
    return {
        "id": world.orders.ids.make("device-operation", item.number),
        "operation_id": world.orders.ids.make("operation", item.order.number),
        "device_id": world.fleet.device_id(item.device),
        "state": OPERATION_STATES[item.state],
        "reason": item.reason,
        "created_at": moment(item.created),
        "updated_at": moment(item.updated),
        "device_operation_activity": trail,
    }
