"""Finding the request whose answer was lost."""

from hypothesis import given
from hypothesis import strategies as st

from app.jobs.facts import Sending
from app.jobs.reconcile import NEAR, SETTLED, SKEW, Absent, Ambiguous, Found, Listing, Open, match
from app.records import CommandRequest

SENT = 1_000_000.0
LATE = SENT + SETTLED


def lost(seq: int = 0, devices: tuple[str, ...] = ("d1", "d2"), sent_at: float | None = SENT) -> Sending:
    return Sending(job_id="j", seq=seq, alias=f"fc-{seq}", devices=devices, sent_at=sent_at)


def row(
    request_id: str = "r1",
    alias: str = "",
    devices: tuple[str, ...] = ("d2", "d1"),
    created_at: float | None = SENT + 1,
    command: str = "REBOOT",
) -> CommandRequest:
    return CommandRequest(id=request_id, command=command, alias=alias, devices=devices, created_at=created_at)


def listed(*rows: CommandRequest, complete: bool = True) -> Listing:
    listing = Listing(SENT - SKEW)
    listing.take(rows)
    listing.complete = complete
    return listing


def verdict(
    *rows: CommandRequest, now: float = LATE, complete: bool = True, taken: frozenset[str] = frozenset()
) -> object:
    return match([lost()], "REBOOT", listed(*rows, complete=complete), taken=taken, now=now)[0]


def test_an_alias_is_proof_at_once() -> None:
    ours = row(alias="fc-0")
    assert verdict(ours, row("r2"), now=SENT, complete=False) == Found(ours)


def test_nothing_is_concluded_from_a_list_that_was_cut_short() -> None:
    assert verdict(complete=False) == Open()


def test_nothing_is_concluded_before_a_taken_request_must_show_up() -> None:
    assert verdict(now=LATE - 1) == Open()
    assert verdict(now=LATE) == Absent()


def test_where_the_server_keeps_aliases_a_request_without_ours_is_not_ours() -> None:
    assert verdict(row(alias="fc-other"), row("r2")) == Absent()


def test_without_aliases_equal_devices_and_time_are_taken_as_proof_once() -> None:
    assert verdict(row()) == Found(row())
    assert verdict(row(), row("r2")) == Ambiguous()


def test_without_aliases_another_command_other_devices_or_a_request_we_know_is_not_ours() -> None:
    others = [
        row(command="LOCK"),
        row(devices=("d1",)),
        row(devices=("d1", "d2", "d3")),
        row(created_at=SENT - SKEW - 1),
    ]
    assert verdict(*others) == Absent()
    assert verdict(row(), taken=frozenset({"r1"})) == Absent()


def test_what_might_be_ours_with_a_wrong_clock_or_unlisted_devices_stays_unknown() -> None:
    assert verdict(row(created_at=SENT + NEAR + 1)) == Ambiguous()
    assert verdict(row(created_at=None)) == Ambiguous()
    assert verdict(row(devices=())) == Ambiguous()


def test_one_request_on_the_server_is_not_given_to_two_lost_ones() -> None:
    both = match([lost(0), lost(1)], "REBOOT", listed(row()), taken=(), now=LATE)
    assert both == {0: Ambiguous(), 1: Ambiguous()}


def test_a_list_ends_early_only_where_it_comes_newest_first() -> None:
    old, older, new = (row(created_at=at) for at in (SENT - SKEW - 1, SENT - SKEW - 2, SENT))
    assert Listing(SENT - SKEW).take([new, old, older])
    assert not Listing(SENT - SKEW).take([older, old])
    assert not Listing(SENT - SKEW).take([old, new, old])
    assert not Listing(SENT - SKEW).take([row(created_at=None), old])


ROWS = st.lists(
    st.builds(
        row,
        request_id=st.sampled_from(["r1", "r2", "r3"]),
        alias=st.sampled_from(["", "", "fc-0", "fc-9", "someone"]),
        devices=st.sampled_from([("d1", "d2"), ("d2", "d1"), ("d3",), ()]),
        created_at=st.none() | st.floats(SENT - 2 * SKEW, SENT + 2 * SKEW),
        command=st.sampled_from(["REBOOT", "LOCK"]),
    ),
    max_size=5,
)


@given(ROWS, st.booleans(), st.floats(SENT - 100, SENT + 1000))
def test_absent_is_only_said_when_the_whole_list_was_read_late_enough_and_nothing_is_alike(
    rows: list[CommandRequest], complete: bool, now: float
) -> None:
    result = verdict(*rows, complete=complete, now=now)
    if result == Absent():
        assert complete
        assert now >= LATE
        assert all(r.alias != "fc-0" for r in rows)
    if isinstance(result, Found):
        assert result.request.alias == "fc-0" or set(result.request.devices) == {"d1", "d2"}


@given(ROWS)
def test_a_request_that_was_never_sent_has_no_verdict_of_absence(rows: list[CommandRequest]) -> None:
    unsent = [lost(sent_at=None)]
    assert match(unsent, "REBOOT", listed(*rows), taken=(), now=LATE)[0] != Absent()
