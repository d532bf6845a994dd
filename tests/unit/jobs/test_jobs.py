"""Jobs from submit to the end, on a ledger on disk and a server in memory whose faults are chosen."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import pytest

from app.errors import (
    BadRequest,
    Forbidden,
    InputError,
    NotAuthorised,
    NotFound,
    OutcomeUnknown,
    Refused,
    ServerFault,
    StoreError,
    TooFast,
    UnexpectedAnswer,
    Unreachable,
)
from app.jobs.jobs import Jobs
from app.jobs.plan import seal
from app.records import CommandRequest
from app.states import Schedule
from app.store.fleet import Fleet
from tests.unit.jobs.scripted import Clock, Server, by_state, done, job_of, open_jobs, plan_for, run, submit, until


def test_a_job_is_sent_and_followed_until_every_device_has_a_final_state(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        jobs.connect(server)
        job = await submit(jobs, clock, 1200)
        assert (job.title, job.requests, job.total) == ("Reboot: 1,200 devices", 3, 1200)
        await until(lambda: job_of(jobs, job.id).accepted == 3)
        assert [len(r.devices) for r in server.requests] == [500, 500, 200]
        await until(lambda: by_state(jobs.targets(job.id)) == {"queued": 1200})
        server.finish()
        await until(done(jobs, job))
        assert job_of(jobs, job.id).counts == {"success": 1200}
        assert job_of(jobs, job.id).finished_at is not None
        assert server.posts == 3

    run(tmp_path, body)


def test_what_is_sent_is_on_disk_as_being_sent_before_it_goes_out(tmp_path: Path) -> None:
    seen: list[tuple[str, str, int]] = []

    def look() -> None:
        with closing(apsw.Connection(str(tmp_path / "ledger.db"), flags=apsw.SQLITE_OPEN_READONLY)) as disk:
            rows = disk.execute("SELECT state, alias FROM request WHERE state = 'sending'").fetchall()
            targets = disk.execute("SELECT count(*) FROM target WHERE state = 'sending'").get
        seen.extend((state, alias, targets) for state, alias in rows)

    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        server.on_post = look
        jobs.connect(server)
        job = await submit(jobs, clock, 700)
        await until(lambda: job_of(jobs, job.id).accepted == 2)
        assert [(state, alias) for state, alias, _ in seen] == [("sending", r.alias) for r in server.requests]
        assert [number for _, _, number in seen] == [500, 200]

    run(tmp_path, body)


def test_offline_a_job_is_kept_and_sent_when_a_client_comes(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        job = await submit(jobs, clock)
        assert by_state(jobs.targets(job.id)) == {"not sent": 3}
        jobs.connect(server)
        await until(lambda: job_of(jobs, job.id).accepted == 1)
        jobs.connect(None)
        server.finish()
        await clock.sleep(40)
        assert job_of(jobs, job.id).phase == "following"
        jobs.connect(server)
        await until(done(jobs, job))

    run(tmp_path, body)


@pytest.mark.parametrize("fault", [Unreachable("refused"), TooFast(429, retry_after=7.0)])
def test_what_certainly_did_not_arrive_is_sent_again_under_the_same_alias(tmp_path: Path, fault: Exception) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        server.before = [fault, fault]
        jobs.connect(server)
        job = await submit(jobs, clock)
        await until(lambda: job_of(jobs, job.id).accepted == 1)
        assert (server.posts, len(server.requests)) == (3, 1)
        if isinstance(fault, TooFast):
            assert clock.slept[:2] == [7.0, 7.0]

    run(tmp_path, body)


LOST = [OutcomeUnknown("cut"), ServerFault(502), ServerFault(500), UnexpectedAnswer("html"), Refused(408)]


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("keeps_aliases", [True, False])
def test_a_lost_answer_is_looked_up_and_never_sent_again(tmp_path: Path, fault: Exception, keeps_aliases: bool) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        server.keeps_aliases = keeps_aliases
        server.after = [None, fault]
        jobs.connect(server)
        job = await submit(jobs, clock, 1200)
        await until(lambda: job_of(jobs, job.id).accepted == 3)
        assert server.posts == 3
        assert set(server.owners().values()) == {1}
        server.finish()
        await until(done(jobs, job))

    run(tmp_path, body)


@pytest.mark.parametrize("fault", LOST)
def test_a_request_that_never_arrived_waits_for_the_user_and_is_then_sent_once(
    tmp_path: Path, fault: Exception
) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        server.before = [None, fault]
        jobs.connect(server)
        began = clock.now
        job = await submit(jobs, clock, 1200)
        await until(lambda: job_of(jobs, job.id).phase == "paused")
        assert clock.now - began >= 60
        assert server.posts == 2
        reasons = {t.reason for t in jobs.targets(job.id) if t.state == "not sent"}
        assert reasons == {"the server has no record of it", ""}
        assert job_of(jobs, job.id).error
        await jobs.resume(job.id)
        await until(lambda: job_of(jobs, job.id).accepted == 3)
        assert set(server.owners().values()) == {1}
        assert len(server.owners()) == 1200

    run(tmp_path, body)


def test_a_request_that_shows_up_late_is_found_before_the_resume_sends_it(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        server.after = [OutcomeUnknown("cut")]
        server.hidden = True
        jobs.connect(server)
        job = await submit(jobs, clock)
        await until(lambda: job_of(jobs, job.id).phase == "paused")
        server.hidden = False
        await jobs.resume(job.id)
        await until(lambda: job_of(jobs, job.id).accepted == 1)
        assert server.posts == 1

    run(tmp_path, body)


def test_what_could_be_two_things_stays_unknown_and_the_rest_is_sent(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        server.keeps_aliases = False
        server.after = [OutcomeUnknown("cut")]
        jobs.connect(server)
        twin = {"command": "REBOOT", "alias": "", "devices": [f"d{n:06}" for n in range(500)], "command_args": {}}
        server.on_post = lambda: (
            server.requests
            or server.requests.append(
                someone_else_s(server, twin)  # somebody else reboots the very same devices at the very same time
            )
        )
        job = await submit(jobs, clock, 700)
        await until(lambda: job_of(jobs, job.id).accepted == 1)
        assert by_state(jobs.targets(job.id))["unknown"] == 500
        assert server.posts == 2
        assert job_of(jobs, job.id).phase == "following"

    run(tmp_path, body)


def someone_else_s(server: Server, body: dict[str, Any]) -> CommandRequest:
    return CommandRequest(
        id="theirs", command=body["command"], devices=tuple(body["devices"]), created_at=server.clock()
    )


def test_a_refused_body_is_final_and_the_next_request_is_sent(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        server.before = [BadRequest(400, "unknown device", ["devices: d7"])]
        jobs.connect(server)
        job = await submit(jobs, clock, 700)
        await until(lambda: job_of(jobs, job.id).accepted == 1)
        refused = [t for t in jobs.targets(job.id) if t.state == "refused"]
        assert len(refused) == 500
        assert "devices: d7" in refused[0].reason
        server.finish()
        await until(done(jobs, job))

    run(tmp_path, body)


def test_a_refusal_that_is_not_about_the_body_pauses_the_rest(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        server.before = [NotFound(404, "no such address")]
        jobs.connect(server)
        job = await submit(jobs, clock, 700)
        await until(lambda: job_of(jobs, job.id).phase == "paused")
        assert (server.posts, by_state(jobs.targets(job.id))) == (1, {"refused": 500, "not sent": 200})

    run(tmp_path, body)


@pytest.mark.parametrize("fault", [NotAuthorised(401), Forbidden(403)])
def test_a_key_that_is_not_accepted_pauses_the_job_with_nothing_lost(tmp_path: Path, fault: Exception) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        server.before = [None, fault]
        jobs.connect(server)
        job = await submit(jobs, clock, 1200)
        await until(lambda: job_of(jobs, job.id).phase == "paused")
        assert server.posts == 2
        assert "key" in job_of(jobs, job.id).error
        await jobs.resume(job.id)
        await until(lambda: job_of(jobs, job.id).accepted == 3)
        assert set(server.owners().values()) == {1}
        assert job_of(jobs, job.id).error == ""

    run(tmp_path, body)


def test_a_plan_that_expired_was_altered_or_names_nobody_is_not_submitted(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        jobs.connect(server)
        plan = plan_for(3, clock.now)
        fewer = replace(plan.request, devices=plan.request.devices[:2])
        other = replace(plan.request, command="WIPE")
        altered = [
            replace(plan, request=fewer),
            replace(plan, request=other),
            replace(plan, expires_at=clock.now + 1e6),
        ]
        altered += [replace(plan, tenant="other"), plan_for(3, clock.now - 901)]
        recurring = replace(plan.request, schedule=Schedule.RECURRING)
        altered += [replace(plan, request=recurring)]
        for bad in altered:
            with pytest.raises(InputError):
                await jobs.submit(bad, {})
        plan.request.args["package_name"] = "slipped.in"
        with pytest.raises(InputError):
            await jobs.submit(plan, {})
        assert (jobs.all(), server.posts) == ([], 0)

    run(tmp_path, body)


def test_a_plan_for_another_tenant_is_refused_however_well_it_is_sealed(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        jobs.connect(server)
        plan = seal(plan_for(3, clock.now).request, Fleet(), now=clock.now, tenant="other")
        with pytest.raises(InputError, match="another tenant"):
            await jobs.submit(plan, {})
        assert (jobs.all(), server.posts) == ([], 0)

    run(tmp_path, body)


def test_a_plan_that_comes_after_the_end_is_refused_and_not_lost_in_silence(tmp_path: Path) -> None:
    async def main() -> None:
        clock = Clock()
        jobs = await open_jobs(tmp_path, clock)
        await jobs.close()
        with pytest.raises(StoreError):
            await submit(jobs, clock)

    asyncio.run(main())


def test_jobs_are_listed_newest_first_with_the_names_and_order_of_the_plan(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        first = await submit(jobs, clock, 1)
        second = await submit(jobs, clock, 3, "LOCK")
        assert [job.id for job in jobs.all()] == [second.id, first.id]
        assert (first.title, second.title) == ("Reboot: Till 1", "Lock screen: 3 devices")
        assert [(t.device_id, t.name) for t in jobs.targets(first.id)] == [("d000000", "Till 1")]
        assert [t.device_id for t in jobs.targets(second.id)] == ["d000000", "d000001", "d000002"]
        assert jobs.job("nobody") is None
        assert jobs.targets("nobody") == []

    run(tmp_path, body)


def test_a_change_names_its_job(tmp_path: Path) -> None:
    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        heard: list[tuple[str, frozenset[str]]] = []
        jobs.changed.connect(lambda change: heard.append((change.kind, change.ids)))
        jobs.connect(server)
        job = await submit(jobs, clock)
        await until(lambda: job_of(jobs, job.id).accepted == 1)
        assert set(heard) == {("jobs", frozenset({job.id}))}

    run(tmp_path, body)


def test_a_defect_while_sending_leaves_the_outcome_unknown(tmp_path: Path, expected_log: Callable[[str], None]) -> None:
    expected_log("task jobs/send")

    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        server.after = [ValueError("a defect of ours")]
        jobs.connect(server)
        job = await submit(jobs, clock)
        await until(lambda: by_state(jobs.targets(job.id)) == {"unknown": 3})
        jobs.connect(server)
        await until(lambda: job_of(jobs, job.id).accepted == 1)
        assert server.posts == 1

    run(tmp_path, body)


def test_nothing_secret_is_written_down(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secret = "correct-horse-battery"

    async def body(jobs: Jobs, server: Server, clock: Clock) -> None:
        caplog.set_level(logging.DEBUG)
        job = await submit(jobs, clock, 2, "RESET_LOCKSCREEN_PASSWORD", {"new_lockscreen_password": secret})
        jobs.connect(server)
        await until(lambda: job_of(jobs, job.id).accepted == 1)
        assert server.requests[0].args == {"new_lockscreen_password": secret}
        assert secret not in repr(job)

    run(tmp_path, body)
    assert all(secret.encode() not in file.read_bytes() for file in tmp_path.iterdir())
    assert secret not in caplog.text
