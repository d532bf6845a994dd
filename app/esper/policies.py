"""Policies: named sets of rules for Android devices.

Invariant: a password inside the rules is hidden from every text to come, and `raw` is without it.
"""

import json
from typing import Any

from msgspec import Struct

from app.errors import InputError, Problem
from app.esper.answers import Form, identified, mapping
from app.esper.exchange import Exchange
from app.esper.pages import Pages
from app.esper.wording import Loose, first, flag, ident, moment, part, text, whole
from app.redact import guard, redact_value
from app.tenancy import Policy, PolicyDraft

_POLICIES = "/enterprise/{enterprise}/policy/"


class _Policy(Struct):
    id: Loose = None
    uuid: Loose = None
    url: Loose = None
    name: Loose = None
    policy_name: Loose = None
    description: Loose = None
    policy: dict[str, Any] | None = None
    is_active: Loose = None
    device_count: Loose = None
    google_policy_id: Loose = None
    created_on: Loose = None
    updated_on: Loose = None


def _policy(wire: _Policy, raw: bytes) -> Policy:
    rules = wire.policy or {}
    _hide(rules)
    return Policy(
        # The path wants the number that stands in the address, which the document does not hold by itself.
        id=identified(first(ident(wire.url), wire.id, wire.uuid), "a policy"),
        uuid=text(wire.uuid),
        name=first(wire.name, wire.policy_name),
        description=text(wire.description),
        rules=rules,
        is_active=flag(wire.is_active),
        device_count=whole(wire.device_count),
        google_policy_id=text(wire.google_policy_id),
        created_at=moment(wire.created_on),
        updated_at=moment(wire.updated_on),
        raw=json.dumps(redact_value(mapping(raw)), ensure_ascii=False).encode(),
    )


# Schema Policy; `id` and `policy_name` are read too, as the official clients do.
POLICY = Form(_Policy, _policy)


class Policies:
    """What replaces or changes a policy sets absolute values, so a lost answer is tried again."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def pages(self, *, name: str = "", active: bool | None = None) -> Pages[Policy]:
        """GET enterprise/{enterprise_id}/policy/."""
        params = {"name": name} if name else {}
        if active is not None:
            params["is_active"] = "true" if active else "false"
        return self._exchange.pages(_POLICIES, POLICY, params=params)

    async def one(self, policy_id: str) -> Policy:
        """GET enterprise/{enterprise_id}/policy/{policy_id}/; the id is the one in the policy's address."""
        return await self._exchange.one(_path(policy_id), POLICY)

    async def create(self, draft: PolicyDraft) -> Policy:
        """POST enterprise/{enterprise_id}/policy/, once."""
        return await self._exchange.change("POST", _POLICIES, await self._body(draft), POLICY)

    async def replace(self, policy_id: str, draft: PolicyDraft) -> Policy:
        """PUT enterprise/{enterprise_id}/policy/{policy_id}/: all of it."""
        body = await self._body(draft)
        return await self._exchange.change("PUT", _path(policy_id), body, POLICY, repeatable=True)

    async def change(self, known: Policy, wanted: PolicyDraft) -> Policy:
        """PATCH enterprise/{enterprise_id}/policy/{policy_id}/ with what differs, the rules as one; nothing for nothing."""
        before, after = _fields(known), _fields(wanted)
        changed = {key: value for key, value in after.items() if value != before.get(key)}
        if not changed:
            return known
        _hide(wanted.rules)
        return await self._exchange.change("PATCH", _path(known.id), changed, POLICY, repeatable=True)

    async def delete(self, policy_id: str) -> None:
        """DELETE enterprise/{enterprise_id}/policy/{policy_id}/."""
        await self._exchange.delete(_path(policy_id))

    async def _body(self, draft: PolicyDraft) -> dict[str, Any]:
        """Schema PolicyWrite, where the enterprise is an address. Raises InputError."""
        if not draft.name:
            raise InputError([Problem("name", "Must not be empty.")])
        _hide(draft.rules)
        return {**_fields(draft), "enterprise": await self._exchange.address("/enterprise/{enterprise}/")}


def _path(policy_id: str) -> str:
    return f"{_POLICIES}{part(policy_id)}/"


def _hide(rules: dict[str, Any]) -> None:
    password = rules.get("settingsAppPassword")
    if isinstance(password, str):
        guard(password)


def _fields(draft: PolicyDraft) -> dict[str, Any]:
    written: dict[str, Any] = {"name": draft.name, "description": draft.description or None, "policy": draft.rules}
    return written if draft.is_active is None else {**written, "is_active": draft.is_active}
