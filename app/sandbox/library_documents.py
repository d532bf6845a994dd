"""Groups and apps as the contract's JSON.

Invariant: counts are taken from the fleet at the moment of asking, so a list and its counts agree.
Sources: contract schemas DeviceGroup, Application, AppVersion, DeviceApp, AppInstall; the contract's wire facts.
"""

from urllib.parse import quote

from app.sandbox.device_facts import Document, moment
from app.sandbox.fleet import APP_STATES, NO_APP, PLATFORMS, Column
from app.sandbox.groups import Group
from app.sandbox.library import MEGABYTE, VERSIONS_APART
from app.sandbox.software import TENANT_APPS
from app.sandbox.world import World

INSTALL_LABELS = {
    "NOT_INSTALLED": "Not Installed",
    "INSTALL_IN_PROGRESS": "Installation In-Progress",
    "UNINSTALL_IN_PROGRESS": "Uninstallation In-Progress",
    "INSTALL_SUCCESS": "Install Success",
    "INSTALL_FAILED": "Install Failed",
    "UNINSTALL_SUCCESS": "Uninstall Success",
    "UNINSTALL_FAILED": "Uninstall Failed",
}
_LIBRARY_AGE = 1704067200.0  # 2024-01-01: when the first app was uploaded


def enterprise_url(world: World, base: str) -> str:
    """The tenant's address, which the addresses of its groups and apps start with."""
    return f"{base}/enterprise/{world.enterprise_id}/"


def group(world: World, entry: Group, counts: Column, base: str) -> Document:
    """A group. `device_count` counts the group itself, without those below; `parent` is an address with a slash."""
    enterprise = enterprise_url(world, base)
    above = None if entry.parent is None else world.fleet.groups.all[entry.parent].id
    return {
        "id": entry.id,
        "name": entry.name,
        "created_on": moment(entry.created),
        "enterprise": enterprise,
        "parent": f"{enterprise}devicegroup/{above}/" if above else None,
        "device_count": int(counts[entry.index]),
        "path": entry.path,
        "children_count": len(entry.children),
    }


def application(world: World, number: int, base: str) -> Document:
    """An app of the library with its versions in short form, newest first."""
    app = world.library.apps[number]
    versions = [version(world, number, place, base) for place in reversed(app.live)]
    short = ("id", "version_code", "build_number", "hash_string", "min_sdk_version", "target_sdk_version")
    return {
        "id": world.ids.make("app", number),
        "versions": [{key: v[key] for key in short} | {"download_url": v["app_file"]} for v in versions],
        "application_name": app.name,
        "package_name": app.package,
        "developer": app.developer,
        "category": app.category,
        "content_rating": "0.0",
        "compatibility": None,
        "created_on": moment(app.created),
        "updated_on": versions[0]["updated_on"] if versions else moment(app.created),
        "is_active": True,
        "is_hidden": False,
        "enterprise": enterprise_url(world, base),
    }


def version(world: World, app_number: int, place: int, base: str) -> Document:
    """One uploaded version of an app. Its addresses are those of `routes/files`, and need the key too."""
    app = world.library.apps[app_number]
    found = app.versions[place]
    version_id = world.library.version_id(app_number, place)
    installed = (world.fleet.installed[:, app_number] == place) & ~world.fleet.gone
    uploaded = moment(found.uploaded)
    enterprise = enterprise_url(world, base)
    application = f"{enterprise}application/{world.ids.make('app', app_number)}/"
    return {
        "id": version_id,
        "installed_count": int(installed.sum()),
        "permissions": [
            {
                "id": world.ids.make("permission", (app_number * VERSIONS_APART + place) * 1024 + index),
                "permission": permission,
                "grant_state": "Default",
                "created_on": uploaded,
                "updated_on": uploaded,
                "is_active": True,
                "enterprise": enterprise,
                "app_version": f"{application}version/{version_id}/",
            }
            for index, permission in enumerate(found.permissions)
        ],
        "app_file": f"{base}/files/apps/{version_id}/{quote(f'{app.package}-{found.name}', safe='')}.apk",
        "app_icon": f"{base}/files/icons/{version_id}" if found.icon_path else None,
        "version_code": found.name,
        "build_number": found.build,
        "size_in_mb": round(found.size / MEGABYTE, 3),
        "hash_string": world.library.sha256(app_number, place),
        "release_name": None,
        "release_comments": None,
        "release_track": found.track,
        "created_on": uploaded,
        "updated_on": uploaded,
        "min_sdk_version": found.min_sdk,
        "target_sdk_version": found.target_sdk,
        "is_enabled": True,
        "is_g_play": app.kind == "GOOGLE",
        "enterprise": enterprise,
        "application": application,
    }


