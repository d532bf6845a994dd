"""Applications, their versions, and the devices that have a version.

Invariant: the paths with and without /v1 answer alike. Sources: contract paths tagged Applications.
"""

import numpy as np

from app.sandbox.answers import Answer, Asked, Refusal, listed, truth
from app.sandbox.library_documents import VERSIONS_APART, application, version
from app.sandbox.routes import Path, own_enterprise
from app.sandbox.software import APPS
from app.sandbox.world import World


def list_apps(world: World, asked: Asked) -> Answer:
    """The library; `application_name` finds a part of the name, exact matches first, `package_name` the whole one."""
    own_enterprise(world, asked)
    found = list(range(len(APPS)))
    if wanted := asked.query.get("application_name", "").casefold():
        found = [n for n in found if wanted in APPS[n].name.casefold()]
        found.sort(key=lambda n: APPS[n].name.casefold() != wanted)
    if package := asked.query.get("package_name"):
        found = [n for n in found if APPS[n].package == package]
    if truth(asked, "is_hidden"):
        found = []
    return Answer(listed(asked, found, lambda n: application(world, n, asked.base)))


def detail(world: World, asked: Asked) -> Answer:
    return Answer(application(world, _app(world, asked), asked.base))


def versions(world: World, asked: Asked) -> Answer:
    """Versions of an app, newest first."""
    number = _app(world, asked)
    places = list(reversed(range(len(APPS[number].versions))))
    for index, field in enumerate(("version_code", "build_number")):
        if wanted := asked.query.get(field):
            places = [place for place in places if APPS[number].versions[place][index] == wanted]
    return Answer(listed(asked, places, lambda place: version(world, number, place, asked.base)))


def version_detail(world: World, asked: Asked) -> Answer:
    number, place = _version(world, asked)
    return Answer(version(world, number, place, asked.base))


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
    number = world.ids.find("app", asked.path["application_id"])
    if number is None or number >= len(APPS):
        raise Refusal(404, message="There is no such application")
    return number


def _version(world: World, asked: Asked) -> tuple[int, int]:
    app = _app(world, asked)
    number = world.ids.find("version", asked.path["version_id"])
    if number is None or number // VERSIONS_APART != app or number % VERSIONS_APART >= len(APPS[app].versions):
        raise Refusal(404, message="There is no such version")
    return app, number % VERSIONS_APART


PATHS = [
    path
    for older in ("", "/v1")
    for path in (
        Path(f"{older}/enterprise/{{enterprise_id}}/application/", list_apps),
        Path(f"{older}/enterprise/{{enterprise_id}}/application/{{application_id}}/", detail),
        Path(f"{older}/enterprise/{{enterprise_id}}/application/{{application_id}}/version/", versions),
        Path(
            f"{older}/enterprise/{{enterprise_id}}/application/{{application_id}}/version/{{version_id}}/",
            version_detail,
        ),
        Path(
            f"{older}/enterprise/{{enterprise_id}}/application/{{application_id}}/version/{{version_id}}/installdevices",
            install_devices,
        ),
    )
]
