"""The sandbox as a process: its one line, its options, its ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.sandbox.orders import Draft
from app.sandbox.server import main, running
from app.sandbox.world import World

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def process(*options: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "app.sandbox", "--devices", "20", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | variables, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as made:
        try:
            yield made
        finally:
            made.kill()


@pytest.mark.skipif(os.name != "posix", reason="signals are sent to another process")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_prints_one_line_serves_and_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    with process("--quiet", FLEET_SANDBOX_TOKEN="from-the-environment") as made:
        assert made.stdout is not None
        facts = json.loads(made.stdout.readline())
        assert set(facts) == {"url", "token", "enterprise_id", "port"}
        assert facts["url"] == f"http://127.0.0.1:{facts['port']}/api"
        assert facts["token"] == "from-the-environment"
        answer = httpx.get(f"{facts['url']}/v2/devices/", headers={"Authorization": f"Bearer {facts['token']}"})
        assert answer.json()["content"]["count"] == 20
        made.send_signal(number)
        rest, errors = made.communicate(timeout=15)
        assert (rest, errors, made.returncode) == ("", "", 0)


def test_the_process_ends_with_its_parent_when_asked_to() -> None:
    with process("--exit-with-parent") as made:
        assert made.stdout is not None
        assert made.stdin is not None
        json.loads(made.stdout.readline())
        made.stdin.close()
        assert made.wait(timeout=15) == 0


@pytest.mark.parametrize(
    "options",
    [
        ["--devices", "0"],
        ["--devices", "1000001"],
        ["--devices", "many"],
        ["--port", "70000"],
        ["--error-rate", "1.5"],
        ["--latency", "-1"],
        ["--speed", "nan"],
        ["--rate-limit", "fast"],
        ["--colour", "red"],
    ],
)
def test_bad_options_are_one_line_and_exit_code_2(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(options) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("sandbox: ")
    assert printed.err.count("\n") == 1
    assert options[0] in printed.err


def test_help_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "--exit-with-parent" in capsys.readouterr().out


def test_a_port_in_use_is_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    with running(World(1)) as facts:
        assert main(["--devices", "1", "--port", str(facts.port)]) == 1
    assert f"port {facts.port} can't be used" in capsys.readouterr().err


def test_the_next_process_has_the_same_devices_and_knows_nothing_of_older_requests() -> None:
    first, second = (World(5, run=run) for run in (1, 2))
    assert first.fleet.device_id(3) == second.fleet.device_id(3)
    draft = Draft("REBOOT", "DEVICE", (3,), None, {}, "IMMEDIATE", None, None, None)
    old, new = first.accept(draft), second.accept(draft)
    assert old.id != new.id
    assert second.orders.find(old.id) is None
    assert second.orders.find(new.id) is new


def test_each_start_makes_another_key_and_does_not_show_it() -> None:
    with running(World(1)) as first, running(World(1)) as second:
        assert first.token != second.token
        assert first.token not in repr(first)
        assert len(first.token) >= 24
