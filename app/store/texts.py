"""Texts that differ from device to device: a fixed-width folded form to search in, the text itself to show.

Invariant: the order of a column is the order of a full sort, although a few changed rows are only moved within it.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.store.columns import Mask, Rows, capacity
from app.store.patterns import Mode, Pattern, fold

# Longer texts are cut in the searched form and looked at one by one; ordering ends at this many bytes too.
WIDEST = 64
_FEW = 0.05

Bytes = NDArray[np.bytes_]


class Texts(NamedTuple):
    """Encoded texts: searched form, texts, whole folded form of those that were cut by position, bytes that occur."""

    folded: Bytes
    texts: Sequence[str]
    long: dict[int, str]
    alphabet: Mask


class TextColumn:
    """One text per row. `folding` gives the form that is searched."""

    def __init__(self, folding: Callable[[str], str] = fold) -> None:
        self.folding = folding
        self._folded: Bytes = np.empty(0, "S8")
        self._texts: list[str] = []
        self._long: dict[int, str] = {}
        # Bytes that occur or did: a word with another one need not be looked for. IMEIs hold no letters.
        self._alphabet: Mask = np.zeros(256, np.bool_)
        self._order: Rows = np.empty(0, np.int32)
        self._moved: list[Rows] = []
        self._ranks: tuple[int, int, Rows] = (-1, 0, self._order)
        self.version = 0

    def reserve(self, rows: int) -> None:
        if rows > len(self._folded):
            grown = np.zeros(capacity(rows, len(self._folded)), self._folded.dtype)
            grown[: len(self._folded)] = self._folded
            self._folded = grown
        if rows > len(self._texts):
            self._texts.extend([""] * (rows - len(self._texts)))

    def encode(self, texts: Sequence[str]) -> Texts:
        folded = self._fold(texts)
        widest = max(map(len, folded), default=1)
        long = {n: f.decode() for n, f in enumerate(folded) if len(f) > WIDEST} if widest > WIDEST else {}
        short: Bytes = np.array(folded, f"S{max(1, min(widest, WIDEST))}")
        return Texts(short, texts, long, np.bincount(short.view(np.uint8), minlength=256) > 0)

    def _fold(self, texts: Sequence[str]) -> list[bytes]:
        # All in one go is four times faster, as long as no text holds the mark between them.
        together = self.folding("\n".join(texts)).encode().split(b"\n")
        return together if len(together) == len(texts) else [self.folding(text).encode() for text in texts]

    def put(self, rows: Rows, encoded: Texts) -> None:
        self._alphabet |= encoded.alphabet
        width = encoded.folded.dtype.itemsize
        if width > self._folded.dtype.itemsize:
            self._folded = self._folded.astype(f"S{min(WIDEST, -(-width // 8) * 8)}")
        first = int(rows[0])
        if int(rows[-1]) - first == len(rows) - 1 and bool((rows[1:] > rows[:-1]).all()):
            self._texts[first : first + len(rows)] = encoded.texts
        else:
            for row, text in zip(rows.tolist(), encoded.texts, strict=True):
                self._texts[row] = text
        changed = self._folded[rows] != encoded.folded
        if encoded.long or self._long:
            for n, row in enumerate(rows.tolist()):
                whole = encoded.long.get(n)
                if whole != self._long.get(row):
                    changed[n] = True
                    self._long.pop(row, None)
                    if whole is not None:
                        self._long[row] = whole
        if changed.any():
            self._folded[rows] = encoded.folded
            self._moved.append(rows[changed])
            self.version += 1

    def value(self, row: int) -> str:
        return self._texts[row]

    def texts(self, rows: int) -> list[str]:
        return self._texts[:rows]

    def match(self, rows: int, pattern: Pattern, among: Mask | None = None) -> Mask:
        """The rows whose folded text fits. `among` says where it is worth looking."""
        if not self._alphabet[list(pattern.needle.encode())].all():
            found = np.zeros(rows, np.bool_)
        elif among is not None:
            found = np.zeros(rows, np.bool_)
            places = np.flatnonzero(among[:rows])
            found[places] = self._fits(self._folded[:rows][places], pattern, places)
        else:
            found = self._fits(self._folded[:rows], pattern, None)
        for row, whole in tuple(self._long.items()):
            if row < rows and (among is None or among[row]):
                found[row] = pattern.test(whole)
        return found

    def _fits(self, folded: Bytes, pattern: Pattern, places: NDArray[Any] | None) -> Mask:
        needle = pattern.needle.encode()
        found: Mask
        match pattern.mode:
            case Mode.CONTAINS:
                found = np.strings.find(folded, needle) >= 0
            case Mode.EXACT:
                found = folded == needle
            case Mode.PREFIX:
                found = np.strings.startswith(folded, needle)
            case Mode.SUFFIX:
                found = np.strings.endswith(folded, needle)
            case Mode.ANY:
                found = folded != b""
            case Mode.GLOB:
                fits, folding = pattern.regex.fullmatch, self.folding
                texts = self._texts[: len(folded)] if places is None else [self._texts[n] for n in places]
                found = np.array([fits(folding(text)) is not None for text in texts], np.bool_)
        return found

    def order(self, rows: int) -> Rows:
        """All rows in the order of their folded text, empty ones first, equal ones in the order of rows."""
        if rows > len(self._order):
            # New rows begin as empty texts, whether or not something was put there yet.
            self._moved.append(np.arange(len(self._order), rows, dtype=np.int32))
        if self._moved:
            moved = np.unique(np.concatenate(self._moved))
            few = len(moved) <= max(16, int(rows * _FEW))
            self._order = self._inserted(moved, rows) if few else self._sorted(rows)
            self._moved = []
        return self._order

    def sorted_aside(self, rows: int) -> tuple[int, Rows]:
        """The order and the version it was made from. Touches nothing, so another thread may do it beforehand."""
        version = self.version
        return version, self._sorted(rows)

    def adopt(self, version: int, order: Rows) -> None:
        """Takes an order made aside, unless the column has changed meanwhile."""
        if version == self.version and len(order) >= len(self._order):
            self._order = order
            self._moved = []

    def _sorted(self, rows: int) -> Rows:
        return np.argsort(self._folded[:rows], kind="stable").astype(np.int32)

    def _inserted(self, moved: Rows, rows: int) -> Rows:
        touched = np.zeros(rows, np.bool_)
        touched[moved] = True
        rest = self._order[~touched[self._order]]
        keys = self._folded[rest]
        moved = moved[np.argsort(self._folded[moved], kind="stable")].astype(np.int32)
        wanted = self._folded[moved]
        left = np.searchsorted(keys, wanted, "left")
        right = np.searchsorted(keys, wanted, "right")
        for n in np.flatnonzero(left != right):
            left[n] += np.searchsorted(rest[left[n] : right[n]], moved[n])
        return np.insert(rest, left, moved)

    def ranks(self, rows: int) -> Rows:
        """Per row its place among the distinct texts; -1 for an empty one."""
        if self._ranks[:2] != (self.version, rows):
            order = self.order(rows)
            keys = self._folded[order]
            steps = np.empty(rows, np.int32)
            steps[:1] = 0
            np.cumsum(keys[1:] != keys[:-1], out=steps[1:])
            ranks = np.empty(rows, np.int32)
            ranks[order] = steps
            ranks[self._folded[:rows] == b""] = -1
            self._ranks = (self.version, rows, ranks)
        return self._ranks[2]

    def keys(self, rows: int, descending: bool) -> Rows:
        """What a stable sort orders by; empty texts last in both directions."""
        ranks = self.ranks(rows)
        top = np.int32(rows)
        return np.where(ranks < 0, top, top - ranks if descending else ranks)
