"""What a parsed filter is made of; every node gives a mask over the fleet.

Invariant: a mask has one entry per row, tombstones included, and belongs to the fleet: take a copy before changing it.
`rows` is the size of the fleet when the question was asked; it may have grown since, where another thread asks.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.states import DeviceCondition, condition_of
from app.store.columns import Mask
from app.store.fleet import Fleet
from app.store.patterns import Pattern, fold
from app.store.versions import compare, version_key


class Node(Protocol):
    def mask(self, fleet: Fleet, rows: int) -> Mask: ...


@dataclass(frozen=True)
class Everything:
    def mask(self, fleet: Fleet, rows: int) -> Mask:
        return np.ones(rows, np.bool_)


@dataclass(frozen=True)
class All:
    """Every part must hold."""

    parts: tuple[Node, ...]

    def mask(self, fleet: Fleet, rows: int) -> Mask:
        # Fields cost little and leave the words, which cost more, fewer rows to be looked for in.
        parts = sorted(self.parts, key=lambda part: isinstance(part, Word))
        found = parts[0].mask(fleet, rows)
        for part in parts[1:]:
            if isinstance(part, Word) and np.count_nonzero(found) * 3 < rows:
                found = found & fleet.word(part.pattern, rows, found)
            else:
                found = found & part.mask(fleet, rows)
        return found


@dataclass(frozen=True)
class Some:
    """One part must hold."""

    parts: tuple[Node, ...]

    def mask(self, fleet: Fleet, rows: int) -> Mask:
        found = self.parts[0].mask(fleet, rows)
        for part in self.parts[1:]:
            found = found | part.mask(fleet, rows)
        return found


@dataclass(frozen=True)
class Not:
    part: Node

    def mask(self, fleet: Fleet, rows: int) -> Mask:
        return ~self.part.mask(fleet, rows)


@dataclass(frozen=True)
class Word:
    """A bare word."""

    pattern: Pattern

    def mask(self, fleet: Fleet, rows: int) -> Mask:
        return fleet.word(self.pattern, rows)


@dataclass(frozen=True)
class Match:
    """One of the texts fits. Of several tags one is enough."""

    columns: tuple[str, ...]
    pattern: Pattern

    def mask(self, fleet: Fleet, rows: int) -> Mask:
        found = np.zeros(rows, np.bool_)
        for name in self.columns:
            if fleet.is_text(name):
                pattern = self.pattern.for_mac() if name == "mac" else self.pattern
                found = found | fleet.text(name).match(rows, pattern)
            else:
                found = found | fleet.where(name, self._fits)[:rows]
        return found

    def _fits(self, value: str | tuple[str, ...]) -> bool:
        texts = value if isinstance(value, tuple) else (value,)
        return any(self.pattern.test(fold(text)) for text in texts)


@dataclass(frozen=True)
class Between:
    """A number within bounds, None for no bound; `unknown` says what a device without the number counts as."""

    column: str
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    unknown: bool = False

    def mask(self, fleet: Fleet, rows: int) -> Mask:
        numbers = fleet.numbers(self.column)[:rows]
        found = ~np.isnan(numbers)
        if self.low is not None:
            found &= numbers > self.low if self.low_open else numbers >= self.low
        if self.high is not None:
            found &= numbers < self.high if self.high_open else numbers <= self.high
        return found | np.isnan(numbers) if self.unknown else found


@dataclass(frozen=True)
class Version:
    """A version in relation to others, as finely as those are written. No version fits none."""

    column: str
    low: tuple[int, ...] | None = None
    high: tuple[int, ...] | None = None
    low_open: bool = False
    high_open: bool = False

    def mask(self, fleet: Fleet, rows: int) -> Mask:
        return fleet.where(self.column, self._fits)[:rows]

    def _fits(self, text: str) -> bool:
        version = version_key(text)
        if not version:
            return False
        if self.low is not None and compare(version, self.low) < (1 if self.low_open else 0):
            return False
        return self.high is None or compare(version, self.high) <= (-1 if self.high_open else 0)


@dataclass(frozen=True)
class InState:
    """A condition, or fine states by number."""

    condition: DeviceCondition | None
    numbers: tuple[int, ...] = ()

    def mask(self, fleet: Fleet, rows: int) -> Mask:
        return fleet.where("state", self._fits)[:rows]

    def _fits(self, state: int | None) -> bool:
        return state in self.numbers or (self.condition is not None and condition_of(state) is self.condition)


@dataclass(frozen=True)
class InGroup:
    """Directly in a group that fits; with `deep` also anywhere below it."""

    pattern: Pattern
    deep: bool

    def mask(self, fleet: Fleet, rows: int) -> Mask:
        found = fleet.groups.matching(self.pattern)
        if self.deep:
            found = found.union(*(fleet.groups.descendants(group_id) for group_id in found))
        return fleet.in_groups(found)[:rows]


@dataclass(frozen=True)
class Has:
    """The device has the fact at all."""

    columns: tuple[str, ...]

    def mask(self, fleet: Fleet, rows: int) -> Mask:
        found = np.zeros(rows, np.bool_)
        for name in self.columns:
            if fleet.is_text(name):
                found = found | np.array([bool(text) for text in fleet.text(name).texts(rows)], np.bool_)
            elif fleet.is_number(name):
                found = found | ~np.isnan(fleet.numbers(name)[:rows])
            else:
                found = found | fleet.where(name, lambda value: value not in (None, "", ()))[:rows]
        return found


@dataclass(frozen=True)
class Gone:
    """The server no longer has the device."""

    gone: bool

    def mask(self, fleet: Fleet, rows: int) -> Mask:
        live = np.isnan(fleet.numbers("gone_at")[:rows])
        return ~live if self.gone else live
