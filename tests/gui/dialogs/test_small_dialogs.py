"""Columns, shortcuts, preferences, about."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.settings import Settings, Tenant
from resources import path
from ui.dialogs.about import SHIPPED, AboutDialog
from ui.dialogs.columns import ColumnsDialog
from ui.dialogs.frame import ink_on
from ui.dialogs.preferences import PreferencesDialog
from ui.dialogs.shortcuts import ShortcutsDialog

COLUMNS = [("name", "Name"), ("state", "State"), ("model", "Model"), ("serial", "Serial"), ("tags", "Tags")]
SHORTCUTS = [("File", "Refresh", "F5"), ("File", "Quit", "Ctrl+Q"), ("View", "Command palette", "Ctrl+K")]


@pytest.fixture
def columns(qtbot: QtBot) -> Callable[..., ColumnsDialog]:
    def make(*visible: str) -> ColumnsDialog:
        dialog = ColumnsDialog(COLUMNS, visible, ("name", "state", "model"))
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


def tick(dialog: ColumnsDialog, title: str, on: bool = True) -> None:
    item = dialog.list.findItems(title, Qt.MatchFlag.MatchExactly)[0]
    item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def test_columns_come_back_in_the_order_they_had(columns: Callable[..., ColumnsDialog]) -> None:
    dialog = columns("serial", "name")
    assert dialog.ticked() == ("serial", "name")
    tick(dialog, "Tags")
    dialog.apply.click()
    assert dialog.visible == ("serial", "name", "tags")


def test_the_arrows_move_a_column_one_place(columns: Callable[..., ColumnsDialog]) -> None:
    dialog = columns("name", "state", "model")
    dialog.list.setCurrentRow(2)
    dialog.up.click()
    assert dialog.ticked() == ("name", "model", "state")
    dialog.list.setCurrentRow(0)
    assert not dialog.up.isEnabled()
    dialog.down.click()
    assert dialog.ticked() == ("model", "name", "state")


def test_the_name_column_is_always_there(columns: Callable[..., ColumnsDialog]) -> None:
    dialog = columns("state")
    assert dialog.ticked() == ("name", "state")
    item = dialog.list.findItems("Name", Qt.MatchFlag.MatchExactly)[0]
    assert not item.flags() & Qt.ItemFlag.ItemIsUserCheckable


def test_a_search_for_columns_changes_nothing_and_locks_the_order(columns: Callable[..., ColumnsDialog]) -> None:
    dialog = columns("name", "state")
    dialog.search.setText("ser")
    assert dialog.ticked() == ("name", "state")
    assert [not dialog.list.item(row).isHidden() for row in range(5)].count(True) == 1
    assert not dialog.down.isEnabled()
    assert not dialog.list.dragEnabled()


def test_reset_brings_the_default_columns_back(columns: Callable[..., ColumnsDialog]) -> None:
    dialog = columns("name", "tags")
    dialog.reset.click()
    assert dialog.ticked() == ("name", "state", "model")


def test_an_unknown_column_of_an_older_layout_is_forgotten(columns: Callable[..., ColumnsDialog]) -> None:
    assert columns("name", "no-such-column", "tags").ticked() == ("name", "tags")


def test_cancel_keeps_the_columns(columns: Callable[..., ColumnsDialog]) -> None:
    dialog = columns("name", "state")
    tick(dialog, "Tags")
    dialog.cancel.click()
    assert dialog.visible == ("name", "state")
    assert dialog.result() == QDialog.DialogCode.Rejected.value


def test_the_sheet_lists_every_shortcut_and_its_search_finds_text_and_keys(qtbot: QtBot) -> None:
    dialog = ShortcutsDialog(SHORTCUTS)
    qtbot.addWidget(dialog)
    assert dialog.shown() == SHORTCUTS
    dialog.search.setText("ctrl+k")
    assert dialog.shown() == [SHORTCUTS[2]]
    dialog.search.setText("nothing like it")
    assert dialog.shown() == []
    assert not dialog.nothing.isHidden()


def test_preferences_answer_with_new_settings_and_leave_the_old_alone(qtbot: QtBot) -> None:
    tenant = Tenant(key="acme", name="acme", url="https://acme-api.esper.cloud/api")
    settings = Settings(tenants=[tenant], last_tenant="acme")
    dialog = PreferencesDialog(settings)
    qtbot.addWidget(dialog)
    dialog.theme.set_value("dark")
    dialog.density.set_value("compact")
    dialog.sync.setValue(15)
    dialog.demo.setCurrentIndex(dialog.demo.findData(20_000))
    dialog.save.click()
    answer = dialog.answer
    assert (answer.theme, answer.density, answer.sync_minutes, answer.demo_devices) == ("dark", "compact", 15.0, 20_000)
    assert (answer.tenants, answer.last_tenant) == ([tenant], "acme")
    assert settings.theme == "system"


def test_preferences_that_were_cancelled_change_nothing(qtbot: QtBot) -> None:
    settings = Settings(demo_devices=777)
    dialog = PreferencesDialog(settings)
    qtbot.addWidget(dialog)
    assert dialog.demo.currentData() == 777
    dialog.theme.set_value("dark")
    dialog.cancel.click()
    assert dialog.answer == settings


def test_about_shows_the_version_and_the_licence_of_everything_shipped(qtbot: QtBot) -> None:
    dialog = AboutDialog("1.2.3", ("Profile: /home/someone",))
    qtbot.addWidget(dialog)
    assert "Version 1.2.3" in dialog.subtitle.text()
    for number, (_, _, file) in enumerate(SHIPPED):
        dialog.which.setCurrentIndex(number)
        assert dialog.text.toPlainText().strip() == path(file).read_text("utf-8").strip().replace("\r\n", "\n")
        assert len(dialog.text.toPlainText()) > 300


@pytest.mark.parametrize(("colour", "ink"), [("#000000", "#ffffff"), ("#ffffff", "#14161b"), ("#ffcc00", "#14161b")])
def test_the_words_on_a_tenants_colour_can_be_read(colour: str, ink: str) -> None:
    assert ink_on(colour) == ink


def test_escape_closes_without_an_answer(columns: Callable[..., ColumnsDialog]) -> None:
    dialog = columns("name")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
