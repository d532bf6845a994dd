"""A program that reboots every device of a sandbox and is killed by its own hand at a chosen step.

Run as `python -m tests.unit.jobs.victim URL TOKEN DIRECTORY STEP`; STEP is one of STEPS.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.commands.request import build
from app.esper.client import EsperClient
from app.jobs.jobs import Jobs
from app.jobs.plan import seal
from app.records import CommandRequest
from app.store.fleet import Fleet

STEPS = ("written", "marked", "posted", "recorded")


def die() -> None:
    """Ends this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


class Mortal:
    """The real client, with a kill just before or just after its second POST."""

    def __init__(self, client: EsperClient, step: str) -> None:
        self._client = client
        self._step = step
        self._posts = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def send_command(self, body: Mapping[str, Any]) -> CommandRequest:
        self._posts += 1
        if self._step == "marked" and self._posts == 2:
            die()
        answer = await self._client.send_command(body)
        if self._step == "posted" and self._posts == 2:
            die()
        return answer


async def main(url: str, token: str, directory: Path, step: str) -> None:
    client = await EsperClient.open(url, token)
    ids = [device.id async for page in client.device_pages() for device in page.rows]
    jobs = await Jobs.open(directory / "ledger.db", tenant="sandbox", clock=time.time)
    plan = seal(build("REBOOT", {}, ids), Fleet(), now=time.time(), tenant="sandbox")
    job = await jobs.submit(plan, {})
    if step == "written":
        die()
    jobs.connect(Mortal(client, step))
    while True:
        now = jobs.job(job.id)
        if now is not None and now.accepted == now.requests and now.counts.get("submitted", 0) < now.total:
            die()
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]))
