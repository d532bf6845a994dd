"""Who we are to the server: the key's own facts, the person behind it, the company and its features.

Invariant: the key and its refresh token, which the server repeats in several answers, are decoded only where a new key
is what was asked for.
"""

import json
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from app.errors import InputError, OutcomeUnknown, Problem, UnexpectedAnswer
from app.esper.answers import Form, identified, mapping
from app.esper.wording import Loose, first, flag, ident, moment, part, text
from app.records import Enterprise, TokenInfo
from app.redact import SECRET_NAMES, guard
from app.tenancy import RenewedKey, User

if TYPE_CHECKING:
    from app.esper.exchange import Exchange

_ENTERPRISE = "/v1/enterprise/{enterprise}/"


class _Token(Struct):
    enterprise: Loose = None
    user: Loose = None
    developer_app: Loose = None
    developerapp: Loose = None
    scope: list[Loose] | Loose = None
    expires_on: Loose = None


class _Renewed(Struct):
    token: Loose = None
    expires_at: Loose = None
    expires_on: Loose = None


class _Enterprise(Struct):
    id: Loose = None
    name: Loose = None
    registered_name: Loose = None
    registered_address: Loose = None
    location: Loose = None
    zipcode: Loose = None
    contact_person: Loose = None
    contact_number: Loose = None
    contact_email: Loose = None
    short_code: Loose = None


class _Role(Struct):
    name: Loose = None
    id: Loose = None


class _Profile(Struct):
    role: _Role | Loose = None


class _User(Struct):
    id: Loose = None
    username: Loose = None
    email: Loose = None
    first_name: Loose = None
    last_name: Loose = None
    full_name: Loose = None
    is_active: Loose = None
    is_superuser: Loose = None
    last_login: Loose = None
    profile: _Profile | None = None


class _Open(Struct):
    """An object of any keys."""


def _token(wire: _Token, raw: bytes) -> TokenInfo:
    scope = wire.scope if isinstance(wire.scope, list) else text(wire.scope).split()
    return TokenInfo(
        enterprise_id=identified(wire.enterprise, "an enterprise"),
        user=text(wire.user),
        scope=tuple(filter(None, map(text, scope))),
        expires_at=moment(wire.expires_on),
        developer_app=ident(first(wire.developer_app, wire.developerapp)),
    )


def _renewed(wire: _Renewed, raw: bytes) -> RenewedKey:
    token = text(wire.token)
    guard(token)
    if not token:
        raise UnexpectedAnswer("a new key was asked for and none came")
    return RenewedKey(token=token, expires_at=moment(wire.expires_at) or moment(wire.expires_on))


def _enterprise(wire: _Enterprise, raw: bytes) -> Enterprise:
    return Enterprise(
        id=identified(wire.id, "an enterprise"),
        name=first(wire.name, wire.registered_name),
        short_code=text(wire.short_code),
        registered_name=text(wire.registered_name),
        address=text(wire.registered_address),
        location=text(wire.location),
        postcode=text(wire.zipcode),
        contact_person=text(wire.contact_person),
        contact_number=text(wire.contact_number),
        contact_email=text(wire.contact_email),
        raw=raw,
    )


def _user(wire: _User, raw: bytes) -> User:
    role = wire.profile.role if wire.profile else None
    # `profile` is a secret among command arguments; here it holds the role.
    kept = {key: value for key, value in mapping(raw).items() if key == "profile" or key not in SECRET_NAMES}
    return User(
        id=identified(wire.id, "a user"),
        username=text(wire.username),
        email=text(wire.email),
        name=text(wire.full_name) or f"{text(wire.first_name)} {text(wire.last_name)}".strip(),
        role=first(role.name, role.id) if isinstance(role, _Role) else text(role),
        is_active=flag(wire.is_active),
        is_superuser=flag(wire.is_superuser),
        last_login=moment(wire.last_login),
        raw=json.dumps(kept, ensure_ascii=False).encode(),
    )


def _flags(wire: _Open, raw: bytes) -> dict[str, Any]:
    found = mapping(raw)
    inner = found.get("content")
    return inner if isinstance(inner, dict) else found


# Schemas TokenInfo (`enterprise` may be `Name [uuid]`), TokenRenew, Enterprise, User; feature flags are an open map.
TOKEN = Form(_Token, _token)
RENEWED = Form(_Renewed, _renewed)
ENTERPRISE = Form(_Enterprise, _enterprise)
USER = Form(_User, _user)
FLAGS = Form(_Open, _flags)


class Account:
    """The key, its owner, the company."""

    def __init__(self, exchange: "Exchange") -> None:
        self._exchange = exchange

    async def enterprise(self) -> Enterprise:
        """GET v1/enterprise/{enterprise_id}/."""
        return await self._exchange.one(_ENTERPRISE, ENTERPRISE)

    async def change_enterprise(self, known: Enterprise, wanted: Enterprise) -> Enterprise:
        """PATCH v1/enterprise/{enterprise_id}/ with the fields in which the two differ; nothing is sent for none.

        Absolute values, so a lost answer is tried again. Raises InputError where a field would become empty that must not.
        """
        before, after = _written(known), _written(wanted)
        changed = {key: value for key, value in after.items() if value != before[key]}
        if not changed:
            return known
        problems = [Problem(key, "Must not be empty.") for key, value in changed.items() if value == ""]
        if problems:
            raise InputError(problems)
        return await self._exchange.change("PATCH", _ENTERPRISE, changed, ENTERPRISE, repeatable=True)

    async def renew_token(self) -> RenewedKey:
        """POST v0/enterprise/{enterprise_id}/developerapp/{developerapp_id}/renew-token/, once.

        The key travels in the query, as the contract wants it. From the answer on this client carries the new key;
        keeping it for the next start is the caller's part. Raises InputError for a key that belongs to no developer app.
        """
        info = await self._exchange.token_info()
        if not info.developer_app:
            raise InputError([Problem("token", "This key belongs to no developer app, so it can't be renewed.")])
        transport = self._exchange.transport
        path = f"/v0/enterprise/{{enterprise}}/developerapp/{part(info.developer_app)}/renew-token/"
        renewed = await self._exchange.change("POST", path, None, RENEWED, params={"access_token": transport.token})
        try:
            transport.use_token(renewed.token)
        except InputError as error:
            raise OutcomeUnknown("the new key holds characters that no key has", method="POST", path=path) from error
        return renewed

    async def user(self) -> User:
        """GET user_info/."""
        return await self._exchange.one("/user_info/", USER)

    async def feature_flags(self) -> dict[str, Any]:
        """GET feature-flags/: name to whatever the server says of it, mostly true or false."""
        return await self._exchange.one("/feature-flags/", FLAGS)


def _written(company: Enterprise) -> dict[str, str | None]:
    """The fields of schema EnterpriseUpdate; the two that may be null are null where they are empty."""
    return {
        "name": company.name,
        "registered_name": company.registered_name,
        "registered_address": company.address,
        "location": company.location,
        "zipcode": company.postcode,
        "contact_person": company.contact_person or None,
        "contact_number": company.contact_number or None,
        "contact_email": company.contact_email,
    }
