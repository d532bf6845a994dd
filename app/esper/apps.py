"""Applications: the tenant's library, their versions, and the devices that have one.

Invariant: an app's own versions list is not trusted as complete; versions are read from their own list.
"""

from pathlib import Path

from msgspec import Struct

from app.errors import UnexpectedAnswer
from app.esper import downloads, uploads
from app.esper.answers import Form, identified
from app.esper.downloads import Landed, Source
from app.esper.exchange import Exchange
from app.esper.pace import Priority
from app.esper.pages import Pages
from app.esper.uploads import Progress
from app.esper.wording import Loose, first, flag, moment, number, part, text, whole
from app.records import App, AppVersion, InstalledOn


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


class _Uploaded(Struct):
    application: _App | None = None


class _Package(Struct):
    app_file: Loose = None
    download_url: Loose = None
    hash_string: Loose = None


class _Install(Struct):
    id: Loose = None
    device_name: Loose = None
    alias_name: Loose = None
    group_name: Loose = None


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


def _uploaded(wire: _Uploaded, raw: bytes) -> App:
    if wire.application is None:
        raise UnexpectedAnswer("an upload without the app that it became")
    return _app(wire.application, raw)


def _package(wire: _Package, raw: bytes) -> Source:
    link = first(wire.app_file, wire.download_url)
    if not link:
        raise UnexpectedAnswer("the version has no file")
    return Source(link, hash=text(wire.hash_string))


# Schemas Application, ApplicationUpload, AppVersion (its size in MB is rounded, so no length to check) and InstallDevice.
APP = Form(_App, _app)
UPLOADED = Form(_Uploaded, _uploaded)
PACKAGE = Form(_Package, _package)
INSTALL = Form(_Install, _install)


class Apps:
    """The library of Android apps. With `v1` the same question goes to the path that also knows Google Play entries."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def pages(
        self,
        *,
        application_name: str = "",
        package_name: str = "",
        is_hidden: bool | None = None,
        with_links: bool = True,
        v1: bool = False,
    ) -> Pages[App]:
        """GET [v1/]enterprise/{enterprise_id}/application/; `with_links` False leaves out links to files (v1 only)."""
        params = {"application_name": application_name, "package_name": package_name}
        if is_hidden is not None:
            params["is_hidden"] = str(is_hidden).lower()
        if v1 and not with_links:
            params["without_download_url"] = "true"
        wanted = {key: value for key, value in params.items() if value}
        return self._exchange.pages(_library(v1), APP, params=wanted, priority=Priority.SYNC)

    async def one(self, app_id: str, *, v1: bool = False) -> App:
        """GET [v1/]enterprise/{enterprise_id}/application/{application_id}/."""
        return await self._exchange.one(_app_path(app_id, v1), APP)

    async def delete(self, app_id: str, *, v1: bool = False) -> None:
        """DELETE [v1/]enterprise/{enterprise_id}/application/{application_id}/, with all its versions."""
        await self._exchange.delete(_app_path(app_id, v1))

    async def upload(self, package: Path, *, progress: Progress | None = None) -> App:
        """POST enterprise/{enterprise_id}/application/upload/ of an APK, once; gives the app it belongs to.

        Raises as `uploads.send` does; BadRequest where this version is there already.
        """
        return await uploads.send(self._exchange, f"{_library()}upload/", "app_file", package, UPLOADED, progress)

    def versions(
        self, app_id: str, *, version_code: str = "", build_number: str = "", v1: bool = False
    ) -> Pages[AppVersion]:
        """GET [v1/]enterprise/{enterprise_id}/application/{application_id}/version/."""
        params = {"version_code": version_code, "build_number": build_number}
        wanted = {key: value for key, value in params.items() if value}
        path = f"{_app_path(app_id, v1)}version/"
        return self._exchange.pages(path, _version_of(app_id), params=wanted, priority=Priority.SYNC)

    async def version(self, app_id: str, version_id: str, *, v1: bool = False) -> AppVersion:
        """GET [v1/]enterprise/{enterprise_id}/application/{application_id}/version/{version_id}/."""
        return await self._exchange.one(_version_path(app_id, version_id, v1), _version_of(app_id))

    async def delete_version(self, app_id: str, version_id: str, *, v1: bool = False) -> None:
        """DELETE [v1/]enterprise/{enterprise_id}/application/{application_id}/version/{version_id}/; any 2xx will do."""
        await self._exchange.delete(_version_path(app_id, version_id, v1))

    async def download(
        self, app_id: str, version_id: str, target: Path, *, progress: Progress | None = None, v1: bool = False
    ) -> Landed:
        """The package behind `app_file` of [v1/]enterprise/{enterprise_id}/application/{...}/version/{version_id}/.

        Raises as `downloads.fetch` does; UnexpectedAnswer where the version has no file.
        """
        path = _version_path(app_id, version_id, v1)
        return await downloads.fetch(
            self._exchange.transport, lambda: self._exchange.one(path, PACKAGE), target, progress
        )

    def installed_on(self, app_id: str, version_id: str, *, search: str = "", v1: bool = False) -> Pages[InstalledOn]:
        """GET [v1/]enterprise/{enterprise_id}/application/{...}/version/{version_id}/installdevices (no slash)."""
        path = f"{_version_path(app_id, version_id, v1)}installdevices"
        return self._exchange.pages(path, INSTALL, params={"search": search} if search else {})


def _library(v1: bool = False) -> str:
    return f"{'/v1' if v1 else ''}/enterprise/{{enterprise}}/application/"


def _app_path(app_id: str, v1: bool) -> str:
    return f"{_library(v1)}{part(app_id)}/"


def _version_path(app_id: str, version_id: str, v1: bool) -> str:
    return f"{_app_path(app_id, v1)}version/{part(version_id)}/"
