"""The window and its flows put together: what the panels ask for, settings, the end.

Invariant: every flow is a task of `tasks`, so a failure ends in a notice; nothing here waits for the network to draw.
"""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from importlib.metadata import version
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QPoint, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog

from app.credentials import Credentials
from app.errors import FleetError, NotAuthorised, SettingsError
from app.records import Change
from app.session import Session
from app.settings import Profile, Settings
from app.sync.sweep import Progress
from app.tasks import Failure, Tasks
from app.terminal import EXIT_STORE
from ui import loop, menu, text, theme
from ui.access import Access
from ui.ask import ask
from ui.dialogs.about import AboutDialog
from ui.dialogs.columns import ColumnsDialog
from ui.dialogs.preferences import PreferencesDialog
from ui.dialogs.shortcuts import ShortcutsDialog
from ui.models.columns import DEVICE_COLUMNS
from ui.opening import Opening
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
        self.closed = asyncio.Event()
        self.demo_options = tuple(demo_options)
        self._disconnects: list[Callable[[], None]] = []
        self._refused = False
        self._quitting = False
        self.opening = Opening(self)
        self.sending = Sending(self)
        self.access = Access(self)
        theme.apply(app, settings.theme, settings.density)
        self.window = MainWindow(PRODUCT)
        self.window.actions_.add(menu.records(self))
        self.window.actions_.menu("Tenant").aboutToShow.connect(lambda: menu.switcher(self))
        self.window.close_wanted.connect(lambda: self.begin(self.quit(), "quit"))
        welcome = self.window.welcome
        welcome.demo_wanted.connect(lambda: self.begin(self.opening.open_demo(), "open demo"))
        welcome.sign_in_wanted.connect(lambda: self.begin(self.access.sign_in(), "sign in"))
        welcome.tenant_wanted.connect(lambda key: self.begin(self.opening.open_known(key), "open tenant"))
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
            self.begin(self.opening.open_demo(), "open demo")
        elif key := tenant or self.settings.last_tenant:
            self.begin(self.opening.open_any(key), "open tenant")
        try:
            await self.closed.wait()
        finally:
            # A signal cancels this task: what is open is closed all the same.
            await self.quit()
            await self.tasks.close()
        return 0

    def begin(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        """Starts a flow in the background. Once the end has begun it is dropped."""
        if self._quitting:
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
        if self._quitting:
            await self.closed.wait()
            return
        self._quitting = True
        try:
            await self.opening.end()
        finally:
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

    async def detach(self) -> None:
        """Takes the open session off the window, remembering how that looked, and closes it."""
        if self.session is not None:
            self.settings.views[self.session.tenant.key] = self.window.layout_state()
            self.settings.views[""] = self.window.place()
            self.save_settings()
            session, self.session = self.session, None
            for disconnect in self._disconnects:
                disconnect()
            self._disconnects.clear()
            self.window.detach()
            self.show_known()
            self.window.actions_.refresh()
            await session.close()

    def attach(self, session: Session) -> None:
        """Shows a session in the window and connects its panels with the flows."""
        self.session = session
        tenant = session.tenant
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

    def has_target(self) -> bool:
        """Whether a command would hit anything: asked after every change, so it must not collect the ids."""
        panels = self.window.panels
        return panels is not None and bool(panels.devices.selection.count or panels.devices.current_id)

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
            now = self.settings
            self.settings = replace(
                dialog.answer, tenants=now.tenants, last_tenant=now.last_tenant, views=now.views
            )  # What went on behind the dialog counts.
            theme.apply(self.app, self.settings.theme, self.settings.density)
            self.save_settings()
            if self.session is not None:
                self.session.refresh_every(self.settings.sync_minutes)

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
    try:
        profile.prepare()
        try:
            settings, trouble = profile.load(), ""
        except SettingsError as error:
            kept = profile.set_aside()
            settings, trouble = Settings(), f"{text.describe(error)} It is kept as {kept.name}."
    except SettingsError as error:
        sys.stderr.write(f"fleet-console: {error} [{error.code}]\n")
        return EXIT_STORE

    async def main(app: QApplication) -> int:
        no_log = ""
        try:
            handler = loop.log_to(profile.log_dir)
        except OSError as error:
            handler, no_log = logging.NullHandler(), f"No log is written: {error.strerror}."
        try:
            console = Console(app, profile, settings)
            for sentence in filter(None, (trouble, no_log)):
                console.say(sentence, "warning")
            return await console.main(demo=options.demo, tenant=options.tenant or "")
        finally:
            logging.getLogger().removeHandler(handler)
            handler.close()

    return loop.run(main)
