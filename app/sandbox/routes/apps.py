"""Applications, their versions, and the devices that have a version.

Invariant: the paths with and without /v1 answer alike. Sources: contract paths tagged Applications.
"""

import numpy as np

from app import apk
from app.sandbox.answers import Answer, Asked, Refusal, listed, truth
from app.sandbox.library import MOST_APPS, VERSIONS_APART, AlreadyThere, Full
from app.sandbox.library_documents import application, version
from app.sandbox.routes import Path, own_enterprise
from app.sandbox.world import World

_FAULTS = {
    apk.Fault.EMPTY: "The submitted file is empty. ",
    apk.Fault.NO_ARCHIVE: "The file is not an Android package.",
    apk.Fault.NO_MANIFEST: "The archive has no AndroidManifest.xml.",
    apk.Fault.DAMAGED: "The manifest of the package can't be read.",
    apk.Fault.TOO_LARGE: "The manifest or directory of the package is too large.",
}


def list_apps(world: World, asked: Asked) -> Answer:
    """The library; `application_name` finds a part of the name, exact matches first, `package_name` the whole one."""
    own_enterprise(world, asked)
    apps, found = world.library.apps, world.library.live
    if wanted := asked.query.get("application_name", "").casefold():
        found = [n for n in found if wanted in apps[n].name.casefold()]
        found.sort(key=lambda n: apps[n].name.casefold() != wanted)
    if package := asked.query.get("package_name"):
        found = [n for n in found if apps[n].package == package]
    if truth(asked, "is_hidden"):
        found = []
    bare = truth(asked, "without_download_url")
    answer = listed(asked, found, lambda n: application(world, n, asked.base))
    for shown in answer["results"] if bare else ():
        for entry in shown["versions"]:
            entry["download_url"] = None
    return Answer(answer)


def upload(world: World, asked: Asked) -> Answer:
    """Takes a package; its name and version are those of its own manifest (the answer has the whole app)."""
    own_enterprise(world, asked)
    assert asked.upload is not None
    try:
        package = apk.read(asked.upload.path, asked.upload.sha256)
    except apk.ApkError as error:
        status = 415 if error.fault in {apk.Fault.NO_ARCHIVE, apk.Fault.NO_MANIFEST} else 400
        raise Refusal(status, [f"app_file: {_FAULTS[error.fault]}"], _FAULTS[error.fault]) from None
    try:
        number, _ = world.library.add(package, asked.upload.path, world.now)
    except AlreadyThere:
        raise Refusal(400, ["App version already exists "], "App version already exists ") from None
    except Full:
        limits = f"at most {MOST_APPS} apps, and an app at most {VERSIONS_APART} versions"
        raise Refusal(400, [f"app_file: The library has {limits}."]) from None
    return Answer({"application": application(world, number, asked.base)}, 201)


def detail(world: World, asked: Asked) -> Answer:
    return Answer(application(world, _app(world, asked), asked.base))


def delete(world: World, asked: Asked) -> Answer:
    """Deletes an app with its versions; devices keep what is installed."""
    world.library.remove(_app(world, asked))
    return Answer(None, 204)


def versions(world: World, asked: Asked) -> Answer:
    """Versions of an app, newest first."""
    number = _app(world, asked)
    app = world.library.apps[number]
    places = app.live[::-1]
    if wanted := asked.query.get("version_code"):
        places = [place for place in places if app.versions[place].name == wanted]
    if wanted := asked.query.get("build_number"):
        places = [place for place in places if app.versions[place].build == wanted]
    return Answer(listed(asked, places, lambda place: version(world, number, place, asked.base)))


def version_detail(world: World, asked: Asked) -> Answer:
    number, place = _version(world, asked)
    return Answer(version(world, number, place, asked.base))


def delete_version(world: World, asked: Asked) -> Answer:
    """Deletes a version, and the app with its last one."""
    world.library.remove_version(*_version(world, asked))
    return Answer(None, 204)


def install_devices(world: World, asked: Asked) -> Answer:
    """Devices that have the version; `search` looks through names and aliases."""
    number, place = _version(world, asked)
    fleet, identity = world.fleet, world.identity
    rows = np.flatnonzero((fleet.installed[:, number] == place) & ~fleet.gone).tolist()
    if text := asked.query.get("search", "").casefold():
        rows = [n for n in rows if text in identity.name(n).casefold() or text in (identity.alias(n) or "").casefold()]
    return Answer(
        listed(
            asked,
            rows,
            lambda n: {
                "id": fleet.device_id(n),
                "device_name": identity.name(n),
                "alias_name": identity.alias(n),
                "group_name": fleet.groups.all[fleet.group[n]].name,
            },
        )
    )


def _app(world: World, asked: Asked) -> int:
    own_enterprise(world, asked)
    number = world.library.find(asked.path["application_id"])
    if number is None:
        raise Refusal(404, message="There is no such application")
    return number


def _version(world: World, asked: Asked) -> tuple[int, int]:
    app = _app(world, asked)
    found = world.library.find_version(asked.path["version_id"])
    if found is None or found[0] != app:
        raise Refusal(404, message="There is no such version")
    return found


def _paths(older: str) -> list[Path]:
    apps = f"{older}/enterprise/{{enterprise_id}}/application/"
    one = f"{apps}{{application_id}}/"
    a_version = f"{one}version/{{version_id}}/"
    return [
        Path(apps, list_apps),
        Path(f"{apps}upload/", post=upload, upload="app_file"),
        Path(one, detail, delete=delete),
        Path(f"{one}version/", versions),
        Path(a_version, version_detail, delete=delete_version),
        Path(f"{a_version}installdevices", install_devices),
    ]


PATHS = [*_paths(""), *_paths("/v1")]
