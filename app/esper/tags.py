"""Tags: the texts behind the tag ids of the newer device list.

Invariant: a tag without an id, which the contract allows, is known by its text, as the older device list uses it.
"""

from msgspec import Struct

from app.errors import UnexpectedAnswer
from app.esper.answers import Form
from app.esper.exchange import Exchange
from app.esper.pace import Priority
from app.esper.pages import Pages
from app.esper.wording import Loose, first, text
from app.records import Tag


class _Tag(Struct):
    id: Loose = None
    tag: Loose = None
    name: Loose = None


def _tag(wire: _Tag, raw: bytes) -> Tag:
    label = first(wire.tag, wire.name)
    identifier = text(wire.id) or label
    if not identifier:
        raise UnexpectedAnswer("a tag without an id or a text")
    return Tag(id=identifier, text=label)


TAG = Form(_Tag, _tag)


def pages(exchange: Exchange) -> Pages[Tag]:
    """GET enterprise/{enterprise_id}/tags/."""
    return exchange.pages("/enterprise/{enterprise}/tags/", TAG, priority=Priority.SYNC)
