"""One pooled HTTP connection to one tenant: reads are retried, writes go out once.

Invariant: a write is never sent twice, but for one whose caller says that a repeat changes nothing, and its doubtful
ends are OutcomeUnknown; no redirect is followed; no log line holds more than method, path, status and time.
"""

import asyncio
import contextlib
import copy
import logging
import random
import time
import uuid
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.errors import (
    NotFound,
    Offline,
    OutcomeUnknown,
    Refused,
    ServerFault,
    TooFast,
    UnexpectedAnswer,
    Unreachable,
    WireError,
)
from app.esper import connection
from app.esper.allowance import allowance
from app.esper.failures import Answer, reason, refusal
from app.esper.pace import Pace, Priority

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

_TRIES = 4
# With no connection at all the user is offline and should hear it soon.
_TRIES_UNCONNECTED = 2
# The contract names 429 and 500 as 'pause, then retry'; the others are gateways without an answer.
_RETRIED = frozenset({500, 502, 503, 504})
_LARGEST_BODY = 64 * 2**20

Params = Mapping[str, str | int]


class Transport:
    """Sends requests of one tenant. `requests` counts what was sent, `received` the bytes of bodies on the wire."""

    def __init__(
        self,
        client: "httpx.AsyncClient",
        url: str,
        pace: Pace,
        timeout: float,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.time,
        rng: random.Random | None = None,
    ) -> None:
        self.url = url
        self.pace = pace
        self.requests = 0
        self.received = 0
        self._client = client
        self._streams = asyncio.Semaphore(connection.STREAMS)
        # No single wait may exceed `timeout`; a server that drips bytes ends here.
        self._deadline = 4 * timeout
        self._sleep, self._clock = sleep, clock
        self._rng = rng or random.Random()

    @classmethod
    async def open(
        cls, url: str, token: str, pace: Pace, timeout: float = 30.0, authorities: Path | None = None
    ) -> "Transport":
        """Prepares a client for `url` (ends in /api). Sends nothing. `authorities` is a PEM file trusted besides the system.

        Raises InputError on an unsafe address or key, a proxy that can't be used, a file that holds no certificate.

        The HTTP library and the certificates load in a thread: together they would stall a window for 150 ms.
        """
        url = connection.check_address(url)
        connection.check_token(token)
        client = await asyncio.to_thread(connection.build, url, token, pace.most, timeout, authorities)
        return cls(client, url, pace, timeout)

    async def close(self) -> None:
        """Closes every connection; later requests raise Offline."""
        await self._client.aclose()

    @property
    def token(self) -> str:
        """The key that requests carry. A secret: for renewing it only."""
        return self._client.headers["Authorization"].removeprefix("Bearer ")

    def use_token(self, token: str) -> None:
        """Later requests carry this key. Raises InputError on one that can't stand in a header."""
        connection.check_token(token)
        self._client.headers["Authorization"] = f"Bearer {token}"

    async def read(self, path: str, params: Params | None = None, priority: Priority = Priority.PEOPLE) -> Answer:
        """GET, tried up to four times on lost connections, 429 and 5xx. Raises Unreachable, Refused or UnexpectedAnswer."""
        try:
            return await self._persist("GET", path, params, None, priority)
        except OutcomeUnknown as error:
            raise Unreachable(error.detail, method="GET", path=path, request_id=error.request_id) from error

    async def write(
        self,
        method: str,
        path: str,
        body: bytes | None,
        priority: Priority = Priority.PEOPLE,
        *,
        params: Params | None = None,
        repeatable: bool = False,
    ) -> Answer:
        """POST, PUT, PATCH or DELETE, sent at most once. 304 counts as an answer; None is no body at all.

        With `repeatable` it is tried like a read: only for a write that sets absolute values or takes one thing away,
        so that a second arrival changes nothing, and never for one that creates, sends or cancels.
        Raises Unreachable (certainly not sent), Refused (a complete answer of 400 and above), else OutcomeUnknown.
        """
        send = self._persist if repeatable else self._send
        try:
            return await send(method, path, params, body, priority)
        except UnexpectedAnswer as error:
            raise doubt(error, method, path) from error

    async def _persist(
        self, method: str, path: str, params: Params | None, body: bytes | None, priority: Priority
    ) -> Answer:
        tries, lost, doubtful = 0, False, False
        while True:
            tries += 1
            try:
                return await self._send(method, path, params, body, priority)
            except WireError as error:
                if method == "DELETE" and doubtful and isinstance(error, NotFound):
                    # An earlier try arrived after all.
                    return Answer(204, {}, b"", method, path, error.request_id)
                if not self._worth_another(error, tries):
                    if lost and method != "GET" and not isinstance(error, OutcomeUnknown):
                        raise doubt(error, method, path) from error
                    raise
                lost = lost or isinstance(error, OutcomeUnknown)
                doubtful = lost or doubtful or isinstance(error, ServerFault)
                if isinstance(error, TooFast):
                    # The pace-keeper knows of it and makes the next try wait.
                    continue
            await self.pause(tries)

    def _worth_another(self, error: WireError, tries: int) -> bool:
        if isinstance(error, TooFast):
            return tries < _TRIES and (error.retry_after or 0.0) <= self.pace.patience
        if isinstance(error, ServerFault):
            return tries < _TRIES and error.status in _RETRIED
        if isinstance(error, Unreachable):
            return tries < _TRIES_UNCONNECTED
        return isinstance(error, OutcomeUnknown) and tries < _TRIES

    async def pause(self, tries: int) -> None:
        """Waits before another try after `tries` that failed: longer each time, and not everybody at once."""
        await self._sleep(min(8.0, 0.5 * 2.0 ** (tries - 1)) * self._rng.uniform(0.5, 1.0))

    @contextlib.asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: AsyncIterable[bytes] | None = None,
        *,
        answer_within: float = 0.0,
    ) -> AsyncIterator["httpx.Response"]:
        """One request, sent once, for a body of any length; gives the answer below 400 while its body is on the way.

        `url` is a path, or a link that a server gave; `connection.destination` says who gets the key. There is no limit
        to the whole time, only to each wait; `answer_within` seconds lengthens the one for the answer. A turn of the
        pace-keeper is taken for the start alone, because a transfer of minutes must not stand in the way of a click.
        Raises Refused, else Unreachable or OutcomeUnknown, also for a connection that breaks inside the block.
        """
        address, ours = connection.destination(url, self.url)
        request_id, path = str(uuid.uuid4()), urlsplit(address).path.removeprefix(urlsplit(self.url).path)
        async with self._streams:
            async with self.pace.slot(Priority.FOLLOWING) as started:
                if self._client.is_closed:
                    raise Offline("the connection is closed")
            sent, trace = _watch()
            waits = copy.copy(self._client.timeout)
            waits.read = max(waits.read or 0.0, answer_within)
            request = self._client.build_request(
                method,
                address,
                content=body,
                headers={**headers, **({"X-Request-Id": request_id} if ours else {})},
                timeout=waits,
                extensions={"trace": trace},
            )
            if not ours:
                del request.headers["Authorization"]
            self.requests += 1
            with self._named(method, path, request_id, sent):
                response = await self._client.send(request, stream=True)
                try:
                    if response.status_code >= 400:
                        content = await self._body(response)
                        theirs = response.headers.get("x-request-id", request_id)[:100]
                        answer = Answer(response.status_code, response.headers, content, method, path, theirs)
                        refused = refusal(answer, self._clock())
                        if ours:
                            self._learn(refused, started)
                        raise refused
                    yield response
                finally:
                    self.received += response.num_bytes_downloaded
                    await response.aclose()

    async def upload(
        self, path: str, headers: Mapping[str, str], body: AsyncIterable[bytes], answer_within: float
    ) -> Answer:
        """POST of a body of any length, sent at most once. Raises like `write`."""
        try:
            async with self.stream("POST", path, headers, body, answer_within=answer_within) as response:
                theirs = response.headers.get("x-request-id", "")[:100]
                answer = Answer(
                    response.status_code, response.headers, await self._body(response), "POST", path, theirs
                )
            if not 200 <= answer.status < 300:
                raise UnexpectedAnswer(_astray(answer), status=answer.status, excerpt=answer.excerpt)
        except UnexpectedAnswer as error:
            raise doubt(error, "POST", path) from error
        return answer

    async def _send(
        self, method: str, path: str, params: Params | None, body: bytes | None, priority: Priority
    ) -> Answer:
        where = {"method": method, "path": path, "request_id": str(uuid.uuid4())}
        async with self.pace.slot(priority) as started:
            if self._client.is_closed:
                raise Offline("the connection is closed")
            answer = await self._exchange(method, path, params, body, where)
            if allowed := allowance(answer.headers, self._clock()):
                self.pace.heed(allowed)
            if 200 <= answer.status < 300 or (answer.status == 304 and method != "GET"):
                self.pace.speed_up()
                return answer
            if answer.status < 400:
                where["request_id"] = answer.request_id
                raise UnexpectedAnswer(_astray(answer), status=answer.status, excerpt=answer.excerpt, **where)
            refused = refusal(answer, self._clock())
            self._learn(refused, started)
            raise refused

    def _learn(self, refused: Refused, started: float) -> None:
        if isinstance(refused, TooFast):
            self.pace.slow_down(refused.retry_after, started)
        elif refused.status == 503 and refused.retry_after is not None:
            self.pace.hold(refused.retry_after)

    async def _exchange(
        self, method: str, path: str, params: Params | None, body: bytes | None, where: dict[str, str]
    ) -> Answer:
        sent, trace = _watch()
        request = self._client.build_request(
            method,
            self.url + path,
            params=params,
            content=body,
            headers={"X-Request-Id": where["request_id"]},
            extensions={"trace": trace},
        )
        if body is not None:
            request.headers["Content-Type"] = "application/json"
        began = time.perf_counter()
        self.requests += 1
        try:
            with self._named(method, path, where["request_id"], sent):
                async with asyncio.timeout(self._deadline):
                    response = await self._client.send(request, stream=True)
                    try:
                        content = await self._body(response)
                    finally:
                        self.received += response.num_bytes_downloaded
                        await response.aclose()
        except UnexpectedAnswer as error:
            error.method, error.path, error.request_id = method, path, where["request_id"]
            error.status = response.status_code
            raise
        log.debug("%s %s: %s, %.0f ms", method, path, response.status_code, 1000 * (time.perf_counter() - began))
        theirs = response.headers.get("x-request-id", where["request_id"])[:100]
        return Answer(response.status_code, response.headers, content, method, path, theirs)

    @contextlib.contextmanager
    def _named(self, method: str, path: str, request_id: str, sent: asyncio.Event) -> Iterator[None]:
        """Whatever the HTTP library raises inside, in the words of the exception tree."""
        import httpx  # loaded by `open`, in a thread

        try:
            yield
        except (httpx.RequestError, httpx.InvalidURL, TimeoutError, OSError) as error:
            log.debug("%s %s: %s", method, path, type(error).__name__)
            failed = OutcomeUnknown if sent.is_set() else Unreachable
            raise failed(reason(error), method=method, path=path, request_id=request_id) from error

    async def _body(self, response: "httpx.Response") -> bytes:
        """The whole body, unpacked as it arrives so that a small packed answer can't become an endless one."""
        packed = response.headers.get("content-encoding", "").strip().lower()
        if packed not in {"", "identity", "gzip"}:
            raise UnexpectedAnswer(f"the answer is packed as {packed[:20]}")
        unpack = zlib.decompressobj(wbits=31) if packed == "gzip" else None
        body = bytearray()
        chunks = response.aiter_raw()
        try:
            async for chunk in chunks:
                body += unpack.decompress(chunk, _LARGEST_BODY + 1 - len(body)) if unpack else chunk
                if len(body) > _LARGEST_BODY:
                    raise UnexpectedAnswer(f"the answer is larger than {_LARGEST_BODY // 2**20} MB")
        except (UnexpectedAnswer, zlib.error) as error:
            # Reading on from the closed connection ends the generators below, which would else wait for a collector.
            await response.aclose()
            with contextlib.suppress(Exception):
                await anext(chunks)
            if isinstance(error, UnexpectedAnswer):
                raise
            raise UnexpectedAnswer("the answer can't be unpacked") from error
        if unpack and not unpack.eof and response.num_bytes_downloaded:
            raise UnexpectedAnswer("the packed answer is cut short")
        return bytes(body)


def _watch() -> tuple[asyncio.Event, Callable[[str, dict[str, Any]], Awaitable[None]]]:
    """An event that is set once a request begins to leave, and the hook that sets it."""
    sent = asyncio.Event()

    async def trace(event: str, info: dict[str, Any]) -> None:
        # A proxy's CONNECT carries nothing of ours.
        if event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT":
            sent.set()

    return sent, trace


def doubt(error: WireError, method: str, path: str) -> OutcomeUnknown:
    """What an unreadable answer to a write means: the server may have done it."""
    return OutcomeUnknown(
        error.detail,
        method=method,
        path=path,
        request_id=error.request_id,
        status=error.status,
        excerpt=error.excerpt,
    )


def _astray(answer: Answer) -> str:
    """An answer below 400 that is none: a redirect, such as a portal of the network gives."""
    try:
        host = urlsplit(answer.headers.get("location", "")).hostname or ""
    except ValueError:
        host = ""
    return f"an answer {answer.status} sends us {f'to {host[:80]}' if host else 'elsewhere'}"
