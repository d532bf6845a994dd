"""What is left of a job when the program ends in the middle of it."""

import asyncio
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from app.errors import InputError, NotAuthorised, OutcomeUnknown, StoreBusy, StoreDamaged, StoreNewer
from app.jobs import jobs as room
from app.jobs.ledger import MIGRATIONS
from tests.unit.jobs.scripted import Clock, Server, by_state, job_of, open_jobs, plan_for, until


def test_what_was_not_sent_waits_for_the_user_after_a_restart(tmp_path: Path) -> None:
    async def main() -> None:
        clock = Clock()
        server = Server(clock, before=[None, NotAuthorised(401)])
        first = await open_jobs(tmp_path, clock)
        first.connect(server)
        job = await first.submit(plan_for(1200, clock.now), {})
        await until(lambda: job_of(first, job.id).phase == "paused")
        await first.close()

        again = await open_jobs(tmp_path, clock)
        again.connect(server)
        await clock.sleep(40)
        assert job_of(again, job.id).phase == "paused"
        assert server.posts == 2
        await again.resume(job.id)
        await until(lambda: job_of(again, job.id).accepted == 3)
        assert set(server.owners().values()) == {1}
        await again.close()

    asyncio.run(main())


def test_closing_while_a_request_is_on_its_way_makes_it_unknown_and_it_is_found_later(tmp_path: Path) -> None:
    async def main() -> None:
        clock = Clock()
        server = Server(clock)
        first = await open_jobs(tmp_path, clock)
        first.connect(server)
        out = asyncio.Event()
        server.on_post = out.set
        job = await first.submit(plan_for(700, clock.now), {})
        await out.wait()
        await first.close()
        assert server.posts == 1

        again = await open_jobs(tmp_path, clock)
        assert by_state(again.targets(job.id)) == {"unknown": 500, "not sent": 200}
        assert job_of(again, job.id).phase == "paused"
        assert "1 of 2" in job_of(again, job.id).error
        # The server had read the request before the line was cut.
        server.before.clear()
        await server.send_command(
            {
                "command": "REBOOT",
                "alias": _alias(tmp_path),
                "devices": plan_for(700, 0.0).request.devices[:500],
                "command_args": {},
            }
        )
        server.posts = 1
        again.connect(server)
        await until(lambda: job_of(again, job.id).accepted == 1)
        await again.resume(job.id)
        await until(lambda: job_of(again, job.id).accepted == 2)
        assert set(server.owners().values()) == {1}
        await again.close()

    asyncio.run(main())


def _alias(tmp_path: Path) -> str:
    with closing(apsw.Connection(str(tmp_path / "ledger.db"), flags=apsw.SQLITE_OPEN_READONLY)) as disk:
        return str(disk.execute("SELECT alias FROM request WHERE seq = 0").get)


def test_a_job_that_is_all_sent_is_followed_at_once_after_a_restart(tmp_path: Path) -> None:
    async def main() -> None:
        clock = Clock()
        server = Server(clock)
        first = await open_jobs(tmp_path, clock)
        first.connect(server)
        job = await first.submit(plan_for(30, clock.now), {})
        await until(lambda: by_state(first.targets(job.id)) == {"queued": 30})
        await first.close()
        server.finish()
        again = await open_jobs(tmp_path, clock)
        assert job_of(again, job.id).phase == "following"
        again.connect(server)
        await until(lambda: job_of(again, job.id).phase == "done")
        kept = (job_of(again, job.id), again.targets(job.id))
        await again.close()
        last = await open_jobs(tmp_path, clock)
        assert (job_of(last, job.id), last.targets(job.id)) == kept
        await last.close()

    asyncio.run(main())


