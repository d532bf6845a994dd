"""The sandbox's paths, one file per noun of the contract.

Invariant: paths and their slashes are exactly the contract's; a handler only reads the world or hands it a checked draft.
"""

from collections.abc import Callable
from typing import NamedTuple

from app.sandbox.answers import Answer, Asked, Refusal
from app.sandbox.world import World

Handler = Callable[[World, Asked], Answer]


class Path(NamedTuple):
    """A path below /api and what answers its methods. `upload` names the multipart field that POST takes a file in."""

    path: str
    get: Handler | None = None
    post: Handler | None = None
    put: Handler | None = None
    patch: Handler | None = None
    delete: Handler | None = None
    upload: str = ""


def own_enterprise(world: World, asked: Asked) -> None:
    """Raises Refusal 404 where the path names another enterprise."""
    if asked.path["enterprise_id"].lower() != world.enterprise_id:
        raise Refusal(404, message="There is no such enterprise")


def device_in(world: World, asked: Asked, name: str = "device_id") -> int:
    """The number of the device that the path names. Raises Refusal 404."""
    number = world.fleet.find(asked.path[name])
    if number is None:
        raise Refusal(404, message="There is no such device")
    return number
