"""A small fleet, sealed plans and the look, for the dialogs' tests."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.commands.request import build
from app.jobs.plan import Plan, seal
from app.store.fleet import Fleet
from tests.gui.dialogs.samples import GROUPS, NOW, make_devices, make_fleet
from ui import theme

Sealer = Callable[..., Plan]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ignores what the platform plugin without a screen says of windows and popups."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet(make_devices(40), GROUPS)


@pytest.fixture
def sealed(fleet: Fleet) -> Sealer:
    """Seals a command for the first `count` devices, or for `ids`."""

    def make(
        command: str = "REBOOT", args: dict[str, Any] | None = None, count: int = 12, ids: Sequence[str] | None = None
    ) -> Plan:
        devices = [fleet.id(row) for row in range(count)] if ids is None else ids
        return seal(build(command, args or {}, devices), fleet, now=NOW, tenant="acme")

    return make


@pytest.fixture(autouse=True)
def _look(qapp: QApplication) -> Iterator[None]:
    if theme.mode() != "light" or not qapp.styleSheet():
        theme.apply(qapp, "light")
    yield
    for widget in qapp.topLevelWidgets():
        widget.close()
        widget.deleteLater()
    # Without this the dialogs of all tests before would be restyled with every change of the theme.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
