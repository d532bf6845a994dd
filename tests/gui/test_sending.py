"""Commands on their way through the real dialogs: to these devices, once, and to no others."""

import asyncio

from PySide6.QtWidgets import QLineEdit, QPushButton

from app.jobs.facts import Job
from app.session import Session
from app.settings import Profile, tenant_from
from app.states import FINAL_STATES
from tests.gui.conftest import FAST, Play
from tests.gui.stage import Stage
from tests.sandbox import Sandbox, running
from ui.dialogs.command import CommandDialog
from ui.dialogs.review import ReviewDialog
from ui.guide import type_into, until


async def reviewed(stage: Stage, command: str) -> ReviewDialog:
    """Chooses a command for the selection and goes on to its review."""
    stage.console.window.actions_.trigger(f"command.{command}")
    dialog = await stage.dialog(CommandDialog)
    assert dialog.review.isEnabled(), dialog.why_not()
    dialog.review.click()
    return await stage.dialog(ReviewDialog)


async def job_of(stage: Stage, before: int = 0) -> Job:
    await until(lambda: len(stage.session.jobs.all()) > before, "no job appeared")
    return stage.session.jobs.all()[0]


async def accepted(stage: Stage, job_id: str, requests: int = 1) -> None:
    def taken() -> bool:
        job = stage.session.jobs.job(job_id)
        return job is not None and job.accepted == requests

    await until(taken, f"the server did not take {requests} requests")


async def known_to(session: Session) -> dict[str, tuple[str, ...]]:
    """Request id -> devices of everything the server was ever asked for."""
    assert session.client is not None
    return {request.id: request.devices async for page in session.client.command_requests() for request in page.rows}


def test_what_was_selected_is_what_the_review_lists_and_what_the_server_gets(play: Play, sandbox: Sandbox) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.enter(sandbox)
        before = await known_to(stage.session)
        chosen = stage.select(7)
        review = await reviewed(stage, "REBOOT")
        assert sorted(review.plan.request.devices) == sorted(chosen)
        assert "7 devices" in review.send.text()
        assert await known_to(stage.session) == before
        review.send.click()
        job = await job_of(stage)
        await accepted(stage, job.id)
        assert (job.command, job.total) == ("REBOOT", 7)
        assert sorted(t.device_id for t in stage.session.jobs.targets(job.id)) == sorted(chosen)
        new = [devices for id_, devices in (await known_to(stage.session)).items() if id_ not in before]
        assert [sorted(devices) for devices in new] == [sorted(chosen)]
        await until(lambda: not stage.console.window.docks["jobs"].isHidden(), "the job is not shown")

    play(scenario)


def test_devices_taken_out_in_the_review_are_not_sent(play: Play, sandbox: Sandbox) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.enter(sandbox)
        before = await known_to(stage.session)
        chosen = stage.select(6)
        review = await reviewed(stage, "REBOOT")
        listed = list(review.plan.request.devices)
        for row in (1, 3):
            review.devices.table.selectRow(row)
            review.devices.remove.click()
        rest = list(review.plan.request.devices)
        assert len(rest) == 4
        assert set(rest) < set(listed) == set(chosen)
        assert "4 devices" in review.send.text()
        review.send.click()
        job = await job_of(stage)
        await accepted(stage, job.id)
        new = [devices for id_, devices in (await known_to(stage.session)).items() if id_ not in before]
        assert [sorted(devices) for devices in new] == [sorted(rest)]

    play(scenario)


def test_a_device_that_vanished_after_it_was_selected_is_not_sent(play: Play, sandbox: Sandbox) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.enter(sandbox)
        before = await known_to(stage.session)
        chosen = stage.select(5)
        stage.console.window.actions_.trigger("command.REBOOT")
        dialog = await stage.dialog(CommandDialog)
        await stage.session.store.mark_gone(chosen[:1], at=stage.console.clock())
        dialog.review.click()
        review = await stage.dialog(ReviewDialog)
        assert sorted(review.plan.request.devices) == sorted(chosen[1:])
        assert review.plan.missing == ()
        await stage.hears("no longer in the fleet")
        review.send.click()
        job = await job_of(stage)
        await accepted(stage, job.id)
        new = [devices for id_, devices in (await known_to(stage.session)).items() if id_ not in before]
        assert [sorted(devices) for devices in new] == [sorted(chosen[1:])]

    play(scenario)


def test_when_every_selected_device_vanished_nothing_is_reviewed_or_sent(play: Play, sandbox: Sandbox) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.enter(sandbox)
        chosen = stage.select(2)
        stage.console.window.actions_.trigger("command.REBOOT")
        dialog = await stage.dialog(CommandDialog)
        await stage.session.store.mark_gone(chosen, at=stage.console.clock())
        dialog.review.click()
        await stage.no_dialog()
        await stage.hears("no longer in the fleet")
        assert stage.session.jobs.all() == []

    play(scenario)


