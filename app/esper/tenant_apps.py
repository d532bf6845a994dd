"""Applications for Apple and Windows devices, which another service keeps.

Invariant: a version is an id and its document: the contract names no other field of it.
"""

from msgspec import Struct

from app.esper.answers import Form, identified
from app.esper.exchange import Exchange
from app.esper.pages import Pages
from app.esper.wording import Loose, moment, part, text
from app.records import TenantApp, TenantAppVersion

_APPS = "/v2/tenant-apps"


class _App(Struct):
    id: Loose = None
    platform: Loose = None
    package_name: Loose = None
    app_name: Loose = None
    created_at: Loose = None
    created_by: Loose = None
    updated_at: Loose = None


class _Version(Struct):
    id: Loose = None


def _app(wire: _App, raw: bytes) -> TenantApp:
    return TenantApp(
        id=identified(wire.id, "an app"),
        name=text(wire.app_name),
        package=text(wire.package_name),
        platform=text(wire.platform),
        created_by=text(wire.created_by),
        created_at=moment(wire.created_at),
        updated_at=moment(wire.updated_at),
        raw=raw,
    )


def _version_of(app_id: str) -> Form[TenantAppVersion]:
    def version(wire: _Version, raw: bytes) -> TenantAppVersion:
        return TenantAppVersion(id=identified(wire.id, "an app version"), app_id=app_id, raw=raw)

    return Form(_Version, version)


# Schema TenantApp.
APP = Form(_App, _app)


class TenantApps:
    """Lists only: the contract knows no way to change them."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def pages(self, *, app_name: str = "") -> Pages[TenantApp]:
        """GET v2/tenant-apps (no slash)."""
        return self._exchange.pages(_APPS, APP, params={"app_name": app_name} if app_name else {})

    def versions(self, app_id: str) -> Pages[TenantAppVersion]:
        """GET v2/tenant-apps/{appId}/versions (no slash)."""
        return self._exchange.pages(f"{_APPS}/{part(app_id)}/versions", _version_of(app_id))
