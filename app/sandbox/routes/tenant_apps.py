"""Own apps for Apple and Windows devices, and their versions.

Invariant: the ids are those that the apps on a device refer to. Sources: contract paths `/v2/tenant-apps` and
`/v2/tenant-apps/{appId}/versions`.
"""

from app.sandbox.answers import Answer, Asked, Refusal, listed, wrapped
from app.sandbox.device_facts import Document, moment
from app.sandbox.library import VERSIONS_APART
from app.sandbox.order_documents import USER
from app.sandbox.routes import Path
from app.sandbox.software import TENANT_APPS
from app.sandbox.world import World

_FOUNDED = 1704067200.0  # 2024-01-01
_DAY = 86400.0


def list_apps(world: World, asked: Asked) -> Answer:
    """All of them; `app_name` finds a part of the name."""
    wanted = asked.query.get("app_name", "").casefold()
    found = [number for number, app in enumerate(TENANT_APPS) if wanted in app.name.casefold()]
    return wrapped(listed(asked, found, lambda number: _app(world, number)))


def versions(world: World, asked: Asked) -> Answer:
    """Versions of an app, newest first."""
    number = world.ids.find("tenant-app", asked.path["appId"])
    if number is None or number >= len(TENANT_APPS):
        raise Refusal(404, message="There is no such application")
    places = list(reversed(range(len(TENANT_APPS[number].versions))))
    return wrapped(listed(asked, places, lambda place: _version(world, number, place)))


def _app(world: World, number: int) -> Document:
    app = TENANT_APPS[number]
    return {
        "id": world.ids.make("tenant-app", number),
        "platform": app.platform,
        "tenant_id": world.enterprise_id,
        "package_name": app.package,
        "app_name": app.name,
        "created_at": moment(_FOUNDED + number * _DAY),
        "created_by": USER,
        "updated_at": moment(_FOUNDED + (number + 30 * len(app.versions)) * _DAY),
        "updated_by": USER,
    }


def _version(world: World, number: int, place: int) -> Document:
    """The contract knows the id only; the other names are those of `_app`."""
    when = moment(_FOUNDED + (number + 30 * place) * _DAY)
    return {
        "id": world.ids.make("tenant-app-version", number * VERSIONS_APART + place),
        "app_id": world.ids.make("tenant-app", number),
        "version_name": TENANT_APPS[number].versions[place],
        "created_at": when,
        "updated_at": when,
    }


PATHS = [Path("/v2/tenant-apps", list_apps), Path("/v2/tenant-apps/{appId}/versions", versions)]
