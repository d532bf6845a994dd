"""Telemetry graphs: one measured value of one device over time.

Invariant: a bucket in which the device did not report has no value, and none is later than its last heartbeat.
Source: contract path `/graph/{category}/{metric}/`.
"""

from app.sandbox.answers import Answer, Asked, Refusal
from app.sandbox.device_facts import moment
from app.sandbox.forms import instant
from app.sandbox.routes import Path
from app.sandbox.series import METRICS, PERIODS, STATISTICS, graph
from app.sandbox.world import World

_LONGEST = 5 * 366 * 86400.0


def series(world: World, asked: Asked) -> Answer:
    """Buckets of an hour, a day or a month (UTC) from `from_time` up to `to_time`."""
    metric = f"{asked.path['category']}/{asked.path['metric']}"
    if metric not in METRICS:
        raise Refusal(404, message="There is no such graph")
    problems = []
    for name, options in (("period", PERIODS), ("statistic", STATISTICS)):
        if asked.query.get(name) not in options:
            problems.append(f"{name}: Must be one of {', '.join(options)}.")
    number = world.fleet.find(asked.query.get("device_id", ""))
    if number is None:
        problems.append("device_id: There is no such device.")
    if asked.query.get("enterprise_id", "").lower() != world.enterprise_id:
        problems.append("enterprise_id: There is no such enterprise.")
    begin, end = instant(asked, "from_time"), instant(asked, "to_time")
    if end < begin:
        problems.append("to_time: Must not be before from_time.")
    elif end - begin > _LONGEST:
        problems.append("to_time: At most five years at a time.")
    if problems or number is None:
        raise Refusal(400, problems)
    points = graph(world, number, metric, (begin, end), asked.query["period"], asked.query["statistic"])
    return Answer({"data": [{"x": moment(x), "y": y} for x, y in points]})


PATHS = [Path("/graph/{category}/{metric}/", series)]
