"""Geofences: circles on the map that devices should stay in.

Invariant: degrees go out as decimal text without an exponent, and actions in upper case, as the specification has them.
"""

import math
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from app.errors import InputError, Problem
from app.esper.answers import Form, identified
from app.esper.device_words import degrees
from app.esper.exchange import Exchange
from app.esper.pages import Pages
from app.esper.wording import Loose, moment, number, part, text, whole
from app.tenancy import Geofence, GeofenceDraft

_GEOFENCES = "/v0/enterprise/{enterprise}/geofence/"
_APPLY = "/v0/enterprise/{enterprise}/create-apply-geo-fence/"


class _Geofence(Struct):
    id: Loose = None
    name: Loose = None
    description: Loose = None
    latitude: Loose = None
    longitude: Loose = None
    radius: Loose = None
    radius_unit: Loose = None
    device_actions: list[Loose] | None = None
    device_count: Loose = None
    created_by: Loose = None
    created_on: Loose = None
    updated_on: Loose = None


def _geofence(wire: _Geofence, raw: bytes) -> Geofence:
    return Geofence(
        id=identified(wire.id, "a geofence"),
        name=text(wire.name),
        description=text(wire.description),
        latitude=degrees(wire.latitude, 90.0),
        longitude=degrees(wire.longitude, 180.0),
        radius=number(wire.radius),
        unit=text(wire.radius_unit).upper(),
        actions=tuple(text(action).upper() for action in wire.device_actions or () if text(action)),
        device_count=whole(wire.device_count),
        created_by=text(wire.created_by),
        created_at=moment(wire.created_on),
        updated_at=moment(wire.updated_on),
        raw=raw,
    )


GEOFENCE = Form(_Geofence, _geofence)


class Geofences:
    """Drafts raise InputError where a position is missing or no place on earth."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def pages(self, *, search: str = "") -> Pages[Geofence]:
        """GET v0/enterprise/{enterprise_id}/geofence/."""
        return self._exchange.pages(_GEOFENCES, GEOFENCE, params={"search": search} if search else {})

    async def one(self, geofence_id: str) -> Geofence:
        """GET v0/enterprise/{enterprise_id}/geofence/{geofence_id}/."""
        return await self._exchange.one(_path(geofence_id), GEOFENCE)

    async def create(self, draft: GeofenceDraft) -> Geofence:
        """POST v0/enterprise/{enterprise_id}/geofence/, once."""
        return await self._exchange.change("POST", _GEOFENCES, _body(draft), GEOFENCE)

    async def create_and_apply(self, draft: GeofenceDraft, device_ids: Iterable[str]) -> Geofence:
        """POST v0/enterprise/{enterprise_id}/create-apply-geo-fence/, once."""
        body = {**_body(draft), "devices": list(dict.fromkeys(device_ids))}
        return await self._exchange.change("POST", _APPLY, body, GEOFENCE)

    async def replace(self, geofence_id: str, draft: GeofenceDraft) -> Geofence:
        """PUT v0/enterprise/{enterprise_id}/geofence/{geofence_id}/: all of it, so a lost answer is tried again."""
        return await self._exchange.change("PUT", _path(geofence_id), _body(draft), GEOFENCE, repeatable=True)

    async def change(self, known: Geofence, wanted: GeofenceDraft) -> Geofence:
        """PATCH v0/enterprise/{enterprise_id}/geofence/{geofence_id}/ with what differs; nothing is sent for nothing.

        Absolute values, so a lost answer is tried again.
        """
        before = _fields(known)
        changed = {key: value for key, value in _body(wanted).items() if value != before[key]}
        if not changed:
            return known
        return await self._exchange.change("PATCH", _path(known.id), changed, GEOFENCE, repeatable=True)

    async def delete(self, geofence_id: str) -> None:
        """DELETE v0/enterprise/{enterprise_id}/geofence/{geofence_id}/."""
        await self._exchange.delete(_path(geofence_id))


def _path(geofence_id: str) -> str:
    return f"{_GEOFENCES}{part(geofence_id)}/"


def _body(draft: GeofenceDraft) -> dict[str, Any]:
    """Schema GeofenceWrite. Raises InputError."""
    sides = (("latitude", draft.latitude, 90.0), ("longitude", draft.longitude, 180.0))
    problems = [
        Problem(side, f"Must be from {-most:.0f} to {most:.0f} degrees.")
        for side, angle, most in sides
        if angle is None or not -most <= angle <= most
    ]
    if draft.radius is not None and not (math.isfinite(draft.radius) and draft.radius > 0):
        problems.append(Problem("radius", "Must be above zero."))
    if not draft.name:
        problems.append(Problem("name", "Must not be empty."))
    if problems:
        raise InputError(problems)
    return _fields(draft)


def _fields(draft: GeofenceDraft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "description": draft.description or None,
        "latitude": _decimal(draft.latitude),
        "longitude": _decimal(draft.longitude),
        "radius": draft.radius,
        "radius_unit": draft.unit,
        "device_actions": list(draft.actions),
    }


def _decimal(angle: float | None) -> str:
    """Seven places are a centimetre."""
    return "" if angle is None else f"{angle:.7f}".rstrip("0").rstrip(".")
