"""The demo fleet: starts the sandbox as a process of its own and stops it with the console.

Invariant: the console reaches it over the same wire as any tenant; only the address differs. The process ends
when ours does, however ours ends, because it watches its standard input.
"""

import asyncio
import contextlib
import sys
from collections.abc import Sequence

import msgspec

from app.errors import DemoFailed
from app.redact import guard, redact
from app.settings import DEMO_KEY, Tenant

START_SECONDS = 60.0


class Ready(msgspec.Struct, frozen=True):
    """The one line that the sandbox prints when it accepts requests."""

    url: str
    token: str
    enterprise_id: str
    port: int


def sandbox_command() -> list[str]:
    """How to start the sandbox: from source through Python, from the installed program through itself."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "sandbox"]
    return [sys.executable, "-m", "app.sandbox"]


class DemoServer:
    """A running sandbox."""

    def __init__(self, process: asyncio.subprocess.Process, ready: Ready) -> None:
        self._process = process
        self._stopping = False
        self.ready = ready

    @classmethod
    async def start(cls, devices: int, options: Sequence[str] = ()) -> "DemoServer":
        """Starts it with `devices` devices and waits for its line. Raises DemoFailed."""
        try:
            process = await asyncio.create_subprocess_exec(
                *sandbox_command(), "--exit-with-parent", "--quiet", "--devices", str(devices), *options,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
        except OSError as error:
            raise DemoFailed(str(error)) from error
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
            ready = msgspec.json.decode(line, type=Ready)
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            said = await _last_words(process)
            await process.wait()
            if isinstance(error, TimeoutError | msgspec.MsgspecError | ValueError):
                raise DemoFailed(said or "it said nothing") from error
            raise
        guard(ready.token)
        return cls(process, ready)

    async def ended(self) -> str | None:
        """Returns when the process is gone: None after `stop`, else the last thing it said."""
        said = await _last_words(self._process)
        code = await self._process.wait()
        return None if self._stopping else said or f"it ended with code {code}"

    @property
    def tenant(self) -> Tenant:
        """The demo as a tenant like any other."""
        return Tenant(
            key=DEMO_KEY, name="Demo fleet", url=self.ready.url, enterprise_id=self.ready.enterprise_id,
            enterprise_name="Demo fleet", colour="#0f8a7e", production=False,
        )  # fmt: skip

    async def stop(self) -> None:
        """Ends the process: asked first, killed when it does not listen."""
        self._stopping = True
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


async def _last_words(process: asyncio.subprocess.Process) -> str:
    """The last line on standard error. Reads to its end, since a full pipe would stop the process."""
    assert process.stderr is not None
    last = b""
    while chunk := await process.stderr.read(4096):
        last = (last + chunk)[-4096:]
    lines = last.decode(errors="replace").strip().splitlines()
    return redact(lines[-1]) if lines else ""
