"""Sign-in: a tenant and a key, tested at once; the company that the key belongs to is shown before anything is kept.

Invariant: the key is registered as a secret before it is used, and every failure is said beside the field it is about.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.errors import Forbidden, InputError, NotAuthorised, NotFound, UnexpectedAnswer, Unreachable
from app.records import Enterprise
from app.redact import guard
from app.settings import Tenant, tenant_from
from app.tasks import Tasks
from ui import text, theme
from ui.dialogs.frame import Banner, DialogFrame, plain_label, set_order
from ui.dialogs.inputs import add_reveal
from ui.dialogs.line_field import LineField

Check = Callable[[Tenant, str], Awaitable[Enterprise]]

_STORES = {
    "SecretService": "the desktop keyring",
    "libsecret": "the desktop keyring",
    "kwallet": "KWallet",
    "macOS": "the macOS keychain",
    "Windows": "the Windows credential store",
}
SESSION_ONLY = "This computer offers no key store: the key is kept for this session only."
REFUSED_KEY = "The server refused this key. Check that it was copied whole and has not expired."
FORBIDDEN_KEY = "The key is valid, but it may not read this tenant. Ask for a key with read rights."
NO_ANSWER = "No connection to {host}. Check the spelling, and that this computer is online."
NO_TENANT = "{host} answers, but knows no such tenant. Check the spelling."
NOT_ESPER = "{host} answers, but not like an Esper server. Check the address."


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where to connect, with which key, and whether to keep it in the key store."""

    tenant: Tenant
    token: str = field(repr=False)
    remember: bool


