"""Driving the window like a person would: typing, clicking, waiting for what is seen.

Invariant: every wait is bounded and ends in StepFailed with what was expected; a step that fails leaves no dialog open.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit

from app.session import Session
from app.states import TargetState
from ui import pictures, theme
from ui.console import Console
from ui.window import Panels

PATIENCE = 30.0
D = TypeVar("D", bound=QDialog)


class StepFailed(Exception):
    """A step did not hold; the text says what was expected and what was seen."""


def check(holds: bool, otherwise: str) -> None:
    """Raises StepFailed(otherwise) where something does not hold."""
    if not holds:
        raise StepFailed(otherwise)


async def until(condition: Callable[[], bool], otherwise: str, seconds: float = PATIENCE) -> None:
    """Lets the window run until `condition` holds. Raises StepFailed(otherwise) after `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - the condition is what a person sees, and nobody announces that
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise StepFailed(f"{otherwise} within {seconds:.0f} seconds") from None


class Guide:
    """Hands and eyes for one console; pictures go to `folder`, one per theme in `themes`."""

    def __init__(self, console: Console, folder: Path, themes: list[theme.Choice]) -> None:
        self.console = console
        self.folder = folder
        self.themes = themes
        self.number = 0

    @property
    def session(self) -> Session:
        """The open session."""
        if self.console.session is None:
            raise StepFailed("no tenant is open")
        return self.console.session

    @property
    def panels(self) -> Panels:
        """What the window shows of it."""
        if self.console.window.panels is None:
            raise StepFailed("no tenant is open")
        return self.console.window.panels

    async def snap(self, name: str) -> None:
        """Saves a picture of the window, once per theme."""
        for choice in self.themes:
            if theme.mode() != choice:
                theme.apply(self.console.app, choice, theme.density())
            # Layouts and paints are the event loop's: it gets the time, a nested one would lose other tasks.
            await asyncio.sleep(0.15)
            ending = f"-{choice}" if len(self.themes) > 1 else ""
            pictures.save(pictures.take(self.console.window), self.folder / f"{self.number:02}-{name}{ending}.png")
        if theme.mode() != self.themes[0]:
            theme.apply(self.console.app, self.themes[0], theme.density())

    def count(self, job_id: str, state: TargetState) -> int:
        """How many devices of a job are in a state."""
        return sum(target.state == state for target in self.session.jobs.targets(job_id))

    def shown_rows(self) -> list[int]:
        """The fleet rows that the table shows, in order."""
        return [int(row) for row in self.panels.devices.results.model.rows]

    def type_filter(self, words: str) -> None:
        """Types into the filter box, letter by letter."""
        box = self.panels.devices.filter
        box.set_text("")
        box.focus()
        edit = box.findChild(QLineEdit)
        assert isinstance(edit, QLineEdit)
        QTest.keyClicks(edit, words)
        box.suggestions.hide()

    def select(self, count: int) -> list[str]:
        """Ticks the first `count` Android devices that are online in the copy, and gives their ids."""
        devices = self.panels.devices
        self.type_filter("state:online platform:android")
        check(devices.shown >= count, f"only {devices.shown} devices to choose from")
        devices.selection.only(self.shown_rows()[:count])
        ids = devices.selected_ids()
        check(len(ids) == count, f"{len(ids)} devices are selected instead of {count}")
        return ids

    async def dialog(self, kind: type[D]) -> D:
        """The dialog of that kind, once it is on the screen."""
        found: list[D] = []

        def seen() -> bool:
            found[:] = [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]
            return bool(found)

        await until(seen, f"no {kind.__name__} opened")
        return found[0]

    async def no_dialog(self) -> None:
        """Waits until every dialog is closed."""
        await until(lambda: not _dialogs(), "a dialog stayed open")

    @asynccontextmanager
    async def command(self, name: str) -> AsyncIterator[None]:
        """Chooses a command from the menu; on a failure a picture is taken and the dialogs are closed."""
        self.console.window.actions_.trigger(f"command.{name}")
        try:
            yield
        except StepFailed:
            await self.snap("failed")
            for dialog in _dialogs():
                dialog.reject()
            raise


def press_enter(field: QLineEdit) -> None:
    """What a hasty hand does."""
    QTest.keyClick(field, Qt.Key.Key_Return)


def type_into(field: QLineEdit, words: str) -> None:
    """Replaces what is in a field, letter by letter."""
    field.clear()
    QTest.keyClicks(field, words)


def _dialogs() -> list[QDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
