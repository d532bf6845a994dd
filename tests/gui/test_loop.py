"""The runner: exit codes, signals, and the one funnel for what nobody caught."""

import asyncio
import gc
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtWidgets import QApplication, QWidget

from app.redact import guard
from ui import loop

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def said() -> Iterator[list[str]]:
    heard: list[str] = []
    disconnect = loop.TROUBLE.connect(heard.append)
    yield heard
    disconnect()


async def until(condition: list[str]) -> None:
    """Waits, for at most five seconds, until something was said."""
    for _ in range(500):
        if condition:
            return
        await asyncio.sleep(0.01)


def test_the_exit_code_is_what_main_returns(qapp: QApplication) -> None:
    async def main(app: QApplication) -> int:
        await asyncio.sleep(0)
        return 3

    assert loop.run(main) == 3


def test_no_exit_code_means_zero(qapp: QApplication) -> None:
    async def main(app: QApplication) -> None:
        return None

    assert loop.run(main) == 0


def test_the_window_gets_its_turn_sooner_while_the_loop_runs_and_only_then(qapp: QApplication) -> None:
    before = sys.getswitchinterval()
    seen: list[float] = []

    async def main(app: QApplication) -> None:
        seen.append(sys.getswitchinterval())

    loop.run(main)
    assert seen == [pytest.approx(loop.SWITCH_SECONDS)]
    assert sys.getswitchinterval() == before > loop.SWITCH_SECONDS


def test_what_main_raises_comes_out_of_run(qapp: QApplication) -> None:
    async def main(app: QApplication) -> None:
        raise ValueError("broken start")

    with pytest.raises(ValueError, match="broken start"):
        loop.run(main)


def test_closing_the_last_window_does_not_end_the_program(qapp: QApplication) -> None:
    steps: list[str] = []

    async def main(app: QApplication) -> None:
        window = QWidget()
        window.show()
        await asyncio.sleep(0.01)
        window.close()
        steps.append("closed")
        await asyncio.sleep(0.05)
        steps.append("went on")

    assert loop.run(main) == 0
    assert steps == ["closed", "went on"]


def test_a_task_left_at_the_end_is_named_in_the_log_and_cancelled(
    qapp: QApplication, expected_log: Callable[[str], None]
) -> None:
    expected_log("task forgotten was still running")
    ended: list[str] = []

    async def forgotten() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("cancelled")

    async def main(app: QApplication) -> None:
        main.task = asyncio.get_running_loop().create_task(forgotten(), name="forgotten")  # type: ignore[attr-defined]
        await asyncio.sleep(0)

    loop.run(main)
    assert ended == ["cancelled"]


def test_an_exception_in_a_slot_is_logged_redacted_and_said_once(
    qapp: QApplication, said: list[str], caplog: pytest.LogCaptureFixture, expected_log: Callable[[str], None]
) -> None:
    expected_log("uncaught")
    guard("sekret-token-1")

    async def main(app: QApplication) -> None:
        QTimer.singleShot(0, lambda: int("sekret-token-1"))
        await until(said)

    loop.run(main)
    assert said == ["Something unexpected went wrong in the window (ValueError). The log has the details."]
    assert "uncaught" in caplog.text


def test_an_exception_in_a_thread_is_said_on_the_windows_thread(
    qapp: QApplication, expected_log: Callable[[str], None]
) -> None:
    expected_log("uncaught in thread worker")
    threads: list[str] = []
    disconnect = loop.TROUBLE.connect(lambda _: threads.append(threading.current_thread().name))

    async def main(app: QApplication) -> None:
        worker = threading.Thread(target=lambda: int("x"), name="worker")
        worker.start()
        await until(threads)
        worker.join()

    loop.run(main)
    disconnect()
    assert threads == [threading.main_thread().name]


def test_an_exception_in_a_loop_callback_is_said(
    qapp: QApplication, said: list[str], expected_log: Callable[[str], None]
) -> None:
    expected_log("event loop")
    expected_log("uncaught")

    async def main(app: QApplication) -> None:
        asyncio.get_running_loop().call_exception_handler({"message": "late", "exception": KeyError("x")})
        await until(said)

    loop.run(main)
    assert said == ["Something unexpected went wrong in the background (KeyError). The log has the details."]


def test_qt_messages_go_to_the_log(
    qapp: QApplication, caplog: pytest.LogCaptureFixture, expected_log: Callable[[str], None]
) -> None:
    expected_log("a word from Qt")

    async def main(app: QApplication) -> None:
        qWarning("a word from Qt")

    loop.run(main)
    assert [r.levelno for r in caplog.records if "a word from Qt" in r.getMessage()] == [logging.WARNING]


def test_the_hooks_are_gone_after_the_run(qapp: QApplication) -> None:
    before = sys.excepthook, threading.excepthook

    async def main(app: QApplication) -> None:
        assert (sys.excepthook, threading.excepthook) != before

    loop.run(main)
    assert (sys.excepthook, threading.excepthook) == before


def test_the_log_file_holds_no_secret(tmp_path: Path, expected_log: Callable[[str], None]) -> None:
    expected_log("failed with")
    guard("sekret-token-2")
    handler = loop.log_to(tmp_path)
    try:
        logging.getLogger("one").error("failed with %s", "Bearer sekret-token-2")
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    written = (tmp_path / "console.log").read_text("utf-8")
    assert "failed with" in written
    assert "sekret" not in written


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent to a process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_closes_what_was_open_and_gives_128_plus_the_signal(number: signal.Signals) -> None:
    program = """
import asyncio, sys
from ui import loop
async def main(app):
    print("ready", flush=True)
    try:
        await asyncio.sleep(60)
    finally:
        print("closed", flush=True)
sys.exit(loop.run(main))
"""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(number)
        rest = child.communicate(timeout=20)[0]
    assert rest == "closed\n"
    assert child.returncode == 128 + number


class Cycle:
    """Garbage that only the collector finds, and that tells where it was found."""

    def __init__(self, found: list[str]) -> None:
        self.me = self
        self.found = found

    def __del__(self) -> None:
        self.found.append(threading.current_thread().name)


def test_garbage_is_collected_while_the_loop_runs_and_only_on_the_windows_thread(qapp: QApplication) -> None:
    found: list[str] = []

    def allocate() -> None:
        kept = [[n] for n in range(50_000)]
        assert kept

    async def main(app: QApplication) -> None:
        assert not gc.isenabled()
        for _ in range(20):
            Cycle(found)
            await asyncio.to_thread(allocate)
        await until(found)

    loop.run(main)
    assert set(found) == {threading.main_thread().name}
    assert len(found) == 20
