"""Every control of every panel has a name, can be reached by the keyboard, and says what it does."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.settings import Tenant
from tests.gui.views.conftest import Place, Run
from ui import theme
from ui.views.apps import AppsPanel
from ui.views.devices import DevicesPanel
from ui.views.groups import GroupsPanel
from ui.views.inspector import Inspector
from ui.views.jobs import JobsPanel
from ui.views.status import Status

TENANT = Tenant(key="demo", name="Demo fleet", url="http://127.0.0.1:1/api", production=False)
KINDS = (QAbstractButton, QLineEdit, QAbstractItemView, QPlainTextEdit)


def panels(place: Place, qtbot: QtBot) -> list[QWidget]:
    made: list[QWidget] = [
        DevicesPanel(place.store, place.health, place.tasks, place.clock),
        GroupsPanel(place.store),
        AppsPanel(place.store, place.details, place.health, place.tasks, place.clock),
        Inspector(place.store, place.details, place.health, place.tasks, place.clock),
        JobsPanel(place.jobs, place.tasks, None, place.clock),
        Status(TENANT, place.health, place.jobs, place.clock),
    ]
    for panel in made:
        qtbot.addWidget(panel)
        if isinstance(panel, Inspector):
            panel.show_device("d0005")
    return made


def controls(panel: QWidget) -> Iterator[QWidget]:
    for widget in panel.findChildren(QWidget):
        parts_of_qt = isinstance(widget.parent(), QLineEdit | QTabBar | QTableView) or isinstance(widget, QHeaderView)
        ours = type(widget).__module__.startswith("ui.")
        # The button of an empty state that offers no step is not there at all.
        absent = isinstance(widget, QAbstractButton) and widget.isHidden() and not widget.text()
        if isinstance(widget, KINDS) and (ours or not parts_of_qt) and not absent:
            yield widget


def spoken(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def test_every_control_has_a_name_for_a_screen_reader(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        await place.send(3)
        nameless = [
            f"{type(panel).__name__}: {type(widget).__name__}"
            for panel in panels(place, qtbot)
            for widget in controls(panel)
            if not spoken(widget)
        ]
        assert nameless == []

    run(scenario)


def test_every_button_can_be_reached_by_the_keyboard_or_repeats_what_a_key_does(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        unreachable = [
            spoken(widget)
            for panel in panels(place, qtbot)
            for widget in controls(panel)
            if isinstance(widget, QAbstractButton) and not widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        # Ctrl+C copies the chosen fact, and Ctrl+A selects all devices.
        assert set(unreachable) <= {"Copy this value", "Select all devices shown"}

    run(scenario)


def test_a_button_that_is_an_icon_only_explains_itself_in_a_tooltip(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        silent = [
            spoken(widget)
            for panel in panels(place, qtbot)
            for widget in controls(panel)
            if isinstance(widget, QAbstractButton) and not widget.text() and not widget.toolTip()
        ]
        assert silent == []

    run(scenario)


def test_no_label_guesses_markup_in_what_the_server_says(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        await place.send(3)
        rich = [
            label.text()
            for panel in panels(place, qtbot)
            for label in panel.findChildren(QLabel)
            if label.text() and label.textFormat() is not Qt.TextFormat.PlainText
        ]
        assert rich == []

    run(scenario)


def test_a_change_of_theme_reaches_open_panels_without_a_warning(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        await place.send(3)
        made = panels(place, qtbot)
        for panel in made:
            panel.resize(400, 300)
        for choice in ("dark", "light"):
            theme.apply(application, choice)  # type: ignore[arg-type]
            assert all(not panel.grab().isNull() for panel in made)

    run(scenario)
