"""Commands of the first two generations: on one device, on a group, and the enterprise's own requests.

Invariant: they enter the same book as all others, so they show in states, history and operations too.
Sources: contract paths tagged Commands (older); wire facts of the contract.
"""

from app.sandbox import legacy_documents as documents
from app.sandbox import order_documents
from app.sandbox.answers import Answer, Asked, Refusal, body, listed, words
from app.sandbox.intake import OLDER, read_draft
from app.sandbox.legacy_intake import DEVICE_COMMANDS, GROUP_COMMANDS, read_command
from app.sandbox.orders import Draft, Order
from app.sandbox.routes import Path, device_in, own_enterprise
from app.sandbox.routes.commands import in_state
from app.sandbox.world import World


def run_on_device(world: World, asked: Asked) -> Answer:
    """Takes a command for an Android device; the answer is 200, not 201 (contract)."""
    device = _android(world, asked)
    command, args = read_command(body(asked), DEVICE_COMMANDS)
    order = world.accept(_draft(command, args, "DEVICE", devices=(device,)))
    return Answer(documents.device_command(world, order.items[0], asked.base))


def on_device(world: World, asked: Asked) -> Answer:
    """One command on the device, whichever generation sent it."""
    device, item = _android(world, asked), world.orders.find_item(asked.path["command_id"])
    if item is None or item.device != device:
        raise Refusal(404, message="There is no such command on the device")
    return Answer(documents.device_command(world, item, asked.base))


def run_on_group(world: World, asked: Asked) -> Answer:
    """Takes a command for the devices of a group, and of those below, that are online now."""
    group = _group(world, asked)
    command, args = read_command(body(asked), GROUP_COMMANDS)
    order = world.accept(_draft(command, args, "GROUP", groups=(group,)))
    return Answer(documents.group_command(world, order, group, asked.base), 201)


def on_group(world: World, asked: Asked) -> Answer:
    group, order = _group(world, asked), world.orders.find(asked.path["command_id"])
    if order is None or group not in (order.draft.groups or ()):
        raise Refusal(404, message="There is no such command on the group")
    return Answer(documents.group_command(world, order, group, asked.base))


def create(world: World, asked: Asked) -> Answer:
    """Takes a request; `device_type` is active where it is not sent."""
    own_enterprise(world, asked)
    order = world.accept(read_draft(world, body(asked), OLDER))
    return Answer(documents.enterprise_request(world, order), 201)


def list_requests(world: World, asked: Asked) -> Answer:
    """Requests of every generation, newest first. `devices` is a comma list: requests that reached any of them."""
    own_enterprise(world, asked)
    found = world.orders.all[::-1]
    for name, options in (("command_type", tuple(OLDER.needed)), ("device_type", OLDER.device_types)):
        if wanted := asked.query.get(name):
            if wanted not in options:
                raise Refusal(400, [f"{name}: Must be one of {', '.join(options)}."])
            found = [order for order in found if getattr(order.draft, name) == wanted]
    if wanted := asked.query.get("command"):
        found = [order for order in found if order.draft.command == wanted]
    if (wanted := asked.query.get("issued_by")) and wanted not in {order_documents.USER, "1"}:
        found = []
    if devices := words(asked, "devices"):
        numbers = {world.ids.find("device", text) for text in devices}
        reached = {item.order.number for n in numbers if n is not None for item in world.orders.of_device(n)}
        found = [order for order in found if order.number in reached]
    return Answer(listed(asked, found, lambda order: documents.enterprise_request(world, order)))


def status(world: World, asked: Asked) -> Answer:
    """What became of a request on each device, in the form of the command history."""
    own_enterprise(world, asked)
    order: Order | None = world.orders.find(asked.path["request_id"])
    if order is None:
        raise Refusal(404, message="There is no such command request")
    items = order.items
    if devices := words(asked, "device"):
        numbers = {world.ids.find("device", text) for text in devices}
        items = [item for item in items if item.device in numbers]
    return Answer(listed(asked, in_state(asked, items), lambda item: order_documents.history(world, item, asked.base)))


def _draft(
    command: str,
    args: dict[str, object],
    kind: str,
    devices: tuple[int, ...] | None = None,
    groups: tuple[int, ...] | None = None,
) -> Draft:
    reach = "active" if groups else "all"
    return Draft(command, kind, devices, groups, args, "IMMEDIATE", None, None, None, reach)


def _android(world: World, asked: Asked) -> int:
    own_enterprise(world, asked)
    number = device_in(world, asked)
    if world.fleet.platform[number] != 0:
        raise Refusal(404, message="This is not an Android device")
    return number


def _group(world: World, asked: Asked) -> int:
    own_enterprise(world, asked)
    group = world.fleet.groups.find(asked.path["group_id"])
    if group is None:
        raise Refusal(404, message="There is no such group")
    return group.index


_ENTERPRISE = "/enterprise/{enterprise_id}"

PATHS = [
    Path(f"{_ENTERPRISE}/device/{{device_id}}/command/", post=run_on_device),
    Path(f"{_ENTERPRISE}/device/{{device_id}}/command/{{command_id}}/", on_device),
    Path(f"{_ENTERPRISE}/devicegroup/{{group_id}}/command/", post=run_on_group),
    Path(f"{_ENTERPRISE}/devicegroup/{{group_id}}/command/{{command_id}}/", on_group),
    Path(f"/v0{_ENTERPRISE}/command/", list_requests, post=create),
    Path(f"/v0{_ENTERPRISE}/command/{{request_id}}/status/", status),
]
