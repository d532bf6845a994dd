"""The form of one command: what it does, whom it reaches, an editor per argument.

Invariant: `problems` is what the catalogue says of `args`, so a form without problems is a request that can be built.
"""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.commands import catalogue
from app.commands.catalogue import Command
from app.errors import Problem
from ui import theme
from ui.dialogs.editors import Editor, collect
from ui.dialogs.frame import IconLabel, plain_label
from ui.dialogs.library import Library
from ui.dialogs.offered import RISKS, Offer
from ui.dialogs.targets import platform_name


class CommandForm(QScrollArea):
    """Scrolls where it has to. `changed` after every edit; errors stand beside the fields that were touched."""

    changed = Signal()

    def __init__(self, offer: Offer, library: Library) -> None:
        super().__init__()
        self.command: Command = offer.command
        self.editors = [Editor(argument, library) for argument in self.command.arguments]
        self._platforms: Collection[str] = ()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(f"{self.command.title}: form")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.space(3), theme.space(2))
        column.setSpacing(theme.space(4))
        column.addLayout(self._heading(offer))
        for editor in self.editors:
            editor.changed.connect(self._edited)
            column.addWidget(editor)
        if not self.editors:
            column.addWidget(plain_label("This command has nothing to fill in.", "faint"))
        column.addStretch(1)
        self.setWidget(content)

    def args(self) -> dict[str, Any]:
        """The arguments as they would be sent."""
        return collect(self.editors)

    def set_args(self, args: dict[str, Any]) -> None:
        for editor in self.editors:
            if editor.argument.name in args:
                editor.set_value(args[editor.argument.name])

    def set_platforms(self, platforms: Collection[str]) -> None:
        """The platforms of the devices that will get it: some rules hold for one of them only."""
        self._platforms = frozenset(platforms)
        self.show_problems()

    def problems(self) -> list[Problem]:
        return catalogue.check(self.command.name, self.args(), self._platforms)

    def show_problems(self, *, insist: bool = False) -> None:
        """Puts each problem beside its field; untouched fields stay quiet unless `insist`."""
        said = {problem.field: problem.message for problem in reversed(self.problems())}
        for editor in self.editors:
            quiet = not (editor.touched or insist)
            editor.show_error("" if quiet else said.get(editor.argument.name, ""))

    def first_problem(self) -> str:
        """`App is required.`, `App: must look like …`; empty when there is none."""
        for problem in self.problems():
            argument = self.command.argument(problem.field)
            if argument is None:
                return problem.message
            message = problem.message[:1].lower() + problem.message[1:]
            return (
                f"{argument.label} {message}" if message.startswith("is ") else f"{argument.label}: {problem.message}"
            )
        return ""

    def _edited(self) -> None:
        self.show_problems()
        self.changed.emit()

    def _heading(self, offer: Offer) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(theme.space(2))
        column.addWidget(plain_label(self.command.title, "heading"))
        column.addWidget(plain_label(self.command.description, "muted", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(theme.space(1.5))
        icon, tone, words = RISKS[self.command.risk]
        if words:
            row.addWidget(IconLabel(icon, tone, 16))
            row.addWidget(plain_label(words, "warning" if tone == "warning" else "error"))
            row.addSpacing(theme.space(2))
        for platform in self.command.platforms:
            badge = plain_label(platform_name(platform), "badge")
            badge.setAccessibleName(f"For {platform_name(platform)}")
            row.addWidget(badge)
        row.addStretch(1)
        column.addLayout(row)
        return column
