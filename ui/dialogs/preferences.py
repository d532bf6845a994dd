"""Preferences: look, density, how often to sync, size of the demo fleet.

Invariant: the settings given are never changed; the answer is a new record with everything else as it was.
"""

from typing import Any

import msgspec
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QPushButton, QWidget

from app.commands.arguments import Choice
from app.settings import Settings
from ui import theme
from ui.dialogs.choices import ChoiceInput
from ui.dialogs.frame import DialogFrame, plain_label

THEMES = (Choice("system", "Like the system"), Choice("light", "Light"), Choice("dark", "Dark"))
DENSITIES = (Choice("comfortable", "Comfortable"), Choice("compact", "Compact"))
DEMO_SIZES = (200, 2_000, 20_000, 100_000)


class PreferencesDialog(DialogFrame):
    """When accepted, `answer` is the new settings."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent, "Preferences")
        self.answer: Settings = settings
        self.theme = ChoiceInput(THEMES, optional=False, default=settings.theme, beside=True)
        self.theme.describe("Theme", "")
        self.density = ChoiceInput(DENSITIES, optional=False, default=settings.density, beside=True)
        self.density.describe("Density", "")
        self.sync = QDoubleSpinBox()
        self.sync.setRange(1, 1440)
        self.sync.setDecimals(0)
        self.sync.setSuffix(" min")
        self.sync.setValue(settings.sync_minutes)
        self.sync.setAccessibleName("Bring the copy up to date every so many minutes")
        self.demo = QComboBox()
        for size in sorted({*DEMO_SIZES, settings.demo_devices}):
            self.demo.addItem(f"{size:,} devices", size)
        self.demo.setCurrentIndex(self.demo.findData(settings.demo_devices))
        self.demo.setAccessibleName("Size of the demo fleet")
        form = QFormLayout()
        form.setHorizontalSpacing(theme.space(6))
        form.setVerticalSpacing(theme.space(3))
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        form.addRow(plain_label("Theme"), self.theme)
        form.addRow(plain_label("Density"), self.density)
        form.addRow(plain_label("Sync every"), self.sync)
        form.addRow(plain_label("Demo fleet"), self.demo)
        form.addRow("", plain_label("A new size takes effect when the demo fleet is opened again.", "muted"))
        self.body.addLayout(form)
        self.body.addStretch(1)
        self.cancel = self.add_cancel()
        self.save = QPushButton("Save")
        self.save.setProperty("role", "primary")
        self.add_button(self.save, default=True)
        self.save.clicked.connect(self._save)
        self.theme.setFocus()

    def _submits(self) -> bool:
        return True

    def _save(self) -> None:
        changes: dict[str, Any] = {
            "theme": self.theme.value(),
            "density": self.density.value(),
            "sync_minutes": self.sync.value(),
            "demo_devices": self.demo.currentData(),
        }
        self.answer = msgspec.structs.replace(self.answer, **changes)
        self.accept()
