"""The clock, the agenda, comings and goings, and the openings of schedules."""

from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.agenda import Agenda
from app.sandbox.clock import Clock
from app.sandbox.fleet import ONLINE
from app.sandbox.windows import Windows
from app.sandbox.world import World
from tests.unit.sandbox.tenant import NOON

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
TIMES = st.times().map(lambda t: t.replace(microsecond=0))


def test_a_clock_runs_at_its_speed_and_can_be_stepped() -> None:
    ticks = iter([100.0, 110.0, 110.0])
    clock = Clock(60, NOON, lambda: next(ticks))
    assert clock.now() == NOON + timedelta(minutes=10)
    clock.advance(5)
    assert clock.now() == NOON + timedelta(minutes=10, seconds=5)


def test_a_clock_does_not_step_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        Clock(0).advance(-1)


def test_the_agenda_runs_what_is_due_in_the_order_of_time_and_nothing_early() -> None:
    agenda, seen = Agenda(0.0), list[tuple[str, float]]()
    agenda.at(3, lambda now: seen.append(("third", now)))
    agenda.at(1, lambda now: agenda.at(2, lambda later: seen.append(("second", later))))
    agenda.at(9, lambda now: seen.append(("early", now)))
    agenda.run(3)
    assert seen == [("second", 2), ("third", 3)]
    assert len(agenda) == 1


def test_devices_come_and_go_while_most_stay_online() -> None:
    world = World(4000, clock=Clock(0, NOON))
    before = world.fleet.state.copy()
    world.clock.advance(3600)
    world.settle()
    changed = (before != world.fleet.state).mean()
    assert 0.05 < changed < 0.5
    assert 0.7 < (world.fleet.state == ONLINE).mean() < 0.85


def test_the_fleet_is_the_same_after_an_hour_however_often_somebody_looked() -> None:
    once, often = World(500, clock=Clock(0, NOON)), World(500, clock=Clock(0, NOON))
    once.clock.advance(3600)
    once.settle()
    for _ in range(60):
        often.clock.advance(60)
        often.settle()
    assert np.array_equal(once.fleet.state, often.fleet.state)
    assert np.allclose(once.presence.last_seen_all(once.now), often.presence.last_seen_all(often.now))


def test_heartbeats_keep_online_devices_seen_within_a_minute_and_offline_ones_where_they_were() -> None:
    world = World(400, clock=Clock(0, NOON), weather=False)
    online = world.fleet.state == ONLINE
    before = world.presence.last_seen_all(world.now)
    world.clock.advance(600)
    world.settle()
    after = world.presence.last_seen_all(world.now)
    assert ((world.now - after)[online] < 60).all()
    assert (after == before)[~online].all()


def test_single_readings_agree_with_those_of_the_whole_fleet() -> None:
    world = World(300, clock=Clock(0, NOON))
    seen, levels = world.presence.last_seen_all(world.now), world.presence.battery_all(world.now)
    for number in range(300):
        assert world.presence.last_seen(number, world.now) == seen[number]
        assert world.presence.battery(number, world.now)[0] == levels[number]


def test_batteries_stay_within_bounds_and_move() -> None:
    world = World(300, clock=Clock(0, NOON), weather=False)
    before = world.presence.battery_all(world.now)
    world.clock.advance(3 * 3600)
    world.settle()
    after = world.presence.battery_all(world.now)
    assert ((after >= 0) & (after <= 100)).all()
    assert (before != after).any()


@given(
    MOMENTS, st.integers(1, 60 * 24 * 40), TIMES, TIMES, st.sets(st.integers(0, 6), min_size=1), MOMENTS, st.booleans()
)
def test_an_opening_lies_within_its_schedule_and_has_not_closed_yet(
    start: datetime, minutes: int, opens: time, closes: time, days: set[int], after: datetime, own: bool
) -> None:
    end = start + timedelta(minutes=minutes)
    windows = Windows(start, end, own, (opens, closes), frozenset(days), recurring=True)
    opening = windows.next(after.timestamp(), -300)
    if opening is not None:
        assert max(start.timestamp(), after.timestamp()) <= opening.opens < opening.closes <= end.timestamp()


def test_a_window_without_days_is_one_opening_from_start_to_end() -> None:
    windows = Windows(NOON, NOON + timedelta(hours=2))
    opening = windows.next(NOON.timestamp() - 5, 0)
    assert opening == (NOON.timestamp(), NOON.timestamp() + 7200)
    assert windows.next(NOON.timestamp() + 7200, 0) is None


def test_a_nightly_window_on_device_time_opens_at_the_devices_hour() -> None:
    nights = (time(23), time(1))
    windows = Windows(NOON, NOON + timedelta(days=9), True, nights, frozenset({4}), recurring=True)
    opening = windows.next(NOON.timestamp(), 60)
    assert opening is not None
    assert datetime.fromtimestamp(opening.opens, UTC) == datetime(2026, 3, 6, 22, tzinfo=UTC)
    assert opening.closes - opening.opens == 7200
