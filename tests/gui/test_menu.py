"""The menus of the real console: each action is complete, its keys are its own, and a disabled one says what is missing."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow

from app.settings import Tenant
from tests.gui.conftest import Play
from tests.gui.stage import Stage
from tests.sandbox import Sandbox
from ui import menu
from ui.actions import Actions
from ui.guide import until
from ui.window import MENUS

NEEDS_A_TENANT = "Open a tenant first."
NEEDS_A_DEVICE = "Select at least one device."


def actions_of(stage: Stage) -> Iterator[QAction]:
    for title in MENUS:
        for action in stage.console.window.actions_.menu(title.replace("&", "")).actions():
            if not action.isSeparator():
                yield action


def press(target: QMainWindow | QLineEdit, keys: QKeySequence) -> None:
    """Presses one shortcut like a keyboard does."""
    assert keys.count() == 1
    combination = keys[0]  # type: ignore[index]
    QTest.keyClick(target, combination.key(), combination.keyboardModifiers())


def test_every_action_has_words_an_icon_and_a_place_in_a_menu(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        found = list(actions_of(stage))
        assert len(found) == len(menu.records(stage.console)) > 25
        assert [a.objectName() for a in found if not a.text().strip()] == []
        assert [a.objectName() for a in found if a.icon().isNull()] == []

    play(scenario)


def test_no_two_actions_have_the_same_id_or_share_a_shortcut(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        records = menu.records(stage.console)
        ids = [record.id for record in records]
        keys = [QKeySequence(key).toString() for record in records for key in record.keys]
        assert all(keys)
        assert sorted(ids) == sorted(set(ids))
        assert sorted(keys) == sorted(set(keys))

    play(scenario)


def test_no_action_of_one_menu_has_the_letter_of_another_menu(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        letters = [QKeySequence.mnemonic(title).toString() for title in MENUS]
        assert sorted(letters) == sorted(set(letters))
        taken = {s.toString() for a in actions_of(stage) for s in a.shortcuts()}
        assert not taken & set(letters)

    play(scenario)


def test_without_a_tenant_what_needs_one_is_disabled_and_says_so(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        disabled = [a for a in actions_of(stage) if not a.isEnabled()]
        assert {"fleet.refresh", "device.command", "command.WIPE", "tenant.forget", "view.tree"} <= {
            a.objectName() for a in disabled
        }
        assert {a.statusTip() for a in disabled} == {NEEDS_A_TENANT}
        assert all(a.toolTip().startswith(NEEDS_A_TENANT) for a in disabled)
        for action in disabled:
            stage.console.window.actions_.trigger(action.objectName())
        assert len(stage.console.tasks) == 0
        assert stage.said == []

    play(scenario)


def test_commands_wait_for_a_device_and_say_so(play: Play, sandbox: Sandbox) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.enter(sandbox)
        actions = stage.console.window.actions_
        device_menu = [a for a in actions_of(stage) if a.objectName().startswith(("command.", "device."))]
        assert {a.statusTip() for a in device_menu} == {NEEDS_A_DEVICE}
        stage.select(1)
        assert all(a.isEnabled() and not a.statusTip() for a in device_menu)
        actions.trigger("fleet.select-none")
        stage.type_filter("")
        assert all(a.isEnabled() == bool(stage.panels.devices.current_id) for a in device_menu)

    play(scenario)


def test_every_shortcut_of_the_sheet_runs_its_own_action_once_and_no_other(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        ran: list[str] = []
        window = QMainWindow()
        actions = Actions(window, MENUS)
        actions.add(
            replace(record, run=partial(ran.append, record.id), why_not=lambda: "", checked=None)
            for record in menu.records(stage.console)
        )
        window.show()
        window.activateWindow()
        await until(window.isActiveWindow, "the window is not active")
        sheet = actions.shortcuts()
        assert sheet == stage.console.window.actions_.shortcuts()
        expected, pressed = [], 0
        for record in menu.records(stage.console):
            for key in record.keys:
                press(window, QKeySequence(key))
                expected.append(record.id)
                pressed += 1
        assert ran == expected
        assert pressed == sum(len(keys.split(", ")) for _, _, keys in sheet if keys != "Ctrl+,") + 1
        window.close()
        window.deleteLater()

    play(scenario)


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        (Qt.Key.Key_F1, "ShortcutsDialog"),
        (Qt.Key.Key_Question, "ShortcutsDialog"),
        (Qt.Key.Key_Comma, "PreferencesDialog"),
    ],
    ids=["F1", "?", "Ctrl+,"],
)
def test_a_key_opens_its_dialog_and_escape_closes_it(play: Play, keys: Qt.Key, what: str) -> None:
    async def scenario(stage: Stage) -> None:
        window = stage.console.window
        window.activateWindow()
        await until(window.isActiveWindow, "the window is not active")
        control = Qt.KeyboardModifier.ControlModifier
        QTest.keyClick(window, keys, control if keys is Qt.Key.Key_Comma else Qt.KeyboardModifier.NoModifier)

        def dialog() -> list[str]:
            return [type(w).__name__ for w in QApplication.topLevelWidgets() if w.isVisible() and w.isModal()]

        await until(lambda: dialog() == [what], f"{dialog()} opened instead of {what}")
        modal = QApplication.activeModalWidget()
        assert modal is not None
        QTest.keyClick(modal, Qt.Key.Key_Escape)
        await stage.no_dialog()

    play(scenario)


def test_a_slash_goes_to_the_filter_and_in_it_slash_and_question_mark_are_letters(play: Play, sandbox: Sandbox) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.enter(sandbox)
        window, devices = stage.console.window, stage.panels.devices
        window.activateWindow()
        await until(window.isActiveWindow, "the window is not active")
        devices.table.setFocus()
        QTest.keyClick(devices.table, Qt.Key.Key_Slash)
        edit = devices.filter.findChild(QLineEdit)
        assert isinstance(edit, QLineEdit)
        assert edit.hasFocus()
        assert edit.text() == ""
        QTest.keyClicks(edit, "a/b?")
        assert edit.text() == "a/b?"
        devices.filter.suggestions.hide()
        await stage.no_dialog()

    play(scenario)


def test_the_tenant_menu_lists_the_known_tenants_literally_and_ticks_the_open_one(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        console = stage.console
        console.settings.tenants = [
            Tenant(key="one", name="one", url="http://127.0.0.1:9/api", enterprise_name="Fish & <b>Chips</b>"),
            Tenant(key="two", name="two", url="http://127.0.0.1:9/api"),
        ]
        tenants = console.window.actions_.menu("Tenant")
        for _ in range(2):
            tenants.aboutToShow.emit()
        listed = [a for a in tenants.actions() if a.data() == "known tenant"]
        assert [a.text() for a in listed] == ["Fish && <b>Chips</b>", "two"]
        assert not any(a.isChecked() for a in listed)
        listed[1].trigger()
        await stage.opened()
        assert stage.session.tenant.key == "two"
        tenants.aboutToShow.emit()
        assert [a.isChecked() for a in tenants.actions() if a.data() == "known tenant"] == [False, True]
        names = [a.objectName() for a in tenants.actions() if not a.isSeparator() and not a.data()]
        assert names[0] == "tenant.demo"

    play(scenario)
