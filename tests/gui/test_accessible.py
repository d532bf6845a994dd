"""The whole window by keyboard and by ear, and literally: names on controls, a Tab that comes round, no markup from servers."""

import asyncio
import html
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QWidget

from app.jobs.plan import MANY
from app.records import App, AppVersion, Device, Group
from app.settings import Tenant
from tests.gui.conftest import Play
from tests.gui.stage import Stage, controls
from tests.sandbox import Sandbox
from ui import theme
from ui.dialogs.command import CommandDialog
from ui.dialogs.review import ReviewDialog
from ui.guide import until

HOSTILE = "<b>x</b>"
AWAY = "http://127.0.0.1:9/api"
THEMES: tuple[theme.Choice, ...] = ("light", "dark")
MENU_DIALOGS = ("tenant.sign-in", "app.preferences", "help.shortcuts", "help.about", "view.columns", "tenant.forget")


def spoken(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def nameless(root: QWidget) -> list[str]:
    return [f"{type(w).__name__} in {type(w.parent()).__name__}" for w in controls(root) if not spoken(w).strip()]


def title(widget: QWidget) -> str:
    return f"{type(widget).__name__} “{spoken(widget)}”"


def walk(root: QWidget, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """Presses Tab until the focus is where it was at first, or a thousand times."""
    first = QApplication.focusWidget()
    seen: list[QWidget] = []
    for _ in range(1000):
        focus = QApplication.focusWidget()
        if focus is None or (seen and focus is first):
            break
        seen.append(focus)
        QTest.keyClick(focus, key)
    return seen


def not_reached(root: QWidget, seen: list[QWidget]) -> list[str]:
    """Controls that Tab never came to; a proxy stands for the control it belongs to, tabs of docks for each other."""
    reached = set(seen) | {w.focusProxy() for w in seen} | {w.parentWidget() for w in seen}
    return [title(w) for w in controls(root) if w not in reached and w.focusProxy() not in reached]


async def active(window: QWidget) -> None:
    window.activateWindow()
    await until(window.isActiveWindow, "the window is not active")


def labels(root: QWidget) -> Iterator[QLabel]:
    yield from (label for label in root.findChildren(QLabel) if label.text())


def guessing(root: QWidget) -> list[str]:
    """Labels that leave it to Qt to guess whether a text is markup, and show something of a server."""
    return [label.text() for label in labels(root) if HOSTILE in label.text() and _guesses(label)]


def _guesses(label: QLabel) -> bool:
    return label.textFormat() is not Qt.TextFormat.PlainText


@pytest.mark.parametrize("choice", THEMES)
def test_on_the_welcome_page_every_control_has_a_name_and_tab_comes_round(play: Play, choice: theme.Choice) -> None:
    async def scenario(stage: Stage) -> None:
        console = stage.console
        console.set_theme(choice)
        console.settings.tenants = [Tenant(key="one", name="one", url=AWAY)]
        console.show_known()
        await active(console.window)
        console.window.welcome.demo.setFocus()
        assert nameless(console.window) == []
        seen = walk(console.window)
        assert len(seen) < 1000
        assert not_reached(console.window, seen) == []

    play(scenario)


@pytest.mark.parametrize("choice", THEMES)
def test_with_a_tenant_every_control_has_a_name_and_tab_reaches_all_of_them_and_comes_round(
    play: Play, sandbox: Sandbox, choice: theme.Choice
) -> None:
    async def scenario(stage: Stage) -> None:
        console = stage.console
        console.set_theme(choice)
        console.window.resize(1366, 768)
        await stage.enter(sandbox)
        await active(console.window)
        stage.select(2)
        stage.type_filter("")
        console.say("A notice with something to do.", "warning", ("Do it", int))
        devices = stage.panels.devices
        for mode in ("tree", "table"):
            devices.set_mode(mode)
            await stage.settle()
            devices.results.focus()
            for tab in range(stage.panels.inspector.tabs.count()):
                stage.panels.inspector.tabs.setCurrentIndex(tab)
                await stage.settle()
                assert nameless(console.window) == []
            seen = walk(console.window)
            assert len(seen) < 1000, "the focus is caught in " + title(seen[-1])
            assert not_reached(console.window, seen) == []
            assert len(walk(console.window, Qt.Key.Key_Backtab)) < 1000

    play(scenario)


@pytest.mark.parametrize("dock", ["groups", "apps", "inspector", "jobs"])
def test_in_every_dock_the_controls_have_names_and_tab_leads_out_again(play: Play, sandbox: Sandbox, dock: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.enter(sandbox)
        await active(stage.console.window)
        stage.console.window.show_dock(dock)
        await stage.settle()
        widget = stage.console.window.docks[dock]
        assert nameless(widget) == []
        inside = [w for w in controls(widget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
        if inside:
            inside[0].setFocus()
            await until(inside[0].hasFocus, f"{title(inside[0])} takes no focus")
            assert not {stage.panels.devices.table} - set(walk(stage.console.window))

    play(scenario)


async def dialog_of(stage: Stage, action: str) -> QDialog:
    stage.console.window.actions_.trigger(action)
    await until(lambda: isinstance(QApplication.activeModalWidget(), QDialog), f"{action} opened no dialog")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QDialog)
    return dialog


@pytest.mark.parametrize("choice", THEMES)
def test_every_dialog_of_the_menus_has_names_lets_tab_come_round_and_ends_with_escape(
    play: Play, sandbox: Sandbox, choice: theme.Choice
) -> None:
    async def scenario(stage: Stage) -> None:
        stage.console.set_theme(choice)
        await stage.enter(sandbox)
        await active(stage.console.window)
        for action in MENU_DIALOGS:
            dialog = await dialog_of(stage, action)
            await active(dialog)
            assert spoken(dialog).strip(), action
            assert nameless(dialog) == [], action
            seen = walk(dialog)
            assert len(seen) < 1000, f"{action}: the focus is caught in {title(seen[-1])}"
            assert not_reached(dialog, seen) == [], action
            assert all(dialog.isAncestorOf(w) for w in seen), action
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
            await stage.no_dialog()
            await until(lambda: len([t for t in asyncio.all_tasks() if "console/" in t.get_name()]) == 0, "it hangs")

    play(scenario)


def offered(stage: Stage) -> list[str]:
    return [a.objectName() for a in stage.console.window.actions_.menu("Device").actions() if a.objectName()]


def test_every_command_form_and_review_can_be_filled_in_by_keyboard_alone(play: Play, sandbox: Sandbox) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.enter(sandbox)
        await active(stage.console.window)
        # So many that even a harmless command is reviewed.
        stage.select(MANY + 1)
        for action in offered(stage):
            stage.console.window.actions_.trigger(action)
            dialog: CommandDialog | ReviewDialog = await stage.dialog(CommandDialog)
            await active(dialog)
            assert nameless(dialog) == [], action
            seen = walk(dialog)
            assert len(seen) < 1000, action
            assert not_reached(dialog, seen) == [], action
            if isinstance(dialog, CommandDialog) and dialog.review.isEnabled():
                dialog.review.click()
                dialog = await stage.dialog(ReviewDialog)
                await active(dialog)
                assert nameless(dialog) == [], action
                seen = walk(dialog)
                assert len(seen) < 1000, action
                assert not_reached(dialog, seen) == [], action
            dialog.reject()
            await stage.no_dialog()
            await until(lambda: not stage.console.sending._asking, "the flow did not end")

    play(scenario)


# ---- markup ------------------------------------------------------------------------------------------------------


async def hostile(stage: Stage) -> Tenant:
    """A tenant in whose copy everything that a server may name is called `<b>x</b>`."""
    tenant = Tenant(key="hostile", name=HOSTILE, url=AWAY, enterprise_id="e", enterprise_name=HOSTILE)
    stage.console.settings.tenants = [tenant]
    await stage.console.opening.open(tenant, "")
    store, now = stage.session.store, stage.console.clock()
    await store.put_groups(
        [Group(id="g", name=HOSTILE, path=HOSTILE), Group(id="h", name=HOSTILE, parent_id="g")], at=now
    )
    devices = [
        Device(
            id=f"d{n}", name=HOSTILE, alias=HOSTILE, state=1, platform="ANDROID", os=HOSTILE, os_version=HOSTILE,
            last_seen=now, group_id="h", model=HOSTILE, brand=HOSTILE, serial=HOSTILE, wifi_ssid=HOSTILE,
            agent_version=HOSTILE, ip=HOSTILE, raw=b'{"name": "<b>x</b>"}',
        )
        for n in range(3)
    ]  # fmt: skip
    await store.put_devices(devices, at=now)
    version = AppVersion(id="v", app_id="a", version=HOSTILE, build=HOSTILE, size=1.0, track=HOSTILE)
    await store.put_apps([App(id="a", name=HOSTILE, package=HOSTILE, developer=HOSTILE)], {"a": (version,)}, at=now)
    stage.session.health.fetched(now, full_sync_at=now)
    await until(lambda: stage.panels.devices.shown == 3, "the devices are not shown")
    return tenant


@pytest.mark.parametrize("choice", THEMES)
def test_markup_in_what_a_server_says_is_shown_literally_everywhere(play: Play, choice: theme.Choice) -> None:
    async def scenario(stage: Stage) -> None:
        stage.console.set_theme(choice)
        await hostile(stage)
        window, panels = stage.console.window, stage.panels
        panels.devices.show_device("d0")
        await until(lambda: panels.inspector.device_id == "d0", "the inspector does not follow")
        for tab in range(panels.inspector.tabs.count()):
            panels.inspector.tabs.setCurrentIndex(tab)
            await stage.settle()
            assert guessing(window) == []
        assert any(HOSTILE in label.text() for label in labels(panels.inspector))
        panels.devices.selection.select_all()
        await stage.settle()
        assert guessing(window) == []
        stage.console.say(f"Said of {HOSTILE}", "warning")
        assert guessing(window) == []
        for action in ("command.INSTALL", "command.REBOOT", "command.WIPE"):
            stage.console.window.actions_.trigger(action)
            dialog: CommandDialog | ReviewDialog = await stage.dialog(CommandDialog)
            assert guessing(dialog) == []
            if action != "command.INSTALL":
                assert isinstance(dialog, CommandDialog)
                dialog.review.click()
                dialog = await stage.dialog(ReviewDialog)
                assert guessing(dialog) == []
                assert any(HOSTILE in label.text() for label in labels(dialog))
            dialog.reject()
            await stage.no_dialog()
            await until(lambda: not stage.console.sending._asking, "the flow did not end")
        dialog_ = await dialog_of(stage, "tenant.forget")
        assert guessing(dialog_) == []
        assert any(HOSTILE in label.text() for label in labels(dialog_))
        dialog_.reject()
        await stage.no_dialog()

    play(scenario)


def test_no_tooltip_of_a_server_becomes_markup(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        await hostile(stage)
        window, panels = stage.console.window, stage.panels
        panels.devices.show_device("d0")
        await until(lambda: panels.inspector.device_id == "d0", "the inspector does not follow")
        tips = [w.toolTip() for w in window.findChildren(QWidget) if w.toolTip()]
        models: list[Callable[[], object]] = []
        for view in (panels.groups.tree, panels.apps.tree, panels.devices.tree):
            model = view.model()
            model.fetchMore(model.index(-1, -1))
            rows = [model.index(row, 0) for row in range(model.rowCount())]
            models += [lambda i=index: i.data(Qt.ItemDataRole.ToolTipRole) for index in rows]  # type: ignore[misc]
        tips += [str(tip) for read in models if (tip := read())]
        assert [tip for tip in tips if HOSTILE in tip] == []
        assert [tip for tip in tips if html.escape(HOSTILE) in tip] != []

    play(scenario)
