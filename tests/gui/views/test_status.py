"""The status bar: tenant, connection, three ages, sync progress, running jobs, pace."""

import pytest
from pytestqt.qtbot import QtBot

from app.errors import Forbidden, Unreachable
from app.esper.pace import PaceState
from app.settings import Tenant
from app.sync.sweep import Progress
from tests.gui.views.conftest import NOW, Place, Run
from ui.views.status import Status, freshness

DEMO = Tenant(key="demo", name="Demo & Co", url="http://127.0.0.1:1/api", production=False)


def status_on(place: Place, qtbot: QtBot, tenant: Tenant = DEMO) -> Status:
    status = Status(tenant, place.health, place.jobs, place.clock)
    qtbot.addWidget(status)
    return status


@pytest.mark.parametrize(
    ("age", "word"), [(0, "fresh"), (15 * 60, "fresh"), (16 * 60, "ageing"), (24 * 3600, "ageing"), (25 * 3600, "old")]
)
def test_the_age_of_the_data_is_fresh_ageing_or_old(age: float, word: str) -> None:
    assert freshness(NOW - age, NOW) == word


def test_without_a_copy_there_is_no_age() -> None:
    assert freshness(None, NOW) == "none"


def test_the_three_ages_are_told_apart_in_the_tooltip(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        status = status_on(place, qtbot)
        place.health.fetched(NOW - 60, full_sync_at=NOW - 3600)
        assert status.age.text() == "Data fresh, 1 min ago"
        tip = status.age.toolTip()
        assert (
            tip.index("Fetched: ") < tip.index("(1 min ago)") < tip.index("Last full sync: ") < tip.index("(1 h ago)")
        )
        assert "Last seen: its own column" in tip

    run(scenario)


def test_going_offline_and_being_refused_are_two_different_things(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        status = status_on(place, qtbot)
        assert status.online.text() == "Online"
        place.health.failed(Unreachable())
        assert status.online.text() == "Offline"
        place.health.failed(Forbidden(403))
        assert status.online.text() == "Online, sync failed"
        assert "may not do that" in status.online.toolTip()

    run(scenario)


def test_a_running_sync_takes_the_place_of_the_age_and_counts(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        status = status_on(place, qtbot)
        status.show_progress(Progress("devices", 1000, 2000))
        assert (status.step.text(), status.age.isHidden()) == ("Devices 1,000 of 2,000", True)
        assert (status.progress.value(), status.progress.maximum()) == (1000, 2000)
        status.show_progress(Progress("groups", 3, None))
        assert (status.step.text(), status.progress.maximum()) == ("Groups 3", 0)
        status.show_progress(None)
        assert (status.step.isHidden(), status.age.isHidden()) == (True, False)

    run(scenario)


def test_open_jobs_are_counted_until_they_are_done(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        status = status_on(place, qtbot)
        assert status.running.text() == "No jobs running"
        job = await place.send(3)
        assert status.running.text() == "1 job running"
        await place.jobs.cancel(job.id)
        assert status.running.text() == "No jobs running"

    run(scenario)


def test_a_server_that_asks_for_quiet_is_quoted_with_the_time_left(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        status = status_on(place, qtbot)
        status.show_pace(PaceState(3, 0, None))
        assert status.pace.text() == "3 requests"
        status.show_pace(PaceState(0, 5, NOW + 30))
        assert status.pace.text() == "Server asks to wait 30 s"
        status.show_pace(PaceState(0, 0, None))
        assert status.pace.text() == ""

    run(scenario)


def test_a_production_tenant_says_that_it_is_one_and_its_name_is_no_mnemonic(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        assert status_on(place, qtbot).tenant.text() == "Demo && Co"
        live = Tenant(key="acme", name="acme", url="https://acme-api.esper.cloud/api")
        assert status_on(place, qtbot, live).tenant.text() == "acme (production)"

    run(scenario)
