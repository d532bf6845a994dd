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
from app.redact import guard
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
        self.ready = ready

    @classmethod
    async def start(cls, devices: int, options: Sequence[str] = ()) -> "DemoServer":
        """Starts it with `devices` devices and waits for its line. Raises DemoFailed."""
        process = await asyncio.create_subprocess_exec(
            *sandbox_command(), "--exit-with-parent", "--quiet", "--devices", str(devices), *options,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
            ready = msgspec.json.decode(line, type=Ready)
        except (TimeoutError, msgspec.MsgspecError) as error:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            said = (await process.stderr.read()).decode(errors="replace").strip().splitlines()
            raise DemoFailed(said[-1] if said else "it said nothing") from error
        guard(ready.token)
        return cls(process, ready)

    @property
    def tenant(self) -> Tenant:
        """The demo as a tenant like any other."""
        return Tenant(
            key=DEMO_KEY, name="Demo fleet", url=self.ready.url, enterprise_id=self.ready.enterprise_id,
            enterprise_name="Demo fleet", colour="#0f8a7e", production=False,
        )  # fmt: skip

    async def stop(self) -> None:
        """Ends the process: asked first, killed when it does not listen."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
