"""Sign-in: tested for real, each failure beside its field, the key never shown or kept unasked."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from app import errors
from app.records import Enterprise
from app.redact import HIDDEN, redact
from app.settings import Tenant
from app.tasks import Tasks
from tests.gui.dialogs.samples import COMPANY
from ui import loop
from ui.dialogs.sign_in import SESSION_ONLY, SignIn, SignInDialog, store_name

TOKEN = "tok-0123456789abcdef"


class Server:
    """Answers a sign-in with a company, an error, or not before `release`."""

    def __init__(self, answer: Enterprise | Exception = COMPANY, *, held: bool = False) -> None:
        self.answer, self.asked = answer, list[tuple[Tenant, str]]()
        self.gate = asyncio.Event()
        self.cancelled = False
        if not held:
            self.gate.set()

    async def check(self, tenant: Tenant, token: str) -> Enterprise:
        self.asked.append((tenant, token))
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def journey(work: Callable[[Tasks], Coroutine[Any, Any, None]]) -> None:
    """Runs `work` on the program's loop with a task group that is closed at the end."""

    async def main(app: QApplication) -> None:
        tasks = Tasks("sign in")
        try:
            await work(tasks)
        finally:
            await tasks.close()

    loop.run(main)


def fill(dialog: SignInDialog, tenant: str = "acme", token: str = TOKEN) -> None:
    dialog.tenant.edit.setText(tenant)
    dialog.key.edit.setText(token)
    dialog.show()


async def settle(tasks: Tasks) -> None:
    for _ in range(500):
        if not len(tasks):
            return
        await asyncio.sleep(0.01)


def test_the_company_is_shown_before_anything_is_kept(qapp: QApplication) -> None:
    async def work(tasks: Tasks) -> None:
        server = Server()
        dialog = SignInDialog(server.check, tasks, key_store="SecretService")
        fill(dialog)
        dialog.go.click()
        assert dialog.busy.isVisible()
        await settle(tasks)
        assert dialog.found.text == "The key belongs to Acme Retail Holdings."
        assert dialog.answer is None
        assert dialog.go.text() == "Open Acme Retail Holdings"
        dialog.go.click()
        assert dialog.answer is not None
        assert dialog.answer.tenant.enterprise_id == "enterprise-1"
        assert dialog.answer.tenant.url == "https://acme-api.esper.cloud/api"
        assert dialog.answer.token == TOKEN
        assert dialog.answer.remember is True
        assert dialog.result() == 1

    journey(work)


