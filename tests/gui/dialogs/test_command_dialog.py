"""The command dialog: checked while typing, honest about who can't take it, never without a device."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.states import Risk
from app.store.fleet import Fleet
from tests.gui.dialogs.samples import ACME, LIBRARY, V2, make_devices, make_fleet
from ui.dialogs.command import CommandDialog
from ui.dialogs.offered import OFFERED

Make = Callable[..., CommandDialog]


@pytest.fixture
def make(qtbot: QtBot, fleet: Fleet) -> Make:
    """The dialog for the first `count` devices of the fleet."""

    def build(
        command: str = "", count: int = 12, online: bool = True, args: dict[str, Any] | None = None
    ) -> CommandDialog:
        ids = [fleet.id(row) for row in range(count)]
        dialog = CommandDialog(fleet, ids, LIBRARY, ACME, online=online, command=command, args=args)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return build


def test_the_ten_commands_are_on_offer() -> None:
    assert [offer.name for offer in OFFERED] == [
        "REBOOT", "UPDATE_HEARTBEAT", "LOCK", "INSTALL", "UNINSTALL", "SET_BRIGHTNESS_SCALE", "SET_APP_STATE",
        "SET_KIOSK_APP", "SET_WIFI_STATE", "WIPE",
    ]  # fmt: skip


@pytest.mark.parametrize("offer", OFFERED, ids=lambda offer: offer.name)
def test_every_offer_opens_with_its_form_and_its_risk_in_words(make: Make, offer: Any) -> None:
    dialog = make(offer.name)
    assert dialog.form.command.name == offer.name
    assert len(dialog.form.editors) == len(offer.command.arguments)
    item = dialog.commands.list.currentItem()
    spoken = item.data(Qt.ItemDataRole.AccessibleTextRole)
    assert (spoken == offer.command.title) == (offer.command.risk is Risk.NONE)


def test_unsupported_devices_are_named_and_left_out(make: Make, fleet: Fleet) -> None:
    dialog = make("REBOOT", count=14)
    assert "2 of 14 devices do not support" in dialog.unsupported.text
    assert "will be left out" in dialog.unsupported.text
    dialog.review.click()
    assert dialog.request is not None
    assert dialog.left_out == ("device-0000", "device-0007")
    assert not set(dialog.left_out) & set(dialog.request.devices)
    assert len(dialog.request.devices) == 12


def test_unsupported_devices_are_kept_only_when_the_user_says_so(make: Make) -> None:
    dialog = make("REBOOT", count=14)
    dialog.leave_out.setChecked(False)
    assert "will be sent the command all the same" in dialog.unsupported.text
    dialog.review.click()
    assert dialog.request is not None
    assert len(dialog.request.devices) == 14
    assert dialog.left_out == ()


def test_zero_devices_can_not_be_reviewed(make: Make) -> None:
    dialog = make("REBOOT", count=0)
    assert not dialog.review.isEnabled()
    assert "No device is chosen" in dialog.reason.text()
    assert dialog.review.toolTip() == dialog.reason.text()
    dialog.review.click()
    dialog._review()
    assert dialog.request is None
    assert dialog.result() == 0


def test_a_command_that_none_of_the_devices_takes_can_not_be_reviewed(make: Make) -> None:
    dialog = make("REBOOT", count=1)
    assert not dialog.review.isEnabled()
    assert "None of the chosen devices supports" in dialog.reason.text()


def test_the_error_stands_beside_its_own_field_while_typing(make: Make) -> None:
    dialog = make("SET_APP_STATE")
    package, state = dialog.form.editors
    assert (package.error, state.error) == ("", "")
    QTest.keyClicks(package.input.controls()[0], "kiosk")
    assert package.error == "Must look like com.example.kiosk."
    assert state.error == ""
    assert not dialog.review.isEnabled()
    assert dialog.review.toolTip().startswith("App: ")
    QTest.keyClicks(package.input.controls()[0], ".browser")
    assert package.error == ""
    assert dialog.reason.text() == "Visibility is required."
    state.set_value("HIDE")
    assert dialog.review.isEnabled()
    assert dialog.reason.text() == ""


def test_what_is_reviewed_is_what_was_filled_in(make: Make) -> None:
    dialog = make("INSTALL", count=6)
    dialog.form.editors[0].set_value(V2)
    dialog.review.click()
    assert dialog.request is not None
    assert dialog.request.command == "INSTALL"
    assert dialog.request.args == {"app_version": V2}
    assert dialog.result() == 1


def test_a_wipe_of_a_windows_device_needs_the_factory_reset_choice(qtbot: QtBot) -> None:
    fleet = make_fleet([replace(make_devices(2)[1], platform="WINDOWS")])
    dialog = CommandDialog(fleet, ["device-0001"], LIBRARY, ACME, online=True, command="WIPE")
    qtbot.addWidget(dialog)
    assert not dialog.review.isEnabled()
    assert "Windows devices need a choice" in dialog.reason.text()
    dialog.form.editors[0].set_value(True)
    assert dialog.review.isEnabled()


def test_going_back_to_a_command_finds_what_was_typed(make: Make) -> None:
    dialog = make("SET_BRIGHTNESS_SCALE")
    dialog.form.editors[0].set_value(40)
    dialog.commands.choose("REBOOT")
    dialog.commands.choose("SET_BRIGHTNESS_SCALE")
    assert dialog.form.args() == {"brightness_value": 40}


def test_the_search_finds_commands_by_title_wire_name_and_description(make: Make) -> None:
    dialog = make()
    shown = lambda: [  # noqa: E731
        OFFERED[row].name
        for row in range(dialog.commands.list.count())
        if not dialog.commands.list.item(row).isHidden()
    ]
    for words, names in (("wi-fi", ["SET_WIFI_STATE"]), ("heartbeat", ["UPDATE_HEARTBEAT"]), ("erases", ["WIPE"])):
        dialog.commands.search.setText(words)
        assert shown() == names
    dialog.commands.search.setText("no such thing")
    assert shown() == []
    assert not dialog.commands.nothing.isHidden()


def test_arrow_keys_in_the_search_move_through_the_commands_it_found(make: Make) -> None:
    dialog = make()
    dialog.commands.search.setFocus()
    dialog.commands.search.setText("app")
    QTest.keyClick(dialog.commands.search, Qt.Key.Key_Down)
    assert dialog.commands.current.name == "INSTALL"


def test_offline_is_said_before_the_form(make: Make) -> None:
    dialog = make("REBOOT", online=False)
    assert dialog.offline.isVisible()
    assert "offline" in dialog.offline.text
    assert dialog.offline.y() < dialog.tabs.y()
    dialog.set_online(True)
    assert not dialog.offline.isVisible()


def test_the_request_tab_shows_the_first_batch_without_a_key(make: Make) -> None:
    dialog = make("REBOOT", count=14)
    dialog.tabs.setCurrentIndex(1)
    shown = dialog.preview.text.toPlainText()
    assert '"command": "REBOOT"' in shown
    assert "device-0007" not in shown
    dialog.preview.curl.setChecked(True)
    shown = dialog.preview.text.toPlainText()
    assert "$FLEET_CONSOLE_TOKEN" in shown
    assert "https://acme-api.esper.cloud/api/commands/v0/commands/" in shown


def test_names_from_the_server_are_never_rich_text(make: Make) -> None:
    dialog = make("WIPE")
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in dialog.findChildren(QLabel) if label.text())
