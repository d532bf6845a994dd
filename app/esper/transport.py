"""One pooled HTTP connection to one tenant: reads are retried, writes go out once.

Invariant: a write is never sent twice and its doubtful ends are OutcomeUnknown; no redirect is followed; no log line
holds more than method, path, status and time.
"""

import asyncio
import contextlib
import logging
import random
import time
import uuid
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from app.errors import (
    FleetError,
    Offline,
    OutcomeUnknown,
    Refused,
    ServerFault,
    TooFast,
    UnexpectedAnswer,
    Unreachable,
)
from app.esper import connection
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
        # No single wait may exceed `timeout`; a server that drips bytes ends here.
        self._deadline = 4 * timeout
        self._sleep, self._clock = sleep, clock
        self._rng = rng or random.Random()

    @classmethod
    async def open(cls, url: str, token: str, pace: Pace, timeout: float = 30.0) -> "Transport":
        """Prepares a client for `url` (ends in /api). Sends nothing. Raises InputError on an unsafe address or key.

        The HTTP library and the certificates load in a thread: together they would stall a window for 150 ms.
        """
        url = connection.check_address(url)
        connection.check_token(token)
        client = await asyncio.to_thread(connection.build, url, token, pace.most, timeout)
        return cls(client, url, pace, timeout)

    async def close(self) -> None:
        """Closes every connection; later requests raise Offline."""
        await self._client.aclose()

    async def read(self, path: str, params: Params | None = None, priority: Priority = Priority.PEOPLE) -> Answer:
        """GET, tried up to four times on lost connections, 429 and 5xx. Raises Unreachable, Refused or UnexpectedAnswer."""
        tries = 0
        while True:
            tries += 1
            try:
                return await self._send("GET", path, params, None, priority)
            except TooFast as error:
                # The pace-keeper knows of it and makes the next try wait.
                if tries >= _TRIES or (error.retry_after or 0.0) > self.pace.patience:
                    raise
                continue
            except ServerFault as error:
                if tries >= _TRIES or error.status not in _RETRIED:
                    raise
            except Unreachable:
                if tries >= _TRIES_UNCONNECTED:
                    raise
            except OutcomeUnknown as error:
                if tries >= _TRIES:
                    raise Unreachable(error.detail, method="GET", path=path, request_id=error.request_id) from error
            await self._sleep(min(8.0, 0.5 * 2.0 ** (tries - 1)) * self._rng.uniform(0.5, 1.0))

    async def write(self, method: str, path: str, body: bytes, priority: Priority = Priority.PEOPLE) -> Answer:
        """POST or PUT, sent at most once. 304 counts as an answer.

        Raises Unreachable (certainly not sent), Refused (a complete answer of 400 and above), else OutcomeUnknown.
        """
        try:
            return await self._send(method, path, None, body, priority)
        except UnexpectedAnswer as error:
            raise doubt(error, method, path) from error

    async def _send(
        self, method: str, path: str, params: Params | None, body: bytes | None, priority: Priority
    ) -> Answer:
        where = {"method": method, "path": path, "request_id": str(uuid.uuid4())}
        async with self.pace.slot(priority) as started:
            if self._client.is_closed:
                raise Offline("the connection is closed")
            answer = await self._exchange(method, path, params, body, where)
            if answer.status < 300 or answer.status == 304:
                self.pace.speed_up()
                return answer
            if answer.status < 400:
                raise UnexpectedAnswer(f"an answer {answer.status} sends us elsewhere", **where)
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
        import httpx  # loaded by `open`, in a thread

        sent = False

        async def trace(event: str, info: dict[str, Any]) -> None:
            nonlocal sent
            # A proxy's CONNECT carries nothing of ours.
            if event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT":
                sent = True

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
            async with asyncio.timeout(self._deadline):
                response = await self._client.send(request, stream=True)
                try:
                    content = await self._body(response)
                finally:
                    self.received += response.num_bytes_downloaded
                    await response.aclose()
        except UnexpectedAnswer as error:
            error.method, error.path, error.request_id = method, path, where["request_id"]
            raise
        except (httpx.RequestError, httpx.InvalidURL, TimeoutError, OSError) as error:
            log.debug("%s %s: %s", method, path, type(error).__name__)
            failed = OutcomeUnknown if sent else Unreachable
            raise failed(reason(error), **where) from error
        log.debug("%s %s: %s, %.0f ms", method, path, response.status_code, 1000 * (time.perf_counter() - began))
        theirs = response.headers.get("x-request-id", where["request_id"])[:100]
        return Answer(response.status_code, response.headers, content, method, path, theirs)

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


def doubt(error: FleetError, method: str, path: str) -> OutcomeUnknown:
    """What an unreadable answer to a write means: the server may have done it."""
    request_id = getattr(error, "request_id", "")
    excerpt = getattr(error, "excerpt", "")
    return OutcomeUnknown(error.detail, method=method, path=path, request_id=request_id, excerpt=excerpt)
