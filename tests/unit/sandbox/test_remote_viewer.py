"""The feed of remote viewer sessions: every filter holds for every row, in every order, on both addresses."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.unit.sandbox.tenant import Tenant, tenant

FEED, OTHER = "/api/v2/rv-activity-feed/", "/v2/rv-activity-feed/"
WHOLE = 500


def rows(fleet: Tenant, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = fleet.content(FEED, limit=WHOLE, **query)["results"]
    return found


def seconds(text: str) -> float:
    hours, minutes, rest = (float(part or 0) for part in re.findall(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?", text)[0])
    return hours * 3600 + minutes * 60 + rest


def test_both_addresses_give_the_same_wrapped_page(library: Tenant) -> None:
    assert library.get(FEED) == library.get(OTHER) | {
        "content": library.content(OTHER) | {"next": library.content(FEED)["next"]}
    }
    page = library.content(FEED, limit=30)
    assert set(page) == {"count", "next", "previous", "results"}
    second = library.http.get(page["next"]).json()["content"]["results"]
    assert page["results"] + second == rows(library)[:60]


def test_sessions_of_every_state_are_there_and_only_ended_ones_that_were_active_have_a_duration(
    library: Tenant,
) -> None:
    found = rows(library)
    assert {row["state"] for row in found} >= {"ACTIVE", "TERMINATED", "FAILED"}
    assert {row["video_quality"] for row in found} == {"STANDARD", "DATA_SAVER"}
    for row in found:
        if row["state"] in {"INITIATED", "ACKNOWLEDGED", "ACTIVE"}:
            assert (row["duration"], row["reason"]) == (None, None)
        if row["state"] == "TERMINATED":
            assert 20 <= seconds(row["duration"]) <= 5400
        assert row["created_at"] <= row["updated_at"]
        assert row["device_name"] == library.device(row["device_id"])["name"]


def test_a_session_moves_on_with_the_time() -> None:
    with tenant(100) as fleet:
        one = rows(fleet, states="ACTIVE")[0]
        fleet.step(7200)
        (later,) = [row for row in rows(fleet) if row["session_id"] == one["session_id"]]
        assert later["state"] in {"TERMINATED", "FAILED"}
        assert later["duration"]
        assert rows(fleet, states="INITIATED,ACKNOWLEDGED,ACTIVE") == []


def test_states_and_qualities_are_comma_lists(library: Tenant) -> None:
    found = rows(library, states="TERMINATED,ACTIVE", video_qualities="STANDARD")
    expected = [r for r in rows(library) if r["state"] in {"TERMINATED", "ACTIVE"} and r["video_quality"] == "STANDARD"]
    assert found == expected
    assert found


def test_texts_are_found_by_part_and_people_by_name(library: Tenant) -> None:
    everything = rows(library)
    name = everything[0]["device_name"][2:9].lower()
    assert rows(library, device_name=name) == [r for r in everything if name in r["device_name"].lower()]
    assert rows(library, reason="LOST") == [r for r in everything if "lost" in (r["reason"] or "").lower()]
    person = everything[0]["created_by"]
    assert rows(library, created_by=person) == [r for r in everything if r["created_by"] == person]
    assert rows(library, created_by=person[:4]) == []


@pytest.mark.parametrize("suffix", ["lt", "lte", "gt", "gte"])
@pytest.mark.parametrize("field", ["duration", "created_at", "updated_at"])
def test_bounds_include_their_own_value_where_they_say_so(library: Tenant, field: str, suffix: str) -> None:
    def value(row: dict[str, Any]) -> float:
        return seconds(row[field]) if field == "duration" else datetime.fromisoformat(row[field]).timestamp()

    timed = [row for row in rows(library) if row[field] is not None]
    middle = sorted(timed, key=value)[len(timed) // 2]
    bound = value(middle)
    bounds: dict[str, Callable[[float], bool]] = {
        "lt": lambda v: v < bound,
        "lte": lambda v: v <= bound,
        "gt": lambda v: v > bound,
        "gte": lambda v: v >= bound,
    }
    holds = bounds[suffix]
    found = {row["session_id"] for row in rows(library, **{f"{field}_{suffix}": middle[field]})}
    assert found == {row["session_id"] for row in timed if holds(value(row))}
    assert (middle["session_id"] in found) == suffix.endswith("e")


@pytest.mark.parametrize(
    "field", ["created_at", "updated_at", "device_name", "duration", "state", "reason", "video_quality", "created_by"]
)
def test_every_ordering_works_in_both_directions(library: Tenant, field: str) -> None:
    def key(row: dict[str, Any]) -> Any:
        order = ["INITIATED", "ACKNOWLEDGED", "ACTIVE", "TERMINATED", "FAILED"]
        value = row[field]
        if field == "state":
            return order.index(value)
        if field == "duration":
            return (value is None, seconds(value or "PT0S"))
        return (value is None, (value or "").casefold())

    for direction, backwards in (("", False), ("-", True)):
        keys = [key(row) for row in rows(library, ordering=direction + field)]
        assert keys == sorted(keys, reverse=backwards)


def test_the_newest_session_comes_first_when_nothing_is_said(library: Tenant) -> None:
    assert rows(library) == rows(library, ordering="-created_at")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("states", "ACTIVE,SLEEPING"),
        ("states", "active"),
        ("video_qualities", "HIGH"),
        ("ordering", "colour"),
        ("ordering", "--created_at"),
        ("duration_lt", "duration_lt=PT10M30S"),
        ("duration_gt", "P"),
        ("duration_gt", "PT"),
        ("duration_gte", "630"),
        ("duration_lte", "P" + "9" * 400 + "Y"),
        ("created_at_lt", "yesterday"),
        ("created_at_gt", "2023-10-01T12:00:00"),
        ("updated_at_lte", "2023-13-01T12:00:00Z"),
        ("updated_at_gte", "9" * 300),
        ("limit", "many"),
        ("offset", "-1"),
    ],
)
def test_a_filter_that_can_not_be_read_is_refused_and_named(library: Tenant, name: str, value: str) -> None:
    assert library.refused(400, FEED, **{name: value})[0].startswith(f"{name}: ")


def test_times_with_nanoseconds_and_an_offset_are_understood(library: Tenant) -> None:
    everything = len(rows(library))
    assert len(rows(library, created_at_gt="2020-01-01T00:00:00.123456789Z")) == everything
    assert len(rows(library, created_at_lt="2020-01-01T00:00:00+05:30")) == 0


def test_sessions_of_a_world_that_was_kept_stay_where_they_were() -> None:
    with tenant(100) as fleet, tenant(100) as later:
        later.step(86400)
        later.world.sessions.restore(fleet.world.sessions.snapshot())
        assert later.world.sessions.all == fleet.world.sessions.all
