"""Tags: the tenant's list of them, and which device wears which.

Invariant: a tag's place in the list is given once, because its id is made of it; a device wears at most five.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from app.sandbox.fleet import Column, Fleet
from app.sandbox.software import TAGS

MOST_TAGS = 5


class Labels:
    """`texts[place]` is a tag. What was set since the start stands in `_given`, the seeded tags in the fleet's column."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.texts = list(TAGS)
        self._given: dict[int, tuple[int, ...]] = {}

    def of(self, number: int) -> list[int]:
        """Places of the device's tags."""
        given = self._given.get(number)
        if given is not None:
            return list(given)
        bits = int(self._fleet.tags[number])
        return [place for place in range(len(TAGS)) if bits >> place & 1] if bits else []

    def texts_of(self, number: int) -> list[str]:
        """The device's tags as texts."""
        return [self.texts[place] for place in self.of(number)]

    def were_set(self, number: int) -> bool:
        """Whether somebody has set this device's tags: then also a device that reports nothing has some."""
        return number in self._given

    def find(self, tag: str) -> int | None:
        """The place of a tag by its text or its id."""
        if tag in self.texts:
            return self.texts.index(tag)
        place = self._fleet.ids.find("tag", tag)
        return place if place is not None and place < len(self.texts) else None

    def put(self, number: int, texts: Iterable[str]) -> None:
        """Replaces the device's tags; a text that is new becomes a tag of the tenant."""
        places = []
        for text in dict.fromkeys(texts):
            if text not in self.texts:
                self.texts.append(text)
            places.append(self.texts.index(text))
        self._given[number] = tuple(places)

    def wearing(self, places: Sequence[int]) -> Column:
        """For every device whether it wears any of these tags."""
        bits = sum(1 << place for place in set(places) if place < len(TAGS))
        flags: Column = ((self._fleet.tags & np.uint32(bits)) != 0) & ~self._fleet.bare
        for number, given in self._given.items():
            flags[number] = bool(set(given) & set(places))
        return flags

    def snapshot(self) -> dict[str, Any]:
        """New tags and what was set, as plain data."""
        return {"texts": self.texts[len(TAGS) :], "given": [[n, *places] for n, places in self._given.items()]}

    def restore(self, kept: Any) -> None:
        """Takes a snapshot back. Raises TypeError, ValueError or KeyError where it is none."""
        self.texts = [*TAGS, *map(str, kept["texts"])]
        self._given = {int(number): tuple(map(int, places)) for number, *places in kept["given"]}
        if any(not 0 <= place < len(self.texts) for places in self._given.values() for place in places):
            raise ValueError("a tag is not in the list")
