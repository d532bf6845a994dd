"""Every dialog by keyboard and by ear: a name on every control, a sensible tab order, room on a small laptop."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QDialog, QScrollBar, QTabBar, QWidget

from app.jobs.plan import Plan
from app.records import Enterprise
from app.settings import Settings, Tenant
from app.store.fleet import Fleet
from app.tasks import Tasks
from tests.gui.dialogs.samples import ACME, LIBRARY, NOW
from ui import theme
from ui.dialogs.about import AboutDialog
from ui.dialogs.columns import ColumnsDialog
from ui.dialogs.command import CommandDialog
from ui.dialogs.offered import OFFERED
from ui.dialogs.preferences import PreferencesDialog
from ui.dialogs.review import ReviewDialog
from ui.dialogs.shortcuts import ShortcutsDialog
from ui.dialogs.sign_in import SignInDialog

DIALOGS = ["review", "wipe review", "sign in", "columns", "shortcuts", "preferences", "about"]
DIALOGS += [offer.name for offer in OFFERED]
Open = Callable[[str], QDialog]


@pytest.fixture
def opened(qapp: QApplication, fleet: Fleet, sealed: Callable[..., Plan]) -> Iterator[Open]:
    made: list[QDialog] = []

    async def check(tenant: Tenant, token: str) -> Enterprise:
        raise AssertionError("nobody asked")

    def review(command: str, args: dict[str, bool]) -> ReviewDialog:
        plan = sealed(command, args)
        return ReviewDialog(
            plan, fleet, LIBRARY, ACME, reseal=lambda ids: plan, online=True, clock=lambda: NOW
        )  # fmt: skip

    def open_(name: str) -> QDialog:
        others: dict[str, Callable[[], QDialog]] = {
            "review": lambda: review("REBOOT", {}),
            "wipe review": lambda: review("WIPE", {"wipe_FRP": True}),
            "sign in": lambda: SignInDialog(check, Tasks("none"), key_store="SecretService"),
            "columns": lambda: ColumnsDialog([("name", "Name"), ("state", "State")], ["name"], ["name"]),
            "shortcuts": lambda: ShortcutsDialog([("File", "Quit", "Ctrl+Q")]),
            "preferences": lambda: PreferencesDialog(Settings()),
            "about": lambda: AboutDialog("1.0"),
        }
        ids = [fleet.id(row) for row in range(12)]
        command = lambda: CommandDialog(fleet, ids, LIBRARY, ACME, online=True, command=name)  # noqa: E731
        dialog = others.get(name, command)()
        made.append(dialog)
        dialog.show()
        return dialog

    yield open_
    for dialog in made:
        dialog.close()
        dialog.deleteLater()


def inner(widget: QWidget) -> bool:
    """Parts that Qt makes inside a control: they speak through it."""
    parent = widget.parentWidget()
    return (
        isinstance(widget, QScrollBar | QTabBar)
        or widget.objectName().startswith("qt_")
        or (isinstance(parent, QAbstractScrollArea) and widget is parent.viewport())
    )


def controls(dialog: QDialog) -> list[QWidget]:
    wants = [w for w in dialog.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isVisible()]
    return [w for w in wants if not inner(w)]


@pytest.mark.parametrize("name", DIALOGS)
def test_every_control_has_an_accessible_name(opened: Open, name: str) -> None:
    dialog = opened(name)
    assert dialog.accessibleName()
    nameless = [
        f"{type(w).__name__} in {type(w.parent()).__name__}" for w in controls(dialog) if not w.accessibleName()
    ]
    assert not nameless


@pytest.mark.parametrize("name", DIALOGS)
def test_tab_reaches_every_control_once_and_comes_back(opened: Open, name: str) -> None:
    dialog = opened(name)
    expected = {w for w in controls(dialog) if w.isEnabled()}
    first = dialog.focusWidget()
    assert first is not None
    seen: list[QWidget] = []
    widget: QWidget | None = first
    while widget is not None and len(seen) < 500:
        seen.append(widget)
        widget = widget.nextInFocusChain()
        if widget is first:
            break
    assert expected <= set(seen)
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("name", DIALOGS)
def test_every_dialog_fits_a_small_laptop(opened: Open, name: str) -> None:
    dialog = opened(name)
    assert dialog.height() <= 768 - 60
    assert dialog.width() <= 1366 - 60
    assert dialog.minimumSizeHint().height() <= 768 - 60


def heights(dialog: QDialog, widgets: list[QWidget]) -> list[int]:
    return [widget.mapTo(dialog, widget.rect().center()).y() for widget in widgets]


@pytest.mark.parametrize("offer", OFFERED, ids=lambda offer: offer.name)
def test_tab_goes_down_the_form_and_then_to_the_buttons(opened: Open, offer: object) -> None:
    dialog = opened(offer.name)  # type: ignore[attr-defined]
    assert isinstance(dialog, CommandDialog)
    chain: list[QWidget] = []
    widget: QWidget = dialog.commands.list
    while widget not in chain:
        chain.append(widget)
        widget = widget.nextInFocusChain()
    fields = [c for e in dialog.form.editors for c in e.input.controls()]
    order = [*fields, dialog.cancel, dialog.review]
    places = [chain.index(one) for one in order]
    assert places == sorted(places)
    assert heights(dialog, fields) == sorted(heights(dialog, fields))


@pytest.mark.parametrize("name", ["review", "INSTALL", "sign in"])
def test_a_change_of_theme_reaches_an_open_dialog(opened: Open, qapp: QApplication, name: str) -> None:
    dialog = opened(name)
    before = dialog.grab().toImage().pixelColor(20, dialog.height() - 12).name()
    theme.apply(qapp, "dark")
    after = dialog.grab().toImage().pixelColor(20, dialog.height() - 12).name()
    assert before == theme.tokens("light").surface
    assert after == theme.tokens("dark").surface
