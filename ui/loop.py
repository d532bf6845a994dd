"""The qasync runner and the exception hooks: every unexpected error ends in one funnel.

Invariant: the program ends when `main` returns, never because a window closed; what nobody caught is in the log, redacted,
and is said once through `TROUBLE`, on the window's thread.
"""

import asyncio
import gc
import logging
import logging.handlers
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import qasync
from PySide6.QtCore import QMessageLogContext, QSocketNotifier, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app.observer import Signal
from app.redact import RedactingFormatter, redact

log = logging.getLogger(__name__)
qt_log = logging.getLogger("qt")

TROUBLE: Signal[str] = Signal()
# Milliseconds between two looks at what there is to collect.
_COLLECT_EVERY = 500

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
# A thread that decodes or writes a page keeps the interpreter for so long before the window gets it: at Python's own 5 ms
# the longest stall while 20,000 devices were synced again was 44 to 90 ms, at 1 ms 31 to 51 ms, in the same time overall.
SWITCH_SECONDS = 0.001
# What the platform plugin without a screen says of windows and popups; nobody can do anything about it.
_NOISE = "This plugin does not support"


def run(main: Callable[[QApplication], Coroutine[Any, Any, int | None]]) -> int:
    """Runs `main` to its end on a Qt event loop and gives its exit code; 128 + n after signal n.

    Raises what `main` raises. Makes the QApplication where there is none yet.
    """
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    loop: asyncio.AbstractEventLoop = qasync.QEventLoop(app)
    with _hooks(loop), _quick_turns(), _garbage():
        try:
            whole = loop.create_task(main(app), name="main")
            with _signals(whole) as caught:
                try:
                    return loop.run_until_complete(whole) or 0
                except asyncio.CancelledError:
                    return 128 + caught[0] if caught else 1
        finally:
            _end(loop)


@contextmanager
def _garbage() -> Iterator[None]:
    """Python's collector runs on the window's thread only, a generation at a time when the loop has a moment.

    A cycle may hold a widget or a timer, and the automatic collector runs on whichever thread allocates, be it the
    database's: a Qt object that dies there takes the process with it.
    """

    def collect() -> None:
        due = [
            n for n, (count, limit) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > limit
        ]
        if due:
            gc.collect(due[-1])

    automatic = gc.isenabled()
    gc.disable()
    timer = QTimer()
    timer.setInterval(_COLLECT_EVERY)
    timer.timeout.connect(collect)
    timer.start()
    try:
        yield
    finally:
        timer.stop()
        gc.collect()
        if automatic:
            gc.enable()


def log_to(directory: Path) -> logging.Handler:
    """Adds a rotating, redacted log file `console.log` (1 MB, three old ones) and gives its handler."""
    file = directory / "console.log"
    handler = logging.handlers.RotatingFileHandler(file, maxBytes=1_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    return handler


def _end(loop: asyncio.AbstractEventLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in left:
        log.warning("task %s was still running at the end", task.get_name())
        task.cancel()
    if left:
        loop.run_until_complete(_gone(left))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    asyncio.set_event_loop(None)


async def _gone(tasks: set[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def _quick_turns() -> Iterator[None]:
    """The window's thread waits less for its turn among threads that compute."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@contextmanager
def _signals(whole: asyncio.Task[Any]) -> Iterator[list[int]]:
    """Ctrl+C and SIGTERM cancel `whole`, so that what it opened is closed. Gives the list of what was caught.

    Qt sleeps in C, where Python handles no signal: a byte in a socket wakes it.
    """
    caught: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield caught
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        caught.append(number)
        whole.cancel()

    wakes, woken = socket.socketpair()
    for end in (wakes, woken):
        end.setblocking(False)
    notifier = QSocketNotifier(woken.fileno(), QSocketNotifier.Type.Read)

    def drain() -> None:
        with suppress(BlockingIOError):
            woken.recv(64)

    notifier.activated.connect(drain)
    old_fd = signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
    old = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield caught
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(old_fd)
        notifier.setEnabled(False)
        for end in (wakes, woken):
            end.close()


@contextmanager
def _hooks(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Leads uncaught exceptions of slots, threads and tasks, and Qt's own messages, to the log and to TROUBLE."""

    def say(error: BaseException | None, place: str) -> None:
        kind = type(error).__name__ if error is not None else "error"
        text = redact(f"Something unexpected went wrong {place} ({kind}). The log has the details.")
        if threading.current_thread() is threading.main_thread():
            TROUBLE.emit(text)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(TROUBLE.emit, text)

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("uncaught: %s", error, exc_info=(kind, error, trace))
        say(error, "in the window")

    def uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is None or args.exc_type is SystemExit:
            return
        name = args.thread.name if args.thread else "?"
        log.critical("uncaught in thread %s", name, exc_info=(args.exc_type, args.exc_value, args.exc_traceback))
        say(args.exc_value, "in the background")

    def uncaught_in_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        log.error("event loop: %s", context.get("message", ""), exc_info=error)
        say(error, "in the background")

    def qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        category = context.category if context.category and context.category != "default" else "qt"
        level = logging.DEBUG if message.startswith(_NOISE) else _LEVELS.get(kind, logging.WARNING)
        qt_log.log(level, "%s: %s", category, message)

    old_excepthook, old_threads = sys.excepthook, threading.excepthook
    sys.excepthook, threading.excepthook = uncaught, uncaught_in_thread
    loop.set_exception_handler(uncaught_in_loop)
    old_messages = qInstallMessageHandler(qt_message)
    try:
        yield
    finally:
        qInstallMessageHandler(old_messages)
        sys.excepthook, threading.excepthook = old_excepthook, old_threads
