"""Which of the server's requests is the one whose answer we lost: pure matching.

Invariant: a lost request counts as never taken only when a complete listing, read late enough, has nothing like it;
what could be two things stays unknown.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from app.jobs.facts import Sending
from app.records import CommandRequest

ALIAS = "fc-"
# A request that was taken shows up in the list within this many seconds.
SETTLED = 60.0
# Without an alias, a request made this close to our sending is taken for ours, if it is the only one.
NEAR = 900.0
# Clocks of laptops are wrong by hours at times: only what is older than this can't be ours.
SKEW = 86400.0


@dataclass(frozen=True, slots=True)
class Found:
    """The server has it."""

    request: CommandRequest


@dataclass(frozen=True, slots=True)
class Absent:
    """The server has no record of it and won't have one."""


@dataclass(frozen=True, slots=True)
class Open:
    """Not to be told yet: the list was cut short, or it is too early. Worth another look."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several things on the server could be it, and no further look will tell."""


Verdict = Found | Absent | Open | Ambiguous


@dataclass(slots=True)
class Listing:
    """The server's recent requests, page by page, until `enough`."""

    since: float
    rows: list[CommandRequest] = field(default_factory=list)
    complete: bool = False
    _last: float | None = None
    _descending: bool = True

    def take(self, page: Sequence[CommandRequest]) -> bool:
        """Adds a page; True when nothing older can matter, which is certain only while rows come newest first."""
        for row in page:
            if row.created_at is None or (self._last is not None and row.created_at > self._last):
                self._descending = False
            else:
                self._last = row.created_at
        self.rows.extend(page)
        self.complete = self._descending and self._last is not None and self._last < self.since
        return self.complete

    def end(self) -> None:
        """The server had no further page."""
        self.complete = True


def match(
    lost: Sequence[Sending], command: str, listing: Listing, *, taken: Collection[str], now: float
) -> dict[int, Verdict]:
    """A verdict for each of `lost`, by its number. `taken` are server ids that belong to other requests of ours.

    By alias first. A server that keeps no alias is matched by command, equal devices and time.
    """
    by_alias: dict[str, CommandRequest] = {}
    for row in listing.rows:
        known = by_alias.get(row.alias)
        if row.alias and (known is None or _time(row) < _time(known)):
            by_alias[row.alias] = row
    keeps_aliases = any(alias.startswith(ALIAS) for alias in by_alias)
    verdicts: dict[int, Verdict] = {}
    candidates: dict[int, list[CommandRequest]] = {}
    for sending in lost:
        if sending.alias in by_alias:
            verdicts[sending.seq] = Found(by_alias[sending.alias])
        elif not keeps_aliases:
            candidates[sending.seq] = _alike(sending, command, listing.rows, taken)
    claims = Counter(row.id for rows in candidates.values() for row in rows)
    for sending in lost:
        rows = candidates.get(sending.seq, [])
        if sending.seq in verdicts:
            continue
        if len(rows) == 1 and claims[rows[0].id] == 1 and _surely(sending, rows[0]):
            verdicts[sending.seq] = Found(rows[0])
        elif rows:
            verdicts[sending.seq] = Ambiguous()
        elif listing.complete and sending.sent_at is not None and now - sending.sent_at >= SETTLED:
            verdicts[sending.seq] = Absent()
        else:
            verdicts[sending.seq] = Open()
    return verdicts


def _alike(
    sending: Sending, command: str, rows: Iterable[CommandRequest], taken: Collection[str]
) -> list[CommandRequest]:
    """What could be this sending, wide enough that nothing which might be it is missed."""
    wanted = frozenset(sending.devices)
    sent_at = sending.sent_at or 0.0
    found: dict[str, CommandRequest] = {}
    for row in rows:
        if row.command != command or row.alias or row.id in taken or row.groups:
            continue
        if row.created_at is not None and abs(row.created_at - sent_at) > SKEW:
            continue
        if not row.devices or frozenset(row.devices) == wanted:
            found[row.id] = row
    return list(found.values())


def _surely(sending: Sending, row: CommandRequest) -> bool:
    near = row.created_at is not None and abs(row.created_at - (sending.sent_at or 0.0)) <= NEAR
    return near and bool(row.devices)


def _time(row: CommandRequest) -> float:
    return row.created_at if row.created_at is not None else float("inf")
