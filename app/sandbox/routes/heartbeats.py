"""Heartbeats: when one device was last seen, and which devices were seen in a period.

Invariant: the times are those of the device lists. Sources: contract paths `/device/v0/heartbeat/{id}/`, `/v2/heartbeat/`.
"""

import numpy as np

from app.sandbox.answers import Answer, Asked, Refusal, listed, wrapped
from app.sandbox.device_facts import Document, moment
from app.sandbox.fleet import PLATFORMS
from app.sandbox.forms import instant
from app.sandbox.routes import Path, device_in
from app.sandbox.world import World

_RECENT = 1800.0  # the older `status` is 1 for half an hour


def one(world: World, asked: Asked) -> Answer:
    number = device_in(world, asked, "id")
    if world.fleet.bare[number]:
        raise Refusal(404, message="The device was never seen")
    return wrapped(_document(world, number))


def seen_between(world: World, asked: Asked) -> Answer:
    """Devices whose last heartbeat is after `last_seen_gt` and before `last_seen_lt`."""
    after, before = instant(asked, "last_seen_gt"), instant(asked, "last_seen_lt")
    platform, fleet = asked.query.get("platform", ""), world.fleet
    if platform and platform not in PLATFORMS:
        raise Refusal(400, [f"platform: Must be one of {', '.join(PLATFORMS)}."])
    last = world.presence.last_seen_all(world.now)
    keep = ~fleet.gone & ~fleet.bare & (last > after) & (last < before)
    if platform:
        keep &= fleet.platform == PLATFORMS.index(platform)
    rows = np.flatnonzero(keep).tolist()
    return wrapped(listed(asked, rows, lambda number: _document(world, number), "prev"))


def _document(world: World, number: int) -> Document:
    seen = world.presence.last_seen(number, world.now)
    return {
        "device_id": world.fleet.device_id(number),
        "timestamp": moment(seen),
        "status": int(world.now - seen <= _RECENT),
    }


PATHS = [
    Path("/device/v0/heartbeat/{id}/", one),
    Path("/v2/heartbeat/", seen_between),
]
