"""What is installed on one device, as the older service says it of Android and the newer of the others.

Invariant: a record's `device_id` is the device that was asked about, whatever the document repeats.
"""

from msgspec import Struct

from app.errors import BadRequest, Forbidden, NotFound
from app.esper.answers import Form, identified
from app.esper.exchange import Exchange
from app.esper.pace import Priority
from app.esper.pages import Page, Pages
from app.esper.wording import Loose, first, part, text
from app.records import DeviceApp


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


def _older(device_id: str) -> str:
    return f"/enterprise/{{enterprise}}/device/{part(device_id)}/app/"


def _newer(device_id: str) -> str:
    return f"/v2/devices/{part(device_id)}/device-apps/"


def pages(exchange: Exchange, device_id: str) -> Pages[DeviceApp]:
    """GET enterprise/{enterprise_id}/device/{device_id}/app/; GET v2/devices/{deviceId}/device-apps/ on 404 or nothing.

    The first knows Android devices, the second the others; the platform need not be known here.
    """
    form, path, others = _on_device(device_id), _older(device_id), _newer(device_id)

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


def v1(
    exchange: Exchange, device_id: str, *, package: str = "", search: str = "", kind: str = "", state: str = ""
) -> Pages[DeviceApp]:
    """GET enterprise/{enterprise_id}/device/{device_id}/app/; `kind` such as ENTERPRISE, `state` SHOW, HIDE or DISABLE."""
    wanted = {"package_name": package, "search": search, "app_type": kind, "state": state}
    params = {key: value for key, value in wanted.items() if value}
    return exchange.pages(_older(device_id), _on_device(device_id), params=params)


def v2(exchange: Exchange, device_id: str, *, kind: str = "") -> Pages[DeviceApp]:
    """GET v2/devices/{deviceId}/device-apps/; `kind` such as VPP or ESPER_WINDOWS."""
    params = {"app_type": kind} if kind else {}
    return exchange.pages(_newer(device_id), _on_device(device_id), params=params)


async def one(exchange: Exchange, device_id: str, app_id: str) -> DeviceApp:
    """GET enterprise/{enterprise_id}/device/{device_id}/app/{app_id}/."""
    return await exchange.one(f"{_older(device_id)}{part(app_id)}/", _on_device(device_id))
