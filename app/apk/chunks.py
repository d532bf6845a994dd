"""The chunks that binary XML and resource tables are made of: headers, string pools, typed values.

Invariant: nothing outside the bytes given is read, every walk moves forward, and all that is wrong is a Damaged.
Layout: ResourceTypes.h of the Android platform.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

NOTHING = 0xFFFFFFFF
REFERENCE, STRING = 0x01, 0x03
STRING_POOL = 0x0001
_UTF8 = 0x100


class Damaged(Exception):
    """The bytes are not what they say they are."""


class Value(NamedTuple):
    """A typed value: its type, and a number that is the value, an index of a string, or the id of a resource."""

    kind: int
    data: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its type, and the bytes from its first to its last as [start, end) of `data`."""

    data: bytes
    kind: int
    start: int
    head: int
    end: int

    def u8(self, at: int) -> int:
        return self._read("<B", at, 1)

    def u16(self, at: int) -> int:
        return self._read("<H", at, 2)

    def u32(self, at: int) -> int:
        """The number at an offset from the chunk's start."""
        return self._read("<I", at, 4)

    def value(self, at: int) -> Value:
        """The typed value (size, nothing, type, data) at an offset."""
        return Value(self.u8(at + 3), self.u32(at + 4))

    def inside(self, at: int) -> Iterator["Chunk"]:
        """The chunks within this one, from an offset on."""
        return walk(self.data, self.start + at, self.end)

    def _read(self, form: str, at: int, size: int) -> int:
        place = self.start + at
        if at < 0 or place + size > self.end:
            raise Damaged
        return int(struct.unpack_from(form, self.data, place)[0])


def walk(data: bytes, start: int, end: int) -> Iterator[Chunk]:
    """The chunks that stand one after the other in data[start:end]."""
    while start + 8 <= end:
        kind, head, size = struct.unpack_from("<HHI", data, start)
        if size < 8 or head < 8 or head > size or start + size > end:
            raise Damaged
        yield Chunk(data, kind, start, head, start + size)
        start += size


def only(data: bytes, kind: int) -> Chunk:
    """The one chunk that the data is. Raises Damaged where it is another."""
    for chunk in walk(data, 0, len(data)):
        if chunk.kind == kind:
            return chunk
        break
    raise Damaged


class Strings:
    """A string pool; strings are read when they are asked for."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk
        self._count = chunk.u32(8)
        self._utf8 = bool(chunk.u32(16) & _UTF8)
        self._begin = chunk.u32(20)
        if self._count > (chunk.end - chunk.start - chunk.head) // 4:
            raise Damaged

    def text(self, index: int) -> str | None:
        """The string of that index; None for the index that means nothing. Raises Damaged for one that is not there."""
        if index == NOTHING:
            return None
        if index >= self._count:
            raise Damaged
        at = self._begin + self._chunk.u32(self._chunk.head + 4 * index)
        if self._utf8:
            _, at = self._length(at, 1)
            length, at = self._length(at, 1)
        else:
            length, at = self._length(at, 2)
            length *= 2
        first = self._chunk.start + at
        if first + length > self._chunk.end:
            raise Damaged
        raw = self._chunk.data[first : first + length]
        return raw.decode("utf-8" if self._utf8 else "utf-16-le", "replace")

    def _length(self, at: int, unit: int) -> tuple[int, int]:
        """A length of one unit, or of two where the first one's highest bit is set; and where it ends."""
        read, high = (self._chunk.u8, 0x80) if unit == 1 else (self._chunk.u16, 0x8000)
        first = read(at)
        if first & high:
            return (first & ~high) << (8 * unit) | read(at + unit), at + 2 * unit
        return first, at + unit
