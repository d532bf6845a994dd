"""Remote viewer sessions: who looked at which device, when, for how long, and how it ended.

Invariant: a session is a function of the seed and the time; it has a duration only once it went from ACTIVE to its end.
Source: 004_c0f00a350951482c.txt.
"""

from dataclasses import dataclass
from typing import Any

from app.sandbox import chance
from app.sandbox.fleet import Fleet

_COUNT = 80
_DAY = 86400.0
STATES = ("INITIATED", "ACKNOWLEDGED", "ACTIVE", "TERMINATED", "FAILED")
QUALITIES = ("STANDARD", "DATA_SAVER")
USERS = ("admin@example.com", "helpdesk@example.com", "depot.lead@example.com", "nurse.it@example.com")
_ENDED = ("Ended by the viewer", "The device was locked", "Session limit reached")
_FAILED = ("The device did not answer", "Connection lost", "The person at the device declined")


@dataclass(frozen=True, slots=True)
class Session:
    """One session. Times are seconds since 1970; a step that is None never comes."""

    number: int
    device: int
    quality: str
    created_by: str
    created: float
    acknowledged: float | None
    active: float | None
    ended: float | None
    failed: bool
    outcome: str

    def state(self, now: float) -> str:
        """The last step that was reached."""
        if self.ended is not None and self.ended <= now:
            return "FAILED" if self.failed else "TERMINATED"
        if self.active is not None and self.active <= now:
            return "ACTIVE"
        return "ACKNOWLEDGED" if self.acknowledged is not None and self.acknowledged <= now else "INITIATED"

    def updated(self, now: float) -> float:
        """When the last step was reached."""
        return max(
            at for at in (self.created, self.acknowledged, self.active, self.ended) if at is not None and at <= now
        )

    def reason(self, now: float) -> str | None:
        """Why it ended."""
        return self.outcome if self.ended is not None and self.ended <= now else None

    def duration(self, now: float) -> float | None:
        """Seconds from ACTIVE to the end; None for a session that is not over or never became ACTIVE."""
        if self.active is None or self.ended is None or self.ended > now:
            return None
        return self.ended - self.active


class Sessions:
    """All sessions, oldest first, as they stand around the moment the world began."""

    def __init__(self, fleet: Fleet, begun: float) -> None:
        self._fleet = fleet
        self._begun = begun
        self.all = _drawn(fleet, begun)

    def snapshot(self) -> float:
        """All there is to keep: the moment the world began."""
        return self._begun

    def restore(self, kept: Any) -> None:
        """Takes a snapshot back. Raises TypeError or ValueError where it is none."""
        self._begun = float(kept)
        self.all = _drawn(self._fleet, self._begun)


def _drawn(fleet: Fleet, begun: float) -> list[Session]:
    return sorted((_make(fleet, number, begun) for number in range(_COUNT)), key=lambda s: (s.created, s.number))


def _make(fleet: Fleet, number: int, begun: float) -> Session:
    def draw(step: int, low: float, high: float) -> float:
        # Eighths of a second are exact in binary and in milliseconds: what is shown is what filters compare with.
        return round(chance.between(low, high, fleet.seed, 51, number, step) * 8) / 8

    # The newest few began just now, so that every state is to be seen.
    created = int(begun) - (draw(1, 0.0, 40.0) if number < 6 else draw(1, 300.0, 60 * _DAY))
    fate = chance.unit(fleet.seed, 51, number, 2)
    acknowledged = None if fate < 0.08 else created + draw(3, 0.4, 6.0)
    active = None if acknowledged is None or fate < 0.16 else acknowledged + draw(4, 0.5, 9.0)
    failed = active is None or fate < 0.22
    ended = (active or acknowledged or created) + (draw(5, 20.0, 5400.0) if active is not None else 60.0)
    return Session(
        number,
        chance.mix(fleet.seed, 52, number) % fleet.size,
        QUALITIES[fate > 0.7],
        chance.pick(USERS, fleet.seed, 53, number),
        created,
        acknowledged,
        active,
        ended,
        failed,
        chance.pick(_FAILED if failed else _ENDED, fleet.seed, 54, number),
    )
