"""Measured values over time, in buckets.

Invariant: the value of a moment depends on the device and the moment alone and equals what `telemetry` reported then;
devices report every quarter of an hour, but for an hour in twenty that they spend out of reach.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from app.sandbox.fleet import CONNECTIONS, Column
from app.sandbox.hardware import MODELS
from app.sandbox.world import World

PERIODS = ("hour", "day", "month")
STATISTICS = ("avg", "sum", "count")
_STEP = 900
_FULL = 5_000_000.0  # microampere hours of a full battery
_DRAIN = -320.0
_CHARGE = 1400.0

Reading = Callable[[World, int, Column], Column]


def graph(
    world: World, number: int, metric: str, span: tuple[float, float], period: str, statistic: str
) -> list[tuple[float, float | None]]:
    """The begin of each bucket in seconds since 1970, and its value. A bucket without reports is 0 when counted, else None."""
    edges = _edges(*span, period)
    times = _reports(world, number, *span)
    values = METRICS[metric](world, number, times)
    told = ~np.isnan(values)
    times, values = times[told], values[told]
    place = np.searchsorted(edges, times, side="right") - 1
    counts = np.bincount(place, minlength=len(edges))
    sums = np.bincount(place, values, minlength=len(edges))
    if statistic == "count":
        return list(zip(edges.tolist(), counts.astype(float).tolist(), strict=True))
    shown = sums / np.maximum(counts, 1) if statistic == "avg" else sums
    return [
        (edge, round(value, 3) if count else None)
        for edge, value, count in zip(edges.tolist(), shown.tolist(), counts.tolist(), strict=True)
    ]


def _edges(begin: float, end: float, period: str) -> Column:
    """Where the buckets begin; the first may begin before the span."""
    if period != "month":
        width = 3600.0 if period == "hour" else 86400.0
        return np.arange(begin // width * width, max(end, begin + 1e-6), width)
    day = datetime.fromtimestamp(begin, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = [day.timestamp()]
    while True:
        day = day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1)
        if day.timestamp() >= end:
            return np.array(found)
        found.append(day.timestamp())


def _reports(world: World, number: int, begin: float, end: float) -> Column:
    """When the device reported within the span: from its set-up to its last heartbeat."""
    fleet = world.fleet
    if fleet.bare[number]:
        return np.empty(0)
    first = max(begin, float(fleet.provisioned[number]))
    last = min(end, world.presence.last_seen(number, world.now))
    times = np.arange(-(-first // _STEP) * _STEP, last, _STEP)
    hours = times.astype(np.int64) // 3600
    noise = int(fleet.noise[number]) % 1_000_003
    return np.asarray(times[(hours * 7919 + noise) * 104_729 % 1_000_003 % 20 != 0])


def _wave(world: World, number: int, times: Column) -> Column:
    """The slow swing that `telemetry` adds to what it measures, 0 to 16."""
    return np.asarray((int(world.fleet.noise[number]) % 17 + times.astype(np.int64) // 60) % 17)


def _levels(world: World, number: int, times: Column) -> tuple[Column, Column]:
    """Battery levels in percent, and whether it was charging."""
    fleet = world.fleet
    if fleet.mains[number]:
        return np.full(len(times), 100.0), np.ones(len(times), bool)
    place = (times / (float(fleet.battery_hours[number]) * 3600.0) + float(fleet.battery_phase[number])) % 1.0
    height = np.where(place < 0.67, 1.0 - place / 0.67, (place - 0.67) / 0.33)
    floor = float(fleet.battery_floor[number])
    return floor + np.floor((100.0 - floor) * height), place >= 0.67


def _level(world: World, number: int, times: Column) -> Column:
    return _levels(world, number, times)[0]


def _current(world: World, number: int, times: Column) -> Column:
    return np.where(_levels(world, number, times)[1], _CHARGE, _DRAIN) + _wave(world, number, times)


def _charge_time(world: World, number: int, times: Column) -> Column:
    """Seconds until the battery is full; nothing while it drains."""
    levels, charging = _levels(world, number, times)
    return np.where(charging, (100.0 - levels) * 72.0, np.nan)


def _ram(world: World, number: int, times: Column) -> Column:
    model, noise = MODELS[world.fleet.model[number]], int(world.fleet.noise[number])
    return np.asarray(model.ram * (12 + noise % 40) // 100 + _wave(world, number, times) * 8.0)


def _storage(world: World, number: int, times: Column) -> Column:
    noise = int(world.fleet.noise[number])
    return np.full(len(times), MODELS[world.fleet.model[number]].storage * (80.0 + noise // 64 % 700))


def _wifi(read: Reading) -> Reading:
    """Only devices on Wi-Fi have it."""

    def reading(world: World, number: int, times: Column) -> Column:
        on = CONNECTIONS[world.fleet.connection[number]] == "WIFI"
        return read(world, number, times) if on else np.full(len(times), np.nan)

    return reading


def _signal(world: World, number: int, times: Column) -> Column:
    return np.asarray(-45.0 - int(world.fleet.noise[number]) % 40 - _wave(world, number, times) % 5)


def _steady(value: Callable[[World, int], float]) -> Reading:
    return lambda world, number, times: np.full(len(times), float(value(world, number)))


def _total(rate: float) -> Reading:
    """Megabytes since the device was set up, at `rate` MB a day and a bit more on some devices."""

    def reading(world: World, number: int, times: Column) -> Column:
        days = (times - float(world.fleet.provisioned[number])) / 86400.0
        return np.floor(days * rate * (1 + number % 9 / 10))

    return reading


METRICS: dict[str, Reading] = {
    "battery/level": _level,
    "battery/temperature": lambda world, number, times: 24.0 + _wave(world, number, times) / 2,
    "battery/voltage": lambda world, number, times: 3500.0 + _level(world, number, times) * 8,
    "battery/capacity_count": lambda world, number, times: _level(world, number, times) / 100 * _FULL,
    "battery/current_avg": _current,
    "battery/current": _current,
    "battery/energy_count": lambda world, number, times: _level(world, number, times) * 192_500.0,
    "battery/low_indicator": lambda world, number, times: (_level(world, number, times) < 15).astype(float),
    "battery/present": _steady(lambda world, number: 1.0),
    "battery/level_absolute": _level,
    "battery/scale": _steady(lambda world, number: 100.0),
    "battery/charge_time_remaining": _charge_time,
    "memory/available_ram_measured": _ram,
    "memory/available_internal_storage_measured": _storage,
    "memory/os_occupied_storage_measured": _steady(lambda w, n: MODELS[w.fleet.model[n]].storage * 110.0),
    "wifi_network/signal_strength": _wifi(_signal),
    "wifi_network/link_speed": _wifi(_steady(lambda w, n: 72.0 + int(w.fleet.noise[n]) % 800)),
    "wifi_network/frequency": _wifi(_steady(lambda w, n: 5180.0 if int(w.fleet.noise[n]) % 3 else 2437.0)),
    "data_usage/total_data_download": _total(40.0),
    "data_usage/total_data_upload": _total(3.0),
}
