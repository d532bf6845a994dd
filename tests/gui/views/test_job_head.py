"""One job in one line: counts as links, buttons with their reasons."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.jobs.facts import Job
from ui.views.job_head import JobHead, ordered
from ui.views.state_bar import stretches


def job(counts: Mapping[str, int], **told: Any) -> Job:
    base: dict[str, Any] = {
        "id": "j", "title": "Reboot", "command": "REBOOT", "created_at": 0.0, "phase": "following",
    }  # fmt: skip
    return Job(**{**base, "total": sum(counts.values()), "counts": dict(counts), **told})


def test_failures_stand_first_and_a_word_of_the_server_we_do_not_know_stands_last() -> None:
    assert ordered({"success": 3, "Command Parked": 1, "failure": 2, "queued": 0}) == [
        ("failure", 2),
        ("success", 3),
        ("Command Parked", 1),
    ]


def test_a_click_on_a_count_asks_for_the_devices_in_that_state(qtbot: QtBot) -> None:
    head = JobHead()
    qtbot.addWidget(head)
    head.show_job(job({"success": 3, "failure": 2}))
    wanted: list[str] = []
    head.state_wanted.connect(wanted.append)
    qtbot.mouseClick(head.links["failure"], Qt.MouseButton.LeftButton)
    assert wanted == ["failure"]
    assert head.links["failure"].text() == "2 failed"


def test_counts_that_only_grow_keep_their_links_so_that_a_click_is_never_lost(qtbot: QtBot) -> None:
    head = JobHead()
    qtbot.addWidget(head)
    head.show_job(job({"success": 3, "failure": 2}))
    before = head.links["success"]
    head.show_job(job({"success": 4, "failure": 2}))
    assert head.links["success"] is before
    assert before.text() == "4 success"


def test_only_a_paused_job_can_be_resumed_and_the_disabled_button_says_so(qtbot: QtBot) -> None:
    head = JobHead()
    qtbot.addWidget(head)
    head.show_job(job({"success": 3}))
    assert not head.resume.isEnabled()
    assert head.resume.toolTip() == "Only a paused job can be resumed."
    head.show_job(job({"success": 3, "not sent": 2}, phase="paused"))
    assert head.resume.isEnabled()
    assert head.resume.toolTip() == "Send to the 2 devices it was not sent to"


def test_a_job_of_which_nothing_waits_any_more_cannot_be_cancelled(qtbot: QtBot) -> None:
    head = JobHead()
    qtbot.addWidget(head)
    head.show_job(job({"in progress": 3, "success": 1}))
    assert not head.cancel.isEnabled()
    head.show_job(job({"in progress": 3, "queued": 1}))
    assert head.cancel.isEnabled()


def test_the_bar_shows_each_final_state_by_its_share_and_leaves_open_devices_open() -> None:
    assert stretches({"success": 3, "failure": 1, "queued": 4}, 8, 80) == [("success", 30), ("failure", 10)]


def test_one_failure_among_ten_thousand_can_still_be_seen_in_the_bar() -> None:
    drawn = stretches({"success": 9999, "failure": 1}, 10000, 144)
    assert dict(drawn)["failure"] == 2
    assert sum(length for _, length in drawn) == 144


def test_the_bar_says_in_words_how_many_are_finished(qtbot: QtBot) -> None:
    head = JobHead()
    qtbot.addWidget(head)
    head.show_job(job({"success": 3, "failure": 1, "queued": 4}))
    assert head.bar.accessibleName() == "4 of 8 devices finished"
    assert head.done.text() == "4 of 8"
