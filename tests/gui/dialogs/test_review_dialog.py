"""The review: every guard between a plan and its sending."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as changed
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.jobs.plan import Plan
from app.store.fleet import Fleet
from tests.gui.dialogs.samples import ACME, LIBRARY, NOW, V2, make_devices, make_fleet
from ui.dialogs.device_list import PlanDevices
from ui.dialogs.review import ReviewDialog, short_digest

WIPE = {"wipe_FRP": True, "wipe_external_storage": False}
Make = Callable[..., ReviewDialog]


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(qtbot: QtBot, fleet: Fleet, sealed: Callable[..., Plan], clock: Clock) -> Make:
    def build(
        command: str = "REBOOT", args: dict[str, Any] | None = None, count: int = 12, online: bool = True,
        plan: Plan | None = None, left_out: Sequence[str] = (),
    ) -> ReviewDialog:  # fmt: skip
        dialog = ReviewDialog(
            plan or sealed(command, args, count), fleet, LIBRARY, ACME,
            reseal=lambda ids: sealed(command, args, ids=ids), online=online, left_out=left_out, clock=clock,
        )  # fmt: skip
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return build


def focusable(dialog: ReviewDialog) -> list[QWidget]:
    return [w for w in dialog.findChildren(QWidget) if w.focusPolicy() != Qt.FocusPolicy.NoFocus and w.isVisible()]


def test_the_headline_and_the_button_carry_the_exact_number(make: Make) -> None:
    dialog = make(count=12)
    assert dialog.heading.text() == "Reboot 12 devices"
    assert dialog.send.text() == "Reboot 12 devices"
    assert make(count=1).send.text() == "Reboot 1 device"


@pytest.mark.parametrize(
    ("command", "args", "headline"),
    [
        ("INSTALL", {"app_version": V2}, "Install Kiosk Browser 2.4.1 on 3 devices"),
        ("UNINSTALL", {"package_name": "com.example.kiosk"}, "Uninstall Kiosk Browser from 3 devices"),
        ("UNINSTALL", {"package_name": "com.unknown.app"}, "Uninstall com.unknown.app from 3 devices"),
        ("SET_BRIGHTNESS_SCALE", {"brightness_value": 40}, "Set brightness to 40% on 3 devices"),
        ("SET_WIFI_STATE", {"wifi_state": False}, "Turn Wi-Fi off on 3 devices"),
        ("SET_KIOSK_APP", {"package_name": "com.example.kiosk"}, "Pin Kiosk Browser as the kiosk app of 3 devices"),
        ("CLEAR_PASSCODE", {}, "Clear passcode on 3 devices"),
    ],
)
def test_the_headline_says_what_will_happen(make: Make, command: str, args: dict[str, Any], headline: str) -> None:
    assert make(command, args, count=3).heading.text() == headline


def test_the_facts_are_those_of_the_plan(make: Make) -> None:
    dialog = make(count=14, left_out=["x", "y"])
    words = "\n".join(line[2] for line in dialog.facts.lines)
    plan = dialog.plan
    assert "In 3 groups: Store 0 (5), Store 1 (5), Store 2 (4)" in words
    assert "35% of this tenant's devices" in words
    assert f"{plan.offline} offline" in words
    assert f"{plan.stale_7d} not seen for 7 days" in words
    assert "2 do not support this command" in words
    assert "2 that can't take it were left out" in words
    assert "1 request" in words


def test_cancel_is_the_default_button_and_has_the_focus(make: Make) -> None:
    dialog = make()
    assert dialog.cancel.isDefault()
    assert not dialog.send.isDefault()
    assert not dialog.send.autoDefault()
    assert dialog.focusWidget() is dialog.cancel


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
@pytest.mark.parametrize(("command", "args"), [("REBOOT", {}), ("UPDATE_HEARTBEAT", {}), ("WIPE", WIPE)])
def test_enter_never_sends_wherever_the_focus_is(make: Make, key: Qt.Key, command: str, args: dict[str, Any]) -> None:
    number = len(focusable(make(command, args)))
    assert number >= 5
    for at in range(number):
        dialog = make(command, args)
        dialog.typed.setText(str(dialog.plan.total))
        widget = focusable(dialog)[at]
        widget.setFocus()
        QTest.keyClick(widget, key)
        assert dialog.result() == 0, widget.accessibleName()


def test_the_space_bar_on_the_send_button_sends(make: Make) -> None:
    dialog = make()
    dialog.send.setFocus()
    QTest.keyClick(dialog.send, Qt.Key.Key_Space)
    assert dialog.result() == 1


@pytest.mark.parametrize("typed", ["", "1", "11", "13", "012", "12.0", "12 devices", "twelve", "-12", "１２"])
def test_a_wipe_can_not_be_sent_until_the_exact_count_is_typed(make: Make, typed: str) -> None:
    dialog = make("WIPE", WIPE, count=12)
    dialog.typed.setText(typed)
    assert not dialog.send.isEnabled()
    dialog.send.click()
    dialog._send()
    assert dialog.result() == 0


def test_a_wipe_can_be_sent_once_the_exact_count_is_typed(make: Make) -> None:
    dialog = make("WIPE", WIPE, count=12)
    assert dialog.typed.isVisible()
    QTest.keyClicks(dialog.typed, "13")
    assert dialog.typed_error.text() == "This is not the number of devices."
    dialog.typed.clear()
    QTest.keyClicks(dialog.typed, "12")
    assert dialog.typed_error.text() == ""
    assert dialog.send.isEnabled()
    assert dialog.send.property("role") == "danger"
    QTest.mouseClick(dialog.send, Qt.MouseButton.LeftButton)
    assert dialog.result() == 1


def test_only_a_wipe_asks_for_the_count(make: Make) -> None:
    assert not make("REBOOT").typed.isVisible()
    assert make("REBOOT").send.isEnabled()


def test_taking_devices_out_seals_a_new_plan_without_them(make: Make) -> None:
    dialog = make(count=12)
    before = dialog.plan
    dialog.devices.table.selectRow(1)
    assert dialog.devices.marked() == ["device-0001"]
    dialog.devices.remove.click()
    assert dialog.plan.total == 11
    assert "device-0001" not in dialog.plan.request.devices
    assert dialog.plan.digest != before.digest
    assert dialog.heading.text() == "Reboot 11 devices"
    assert dialog.send.text() == "Reboot 11 devices"
    assert short_digest(dialog.plan.digest) in dialog.seal.text()


def test_a_count_that_was_typed_does_not_survive_a_change_of_the_plan(make: Make) -> None:
    dialog = make("WIPE", WIPE, count=12)
    dialog.typed.setText("12")
    dialog.devices.table.selectRow(0)
    QTest.keyClick(dialog.devices.table, Qt.Key.Key_Delete)
    assert dialog.plan.total == 11
    assert dialog.typed.text() == ""
    assert not dialog.send.isEnabled()


def test_the_last_device_can_not_be_taken_out(make: Make) -> None:
    dialog = make(count=3)
    dialog.devices.table.selectAll()
    assert not dialog.devices.remove.isEnabled()
    assert "at least one device" in dialog.devices.remove.toolTip()
    QTest.keyClick(dialog.devices.table, Qt.Key.Key_Delete)
    assert dialog.plan.total == 3


def test_a_reseal_that_is_refused_keeps_the_plan_and_says_why(make: Make) -> None:
    dialog = make(count=3)
    dialog._take_out(list(dialog.plan.request.devices))
    assert dialog.plan.total == 3
    assert "at least one device" in dialog.reason.text()


def test_the_list_shows_exactly_the_devices_of_the_plan_and_the_search_only_narrows_it(make: Make) -> None:
    dialog = make(count=14)
    model = dialog.devices.model
    assert [model.id(row) for row in range(model.rowCount())] == list(dialog.plan.request.devices)
    dialog.devices.search.setText("store 1")
    assert 0 < model.rowCount() < 14
    dialog.devices.search.setText("does not support")
    assert [model.id(row) for row in range(model.rowCount())] == ["device-0000", "device-0007"]
    assert dialog.plan.total == 14
    assert dialog.devices.count.text() == "2 of 14"


def test_what_is_marked_under_a_search_is_what_is_taken_out(make: Make) -> None:
    dialog = make(count=12)
    dialog.devices.search.setText("ESP-0005")
    dialog.devices.table.selectAll()
    dialog.devices.remove.click()
    assert dialog.plan.total == 11
    assert "device-0005" not in dialog.plan.request.devices


def test_offline_there_is_no_send_button_and_the_reason_comes_first(make: Make) -> None:
    dialog = make(online=False)
    assert not dialog.send.isVisible()
    assert dialog.offline.isVisible()
    assert dialog.offline.y() < dialog.facts.y()
    dialog._send()
    assert dialog.result() == 0
    dialog.set_online(True)
    assert dialog.send.isVisible()
    assert dialog.send.isEnabled()


def test_an_expired_plan_can_not_be_sent(make: Make, clock: Clock) -> None:
    dialog = make()
    clock.now = NOW + 15 * 60
    dialog.send.click()
    assert dialog.result() == 0
    assert dialog.expired.isVisible()
    assert not dialog.send.isEnabled()


def test_a_plan_that_was_altered_can_not_be_sent(make: Make, sealed: Callable[..., Plan]) -> None:
    plan = sealed(count=3)
    dialog = make(plan=replace(plan, request=replace(plan.request, devices=("device-0001", "device-0030"))))
    dialog.send.click()
    assert dialog.result() == 0
    assert "changed after the review" in dialog.reason.text()


def test_the_tenant_is_on_the_dialog_and_its_colour_on_the_send_button(make: Make) -> None:
    dialog = make()
    assert "Acme Retail" in dialog.send.accessibleName()
    assert ACME.colour in dialog.send.styleSheet()


def test_a_tenant_or_device_name_with_markup_is_shown_as_it_is(make: Make) -> None:
    dialog = make()
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in dialog.findChildren(QLabel) if label.text())


def test_the_device_model_keeps_qts_rules_under_searches_and_new_plans(fleet: Fleet) -> None:
    model = PlanDevices(fleet, NOW)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    ids = [fleet.id(row) for row in range(40)]
    model.set_devices(ids, {})
    model.search("esp-001")
    assert [model.id(row) for row in range(model.rowCount())] == ids[10:20]
    model.set_devices(ids[:15], {"device-0003": "note"})
    assert model.rowCount() == 5
    model.search("")
    assert model.rowCount() == 15
    assert model.data(model.index(3, 4)) == "note"
    assert tester.failureReportingMode() is QAbstractItemModelTester.FailureReportingMode.Fatal


def test_names_in_tooltips_are_escaped(sealed: Callable[..., Plan]) -> None:
    fleet = make_fleet([changed(make_devices(1)[0], name="<b>bold</b>")])
    model = PlanDevices(fleet, NOW)
    model.set_devices(["device-0000"], {})
    assert "&lt;b&gt;" in model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole)


def test_a_name_of_any_length_does_not_widen_the_dialog(make: Make) -> None:
    package = ".".join(["verylongpartofaname"] * 12)
    dialog = make("UNINSTALL", {"package_name": package})
    assert dialog.width() <= 800
    assert dialog.minimumSizeHint().width() <= 800
    assert "…" in dialog.heading.text()
    assert any(package in line[2] for line in dialog.facts.lines)
