"""Groups: the flat list that clients build the tree from, one group, and every change to the tree.

Invariant: parents come before their children in the unfiltered list; a device is in exactly one group at any time; what is
refused has changed nothing. Sources: contract paths tagged Groups.
"""

from app.sandbox.answers import Answer, Asked, Refusal, listed, truth, words, wrapped
from app.sandbox.forms import Form
from app.sandbox.groups import LEVELS, Group
from app.sandbox.library_documents import group
from app.sandbox.routes import Path, own_enterprise
from app.sandbox.world import World

_ACTIONS = ("add", "remove", "rename", "move")
_MOST_DEVICES = 1000
_TAKEN = "The fields name, enterprise must make a unique set. "


def list_groups(world: World, asked: Asked) -> Answer:
    """All groups; `name` finds a part of the name, exact matches first (wire fact)."""
    own_enterprise(world, asked)
    found, counts = world.fleet.groups.live, world.fleet.group_counts()
    if wanted := asked.query.get("name", "").casefold():
        found = [entry for entry in found if wanted in entry.name.casefold()]
        found.sort(key=lambda entry: entry.name.casefold() != wanted)
    return Answer(listed(asked, found, lambda entry: group(world, entry, counts, asked.base)))


def create(world: World, asked: Asked) -> Answer:
    """A new group below `parent`, or below the root; `device_ids` are put into it."""
    own_enterprise(world, asked)
    form = Form(asked)
    name = form.text("name", needed=True)
    parent = _parent(world, form) or world.fleet.groups.all[0]
    devices = form.found("device_ids", world.fleet.find, most=_MOST_DEVICES)
    form.check()
    if parent.depth >= LEVELS:
        raise Refusal(400, [f"parent: At most {LEVELS} levels below All devices."])
    _refuse_twin(world, name, parent.index)
    made = world.fleet.groups.create(name, parent, world.now)
    _put(world, devices, made)
    return Answer(_shown(world, made, asked), 201)


def detail(world: World, asked: Asked) -> Answer:
    return Answer(_shown(world, _group(world, asked), asked))


def replace(world: World, asked: Asked) -> Answer:
    """Like `change`, but the name has to be there whatever the action."""
    return _changed(world, asked, needed=True)


def change(world: World, asked: Asked) -> Answer:
    """`action` says what the body is for: add or remove `device_ids`, rename to `name`, move below `parent`.

    Without an action, name and parent are taken where they are sent, and devices are added. A device that is removed stands
    at the root afterwards; one that was not in the group stays where it is.
    """
    return _changed(world, asked, needed=False)


def delete(world: World, asked: Asked) -> Answer:
    """A group without devices of its own; the groups right below it move to its parent."""
    entry, groups = _group(world, asked), world.fleet.groups
    if entry.parent is None:
        raise Refusal(400, ["group_id: All devices can't be deleted."])
    if count := len(world.fleet.members(entry.index)):
        raise Refusal(400, [f"group_id: The group still has {count} device{'s' * (count > 1)}; move them first."])
    twins = [groups.all[c].name for c in entry.children if groups.taken(groups.all[c].name, entry.parent, entry.index)]
    if twins:
        raise Refusal(400, [f"group_id: Its subgroup {twins[0]} can't move up: the parent has one of that name."])
    groups.remove(entry)
    return Answer(None, 204)


def subgroups(world: World, asked: Asked) -> Answer:
    """Groups below those of the comma list, right below them with `immediate` (true unless sent).

    The contract writes the parameter with a star behind its name; both spellings are read.
    """
    ids = words(asked, "parent_group_ids") or words(asked, "parent_group_ids*")
    if not ids:
        raise Refusal(400, ["parent_group_ids: Is required."])
    groups, immediate = world.fleet.groups, truth(asked, "immediate")
    parents = [groups.find(text) for text in ids]
    unknown = [f"parent_group_ids: There is no group {t[:60]}." for t, p in zip(ids, parents, strict=True) if p is None]
    if unknown:
        raise Refusal(400, unknown[:20])
    found: dict[int, None] = {}
    for parent in parents:
        if parent is not None:
            found.update(dict.fromkeys(groups.below(parent.index)[1:] if immediate is False else parent.children))
    counts = world.fleet.group_counts()
    shown = [group(world, groups.all[index], counts, asked.base) for index in found]
    return wrapped({"count": len(shown), "next": None, "prev": None, "results": shown})


def _changed(world: World, asked: Asked, needed: bool) -> Answer:
    entry, action = _group(world, asked), asked.query.get("action", "")
    form = Form(asked)
    if action and action not in _ACTIONS:
        form.wrong("action", f"Must be one of {', '.join(_ACTIONS)}.")
    name = form.text("name", entry.name, needed=needed or action == "rename")
    parent = _parent(world, form, needed=action == "move")
    devices = form.found("device_ids", world.fleet.find, needed=action in {"add", "remove"}, most=_MOST_DEVICES)
    form.check()
    renamed = name if action in {"", "rename"} else entry.name
    moved = parent if action in {"", "move"} and parent is not None and parent.index != entry.parent else None
    _check(world, entry, renamed, moved)
    groups = world.fleet.groups
    if renamed != entry.name:
        groups.rename(entry, renamed)
    if moved is not None:
        groups.move(entry, moved)
    if action == "remove":
        _put(world, [d for d in devices if world.fleet.group[d] == entry.index], groups.all[0])
    elif action in {"", "add"}:
        _put(world, devices, entry)
    return Answer(_shown(world, entry, asked))


def _check(world: World, entry: Group, name: str, moved: Group | None) -> None:
    """Refuses a name or place that can't be."""
    groups = world.fleet.groups
    if entry.parent is None:
        if name != entry.name:
            raise Refusal(400, ["name: All devices can't be renamed."])
        if moved is not None:
            raise Refusal(400, ["parent: All devices can't be moved."])
        return
    above = moved.index if moved is not None else entry.parent
    if moved is not None:
        if moved.index in groups.below(entry.index):
            raise Refusal(400, ["parent: A group can't be moved below itself."])
        if moved.depth + 1 + groups.height(entry.index) > LEVELS:
            raise Refusal(400, [f"parent: At most {LEVELS} levels below All devices."])
    _refuse_twin(world, name, above, entry.index)


def _refuse_twin(world: World, name: str, parent: int, besides: int | None = None) -> None:
    if world.fleet.groups.taken(name, parent, besides):
        raise Refusal(400, [_TAKEN], _TAKEN)


def _parent(world: World, form: Form, needed: bool = False) -> Group | None:
    """The group that `parent` names by its id."""
    text = form.text("parent", needed=needed)
    found = world.fleet.groups.find(text) if text is not None else None
    if text is not None and found is None:
        form.wrong("parent", f"There is no group {text[:60]}.")
    return found


def _put(world: World, devices: list[int], entry: Group) -> None:
    world.fleet.group[devices] = entry.index
    world.fleet.updated[devices] = world.now


def _shown(world: World, entry: Group, asked: Asked) -> dict[str, object]:
    return group(world, entry, world.fleet.group_counts(), asked.base)


def _group(world: World, asked: Asked) -> Group:
    own_enterprise(world, asked)
    entry = world.fleet.groups.find(asked.path["group_id"])
    if entry is None:
        raise Refusal(404, message="There is no such group")
    return entry


PATHS = [
    Path("/enterprise/{enterprise_id}/devicegroup/", list_groups, post=create),
    Path("/enterprise/{enterprise_id}/devicegroup/{group_id}/", detail, put=replace, patch=change, delete=delete),
    Path("/v2/subgroups", subgroups),
]
