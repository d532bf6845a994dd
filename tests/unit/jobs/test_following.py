"""Following jobs to their end, and cancelling them on the way."""

from pathlib import Path

import pytest

from app.errors import (
    NotAuthorised,
    OutcomeUnknown,
    ServerFault,
    TooFast,
    UnexpectedAnswer,
    Unreachable,
)
from app.jobs.jobs import Jobs
from app.records import CommandStatus
from tests.unit.jobs.scripted import Clock, Server, by_state, done, job_of, run, submit, until


def test_a_key_that_expires_while_following_is_said_once_and_a_new_client_goes_on(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        jobs.connect(server)
        job = await submit(jobs, clock)
        await until(lambda: job_of(jobs, job.id).accepted == 1)
        server.every_read = NotAuthorised(401)
        await until(lambda: "key" in job_of(jobs, job.id).error)
        asked = server.calls.total()
        await clock.sleep(40)
        assert server.calls.total() <= asked + 1
        server.every_read = None
        server.finish()
        jobs.connect(server)
        await until(done(jobs, job))
        await until(lambda: job_of(jobs, job.id).error == "")

    run(tmp_path, body)


def test_polls_follow_what_happens_and_not_the_number_of_devices(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        jobs.connect(server)
        job = await submit(jobs, clock, 500)
        await until(lambda: server.calls["command_stats"] >= 12)
        assert server.calls["command_statuses"] <= 1 + server.calls["command_stats"] // 8
        assert 15.0 in clock.slept
        assert max(clock.slept) <= 15.0
        server.finish()
        await until(done(jobs, job))
        polls = server.calls.total()
        await clock.sleep(40)
        assert server.calls.total() == polls

    run(tmp_path, body)


@pytest.mark.parametrize(
    "fault", [Unreachable("gone"), TooFast(429, retry_after=3.0), ServerFault(503), UnexpectedAnswer("?")]
)
def test_following_survives_a_server_that_fails_for_a_while(tmp_path: Path, fault: Exception) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        jobs.connect(server)
        job = await submit(jobs, clock)
        await until(lambda: job_of(jobs, job.id).accepted == 1)
        server.every_read = fault
        before = server.calls.total()
        await until(lambda: server.calls.total() > before + 3)
        server.every_read = None
        server.finish("Command Failure")
        await until(done(jobs, job))
        assert job_of(jobs, job.id).counts == {"failure": 3}

    run(tmp_path, body)


def test_cancelling_withdraws_what_was_not_sent_and_recalls_what_is_queued_only(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        server.before = [None, NotAuthorised(401)]
        jobs.connect(server)
        job = await submit(jobs, clock, 700)
        await until(lambda: job_of(jobs, job.id).phase == "paused")
        server.put("r0-0", "Command In Progress")
        server.put("r0-1", "Command Success")
        jobs.connect(server)
        await jobs.cancel(job.id)
        await until(lambda: job_of(jobs, job.id).counts.get("cancelled") == 698)
        assert len(server.cancels) == len(set(server.cancels)) == 498
        assert not {"r0-0", "r0-1"} & set(server.cancels)
        assert job_of(jobs, job.id).phase == "following"
        server.put("r0-0", "Command Success")
        await until(done(jobs, job))
        assert server.posts == 2

    run(tmp_path, body)


def test_a_cancelled_job_does_not_send_what_turns_out_not_to_have_arrived(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        server.before = [OutcomeUnknown("cut")]
        jobs.connect(server)
        job = await submit(jobs, clock, 700)
        await until(lambda: by_state(jobs.targets(job.id)).get("unknown") == 500)
        await jobs.cancel(job.id)
        await until(done(jobs, job))
        assert (server.posts, job_of(jobs, job.id).counts) == (1, {"cancelled": 700})

    run(tmp_path, body)


def test_news_of_a_device_outside_the_job_is_left_alone(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        jobs.connect(server)
        job = await submit(jobs, clock)
        await until(lambda: job_of(jobs, job.id).accepted == 1)
        server.statuses["x"] = CommandStatus(id="x", request_id="r0", device_id="stranger", state="Command Queued")
        server.put("r0-0", "Command Acknowledged")
        await until(lambda: by_state(jobs.targets(job.id)) == {"acknowledged": 1, "queued": 2})

    run(tmp_path, body)
