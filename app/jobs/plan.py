"""The sealed plan: exactly these devices, counted for the review, with a digest and an end.

Invariant: what is sent is what was reviewed: a plan that was altered or has expired does not pass `verify`.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from app.commands import catalogue
from app.commands.catalogue import Command
from app.commands.request import MOST_DEVICES, Request
from app.errors import InputError, Problem
from app.states import DeviceCondition, Risk

if TYPE_CHECKING:
    from app.store.fleet import Fleet

LIFETIME = 15 * 60.0
STALE = 7 * 86400.0
MANY = 25


class Friction(StrEnum):
    """What stands between the review and the sending."""

    NONE = "none"
    CONFIRM = "confirm"
    TYPE_COUNT = "type the count"


@dataclass(frozen=True, slots=True)
class Plan:
    """A request, frozen for review. Device counts add up to `total` only where the copy knows every device.

    `tenant` is the key of the tenant it was made for, and the only one it may be sent to.

    `unsupported` are devices whose platform the command does not list; `missing` are not in the copy, or gone from it.
    `groups` maps a group's path to devices directly in it. `share_of_tenant` is 0..1, `batches` the requests needed.
    """

    request: Request
    digest: str
    tenant: str
    created_at: float
    expires_at: float
    note: str
    total: int
    online: int
    offline: int
    stale_7d: int
    unsupported: tuple[str, ...]
    missing: tuple[str, ...]
    share_of_tenant: float
    groups: dict[str, int]
    batches: int


def seal(request: Request, fleet: "Fleet", *, now: float, tenant: str, note: str = "") -> Plan:
    """Freezes `request` as the copy sees its devices at `now`. Costs some milliseconds per 10,000 devices."""
    rows, missing = _rows(request, fleet)
    conditions = fleet.counts("condition", rows)
    seen = fleet.numbers("last_seen")[rows]
    expires_at = now + LIFETIME
    return Plan(
        request=request,
        digest=_digest(request, tenant, now, expires_at, note),
        tenant=tenant,
        created_at=now,
        expires_at=expires_at,
        note=note,
        total=len(request.devices),
        online=conditions.get(DeviceCondition.ONLINE, 0),
        offline=conditions.get(DeviceCondition.OFFLINE, 0),
        stale_7d=int(np.count_nonzero(seen < now - STALE)),
        unsupported=_unsupported(request.command, fleet, rows),
        missing=missing,
        share_of_tenant=len(rows) / fleet.live_count if fleet.live_count else 0.0,
        groups=fleet.counts("group", rows),
        batches=-(-len(request.devices) // MOST_DEVICES),
    )


def verify(plan: Plan, *, now: float) -> None:
    """Raises InputError with field `plan` when the plan is not what was sealed, or its time is over."""
    request = plan.request
    if plan.digest != _digest(request, plan.tenant, plan.created_at, plan.expires_at, plan.note):
        raise InputError([Problem("plan", "The plan was changed after the review. Review it again.")])
    if not plan.created_at - 60 <= now < plan.expires_at:
        raise InputError([Problem("plan", "The review is older than 15 minutes. Review it again.")])
    if not request.devices or len(set(request.devices)) != len(request.devices):
        raise InputError([Problem("devices", "Choose at least one device, and none twice.")])


def friction(command: Command, plan: Plan) -> Friction:
    """How much the user has to do before this plan is sent."""
    if command.name == "WIPE":
        return Friction.TYPE_COUNT
    if command.risk is Risk.NONE and plan.total <= MANY:
        return Friction.NONE
    return Friction.CONFIRM


def _rows(request: Request, fleet: "Fleet") -> tuple[np.ndarray[tuple[int], np.dtype[np.int32]], tuple[str, ...]]:
    rows: list[int] = []
    missing: list[str] = []
    for device_id in request.devices:
        row = fleet.row(device_id)
        if row is None or not fleet.live[row]:
            missing.append(device_id)
        else:
            rows.append(row)
    return np.array(rows, dtype=np.int32), tuple(missing)


def _unsupported(command: str, fleet: "Fleet", rows: np.ndarray[tuple[int], np.dtype[np.int32]]) -> tuple[str, ...]:
    entry = catalogue.find(command)
    if entry is None:
        return ()
    allowed = {str(platform) for platform in entry.platforms}
    # A device that names no platform is not judged: the server decides.
    foreign = {name for name in fleet.counts("platform", rows) if name and name.upper() not in allowed}
    if not foreign:
        return ()
    return tuple(fleet.id(row) for row in rows.tolist() if fleet.value("platform", row) in foreign)


def _digest(request: Request, tenant: str, created_at: float, expires_at: float, note: str) -> str:
    plain = [request.digest, tenant, created_at, expires_at, note]
    return hashlib.sha256(json.dumps(plain, separators=(",", ":")).encode()).hexdigest()
