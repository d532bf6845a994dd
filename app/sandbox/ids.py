"""Ids: UUIDs that are computed from the seed and can be turned back into the index they stand for.

Invariant: `find(kind, make(kind, i)) == i`; any other text, kind or seed gives None. No table, so a million cost nothing.
"""

import re
from zlib import crc32

from app.sandbox.chance import mix

_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_LOW = (1 << 24) - 1
_KEPT = 5000


class Ids:
    """Makes and reads the ids of one seeded world. A kind is a short word such as `device`."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._keys: dict[str, tuple[int, int, int]] = {}
        self._made: dict[
            tuple[str, int], str
        ] = {}  # the low ones, which name tags, groups and versions again and again

    def make(self, kind: str, index: int) -> str:
        """The id of the index-th thing of that kind; 0 <= index < 2**48."""
        made = self._made.get((kind, index))
        if made is not None:
            return made
        keys = self._of(kind)
        left, right = index >> 24, index & _LOW
        for key in keys:
            left, right = right, left ^ _round(right, key)
        head = (left << 24) | right
        rest = mix(head, keys[0])
        third, fourth, last = rest & 0xFFF, 0x8000 | ((rest >> 12) & 0x3FFF), (rest >> 16) & 0xFFFFFFFFFFFF
        text = f"{head >> 16:08x}-{head & 0xFFFF:04x}-4{third:03x}-{fourth:04x}-{last:012x}"
        if index < _KEPT:
            self._made[kind, index] = text
        return text

    def find(self, kind: str, text: str) -> int | None:
        """The index behind an id of that kind, or None where the text is none."""
        text = text.lower()
        if not _FORM.fullmatch(text):
            return None
        head = int(text[:8] + text[9:13], 16)
        left, right = head >> 24, head & _LOW
        for key in reversed(self._of(kind)):
            left, right = right ^ _round(left, key), left
        index = (left << 24) | right
        return index if self.make(kind, index) == text else None

    def _of(self, kind: str) -> tuple[int, int, int]:
        keys = self._keys.get(kind)
        if keys is None:
            base = mix(self._seed, crc32(kind.encode()))
            keys = self._keys[kind] = (mix(base, 1), mix(base, 2), mix(base, 3))
        return keys


def _round(half: int, key: int) -> int:
    return ((half * 0x9E3779B1 + key) * 0x85EBCA6B >> 13) & _LOW
