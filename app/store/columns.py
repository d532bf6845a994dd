"""Searchable facts as numpy columns: numbers, and texts of few distinct values as codes.

Invariant: `encode` belongs to the worker thread and `put` to the loop's; what is encoded first must be put first.
`version` moves when a value really changed, so everything derived from a column can be kept until then.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
V = TypeVar("V", bound=Hashable)


def capacity(rows: int, have: int) -> int:
    """Room for `rows`, growing by half, so that a fleet that arrives page by page is copied only a few times."""
    return max(rows, have + have // 2, 64)


class NumberColumn:
    """float64; what is not known is NaN. Flags are 0 and 1."""

    def __init__(self) -> None:
        self._values: Floats = np.empty(0)
        self.version = 0

    def reserve(self, rows: int) -> None:
        if rows > len(self._values):
            grown = np.full(capacity(rows, len(self._values)), np.nan)
            grown[: len(self._values)] = self._values
            self._values = grown

    def encode(self, values: Sequence[float | None]) -> Floats:
        return np.array(values, dtype=np.float64)

    def put(self, rows: Rows, values: Floats) -> None:
        if not np.array_equal(self._values[rows], values, equal_nan=True):
            self._values[rows] = values
            self.version += 1

    def values(self, rows: int) -> Floats:
        return self._values[:rows]

    def value(self, row: int) -> float | None:
        number = float(self._values[row])
        return None if number != number else number

    def keys(self, rows: int, descending: bool) -> Floats:
        """What a stable sort orders by. NaN sorts last in both directions."""
        values = self._values[:rows]
        return -values if descending else values


class CodeColumn(Generic[V]):
    """int32 codes of a list of distinct values. Code 0 is `missing`; a value once known keeps its code."""

    def __init__(self, missing: V) -> None:
        self.distinct: list[V] = [missing]
        self._codes: dict[V, int] = {missing: 0}
        self._column: Rows = np.empty(0, np.int32)
        self._ranks: tuple[Any, NDArray[np.int64]] | None = None
        self.version = 0

    def reserve(self, rows: int) -> None:
        if rows > len(self._column):
            grown = np.zeros(capacity(rows, len(self._column)), np.int32)
            grown[: len(self._column)] = self._column
            self._column = grown

    def encode(self, values: Sequence[V]) -> tuple[Rows, list[V]]:
        """The codes, and the values that got a new one, in the order of their codes."""
        codes = self._codes
        fresh = list(set(values).difference(codes))
        for value in fresh:
            codes[value] = len(codes)
        return np.fromiter(map(codes.__getitem__, values), np.int32, len(values)), fresh

    def put(self, rows: Rows, encoded: tuple[Rows, list[V]]) -> None:
        codes, fresh = encoded
        self.distinct.extend(fresh)
        if not np.array_equal(self._column[rows], codes):
            self._column[rows] = codes
            self.version += 1

    def codes(self, rows: int) -> Rows:
        return self._column[:rows]

    def code(self, value: V) -> int | None:
        """The code of a value that some row has or had."""
        code = self._codes.get(value)
        return code if code is not None and code < len(self.distinct) else None

    def value(self, row: int) -> V:
        return self.distinct[int(self._column[row])]

    def where(self, rows: int, test: Callable[[V], bool]) -> Mask:
        """The rows whose value passes; the test runs once per distinct value."""
        # The codes are taken first: the list of values only grows.
        codes = self._column[:rows]
        return np.fromiter(map(test, tuple(self.distinct)), np.bool_)[codes]

    def keys(self, rows: int, descending: bool, key: Callable[[V], Any], context: Any = None) -> NDArray[Any]:
        """What a stable sort orders by: values in the order of `key`, those with key None last in both directions.

        `context` names what `key` depends on besides the value; ranks are kept while it stays the same.
        """
        codes = self._column[:rows]
        known = (context, len(self.distinct))
        if self._ranks is None or self._ranks[0] != known:
            keys = [key(value) for value in tuple(self.distinct)]
            order = {k: n for n, k in enumerate(sorted({k for k in keys if k is not None}))}
            table = np.array([-1 if k is None else order[k] for k in keys], np.int64)
            self._ranks = (known, table)
        ranks = self._ranks[1]
        last = int(ranks.max()) + 1
        table = np.where(ranks < 0, last, last - 1 - ranks if descending else ranks)
        # Sixteen bits let numpy sort by radix, in a millisecond instead of ten.
        small: NDArray[Any] = table.astype(np.uint16 if last < 65536 else np.int32)
        return small[codes]
