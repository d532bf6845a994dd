"""The tenant's apps and versions, as a form needs them: found by package, by version id, or by what a person types.

Invariant: read from the local copy only, so every picker works without a network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.records import App, AppVersion


@dataclass(frozen=True, slots=True)
class Library:
    """Apps by id and their versions by app id, newest first: the shapes that the store keeps."""

    apps: Mapping[str, App]
    versions: Mapping[str, Sequence[AppVersion]]

    def sorted(self) -> list[App]:
        """Every app by name, then package; those without a package are left out: no command can name them."""
        return sorted((a for a in self.apps.values() if a.package), key=lambda a: (a.name.casefold(), a.package))

    def installable(self) -> list[App]:
        """The apps that have at least one uploaded version."""
        return [app for app in self.sorted() if self.versions.get(app.id)]

    def by_package(self, package: str) -> App | None:
        return next((app for app in self.apps.values() if app.package == package), None)

    def version(self, version_id: str) -> tuple[App, AppVersion] | None:
        """The version with that id and the app it belongs to."""
        for app_id, versions in self.versions.items():
            for version in versions:
                if version.id == version_id and app_id in self.apps:
                    return self.apps[app_id], version
        return None
