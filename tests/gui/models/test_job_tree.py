"""The jobs tree over a real ledger: news touch what changed, and ten thousand devices stay cheap."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QTreeView
from pytestqt.qtbot import QtBot

from app.commands.request import build
from app.jobs.jobs import Jobs
from app.jobs.plan import seal
from app.records import Change
from tests.gui.fleets import NOW, yard
from tests.gui.models.trees import open_all, said, shape, watch
from ui.models.jobs import DEVICE_ID, JOB_ID, PROGRESS, REASON, SINCE, STATE, STATE_COLUMN, JobTree

YARD = yard(60)
IDS = list(YARD.index)


async def send(jobs: Jobs, ids: list[str], now: float = NOW) -> str:
    plan = seal(build("REBOOT", {}, ids), YARD.fleet, now=now, tenant="acme")
    names = {i: str(YARD.fleet.value("name", YARD.index[i])) for i in ids if i in YARD.index}
    return (await jobs.submit(plan, names)).id


def with_jobs(path: Path, work: Callable[[Jobs], Awaitable[None]]) -> None:
    async def run() -> None:
        jobs = await Jobs.open(path / "ledger.db", tenant="acme", clock=lambda: NOW)
        try:
            await work(jobs)
        finally:
            await jobs.close()

    asyncio.run(run())


def test_a_new_job_comes_on_top_and_shows_its_devices_when_it_is_opened(qtbot: QtBot, tmp_path: Path) -> None:
    async def work(jobs: Jobs) -> None:
        model = JobTree(jobs, lambda: NOW + 300)
        watch(model)
        jobs.changed.connect(model.take)
        first = await send(jobs, IDS[:3])
        second = await send(jobs, IDS[3:5])
        assert [key for key, _ in shape(model)] == [second, first]
        open_all(model)
        assert [key for key, _ in shape(model)[1][1]] == [(first, device_id) for device_id in IDS[:3]]
        line = (first, IDS[1])
        assert said(model, line) == YARD.fleet.value("name", 1)
        assert said(model, line, STATE_COLUMN) == "Not sent"
        assert [model.index_of(line, REASON).data(role) for role in (JOB_ID, DEVICE_ID, STATE)] == [
            first,
            IDS[1],
            "not sent",
        ]
        assert said(model, first, SINCE) == "5 min ago"
        assert said(model, first, 0, PROGRESS) == (0, 3)

    with_jobs(tmp_path, work)


def test_a_cancelled_job_changes_its_lines_in_place_and_stays_open(qtbot: QtBot, tmp_path: Path) -> None:
    async def work(jobs: Jobs) -> None:
        job_id = await send(jobs, IDS[:40])
        model = JobTree(jobs, lambda: NOW)
        watch(model)
        view = QTreeView()
        qtbot.addWidget(view)
        view.setModel(model)
        jobs.changed.connect(model.take)
        view.expand(model.index_of(job_id))
        view.setCurrentIndex(model.index_of((job_id, IDS[20])))
        heard: list[str] = []
        model.rowsInserted.connect(lambda *_: heard.append("in"))
        model.rowsRemoved.connect(lambda *_: heard.append("out"))
        model.modelReset.connect(lambda *_: heard.append("reset"))
        await jobs.cancel(job_id)
        assert heard == []
        assert said(model, (job_id, IDS[20]), STATE_COLUMN) == "Cancelled"
        assert said(model, job_id, 0, PROGRESS) == (40, 40)
        assert view.isExpanded(model.index_of(job_id))
        assert model.key(view.currentIndex()) == (job_id, IDS[20])
        assert model.device_ids(job_id, {"cancelled"}) == IDS[:40]
        assert model.device_ids(job_id, {"success"}) == []

    with_jobs(tmp_path, work)


def test_news_that_change_no_device_touch_no_device(qtbot: QtBot, tmp_path: Path) -> None:
    async def work(jobs: Jobs) -> None:
        job_id = await send(jobs, IDS[:5])
        model = JobTree(jobs, lambda: NOW)
        open_all(model)
        touched: list[object] = []
        model.dataChanged.connect(lambda top, bottom: touched.append(model.key(top)))
        model.take(Change(kind="jobs", ids=frozenset({job_id})))
        assert touched == [job_id]
        model.take(Change(kind="devices"))
        assert touched == [job_id]

    with_jobs(tmp_path, work)


def test_a_job_of_ten_thousand_hands_out_its_first_devices_only(qtbot: QtBot, tmp_path: Path) -> None:
    async def work(jobs: Jobs) -> None:
        job_id = await send(jobs, [f"x{n}" for n in range(10_000)])
        model = JobTree(jobs, lambda: NOW)
        index = model.index_of(job_id)
        model.fetchMore(index)
        assert model.rowCount(index) == model.step
        assert model.canFetchMore(index)

    with_jobs(tmp_path, work)
