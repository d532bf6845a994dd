"""The rules by which a target changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.jobs.facts import RequestState, Sending, Target
from app.jobs.machine import is_final, merge, phase_of
from app.records import CommandStatus
from app.states import FINAL_STATES, CommandState, TargetState

TIMES = st.none() | st.integers(0, 20).map(float)
WIRE = st.sampled_from([*[s.value for s in CommandState], "Command Paused", ""])
NEWS = st.builds(CommandStatus, id=st.just("s1"), state=WIRE, reason=st.sampled_from(["", "no"]), updated_at=TIMES)
TARGETS = st.builds(
    Target,
    device_id=st.just("d1"),
    state=st.sampled_from([*[s.value for s in TargetState], "Command Paused"]),
    updated_at=TIMES,
)


def target(state: str, updated_at: float | None = None) -> Target:
    return Target(device_id="d1", state=state, updated_at=updated_at)


def news(state: str, updated_at: float | None = None, reason: str = "") -> CommandStatus:
    return CommandStatus(id="s1", state=state, updated_at=updated_at, reason=reason)


@given(TARGETS, st.lists(NEWS, max_size=8))
def test_a_final_state_stays_but_a_time_out_may_end_in_success_or_failure(
    start: Target, stream: list[CommandStatus]
) -> None:
    for item in stream:
        after = merge(start, item, at=99.0)
        if is_final(start.state) and after.state != start.state:
            assert start.state == TargetState.TIMEOUT
            assert after.state in {TargetState.SUCCESS, TargetState.FAILURE}
        start = after


@given(TARGETS, NEWS)
def test_the_same_news_twice_changes_nothing_more(start: Target, item: CommandStatus) -> None:
    once = merge(start, item, at=99.0)
    assert merge(once, item, at=100.0) is once


@given(TARGETS, NEWS)
def test_older_news_never_overwrites_newer(start: Target, item: CommandStatus) -> None:
    after = merge(start, item, at=99.0)
    late = start.state == TargetState.TIMEOUT and after.state != start.state
    if item.updated_at is not None and start.updated_at is not None and item.updated_at < start.updated_at and not late:
        assert after is start


@given(st.permutations([1.0, 2.0, 3.0]))
def test_the_newest_of_several_open_states_wins_in_whatever_order_they_come(order: list[float]) -> None:
    states = {1.0: "Command Queued", 2.0: "Command In Progress", 3.0: "Command Initiated"}
    now = target(TargetState.SUBMITTED)
    for at in order:
        now = merge(now, news(states[at], at), at=99.0)
    assert now.state == TargetState.INITIATED


@given(TARGETS, NEWS)
def test_a_state_is_dated_by_the_server_or_by_us_and_only_when_it_changes(start: Target, item: CommandStatus) -> None:
    after = merge(start, item, at=99.0)
    if after.state == start.state:
        assert after.since == start.since
    else:
        assert after.since == (99.0 if item.updated_at is None else item.updated_at)


def test_an_unknown_wire_text_is_shown_as_itself_and_is_never_an_end() -> None:
    paused = merge(target(TargetState.QUEUED, 1.0), news("Command Paused", 2.0), at=9.0)
    assert paused.state == "Command Paused"
    assert not is_final(paused.state)
    assert merge(paused, news("Command Success", 3.0), at=9.0).state == TargetState.SUCCESS


def test_without_times_a_state_only_moves_forward() -> None:
    running = target(TargetState.IN_PROGRESS)
    assert merge(running, news("Command Queued"), at=9.0) is running
    assert merge(running, news("Command Failure", reason="no space"), at=9.0).reason == "no space"


def test_a_secret_in_a_reason_is_hidden() -> None:
    after = merge(target(TargetState.QUEUED), news("Command Failure", reason="bad password=hunter22"), at=9.0)
    assert "hunter22" not in after.reason


def sending(state: RequestState, seq: int = 0) -> Sending:
    return Sending(job_id="j", seq=seq, alias=f"fc-{seq}", devices=("d1",), state=state)


@pytest.mark.parametrize(
    ("states", "counts", "paused", "phase"),
    [
        ([RequestState.WAITING], {"not sent": 1}, False, "sending"),
        ([RequestState.SENDING], {"sending": 1}, False, "sending"),
        ([RequestState.ACCEPTED, RequestState.WAITING], {"success": 1, "not sent": 1}, True, "paused"),
        ([RequestState.ACCEPTED], {"queued": 1}, True, "following"),
        ([RequestState.UNKNOWN], {"unknown": 1}, False, "following"),
        ([RequestState.ACCEPTED], {"Command Paused": 1, "success": 4}, False, "following"),
        ([RequestState.REFUSED, RequestState.CANCELLED], {"refused": 1, "cancelled": 1}, False, "done"),
        ([RequestState.ACCEPTED], {"timed out": 1, "failure": 1, "queued": 0}, False, "done"),
    ],
)
def test_the_phase_says_what_goes_on(
    states: list[RequestState], counts: dict[str, int], paused: bool, phase: str
) -> None:
    assert phase_of([sending(s, n) for n, s in enumerate(states)], counts, paused=paused) == phase


def test_every_final_state_is_final() -> None:
    assert all(is_final(state) for state in FINAL_STATES)
