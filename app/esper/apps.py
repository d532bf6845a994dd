"""Applications: the tenant's library, their versions, and what is installed where.

Invariant: an app's own versions list is not trusted as complete; versions are read from their own list.
"""

from msgspec import Struct

from app.errors import BadRequest, Forbidden, NotFound
from app.esper.answers import Form, identified
from app.esper.exchange import Exchange
from app.esper.pace import Priority
from app.esper.pages import Page, Pages
from app.esper.wording import Loose, first, flag, moment, number, part, text, whole
from app.records import App, AppVersion, DeviceApp, InstalledOn


class _App(Struct):
    id: Loose = None
    application_name: Loose = None
    package_name: Loose = None
    developer: Loose = None
    category: Loose = None
    is_hidden: Loose = None
    created_on: Loose = None
    updated_on: Loose = None


class _Version(Struct):
    id: Loose = None
    application: Loose = None
    version_code: Loose = None
    build_number: Loose = None
    size_in_mb: Loose = None
    hash_string: Loose = None
    release_track: Loose = None
    installed_count: Loose = None
    created_on: Loose = None


class _Install(Struct):
    id: Loose = None
    device_name: Loose = None
    alias_name: Loose = None
    group_name: Loose = None


class _Named(Struct):
    application_name: Loose = None
    package_name: Loose = None


class _DeviceApp(Struct):
    id: Loose = None
    device: Loose = None
    device_id: Loose = None
    application: _Named | Loose = None
    app_name: Loose = None
    app_id: Loose = None
    package_name: Loose = None
    bundle_id: Loose = None
    version_name: Loose = None
    apple_app_version: Loose = None
    version_code: Loose = None
    app_type: Loose = None
    state: Loose = None


def _app(wire: _App, raw: bytes) -> App:
    return App(
        id=identified(wire.id, "an app"),
        name=text(wire.application_name),
        package=text(wire.package_name),
        developer=text(wire.developer),
        category=text(wire.category),
        is_hidden=flag(wire.is_hidden),
        created_at=moment(wire.created_on),
        updated_at=moment(wire.updated_on),
        raw=raw,
    )


def _version_of(app_id: str) -> Form[AppVersion]:
    def version(wire: _Version, raw: bytes) -> AppVersion:
        return AppVersion(
            id=identified(wire.id, "an app version"),
            app_id=app_id,
            version=text(wire.version_code),
            build=text(wire.build_number),
            size=number(wire.size_in_mb),
            hash=text(wire.hash_string),
            track=text(wire.release_track),
            installed_count=whole(wire.installed_count),
            created_at=moment(wire.created_on),
            raw=raw,
        )

    return Form(_Version, version)


def _install(wire: _Install, raw: bytes) -> InstalledOn:
    return InstalledOn(
        device_id=identified(wire.id, "an installation"),
        device_name=text(wire.device_name),
        alias=text(wire.alias_name),
        group_name=text(wire.group_name),
    )


def _on_device(device_id: str) -> Form[DeviceApp]:
    def app(wire: _DeviceApp, raw: bytes) -> DeviceApp:
        older = wire.application if isinstance(wire.application, _Named) else _Named()
        return DeviceApp(
            id=identified(wire.id, "an app on a device"),
            device_id=device_id,
            name=first(wire.app_name, older.application_name, wire.app_id),
            package=first(wire.package_name, wire.bundle_id, older.package_name),
            version=first(wire.version_name, wire.apple_app_version),
            build=text(wire.version_code),
            kind=text(wire.app_type),
            state=text(wire.state),
            raw=raw,
        )

    return Form(_DeviceApp, app)


APP = Form(_App, _app)
INSTALL = Form(_Install, _install)


def pages(exchange: Exchange) -> Pages[App]:
    """GET enterprise/{enterprise_id}/application/."""
    return exchange.pages("/enterprise/{enterprise}/application/", APP, priority=Priority.SYNC)


def versions(exchange: Exchange, app_id: str) -> Pages[AppVersion]:
    """GET enterprise/{enterprise_id}/application/{application_id}/version/."""
    path = f"/enterprise/{{enterprise}}/application/{part(app_id)}/version/"
    return exchange.pages(path, _version_of(app_id), priority=Priority.SYNC)


def installed_on(exchange: Exchange, app_id: str, version_id: str) -> Pages[InstalledOn]:
    """GET enterprise/{enterprise_id}/application/{application_id}/version/{version_id}/installdevices (no slash)."""
    path = f"/enterprise/{{enterprise}}/application/{part(app_id)}/version/{part(version_id)}/installdevices"
    return exchange.pages(path, INSTALL)


def on_device(exchange: Exchange, device_id: str) -> Pages[DeviceApp]:
    """GET enterprise/{enterprise_id}/device/{device_id}/app/; GET v2/devices/{deviceId}/device-apps/ on 404 or nothing.

    The first knows Android devices, the second the others; the platform need not be known here.
    """
    identifier, form = part(device_id), _on_device(device_id)
    others = f"/v2/devices/{identifier}/device-apps/"
    path = f"/enterprise/{{enterprise}}/device/{identifier}/app/"

    async def fetch(offset: int, limit: int) -> Page[DeviceApp]:
        nonlocal path
        page = None
        try:
            page = await exchange.page(path, form, offset, limit, {}, Priority.PEOPLE)
        except NotFound:
            if offset or path == others:
                raise
        if page is not None and (offset or page.rows or path == others):
            return page
        try:
            elsewhere = await exchange.page(others, form, 0, limit, {}, Priority.PEOPLE)
        except (NotFound, BadRequest, Forbidden):
            if page is None:
                raise
            return page
        path = others
        return elsewhere

    return Pages(fetch, (500, 100), 4)
