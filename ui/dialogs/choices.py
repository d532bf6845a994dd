"""Inputs for choosing: switches, radio buttons, drop-downs.

Invariant: a value that nobody has decided is MISSING, and shows as nothing pressed or as 'Not set'.
"""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QRadioButton, QWidget

from app.commands.arguments import Argument, Choice
from ui.dialogs.inputs import MISSING, Input, line_up

_FEW = 5


class SwitchInput(Input):
    """A boolean with a default: what is shown is what is sent."""

    def __init__(self, argument: Argument) -> None:
        super().__init__()
        self.box = QCheckBox(argument.label)
        self.box.setProperty("role", "switch")
        self.box.setChecked(bool(argument.default))
        self.box.toggled.connect(lambda _: self.changed.emit())
        line_up(self).addWidget(self.box)
        self.setFocusProxy(self.box)

    def value(self) -> Any:
        return self.box.isChecked()

    def set_value(self, value: Any) -> None:
        self.box.setChecked(value is True)

    def controls(self) -> list[QWidget]:
        return [self.box]


class ChoiceInput(Input):
    """Radio buttons. A required one starts with none pressed; an optional one starts at 'Not set'."""

    def __init__(self, choices: Sequence[Choice], *, optional: bool, default: Any = None, beside: bool = False) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._values: list[Any] = [MISSING] if optional else []
        self._values += [choice.value for choice in choices]
        labels = (["Not set"] if optional else []) + [choice.label for choice in choices]
        layout = line_up(self, vertical=not beside, spacing=5 if beside else 1)
        for number, label in enumerate(labels):
            button = QRadioButton(label)
            self._group.addButton(button, number)
            layout.addWidget(button)
        layout.addStretch(1)
        self.set_value(MISSING if default is None else default)
        self._group.idToggled.connect(lambda _, on: self.changed.emit() if on else None)
        self.setFocusProxy(self._group.button(0))

    def value(self) -> Any:
        chosen = self._group.checkedId()
        return MISSING if chosen < 0 else self._values[chosen]

    def set_value(self, value: Any) -> None:
        for number, own in enumerate(self._values):
            # 0 == False: the type has to match as well.
            if own is value or (type(own) is type(value) and own == value):
                self._group.button(number).setChecked(True)
                return
        self._group.setExclusive(False)
        for button in self._group.buttons():
            button.setChecked(False)
        self._group.setExclusive(True)

    def controls(self) -> list[QWidget]:
        return list(self._group.buttons())


def on_or_off(argument: Argument) -> ChoiceInput:
    """A boolean that nobody has decided yet: on, off, and 'Not set' where it may be left out."""
    # Choice holds what JSON holds; a boolean is an int there.
    choices = (Choice(True, "On"), Choice(False, "Off"))
    return ChoiceInput(choices, optional=not argument.required, beside=True)


class ComboInput(Input):
    """A drop-down for more choices than radio buttons can show at a glance."""

    def __init__(self, argument: Argument) -> None:
        super().__init__()
        self.combo = QComboBox()
        self.combo.addItem("Choose…" if argument.required else "Not set", MISSING)
        for choice in argument.choices:
            self.combo.addItem(choice.label, choice.value)
        self.set_value(MISSING if argument.default is None else argument.default)
        self.combo.currentIndexChanged.connect(lambda _: self.changed.emit())
        line_up(self).addWidget(self.combo)
        self.setFocusProxy(self.combo)

    def value(self) -> Any:
        return self.combo.currentData()

    def set_value(self, value: Any) -> None:
        values = [self.combo.itemData(i) for i in range(self.combo.count())]
        self.combo.setCurrentIndex(values.index(value) if value in values else 0)

    def controls(self) -> list[QWidget]:
        return [self.combo]


def choice_input(argument: Argument) -> Input:
    """Radio buttons for up to five choices, a drop-down for more."""
    if len(argument.choices) <= _FEW:
        return ChoiceInput(argument.choices, optional=not argument.required, default=argument.default)
    return ComboInput(argument)
