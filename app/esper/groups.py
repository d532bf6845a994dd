"""Device groups. There is no tree on the wire: it follows from each group's parent.

Invariant: `parent_id` is an id although the wire writes an address; the root has none. A device is in one group only,
so adding it to one takes it out of another.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from app.errors import InputError, Problem
from app.esper.answers import Form, identified, mapping
from app.esper.exchange import Exchange
from app.esper.pace import Priority
from app.esper.pages import Pages
from app.esper.wording import Loose, ident, moment, part, text, whole
from app.records import Group

_GROUPS = "/enterprise/{enterprise}/devicegroup/"
_AT_ONCE = 1000
_DEEPEST = 8


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


class _Open(Struct):
    """An object of any keys."""


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


class Groups:
    """The groups of a tenant. What is written here sets absolute values, but for `create`, so a lost answer is tried again."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def pages(self, *, name: str = "") -> Pages[Group]:
        """GET enterprise/{enterprise_id}/devicegroup/; exact matches of `name` come first."""
        params = {"name": name} if name else {}
        return self._exchange.pages(_GROUPS, GROUP, params=params, priority=Priority.SYNC)

    async def one(self, group_id: str) -> Group:
        """GET enterprise/{enterprise_id}/devicegroup/{group_id}/."""
        return await self._exchange.one(_path(group_id), GROUP)

    async def subgroups(self, parent_ids: Sequence[str], *, immediate: bool = True) -> list[Group]:
        """GET v2/subgroups: the groups right below these, or all below them.

        The contract does not say how they are wrapped, so every object with an id counts, and every bare id in a list;
        a key that names a parent is the parent of what stands behind it.
        """
        params = {"parent_group_ids": ",".join(parent_ids), "immediate": "true" if immediate else "false"}
        return await self._exchange.one("/v2/subgroups", _below(parent_ids), params=params)

    async def create(self, name: str, parent_id: str = "") -> Group:
        """POST enterprise/{enterprise_id}/devicegroup/, once; without a parent it stands below the root."""
        body = {"name": name, "parent": parent_id} if parent_id else {"name": name}
        return await self._exchange.change("POST", _GROUPS, body, GROUP)

    async def rename(self, group_id: str, name: str) -> Group:
        """PATCH enterprise/{enterprise_id}/devicegroup/{group_id}/?action=rename."""
        return await self._patch(group_id, "rename", {"name": name})

    async def move(self, group_id: str, parent_id: str) -> Group:
        """PATCH enterprise/{enterprise_id}/devicegroup/{group_id}/?action=move: the group and all below it."""
        return await self._patch(group_id, "move", {"parent": parent_id})

    async def add(
        self, group_id: str, device_ids: Iterable[str], *, done: Callable[[int], object] | None = None
    ) -> Group:
        """PATCH ...devicegroup/{group_id}/?action=add, 1000 devices at a time; `done` hears how many are through.

        Raises InputError for no devices. After an error the rest was not tried; doing it all again does no harm.
        """
        return await self._membership(group_id, "add", device_ids, done)

    async def remove(
        self, group_id: str, device_ids: Iterable[str], *, done: Callable[[int], object] | None = None
    ) -> Group:
        """PATCH ...devicegroup/{group_id}/?action=remove, like `add`."""
        return await self._membership(group_id, "remove", device_ids, done)

    async def delete(self, group_id: str) -> None:
        """DELETE enterprise/{enterprise_id}/devicegroup/{group_id}/. Raises BadRequest while it holds devices."""
        await self._exchange.delete(_path(group_id))

    async def _membership(
        self, group_id: str, action: str, device_ids: Iterable[str], done: Callable[[int], object] | None
    ) -> Group:
        left = iter(dict.fromkeys(device_ids))
        group, through = None, 0
        while batch := list(islice(left, _AT_ONCE)):
            group = await self._patch(group_id, action, {"device_ids": batch})
            through += len(batch)
            if done is not None:
                done(through)
        if group is None:
            raise InputError([Problem("devices", "Name at least one device.")])
        return group

    async def _patch(self, group_id: str, action: str, body: dict[str, Any]) -> Group:
        path = _path(group_id)
        return await self._exchange.change("PATCH", path, body, GROUP, params={"action": action}, repeatable=True)


def _path(group_id: str) -> str:
    return f"{_GROUPS}{part(group_id)}/"


def _below(parent_ids: Sequence[str]) -> Form[list[Group]]:
    """All groups anywhere in one answer, each once, without the parents that were asked about."""

    def groups(wire: _Open, raw: bytes) -> list[Group]:
        found: dict[str, Group] = {}
        for group in _scattered(mapping(raw), "", parent_ids):
            if group.id not in parent_ids:
                found.setdefault(group.id, group)
        return list(found.values())

    return Form(_Open, groups)


def _scattered(node: Any, parent: str, parents: Sequence[str], inside: bool = False, depth: int = 0) -> Iterator[Group]:
    """`inside` a group a list of texts may be anything, outside it is ids."""
    if depth > _DEEPEST:
        return
    if isinstance(node, list):
        for item in node:
            if isinstance(item, str) and item and not inside:
                yield Group(id=ident(item), parent_id=parent)
            else:
                yield from _scattered(item, parent, parents, inside, depth + 1)
    elif isinstance(node, dict):
        own = node.get("id")
        if isinstance(own, str) and own:
            group = GROUP.read(msgspec.json.encode(node))
            yield group if group.parent_id else msgspec.structs.replace(group, parent_id=parent)
            parent, inside = group.id, True
        for key, inner in node.items():
            yield from _scattered(inner, key if key in parents else parent, parents, inside, depth + 1)
