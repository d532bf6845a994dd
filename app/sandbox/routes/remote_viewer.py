"""The feed of remote viewer sessions, on the address with one /api and on the one with two.

Invariant: a filter that can't be read is refused, and every filter that was sent holds for every row.
Source: 004_c0f00a350951482c.txt; contract paths `/api/v2/rv-activity-feed/` and `/v2/rv-activity-feed/`.
"""

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from app.sandbox.answers import Answer, Asked, Refusal, listed, words
from app.sandbox.device_facts import Document, moment
from app.sandbox.routes import Path
from app.sandbox.sessions import QUALITIES, STATES, Session
from app.sandbox.world import World

_DURATION = re.compile(
    r"P(?!$)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_UNITS = (365 * 86400.0, 30 * 86400.0, 7 * 86400.0, 86400.0, 3600.0, 60.0, 1.0)
_LONGEST = 40
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


def feed(world: World, asked: Asked) -> Answer:
    """Sessions, newest first unless `ordering` says otherwise; a missing duration or reason counts as the greatest."""
    found, now = list(world.sessions.all), world.now
    states = _choices(asked, "states", STATES)
    qualities = _choices(asked, "video_qualities", QUALITIES)
    found = [s for s in found if (not states or s.state(now) in states) and (not qualities or s.quality in qualities)]
    if wanted := asked.query.get("reason", "").casefold():
        found = [s for s in found if wanted in (s.reason(now) or "").casefold()]
    if wanted := asked.query.get("device_name", "").casefold():
        found = [s for s in found if wanted in world.identity.name(s.device).casefold()]
    if wanted := asked.query.get("created_by", ""):
        found = [s for s in found if s.created_by == wanted]
    readers: dict[str, tuple[Callable[[str, str], float], Callable[[Session], float | None]]] = {
        "duration": (_seconds, lambda s: s.duration(now)),
        "created_at": (_moment, lambda s: s.created),
        "updated_at": (_moment, lambda s: s.updated(now)),
    }
    for field, (read, value) in readers.items():
        for suffix, holds in _COMPARE.items():
            if text := asked.query.get(f"{field}_{suffix}", ""):
                bound = read(f"{field}_{suffix}", text)
                found = [s for s in found if (at := value(s)) is not None and holds(at, bound)]
    found = _ordered(world, found, asked.query.get("ordering") or "-created_at")
    return Answer({"content": listed(asked, found, lambda session: _document(world, session))})


def _ordered(world: World, found: list[Session], ordering: str) -> list[Session]:
    now = world.now
    keys: dict[str, Callable[[Session], Any]] = {
        "created_at": lambda s: s.created,
        "updated_at": lambda s: s.updated(now),
        "device_name": lambda s: world.identity.name(s.device).casefold(),
        "duration": lambda s: (s.duration(now) is None, s.duration(now) or 0.0),
        "state": lambda s: STATES.index(s.state(now)),
        "reason": lambda s: (s.reason(now) is None, s.reason(now) or ""),
        "video_quality": lambda s: s.quality,
        "created_by": lambda s: s.created_by,
    }
    field = ordering.removeprefix("-")
    if field not in keys:
        raise Refusal(400, [f"ordering: Must be one of {', '.join(keys)}, or one of them with a minus."])
    return sorted(found, key=keys[field], reverse=ordering.startswith("-"))


def _choices(asked: Asked, name: str, options: tuple[str, ...]) -> list[str]:
    sent = words(asked, name)
    if unknown := [word for word in sent if word not in options]:
        raise Refusal(400, [f"{name}: {word[:60]} is none of {', '.join(options)}." for word in unknown[:5]])
    return sent


def _seconds(name: str, text: str) -> float:
    """An ISO 8601 duration; a year counts 365 days and a month 30."""
    found = _DURATION.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise Refusal(400, [f"{name}: Must be a duration such as PT10M30S."])
    return sum(float(part) * unit for part, unit in zip(found.groups(), _UNITS, strict=True) if part)


def _moment(name: str, text: str) -> float:
    """A time with a zone; a plus that became a space on the way is put back, and nanoseconds are cut to microseconds."""
    text = re.sub(r"(\.\d{6})\d+", r"\1", text.replace(" ", "+"))
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        when = None
    if when is None or when.tzinfo is None:
        raise Refusal(400, [f"{name}: Must be a date and time with a zone, such as 2023-10-01T12:00:00Z."])
    return (when - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()


def _document(world: World, session: Session) -> Document:
    now, device = world.now, session.device
    duration = session.duration(now)
    return {
        "session_id": world.ids.make("remote-session", session.number),
        "device_id": world.fleet.device_id(device),
        "state": session.state(now),
        "reason": session.reason(now),
        "video_quality": session.quality,
        "duration": None if duration is None else _spell(duration),
        "created_by": session.created_by,
        "updated_by": session.created_by,
        "created_at": moment(session.created),
        "updated_at": moment(session.updated(now)),
        "device_name": world.identity.name(device),
        "device_alias": world.identity.alias(device),
        "device_state": int(world.fleet.state[device]),
    }


def _spell(seconds: float) -> str:
    """An ISO 8601 duration in hours, minutes and seconds to the millisecond."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest // 1000}.{rest % 1000:03d}".rstrip("0").rstrip(".")
    return f"PT{f'{hours}H' if hours else ''}{f'{minutes}M' if minutes else ''}{text}S"


PATHS = [Path("/api/v2/rv-activity-feed/", feed), Path("/v2/rv-activity-feed/", feed)]
