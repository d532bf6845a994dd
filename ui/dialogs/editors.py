"""From argument type to editor: a label, an input, and a line below for the rule or what is wrong with the value.

Invariant: every argument of the catalogue has an editor, and an error never moves what is below it.
"""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.commands.arguments import Argument, Kind, Picker
from ui import theme
from ui.dialogs.choices import SwitchInput, choice_input, on_or_off
from ui.dialogs.frame import plain_label
from ui.dialogs.inputs import MISSING, Input, LongTextInput, NumberInput, TextInput
from ui.dialogs.library import Library
from ui.dialogs.pickers import PackageInput, VersionInput


def make_input(argument: Argument, library: Library) -> Input:
    """The input for that type of argument, at its default or MISSING."""
    if argument.kind is Kind.BOOLEAN:
        return on_or_off(argument) if argument.default is None else SwitchInput(argument)
    if argument.choices:
        return choice_input(argument)
    if argument.kind is Kind.INTEGER:
        return NumberInput(argument)
    if argument.kind in {Kind.OBJECT, Kind.STRUCTURE}:
        return LongTextInput(structured=True)
    if argument.picker is Picker.PACKAGE:
        return PackageInput(library)
    if argument.picker is Picker.APP_VERSION:
        return VersionInput(library)
    if argument.picker is Picker.LONG_TEXT:
        return LongTextInput()
    return TextInput(argument)


class Editor(QWidget):
    """One argument. An error is shown only after the user has touched the field, or when `show_error` insists."""

    changed = Signal()

    def __init__(self, argument: Argument, library: Library) -> None:
        super().__init__()
        self.argument = argument
        self.touched = False
        self.input = make_input(argument, library)
        rule = self._rule()
        label = plain_label(argument.label)
        label.setBuddy(self.input)
        top = QHBoxLayout()
        top.setSpacing(theme.space(2))
        top.addWidget(label)
        if not argument.required and argument.default is None:
            top.addWidget(plain_label("optional", "faint"))
        top.addStretch(1)
        self._help, self._error = plain_label(rule, "muted", wrap=True), plain_label("", "error", wrap=True)
        self._below = QStackedWidget()
        for line in (self._help, self._error):
            line.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            self._below.addWidget(line)
        self._below.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(1))
        if not isinstance(self.input, SwitchInput):
            column.addLayout(top)
        column.addWidget(self.input)
        column.addWidget(self._below)
        self.input.describe(argument.label, rule)
        self.setFocusProxy(self.input)
        self.input.changed.connect(self._touched)

    @property
    def error(self) -> str:
        """What stands beside the field now; empty when its rule does."""
        return self._error.text() if self._below.currentWidget() is self._error else ""

    def value(self) -> Any:
        return self.input.value()

    def set_value(self, value: Any) -> None:
        self.input.set_value(value)

    def show_error(self, message: str) -> None:
        """Shows what is wrong in place of the rule; an empty message brings the rule back."""
        self._error.setText(message)
        self._below.setCurrentWidget(self._error if message else self._help)
        self.input.set_invalid(bool(message))
        rule = self._rule()
        for control in self.input.controls():
            control.setAccessibleDescription(f"{message} {rule}".strip())

    def _rule(self) -> str:
        argument = self.argument
        if argument.kind is Kind.INTEGER and not argument.choices and argument.minimum is not None:
            return f"{argument.help} {argument.range_text()}"
        return argument.help

    def _touched(self) -> None:
        self.touched = True
        self.changed.emit()


def collect(editors: list[Editor]) -> dict[str, Any]:
    """The arguments as the request carries them: what is MISSING is not in it."""
    values = {editor.argument.name: editor.value() for editor in editors}
    return {name: value for name, value in values.items() if value is not MISSING}