def device_apps(world: World, device: int) -> list[Document]:
    """Apps on an Android device, in the older form."""
    fleet, device_id = world.fleet, world.fleet.device_id(device)
    found = []
    for number, app in enumerate(world.library.apps):
        place = int(fleet.installed[device, number])
        if place == NO_APP:
            continue
        found.append(
            {
                "id": world.ids.make("device-app", device * 4096 + number),
                "permissions": [],
                "app_name": app.name,
                "package_name": app.package,
                "app_type": app.kind,
                "state": APP_STATES[fleet.app_state[device, number]],
                "whitelisted": True,
                "is_data_clearable": True,
                "is_uninstallable": True,
                "product_id": None,
                "version_code": app.versions[place].build,
                "version_name": app.versions[place].name,
                "created_on": moment(fleet.provisioned[device]),
                "updated_on": moment(fleet.updated[device]),
                "is_active": True,
                "device": device_id,
            }
        )
    return found


def apple_windows_apps(world: World, device: int) -> list[Document]:
    """Apps on an Apple or Windows device; none on the others."""
    platform = PLATFORMS[world.fleet.platform[device]]
    found = [(number, app) for number, app in enumerate(TENANT_APPS) if app.platform == platform]
    noise, when = int(world.fleet.noise[device]), moment(world.fleet.provisioned[device])
    return [
        {
            "id": world.ids.make("device-app-v2", device * 8 + place),
            "device_id": world.fleet.device_id(device),
            "app_id": world.ids.make("tenant-app", number),
            "app_type": app.kind,
            "app_name": app.name,
            "package_name": app.package,
            "version_name": app.versions[-1],
            "app_version_id": world.ids.make("tenant-app-version", number * VERSIONS_APART + len(app.versions) - 1),
            "base64_app_config": None,
            "created_at": when,
            "updated_at": when,
            "tenant_id": world.enterprise_id,
        }
        for place, (number, app) in enumerate(found)
        if noise >> place & 1
    ]


def installs(world: World, device: int, base: str) -> list[Document]:
    """Install history, newest first; the states are labels, as on the wire."""
    fleet, enterprise = world.fleet, enterprise_url(world, base)
    begun = float(fleet.provisioned[device])
    made = [(e.app, e.version, e.state, e.created, e.updated, e.reason) for e in world.effects.installs.get(device, [])]
    commanded = {(app, place) for app, place, *_ in made}
    first = [
        (app, int(place), "Install Success", begun + 60.0 * app, begun + 60.0 * app + 20.0, None)
        for app, place in enumerate(fleet.installed[device].tolist())
        if place != NO_APP and (app, place) not in commanded
    ]
    found = []
    for number, (app, place, state, created, updated, reason) in enumerate(first + made):
        entry, installed = world.library.apps[app], world.library.apps[app].versions[place]
        found.append(
            {
                "id": world.ids.make("install", device * 4096 + number),
                "application": {
                    "application_name": entry.name,
                    "package_name": entry.package,
                    "version": {
                        "app_version_id": world.library.version_id(app, place),
                        "version_code": installed.name,
                        "build_number": installed.build,
                    },
                    "is_enabled": True,
                },
                "install_state": state,
                "reason_details": reason,
                "created_on": moment(created),
                "updated_on": moment(updated),
                "is_active": True,
                "enterprise": enterprise,
                "device": f"{enterprise}device/{fleet.device_id(device)}/",
            }
        )
    return found[::-1]