class SignInDialog(DialogFrame):
    """When accepted, `answer` is the sign-in, or `demo_wanted` is true.

    `check` signs in for real and gives the company; what it raises of `app.errors` is said beside a field.
    `key_store` is the back end from `Credentials.probe`, empty where there is none.
    """

    def __init__(
        self,
        check: Check,
        tasks: Tasks,
        *,
        key_store: str = "",
        tenant: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, "Sign in", subtitle="Connect the console to your Esper tenant.")
        self.answer: SignIn | None = None
        self.demo_wanted = False
        self._check, self._tasks, self._key_store = check, tasks, key_store
        self._running: asyncio.Task[Any] | None = None
        self._found: tuple[Tenant, str] | None = None
        self.setFixedWidth(theme.space(120))
        self.tenant = LineField(
            "Tenant", "The tenant's name, or its full address.", "acme or https://acme-api.esper.cloud/api"
        )
        self.key = LineField("API key", "From the Esper console: Company settings, API keys.", "")
        add_reveal(self.key.edit)
        self.tenant.edit.setText(tenant)
        self.general = Banner("circle-alert", "warning")
        self.found = Banner("circle-check", "success")
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setAccessibleName("Checking the key")
        self.busy.hide()
        self.remember = QCheckBox(f"Keep the key in {store_name(key_store)}")
        self.remember.setAccessibleName(self.remember.text())
        self.remember.setChecked(bool(key_store))
        self.remember.setVisible(bool(key_store))
        self.session_only = plain_label(SESSION_ONLY, "muted", wrap=True)
        self.session_only.setVisible(not key_store)
        self.demo = QPushButton("Try the demo fleet instead")
        self.demo.setProperty("role", "link")
        for widget in (self.tenant, self.key, self.remember, self.session_only):
            self.body.addWidget(widget)
        # One place of constant height for what happens, so that the dialog never changes its size.
        outcome = QWidget()
        outcome.setFixedHeight(theme.space(14))
        inner = QVBoxLayout(outcome)
        inner.setContentsMargins(0, 0, 0, 0)
        for shown in (self.general, self.found, self.busy):
            inner.addWidget(shown, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addWidget(outcome)
        self.body.addStretch(1)
        self.foot.insertWidget(0, self.demo)
        self.demo.setAutoDefault(False)
        self.demo.setAccessibleName(self.demo.text())
        self.cancel = self.add_button(QPushButton("Cancel"))
        self.go = QPushButton("Check and sign in")
        self.go.setProperty("role", "primary")
        self.add_button(self.go, default=True)
        self.cancel.clicked.connect(self.reject)
        self.go.clicked.connect(self._go)
        self.demo.clicked.connect(self._demo)
        for one in (self.tenant, self.key):
            one.edit.textEdited.connect(self._edited)
        self.finished.connect(lambda _: self._stop())
        set_order([self.tenant.edit, self.key.edit, self.remember, self.go, self.cancel, self.demo])
        (self.key if tenant else self.tenant).setFocus()

    def reject(self) -> None:
        """While a check runs, Cancel and Escape stop the check; otherwise they close the dialog."""
        if self._running is not None:
            self._stop()
            return
        super().reject()

    def _submits(self) -> bool:
        return True

    def _edited(self) -> None:
        for one in (self.tenant, self.key):
            one.say("")
        self.general.say("")
        self.found.say("")
        self._found = None
        self.go.setText("Check and sign in")
        self.go.setAccessibleName("Check and sign in")
        self.demo.show()

    def _go(self) -> None:
        if self._running is not None:
            return
        if self._found is not None:
            tenant, token = self._found
            self.answer = SignIn(tenant, token, self.remember.isChecked() and bool(self._key_store))
            self.accept()
            return
        self._edited()
        token = self.key.edit.text().strip()
        problem = "Paste the API key." if not token else "A key has no spaces in it." if len(token.split()) > 1 else ""
        self.key.say(problem)
        try:
            tenant = tenant_from(self.tenant.edit.text())
        except InputError as error:
            self.tenant.say(text.describe(error))
            self.tenant.edit.setFocus()
            return
        if problem:
            self.key.edit.setFocus()
            return
        guard(token)
        self._set_busy(f"Checking {tenant.name}…")
        self._running = self._tasks.start(self._try(tenant, token), "sign in")

    async def _try(self, tenant: Tenant, token: str) -> None:
        me = self._running
        try:
            enterprise = await self._check(tenant, token)
        except Exception as error:
            if self._running is me:
                self._set_idle()
                self._say(error, tenant)
            return
        if self._running is me:
            self._set_idle()
            self._show_found(tenant, token, enterprise)

    def _show_found(self, tenant: Tenant, token: str, enterprise: Enterprise) -> None:
        company = enterprise.name or enterprise.id
        self._found = (
            msgspec.structs.replace(tenant, enterprise_id=enterprise.id, enterprise_name=enterprise.name),
            token,
        )
        self.found.say(f"The key belongs to {company}.")
        self.go.setText(f"Open {company}" if len(company) <= 28 else "Open this tenant")
        self.demo.hide()
        self.go.setAccessibleName(f"Open {company}")
        self.go.setFocus()

    def _say(self, error: Exception, tenant: Tenant) -> None:
        host = tenant.url.split("://")[-1].removesuffix("/api")
        about_tenant = {Unreachable: NO_ANSWER, NotFound: NO_TENANT, UnexpectedAnswer: NOT_ESPER}
        about_key = {NotAuthorised: REFUSED_KEY, Forbidden: FORBIDDEN_KEY}
        for kind, sentence in about_tenant.items():
            if isinstance(error, kind):
                self.tenant.say(sentence.format(host=host))
                self.tenant.edit.setFocus()
                return
        for kind, sentence in about_key.items():
            if isinstance(error, kind):
                self.key.say(sentence)
                self.key.edit.setFocus()
                self.key.edit.selectAll()
                return
        self.general.say(text.describe(error))
        self.go.setFocus()

    def _set_busy(self, words: str) -> None:
        self.busy.show()
        self.reason.setText(words)
        for widget in (self.tenant, self.key, self.remember, self.demo, self.go):
            widget.setEnabled(False)
        self.demo.hide()
        self.cancel.setText("Stop")
        self.cancel.setFocus()

    def _set_idle(self) -> None:
        self._running = None
        self.busy.hide()
        self.reason.setText("")
        for widget in (self.tenant, self.key, self.remember, self.demo, self.go):
            widget.setEnabled(True)
        self.demo.show()
        self.cancel.setText("Cancel")

    def _stop(self) -> None:
        running = self._running
        if running is not None:
            self._set_idle()
            running.cancel()
            self.key.edit.setFocus()

    def _demo(self) -> None:
        self.demo_wanted = True
        self.accept()


def store_name(back_end: str) -> str:
    """What people call the key store behind a keyring back end."""
    return _STORES.get(back_end, f"the key store ({back_end})" if back_end else "the key store")
