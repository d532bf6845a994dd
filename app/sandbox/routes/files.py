"""The files behind the addresses that apps and content carry.

Invariant: what is sent is byte for byte what was uploaded, and it needs the same key as everything else. The paths are
the sandbox's own: the contract leaves open where files lie.
"""

import mimetypes

from app.sandbox.answers import Answer, Asked, Download, Refusal
from app.sandbox.routes import Path
from app.sandbox.world import World

_ANDROID = "application/vnd.android.package-archive"


def package(world: World, asked: Asked) -> Answer:
    number, place = _version(world, asked)
    file = world.library.file(number, place)
    if file is None:
        raise Refusal(404, message="The file is not kept any more")
    app = world.library.apps[number]
    name = f"{app.package}-{app.versions[place].name}.apk"
    return Answer(None, 200, Download(file, name, world.library.sha256(number, place), _ANDROID))


def icon(world: World, asked: Asked) -> Answer:
    """The picture of a version, as it lies in the package."""
    number, place = _version(world, asked)
    file, inside = world.library.icon(number, place), world.library.apps[number].versions[place].icon_path
    if file is None or inside is None:
        raise Refusal(404, message="The version has no picture")
    name = inside.rpartition("/")[2]
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Answer(None, 200, Download(file, name, world.library.sha256(number, place), kind))


def content(world: World, asked: Asked) -> Answer:
    entry = world.content.find(asked.path["content_id"])
    if entry is None:
        raise Refusal(404, message="There is no such file")
    file = world.content.file(entry)
    if file is None:
        raise Refusal(404, message="The file is not kept any more")
    return Answer(None, 200, Download(file, entry.name, entry.sha256, entry.kind or "application/octet-stream"))


def _version(world: World, asked: Asked) -> tuple[int, int]:
    found = world.library.find_version(asked.path["version_id"])
    if found is None:
        raise Refusal(404, message="There is no such version")
    return found


PATHS = [
    Path("/files/apps/{version_id}/{name:path}", package),
    Path("/files/icons/{version_id}", icon),
    Path("/files/content/{content_id}/{name:path}", content),
]
