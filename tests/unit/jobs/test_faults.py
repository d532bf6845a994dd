"""Any mixture of faults and restarts: no device is in two requests, and none is forgotten."""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import BadRequest, NotAuthorised, OutcomeUnknown, ServerFault, StoreError, TooFast, Unreachable
from app.jobs.jobs import Jobs
from tests.unit.jobs.scripted import Clock, Server, by_state, job_of, open_jobs, plan_for, until

DEVICES = 1700
NOT_ARRIVED = {
    "unreachable": Unreachable("refused"),
    "too fast": TooFast(429),
    "key": NotAuthorised(401),
    "cut before": OutcomeUnknown("cut"),
    "fault before": ServerFault(502),
    "refused": BadRequest(400, "no"),
    "": None,
}
ARRIVED = {"cut after": OutcomeUnknown("cut"), "fault after": ServerFault(504), "": None}


async def settle(jobs: Jobs, job_id: str, server: Server) -> None:
    """Does what a patient user does: resumes until nothing waits, while the server finishes its work."""
    for _ in range(40):
        await until(lambda: job_of(jobs, job_id).phase != "sending" and not job_of(jobs, job_id).counts.get("unknown"))
        if job_of(jobs, job_id).phase == "paused":
            await jobs.resume(job_id)
            continue
        server.finish()
        await until(lambda: job_of(jobs, job_id).phase == "done")
        return
    raise AssertionError("the job did not come to an end")


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    before=st.lists(st.sampled_from(sorted(NOT_ARRIVED)), max_size=5),
    after=st.lists(st.sampled_from(sorted(ARRIVED)), max_size=4),
    restarts=st.lists(st.floats(0.0, 30.0), max_size=2),
    cut_line=st.booleans(),
)
def test_every_device_is_in_one_request_or_refused(
    before: list[str], after: list[str], restarts: list[float], cut_line: bool
) -> None:
    async def main(directory: Path) -> None:
        clock = Clock()
        server = Server(clock, before=[NOT_ARRIVED[name] for name in before], after=[ARRIVED[name] for name in after])
        jobs = await open_jobs(directory, clock)
        jobs.connect(server)
        job = await jobs.submit(plan_for(DEVICES, clock.now), {})
        for pause in restarts:
            await clock.sleep(pause)
            if cut_line:
                jobs.connect(None)
                await clock.sleep(1)
            else:
                await jobs.close()
                jobs = await open_jobs(directory, clock)
            jobs.connect(server)
        await settle(jobs, job.id, server)
        states = by_state(jobs.targets(job.id))
        owners = server.owners()
        assert set(states) <= {"success", "refused"}
        assert states.get("success", 0) == len(owners)
        assert set(owners.values()) <= {1}
        assert sum(states.values()) == DEVICES
        await jobs.close()

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(main(Path(directory)))


@pytest.mark.parametrize("state", ["waiting", "sending", "accepted"])
def test_a_disk_that_refuses_stops_the_job_and_sends_nothing_unrecorded(
    tmp_path: Path, state: str, expected_log: Callable[[str], None]
) -> None:
    expected_log("task ledger/write failed")
    expected_log("task jobs/send")

    async def main() -> None:
        clock = Clock()
        server = Server(clock)
        jobs = await open_jobs(tmp_path, clock)
        jobs.connect(server)
        with closing(apsw.Connection(str(tmp_path / "ledger.db"))) as disk:
            for verb in ("INSERT", "UPDATE"):
                disk.execute(
                    f"CREATE TRIGGER full_{verb} BEFORE {verb} ON request WHEN NEW.state = '{state}' "
                    "BEGIN SELECT RAISE(FAIL, 'disk full'); END"
                )
        if state == "waiting":
            with pytest.raises(StoreError):
                await jobs.submit(plan_for(3, clock.now), {})
            assert (jobs.all(), server.posts) == ([], 0)
        else:
            job = await jobs.submit(plan_for(700, clock.now), {})
            await until(lambda: "ledger" in job_of(jobs, job.id).error)
            await clock.sleep(40)
            assert server.posts == (0 if state == "sending" else 1)
        await jobs.close()

    asyncio.run(main())


def test_twenty_thousand_devices_take_forty_requests_each_sent_once(tmp_path: Path) -> None:
    async def main() -> None:
        clock = Clock()
        server = Server(clock)
        jobs = await open_jobs(tmp_path, clock)
        jobs.connect(server)
        job = await jobs.submit(plan_for(20_000, clock.now), {})
        await until(lambda: job_of(jobs, job.id).accepted == 40, 30)
        assert server.posts == 40
        assert [len(r.devices) for r in server.requests] == [500] * 40
        await jobs.close()

    asyncio.run(main())