def test_secret_values_are_not_kept_so_the_rest_of_such_a_job_cannot_be_resumed(tmp_path: Path) -> None:
    async def main() -> None:
        clock = Clock()
        first = await open_jobs(tmp_path, clock)
        plan = plan_for(3, clock.now, "RESET_LOCKSCREEN_PASSWORD", {"new_lockscreen_password": "hunter22"})
        job = await first.submit(plan, {})
        await first.close()
        again = await open_jobs(tmp_path, clock)
        server = Server(clock)
        again.connect(server)
        with pytest.raises(InputError, match="secret"):
            await again.resume(job.id)
        await again.cancel(job.id)
        await until(lambda: job_of(again, job.id).phase == "done")
        assert server.posts == 0
        await again.close()

    asyncio.run(main())


def test_a_cancel_that_was_cut_short_is_finished_at_the_next_start(tmp_path: Path) -> None:
    async def main() -> None:
        clock = Clock()
        first = await open_jobs(tmp_path, clock)
        job = await first.submit(plan_for(3, clock.now), {})
        await first.close()
        with closing(apsw.Connection(str(tmp_path / "ledger.db"))) as disk:
            disk.execute("UPDATE job SET cancelled = 1")
        again = await open_jobs(tmp_path, clock)
        assert job_of(again, job.id).counts == {"cancelled": 3}
        assert job_of(again, job.id).phase == "done"
        await again.close()

    asyncio.run(main())


def test_a_lost_request_is_still_unknown_after_a_restart_without_a_network(tmp_path: Path) -> None:
    async def main() -> None:
        clock = Clock()
        server = Server(clock, after=[OutcomeUnknown("cut")], every_read=OutcomeUnknown("cut"))
        first = await open_jobs(tmp_path, clock)
        first.connect(server)
        job = await first.submit(plan_for(3, clock.now), {})
        await until(lambda: by_state(first.targets(job.id)) == {"unknown": 3})
        await first.close()
        again = await open_jobs(tmp_path, clock)
        assert by_state(again.targets(job.id)) == {"unknown": 3}
        server.every_read = None
        again.connect(server)
        await until(lambda: job_of(again, job.id).accepted == 1)
        assert server.posts == 1
        await again.close()

    asyncio.run(main())


def test_targets_of_long_finished_jobs_are_read_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        clock = Clock()
        server = Server(clock)
        first = await open_jobs(tmp_path, clock)
        first.connect(server)
        made = []
        for _ in range(3):
            job = await first.submit(plan_for(4, clock.now), {})
            made.append(job.id)
            await until(lambda i=job.id: job_of(first, i).accepted == 1)  # type: ignore[misc]
            server.finish()
            await until(lambda i=job.id: job_of(first, i).phase == "done")  # type: ignore[misc]
        await first.close()
        monkeypatch.setattr(room, "MOST_TARGETS", 5)
        again = await open_jobs(tmp_path, clock)
        assert len(again.targets(made[2])) == 4
        assert again.targets(made[0]) == []
        assert job_of(again, made[0]).counts == {"success": 4}
        await until(lambda: len(again.targets(made[0])) == 4)
        await again.close()

    asyncio.run(main())


def test_one_ledger_belongs_to_one_process(tmp_path: Path) -> None:
    async def main() -> None:
        first = await open_jobs(tmp_path, Clock())
        with pytest.raises(StoreBusy):
            await open_jobs(tmp_path, Clock())
        await first.close()
        await (await open_jobs(tmp_path, Clock())).close()

    asyncio.run(main())


def test_a_newer_or_damaged_ledger_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"

    async def make() -> None:
        await (await open_jobs(tmp_path, Clock())).close()

    asyncio.run(make())
    with closing(apsw.Connection(str(path))) as disk:
        disk.pragma("user_version", len(MIGRATIONS) + 1)
    newer = path.read_bytes()
    with pytest.raises(StoreNewer):
        asyncio.run(make())
    assert path.read_bytes() == newer
    path.write_bytes(b"not a ledger" * 500)
    with pytest.raises(StoreDamaged):
        asyncio.run(make())
    assert path.read_bytes() == b"not a ledger" * 500
