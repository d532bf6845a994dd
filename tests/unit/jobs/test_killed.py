"""The program killed in the middle of a job of 1,200 devices, on the real sandbox: nobody twice, nobody forgotten."""

import asyncio
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from app.esper.client import EsperClient
from app.jobs.jobs import Jobs
from app.states import FINAL_STATES
from tests.sandbox import Sandbox, running
from tests.unit.jobs.scripted import job_of, until
from tests.unit.jobs.victim import STEPS

DEVICES = 1200


def kill_at(step: str, sandbox: Sandbox, directory: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.jobs.victim", sandbox.url, sandbox.token, str(directory), step],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


async def finish(sandbox: Sandbox, directory: Path) -> Counter[str]:
    """Opens the ledger again two minutes later, resumes, and counts the server's requests per device."""
    jobs = await Jobs.open(directory / "ledger.db", tenant="sandbox", clock=lambda: time.time() + 120)
    client = await EsperClient.open(sandbox.url, sandbox.token)
    try:
        (job,) = jobs.all()
        assert job.total == DEVICES
        jobs.connect(client)
        await until(lambda: not job_of(jobs, job.id).counts.get("unknown"))
        if job_of(jobs, job.id).phase == "paused":
            sent = job_of(jobs, job.id).accepted
            await asyncio.sleep(0.05)
            assert job_of(jobs, job.id).accepted == sent
            await jobs.resume(job.id)
        await until(lambda: job_of(jobs, job.id).accepted == 3)
        targets = jobs.targets(job.id)
        assert len({t.device_id for t in targets}) == DEVICES
        await until(lambda: any(t.state in FINAL_STATES for t in jobs.targets(job.id)), 30)
        return await owners(client)
    finally:
        await jobs.close()
        await client.close()


async def owners(client: EsperClient) -> Counter[str]:
    found: Counter[str] = Counter()
    async for page in client.command_requests():
        for request in page.rows:
            found.update(request.devices)
    return found


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_every_device_ends_in_exactly_one_request(tmp_path: Path, step: str) -> None:
    with running(DEVICES, "--speed", "100", "--seed", "5") as sandbox:
        kill_at(step, sandbox, tmp_path)
        per_device = asyncio.run(finish(sandbox, tmp_path))
    assert len(per_device) == DEVICES
    assert set(per_device.values()) == {1}
