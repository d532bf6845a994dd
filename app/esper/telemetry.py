"""Telemetry: one metric of one device over time.

Invariant: points come in the order of time, one for a time bucket; a bucket without a value stays in as None.
"""

from typing import Any, Literal

from msgspec import Struct

from app.errors import UnexpectedAnswer
from app.esper.answers import Form
from app.esper.exchange import Exchange
from app.esper.wording import Loose, moment, number, part, stamp
from app.records import Point

Period = Literal["hour", "day", "month"]
Statistic = Literal["avg", "sum", "count"]

# The pairs that the contract knows; a server may know more.
METRICS: dict[str, tuple[str, ...]] = {
    "battery": (
        "level", "temperature", "voltage", "capacity_count", "current_avg", "current", "energy_count",
        "low_indicator", "present", "level_absolute", "scale", "charge_time_remaining",
    ),
    "memory": ("available_ram_measured", "available_internal_storage_measured", "os_occupied_storage_measured"),
    "wifi_network": ("signal_strength", "link_speed", "frequency"),
    "data_usage": ("total_data_download", "total_data_upload"),
}  # fmt: skip


class _Point(Struct):
    x: Loose = None
    y: Loose = None


class _Series(Struct):
    data: list[_Point] | None = None


def _series(wire: _Series, raw: bytes) -> tuple[Point, ...]:
    if wire.data is None:
        raise UnexpectedAnswer("a telemetry series without a list of points")
    points = {at: Point(at=at, value=number(point.y)) for point in wire.data if (at := moment(point.x)) is not None}
    return tuple(points[at] for at in sorted(points))


SERIES = Form(_Series, _series)


class Telemetry:
    """What devices measured."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def series(
        self,
        device_id: str,
        category: str,
        metric: str,
        *,
        after: float,
        before: float,
        period: Period = "hour",
        statistic: Statistic = "avg",
    ) -> tuple[Point, ...]:
        """GET graph/{category}/{metric}/: both moments in epoch seconds, units as the device measured. See METRICS."""
        params: dict[str, Any] = {
            "from_time": stamp(after),
            "to_time": stamp(before),
            "period": period,
            "statistic": statistic,
            "device_id": device_id,
            "enterprise_id": await self._exchange.known_enterprise(),
        }
        return await self._exchange.one(f"/graph/{part(category)}/{part(metric)}/", SERIES, params=params)
