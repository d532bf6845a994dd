"""Tags: the texts behind the tag ids of the newer device list.

Invariant: a tag without an id, which the contract allows, is known by its text, as the older device list uses it.
"""

from msgspec import Struct

from app.errors import UnexpectedAnswer
from app.esper.answers import Form
from app.esper.exchange import Exchange
from app.esper.pace import Priority
from app.esper.pages import Pages
from app.esper.wording import Loose, first, part, text
from app.records import Tag

_TAGS = "/enterprise/{enterprise}/tags/"


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


class Tags:
    """The texts that devices carry. A tag comes into being by being set on a device."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def pages(self, *, search: str = "", ordering: str = "") -> Pages[Tag]:
        """GET enterprise/{enterprise_id}/tags/."""
        params = {key: value for key, value in (("search", search), ("ordering", ordering)) if value}
        return self._exchange.pages(_TAGS, TAG, params=params, priority=Priority.SYNC)

    async def one(self, tag_id: str) -> Tag:
        """GET enterprise/{enterprise_id}/tags/{id}/."""
        return await self._exchange.one(f"{_TAGS}{part(tag_id)}/", TAG)
