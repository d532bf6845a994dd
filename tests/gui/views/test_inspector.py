"""The inspector: facts at once, the rest with its age, a summary of many, and what is said when the server is away."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.errors import ServerFault
from app.records import Device
from app.states import TargetState
from app.sync.details import RecentCommand
from tests.gui.views.conftest import NOW, Place, Run
from tests.gui.views.waiting import until
from ui.models.selection import Selection
from ui.views import record_lines
from ui.views.inspector import Inspector


def inspector_on(place: Place, qtbot: QtBot) -> Inspector:
    inspector = Inspector(place.store, place.details, place.health, place.tasks, place.clock)
    qtbot.addWidget(inspector)
    inspector.resize(320, 560)
    inspector.show()
    return inspector


def fact(inspector: Inspector, label: str) -> str:
    return next(row.value for row in inspector.facts.rows if row.fact.label == label)


def test_a_device_shows_its_facts_from_the_copy_without_asking_the_server(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        inspector = inspector_on(place, qtbot)
        inspector.show_device("d0005")
        assert inspector.head.name.text() == "Device 0005"
        assert inspector.head.alias.text() == "Till 5"
        assert inspector.head.state.text() == "Online"
        assert inspector.head.seen.text() == "Last seen 5 min ago"
        assert "All devices / South" in inspector.head.group.text()
        assert (fact(inspector, "Model"), fact(inspector, "Serial")) == ("CT60", "SN000005")
        assert place.server.asked == []

    run(scenario)


def test_a_change_in_the_copy_is_seen_at_once(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        inspector = inspector_on(place, qtbot)
        inspector.show_device("d0005")
        await place.store.put_devices([Device(id="d0005", name="Renamed", state=60, model="New")], at=NOW)
        assert inspector.head.name.text() == "Renamed"
        assert inspector.head.state.text() == "Offline"
        assert fact(inspector, "Model") == "New"

    run(scenario)


def test_a_device_the_server_no_longer_has_is_shown_as_gone_with_its_date(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        inspector = inspector_on(place, qtbot)
        inspector.show_device("d0005")
        await place.store.mark_gone(["d0005"], at=NOW)
        assert inspector.head.state.text() == "Gone"
        assert inspector.head.gone.text().startswith("The server no longer lists this device. Noticed 2026-")

    run(scenario)


def test_the_group_is_a_link_to_its_devices(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        inspector = inspector_on(place, qtbot)
        inspector.show_device("d0005")
        wanted: list[str] = []
        inspector.group_wanted.connect(wanted.append)
        qtbot.mouseClick(inspector.head.group, Qt.MouseButton.LeftButton)
        assert wanted == ["south"]

    run(scenario)


def test_apps_are_asked_for_only_when_their_tab_is_open_and_carry_their_age(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        inspector = inspector_on(place, qtbot)
        inspector.show_device("d0001")
        assert place.server.asked == []
        inspector.tabs.setCurrentIndex(1)
        assert inspector.apps.note == "Loading…"
        await until(lambda: inspector.apps.lines)
        assert inspector.apps.lines[0].title == "Chrome"
        assert (inspector.apps.age, inspector.apps.note) == ("Fetched just now", "")
        assert place.server.asked == ["apps"]

    run(scenario)


def test_passing_over_devices_quickly_asks_only_for_the_one_where_the_reader_stops(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        inspector = inspector_on(place, qtbot)
        inspector.tabs.setCurrentIndex(1)
        for n in range(5):
            inspector.show_device(f"d000{n}")
        await until(lambda: inspector.apps.lines)
        assert place.server.asked == ["apps"]

    run(scenario)


def test_a_failed_refresh_keeps_the_rows_and_says_what_went_wrong(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        inspector = inspector_on(place, qtbot)
        inspector.show_device("d0001")
        inspector.tabs.setCurrentIndex(1)
        await until(lambda: inspector.apps.lines)
        place.server.down = ServerFault(503)
        qtbot.mouseClick(inspector.apps.again, Qt.MouseButton.LeftButton)
        await until(lambda: inspector.apps.note)
        assert inspector.apps.note == "The server has a problem of its own (503). Try again in a few minutes."
        assert inspector.apps.lines[0].title == "Chrome"
        await until(inspector.apps.again.isEnabled)
        place.server.down = None
        qtbot.mouseClick(inspector.apps.again, Qt.MouseButton.LeftButton)
        await until(lambda: not inspector.apps.note)

    run(scenario)


def test_offline_what_is_known_is_shown_with_its_age_and_what_is_not_is_said(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        await place.details.apps_of("d0001", refresh=True)
        place.go_offline()
        inspector = inspector_on(place, qtbot)
        inspector.tabs.setCurrentIndex(1)
        inspector.show_device("d0001")
        await until(lambda: inspector.apps.lines)
        assert inspector.apps.age == "Offline, fetched just now"
        inspector.show_device("d0002")
        await until(lambda: "never fetched" in inspector.apps.note)
        assert inspector.apps.lines == ()

    run(scenario)


def test_nothing_to_list_is_said_in_words(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        inspector = inspector_on(place, qtbot)
        inspector.tabs.setCurrentIndex(2)
        inspector.show_device("d0001")
        await until(lambda: inspector.commands.note == "No command was sent to this device.")
        await until(lambda: inspector.operations.note == "No operation is known for this device.")

    run(scenario)


def test_the_document_of_the_server_is_pretty_printed(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        inspector = inspector_on(place, qtbot)
        inspector.tabs.setCurrentIndex(3)
        inspector.show_device("d0001")
        await until(inspector.json.document)
        assert inspector.json.document() == '{\n  "id": "d0001",\n  "name": "Device 0001"\n}'

    run(scenario)


def test_several_selected_devices_are_summed_up_by_state_platform_and_model(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        inspector = inspector_on(place, qtbot)
        selection = Selection(place.store.fleet)
        selection.only(list(range(12)))
        inspector.show_selection("d0001", selection)
        assert inspector.many.text() == "12 devices selected"
        assert [(s.label, s.count) for s in inspector.summary.shares["State"]] == [("Online", 8), ("Offline", 4)]
        assert [s.label for s in inspector.summary.shares["Platform"]] == ["Android"]
        assert sum(s.count for s in inspector.summary.shares["Model"]) == 12
        selection.only([1])
        inspector.show_selection("d0001", selection)
        assert inspector.device_id == "d0001"

    run(scenario)


def test_without_a_device_it_says_what_would_be_here(run: Run, qtbot: QtBot) -> None:
    async def scenario(place: Place) -> None:
        inspector = inspector_on(place, qtbot)
        assert inspector.pages.currentWidget() is inspector.nothing
        inspector.show_device("not known")
        assert inspector.pages.currentWidget() is inspector.nothing

    run(scenario)


def test_a_command_is_written_with_its_state_reason_and_when() -> None:
    record = RecentCommand(
        request_id="r1",
        command="SET_KIOSK_APP",
        state=TargetState.FAILURE,
        reason="no <such> app",
        created_at=NOW - 300,
        created_by="ana",
    )
    line = record_lines.command(record, NOW)
    assert (line.title, line.side, line.under) == ("Set kiosk app", "5 min ago", "Failed: no <such> app")


def test_a_state_the_contract_does_not_list_is_shown_as_the_server_said_it() -> None:
    line = record_lines.command(RecentCommand(request_id="r1", command="REBOOT", state="Command Parked"), NOW)
    assert line.under == "Command Parked"
