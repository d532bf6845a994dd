"""Groups: the flat list that clients build the tree from, and one group.

Invariant: parents come before their children in the unfiltered list. Sources: contract paths tagged Groups.
"""

from app.sandbox.answers import Answer, Asked, Refusal, listed
from app.sandbox.library_documents import group
from app.sandbox.routes import Path, own_enterprise
from app.sandbox.world import World


def list_groups(world: World, asked: Asked) -> Answer:
    """All groups; `name` finds a part of the name, exact matches first (wire fact)."""
    own_enterprise(world, asked)
    found, counts = world.fleet.groups.all, world.fleet.group_counts()
    if wanted := asked.query.get("name", "").casefold():
        found = [entry for entry in found if wanted in entry.name.casefold()]
        found.sort(key=lambda entry: entry.name.casefold() != wanted)
    return Answer(listed(asked, found, lambda entry: group(world, entry, counts, asked.base)))


def detail(world: World, asked: Asked) -> Answer:
    own_enterprise(world, asked)
    entry = world.fleet.groups.find(asked.path["group_id"])
    if entry is None:
        raise Refusal(404, message="There is no such group")
    return Answer(group(world, entry, world.fleet.group_counts(), asked.base))


PATHS = [
    Path("/enterprise/{enterprise_id}/devicegroup/", list_groups),
    Path("/enterprise/{enterprise_id}/devicegroup/{group_id}/", detail),
]
