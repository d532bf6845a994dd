"""The sandbox as an ASGI app: the paths, and the gate before them (key, faults, errors).

Invariant: every answer carries X-Request-Id and every error has the contract's form, also one that a bug would cause.
"""

import asyncio
import hmac
import logging
import secrets
import uuid
from collections.abc import Awaitable, Callable

import msgspec
from starlette.applications import Starlette
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.sandbox.answers import Answer, Asked, Refusal
from app.sandbox.faults import Faults
from app.sandbox.routes import Handler, Path, account, apps, commands, devices, groups, operations, tags
from app.sandbox.world import World

log = logging.getLogger(__name__)

PATHS: list[Path] = [
    *account.PATHS,
    *devices.PATHS,
    *groups.PATHS,
    *apps.PATHS,
    *commands.PATHS,
    *operations.PATHS,
    *tags.PATHS,
]
_LARGEST_BODY = 4_000_000


class Dropped(Exception):
    """The request was accepted and its answer is to be lost."""


def create_app(world: World, token: str | None = None, faults: Faults | None = None) -> Starlette:
    """The ASGI app over a world. Without a token a random one is made; it stands in `app.state.token`."""
    secret = token or secrets.token_urlsafe(24)
    troubles = faults or Faults()
    routes = [
        Route(f"/api{path.path}", _endpoint(world, troubles, handlers), methods=list(handlers))
        for path in PATHS
        if (handlers := _handlers(path))
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _refused})
    app.router.redirect_slashes = False
    app.state.token = secret
    app.add_middleware(_Gate, token=secret, faults=troubles)
    return app


def _handlers(path: Path) -> dict[str, Handler]:
    named = {"GET": path.get, "POST": path.post, "PUT": path.put}
    return {method: handler for method, handler in named.items() if handler is not None}


def _endpoint(world: World, faults: Faults, handlers: dict[str, Handler]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        sent = await request.body()
        if len(sent) > _LARGEST_BODY:
            raise Refusal(400, ["body: Is too large."])
        url = request.url
        base = f"{url.scheme}://{url.netloc}/api"
        asked = Asked(request.path_params, request.query_params, sent, base, f"{url.scheme}://{url.netloc}{url.path}")
        method = "GET" if request.method == "HEAD" else request.method
        with world.lock:
            world.settle()
            made: Answer = handlers[method](world, asked)
            content = None if made.document is None else msgspec.json.encode(made.document)
        if method == "POST" and faults.drops():
            raise Dropped
        return _json(content, made.status)

    return answer


async def _refused(request: Request, error: Exception) -> Response:
    """Starlette's own 404 and 405 in the contract's form."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _json(msgspec.json.encode(Refusal(status).document()), status, headers)


def _json(content: bytes | None, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(content, status, headers, media_type=None if content is None else "application/json")


class _Gate:
    """Stands before every path: names the request, checks the key, plays the faults, and turns refusals into answers."""

    def __init__(self, app: ASGIApp, token: str, faults: Faults) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = str(uuid.uuid4())

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", name.encode())]
            await send(message)

        try:
            if delay := self._faults.delay():
                await asyncio.sleep(delay)
            self._check_key(scope)
            self._faults.admit()
            self._faults.stumble()
            await self._app(scope, receive, named)
        except Refusal as refusal:
            wait = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
            await _json(msgspec.json.encode(refusal.document()), refusal.status, wait)(scope, receive, named)
        except Dropped:
            # A head that promises a body, and no body: the server closes the connection and the answer is lost.
            head = [(b"content-type", b"application/json"), (b"content-length", b"1")]
            await named({"type": "http.response.start", "status": 201, "headers": head})
        except ClientDisconnect:
            return
        except Exception:
            log.exception("the sandbox failed to answer %s %s", scope["method"], URL(scope=scope).path)
            await _json(msgspec.json.encode(Refusal(500).document()), 500)(scope, receive, named)

    def _check_key(self, scope: Scope) -> None:
        given = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(given, self._expected):
            raise Refusal(401)
