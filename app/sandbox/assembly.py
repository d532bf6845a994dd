"""The sandbox as an ASGI app: the paths, and the gate before them (key, faults, errors).

Invariant: every answer carries X-Request-Id and every error has the contract's form, also one that a bug would cause.
"""

import logging
import secrets
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

import msgspec
from starlette.applications import Starlette
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.sandbox.answers import Answer, Asked, Refusal, Upload
from app.sandbox.delivery import deliver
from app.sandbox.fault_control import PATH as CONTROL
from app.sandbox.fault_control import answer_control
from app.sandbox.faults import Faults
from app.sandbox.routes import (
    Handler,
    Path,
    account,
    apps,
    commands,
    content,
    devices,
    files,
    geofences,
    groups,
    heartbeats,
    legacy_commands,
    operations,
    policies,
    remote_viewer,
    subscriptions,
    tags,
    telemetry,
    tenant_apps,
)
from app.sandbox.shelf import Intake
from app.sandbox.spoiling import play
from app.sandbox.world import World

log = logging.getLogger(__name__)

PATHS: list[Path] = [
    *account.PATHS,
    *devices.PATHS,
    *groups.PATHS,
    *apps.PATHS,
    *tenant_apps.PATHS,
    *content.PATHS,
    *files.PATHS,
    *commands.PATHS,
    *legacy_commands.PATHS,
    *operations.PATHS,
    *remote_viewer.PATHS,
    *tags.PATHS,
    *heartbeats.PATHS,
    *telemetry.PATHS,
    *geofences.PATHS,
    *policies.PATHS,
    *subscriptions.PATHS,
]
_LARGEST_BODY = 4_000_000


def create_app(world: World, token: str | None = None, faults: Faults | None = None) -> Starlette:
    """The ASGI app over a world. Without a token a random one is made; it stands in `app.state.token`."""
    secret = token or secrets.token_urlsafe(24)
    troubles = faults or Faults()
    routes = [
        Route(f"/api{path.path}", _endpoint(world, handlers, path.upload), methods=list(handlers))
        for path in PATHS
        if (handlers := _handlers(path))
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _refused})
    app.router.redirect_slashes = False
    app.state.token = secret
    world.keys.add(secret)
    app.add_middleware(_Gate, world=world, faults=troubles)
    return app


def _handlers(path: Path) -> dict[str, Handler]:
    named = {"GET": path.get, "POST": path.post, "PUT": path.put, "PATCH": path.patch, "DELETE": path.delete}
    return {method: handler for method, handler in named.items() if handler is not None}


def _endpoint(world: World, handlers: dict[str, Handler], upload: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        url = request.url
        base = f"{url.scheme}://{url.netloc}/api"
        asked = Asked(request.path_params, request.query_params, b"", base, f"{url.scheme}://{url.netloc}{url.path}")
        if upload and method == "POST":
            asked = replace(asked, upload=await _taken(request, world, upload))
        else:
            asked = replace(asked, body=await _held(request))
        with world.lock:
            world.settle()
            try:
                made: Answer = handlers[method](world, asked)
            except Refusal:
                if asked.upload is not None:
                    asked.upload.path.unlink(missing_ok=True)
                raise
            world.changes += method != "GET"
            content = None if made.document is None else msgspec.json.encode(made.document)
        if made.download is not None:
            return deliver(made.download, request.headers, request.method == "HEAD")
        return _json(content, made.status)

    return answer


async def _held(request: Request) -> bytes:
    """A body of ordinary size, whole."""
    sent = await request.body()
    if len(sent) > _LARGEST_BODY:
        raise Refusal(400, ["body: Is too large."])
    return sent


async def _taken(request: Request, world: World, field: str) -> Upload:
    """A file, from the wire to the shelf."""
    with Intake(world.shelf, request.headers.get("content-type", ""), field) as intake:
        async for piece in request.stream():
            intake.feed(piece)
        return intake.finish()


async def _refused(request: Request, error: Exception) -> Response:
    """Starlette's own 404 and 405 in the contract's form."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _json(msgspec.json.encode(Refusal(status).document()), status, headers)


def _json(content: bytes | None, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(content, status, headers, media_type=None if content is None else "application/json")


class _Gate:
    """Stands before every path: names the request, checks the key, plays the faults, and turns refusals into answers."""

    def __init__(self, app: ASGIApp, world: World, faults: Faults) -> None:
        self._app = app
        self._world = world
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

        await self._answer(self._admit, scope, receive, named)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._check_key(scope)
        if scope["path"] == CONTROL:
            await (await answer_control(self._faults, Request(scope, receive)))(scope, receive, send)
            return
        self._faults.admit()
        rules = self._faults.strikes(scope["method"], scope["path"].removeprefix("/api"))
        await play(rules, self._faults.wall, partial(self._answer, self._app), scope, receive, send)

    async def _answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Whatever happens inside, what comes out is an answer."""
        try:
            await app(scope, receive, send)
        except Refusal as refusal:
            wait = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
            headers = refusal.headers | wait
            await _json(msgspec.json.encode(refusal.document()), refusal.status, headers)(scope, receive, send)
        except ClientDisconnect:
            return
        except Exception:
            log.exception("the sandbox failed to answer %s %s", scope["method"], URL(scope=scope).path)
            await _json(msgspec.json.encode(Refusal(500).document()), 500)(scope, receive, send)

    def _check_key(self, scope: Scope) -> None:
        scheme, _, key = dict(scope["headers"]).get(b"authorization", b"").partition(b" ")
        if scheme != b"Bearer" or not self._world.keys.admits(key, self._world.clock.seconds()):
            raise Refusal(401)
