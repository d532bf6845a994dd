"""The tenant's app library: the apps of the demo fleet and what was uploaded since.

Invariant: places never shift. An app or version that was deleted is marked and leaves every list, but what is installed
on devices keeps its name; each app stands in the column of `fleet.installed` that has its number.
"""

from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from app.apk import Apk, read_icon
from app.sandbox import packages
from app.sandbox.fleet import Fleet
from app.sandbox.shelf import Shelf
from app.sandbox.software import APPS, PERMISSIONS

VERSIONS_APART = 100  # a version's number is its app's number times this, plus its place
MOST_APPS = 127  # what the columns of the fleet can tell apart
MEGABYTE = 1_000_000
_AGE = 1704067200.0  # 2024-01-01: when the first app was uploaded
_DAY = 86400.0


class AlreadyThere(Exception):
    """The library has this version."""


class Full(Exception):
    """The library has no room for more apps, or the app none for more versions."""


@dataclass(slots=True)
class Version:
    """One version. `name` is what people call it (version_code on the wire), `build` the number that counts.

    `size` in bytes, `uploaded` in seconds since 1970; `sha256` is empty for a version of the demo fleet until asked.
    """

    name: str
    build: str
    size: int
    uploaded: float
    track: str | None
    min_sdk: str | None
    target_sdk: str | None
    permissions: tuple[str, ...]
    sha256: str = ""
    file: Path | None = None
    icon_path: str | None = None
    gone: bool = False


@dataclass(slots=True)
class Entry:
    """One app with its versions, oldest first."""

    name: str
    package: str
    developer: str | None
    category: str | None
    kind: str
    created: float
    versions: list[Version] = field(default_factory=list)
    gone: bool = False

    @property
    def live(self) -> list[int]:
        """Places of the versions that are not deleted, oldest first."""
        return [place for place, version in enumerate(self.versions) if not version.gone]


