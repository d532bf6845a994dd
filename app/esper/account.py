"""Who we are to the server: the key's own facts and the company.

Invariant: the key and its refresh token, which the server repeats here, are never decoded.
"""

from typing import TYPE_CHECKING

from msgspec import Struct

from app.esper.answers import Form, identified
from app.esper.wording import Loose, first, ident, moment, text
from app.records import Enterprise, TokenInfo

if TYPE_CHECKING:
    from app.esper.exchange import Exchange


class _Token(Struct):
    enterprise: Loose = None
    user: Loose = None
    developer_app: Loose = None
    developerapp: Loose = None
    scope: list[Loose] | Loose = None
    expires_on: Loose = None


class _Enterprise(Struct):
    id: Loose = None
    name: Loose = None
    registered_name: Loose = None
    short_code: Loose = None


def _token(wire: _Token, raw: bytes) -> TokenInfo:
    scope = wire.scope if isinstance(wire.scope, list) else text(wire.scope).split()
    return TokenInfo(
        enterprise_id=identified(wire.enterprise, "an enterprise"),
        user=text(wire.user),
        scope=tuple(filter(None, map(text, scope))),
        expires_at=moment(wire.expires_on),
        developer_app=ident(first(wire.developer_app, wire.developerapp)),
    )


def _enterprise(wire: _Enterprise, raw: bytes) -> Enterprise:
    name = first(wire.name, wire.registered_name)
    return Enterprise(id=identified(wire.id, "an enterprise"), name=name, short_code=text(wire.short_code), raw=raw)


# Schemas TokenInfo (`enterprise` may be `Name [uuid]`) and Enterprise.
TOKEN = Form(_Token, _token)
ENTERPRISE = Form(_Enterprise, _enterprise)


async def enterprise(exchange: "Exchange") -> Enterprise:
    """GET v1/enterprise/{enterprise_id}/."""
    return await exchange.one("/v1/enterprise/{enterprise}/", ENTERPRISE)
