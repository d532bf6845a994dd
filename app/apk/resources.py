"""resources.arsc: what a reference such as @0x7f0b0001 means.

Invariant: a reference that can't be resolved is None, never an exception, and a circle of references ends.
"""

from app.apk.chunks import NOTHING, REFERENCE, STRING, STRING_POOL, Chunk, Damaged, Strings, Value, only, walk

_TABLE, _PACKAGE, _TYPE = 0x0002, 0x0200, 0x0201
_SPARSE, _NARROW = 0x01, 0x02
_COMPLEX, _COMPACT = 0x0001, 0x0008
_ANY_DENSITY = 0xFFFE
_LONGEST_WAY = 8


class Resources:
    """The table of one package file. Raises Damaged where it is none."""

    def __init__(self, data: bytes) -> None:
        table = only(data, _TABLE)
        self._strings: Strings | None = None
        self._types: dict[tuple[int, int], list[Chunk]] = {}
        for chunk in table.inside(table.head):
            if chunk.kind == STRING_POOL and self._strings is None:
                self._strings = Strings(chunk)
            elif chunk.kind == _PACKAGE:
                package = chunk.u32(8)
                for inner in walk(data, chunk.start + chunk.head, chunk.end):
                    if inner.kind == _TYPE:
                        self._types.setdefault((package & 0xFF, inner.u8(8)), []).append(inner)

    def text(self, reference: int) -> str | None:
        """The text of the default language, or of the first one there is."""
        found = self._all(reference)
        return min(found, key=lambda entry: (entry[0] != 0,))[2] if found else None

    def picture(self, reference: int) -> str | None:
        """The path of the largest bitmap; of a drawing made of XML only where there is nothing else."""
        found = [(density, path) for _, density, path in self._all(reference) if path]
        bitmaps = [entry for entry in found if not entry[1].endswith(".xml") and entry[0] < _ANY_DENSITY]
        return max(bitmaps or found, default=(0, None))[1]

    def _all(self, reference: int) -> list[tuple[int, int, str]]:
        """Locale, density and text of every entry of a resource, references followed."""
        found: list[tuple[int, int, str]] = []
        waiting, seen = [(reference, 0)], {reference}
        try:
            while waiting:
                number, steps = waiting.pop()
                for chunk in self._types.get((number >> 24, number >> 16 & 0xFF), ()):
                    value = _entry(chunk, number & 0xFFFF)
                    if value is None:
                        continue
                    locale, density = chunk.u32(20 + 8), chunk.u16(20 + 14)
                    if value.kind == STRING and self._strings is not None:
                        found.append((locale, density, self._strings.text(value.data) or ""))
                    elif value.kind == REFERENCE and value.data not in seen and steps < _LONGEST_WAY:
                        seen.add(value.data)
                        waiting.append((value.data, steps + 1))
        except Damaged:
            return []
        return found


def _entry(chunk: Chunk, index: int) -> Value | None:
    """The simple value of the index-th entry of one type in one configuration; None where there is none."""
    flags, count, begin = chunk.u8(9), chunk.u32(12), chunk.u32(16)
    offset = NOTHING
    if flags & _SPARSE:
        for at in range(chunk.head, min(chunk.head + 4 * count, begin), 4):
            if chunk.u16(at) == index:
                offset = chunk.u16(at + 2) * 4
                break
    elif index < count and flags & _NARROW:
        narrow = chunk.u16(chunk.head + 2 * index)
        offset = NOTHING if narrow == 0xFFFF else narrow * 4
    elif index < count:
        offset = chunk.u32(chunk.head + 4 * index)
    if offset == NOTHING:
        return None
    at = begin + offset
    marks = chunk.u16(at + 2)
    if marks & _COMPACT:
        return Value(marks >> 8, chunk.u32(at + 4))
    return None if marks & _COMPLEX else chunk.value(at + chunk.u16(at))
