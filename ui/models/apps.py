"""The tenant's apps: app, version, devices that have it.

Invariant: apps and versions come from the copy. Which devices have a version is asked for once, when it is opened, and
until the answer is there the tree says in words what is known: loading, or not loaded and why.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt

from app.records import App, AppVersion, InstalledOn
from ui import icons, text
from ui.models.tree import DISPLAY, Key, TreeModel

APP_ID = int(Qt.ItemDataRole.UserRole)
VERSION_ID = APP_ID + 1
DEVICE_ID = APP_ID + 2
DECORATION = int(Qt.ItemDataRole.DecorationRole)
TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
LOADING = "Loading…"

Ask = Callable[[str, str], None]


class AppTree(TreeModel):
    """Keys: (app id,), (app id, version id), (app id, version id, device id); the last with "" is a line of words.

    `ask(app id, version id)` is called when the devices of a version are wanted; the answer comes back through `fill`
    or `fail`, at once or later.
    """

    titles = ("Name", "Installed", "Size", "Track", "Details")
    right_aligned = frozenset({1, 2})

    def __init__(self, ask: Ask, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ask = ask
        self._apps: Mapping[str, App] = {}
        self._versions: Mapping[str, Sequence[AppVersion]] = {}
        self._version: dict[str, AppVersion] = {}
        self._devices: dict[tuple[str, str], dict[str, InstalledOn]] = {}
        self._notes: dict[tuple[str, str], str] = {}
        self._words: list[str] = []
        self.refresh()

    def set_apps(self, apps: Mapping[str, App], versions: Mapping[str, Sequence[AppVersion]]) -> None:
        """The library as it is now: apps by id, versions by app id, newest first."""
        self._apps, self._versions = apps, versions
        self._version = {version.id: version for group in versions.values() for version in group}
        self.refresh(deep=True)
        self.touch([key for key in self.known_keys() if isinstance(key, tuple) and len(key) < 3])

    def filter(self, words: str) -> None:
        """Shows the apps whose name or package holds all the words."""
        self._words = words.casefold().split()
        self.refresh(deep=True)

    def fill(self, app_id: str, version_id: str, rows: Sequence[InstalledOn]) -> None:
        """The devices that have a version."""
        at = (app_id, version_id)
        before = self._devices.get(at, {})
        self._devices[at] = {row.device_id: row for row in rows}
        self._notes[at] = "" if rows else "On no device"
        self.refresh(at)
        self.touch([(*at, row.device_id) for row in rows if before.get(row.device_id) != row])
        self.touch([(*at, ""), at])

    def fail(self, app_id: str, version_id: str, words: str) -> None:
        """The devices of a version could not be had; `words` say why. Devices known from before stay."""
        self._notes[app_id, version_id] = words
        self.refresh((app_id, version_id))
        self.touch([(app_id, version_id, "")])

    def ask_again(self, app_id: str, version_id: str) -> None:
        """Asks once more for the devices of an opened version."""
        if not self._devices.get((app_id, version_id)):
            self._notes[app_id, version_id] = LOADING
            self.touch([(app_id, version_id, "")])
        self._ask(app_id, version_id)

    def devices_of(self, app_id: str, version_id: str) -> list[str] | None:
        """The ids of the devices that have a version, None while that is not known."""
        known = self._devices.get((app_id, version_id))
        return None if known is None else list(known)

    def children_of(self, key: Key | None) -> Sequence[Key]:
        if not isinstance(key, tuple):
            fitting = [app for app in self._apps.values() if self._fits(app)]
            return [(app.id,) for app in sorted(fitting, key=lambda a: (a.name.casefold(), a.package, a.id))]
        if len(key) == 1:
            return [(key[0], version.id) for version in self._versions.get(key[0], ())]
        if len(key) == 3:
            return []
        at = (key[0], key[1])
        if at not in self._notes:
            self._notes[at] = LOADING
            self._ask(*at)
        words: list[Key] = [(*at, "")] if self._notes[at] else []
        return [*words, *((*at, device_id) for device_id in self._devices.get(at, {}))]

    def has_any(self, key: Key) -> bool:
        assert isinstance(key, tuple)
        return len(key) == 2 or (len(key) == 1 and bool(self._versions.get(key[0])))

    def cell(self, key: Key, column: int, role: int) -> Any:
        assert isinstance(key, tuple)
        if role in (APP_ID, VERSION_ID, DEVICE_ID):
            place = role - APP_ID
            return key[place] if len(key) > place else ""
        if role == ACCESSIBLE and column == 0:
            # The view may draw the count into the first column.
            said = (self.cell(key, 0, DISPLAY), self.cell(key, 1, DISPLAY) if len(key) < 3 else "")
            return " on ".join(str(words) for words in said if words)
        if len(key) == 1:
            app = self._apps.get(key[0])
            return self._app(app, column, role) if app else None
        if len(key) == 2:
            version = self._version.get(key[1])
            return self._release(version, column, role) if version else None
        if key[2]:
            return self._device(self._devices[key[0], key[1]][key[2]], column, role)
        note = self._notes.get((key[0], key[1]), "")
        if role == DECORATION and column == 0:
            return icons.icon("loader-circle" if note == LOADING else "info", "text_muted")
        return note if role == DISPLAY and column == 0 else None

    def _app(self, app: App, column: int, role: int) -> Any:
        if role == DISPLAY:
            if column == 1:
                counts = [v.installed_count for v in self._versions.get(app.id, ()) if v.installed_count is not None]
                return text.number(sum(counts)) if counts else ""
            return {0: app.name or app.package, 4: app.package}.get(column, "")
        if role == DECORATION and column == 0:
            return icons.icon("package", "text_muted")
        if role == TOOLTIP:
            return text.plain_tip("\n".join(t for t in (app.name, app.package, app.developer) if t))
        return None

    def _release(self, version: AppVersion, column: int, role: int) -> Any:
        if role == DISPLAY:
            if column == 0:
                return f"{version.version or version.build} ({version.build})" if version.build else version.version
            if column == 1:
                return "" if version.installed_count is None else text.number(version.installed_count)
            if column == 2:
                return "" if version.size is None else text.size(version.size)
            return version.track if column == 3 else ""
        if role == TOOLTIP and version.created_at is not None:
            return text.plain_tip(f"Uploaded {text.absolute(version.created_at)}")
        if role == DECORATION and column == 0:
            return icons.icon("tag", "text_muted")
        return None

    def _device(self, row: InstalledOn, column: int, role: int) -> Any:
        if role == DISPLAY:
            return {0: row.device_name or row.device_id, 4: row.group_name}.get(column, "")
        if role == DECORATION and column == 0:
            return icons.icon("tablet-smartphone", "text_muted")
        if role == TOOLTIP:
            return text.plain_tip("\n".join(t for t in (row.device_name, row.alias, row.group_name) if t))
        return None

    def _fits(self, app: App) -> bool:
        found = f"{app.name} {app.package}".casefold()
        return all(word in found for word in self._words)
