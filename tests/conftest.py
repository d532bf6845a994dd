"""What holds for every test: loopback only, no unexpected log record, no task or thread left behind.

With FLEET_TEST_NO_QT=1 the Qt packages can't be imported, which proves that `app` needs no screen.
"""

import asyncio
import asyncio.runners
import logging
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from typing import Any

import pytest

LOOPBACK = re.compile(r"^(127\.|::1$|localhost$|::ffff:127\.)")


class _NoQt(MetaPathFinder):
    """Refuses the Qt packages as if they were not installed."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.split(".")[0] in {"PySide6", "shiboken6", "qasync"}:
            raise ModuleNotFoundError(f"{name} is blocked: this run proves that it is not needed", name=name)


os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if os.environ.get("FLEET_TEST_NO_QT") == "1":
    sys.meta_path.insert(0, _NoQt())

_leaked_tasks: list[str] = []
_cancel_all_tasks = asyncio.runners._cancel_all_tasks  # type: ignore[attr-defined]


def _note_leaks(loop: asyncio.AbstractEventLoop) -> None:
    _leaked_tasks.extend(repr(task) for task in asyncio.all_tasks(loop) if not task.done())
    _cancel_all_tasks(loop)


asyncio.runners._cancel_all_tasks = _note_leaks  # type: ignore[attr-defined]


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Without pytest-qt its settings are unknown, which strict configuration refuses."""
    if not pluginmanager.hasplugin("pytest-qt"):
        for name in ("qt_api", "qt_log_level_fail", "qt_log_ignore"):
            parser.addini(name, "set for pytest-qt, which is switched off in this run", default="")


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection to another machine fails the test."""
    for method in ("connect", "connect_ex"):
        original = getattr(socket.socket, method)

        def guarded(self: socket.socket, address: Any, _original: Any = original) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6} and not LOOPBACK.match(str(address[0])):
                raise AssertionError(f"a connection to {address} was tried")
            return _original(self, address)

        monkeypatch.setattr(socket.socket, method, guarded)


class ExpectedLog:
    """Names the warnings a test means to cause: `expected_log("text in the message")`."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def __call__(self, part: str) -> None:
        self.parts.append(part)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def expected_log() -> Iterator[ExpectedLog]:
    """Fails on every log record of WARNING or above that the test did not announce."""
    expected, collector = ExpectedLog(), _Collector()
    logging.getLogger().addHandler(collector)
    yield expected
    logging.getLogger().removeHandler(collector)
    unexpected = [
        message
        for message in (r.getMessage() for r in collector.records)
        if not any(part in message for part in expected.parts)
    ]
    assert not unexpected, f"unexpected log records: {unexpected}"


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fails on a task that the test's loop still ran, and on a thread that is not a daemon."""
    _leaked_tasks.clear()
    before = set(threading.enumerate())
    yield
    assert not _leaked_tasks, f"tasks left behind: {_leaked_tasks}"
    left = [t for t in threading.enumerate() if t not in before and not t.daemon and t.is_alive()]
    for thread in left:
        thread.join(timeout=5)
    left = [t for t in left if t.is_alive()]
    assert not left, f"threads left behind: {left}"
