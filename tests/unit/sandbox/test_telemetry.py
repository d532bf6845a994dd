"""Telemetry graphs."""

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from app.sandbox.series import METRICS
from tests.unit.sandbox.tenant import ZEROS, Tenant

DAY = {"from_time": "2026-03-01T00:00:00Z", "to_time": "2026-03-02T12:00:00Z", "period": "hour", "statistic": "avg"}


def graph(library: Tenant, device: str, metric: str = "battery/level", **more: str) -> list[dict[str, Any]]:
    ids = {"device_id": device, "enterprise_id": library.facts.enterprise_id}
    points: list[dict[str, Any]] = library.get(f"/graph/{metric}/", **(DAY | ids | more))["data"]
    return points


def battery_device(library: Tenant) -> str:
    fleet = library.world.fleet
    fitting = (fleet.state == 1) & (fleet.platform == 0) & ~fleet.bare & ~fleet.mains & (fleet.connection == 0)
    return fleet.device_id(fitting.nonzero()[0].tolist()[0])


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_every_metric_has_a_series_with_a_point_for_every_hour(library: Tenant, metric: str) -> None:
    points = graph(library, battery_device(library), metric)
    times = [datetime.fromisoformat(point["x"]) for point in points]
    assert len(times) == 36
    assert {(b - a).total_seconds() for a, b in pairwise(times)} == {3600.0}
    values = [point["y"] for point in points if point["y"] is not None]
    assert values
    if metric == "battery/level":
        assert all(0 <= value <= 100 for value in values)
        assert len(set(values)) > 5


def test_sums_are_averages_times_counts(library: Tenant) -> None:
    device = battery_device(library)
    series = [graph(library, device, period="day", statistic=s) for s in ("avg", "sum", "count")]
    for mean, total, count in zip(*series, strict=True):
        assert count["y"] > 0
        assert total["y"] == pytest.approx(mean["y"] * count["y"], abs=0.1)
    assert [point["x"] for point in series[0]] == ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"]


def test_months_begin_on_their_first_day(library: Tenant) -> None:
    points = graph(library, battery_device(library), period="month", from_time="2025-11-15T10:00:00+01:00")
    assert [point["x"][:10] for point in points] == [
        "2025-11-01",
        "2025-12-01",
        "2026-01-01",
        "2026-02-01",
        "2026-03-01",
    ]


def test_some_hours_are_lost_and_have_no_value(library: Tenant) -> None:
    device = battery_device(library)
    month = {"from_time": "2026-02-01T00:00:00Z"}
    means, counts = graph(library, device, **month), graph(library, device, statistic="count", **month)
    lost = [point["x"] for point in means if point["y"] is None]
    assert lost == [point["x"] for point in counts if point["y"] == 0]
    assert 0 < len(lost) < len(means) / 8


def test_nothing_is_later_than_the_last_heartbeat_or_before_the_device_was_set_up(library: Tenant) -> None:
    device = library.pick(state=60)
    seen = library.device(device)["last_seen"]
    points = graph(library, device, from_time="2026-02-20T00:00:00Z", to_time="2026-04-01T00:00:00Z")
    assert all(point["y"] is None for point in points if point["x"] > seen)
    early = graph(library, device, from_time="2019-01-01T00:00:00Z", to_time="2019-01-02T00:00:00Z")
    assert {point["y"] for point in early} == {None}


def test_the_graph_agrees_with_the_event_of_the_same_hour(library: Tenant) -> None:
    device = battery_device(library)
    status = library.get(f"{library.v1}/device/{device}/status/", latest_event=0, limit=100)["results"]
    free = {e["created_on"][:13]: e["data"]["memoryEvents"][0]["countInMb"] for e in status}
    points = {p["x"][:13]: p["y"] for p in graph(library, device, "memory/available_ram_measured")}
    for hour, value in free.items():
        if points.get(hour) is not None:
            assert abs(points[hour] - value) < 16 * 8


def test_wifi_values_exist_only_on_wifi(library: Tenant) -> None:
    fleet = library.world.fleet
    wired = ((fleet.connection == 2) & (fleet.state == 1) & ~fleet.bare).nonzero()[0].tolist()[0]
    points = graph(library, fleet.device_id(wired), "wifi_network/signal_strength")
    assert {point["y"] for point in points} == {None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from_time": ""}, "from_time"),
        ({"to_time": "soon"}, "to_time"),
        ({"to_time": "2026-02-01T00:00:00Z"}, "to_time"),
        ({"from_time": "2015-01-01T00:00:00Z"}, "to_time"),
        ({"period": "minute"}, "period"),
        ({"period": ""}, "period"),
        ({"statistic": "max"}, "statistic"),
        ({"device_id": ZEROS}, "device_id"),
        ({"enterprise_id": ZEROS}, "enterprise_id"),
    ],
)
def test_a_graph_that_can_not_be_drawn_is_refused_and_the_field_named(
    library: Tenant, query: dict[str, str], field: str
) -> None:
    ids = {"device_id": library.pick(), "enterprise_id": library.facts.enterprise_id}
    assert library.refused(400, "/graph/battery/level/", **(DAY | ids | query))[0].startswith(f"{field}: ")


@pytest.mark.parametrize("metric", ["battery/colour", "weather/level", "memory/level"])
def test_an_unknown_metric_is_404(library: Tenant, metric: str) -> None:
    library.refused(404, f"/graph/{metric}/", **DAY)
