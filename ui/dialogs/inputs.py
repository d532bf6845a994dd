"""Inputs for plain values: text, JSON, numbers; what every input can do.

Invariant: an input starts out MISSING unless its argument names a default; nothing is chosen on the user's behalf.
"""

import json
from enum import Enum
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QCompleter,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.commands.arguments import Argument
from ui import icons, theme


class Absent(Enum):
    """The type of MISSING: no value at all, which is not the same as an empty one."""

    MISSING = "missing"


MISSING: Final = Absent.MISSING
_LARGEST = 2**31 - 1


class Input(QWidget):
    """One value. `changed` tells of the user's changes and of `set_value`."""

    changed = Signal()

    def value(self) -> Any:
        """What is entered, or MISSING. May be unacceptable: the catalogue judges, not the input."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        raise NotImplementedError

    def controls(self) -> list[QWidget]:
        """Everything in it that takes the focus, in tab order."""
        raise NotImplementedError

    def describe(self, label: str, rule: str) -> None:
        """Gives every control its name and its rule, for people who hear the form."""
        for control in self.controls():
            own = control.text() if isinstance(control, QRadioButton | QCheckBox) else ""
            control.setAccessibleName(f"{label}: {own}" if own and own != label else label)
            control.setAccessibleDescription(rule)

    def set_invalid(self, invalid: bool) -> None:
        """Marks the controls that the style sheet can mark."""
        for control in self.controls():
            theme.mark(control, "invalid", invalid)


def line_up(parent: QWidget, *, vertical: bool = False, spacing: float = 2) -> QHBoxLayout | QVBoxLayout:
    """A layout without margins; `spacing` in steps of the scale."""
    layout = QVBoxLayout(parent) if vertical else QHBoxLayout(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(theme.space(spacing))
    return layout


class TextInput(Input):
    """One line. Surrounding space is dropped except in secrets; an empty line is MISSING."""

    def __init__(self, argument: Argument) -> None:
        super().__init__()
        self._secret = argument.secret
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(argument.hint if argument.pattern else "")
        if argument.suggestions:
            completer = QCompleter(list(argument.suggestions), self.edit)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            self.edit.setCompleter(completer)
        if argument.secret:
            add_reveal(self.edit)
        self.edit.textChanged.connect(lambda _: self.changed.emit())
        line_up(self).addWidget(self.edit)
        self.setFocusProxy(self.edit)

    def value(self) -> Any:
        text = self.edit.text() if self._secret else self.edit.text().strip()
        return text or MISSING

    def set_value(self, value: Any) -> None:
        self.edit.setText("" if value is MISSING else str(value))

    def controls(self) -> list[QWidget]:
        return [self.edit]


class LongTextInput(Input):
    """Several lines. With `structured`, JSON: text that is no JSON is given as it is, and the catalogue refuses it."""

    def __init__(self, *, structured: bool = False) -> None:
        super().__init__()
        self._structured = structured
        self.edit = QPlainTextEdit()
        self.edit.setTabChangesFocus(True)
        self.edit.setFixedHeight(theme.space(26))
        if structured:
            self.edit.setProperty("tone", "mono")
            self.edit.setPlaceholderText("{ }")
        self.edit.textChanged.connect(self.changed.emit)
        line_up(self).addWidget(self.edit)
        self.setFocusProxy(self.edit)

    def value(self) -> Any:
        text = self.edit.toPlainText()
        if not text.strip():
            return MISSING
        if not self._structured:
            return text
        try:
            return json.loads(text)
        except ValueError:
            return text

    def set_value(self, value: Any) -> None:
        if value is MISSING:
            self.edit.setPlainText("")
        elif isinstance(value, str):
            self.edit.setPlainText(value)
        else:
            self.edit.setPlainText(json.dumps(value, indent=2, ensure_ascii=False))

    def controls(self) -> list[QWidget]:
        return [self.edit]


class NumberInput(Input):
    """A spin box, with a slider where the range is short and a tick for each special value. Empty until touched."""

    def __init__(self, argument: Argument) -> None:
        super().__init__()
        low = argument.minimum if argument.minimum is not None else -_LARGEST + 1
        high = argument.maximum if argument.maximum is not None else _LARGEST
        self.spin = QSpinBox()
        self._unset = low - 1
        self.spin.setRange(self._unset, high)
        self.spin.setSpecialValueText("Not set")
        self.spin.setValue(self._unset)
        if argument.unit:
            self.spin.setSuffix(f" {argument.unit}")
        self.spin.setMinimumWidth(theme.space(24))
        self.spin.valueChanged.connect(self._spun)
        self.slider: QSlider | None = None
        row = line_up(self, spacing=3)
        if argument.maximum is not None and high - low <= 1000:
            self.slider = QSlider(Qt.Orientation.Horizontal)
            self.slider.setRange(low, high)
            self.slider.setPageStep(max(1, (high - low) // 10))
            self.slider.valueChanged.connect(self.spin.setValue)
            self.slider.sliderPressed.connect(lambda: self.spin.setValue(self.slider.value() if self.slider else low))
            row.addWidget(self.slider, 1)
        row.addWidget(self.spin)
        self._specials: list[tuple[QCheckBox, int]] = []
        for special in argument.specials:
            box = QCheckBox(special.label)
            box.toggled.connect(self._ticked)
            self._specials.append((box, int(special.value)))
            row.addWidget(box)
        if self.slider is None:
            row.addStretch(1)
        self.setFocusProxy(self.slider or self.spin)

    def value(self) -> Any:
        for box, special in self._specials:
            if box.isChecked():
                return special
        number = self.spin.value()
        return MISSING if number == self._unset else number

    def set_value(self, value: Any) -> None:
        for box, special in self._specials:
            box.setChecked(value == special)
        if value is MISSING:
            self.spin.setValue(self._unset)
        elif not any(value == special for _, special in self._specials):
            self.spin.setValue(int(value))

    def controls(self) -> list[QWidget]:
        slider: list[QWidget] = [self.slider] if self.slider is not None else []
        return [*slider, self.spin, *(box for box, _ in self._specials)]

    def _spun(self, number: int) -> None:
        if self.slider is not None:
            with QSignalBlocker(self.slider):
                self.slider.setValue(number)
        self.changed.emit()

    def _ticked(self, _on: bool) -> None:
        self.spin.setEnabled(not any(box.isChecked() for box, _ in self._specials))
        self.changed.emit()


def add_reveal(edit: QLineEdit) -> QAction:
    """Hides what is typed, with an eye at the end that shows it for as long as it is pressed in."""
    edit.setEchoMode(QLineEdit.EchoMode.Password)
    action = QAction("Show what is typed", edit)
    action.setCheckable(True)
    icons.bind(action, "eye", "text_muted")

    def toggled(shown: bool) -> None:
        edit.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        icons.bind(action, "eye-off" if shown else "eye", "text_muted")
        action.setText("Hide what is typed" if shown else "Show what is typed")

    action.toggled.connect(toggled)
    edit.addAction(action, QLineEdit.ActionPosition.TrailingPosition)
    return action
