"""What a target becomes when news arrives: pure rules, no clock, no disk, no network.

Invariant: a final state stays, except that a time-out may still turn into success or failure; older news never wins.
"""

from collections.abc import Iterable, Mapping

from app.jobs.facts import Phase, RequestState, Sending, Target
from app.records import CommandStatus
from app.redact import redact
from app.states import FINAL_STATES, TargetState, target_state_of

# News without a time can't be compared by age: then a state may only move forward in this order.
_ORDER: dict[str, int] = {
    state: place
    for place, states in enumerate(
        (
            (TargetState.NOT_SENT,),
            (TargetState.SENDING,),
            (TargetState.UNKNOWN,),
            (TargetState.SUBMITTED,),
            (TargetState.SCHEDULED,),
            (TargetState.QUEUED,),
            (TargetState.INITIATED,),
            (TargetState.ACKNOWLEDGED,),
            (TargetState.IN_PROGRESS,),
            tuple(FINAL_STATES),
        )
    )
    for state in states
}
_LATE = frozenset({TargetState.SUCCESS, TargetState.FAILURE})
RECALLABLE = frozenset({TargetState.QUEUED, TargetState.SCHEDULED})


def is_final(state: str) -> bool:
    """Whether nothing more is expected. A text the contract does not list is never final."""
    return state in FINAL_STATES


def merge(target: Target, news: CommandStatus, *, at: float) -> Target:
    """The target after `news`; the same object where the news changes nothing. `at` stands in for a missing time."""
    state = target_state_of(news.state) if news.state else target.state
    if not _may_follow(target, state, news.updated_at):
        return target
    moved = state != target.state
    when = news.updated_at if news.updated_at is not None else at
    merged = Target(
        device_id=target.device_id,
        name=target.name,
        state=str(state),
        reason=redact(news.reason) if news.reason or moved else target.reason,
        since=when if moved else target.since,
        status_id=news.id or target.status_id,
        updated_at=news.updated_at if news.updated_at is not None else target.updated_at,
    )
    return target if merged == target else merged


def _may_follow(target: Target, state: str, updated_at: float | None) -> bool:
    if target.state in FINAL_STATES and state != target.state:
        return target.state == TargetState.TIMEOUT and state in _LATE
    if updated_at is None or target.updated_at is None or updated_at == target.updated_at:
        before, after = _ORDER.get(target.state), _ORDER.get(state)
        return before is None or after is None or after >= before
    return updated_at > target.updated_at


def phase_of(sendings: Iterable[Sending], counts: Mapping[str, int], *, paused: bool) -> Phase:
    """The phase of a job, from what became of its requests and devices.

    Where the server forgot a request, its devices stay unknown and nothing more is expected of them.
    """
    open_states = {sending.state for sending in sendings}
    settled: frozenset[str] = FINAL_STATES
    if RequestState.FORGOTTEN in open_states and RequestState.UNKNOWN not in open_states:
        settled = FINAL_STATES | {TargetState.UNKNOWN}
    if all(state in settled for state, number in counts.items() if number):
        return "done"
    if RequestState.WAITING in open_states and paused:
        return "paused"
    if open_states & {RequestState.WAITING, RequestState.SENDING}:
        return "sending"
    return "following"