class Library:
    """All apps; `apps[number]` also answers for deleted ones."""

    def __init__(self, fleet: Fleet, shelf: Shelf) -> None:
        self._fleet = fleet
        self._shelf = shelf
        self._ids = fleet.ids
        self.apps = [_seeded(number) for number in range(len(APPS))]
        self._seeds = len(self.apps)
        self._icons: dict[tuple[int, int], Path] = {}

    @property
    def live(self) -> list[int]:
        """Numbers of the apps that are not deleted."""
        return [number for number, entry in enumerate(self.apps) if not entry.gone]

    def find(self, app_id: str) -> int | None:
        """The number of the app of that id; None where there is none, or none any more."""
        number = self._ids.find("app", app_id)
        return number if number is not None and number < len(self.apps) and not self.apps[number].gone else None

    def find_version(self, version_id: str) -> tuple[int, int] | None:
        """App and place of the version of that id; None where there is none, or none any more."""
        found = self._ids.find("version", version_id)
        if found is None:
            return None
        number, place = divmod(found, VERSIONS_APART)
        if number >= len(self.apps) or self.apps[number].gone or place >= len(self.apps[number].versions):
            return None
        return None if self.apps[number].versions[place].gone else (number, place)

    def version_id(self, number: int, place: int) -> str:
        """The id of a version, also after it was deleted."""
        return self._ids.make("version", number * VERSIONS_APART + place)

    def named(self, package: str) -> int | None:
        """The number of the app of that package name, if it is not deleted."""
        return next((number for number in self.live if self.apps[number].package == package), None)

    def add(self, apk: Apk, file: Path, now: float) -> tuple[int, int]:
        """Files an uploaded package; returns app and place. Raises AlreadyThere or Full."""
        number = self.named(apk.package)
        build = str(apk.version_code)
        if number is None:
            if len(self.apps) >= MOST_APPS:
                raise Full
            label = apk.label or apk.package
            number = self._append(Entry(label, apk.package, None, None, "ENTERPRISE", now))
        entry = self.apps[number]
        if any(not v.gone and v.build == build and v.name == apk.version_name for v in entry.versions):
            raise AlreadyThere
        if len(entry.versions) >= VERSIONS_APART:
            raise Full
        entry.versions.append(
            Version(
                name=apk.version_name,
                build=build,
                size=apk.size,
                uploaded=now,
                track="Production",
                min_sdk=apk.min_sdk,
                target_sdk=apk.target_sdk,
                permissions=apk.permissions,
                sha256=apk.sha256,
                file=file,
                icon_path=apk.icon_path,
            )
        )
        return number, len(entry.versions) - 1

    def remove(self, number: int) -> None:
        """Deletes an app with all its versions; devices keep what is installed."""
        self.apps[number].gone = True
        for place in self.apps[number].live:
            self.remove_version(number, place)

    def remove_version(self, number: int, place: int) -> None:
        """Deletes one version; the app goes with its last one."""
        version = self.apps[number].versions[place]
        version.gone = True
        if version.file is not None:
            version.file.unlink(missing_ok=True)
        if not self.apps[number].live:
            self.apps[number].gone = True

    def sha256(self, number: int, place: int) -> str:
        """The SHA-256 of the package file, in hex."""
        version = self.apps[number].versions[place]
        return version.sha256 or _seeded_digests()[number, place]

    def file(self, number: int, place: int) -> Path | None:
        """The package file; one of the demo fleet is made now. None where it is not kept any more."""
        version = self.apps[number].versions[place]
        if version.file is None and number < self._seeds and place < len(APPS[number].versions):
            version.file = self._shelf.place(".apk")
            packages.write(_facts(number, place), version.file)
        return version.file

    def icon(self, number: int, place: int) -> Path | None:
        """The picture of an uploaded version, taken out of the package when it is first asked for."""
        version, icon = self.apps[number].versions[place], self._icons.get((number, place))
        if icon is None and version.file is not None and version.icon_path is not None:
            picture = read_icon(version.file, version.icon_path)
            if picture is not None:
                icon = self._icons[number, place] = self._shelf.place()
                icon.write_bytes(picture)
        return icon

    def snapshot(self) -> list[Any]:
        """The library as plain data; files are not part of it."""
        return [
            asdict(entry) | {"versions": [asdict(v) | {"file": None} for v in entry.versions]} for entry in self.apps
        ]

    def restore(self, kept: Any) -> None:
        """Takes a snapshot back. Raises KeyError, TypeError or ValueError where it is none."""
        entries = [
            Entry(
                **item
                | {"versions": [Version(**v | {"permissions": tuple(v["permissions"])}) for v in item["versions"]]}
            )
            for item in kept
        ]
        if len(entries) < self._seeds:
            raise ValueError("the library lacks apps")
        for entry in entries[len(self.apps) :]:
            self._append(entry)
        self.apps = entries

    def _append(self, entry: Entry) -> int:
        self.apps.append(entry)
        while self._fleet.installed.shape[1] < len(self.apps):
            self._fleet.add_app()
        return len(self.apps) - 1


def _facts(number: int, place: int) -> packages.Facts:
    app = APPS[number]
    code, build = app.versions[place]
    megabytes = round(app.size + place * 0.7, 1)
    wanted = PERMISSIONS[: 2 + number % (len(PERMISSIONS) - 1)]
    return packages.Facts(app.package, code, int(build), app.name, int(megabytes * MEGABYTE), permissions=wanted)


@cache
def _seeded_digests() -> dict[tuple[int, int], str]:
    places = [(number, place) for number, app in enumerate(APPS) for place in range(len(app.versions))]
    return dict(zip(places, packages.digests([_facts(*place) for place in places]), strict=True))


def _seeded(number: int) -> Entry:
    app, begun = APPS[number], _AGE + number * _DAY
    entry = Entry(app.name, app.package, app.developer, app.category, app.kind, begun)
    for place, (name, build) in enumerate(app.versions):
        facts = _facts(number, place)
        newest = place and place + 1 == len(app.versions)
        track = "Beta" if newest else "Production"
        entry.versions.append(
            Version(name, build, facts.size, begun + place * 30 * _DAY, track, "26", "34", facts.permissions)
        )
    return entry
