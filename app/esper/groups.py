"""Device groups. There is no tree on the wire: it follows from each group's parent.

Invariant: `parent_id` is an id although the wire writes an address; the root has none.
"""

from msgspec import Struct

from app.esper.answers import Form, identified
from app.esper.exchange import Exchange
from app.esper.pace import Priority
from app.esper.pages import Pages
from app.esper.wording import Loose, ident, moment, text, whole
from app.records import Group


class _Parent(Struct):
    id: Loose = None


class _Group(Struct):
    id: Loose = None
    name: Loose = None
    parent: _Parent | Loose = None
    parent_id: Loose = None
    path: Loose = None
    device_count: Loose = None
    children_count: Loose = None
    created_on: Loose = None


def _group(wire: _Group, raw: bytes) -> Group:
    parent = wire.parent.id if isinstance(wire.parent, _Parent) else wire.parent
    return Group(
        id=identified(wire.id, "a group"),
        name=text(wire.name),
        parent_id=ident(parent) or ident(wire.parent_id),
        path=text(wire.path),
        device_count=whole(wire.device_count) or 0,
        children_count=whole(wire.children_count) or 0,
        created_at=moment(wire.created_on),
        raw=raw,
    )


GROUP = Form(_Group, _group)


def pages(exchange: Exchange) -> Pages[Group]:
    """GET enterprise/{enterprise_id}/devicegroup/."""
    return exchange.pages("/enterprise/{enterprise}/devicegroup/", GROUP, priority=Priority.SYNC)
