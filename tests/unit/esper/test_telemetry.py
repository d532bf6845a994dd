"""Telemetry: which series is asked for, and what becomes of gaps and disorder in it."""

import pytest

from app.errors import InputError, UnexpectedAnswer
from app.esper.telemetry import METRICS
from app.records import Point
from tests.unit.esper.asking import ask
from tests.unit.esper.server import document, serving

START = 1_767_312_000.0


def test_a_series_is_asked_for_by_device_time_and_statistic() -> None:
    data = [
        {"x": "2026-01-02T02:00:00Z", "y": 71.5},
        {"x": "2026-01-02T00:00:00Z", "y": "80"},
        {"x": "2026-01-02T01:00:00Z", "y": None},
        {"x": "never", "y": 1},
    ]
    with serving(lambda seen: document({"data": data})) as server:
        series = ask(
            server.url,
            lambda opened: opened.telemetry.series(
                "d1", "battery", "level", after=START, before=START + 10_800, period="hour", statistic="avg"
            ),
        )
    assert series == (
        Point(at=START, value=80.0),
        Point(at=START + 3600, value=None),
        Point(at=START + 7200, value=71.5),
    )
    assert server.seen[0].path == "/graph/battery/level/"
    assert server.seen[0].query == {
        "from_time": "2026-01-02T00:00:00.000Z",
        "to_time": "2026-01-02T03:00:00.000Z",
        "period": "hour",
        "statistic": "avg",
        "device_id": "d1",
        "enterprise_id": "e1",
    }


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": "x"}, {"data": {}}])
def test_an_answer_without_points_is_no_empty_series(body: object) -> None:
    with serving(lambda seen: document(body)) as server, pytest.raises(UnexpectedAnswer):
        ask(server.url, lambda opened: opened.telemetry.series("d1", "battery", "level", after=START, before=START))


def test_an_empty_series_is_one() -> None:
    with serving(lambda seen: document({"data": []})) as server:
        assert ask(server.url, lambda o: o.telemetry.series("d1", "memory", "x", after=START, before=START)) == ()


@pytest.mark.parametrize(
    ("category", "after"), [("..", START), ("", START), ("battery", 1e20), ("battery", float("nan"))]
)
def test_no_other_path_and_no_impossible_moment_is_asked_for(category: str, after: float) -> None:
    with serving(lambda seen: document({"data": []})) as server:
        with pytest.raises(InputError):
            ask(server.url, lambda o: o.telemetry.series("d1", category, "level", after=after, before=START))
        assert server.seen == []


def test_every_metric_of_the_contract_is_known() -> None:
    assert {category: len(metrics) for category, metrics in METRICS.items()} == {
        "battery": 12, "memory": 3, "wifi_network": 3, "data_usage": 2,
    }  # fmt: skip
