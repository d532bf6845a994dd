"""Pickers over the tenant's apps: a package, and an uploaded version.

Invariant: offered is what the local copy knows; a package can also be typed, since system apps are in no library.
"""

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSignalBlocker, QStringListModel, Qt
from PySide6.QtGui import QAction, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QVBoxLayout, QWidget

from app.records import App, AppVersion
from ui import icons, text, theme
from ui.dialogs.frame import plain_label
from ui.dialogs.inputs import MISSING, Input
from ui.dialogs.library import Library

_PACKAGE = Qt.ItemDataRole.UserRole


class _AppCompleter(QCompleter):
    """Matches anywhere in `Name · package`, and completes to the package."""

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        return str(index.data(_PACKAGE))


def _app_line(app: App) -> str:
    return f"{app.name} · {app.package}" if app.name else app.package


def app_edit(apps: list[App]) -> QLineEdit:
    """A line edit that searches `apps` by name or package while one types, with a button that lists them all."""
    edit = QLineEdit()
    edit.setPlaceholderText("Search by name or type a package, such as com.example.kiosk")
    model = QStandardItemModel(edit)
    for app in apps:
        item = QStandardItem(_app_line(app))
        item.setData(app.package, _PACKAGE)
        model.appendRow(item)
    completer = _AppCompleter(model, edit)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    completer.setMaxVisibleItems(10)
    edit.setCompleter(completer)
    listing = QAction("List all apps", edit)
    icons.bind(listing, "chevron-down", "text_muted")

    def list_all() -> None:
        edit.setFocus()
        completer.setCompletionPrefix("")
        completer.complete()

    listing.triggered.connect(list_all)
    listing.setEnabled(bool(apps))
    edit.addAction(listing, QLineEdit.ActionPosition.TrailingPosition)
    return edit


class PackageInput(Input):
    """The package of an app, with its name below once it is a known one."""

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library
        self.edit = app_edit(library.sorted())
        self.known = plain_label(" ", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(1))
        column.addWidget(self.edit)
        column.addWidget(self.known)
        self.edit.textChanged.connect(self._typed)
        self.setFocusProxy(self.edit)

    def value(self) -> Any:
        return self.edit.text().strip() or MISSING

    def set_value(self, value: Any) -> None:
        self.edit.setText("" if value is MISSING else str(value))

    def controls(self) -> list[QWidget]:
        return [self.edit]

    def _typed(self, words: str) -> None:
        app = self._library.by_package(words.strip())
        if app is not None:
            developer = f" by {app.developer}" if app.developer else ""
            self.known.setText(f"{app.name}{developer}")
        else:
            self.known.setText("Not in this tenant's library" if words.strip() else " ")
        self.changed.emit()


class VersionInput(Input):
    """First the app, then one of its uploaded versions, newest first. The value is the version's id."""

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library
        self._apps = library.installable()
        self.app = QComboBox()
        self.version = QComboBox()
        for combo in (self.app, self.version):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(20)
            combo.setMaxVisibleItems(14)
        self.app.setEditable(True)
        self.app.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        for app in self._apps:
            self.app.addItem(_app_line(app), app.id)
        self.app.setCurrentIndex(-1)
        self._line = line = QLineEdit()
        self.app.setLineEdit(line)
        line.setPlaceholderText("Search an app" if self._apps else "The local copy knows no app with a version")
        completer = QCompleter(QStringListModel([_app_line(a) for a in self._apps], self.app), self.app)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.activated.connect(self._completed)
        line.setCompleter(completer)
        self.app.setEnabled(bool(self._apps))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        column.addWidget(self.app)
        column.addWidget(self.version)
        self.app.currentIndexChanged.connect(self._app_chosen)
        self.version.currentIndexChanged.connect(lambda _: self.changed.emit())
        line.textEdited.connect(self._searching)
        self._fill_versions(())
        self.setFocusProxy(self.app)

    def value(self) -> Any:
        chosen = self.version.currentData()
        return chosen if isinstance(chosen, str) and chosen else MISSING

    def set_value(self, value: Any) -> None:
        found = None if value is MISSING else self._library.version(str(value))
        if found is None:
            self.app.setCurrentIndex(-1)
            self._fill_versions(())
            return
        app, version = found
        self.app.setCurrentIndex(self.app.findData(app.id))
        self.version.setCurrentIndex(self.version.findData(version.id))

    def controls(self) -> list[QWidget]:
        return [self.app, self.version]

    def describe(self, label: str, rule: str) -> None:
        super().describe(label, rule)
        for control in (self.app, self._line):
            control.setAccessibleName(f"{label}: app")
        self.version.setAccessibleName(f"{label}: version")

    def _completed(self, line: str) -> None:
        self.app.setCurrentIndex(self.app.findText(line))

    def _searching(self, words: str) -> None:
        """Text that names no app takes the version of the app before it away: what is read is what is sent."""
        number = self.app.findText(words)
        if number >= 0:
            self.app.setCurrentIndex(number)
        elif self.app.currentIndex() >= 0:
            with QSignalBlocker(self.app):
                self.app.setCurrentIndex(-1)
                self.app.setEditText(words)
            self._fill_versions(())

    def _app_chosen(self, number: int) -> None:
        app_id = self.app.itemData(number) if number >= 0 else None
        self._line.setCursorPosition(0)
        self._fill_versions(tuple(self._library.versions.get(app_id, ())) if app_id else ())

    def _fill_versions(self, versions: tuple[AppVersion, ...]) -> None:
        with QSignalBlocker(self.version):
            self.version.clear()
            self.version.addItem("Choose a version" if versions else "Choose an app first", "")
            for version in versions:
                self.version.addItem(version_line(version), version.id)
        self.version.setEnabled(bool(versions))
        self.changed.emit()


def version_line(version: AppVersion) -> str:
    """`2.4.1 · build 241 · 34 MB · production`; what the server did not say is left out."""
    parts = [
        version.version or version.id,
        f"build {version.build}" if version.build else "",
        text.size(version.size) if version.size else "",
        version.track,
    ]
    return " · ".join(part for part in parts if part)
