"""Tags: the ids that the any-platform devices carry, and their texts.

Invariant: ids are derived from the tag's place in the list. Source: contract path `/enterprise/{enterprise_id}/tags/`.
"""

from app.sandbox.answers import Answer, Asked, Refusal, listed
from app.sandbox.device_facts import Document
from app.sandbox.routes import Path, own_enterprise
from app.sandbox.world import World


def list_tags(world: World, asked: Asked) -> Answer:
    """All tags; `search` finds a part of the text, `ordering` is tag or -tag."""
    own_enterprise(world, asked)
    texts = world.labels.texts
    wanted, ordering = asked.query.get("search", "").casefold(), asked.query.get("ordering", "")
    found = [number for number, text in enumerate(texts) if wanted in text.casefold()]
    if ordering:
        if ordering not in {"tag", "-tag"}:
            raise Refusal(400, ["ordering: Must be tag or -tag."])
        found.sort(key=lambda number: texts[number], reverse=ordering.startswith("-"))
    return Answer(listed(asked, found, lambda number: _tag(world, number)))


def detail(world: World, asked: Asked) -> Answer:
    own_enterprise(world, asked)
    number = world.ids.find("tag", asked.path["id"])
    if number is None or number >= len(world.labels.texts):
        raise Refusal(404, message="There is no such tag")
    return Answer(_tag(world, number))


def _tag(world: World, number: int) -> Document:
    return {"id": world.ids.make("tag", number), "tag": world.labels.texts[number]}


PATHS = [
    Path("/enterprise/{enterprise_id}/tags/", list_tags),
    Path("/enterprise/{enterprise_id}/tags/{id}/", detail),
]
