"""When a scheduled command may run: the openings of WINDOW and RECURRING requests.

Invariant: every opening lies within start and end, opens before it closes, and comes after the moment asked about.
Source: contract schema ScheduleArgs; wall-clock times without a zone are the device's or, for `console`, UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ALL_DAYS = "All days"


class Opening(NamedTuple):
    """A stretch of time, in seconds since 1970."""

    opens: float
    closes: float


@dataclass(frozen=True, slots=True)
class Windows:
    """A checked schedule. Without `daily` the whole stretch from start to end is one opening."""

    start: datetime
    end: datetime
    on_device_time: bool = False
    daily: tuple[time, time] | None = None
    days: frozenset[int] = frozenset(range(7))
    recurring: bool = False

    def next(self, after: float, offset: int) -> Opening | None:
        """The first opening that has not closed by `after`, for a device `offset` minutes east of UTC; None when over."""
        for opening in self._openings(after, offset):
            if opening.closes > after:
                return Opening(max(opening.opens, after), opening.closes)
        return None

    def _openings(self, after: float, offset: int) -> Iterator[Opening]:
        shift = timedelta(minutes=offset if self.on_device_time else 0)
        start, end = self.start.timestamp(), self.end.timestamp()
        if self.daily is None and self.days == frozenset(range(7)):
            yield Opening(start, end)
            return
        opens, closes = self.daily or (time(0), time(0))
        first = datetime.fromtimestamp(max(start, after), UTC) + shift - timedelta(days=1)
        day = datetime.combine(first.date(), time(0), UTC)
        while (day - shift).timestamp() < end:
            if day.weekday() in self.days:
                begin = day.replace(hour=opens.hour, minute=opens.minute, second=opens.second) - shift
                finish = day.replace(hour=closes.hour, minute=closes.minute, second=closes.second) - shift
                if finish <= begin:
                    finish += timedelta(days=1)
                opening = Opening(max(begin.timestamp(), start), min(finish.timestamp(), end))
                if opening.opens < opening.closes:
                    yield opening
            day += timedelta(days=1)
