"""What a fault campaign needs beside the console itself: hurried time, drawn faults, a witness, the server's own truth.

Invariant: the truth is read with no fault in force and by none of the console's code, so it can judge that code.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx

import app.errors
from app.errors import FleetError
from app.esper import connection
from app.esper.client import EsperClient
from app.esper.exchange import Exchange
from app.esper.failures import Answer
from app.esper.pace import Pace, Priority
from app.esper.transport import Params, Transport
from app.records import CommandRequest
from tests.sandbox import Sandbox

T = TypeVar("T")
# The console waits its minutes in seconds; the sandbox's `--speed` is the same.
SCALE = 60.0
# For any single thing a user asks for, in real seconds.
PATIENCE = 60.0
TIMEOUT = 2.0

# A fault of each kind, struck by chance; the listing of devices is refused with 400 until its pages are small.
_MENU = (
    "* * drop-before",
    "* * drop-after",
    "* * 429 retry-after=1",
    "* * 429 retry-after=2 form=date",
    "* * 429",
    "* * error",
    "* * error when=after",
    "* * 502",
    "* * 504 when=after",
    "* * 302",
    "* * slow rate=1000000",
    "* * cut",
    "* * cut bytes=0",
    "* * truncated",
    "* * wrong-types",
    "* * wrong-types share=0.002",
    "* * wrong-types share=0",
    "* * wrong-content-type",
    "* * html",
    "* * html when=after code=503",
    "* * empty",
)


def draw_faults(rng: random.Random) -> list[str]:
    """Some faults of the menu, each with a share of its own; together they strike about one request in seven."""
    chosen = rng.sample(_MENU, 7)
    faults = [f"{fault} p={rng.uniform(0.005, 0.04):.4f}" for fault in chosen]
    faults.append(f"POST * {rng.choice(('drop-after', 'drop-before', 'cut', 'empty', 'html', '504 when=after'))} p=0.2")
    faults.append(f"GET * latency ms={TIMEOUT * 1200:.0f} p={rng.uniform(0.0005, 0.003):.5f}")
    if rng.random() < 0.6:
        faults.insert(0, f"GET /v2/devices/ 400 next={rng.randint(1, 3)}")
    return faults


class Hurry:
    """Time that runs `SCALE` times as fast as it does."""

    def __init__(self) -> None:
        self._wall, self._began = time.time(), time.monotonic()

    def now(self) -> float:
        return self._wall + (time.monotonic() - self._began) * SCALE

    def ticks(self) -> float:
        return time.monotonic() * SCALE

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / SCALE)


class _Counting(Transport):
    """Counts what was asked for; what was sent beyond that were further tries."""

    asked = 0

    async def read(self, path: str, params: Params | None = None, priority: Priority = Priority.PEOPLE) -> Answer:
        self.asked += 1
        return await super().read(path, params, priority)

    async def write(self, *args: Any, **options: Any) -> Answer:
        self.asked += 1
        return await super().write(*args, **options)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: AsyncIterable[bytes] | None = None,
        *,
        answer_within: float = 0.0,
    ) -> AsyncIterator[httpx.Response]:
        self.asked += 1
        async with super().stream(method, url, headers, body, answer_within=answer_within) as response:
            yield response


class Witness(EsperClient):
    """The console's client, in hurried time. `sent` holds, by alias, the devices and what the client said of each try."""

    def __init__(self, exchange: Exchange, transport: _Counting) -> None:
        super().__init__(exchange)
        self._counting = transport
        self.sent: dict[str, tuple[tuple[str, ...], list[str]]] = {}

    @property
    def retries(self) -> int:
        return max(0, self.requests - self._counting.asked)

    async def send_command(self, body: Mapping[str, Any]) -> CommandRequest:
        _, said = self.sent.setdefault(body["alias"], (tuple(body["devices"]), []))
        try:
            answer = await super().send_command(body)
        except BaseException as error:
            said.append(type(error).__name__)
            raise
        said.append("accepted")
        return answer


async def open_witness(sandbox: Sandbox, hurry: Hurry, rng: random.Random) -> Witness:
    """The client under test, on the real transport with its waits shortened."""
    pace = Pace(clock=hurry.now, ticks=hurry.ticks, sleep=hurry.sleep, rng=random.Random(rng.random()))
    http = await asyncio.to_thread(connection.build, sandbox.url, sandbox.token, pace.most, TIMEOUT)
    transport = _Counting(http, sandbox.url, pace, TIMEOUT, sleep=hurry.sleep, rng=random.Random(rng.random()))
    return Witness(Exchange(transport, sandbox.enterprise_id), transport)


class Truth:
    """The server as it is. `struck` counts faults by kind; the lists are read only while no fault is in force."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {sandbox.token}"}, timeout=30, trust_env=False
        )
        self._faults = f"http://127.0.0.1:{sandbox.port}/sandbox/faults"
        self.struck: Counter[str] = Counter()

    async def close(self) -> None:
        await self._http.aclose()

    async def spoil(self, faults: list[str]) -> None:
        (await self._http.put(self._faults, json={"faults": faults})).raise_for_status()

    async def calm(self) -> None:
        """Ends all faults and counts what they did."""
        for rule in (await self._http.get(self._faults)).json()["faults"]:
            self.struck[rule["fault"].split()[2]] += rule["struck"]
        (await self._http.delete(self._faults)).raise_for_status()

    async def devices(self) -> list[dict[str, Any]]:
        return await self._list("/v2/devices/")

    async def groups(self) -> list[dict[str, Any]]:
        return await self._list(f"/enterprise/{self._sandbox.enterprise_id}/devicegroup/")

    async def commands(self) -> list[dict[str, Any]]:
        return await self._list("/commands/v0/commands/")

    async def files(self) -> list[dict[str, Any]]:
        return await self._list(f"/v0/enterprise/{self._sandbox.enterprise_id}/content/")

    async def _list(self, path: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            answer = await self._http.get(self._sandbox.url + path, params={"limit": 500, "offset": len(rows)})
            answer.raise_for_status()
            page = answer.json()
            page = page.get("content", page)
            rows += page["results"]
            if len(rows) >= page["count"] or not page["results"]:
                assert len(rows) == page["count"]
                return rows


class Figures:
    """What happened, for the one line at the end."""

    def __init__(self) -> None:
        self.errors: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.done: Counter[str] = Counter()

    async def ask(self, what: str, work: Callable[..., Awaitable[T]], *given: Any, **options: Any) -> T | FleetError:
        """What `work` gives, or its error; anything but a named error within bounded time ends the campaign."""
        try:
            async with asyncio.timeout(PATIENCE):
                result = await work(*given, **options)
        except FleetError as error:
            if getattr(app.errors, type(error).__name__, None) is not type(error):
                raise AssertionError(f"{what}: {error!r} has no name") from error
            self.errors[type(error).__name__] += 1
            self.done[f"{what} failed"] += 1
            return error
        except TimeoutError:
            raise AssertionError(f"{what} hung for {PATIENCE:.0f} s") from None
        self.done[what] += 1
        return result
