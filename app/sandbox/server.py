"""The sandbox as a server: a process of its own, or a thread inside a test.

Invariant: standard output gets one JSON line, when the socket takes connections, and nothing else ever.
"""

import argparse
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import msgspec
import uvicorn
from starlette.applications import Starlette

from app.sandbox.assembly import create_app
from app.sandbox.clock import Clock
from app.sandbox.fault_rules import GRAMMAR, BadFault
from app.sandbox.faults import Faults
from app.sandbox.statefile import Damaged, StateFile, open_world
from app.sandbox.wire import WiredProtocol
from app.sandbox.world import World

__all__ = ["Facts", "create_app", "main", "running"]

TOKEN_VARIABLE = "FLEET_SANDBOX_TOKEN"  # noqa: S105
_READY_WITHIN = 30.0


class Facts(msgspec.Struct, frozen=True):
    """What a client needs to reach a running sandbox; as JSON, the one line on standard output."""

    url: str
    token: str
    enterprise_id: str
    port: int

    def __repr__(self) -> str:
        return f"Facts(url={self.url!r})"


@contextmanager
def running(
    world: World, token: str | None = None, faults: Faults | None = None, host: str = "127.0.0.1", port: int = 0
) -> Iterator[Facts]:
    """Serves the world from a thread while the block runs. Port 0 takes a free one.

    Raises OSError where the port is taken, TimeoutError where the server does not come up.
    """
    app = create_app(world, token, faults)
    listener = _listen(host, port)
    facts = _facts(world, app, host, listener)
    ready = threading.Event()
    server = _Server(app, ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
    thread.start()
    try:
        if not ready.wait(_READY_WITHIN):
            raise TimeoutError("the sandbox did not start")
        yield facts
    finally:
        server.should_exit = True
        thread.join(_READY_WITHIN)


def main(argv: Sequence[str]) -> int:
    """Runs the sandbox until SIGINT or SIGTERM (or, with --exit-with-parent, the end of standard input).

    Returns 0 after a clean stop, 1 where the port can't be used or the state not saved, 2 for bad options or a bad state
    file.
    """
    try:
        options = _parser().parse_args(argv)
    except _BadOptions as bad:
        print(f"sandbox: {bad}", file=sys.stderr)  # noqa: T201
        return 2
    except SystemExit:
        return 0
    try:
        world, state = _world(options)
    except (Damaged, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        print(f"sandbox: --state {options.state} can't be used: {why}", file=sys.stderr)  # noqa: T201
        return 2
    try:
        faults = Faults(
            options.latency / 1000, options.error_rate, options.rate_limit, seed=options.seed, rules=options.fault
        )
    except BadFault as bad:
        print(f"sandbox: --fault: {bad}", file=sys.stderr)  # noqa: T201
        return 2
    token = options.token or os.environ.get(TOKEN_VARIABLE) or secrets.token_urlsafe(24)
    app = create_app(world, token, faults)
    try:
        listener = _listen(options.host, options.port)
    except OSError as error:
        print(f"sandbox: port {options.port} can't be used: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    facts = _facts(world, app, options.host, listener)

    def announce() -> None:
        print(msgspec.json.encode(facts).decode(), flush=True)  # noqa: T201
        if not options.quiet:
            note = f"sandbox: {options.devices} devices at {facts.url}; stop with Ctrl+C"
            print(note, file=sys.stderr, flush=True)  # noqa: T201

    server = _Server(app, announce)
    if options.exit_with_parent:
        threading.Thread(target=_await_end_of_input, args=(server,), name="parent", daemon=True).start()
    if state is not None:
        state.watch()
    server.run(sockets=[listener])
    try:
        if state is not None:
            state.close()
    except OSError as error:
        print(f"sandbox: the state can't be saved: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _world(options: argparse.Namespace) -> tuple[World, StateFile | None]:
    if options.state:
        return open_world(Path(options.state), options.devices, options.seed, options.speed)
    return World(options.devices, options.seed, Clock(options.speed), run=secrets.randbits(48)), None


class _Server(uvicorn.Server):
    """Uvicorn that says when it is ready, and stops on a signal without dying of it."""

    def __init__(self, app: Starlette, ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            http=WiredProtocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(number: int, frame: FrameType | None) -> None:
            self.should_exit = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _BadOptions(Exception):
    """The options can't be used; the text says why."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _BadOptions(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="sandbox",
        description="A device fleet on this computer that answers like Esper.",
        epilog=GRAMMAR,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--devices", type=_whole(1, 1_000_000), default=2000, metavar="N", help="size of the fleet (2000)")
    add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    add("--port", type=_whole(0, 65535), default=0, help="port to listen on; 0 takes a free one (0)")
    add("--seed", type=_whole(0, 2**31), default=1, help="the same seed gives the same fleet (1)")
    add("--token", default="", help=f"key that clients must send; also {TOKEN_VARIABLE} (a random one)")
    add("--latency", type=_number(0, 60_000), default=0.0, metavar="MS", help="milliseconds added to each answer (0)")
    add(
        "--error-rate",
        type=_number(0, 1),
        default=0.0,
        metavar="SHARE",
        help="share of answers that are 500 or 503 (0)",
    )
    add(
        "--rate-limit", type=_number(0, 1e6), default=0.0, metavar="RATE", help="requests per second; 0 is no limit (0)"
    )
    add("--fault", action="append", default=[], metavar="TEXT", help="a fault on purpose, see below; repeatable")
    add("--speed", type=_number(0, 100_000), default=1.0, help="how fast the fleet's clock runs; 1 is real time (1)")
    add("--state", default="", metavar="FILE", help="keep what changes in this file (nothing is kept)")
    add("--quiet", action="store_true", help="nothing on standard error but errors")
    add("--exit-with-parent", action="store_true", help="stop when standard input ends")
    return parser


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}, not {text!r}")
        return value

    return read


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must be a number from {low:g} to {high:g}, not {text!r}")
        return value

    return read


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, because asyncio switches Nagle's delay off for named TCP only: 40 ms per answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _facts(world: World, app: Starlette, host: str, listener: socket.socket) -> Facts:
    port = int(listener.getsockname()[1])
    shown = f"[{host}]" if ":" in host else host
    return Facts(f"http://{shown}:{port}/api", str(app.state.token), world.enterprise_id, port)


def _await_end_of_input(server: _Server) -> None:
    """Reads the descriptor itself: the buffered stream would block the interpreter's end."""
    while os.read(0, 4096):
        pass
    server.should_exit = True
