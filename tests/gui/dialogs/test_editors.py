"""Editors: one for every argument of the catalogue, nothing chosen for the user, errors beside the right field."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QRadioButton
from pytestqt.qtbot import QtBot

from app.commands import catalogue, fields
from app.commands.arguments import Argument, Kind
from tests.gui.dialogs.samples import KIOSK, LIBRARY, V1, V2
from ui.dialogs.choices import ChoiceInput, ComboInput, SwitchInput
from ui.dialogs.editors import Editor, collect, make_input
from ui.dialogs.inputs import MISSING, NumberInput, TextInput
from ui.dialogs.library import Library
from ui.dialogs.pickers import PackageInput, VersionInput

ARGUMENTS = [(c.name, a) for c in catalogue.COMMANDS.values() for a in c.arguments]


def sample(argument: Argument) -> Any:
    """A value that the argument accepts."""
    if argument.choices:
        return argument.choices[-1].value
    if argument.kind is Kind.BOOLEAN:
        return True
    if argument.kind is Kind.INTEGER:
        return argument.minimum
    if argument.kind in {Kind.OBJECT, Kind.STRUCTURE}:
        return {"a": [1, 2]}
    if argument.uuid:
        return V2
    known = {"script": "echo 1\necho 2", "permission": "android.permission.CAMERA", "locale": "en_US"}
    if argument.name in known:
        return known[argument.name]
    for text in ("com.example.kiosk", "24", "100", "https://example.com/", "QUJD", "192.168.1.10", "Europe/Berlin"):
        if argument.problem(text) is None:
            return text
    raise AssertionError(argument.name)


@pytest.mark.parametrize(("command", "argument"), ARGUMENTS, ids=[f"{c}-{a.name}" for c, a in ARGUMENTS])
def test_every_argument_of_the_catalogue_can_be_entered(qtbot: QtBot, command: str, argument: Argument) -> None:
    editor = Editor(argument, LIBRARY)
    qtbot.addWidget(editor)
    value = sample(argument)
    editor.set_value(value)
    assert editor.value() == value
    assert type(editor.value()) is type(value)
    assert argument.problem(editor.value()) is None


@pytest.mark.parametrize(("command", "argument"), ARGUMENTS, ids=[f"{c}-{a.name}" for c, a in ARGUMENTS])
def test_nothing_is_chosen_on_the_users_behalf(qtbot: QtBot, command: str, argument: Argument) -> None:
    editor = Editor(argument, LIBRARY)
    qtbot.addWidget(editor)
    expected = MISSING if argument.default is None else argument.default
    assert editor.value() == expected
    assert collect([editor]) == ({} if expected is MISSING else {argument.name: expected})


def test_a_short_range_has_a_slider_that_moves_with_the_number(qtbot: QtBot) -> None:
    number = make_input(fields.BRIGHTNESS, LIBRARY)
    qtbot.addWidget(number)
    assert isinstance(number, NumberInput)
    assert number.slider is not None
    number.slider.setValue(40)
    assert number.value() == 40
    number.spin.setValue(70)
    assert number.slider.value() == 70


def test_a_wide_range_has_no_slider_and_its_special_value_is_a_tick(qtbot: QtBot) -> None:
    number = make_input(fields.SCREEN_OFF, LIBRARY)
    qtbot.addWidget(number)
    assert isinstance(number, NumberInput)
    assert number.slider is None
    number.spin.setValue(60_000)
    box = number.findChildren(QCheckBox)[0]
    box.setChecked(True)
    assert number.value() == -1
    assert not number.spin.isEnabled()
    box.setChecked(False)
    assert number.value() == 60_000


def test_a_boolean_without_default_is_undecided_until_someone_decides(qtbot: QtBot) -> None:
    required = make_input(fields.WIFI.needed(), LIBRARY)
    optional = make_input(fields.FACTORY_RESET, LIBRARY)
    for one in (required, optional):
        qtbot.addWidget(one)
        assert isinstance(one, ChoiceInput)
        assert one.value() is MISSING
    assert [b.text() for b in required.findChildren(QRadioButton)] == ["On", "Off"]
    assert [b.text() for b in optional.findChildren(QRadioButton)] == ["Not set", "On", "Off"]
    optional.set_value(False)
    assert optional.value() is False
    optional.set_value(MISSING)
    assert optional.value() is MISSING


def test_a_boolean_with_a_default_is_a_switch_that_sends_what_it_shows(qtbot: QtBot) -> None:
    switch = make_input(fields.WIPE_FRP, LIBRARY)
    qtbot.addWidget(switch)
    assert isinstance(switch, SwitchInput)
    assert switch.value() is True


def test_few_choices_are_radio_buttons_and_many_a_drop_down(qtbot: QtBot) -> None:
    many = Argument("x", "X", "X", choices=(*fields.GPS.choices, *fields.STREAM.choices))
    for argument, kind in ((fields.APP_STATE, ChoiceInput), (fields.GPS, ChoiceInput), (many, ComboInput)):
        made = make_input(argument, LIBRARY)
        qtbot.addWidget(made)
        assert isinstance(made, kind)


def test_a_secret_is_hidden_until_one_asks_to_see_it(qtbot: QtBot) -> None:
    secret = make_input(fields.NEW_PASSWORD, LIBRARY)
    qtbot.addWidget(secret)
    assert isinstance(secret, TextInput)
    assert secret.edit.echoMode() is QLineEdit.EchoMode.Password
    secret.edit.actions()[0].trigger()
    assert secret.edit.echoMode() is QLineEdit.EchoMode.Normal


def test_space_around_a_package_is_dropped_but_kept_in_a_password(qtbot: QtBot) -> None:
    package, password = make_input(fields.PACKAGE, LIBRARY), make_input(fields.NEW_PASSWORD, LIBRARY)
    for one in (package, password):
        qtbot.addWidget(one)
    package.set_value("  com.example.kiosk ")
    password.set_value(" a b ")
    assert package.value() == "com.example.kiosk"
    assert password.value() == " a b "


def test_an_app_is_found_by_a_part_of_its_name_and_entered_as_its_package(qtbot: QtBot) -> None:
    package = make_input(fields.PACKAGE, LIBRARY)
    qtbot.addWidget(package)
    assert isinstance(package, PackageInput)
    completer = package.edit.completer()
    completer.setCompletionPrefix("browser")
    assert completer.completionCount() == 1
    assert completer.currentCompletion() == KIOSK.package
    package.edit.setText(completer.currentCompletion())
    assert "Kiosk Browser" in package.known.text()


def test_a_package_outside_the_library_can_be_typed_and_is_said_to_be_outside(qtbot: QtBot) -> None:
    package = make_input(fields.PACKAGE, LIBRARY)
    qtbot.addWidget(package)
    assert isinstance(package, PackageInput)
    QTest.keyClicks(package.edit, "com.android.settings")
    assert package.value() == "com.android.settings"
    assert package.known.text() == "Not in this tenant's library"


def test_versions_follow_the_app_newest_first_with_build_size_and_track(qtbot: QtBot) -> None:
    picker = make_input(fields.APP_VERSION, LIBRARY)
    qtbot.addWidget(picker)
    assert isinstance(picker, VersionInput)
    assert [picker.app.itemText(i).split(" · ")[0] for i in range(picker.app.count())] == ["Kiosk Browser", "Scanner"]
    assert not picker.version.isEnabled()
    picker.app.setCurrentIndex(0)
    lines = [picker.version.itemText(i) for i in range(picker.version.count())]
    assert lines == ["Choose a version", "2.4.1 · build 241 · 34 MB · production", "2.3.0 · build 230 · 33 MB"]
    assert picker.value() is MISSING
    picker.version.setCurrentIndex(2)
    assert picker.value() == V1


def test_typing_over_the_chosen_app_takes_its_version_away(qtbot: QtBot) -> None:
    picker = make_input(fields.APP_VERSION, LIBRARY)
    qtbot.addWidget(picker)
    assert isinstance(picker, VersionInput)
    picker.set_value(V2)
    line = picker.app.lineEdit()
    assert line is not None
    line.selectAll()
    QTest.keyClicks(line, "some other app")
    assert line.text() == "some other app"
    assert picker.value() is MISSING


def test_without_any_version_in_the_copy_the_picker_says_so(qtbot: QtBot) -> None:
    picker = make_input(fields.APP_VERSION, Library({}, {}))
    qtbot.addWidget(picker)
    combos = picker.findChildren(QComboBox)
    assert not any(combo.isEnabled() for combo in combos)
    assert "no app with a version" in combos[0].lineEdit().placeholderText()


def test_an_error_takes_the_place_of_the_rule_and_moves_nothing(qtbot: QtBot) -> None:
    editor = Editor(fields.PACKAGE.needed(), LIBRARY)
    qtbot.addWidget(editor)
    editor.resize(480, editor.sizeHint().height())
    editor.show()
    before = editor.sizeHint().height()
    editor.show_error("Must look like com.example.kiosk.")
    assert editor.error == "Must look like com.example.kiosk."
    assert editor.sizeHint().height() == before
    assert editor.input.controls()[0].property("invalid") is True
    assert "Must look like" in editor.input.controls()[0].accessibleDescription()
    editor.show_error("")
    assert editor.error == ""
    assert editor.input.controls()[0].property("invalid") is False


def test_the_rule_of_a_number_names_its_range(qtbot: QtBot) -> None:
    editor = Editor(fields.BRIGHTNESS.needed(), LIBRARY)
    qtbot.addWidget(editor)
    assert "From 1 to 100 %." in editor.input.controls()[0].accessibleDescription()


def test_radio_buttons_can_be_pressed_with_the_keyboard(qtbot: QtBot) -> None:
    choice = make_input(fields.WIFI.needed(), LIBRARY)
    qtbot.addWidget(choice)
    choice.show()
    button = choice.findChildren(QRadioButton)[1]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert choice.value() is False
