"""The real console on a real event loop, on a profile of its own; the server is a real sandbox in its own process.

Invariant: the console ends by its own `quit` after every scenario, and no key store but the test's own is touched.
"""

import asyncio
import gc
import itertools
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.settings import Profile
from tests.gui.stage import Stage
from tests.sandbox import Sandbox, running
from ui import loop, theme
from ui.console import Console

# The automatic collector runs on whichever thread allocates, the database's too; Qt objects must die on this one.
gc.disable()
_THOROUGH = 40
_tests_run = itertools.count(1)


@pytest.fixture(autouse=True)
def garbage_dies_on_this_thread() -> Iterator[None]:
    """Collects after every test what it left, and everything now and then."""
    yield
    gc.collect(2 if next(_tests_run) % _THOROUGH == 0 else 1)


FAST = ("--speed", "60", "--seed", "7")
Scenario = Callable[[Stage], Awaitable[None]]
Play = Callable[..., None]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A server with 150 devices that all tests of a worker share: each finds its own devices and jobs on it."""
    with running(150, *FAST) as server:
        yield server


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = Profile(tmp_path / "profile")
    made.prepare()
    return made


@pytest.fixture
def play(qapp: QApplication, profile: Profile) -> Iterator[Play]:
    """Plays a scenario in a console from its start to its end; every call is one start of the program.

    `keys` is the key store of the computer; without one there is none. `demo` and `tenant` are the options of the start.
    """
    before = keyring.get_keyring()

    def start(scenario: Scenario, *, keys: KeyringBackend | None = None, demo: bool = False, tenant: str = "") -> None:
        keyring.set_keyring(keys or fail.Keyring())  # type: ignore[no-untyped-call]
        trouble: list[BaseException] = []

        async def act(stage: Stage) -> None:
            try:
                await scenario(stage)
            except BaseException as error:
                trouble.append(error)
            finally:
                await stage.console.quit()

        async def main(app: QApplication) -> int:
            settings = profile.load()
            settings.demo_devices = 60
            console = Console(app, profile, settings, demo_options=FAST)
            acting = asyncio.ensure_future(act(Stage(console)))
            code = await console.main(demo=demo, tenant=tenant)
            await acting
            console.window.deleteLater()
            return code

        code = loop.run(main)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        if trouble:
            raise trouble[0]
        assert code == 0

    yield start
    keyring.set_keyring(before)
    if theme.mode() != "light" or theme.density() != "comfortable":
        theme.apply(qapp, "light")
