"""What the worker thread knows of every row: its digest, whether it is gone, and which sweep saw it last.

Invariant: touched on the worker thread only, and changed only after the commit that it mirrors. `index` alone is read
elsewhere; whoever reads it checks the row against the size of the fleet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import apsw
import numpy as np
from numpy.typing import NDArray

from app.records import Device
from app.store.columns import Rows, capacity
from app.store.documents import INSERT, clean, digest_of, row_of, shrink


class Swept(NamedTuple):
    """Devices of one sweep: seen at all, new or back again, changed, no longer there."""

    seen: int
    appeared: int
    changed: int
    gone: int


@dataclass(slots=True)
class Written:
    """What one batch did: the rows that were written with their facts, and the rows that were only seen again."""

    rows: list[int] = field(default_factory=list)
    facts: list[list[Any]] = field(default_factory=list)
    digests: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)


class Register:
    """Row numbers by device id, and one digest, one flag and one sweep number per row."""

    def __init__(self) -> None:
        self.index: dict[str, int] = {}
        self._ids: list[str] = []
        self._digests: NDArray[np.int64] = np.empty(0, np.int64)
        self._gone: NDArray[np.bool_] = np.empty(0, np.bool_)
        self._seen: Rows = np.empty(0, np.int32)
        self.sweep = 0
        self._running = False
        self._appeared = 0
        self._changed = 0

    def load(self, ids: Sequence[str], digests: Sequence[int], gone: Iterable[bool]) -> None:
        """Takes rows over as they are on disk, in order."""
        first = len(self.index)
        for row, device_id in enumerate(ids, first):
            self.index[device_id] = row
        self._ids.extend(ids)
        rows = np.arange(first, first + len(ids), dtype=np.int32)
        self._reserve(first + len(ids))
        self._digests[rows] = digests
        self._gone[rows] = list(gone)

    def _reserve(self, rows: int) -> None:
        have = len(self._digests)
        if rows > have:
            room = capacity(rows, have) - have
            self._digests = np.concatenate([self._digests, np.zeros(room, np.int64)])
            self._gone = np.concatenate([self._gone, np.zeros(room, np.bool_)])
            self._seen = np.concatenate([self._seen, np.zeros(room, np.int32)])

    def write(self, connection: apsw.Connection, devices: Iterable[Device]) -> Written:
        """Writes what is new or different. Of two records of one device the last counts."""
        written = Written()
        documents: list[tuple[int, bytes]] = []
        new = len(self.index)
        for device, digest in _latest(devices):
            row = self.index.get(device.id)
            if row is not None and not self._gone[row] and int(self._digests[row]) == digest:
                written.seen.append(row)
                continue
            if row is None:
                row = new
                new += 1
            written.rows.append(row)
            written.facts.append(row_of(device))
            written.digests.append(digest)
            written.ids.append(device.id)
            documents.append((row, shrink(device.raw)))
        if written.rows:
            facts = zip(written.rows, written.digests, written.facts, strict=True)
            connection.executemany(INSERT, ((row, digest, *values) for row, digest, values in facts))
            connection.executemany("INSERT OR REPLACE INTO device_raw (row, raw) VALUES (?, ?)", documents)
        return written

    def settle(self, written: Written, sweep: int | None) -> None:
        """Follows a committed batch."""
        known = len(self.index)
        for row, device_id in zip(written.rows, written.ids, strict=True):
            if row >= known:
                self.index[device_id] = row
                self._ids.append(device_id)
        self._reserve(len(self.index))
        rows = np.array(written.rows, np.int32)
        if sweep is not None and self.running(sweep):
            new = int(np.count_nonzero((rows >= known) | self._gone[rows]))
            self._appeared += new
            self._changed += len(rows) - new
        self._digests[rows] = written.digests
        self._gone[rows] = False
        # Whatever arrives while a sweep runs was there after it began, whoever asked for it.
        self._seen[rows] = self.sweep
        self._seen[np.array(written.seen, np.int32)] = self.sweep

    def begin(self) -> int:
        """Starts a sweep; one that was running is void."""
        self.sweep += 1
        self._running = True
        self._appeared = self._changed = 0
        return self.sweep

    def running(self, sweep: int) -> bool:
        return self._running and sweep == self.sweep

    def missing(self, sweep: int) -> list[int]:
        """The rows that are believed to be there and were not seen by the sweep; none if it is not the running one."""
        if not self.running(sweep):
            return []
        rows = len(self.index)
        return [int(n) for n in np.flatnonzero(~self._gone[:rows] & (self._seen[:rows] != sweep))]

    def present(self, device_ids: Iterable[str]) -> list[int]:
        """The rows of those devices that are not gone yet."""
        rows = (self.index.get(device_id) for device_id in dict.fromkeys(device_ids))
        return [row for row in rows if row is not None and not self._gone[row]]

    def names(self, rows: Iterable[int]) -> frozenset[str]:
        """The ids of the devices in these rows."""
        return frozenset(self._ids[row] for row in rows)

    def bury(self, rows: Sequence[int]) -> None:
        """Follows a committed tombstone."""
        self._gone[np.array(rows, np.int32)] = True

    def finish(self, sweep: int, gone: int) -> Swept:
        """Ends the sweep and says what it found; all zero for one that is not running."""
        if not self.running(sweep):
            return Swept(0, 0, 0, 0)
        self._running = False
        seen = int(np.count_nonzero(self._seen[: len(self.index)] == sweep))
        return Swept(seen, self._appeared, self._changed, gone)


def _latest(devices: Iterable[Device]) -> Iterable[tuple[Device, int]]:
    """Each device once, as it came last, with its digest."""
    latest: dict[str, tuple[Device, int]] = {}
    for device in devices:
        try:
            latest[device.id] = (device, digest_of(device))
        except UnicodeEncodeError:
            mended = clean(device)
            latest[mended.id] = (mended, digest_of(mended))
    return latest.values()
