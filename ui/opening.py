"""Opening and closing tenants: the demo fleet, a known tenant, one that was just signed in to.

Invariant: at most one session and one demo process at a time; the last wish wins over an opening that is under way,
and whatever is given up half way is closed.
"""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from app.demo import DemoServer
from app.errors import CredentialsError, FleetError
from app.session import Session, read_token
from app.settings import DEMO_KEY, Tenant
from ui import text

if TYPE_CHECKING:
    from ui.console import Console

log = logging.getLogger(__name__)


class Opening:
    """The flows between the welcome page and an open tenant."""

    def __init__(self, console: "Console") -> None:
        self.demo: DemoServer | None = None
        self._console = console
        self._door = asyncio.Lock()
        self._under_way: asyncio.Task[Any] | None = None
        self._over = False

    async def open_any(self, key: str) -> None:
        """Opens the tenant with that key, the demo fleet included."""
        await (self.open_demo() if key == DEMO_KEY else self.open_known(key))

    async def open_demo(self) -> None:
        """Starts the sandbox and opens it like any tenant. Raises DemoFailed, StoreError, SettingsError."""
        console = self._console
        async with self._changing():
            console.window.welcome.set_busy("Starting the demo fleet…")
            try:
                self.demo = await DemoServer.start(console.settings.demo_devices, console.demo_options)
            finally:
                console.window.welcome.set_busy("")
            console.begin(self._watch(self.demo), "watch the demo")
            await self._open(self.demo.tenant, self.demo.ready.token)

    async def open_known(self, key: str) -> None:
        """Opens a tenant of the settings from its copy, then connects with the saved key."""
        tenant = next((t for t in self._console.settings.tenants if t.key == key), None)
        if tenant is None:
            self._console.say(f"No tenant called {key} is known here. Sign in to it first.", "warning")
            return
        await self.open(tenant, "")

    async def open(self, tenant: Tenant, token: str) -> None:
        """Closes what is open, then opens the session, draws it from the copy, and lets it connect in the background.

        Without a `token` the saved key is used. Raises StoreError, SettingsError.
        """
        async with self._changing():
            await self._open(tenant, token)

    async def leave(self) -> None:
        """Closes the open session, remembering how the window looked; stops the demo."""
        self._give_up()
        async with self._door:
            await self._close()

    async def end(self) -> None:
        """The same for good: nothing is opened any more."""
        self._over = True
        await self.leave()

    def _give_up(self) -> None:
        if self._under_way is not None:
            self._under_way.cancel()

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[None]:
        """Closes what is open, and lets the body open something else."""
        self._give_up()
        async with self._door:
            await self._close()
            if self._over:
                raise asyncio.CancelledError
            self._under_way = asyncio.current_task()
            try:
                yield
            except FleetError:
                await self._close()
                raise
            finally:
                self._under_way = None

    async def _close(self) -> None:
        demo, self.demo = self.demo, None
        gc.unfreeze()
        try:
            await self._console.detach()
        finally:
            if demo is not None:
                await demo.stop()

    async def _open(self, tenant: Tenant, token: str) -> None:
        console = self._console
        session = await Session.open(tenant, console.profile, clock=console.clock)
        console.attach(session)
        # What stands until the tenant is closed is not looked through again and again: the collector's longest pause falls
        # from 45 to 75 ms to 20 to 30 ms. Undone by `_close`, so that a closed tenant is collected.
        gc.freeze()
        missing = "There is no key for this tenant on this computer: you are browsing the local copy."
        try:
            token = token or await read_token(console.credentials, tenant.key) or ""
        except CredentialsError as error:
            missing = f"{text.describe(error)} You are browsing the local copy."
        panels = console.window.panels
        if token:
            session.begin(token, console.settings.sync_minutes)
            if panels is not None:
                panels.devices.expect_sync()
        else:
            if panels is not None:
                panels.status.show_keyless()
            sign_in = ("Sign in…", lambda: console.begin(console.access.sign_in(tenant), "sign in"))
            console.say(missing, "warning", sign_in)
        console.window.actions_.refresh()

    async def _watch(self, demo: DemoServer) -> None:
        """Says so when the sandbox ends and nobody asked it to."""
        said = await demo.ended()
        if said is not None and self.demo is demo:
            log.warning("the demo fleet ended: %s", said)
            self._console.say(
                "The demo fleet stopped unexpectedly. You are browsing its local copy.",
                "error",
                ("Start it again", lambda: self._console.begin(self.open_demo(), "open demo")),
            )
