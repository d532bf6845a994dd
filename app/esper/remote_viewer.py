"""Remote sessions: who looked at which device, when and for how long.

Invariant: the feed is asked at the path of the seed first; where a tenant knows only the other, that is remembered.
"""

import math
import re
from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from app.errors import InputError, NotFound, Problem
from app.esper.answers import Form, identified
from app.esper.exchange import Exchange
from app.esper.pace import Priority
from app.esper.pages import Page, Pages
from app.esper.wording import Loose, ident, moment, stamp, text, whole
from app.records import RemoteSession
from app.states import RemoteSessionState, VideoQuality

# The server's address ends in /api, and the first path says it again: 004_c0f00a350951482c.txt.
_PATHS = ("/api/v2/rv-activity-feed/", "/v2/rv-activity-feed/")
_DURATION = re.compile(
    r"P(?!$)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
# Years and months have no fixed length; no session lasts that long, so the usual mean will do.
_SECONDS = (31_556_952.0, 2_629_746.0, 604_800.0, 86_400.0, 3600.0, 60.0, 1.0)


class Bounds(NamedTuple):
    """Limits to one value: below, at most, above, at least. None is no limit."""

    lt: float | None = None
    lte: float | None = None
    gt: float | None = None
    gte: float | None = None


class SessionField(StrEnum):
    """What sessions can be ordered by."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    DEVICE_NAME = "device_name"
    DURATION = "duration"
    STATE = "state"
    REASON = "reason"
    VIDEO_QUALITY = "video_quality"
    CREATED_BY = "created_by"


class SessionFilter(NamedTuple):
    """Empty asks for all. `duration` in seconds and only of ended sessions, times in epoch seconds.

    `reason` and `device_name` find a part of the text.
    """

    states: Collection[RemoteSessionState] = ()
    video_qualities: Collection[VideoQuality] = ()
    reason: str = ""
    created_by: str = ""
    device_name: str = ""
    duration: Bounds = Bounds()
    created_at: Bounds = Bounds()
    updated_at: Bounds = Bounds()

    def params(self) -> dict[str, str]:
        """The query. Raises InputError for a duration or a time that can't be."""
        found = {
            "states": ",".join(sorted(state.value for state in set(self.states))),
            "video_qualities": ",".join(sorted(quality.value for quality in set(self.video_qualities))),
            "reason": self.reason,
            "created_by": self.created_by,
            "device_name": self.device_name,
        }
        for name, bounds, written in (
            ("duration", self.duration, iso_duration),
            ("created_at", self.created_at, stamp),
            ("updated_at", self.updated_at, stamp),
        ):
            for side, value in bounds._asdict().items():
                if value is not None:
                    found[f"{name}_{side}"] = written(value)
        return {key: value for key, value in found.items() if value}


class _Session(Struct):
    session_id: Loose = None
    id: Loose = None
    device_id: Loose = None
    state: Loose = None
    reason: Loose = None
    video_quality: Loose = None
    duration: Loose = None
    created_by: Loose = None
    updated_by: Loose = None
    created_at: Loose = None
    updated_at: Loose = None
    device_name: Loose = None
    device_alias: Loose = None
    device_state: Loose = None


def _session(wire: _Session, raw: bytes) -> RemoteSession:
    return RemoteSession(
        id=identified(wire.session_id or wire.id, "a remote session"),
        device_id=ident(wire.device_id),
        device_name=text(wire.device_name),
        device_alias=text(wire.device_alias),
        device_state=whole(wire.device_state),
        state=text(wire.state),
        reason=text(wire.reason),
        video_quality=text(wire.video_quality),
        duration=seconds(text(wire.duration)),
        created_by=text(wire.created_by),
        updated_by=text(wire.updated_by),
        created_at=moment(wire.created_at),
        updated_at=moment(wire.updated_at),
        raw=raw,
    )


# Schema RemoteSession.
SESSION = Form(_Session, _session)


class RemoteViewer:
    """The feed of remote sessions."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._path = ""

    def pages(
        self,
        wanted: SessionFilter | None = None,
        *,
        order: SessionField = SessionField.CREATED_AT,
        descending: bool = True,
        limit: int = 100,
    ) -> Pages[RemoteSession]:
        """GET api/v2/rv-activity-feed/, or v2/rv-activity-feed/ on 404; the newest first unless asked otherwise."""
        params = {**(wanted or SessionFilter()).params(), "ordering": f"{'-' if descending else ''}{order.value}"}

        async def fetch(offset: int, size: int) -> Page[RemoteSession]:
            return await self._page(offset, size, params)

        return Pages(fetch, (limit, 20) if limit > 20 else (limit,), 1)

    async def _page(self, offset: int, limit: int, params: dict[str, str]) -> Page[RemoteSession]:
        known = (self._path,) if self._path else _PATHS
        for path in known[:-1]:
            try:
                page = await self._exchange.page(path, SESSION, offset, limit, params, Priority.PEOPLE)
            except NotFound:
                continue
            self._path = path
            return page
        page = await self._exchange.page(known[-1], SESSION, offset, limit, params, Priority.PEOPLE)
        self._path = known[-1]
        return page


def iso_duration(length: float) -> str:
    """`PT10M30S` for 630 seconds, to the millisecond. Raises InputError for what is no length of time."""
    if not math.isfinite(length) or length < 0:
        raise InputError([Problem("duration", "A duration is zero or more.")])
    thousandths = round(length * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    written = f"{hours}H" if hours else ""
    written += f"{minutes}M" if minutes else ""
    if rest or not written:
        written += f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "S"
    return f"PT{written}"


def seconds(duration: str) -> float | None:
    """The seconds behind an ISO 8601 duration; None for any other text."""
    found = _DURATION.fullmatch(duration.strip())
    if not found:
        return None
    total = sum(float(part) * size for part, size in zip(found.groups("0"), _SECONDS, strict=True))
    return total if math.isfinite(total) else None
