"""Small servers on real sockets: one that answers what a test says, and one that may break HTTP in any way."""

import asyncio
import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.esper.client import EsperClient
from app.esper.pace import Pace
from app.esper.transport import Transport

TOKEN = "a-token-that-nobody-may-see"


@dataclass(frozen=True)
class Seen:
    """One request as it arrived. `path` begins after /api."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Server:
    """Where it listens and what it saw."""

    url: str
    seen: list[Seen] = field(default_factory=list)


def document(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(content), status, {"Content-Type": "application/json", **(headers or {})})


@contextmanager
def serving(answer: Callable[[Seen], Response]) -> Iterator[Server]:
    """A Starlette application that answers every request with `answer(seen)`."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(f"http://127.0.0.1:{listener.getsockname()[1]}/api")

    async def handle(request: Request) -> Response:
        path = request.url.path.removeprefix("/api")
        seen = Seen(request.method, path, dict(request.query_params), dict(request.headers), await request.body())
        server.seen.append(seen)
        return answer(seen)

    app = Starlette(routes=[Route("/{path:path}", handle, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])])
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=2)
    runner = uvicorn.Server(config)
    thread = threading.Thread(target=runner.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        runner.should_exit = True
        thread.join(10)
        listener.close()


@contextmanager
def breaking(*replies: bytes) -> Iterator[Server]:
    """Reads each request to its end, sends the next of `replies` (the last again and again), cuts the connection."""
    server = Server("")
    lock = threading.Lock()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            first = self.rfile.readline().decode("latin-1").split()
            if len(first) < 2:
                return
            headers: dict[str, str] = {}
            while line := self.rfile.readline().decode("latin-1").strip():
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            body = self.rfile.read(int(headers.get("content-length", "0")))
            path, _, _ = first[1].removeprefix("/api").partition("?")
            with lock:
                server.seen.append(Seen(first[0], path, {}, headers, body))
                reply = replies[min(len(server.seen), len(replies)) - 1]
            self.wfile.write(reply)

    class Listener(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hung up is what some tests want."""

    with Listener(("127.0.0.1", 0), Handler) as listener:
        server.url = f"http://127.0.0.1:{listener.server_address[1]}/api"
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join(10)


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Time:
    """A clock that only sleepers move."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        wake = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, wake)


async def transport(url: str, time: Time, timeout: float = 5.0) -> Transport:
    """A transport whose waits cost no time."""
    pace = Pace(ticks=time, clock=time, sleep=time.sleep)
    opened = await Transport.open(url, TOKEN, pace, timeout)
    return Transport(opened._client, opened.url, pace, timeout, sleep=time.sleep, clock=time)


async def client(url: str, **options: Any) -> EsperClient:
    """A client with an enterprise id, so that it asks for nothing by itself."""
    return await EsperClient.open(url, TOKEN, enterprise_id="e1", **options)