@pytest.mark.parametrize(
    ("error", "field", "words"),
    [
        (errors.NotAuthorised(401), "key", "refused this key"),
        (errors.Forbidden(403), "key", "may not read this tenant"),
        (errors.Unreachable("dns"), "tenant", "No connection to acme-api.esper.cloud"),
        (errors.NotFound(404), "tenant", "knows no such tenant"),
        (errors.UnexpectedAnswer("html"), "tenant", "not like an Esper server"),
        (errors.TooFast(429, retry_after=30), "general", "fewer requests"),
        (errors.ServerFault(502), "general", "problem of its own"),
        (errors.OutcomeUnknown("lost"), "general", "answer was lost"),
        (ValueError("odd"), "general", "unexpected"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_each_failure_is_said_beside_what_it_is_about(
    qapp: QApplication, error: Exception, field: str, words: str
) -> None:
    async def work(tasks: Tasks) -> None:
        dialog = SignInDialog(Server(error).check, tasks)
        fill(dialog)
        dialog.go.click()
        await settle(tasks)
        said = {"tenant": dialog.tenant.error, "key": dialog.key.error, "general": dialog.general.text}
        assert words in said.pop(field)
        assert not any(said.values())
        assert dialog.go.isEnabled()
        assert not dialog.busy.isVisible()
        dialog.reject()

    journey(work)


@pytest.mark.parametrize(
    ("tenant", "token", "field"),
    [
        ("", TOKEN, "tenant"),
        ("a b", TOKEN, "tenant"),
        ("http://acme.example.com", TOKEN, "tenant"),
        ("acme", "", "key"),
        ("acme", "two words", "key"),
    ],
)
def test_a_field_that_can_not_be_right_is_said_without_asking_the_server(
    qapp: QApplication, tenant: str, token: str, field: str
) -> None:
    async def work(tasks: Tasks) -> None:
        server = Server()
        dialog = SignInDialog(server.check, tasks)
        fill(dialog, tenant, token)
        dialog.go.click()
        assert not server.asked
        assert bool(dialog.tenant.error) == (field == "tenant")
        assert bool(dialog.key.error) == (field == "key")
        dialog.reject()

    journey(work)


def test_typing_takes_the_error_away_and_forgets_what_was_found(qapp: QApplication) -> None:
    async def work(tasks: Tasks) -> None:
        dialog = SignInDialog(Server().check, tasks)
        fill(dialog)
        dialog.go.click()
        await settle(tasks)
        QTest.keyClicks(dialog.key.edit, "x")
        assert dialog.found.text == ""
        assert dialog.go.text() == "Check and sign in"
        dialog.reject()
        assert dialog.answer is None

    journey(work)


def test_escape_stops_a_check_and_only_the_next_one_closes(qapp: QApplication) -> None:
    async def work(tasks: Tasks) -> None:
        server = Server(held=True)
        dialog = SignInDialog(server.check, tasks)
        fill(dialog)
        dialog.go.click()
        await asyncio.sleep(0.02)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        await settle(tasks)
        assert server.cancelled
        assert dialog.isVisible()
        assert dialog.go.isEnabled()
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()

    journey(work)


def test_enter_in_the_key_field_checks(qapp: QApplication) -> None:
    async def work(tasks: Tasks) -> None:
        server = Server()
        dialog = SignInDialog(server.check, tasks)
        fill(dialog)
        dialog.key.edit.setFocus()
        QTest.keyClick(dialog.key.edit, Qt.Key.Key_Return)
        await settle(tasks)
        assert len(server.asked) == 1
        dialog.reject()

    journey(work)


def test_without_a_key_store_it_is_said_and_nothing_is_remembered(qapp: QApplication) -> None:
    async def work(tasks: Tasks) -> None:
        dialog = SignInDialog(Server().check, tasks)
        fill(dialog)
        assert not dialog.remember.isVisible()
        assert dialog.session_only.text() == SESSION_ONLY
        dialog.go.click()
        await settle(tasks)
        dialog.go.click()
        assert dialog.answer is not None
        assert dialog.answer.remember is False

    journey(work)


def test_the_key_store_is_named_as_people_know_it() -> None:
    assert store_name("SecretService") == "the desktop keyring"
    assert store_name("Windows") == "the Windows credential store"
    assert store_name("other") == "the key store (other)"


def test_the_key_is_hidden_on_the_screen_in_texts_and_in_reprs(qapp: QApplication) -> None:
    async def work(tasks: Tasks) -> None:
        dialog = SignInDialog(Server().check, tasks)
        assert dialog.key.edit.echoMode() is QLineEdit.EchoMode.Password
        fill(dialog)
        dialog.go.click()
        assert redact(f"with {TOKEN}") == f"with {HIDDEN}"
        await settle(tasks)
        dialog.go.click()
        assert isinstance(dialog.answer, SignIn)
        assert TOKEN not in repr(dialog.answer)

    journey(work)


def test_the_demo_is_one_click_away(qapp: QApplication) -> None:
    async def work(tasks: Tasks) -> None:
        dialog = SignInDialog(Server().check, tasks)
        dialog.show()
        dialog.demo.click()
        assert dialog.demo_wanted
        assert dialog.answer is None
        assert dialog.result() == 1

    journey(work)


def test_the_window_keeps_its_size_whatever_happens(qapp: QApplication) -> None:
    async def work(tasks: Tasks) -> None:
        dialog = SignInDialog(Server(errors.ServerFault(502)).check, tasks, key_store="SecretService")
        fill(dialog)
        await asyncio.sleep(0.02)
        sizes = {dialog.size().toTuple()}
        dialog.go.click()
        await asyncio.sleep(0)
        sizes.add(dialog.size().toTuple())
        await settle(tasks)
        await asyncio.sleep(0.02)
        sizes.add(dialog.size().toTuple())
        assert len(sizes) == 1
        dialog.reject()

    journey(work)
