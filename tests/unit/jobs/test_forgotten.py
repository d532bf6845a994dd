"""Requests that the server took once and does not know any more: said, and not asked for ever."""

import asyncio
from pathlib import Path

import pytest

from app.jobs.book import FORGOTTEN
from app.jobs.jobs import Jobs
from tests.unit.jobs.scripted import (
    Clock,
    Server,
    by_state,
    done,
    job_of,
    open_jobs,
    plan_for,
    run,
    submit,
    until,
)


def wipe_memory(server: Server) -> None:
    """The server starts anew and knows nothing."""
    server.requests.clear()
    server.statuses.clear()


def test_a_request_that_the_server_forgot_is_unknown_and_the_job_ends(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        jobs.connect(server)
        job = await submit(jobs, clock)
        await until(lambda: by_state(jobs.targets(job.id)) == {"queued": 3})
        server.put("r0-1", "Command Success")
        await until(lambda: by_state(jobs.targets(job.id)) == {"queued": 2, "success": 1})
        wipe_memory(server)
        await until(done(jobs, job))
        targets = jobs.targets(job.id)
        assert by_state(targets) == {"unknown": 2, "success": 1}
        assert {t.reason for t in targets if t.state == "unknown"} == {FORGOTTEN}
        assert FORGOTTEN in job_of(jobs, job.id).error
        assert (job_of(jobs, job.id).accepted, server.posts) == (1, 1)

    run(tmp_path, body)


def test_a_forgotten_request_is_neither_asked_for_nor_sent_after_a_restart(tmp_path: Path) -> None:
    async def main() -> None:
        clock = Clock()
        server = Server(clock)
        first = await open_jobs(tmp_path, clock)
        first.connect(server)
        job = await first.submit(plan_for(3, clock.now), {})
        await until(lambda: by_state(first.targets(job.id)) == {"queued": 3})
        wipe_memory(server)
        await until(done(first, job))
        kept = (job_of(first, job.id), first.targets(job.id))
        await first.close()
        again = await open_jobs(tmp_path, clock)
        server.calls.clear()
        again.connect(server)
        await again.resume(job.id)
        await clock.sleep(60)
        assert (job_of(again, job.id).phase, again.targets(job.id)) == ("done", kept[1])
        assert (server.calls.total(), server.posts) == (0, 1)
        await again.close()

    asyncio.run(main())


class Still(Clock):
    """Sleeps pass as ever, but it stays the same moment."""

    def __call__(self) -> float:
        return 1_700_000_000.0


def test_a_young_request_that_does_not_show_up_yet_is_followed_on(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        jobs.connect(server)
        job = await submit(jobs, clock)
        await until(lambda: job_of(jobs, job.id).accepted == 1)
        kept = (list(server.requests), dict(server.statuses))
        wipe_memory(server)
        asked = server.calls["command_stats"]
        await until(lambda: server.calls["command_stats"] >= asked + 2)
        assert job_of(jobs, job.id).phase == "following"
        server.requests, server.statuses = kept
        server.finish()
        await until(done(jobs, job))
        assert job_of(jobs, job.id).counts == {"success": 3}

    run(tmp_path, body, Still())


def test_a_server_that_names_no_devices_but_knows_the_request_is_followed_on(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        jobs.connect(server)
        job = await submit(jobs, clock)
        await until(lambda: job_of(jobs, job.id).accepted == 1)
        server.counts_missing = True
        statuses, server.statuses = server.statuses, {}
        await until(lambda: server.calls["command_request"] >= 2)
        assert job_of(jobs, job.id).phase == "following"
        server.statuses = statuses
        server.finish()
        await until(done(jobs, job))

    run(tmp_path, body)


@pytest.mark.parametrize("waiting", [False, True])
def test_what_a_forgetful_server_never_got_still_waits_for_the_user(tmp_path: Path, waiting: bool) -> None:
    async def main() -> None:
        clock = Clock()
        server = Server(clock)
        first = await open_jobs(tmp_path, clock)
        first.connect(server)
        if waiting:
            server.on_post = lambda: first.connect(None) if server.posts == 2 else None
        job = await first.submit(plan_for(700, clock.now), {})
        await until(lambda: server.posts == 2)
        await until(lambda: job_of(first, job.id).accepted == (1 if waiting else 2))
        await first.close()
        wipe_memory(server)
        server.on_post = None
        again = await open_jobs(tmp_path, clock)
        again.connect(server)
        await until(lambda: job_of(again, job.id).phase == ("paused" if waiting else "done"))
        if waiting:
            await until(lambda: by_state(again.targets(job.id)) == {"unknown": 500, "not sent": 200})
            await again.resume(job.id)
            await until(lambda: len(server.requests) == 1)
            server.finish()
            await until(done(again, job))
            assert job_of(again, job.id).counts == {"unknown": 500, "success": 200}
        else:
            assert job_of(again, job.id).counts == {"unknown": 700}
        await again.close()

    asyncio.run(main())


def test_what_was_wanted_back_before_a_restart_is_taken_back_after_it(tmp_path: Path) -> None:
    async def main() -> None:
        clock = Clock()
        server = Server(clock)
        first = await open_jobs(tmp_path, clock)
        first.connect(server)
        job = await first.submit(plan_for(30, clock.now), {})
        await until(lambda: by_state(first.targets(job.id)) == {"queued": 30})
        first.connect(None)
        await first.cancel(job.id)
        await first.close()
        again = await open_jobs(tmp_path, clock)
        again.connect(server)
        await until(done(again, job))
        assert (job_of(again, job.id).counts, len(server.cancels)) == ({"cancelled": 30}, 30)
        await again.close()

    asyncio.run(main())
