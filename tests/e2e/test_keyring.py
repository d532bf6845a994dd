"""API keys in a real secret service: gnome-keyring on a session bus that packaging/test.py starts for these tests.

Invariant: the keyring of the person who runs the tests is never touched; without a service of their own the tests fail.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.credentials import Credentials
from tests.house.laws import ROOT

pytestmark = pytest.mark.keyring

TENANT, OTHER = "https://one.example/api", "https://two.example/api"
TOKEN = "kx9-test-only-токен-£"

READ = (
    "from app.credentials import Credentials\n"
    "try:\n    print('read', Credentials().read('https://one.example/api'))\n"
    "except Exception as error:\n    print(type(error).__name__)\n"
)


@pytest.fixture(autouse=True)
def own_secret_service() -> None:
    if os.environ.get("FLEET_TEST_KEYRING") != "1" or not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        pytest.fail(
            "These tests need a secret service of their own: run python3 packaging/test.py, "
            "after apt-get install gnome-keyring dbus where it cannot install them itself."
        )


@pytest.fixture
def credentials() -> Iterator[Credentials]:
    found = Credentials()
    yield found
    for tenant in (TENANT, OTHER):
        found.forget(tenant)


def ask_elsewhere(prefix: list[str], home: Path, **environ: str) -> str:
    """What another process of the same code answers when it reads the key of TENANT."""
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700)
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    done = subprocess.run(
        [*prefix, sys.executable, "-c", READ],
        cwd=ROOT,
        env={**kept, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


def test_the_secret_service_is_the_back_end() -> None:
    assert Credentials().probe() == "SecretService"


def test_a_key_that_was_written_is_read_by_a_later_start(credentials: Credentials, tmp_path: Path) -> None:
    credentials.write(TENANT, TOKEN)
    assert Credentials().read(TENANT) == TOKEN
    bus = {"DBUS_SESSION_BUS_ADDRESS": os.environ["DBUS_SESSION_BUS_ADDRESS"], "PYTHONIOENCODING": "utf-8"}
    assert ask_elsewhere([], tmp_path, **bus) == f"read {TOKEN}"


def test_a_tenant_without_a_key_reads_as_none(credentials: Credentials) -> None:
    assert credentials.read(TENANT) is None


def test_the_last_key_written_replaces_the_one_before(credentials: Credentials) -> None:
    credentials.write(TENANT, "first")
    credentials.write(TENANT, TOKEN)
    assert credentials.read(TENANT) == TOKEN


def test_each_tenant_has_its_own_key(credentials: Credentials) -> None:
    credentials.write(TENANT, TOKEN)
    credentials.write(OTHER, "other")
    credentials.forget(TENANT)
    assert credentials.read(TENANT) is None
    assert credentials.read(OTHER) == "other"


def test_forgetting_a_key_that_is_not_there_is_no_error(credentials: Credentials) -> None:
    credentials.forget(TENANT)
    credentials.forget(TENANT)


def test_a_keyring_that_nobody_unlocked_is_told_from_an_absent_one(tmp_path: Path) -> None:
    assert ask_elsewhere(["dbus-run-session", "--"], tmp_path) == "SecretStoreLocked"


def test_without_a_session_bus_there_is_no_secret_store(tmp_path: Path) -> None:
    assert ask_elsewhere([], tmp_path) == "NoSecretStore"


def test_no_file_of_the_keyring_holds_the_key_in_the_clear(credentials: Credentials) -> None:
    credentials.write(TENANT, TOKEN)
    stored = [path for path in Path(os.environ["HOME"]).rglob("*.keyring") if path.is_file()]
    assert stored
    assert all(TOKEN.encode() not in path.read_bytes() for path in stored)
