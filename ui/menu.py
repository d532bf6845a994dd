"""The list of all actions: id, text, menu, shortcut, when it is possible and why not.

Invariant: a handler is one call of the console; the sentences of `why_not` name what is missing.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from ui import icons, theme
from ui.actions import Action
from ui.dialogs.offered import OFFERED
from ui.views.devices import DevicesPanel

if TYPE_CHECKING:
    from ui.console import Console

_SWITCH = "known tenant"


def records(console: "Console") -> list[Action]:
    """Every action of the window, in menu order."""
    return [*_tenant(console), *_fleet(console), *_device(console), *_view(console), *_help(console)]


def switcher(console: "Console") -> None:
    """Lists the known tenants in the tenant menu, under the demo fleet; the open one is ticked."""
    menu, before = console.window.actions_.menu("Tenant"), console.window.actions_.qt("tenant.sign-in")
    for action in menu.actions():
        if action.data() == _SWITCH:
            menu.removeAction(action)
            action.deleteLater()
    current = console.session.tenant.key if console.session is not None else ""
    for tenant in console.settings.tenants:
        action = QAction((tenant.enterprise_name or tenant.name).replace("&", "&&"), menu)
        action.setData(_SWITCH)
        action.setToolTip(tenant.url)
        icons.bind(action, "building-2")
        action.setCheckable(True)
        action.setChecked(tenant.key == current)
        action.triggered.connect(partial(_switch, console, tenant.key))
        menu.insertAction(before, action)


def _switch(console: "Console", key: str, _checked: bool = False) -> None:
    console.begin(console.opening.open_known(key), "open tenant")


def _no_session(console: "Console") -> str:
    return "" if console.session is not None else "Open a tenant first."


def _no_target(console: "Console") -> str:
    if console.session is None:
        return "Open a tenant first."
    return "" if console.has_target() else "Select at least one device."


def _tenant(console: "Console") -> list[Action]:
    return [
        Action("tenant.demo", "Demo fleet", "Tenant", lambda: console.begin(console.opening.open_demo(), "open demo"), "play", section="open"),
        Action("tenant.sign-in", "Sign in…", "Tenant", lambda: console.begin(console.access.sign_in(), "sign in"), "key-round", ("Ctrl+Shift+N",), section="open"),
        Action(
            "tenant.offline", "Work offline", "Tenant", console.work_offline, "plug", why_not=lambda: _no_session(console),
            checked=lambda: console.session is not None and console.session.away, section="state",
        ),
        Action("tenant.close", "Close tenant", "Tenant", lambda: console.begin(console.opening.leave(), "leave"), "log-out", why_not=lambda: _no_session(console), section="state"),
        Action("tenant.forget", "Forget tenant…", "Tenant", lambda: console.begin(console.access.forget(), "forget"), "trash-2", why_not=lambda: _no_session(console), section="state", tone="danger"),
        Action("app.preferences", "Preferences…", "Tenant", lambda: console.begin(console.preferences(), "preferences"), "settings", ("Ctrl+,",), section="app"),
        Action("app.quit", "Quit", "Tenant", lambda: console.begin(console.quit(), "quit"), "power", ("Ctrl+Q",), section="app"),
    ]  # fmt: skip


def _fleet(console: "Console") -> list[Action]:
    def why() -> str:
        return _no_session(console)

    def on(act: Callable[[DevicesPanel], object]) -> Callable[[], None]:
        def run() -> None:
            if console.window.panels is not None:
                act(console.window.panels.devices)

        return run

    return [
        Action("fleet.refresh", "Refresh", "Fleet", console.refresh, "refresh-cw", ("F5", "Ctrl+R"), why, section="data"),
        Action("fleet.filter", "Filter devices", "Fleet", on(lambda d: d.filter.focus()), "search", ("Ctrl+F", "/"), why, section="find"),
        Action("fleet.clear", "Show all devices", "Fleet", on(lambda d: d.show_all()), "funnel", ("Ctrl+Shift+F",), why, section="find"),
        Action("fleet.select-all", "Select all shown", "Fleet", on(lambda d: d.selection.select_all()), "list-checks", ("Ctrl+Shift+A",), why, section="select"),
        Action("fleet.select-none", "Clear selection", "Fleet", on(lambda d: d.selection.clear()), "square", ("Ctrl+Shift+D",), why, section="select"),
    ]  # fmt: skip


def _device(console: "Console") -> list[Action]:
    def why() -> str:
        return _no_target(console)

    def send(name: str) -> None:
        console.begin(console.sending.send(name), "send")

    actions = [
        Action("device.command", "Send command…", "Device", lambda: console.begin(console.sending.send(), "send"), "send", ("Ctrl+Return",), why, section="any")
    ]  # fmt: skip
    for offer in OFFERED:
        danger = offer.name == "WIPE"
        keys = {"REBOOT": ("Ctrl+Shift+R",), "UPDATE_HEARTBEAT": ("Ctrl+P",)}.get(offer.name, ())
        actions.append(
            Action(
                f"command.{offer.name}",
                f"{offer.command.title}…",
                "Device",
                partial(send, offer.name),
                offer.icon,
                keys,
                why,
                section="danger" if danger else "offered",
                tone="danger" if danger else "text",
            )
        )
    return actions


def _view(console: "Console") -> list[Action]:
    def why() -> str:
        return _no_session(console)

    def toggle(name: str) -> None:
        dock = console.window.docks[name]
        dock.setVisible(dock.isHidden())

    def shows(name: str) -> bool:
        return not console.window.docks[name].isHidden()

    def has_theme(choice: theme.Choice) -> bool:
        return console.settings.theme == choice

    def shows_tree() -> bool:
        return console.window.panels is not None and console.window.panels.devices.mode == "tree"

    def tree() -> None:
        if console.window.panels is not None:
            console.window.panels.devices.set_mode("table" if shows_tree() else "tree")

    docks = [
        Action(
            f"view.{name}",
            title,
            "View",
            partial(toggle, name),
            sign,
            (keys,),
            why,
            checked=partial(shows, name),
            section="docks",
        )
        for name, title, sign, keys in (
            ("groups", "Groups", "folder-tree", "Alt+1"),
            ("apps", "Apps", "package", "Alt+2"),
            ("inspector", "Inspector", "panel-right", "Alt+3"),
            ("jobs", "Jobs", "panel-bottom", "Alt+4"),
        )
    ]
    choices: tuple[tuple[theme.Choice, str, str], ...] = (
        ("system", "Theme of the system", "monitor"),
        ("light", "Light theme", "sun"),
        ("dark", "Dark theme", "moon"),
    )
    themes = [
        Action(
            f"theme.{choice}",
            title,
            "View",
            partial(console.set_theme, choice),
            sign,
            checked=partial(has_theme, choice),
            section="theme",
        )
        for choice, title, sign in choices
    ]
    return [
        Action(
            "view.tree", "Devices by group", "View", tree, "list-tree", ("Ctrl+T",), why, section="table",
            checked=shows_tree,
        ),
        Action("view.columns", "Columns…", "View", lambda: console.begin(console.choose_columns(), "columns"), "columns-3", why_not=why, section="table"),
        Action(
            "view.compact", "Compact rows", "View",
            lambda: console.set_density("comfortable" if theme.density() == "compact" else "compact"), "menu",
            checked=lambda: theme.density() == "compact", section="table",
        ),
        *docks,
        Action("view.reset", "Reset layout", "View", console.window.default_layout, "layout-grid", why_not=why, section="docks"),
        *themes,
    ]  # fmt: skip


def _help(console: "Console") -> list[Action]:
    return [
        Action("help.shortcuts", "Keyboard shortcuts", "Help", lambda: console.begin(console.show_shortcuts(), "shortcuts"), "keyboard", ("?", QKeySequence("F1").toString()), section="help"),
        Action("help.web", "Open the web console", "Help", console.open_web_console, "external-link", why_not=lambda: _no_real_tenant(console), section="help"),
        Action("help.about", "About", "Help", lambda: console.begin(console.show_about(), "about"), "info", section="about"),
    ]  # fmt: skip


def _no_real_tenant(console: "Console") -> str:
    if console.session is None:
        return "Open a tenant first."
    return "" if console.session.tenant.production else "The demo fleet has no web console."
