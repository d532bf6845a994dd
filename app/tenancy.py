"""The records of what a tenant arranged: its people and keys, geofences, policies and subscriptions.

Invariant: as in `records`: immutable, no wire names, the server's document in `raw`; drafts hold what may be written.
Times are seconds since 1970 in UTC; None means the server did not say.
"""

from typing import Any

import msgspec


class RenewedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A new API key. `token` is a secret; it is left out of `repr`."""

    token: str
    expires_at: float | None = None

    def __repr__(self) -> str:
        return f"RenewedKey(expires_at={self.expires_at})"


class User(msgspec.Struct, frozen=True, kw_only=True):
    """The person behind the key. `raw` is without the key that the server may repeat in it."""

    id: str
    username: str = ""
    email: str = ""
    name: str = ""
    role: str = ""
    is_active: bool | None = None
    is_superuser: bool | None = None
    last_login: float | None = None
    raw: bytes = b""


class GeofenceDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A circle on the map and what devices do that leave it. Degrees; `unit` METERS, KILOMETERS or MILES."""

    name: str
    latitude: float | None
    longitude: float | None
    radius: float | None = None
    unit: str = "METERS"
    actions: tuple[str, ...] = ()
    description: str = ""


class Geofence(GeofenceDraft, frozen=True, kw_only=True):
    """A geofence as the server keeps it."""

    id: str
    device_count: int | None = None
    created_by: str = ""
    created_at: float | None = None
    updated_at: float | None = None
    raw: bytes = b""


class PolicyDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Rules for devices, keys as on the wire. `rules` may hold a password: never show or store it unredacted."""

    name: str
    rules: dict[str, Any] = {}
    description: str = ""
    is_active: bool | None = None


class Policy(PolicyDraft, frozen=True, kw_only=True):
    """A policy as the server keeps it. `id` stands in its address; `raw` is without passwords."""

    id: str
    uuid: str = ""
    device_count: int | None = None
    google_policy_id: str = ""
    created_at: float | None = None
    updated_at: float | None = None
    raw: bytes = b""


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription of an AWS account to the tenant's events."""

    id: str
    aws_account_id: str = ""
    sns_topic_arn: str = ""
    is_subscribed: bool | None = None
    created_at: float | None = None
    updated_at: float | None = None
    raw: bytes = b""
