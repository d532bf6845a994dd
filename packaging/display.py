"""A virtual X display for machines that have none, and children that never outlive their parent.

Invariant: whatever ends the `with` block (return, exception, Ctrl-C, termination) also ends the server and the child.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

SCREEN = "1680x1050x24"
START_SECONDS = 20.0
STOP_SECONDS = 10.0


class DisplayError(Exception):
    """The virtual display did not start; the text is what the server said."""


def has_display(environ: Mapping[str, str]) -> bool:
    """Whether a window could be opened: always on Windows and macOS, elsewhere when X or Wayland is announced."""
    return sys.platform in {"win32", "darwin"} or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _write_cookie(path: Path) -> None:
    # One entry for any host and any display number (family "wild", both empty): the number is not known yet.
    name, cookie = b"MIT-MAGIC-COOKIE-1", secrets.token_bytes(16)
    fields = (b"", b"", name, cookie)
    path.touch(mode=0o600)
    path.write_bytes(struct.pack(">H", 0xFFFF) + b"".join(struct.pack(">H", len(f)) + f for f in fields))


def _read_number(pipe: int, server: subprocess.Popen[bytes], log: Path) -> str:
    """The display number the server chose. Raises DisplayError when it ends or is silent for START_SECONDS."""
    number = b""
    while not number.endswith(b"\n"):
        ready, _, _ = select.select([pipe], [], [], START_SECONDS)
        chunk = os.read(pipe, 16) if ready else b""
        if not chunk:
            server.kill()
            said = log.read_text(errors="replace").strip().splitlines()[-5:]
            raise DisplayError("The virtual display did not start. Xvfb said:\n  " + "\n  ".join(said))
        number += chunk
    return number.decode().strip()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


@contextlib.contextmanager
def ending_on_signals() -> Iterator[None]:
    """Turns termination and hang-up into an ordinary exit, so that every `finally` runs."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, _leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def virtual_display(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Starts Xvfb on a free display number; yields `environ` pointing at it. Raises DisplayError."""
    with tempfile.TemporaryDirectory(prefix="fleet-display-") as folder:
        cookie, log = Path(folder, "cookie"), Path(folder, "log")
        _write_cookie(cookie)
        reader, writer = os.pipe()
        try:
            with log.open("wb") as said:
                # Its own session: Ctrl-C reaches the console first, the display goes when the console has gone.
                options = ["-screen", "0", SCREEN, "-auth", str(cookie), "-nolisten", "tcp", "-noreset"]
                server = subprocess.Popen(
                    ["Xvfb", "-displayfd", str(writer), *options],
                    pass_fds=[writer],
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                )
        except FileNotFoundError:
            os.close(reader)
            raise DisplayError("There is no Xvfb on this machine.") from None
        finally:
            os.close(writer)
        try:
            try:
                number = _read_number(reader, server, log)
            finally:
                os.close(reader)
            runtime = Path(folder, "runtime")
            runtime.mkdir(mode=0o700)
            here = {name: value for name, value in environ.items() if name != "WAYLAND_DISPLAY"}
            here.setdefault("XDG_RUNTIME_DIR", str(runtime))
            yield {**here, "DISPLAY": f":{number}", "XAUTHORITY": str(cookie), "QT_QPA_PLATFORM": "xcb"}
        finally:
            _stop(server)


def run_child(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Runs `command` to its end and returns its exit code; ends it first when this process is told to end."""
    child = subprocess.Popen(command, env=environ)
    try:
        return child.wait()
    except KeyboardInterrupt:  # the child got the same Ctrl-C and is closing
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(STOP_SECONDS)
        return 130
    finally:
        if child.poll() is None:
            _stop(child)
