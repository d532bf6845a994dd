"""What a fault does to one request on the wire: waits, closes, answers otherwise, or spoils the true answer.

Invariant: what is "before" never reaches the world, what is "after" has been carried out whole; and a fault never
leaves the connection in a state that HTTP has no name for, unless that is the fault.
"""

import asyncio
import random
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.sandbox.answers import Refusal
from app.sandbox.fault_rules import STATUS
from app.sandbox.faults import Rule
from app.sandbox.wire import Wire, wire_of

_BEATS = 20  # pieces per second of a slow body
_PORTAL = "<!DOCTYPE html><html><head><title>Sign in to this network</title></head><body>Welcome, guest.</body></html>"
Headers = list[tuple[bytes, bytes]]


async def play(
    rules: list[Rule], wall: Callable[[], float], app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answers a request as `app` would, spoilt by these faults one after the other. `wall` is the Unix time in seconds."""
    if not rules:
        await app(scope, receive, send)
        return
    wire = wire_of(scope)
    for rule in rules:
        fault = rule.fault
        if fault.kind == "latency":
            await asyncio.sleep(_delay(rule))
        elif fault.kind == "drop-before":
            wire.close()
        elif fault.kind in _SPOILERS:
            send = _SPOILERS[fault.kind](rule, send, wire)
        elif fault.kind == STATUS and fault.status < 200:
            _surprise(fault.status, wire)
        else:
            if not fault.ends:
                await app(scope, receive, _swallow)
            await _other_answer(rule, wall)(scope, receive, send)
            return
        if wire.is_closing():
            break
    else:
        await app(scope, receive, send)
    if wire.is_closing():
        await _gone(receive)


def _delay(rule: Rule) -> float:
    """Seconds."""
    options = rule.fault.options
    jitter = options.get("jitter", 0.0)
    return float(max(0.0, options.get("ms", 100.0) + rule.chance.uniform(-jitter, jitter)) / 1000)


async def _swallow(message: Message) -> None:
    """The true answer, which nobody gets."""


async def _gone(receive: Receive) -> None:
    """Waits until the server knows that the connection is closed; before that it would answer 500."""
    while (await receive())["type"] != "http.disconnect":
        continue


def _surprise(status: int, wire: Wire) -> None:
    """An informational answer, past the server, which does not know of any but 100."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Surprise"
    upgrade = "Connection: upgrade\r\nUpgrade: surprise\r\n" if status == 101 else ""
    wire.write(f"HTTP/1.1 {status} {phrase}\r\n{upgrade}\r\n".encode())
    if status == 101:
        wire.close()


def _other_answer(rule: Rule, wall: Callable[[], float]) -> Response:
    options, kind = rule.fault.options, rule.fault.kind
    if kind == "html":
        return HTMLResponse(_PORTAL, options.get("code", 200))
    status = rule.chance.choice((500, 503)) if kind == "error" else rule.fault.status
    headers = {}
    if (seconds := options.get("retry-after")) is not None:
        date = formatdate(wall() + seconds, usegmt=True)
        headers["Retry-After"] = date if options.get("form") == "date" else str(seconds)
    if 300 <= status < 400 and status != 304:
        headers["Location"] = options.get("location", "/login")
    body = msgspec.json.encode(Refusal(status).document()) if status >= 400 else None
    return Response(body, status, headers, media_type=None if body is None else "application/json")


def _drop_after(rule: Rule, send: Send, wire: Wire) -> Send:
    async def spoilt(message: Message) -> None:
        wire.close()

    return spoilt


def _slow(rule: Rule, send: Send, wire: Wire) -> Send:
    rate = rule.fault.options.get("rate", 1000.0)
    step = max(1, round(rate / _BEATS))

    async def spoilt(message: Message) -> None:
        body = message.get("body", b"")
        for begin in range(0, len(body), step):
            piece = body[begin : begin + step]
            await asyncio.sleep(len(piece) / rate)
            if wire.is_closing():
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send(message if message["type"] == "http.response.start" else {**message, "body": b""})

    return spoilt


def _cut(rule: Rule, send: Send, wire: Wire) -> Send:
    left = rule.fault.options.get("bytes", -1)

    async def spoilt(message: Message) -> None:
        nonlocal left
        if wire.is_closing():
            return
        if message["type"] == "http.response.start" and left < 0:
            left = int(_header(message["headers"], b"content-length") or 0) // 2
        body = message.get("body", b"")
        if len(body) <= left or message["type"] == "http.response.start":
            left -= len(body)
            await send(message)
        else:
            await send({"type": "http.response.body", "body": body[:left], "more_body": True})
            wire.close()

    return spoilt


def _empty(rule: Rule, send: Send, wire: Wire) -> Send:
    async def spoilt(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send({**message, "headers": _replace(message["headers"], b"content-length", b"0")})
        elif not message.get("more_body", False):
            await send({**message, "body": b""})

    return spoilt


def _wrong_content_type(rule: Rule, send: Send, wire: Wire) -> Send:
    named = rule.fault.options.get("type", "text/plain").encode()

    async def spoilt(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": _replace(message["headers"], b"content-type", named)}
        await send(message)

    return spoilt


def _truncated(rule: Rule, send: Send, wire: Wire) -> Send:
    def shorten(body: bytes) -> bytes:
        return body[: rule.fault.options.get("bytes", len(body) // 2)]

    return _changed(send, shorten)


def _wrong_types(rule: Rule, send: Send, wire: Wire) -> Send:
    def confuse(body: bytes) -> bytes:
        try:
            document = msgspec.json.decode(body)
        except msgspec.DecodeError:
            # Another fault was here before.
            return body
        confused = _confused(document, rule.fault.options.get("share", 0.25), rule.chance)
        return msgspec.json.encode(confused if confused != document else _other_type(document, rule.chance))

    return _changed(send, confuse)


def _changed(send: Send, change: Callable[[bytes], bytes]) -> Send:
    """A JSON answer, held until it is whole and then changed; others, files above all, pass."""
    head: Message | None = None
    pieces: list[bytes] = []

    async def spoilt(message: Message) -> None:
        nonlocal head
        if message["type"] == "http.response.start" and _header(message["headers"], b"content-type").startswith(
            b"application/json"
        ):
            head = message
        elif head is None:
            await send(message)
        else:
            pieces.append(message.get("body", b""))
            if message.get("more_body", False):
                return
            body = change(b"".join(pieces))
            size = str(len(body)).encode()
            await send({**head, "headers": _replace(head["headers"], b"content-length", size)})
            await send({"type": "http.response.body", "body": body})

    return spoilt


def _confused(value: Any, share: float, chance: random.Random) -> Any:
    """The same document, but each value may have turned into one of another type."""
    if chance.random() < share:
        return _other_type(value, chance)
    if isinstance(value, dict):
        return {key: _confused(inner, share, chance) for key, inner in value.items()}
    if isinstance(value, list):
        return [_confused(inner, share, chance) for inner in value]
    return value


def _other_type(value: Any, chance: random.Random) -> Any:
    others = [
        other for other in (None, True, -7, 2.5, "surprise", [1, "two"], {"a": 1}) if type(other) is not type(value)
    ]
    return chance.choice(others)


def _header(headers: Headers, name: bytes) -> bytes:
    return next((value for key, value in headers if key.lower() == name), b"")


def _replace(headers: Headers, name: bytes, value: bytes) -> Headers:
    return [*((key, old) for key, old in headers if key.lower() != name), (name, value)]


_SPOILERS: dict[str, Callable[[Rule, Send, Wire], Send]] = {
    "drop-after": _drop_after,
    "slow": _slow,
    "cut": _cut,
    "empty": _empty,
    "wrong-content-type": _wrong_content_type,
    "truncated": _truncated,
    "wrong-types": _wrong_types,
}
