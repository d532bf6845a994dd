"""Getting in and out: signing in to a tenant, keeping its key, forgetting it.

Invariant: a key goes to the system's key store or stays in memory; it is tested before it is kept.
"""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog

from app.errors import CredentialsError, NoSecretStore
from app.records import Enterprise
from app.settings import Tenant
from ui import text
from ui.ask import ask, confirm
from ui.dialogs.sign_in import SignIn, SignInDialog

if TYPE_CHECKING:
    from ui.console import Console

ACCEPTED = QDialog.DialogCode.Accepted.value


class Access:
    """The flows around tenants and keys of one console."""

    def __init__(self, console: "Console") -> None:
        self._console = console

    async def sign_in(self, tenant: Tenant | None = None) -> None:
        """Asks for tenant and key, tests them, keeps the key where that is possible, and opens the tenant."""
        try:
            backend = await asyncio.to_thread(self._console.credentials.probe)
        except CredentialsError:
            backend = ""
        dialog = SignInDialog(
            self.check_key,
            self._console.tasks,
            key_store=backend,
            tenant=tenant.url if tenant else "",
            parent=self._console.window,
        )
        code = await ask(dialog)
        if dialog.demo_wanted:
            await self._console.opening.open_demo()
        elif code == ACCEPTED and dialog.answer is not None:
            await self._signed_in(dialog.answer)

    async def _signed_in(self, answer: SignIn) -> None:
        tenant = answer.tenant
        known = next((t for t in self._console.settings.tenants if t.key == tenant.key), tenant)
        tenant.ca_file = known.ca_file
        self._console.settings.tenants = [t for t in self._console.settings.tenants if t.key != tenant.key] + [tenant]
        if answer.remember:
            try:
                await asyncio.to_thread(self._console.credentials.write, tenant.key, answer.token)
            except CredentialsError as error:
                self._console.say(text.describe(error), "warning")
        else:
            # Not ticked means not kept: an older key of this tenant must not outlive that choice.
            with contextlib.suppress(CredentialsError):
                await asyncio.to_thread(self._console.credentials.forget, tenant.key)
        self._console.save_settings()
        await self._console.opening.open(tenant, answer.token)

    async def check_key(self, tenant: Tenant, token: str) -> Enterprise:
        """Tries the key and finds the enterprise from it. Raises WireError."""
        from app.esper.client import EsperClient

        known = next((t for t in self._console.settings.tenants if t.key == tenant.key), tenant)
        client = await EsperClient.open(tenant.url, token, authorities=known.authorities)
        try:
            info = await client.token_info()
            enterprise = await client.enterprise()
        finally:
            await client.close()
        tenant.enterprise_id, tenant.enterprise_name = info.enterprise_id, enterprise.name
        return enterprise

    async def forget(self) -> None:
        """Removes copy, ledger and key of the open tenant, after asking."""
        session = self._console.session
        if session is None:
            return
        name = session.tenant.enterprise_name or session.tenant.name
        sentence = (
            f"The local copy of {name}, the history of its jobs and its key are removed from this computer. "
            "Nothing changes on the server."
        )
        if not await confirm(self._console.window, f"Forget {name}?", sentence, "Forget tenant", danger=True):
            return
        key = session.tenant.key
        await self._console.opening.leave()
        await asyncio.to_thread(self._console.profile.forget, key)
        try:
            await asyncio.to_thread(self._console.credentials.forget, key)
        except NoSecretStore:
            pass  # Without a key store there is no key in it.
        except CredentialsError as error:
            self._console.say(f"The key of {name} is still on this computer. {text.describe(error)}", "warning")
        self._console.settings.tenants = [t for t in self._console.settings.tenants if t.key != key]
        self._console.settings.views.pop(key, None)
        self._console.settings.last_tenant = ""
        self._console.save_settings()
        self._console.show_known()