def test_a_connection_that_goes_away_during_the_review_takes_the_send_button_with_it(
    play: Play, sandbox: Sandbox
) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.enter(sandbox)
        stage.select(3)
        review = await reviewed(stage, "REBOOT")
        assert review.send.isVisible()
        await stage.session.disconnect()
        assert not review.send.isVisible()
        assert review.offline.isVisible()
        review.reject()
        await stage.no_dialog()
        stage.console.window.actions_.trigger("command.REBOOT")
        dialog = await stage.dialog(CommandDialog)
        assert dialog.offline.isVisible()
        dialog.review.click()
        review = await stage.dialog(ReviewDialog)
        visible = [b.text() for b in review.findChildren(QPushButton) if b.isVisible()]
        assert not [words for words in visible if words.startswith("Reboot")]
        review.reject()
        await stage.no_dialog()
        assert stage.session.jobs.all() == []

    play(scenario)


def test_a_wipe_is_sent_only_after_its_exact_count_was_typed(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        with running(60, *FAST) as own:
            await stage.enter(own)
            chosen = stage.select(2)
            review = await reviewed(stage, "WIPE")
            for wrong in ("", "1", "22", "two"):
                type_into(review.typed, wrong)
                assert not review.send.isEnabled()
                review.send.click()
                assert review.isVisible()
            type_into(review.typed, "2")
            review.send.click()
            job = await job_of(stage)
            await accepted(stage, job.id)
            assert sorted(t.device_id for t in stage.session.jobs.targets(job.id)) == sorted(chosen)

    play(scenario)


def test_turning_back_in_the_form_or_the_review_sends_nothing(play: Play, sandbox: Sandbox) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.enter(sandbox)
        before = await known_to(stage.session)
        stage.select(3)
        stage.console.window.actions_.trigger("command.LOCK")
        (await stage.dialog(CommandDialog)).reject()
        await stage.no_dialog()
        await until(lambda: not [t for t in asyncio.all_tasks() if t.get_name().endswith("/send")], "it did not end")
        review = await reviewed(stage, "LOCK")
        review.reject()
        await stage.no_dialog()
        assert stage.session.jobs.all() == []
        assert await known_to(stage.session) == before

    play(scenario)


def test_a_console_closed_and_opened_again_shows_the_job_and_sends_nothing_twice(
    play: Play, sandbox: Sandbox, profile: Profile
) -> None:
    found: dict[str, object] = {}

    async def first(stage: Stage) -> None:
        await stage.enter(sandbox)
        stage.select(5)
        review = await reviewed(stage, "REBOOT")
        review.send.click()
        job = await job_of(stage)
        await accepted(stage, job.id)
        assert stage.session.jobs.job(job.id).phase != "done"  # type: ignore[union-attr]
        found["job"] = job.id
        found["devices"] = sorted(t.device_id for t in stage.session.jobs.targets(job.id))
        found["server"] = await known_to(stage.session)
        stage.console.window.close()
        await until(stage.console.closed.is_set, "the console did not end")

    async def second(stage: Stage) -> None:
        await until(lambda: stage.console.session is not None, "the tenant did not open")
        jobs = stage.session.jobs
        assert [job.id for job in jobs.all()] == [found["job"]]
        assert sorted(t.device_id for t in jobs.targets(str(found["job"]))) == found["devices"]
        assert stage.panels.jobs.tree.model().rowCount() == 1
        await stage.console.opening.open(tenant_from(sandbox.url), sandbox.token)
        jobs = stage.session.jobs
        id_ = str(found["job"])
        await until(lambda: all(t.state in FINAL_STATES for t in jobs.targets(id_)), "it was not followed", 60)
        assert await known_to(stage.session) == found["server"]
        assert [job.id for job in jobs.all()] == [id_]

    play(first)
    play(second)


def test_more_than_500_devices_go_out_as_several_requests_of_at_most_500(play: Play) -> None:
    async def scenario(stage: Stage) -> None:
        with running(1300, *FAST) as large:
            await stage.enter(large)
            stage.type_filter("platform:android")
            stage.console.window.actions_.trigger("fleet.select-all")
            chosen = stage.panels.devices.selected_ids()
            assert len(chosen) > 500
            review = await reviewed(stage, "REBOOT")
            assert review.plan.batches == -(-len(chosen) // 500)
            review.send.click()
            job = await job_of(stage)
            await accepted(stage, job.id, review.plan.batches)
            sent = list((await known_to(stage.session)).values())
            assert len(sent) == review.plan.batches
            assert max(map(len, sent)) <= 500
            assert sorted(device for request in sent for device in request) == sorted(chosen)

    play(scenario)


def test_a_key_held_down_opens_one_dialog(play: Play, sandbox: Sandbox) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.enter(sandbox)
        stage.select(1)
        for _ in range(4):
            stage.console.window.actions_.trigger("device.command")
        dialog = await stage.dialog(CommandDialog)
        assert isinstance(dialog.commands.search, QLineEdit)
        dialog.reject()
        await stage.no_dialog()

    play(scenario)
