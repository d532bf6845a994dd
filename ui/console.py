"""The flows: opening tenants, signing in, sending commands; where views and dialogs meet.

Invariant: every flow is a task of `tasks`, so a failure ends in a notice; nothing here waits for the network to draw.
"""

import argparse
import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from importlib.metadata import version
from typing import Any

from PySide6.QtCore import QPoint, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog

from app.credentials import Credentials
from app.demo import DemoServer
from app.errors import FleetError, NotAuthorised, SettingsError
from app.records import Change
from app.session import Session, read_token
from app.settings import DEMO_KEY, Profile, Settings, Tenant
from app.sync.sweep import Progress
from app.tasks import Failure, Tasks
from ui import loop, menu, text, theme
from ui.access import Access
from ui.ask import ask
from ui.dialogs.about import AboutDialog
from ui.dialogs.columns import ColumnsDialog
from ui.dialogs.preferences import PreferencesDialog
from ui.dialogs.shortcuts import ShortcutsDialog
from ui.models.columns import DEVICE_COLUMNS
from ui.sending import Sending
from ui.window import MainWindow

log = logging.getLogger(__name__)
PRODUCT = "Fleet console"
ACCEPTED = QDialog.DialogCode.Accepted.value


class Console:
    """One window over at most one open session."""

    def __init__(
        self,
        app: QApplication,
        profile: Profile,
        settings: Settings,
        *,
        credentials: Credentials | None = None,
        clock: Callable[[], float] = time.time,
        demo_options: Sequence[str] = (),
    ) -> None:
        self.app = app
        self.profile = profile
        self.settings = settings
        self.credentials = credentials or Credentials()
        self.clock = clock
        self.tasks = Tasks("console")
        self.session: Session | None = None
        self.demo: DemoServer | None = None
        self.closed = asyncio.Event()
        self._demo_options = tuple(demo_options)
        self._disconnects: list[Callable[[], None]] = []
        self._refused = False
        self.sending = Sending(self)
        self.access = Access(self)
        theme.apply(app, settings.theme, settings.density)
        self.window = MainWindow(PRODUCT)
        self.window.actions_.add(menu.records(self))
        self.window.actions_.menu("Tenant").aboutToShow.connect(lambda: menu.switcher(self))
        self.window.close_wanted.connect(lambda: self.begin(self.quit(), "quit"))
        welcome = self.window.welcome
        welcome.demo_wanted.connect(lambda: self.begin(self.open_demo(), "open demo"))
        welcome.sign_in_wanted.connect(lambda: self.begin(self.access.sign_in(), "sign in"))
        welcome.tenant_wanted.connect(lambda key: self.begin(self.open_known(key), "open tenant"))
        self._disconnects_app = [
            self.tasks.failed.connect(self._failed),
            loop.TROUBLE.connect(lambda sentence: self.say(sentence, "error")),
        ]
        self.show_known()

    # ---- running -----------------------------------------------------------------------------------------------

    async def main(self, demo: bool = False, tenant: str = "") -> int:
        """Shows the window, opens what was asked for, and returns when the user is done."""
        self.window.restore_place(self.settings.views.get("", {}))
        self.window.show()
        if demo:
            self.begin(self.open_demo(), "open demo")
        elif key := tenant or self.settings.last_tenant:
            self.begin(self.open_demo() if key == DEMO_KEY else self.open_known(key), "open tenant")
        await self.closed.wait()
        return 0

    def begin(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        """Starts a flow in the background. After the end it is dropped."""
        if self.closed.is_set():
            work.close()
        else:
            self.tasks.start(work, name)

    def say(self, sentence: str, tone: str = "info", action: tuple[str, Callable[[], object]] | None = None) -> None:
        """Shows a notice in the window."""
        self.window.notices.say(sentence, tone, action)  # type: ignore[arg-type]
        self.window.place_notices()

    def _failed(self, failure: Failure) -> None:
        if isinstance(failure.error, FleetError):
            self.say(text.describe(failure.error), "error")
        else:
            self.say("Something unexpected went wrong. The log has the details.", "error")

    async def quit(self) -> None:
        """Ends the session first, then the window, then the loop."""
        if self.closed.is_set():
            return
        await self.leave()
        self.window.finish()
        for disconnect in self._disconnects_app:
            disconnect()
        self.closed.set()
        await self.tasks.close()

    def save_settings(self) -> None:
        """Keeps the settings; a disk that says no is said once and stops nothing."""
        try:
            self.profile.save(self.settings)
        except SettingsError as error:
            self.say(text.describe(error), "warning")

    # ---- tenants -----------------------------------------------------------------------------------------------

    def show_known(self) -> None:
        """Lists the known tenants on the welcome page."""
        self.window.welcome.set_tenants(self.settings.tenants)

    async def leave(self) -> None:
        """Closes the open session, remembering how the window looked; stops the demo."""
        if self.session is not None:
            self.settings.views[self.session.tenant.key] = self.window.layout_state()
            self.settings.views[""] = self.window.place()
            self.save_settings()
            session, self.session = self.session, None
            for disconnect in self._disconnects:
                disconnect()
            self._disconnects.clear()
            self.window.detach()
            await session.close()
        if self.demo is not None:
            demo, self.demo = self.demo, None
            await demo.stop()
        self.show_known()
        self.window.actions_.refresh()

    async def open_demo(self) -> None:
        """Starts the sandbox and opens it like any tenant."""
        await self.leave()
        self.window.welcome.set_busy("Starting the demo fleet…")
        try:
            self.demo = await DemoServer.start(self.settings.demo_devices, self._demo_options)
        finally:
            self.window.welcome.set_busy("")
        await self.open(self.demo.tenant, self.demo.ready.token)

    async def open_known(self, key: str) -> None:
        """Opens a tenant of the settings from its copy, then connects with the saved key."""
        tenant = next((t for t in self.settings.tenants if t.key == key), None)
        if tenant is None:
            self.say(f"No tenant called {key} is known here. Sign in to it first.", "warning")
            return
        await self.leave()
        await self.open(tenant, "")

    async def open(self, tenant: Tenant, token: str) -> None:
        """Opens the session, draws it from the copy, and lets it connect in the background."""
        session = await Session.open(tenant, self.profile, clock=self.clock)
        self.session = session
        self._refused = False
        panels = self.window.attach(session)
        self.window.restore_layout(self.settings.views.get(tenant.key, {}))
        devices, window = panels.devices, self.window
        devices.command_wanted.connect(lambda name: self.begin(self.sending.send(name), "send"))
        devices.current_changed.connect(lambda _: self._selection_changed())
        devices.selection_changed.connect(self._selection_changed)
        devices.activated.connect(lambda _: window.show_dock("inspector"))
        devices.context_menu_wanted.connect(lambda at: window.actions_.menu("Device").popup(at))
        devices.sync_wanted.connect(self.refresh)
        devices.sign_in_wanted.connect(lambda: self.begin(self.access.sign_in(tenant), "sign in"))
        devices.table.columns_wanted.connect(lambda: self.begin(self.choose_columns(), "columns"))
        devices.table.copied.connect(lambda count: self.copied(text.count(count, "row")))
        devices.group_changed.connect(panels.groups.select)
        panels.groups.group_selected.connect(devices.set_group)
        panels.inspector.group_wanted.connect(devices.set_group)
        panels.inspector.copied.connect(self.copied)
        for source in (panels.apps, panels.jobs):
            source.devices_wanted.connect(devices.show_ids)
            source.device_activated.connect(devices.show_device)
        panels.status.sync_wanted.connect(self.refresh)
        panels.status.tenant_wanted.connect(self.show_tenant_menu)
        panels.status.jobs_wanted.connect(lambda: window.show_dock("jobs"))
        self._disconnects = [
            session.tasks.failed.connect(self._failed),
            session.health.changed.connect(self._health_changed),
            session.progress.connect(self._progress),
            session.pace.connect(panels.status.show_pace),
            session.jobs.changed.connect(self.sending.jobs_changed),
        ]
        self.sending.watch(session)
        self.settings.last_tenant = tenant.key
        if session.set_aside is not None:
            self.say(
                f"The local copy was damaged. It is kept as {session.set_aside.name}; a new one is made.", "warning"
            )
        paused = [job for job in session.jobs.all() if job.phase == "paused"]
        if paused:
            sentence = f"{text.count(len(paused), 'job')} did not finish sending. Nothing is sent until you resume it."
            self.say(sentence, "warning", ("Show jobs", lambda: window.show_dock("jobs")))
        token = token or await read_token(self.credentials, tenant.key) or ""
        if token:
            session.begin(token, self.settings.sync_minutes)
        else:
            self.say(
                "There is no key for this tenant on this computer: you are browsing the local copy.",
                "warning",
                ("Sign in…", lambda: self.begin(self.access.sign_in(tenant), "sign in")),
            )
        self.window.actions_.refresh()

    def show_tenant_menu(self) -> None:
        """Opens the tenant menu at the status bar."""
        panels = self.window.panels
        if panels is not None:
            tenants = self.window.actions_.menu("Tenant")
            button = panels.status.tenant
            above = button.mapToGlobal(button.rect().topLeft()) - QPoint(0, tenants.sizeHint().height())
            tenants.popup(above)

    def work_offline(self) -> None:
        """Switches between working offline on purpose and being connected."""
        session = self.session
        if session is None:
            return
        if session.away:
            session.refresh_soon()
        else:
            self.begin(session.disconnect(), "disconnect")

    def refresh(self) -> None:
        """Asks for a sweep now, or for a new connection."""
        session = self.session
        if session is None:
            return
        if session.has_token:
            session.refresh_soon()
        else:
            self.begin(self.access.sign_in(session.tenant), "sign in")

    def _health_changed(self, _change: Change) -> None:
        session = self.session
        if session is None:
            return
        refused = isinstance(session.health.error, NotAuthorised)
        if refused and not self._refused:
            self.say(
                text.describe(session.health.error or NotAuthorised(401)),
                "error",
                ("Sign in again…", lambda: self.begin(self.access.sign_in(session.tenant), "sign in")),
            )
        self._refused = refused
        self.window.actions_.refresh()

    # ---- devices and commands ----------------------------------------------------------------------------------

    def _progress(self, progress: Progress | None) -> None:
        panels = self.window.panels
        if panels is not None:
            panels.status.show_progress(progress)
            panels.devices.set_syncing(progress is not None)

    def target_ids(self) -> list[str]:
        """What a command would hit: the selected devices, or else the current one."""
        panels = self.window.panels
        return panels.devices.selected_ids() if panels is not None else []

    def _selection_changed(self) -> None:
        panels = self.window.panels
        if panels is not None:
            panels.inspector.show_selection(panels.devices.current_id, panels.devices.selection)
            self.window.actions_.refresh()

    # ---- the rest ----------------------------------------------------------------------------------------------

    def copied(self, what: str) -> None:
        """Says that something is on the clipboard now."""
        short = " ".join(what.split())
        self.say(f"Copied {short}" if len(short) <= 60 else "Copied", "info")

    def open_web_console(self) -> None:
        """Opens the tenant's own web console in the browser."""
        if self.session is not None:
            address = self.session.tenant.url.removesuffix("/api").replace("-api.esper.cloud", ".esper.cloud")
            QDesktopServices.openUrl(QUrl(address))

    async def choose_columns(self) -> None:
        """Lets the user pick and order the table's columns."""
        panels = self.window.panels
        if panels is None:
            return
        dialog = ColumnsDialog(
            [(column.id, column.title) for column in DEVICE_COLUMNS],
            panels.devices.table.visible_columns(),
            [column.id for column in DEVICE_COLUMNS if column.shown],
            parent=self.window,
        )
        if await ask(dialog) == ACCEPTED:
            panels.devices.table.set_visible_columns(list(dialog.visible))

    async def show_shortcuts(self) -> None:
        """The sheet of all shortcuts."""
        await ask(ShortcutsDialog(self.window.actions_.shortcuts(), parent=self.window))

    async def show_about(self) -> None:
        """Version and licences."""
        await ask(AboutDialog(version("esper-fleet-console"), (f"Profile: {self.profile.root}",), self.window))

    async def preferences(self) -> None:
        """Theme, density, sync interval, demo size."""
        dialog = PreferencesDialog(self.settings, parent=self.window)
        if await ask(dialog) == ACCEPTED:
            self.settings = dialog.answer
            theme.apply(self.app, self.settings.theme, self.settings.density)
            self.save_settings()

    def set_theme(self, choice: theme.Choice) -> None:
        """Changes the theme now and for the next start."""
        self.settings.theme = choice
        theme.apply(self.app, choice, self.settings.density)
        self.save_settings()

    def set_density(self, density: theme.Density) -> None:
        """Changes the height of rows now and for the next start."""
        self.settings.density = density
        theme.apply(self.app, self.settings.theme, density)
        self.save_settings()


def run(options: argparse.Namespace) -> int:
    """Opens the window with the options of `ui.main.parser`; the result is the exit code."""
    profile = Profile(options.profile)
    profile.prepare()

    async def main(app: QApplication) -> int:
        handler = loop.log_to(profile.log_dir)
        try:
            try:
                settings, trouble = profile.load(), ""
            except SettingsError as error:
                kept = profile.set_aside()
                settings, trouble = Settings(), f"{text.describe(error)} It is kept as {kept.name}."
            console = Console(app, profile, settings)
            if trouble:
                console.say(trouble, "warning")
            return await console.main(demo=options.demo, tenant=options.tenant or "")
        finally:
            logging.getLogger().removeHandler(handler)
            handler.close()

    return loop.run(main)
