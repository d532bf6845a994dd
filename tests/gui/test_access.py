"""Getting in: which keys and addresses are refused and where it is said, and where a key is kept and where never."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from app.settings import Profile, tenant_from
from tests.gui.conftest import Play
from tests.gui.stage import Stage
from tests.sandbox import Sandbox
from ui.dialogs.sign_in import NO_ANSWER, REFUSED_KEY, SESSION_ONLY, SignInDialog
from ui.guide import type_into, until

SERVICE = "esper-fleet-console"


class Memory(KeyringBackend):
    """A key store that lives as long as the test. `locked` makes it say no."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def _opened(self) -> dict[tuple[str, str], str]:
        if self.locked:
            raise KeyringError("locked")
        return self.kept

    def get_password(self, service: str, username: str) -> str | None:
        return self._opened().get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._opened()[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self._opened().pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


async def opened(stage: Stage) -> SignInDialog:
    stage.console.window.welcome.sign_in.click()
    return await stage.dialog(SignInDialog)


async def signed_in(stage: Stage, sandbox: Sandbox, *, remember: bool | None = None) -> None:
    """Signs in like a person: address, key, check, open."""
    dialog = await opened(stage)
    type_into(dialog.tenant.edit, sandbox.url)
    type_into(dialog.key.edit, sandbox.token)
    if remember is not None:
        dialog.remember.setChecked(remember)
    dialog.go.click()
    await until(dialog.found.isVisible, "the key was not accepted")
    dialog.go.click()
    await until(lambda: stage.console.session is not None, "the tenant did not open")
    await stage.synced()


def files_with(root: Path, secret: str) -> list[str]:
    return [str(file) for file in root.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]


@pytest.mark.parametrize(
    ("address", "key", "field", "sentence"),
    [
        ("{url}", "not-the-key-of-this-fleet", "key", REFUSED_KEY),
        ("https://127.0.0.1:9/api", "some-key", "tenant", NO_ANSWER.format(host="127.0.0.1:9")),
        ("no-such-host.invalid/api", "some-key", "tenant", NO_ANSWER.format(host="no-such-host.invalid")),
        ("http://fleet.example/api", "some-key", "tenant", "Only https is safe for a key."),
        ("https://user:word@fleet.example/api", "some-key", "tenant", "Leave out user names"),
        ("a b c", "some-key", "tenant", "A tenant name has letters"),
        ("", "some-key", "tenant", "Type the tenant's name"),
        ("{url}", "", "key", "Paste the API key."),
        ("{url}", "two words", "key", "A key has no spaces in it."),
    ],
    ids=["refused key", "no server", "unknown host", "http elsewhere", "password in it", "no name", "empty", "no key", "spaces"],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_opened_or_kept(
    play: Play, sandbox: Sandbox, profile: Profile, address: str, key: str, field: str, sentence: str
) -> None:
    keys = Memory()

    async def scenario(stage: Stage) -> None:
        dialog = await opened(stage)
        type_into(dialog.tenant.edit, address.format(url=sandbox.url))
        type_into(dialog.key.edit, key)
        dialog.go.click()
        wrong, fine = (dialog.tenant, dialog.key) if field == "tenant" else (dialog.key, dialog.tenant)
        await until(lambda: bool(wrong.error), "nothing was said")
        assert wrong.error.startswith(sentence)
        assert not fine.error
        assert dialog.isVisible()
        assert dialog.go.isEnabled()
        dialog.reject()
        await stage.no_dialog()
        assert stage.console.session is None

    play(scenario, keys=keys)
    assert keys.kept == {}
    assert profile.load().tenants == []


def test_a_key_that_is_kept_signs_in_again_at_the_next_start_without_a_question(
    play: Play, sandbox: Sandbox, profile: Profile
) -> None:
    keys = Memory()

    async def first(stage: Stage) -> None:
        await signed_in(stage, sandbox)

    async def second(stage: Stage) -> None:
        await until(lambda: stage.console.session is not None and stage.session.online, "it did not sign in by itself")
        await stage.synced()
        assert stage.said == []

    play(first, keys=keys)
    key = tenant_from(sandbox.url).key
    assert keys.kept == {(SERVICE, key): sandbox.token}
    assert [t.enterprise_id for t in profile.load().tenants] == [sandbox.enterprise_id]
    play(second, keys=keys)


def test_a_key_that_is_not_to_be_kept_is_not(play: Play, sandbox: Sandbox) -> None:
    keys = Memory()

    async def scenario(stage: Stage) -> None:
        await signed_in(stage, sandbox, remember=False)

    play(scenario, keys=keys)
    assert keys.kept == {}


def test_without_a_key_store_the_dialog_says_session_only_and_the_next_start_asks_again(
    play: Play, sandbox: Sandbox
) -> None:
    async def first(stage: Stage) -> None:
        dialog = await opened(stage)
        assert dialog.session_only.text() == SESSION_ONLY
        assert dialog.session_only.isVisible()
        assert not dialog.remember.isVisible()
        dialog.reject()
        await stage.no_dialog()
        await signed_in(stage, sandbox)
        assert stage.session.online

    async def second(stage: Stage) -> None:
        await stage.hears("no key for this tenant")
        assert not stage.session.online
        assert stage.panels.devices.shown == 150

    play(first)
    play(second)


def test_a_locked_key_store_is_said_and_the_session_goes_on(play: Play, sandbox: Sandbox) -> None:
    keys = Memory()

    async def scenario(stage: Stage) -> None:
        keys.locked = True
        await signed_in(stage, sandbox)
        assert stage.session.online
        assert len(stage.said) == 1
        assert "key" in stage.said[0].lower()

    play(scenario, keys=keys)
    assert keys.kept == {}


def test_no_file_of_the_profile_holds_the_key_after_a_whole_session(
    play: Play, sandbox: Sandbox, profile: Profile
) -> None:
    async def scenario(stage: Stage) -> None:
        await signed_in(stage, sandbox)
        stage.console.window.actions_.trigger("command.UPDATE_HEARTBEAT")
        assert files_with(profile.root, sandbox.token) == []

    play(scenario, keys=Memory())
    assert (profile.root / "settings.json").exists()
    assert files_with(profile.root, sandbox.token) == []


def answer_with(word: str) -> Callable[[QDialog], None]:
    def press(dialog: QDialog) -> None:
        next(b for b in dialog.findChildren(QPushButton) if b.text() == word).click()

    return press


@pytest.mark.parametrize("answer", ["Cancel", "Forget tenant"])
def test_forgetting_a_tenant_asks_and_then_removes_copy_jobs_layout_and_key(
    play: Play, sandbox: Sandbox, profile: Profile, answer: str
) -> None:
    keys = Memory()
    key = tenant_from(sandbox.url).key

    async def scenario(stage: Stage) -> None:
        await signed_in(stage, sandbox)
        console = stage.console
        console.window.actions_.trigger("tenant.forget")
        await until(lambda: QApplication.activeModalWidget() is not None, "nothing was asked")
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        answer_with(answer)(dialog)
        await stage.no_dialog()
        if answer == "Cancel":
            assert console.session is not None
        else:
            await until(lambda: console.session is None and console.settings.tenants == [], "it was not forgotten")
            await until(lambda: not keys.kept, "the key is still there")

    play(scenario, keys=keys)
    gone = answer != "Cancel"
    assert (profile.root / "tenants" / key).exists() is not gone
    assert bool(keys.kept) is not gone
    assert (key in profile.load().views) is not gone


def test_the_dialog_leads_to_the_demo_as_well(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        dialog = await opened(stage)
        dialog.demo.click()
        await until(lambda: stage.console.session is not None, "the demo did not open")
        assert stage.session.tenant.name == "Demo fleet"

    play(scenario)


def test_escape_stops_a_check_that_hangs_and_leaves_the_dialog(play: Play) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:

        async def scenario(stage: Stage) -> None:
            dialog = await opened(stage)
            type_into(dialog.tenant.edit, f"http://127.0.0.1:{silent.getsockname()[1]}/api")
            type_into(dialog.key.edit, "some-key")
            dialog.go.click()
            await until(dialog.busy.isVisible, "no check runs")
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
            assert dialog.isVisible()
            assert not dialog.busy.isVisible()
            dialog.reject()
            await stage.no_dialog()

        play(scenario)
