"""The jobs panel on a real ledger: new jobs, counts as links, resume, cancel, copy."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.views.conftest import Place, Run
from tests.gui.views.waiting import until
from ui.notice import Notices
from ui.views.jobs import JobsPanel


def panel_on(place: Place, qtbot: QtBot, notices: Notices | None = None) -> JobsPanel:
    panel = JobsPanel(place.jobs, place.tasks, notices, place.clock)
    qtbot.addWidget(panel)
    panel.resize(1100, 240)
    panel.show()
    return panel


def test_a_new_job_takes_the_place_of_the_empty_state_becomes_current_and_opens(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        assert panel.pages.currentWidget() is panel.empty
        job = await place.send(12)
        assert panel.job_id == job.id
        assert panel.tree.isExpanded(panel.model.index_of(job.id))
        assert panel.head.title.text() == "Reboot: 12 devices"
        later = await place.send(3, "UPDATE_HEARTBEAT")
        assert panel.job_id == later.id

    run(scenario)


def test_what_the_server_says_of_each_device_arrives_in_line_and_links(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        job = await place.send(4)
        place.server.states = {"d0000": ("Command Success", ""), "d0001": ("Command Failure", "no answer")}
        place.jobs.connect(place.server)
        await until(lambda: set(panel.head.links) == {"failure", "success", "queued"}, 10)
        line = panel.model.index_of((job.id, "d0001"))
        assert [line.siblingAtColumn(c).data() for c in range(3)] == ["Device 0001", "Failed", "no answer"]
        wanted: list[tuple[list[str], str]] = []
        panel.devices_wanted.connect(lambda ids, label: wanted.append((ids, label)))
        qtbot.mouseClick(panel.head.links["failure"], Qt.MouseButton.LeftButton)
        assert wanted == [(["d0001"], "Failed in Reboot: 4 devices")]
        place.jobs.connect(None)

    run(scenario)


def test_cancel_takes_back_what_was_not_sent(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        job = await place.send(4)
        qtbot.mouseClick(panel.head.cancel, Qt.MouseButton.LeftButton)
        await until(lambda: (place.jobs.job(job.id) or job).counts == {"cancelled": 4})
        assert panel.head.phase.text() == "Done"
        assert not panel.head.cancel.isEnabled()

    run(scenario)


def test_copy_gives_every_device_with_state_and_reason_as_a_table(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        notices = Notices()
        qtbot.addWidget(notices)
        panel = panel_on(place, qtbot, notices)
        await place.send(2)
        qtbot.mouseClick(panel.head.copy, Qt.MouseButton.LeftButton)
        lines = QGuiApplication.clipboard().text().splitlines()
        assert lines[0] == "Device\tId\tState\tReason\tSince"
        assert [line.split("\t")[:3] for line in lines[1:]] == [
            ["Device 0000", "d0000", "Not sent"],
            ["Device 0001", "d0001", "Not sent"],
        ]

    run(scenario)


def test_news_of_one_job_leave_the_reader_on_the_other(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        first = await place.send(2)
        second = await place.send(3)
        panel.show_job(first.id)
        await place.jobs.cancel(second.id)
        assert panel.job_id == first.id
        assert panel.head.title.text() == "Reboot: 2 devices"

    run(scenario)


def test_opening_the_line_of_a_device_asks_for_that_device(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        job = await place.send(2)
        asked: list[str] = []
        panel.device_activated.connect(asked.append)
        panel.tree.activated.emit(panel.model.index_of((job.id, "d0001")))
        panel.tree.activated.emit(panel.model.index_of(job.id))
        assert asked == ["d0001"]

    run(scenario)


def test_a_job_of_ten_thousand_devices_is_shown_without_making_all_its_lines(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        panel = panel_on(place, qtbot)
        job = await place.send(10_000)
        index = panel.model.index_of(job.id)
        assert panel.tree.isExpanded(index)
        assert 0 < panel.model.rowCount(index) < 10_000
        assert isinstance(QApplication.instance(), QApplication)

    run(scenario, 10_000)
