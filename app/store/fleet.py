"""The devices of a tenant in memory: one row each, in columns, filtered and ordered without touching the disk.

Invariant: a row belongs to one device for ever; rows are added and changed on the loop's thread only, by `apply`.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.states import DeviceCondition, condition_of, device_state_name
from app.store.columns import CodeColumn, Floats, Mask, NumberColumn, Rows
from app.store.documents import FLAGS, HOT, unpack_tags
from app.store.groups import Groups
from app.store.patterns import Mode, Pattern, fold, fold_mac
from app.store.texts import TextColumn
from app.store.versions import version_key

if TYPE_CHECKING:
    from app.store.query import Query

TEXTS = ("id", "name", "alias", "serial", "custom_serial", "imei1", "imei2", "ip", "mac")
NUMBERS = (
    "last_seen", "battery_level", "storage_free", "storage_total", "ram_free", "ram_total", "wifi_signal", "latitude",
    "longitude", "registered_at", "created_at", "updated_at", *FLAGS,
)  # fmt: skip
CODES = tuple(name for name in HOT if name not in TEXTS and name not in NUMBERS)
VERSIONS = ("os_version", "agent_version", "security_patch")
# What a bare word is looked for in.
SEARCHED = ("name", "alias", "serial", "custom_serial", "imei1", "imei2", "mac")
# Facts that are read off another column.
_SOURCES = {"condition": "state", "group": "group_id"}
_CONDITIONS = {condition: n for n, condition in enumerate(DeviceCondition)}
_KEPT = 8

Sort = Sequence[tuple[str, bool]]


@dataclass(frozen=True)
class Patch:
    """Rows and their encoded values by column; `rows_after` is the size of the fleet once it is applied."""

    rows: Rows
    rows_after: int
    columns: dict[str, Any]
    ids: frozenset[str]


class Fleet:
    """Columns of all devices. Names of facts are the fields of Device, and `group`, `condition` and `gone_at`."""

    def __init__(self, index: Mapping[str, int] | None = None) -> None:
        self.rows = 0
        self.version = 0
        self.live_count = 0
        self.groups = Groups()
        self.tag_texts: Mapping[str, str] = {}
        self._index: Mapping[str, int] = index if index is not None else {}
        self._context = 0
        self._lock = threading.RLock()
        self._texts = {name: TextColumn(fold_mac if name == "mac" else fold) for name in TEXTS}
        self._numbers = {name: NumberColumn() for name in (*NUMBERS, "gone_at")}
        self._codes: dict[str, CodeColumn[Any]] = {n: CodeColumn(None if n == "state" else "") for n in CODES}
        self.columns: dict[str, TextColumn | NumberColumn | CodeColumn[Any]] = {
            **self._texts,
            **self._numbers,
            **self._codes,
        }
        self._live: Mask = np.empty(0, np.bool_)
        self._orders: dict[tuple[tuple[str, bool], ...], tuple[Any, Rows]] = {}
        self._words: dict[Pattern, tuple[Any, Mask]] = {}
        self._group_counts: tuple[Any, dict[str, tuple[int, int]]] = (None, {})

    # -- what changes it

    def encode(self, rows: Rows, rows_after: int, values: Mapping[str, Sequence[Any]], ids: frozenset[str]) -> Patch:
        """A patch from plain values by column, tags packed. For the worker thread; patches are applied in order."""
        encoded = {name: self.columns[name].encode(column) for name, column in values.items()}
        return Patch(rows, rows_after, encoded, ids)

    def apply(self, patch: Patch) -> None:
        """Takes a patch over. Assignments only: a thousand rows are a few milliseconds."""
        with self._lock:
            if patch.rows_after > self.rows:
                for column in self.columns.values():
                    column.reserve(patch.rows_after)
                self.rows = patch.rows_after
            for name, encoded in patch.columns.items():
                self.columns[name].put(patch.rows, encoded)
            self._live = np.isnan(self._numbers["gone_at"].values(self.rows))
            self.live_count = int(np.count_nonzero(self._live))
            self.version += 1

    def set_groups(self, groups: Groups) -> None:
        self.groups = groups
        self._context += 1
        self.version += 1

    def set_tags(self, texts: Mapping[str, str]) -> None:
        """Texts by tag id. A tag that is not in here shows as it came."""
        self.tag_texts = texts
        self._context += 1
        self.version += 1

    # -- one device

    @property
    def live(self) -> Mask:
        """Per row whether the device is still there; False for a tombstone."""
        return self._live

    def id(self, row: int) -> str:
        return self._texts["id"].value(row)

    def row(self, device_id: str) -> int | None:
        row = self._index.get(device_id)
        return row if row is not None and row < self.rows else None

    def value(self, name: str, row: int) -> str | float | bool | tuple[str, ...] | None:
        """One fact of one device; None where it is not known. Raises KeyError for a name that is no fact."""
        text = self._texts.get(name)
        if text is not None:
            return text.value(row)
        number = self._numbers.get(name)
        if number is not None:
            value = number.value(row)
            return bool(value) if value is not None and name in FLAGS else value
        shown: str | float | tuple[str, ...] | None = self._reading(name)(self.coded(name).value(row))
        return shown

    # -- whole columns

    def coded(self, name: str) -> CodeColumn[Any]:
        """The column of codes behind a fact of few distinct values."""
        return self._codes[_SOURCES.get(name, name)]

    def text(self, name: str) -> TextColumn:
        return self._texts[name]

    def is_text(self, name: str) -> bool:
        """Whether a fact differs from device to device."""
        return name in self._texts

    def is_number(self, name: str) -> bool:
        return name in self._numbers

    def numbers(self, name: str) -> Floats:
        """One number per row, NaN where not known; flags are 0 and 1."""
        if name == "state":
            table = np.array([np.nan if v is None else v for v in self._codes["state"].distinct], np.float64)
            return table[self._codes["state"].codes(self.rows)]
        return self._numbers[name].values(self.rows)

    def where(self, name: str, test: Callable[[Any], bool]) -> Mask:
        """The rows whose value, as `value` gives it, passes; the test runs once per distinct value."""
        reading = self._reading(name)
        return self.coded(name).where(self.rows, lambda value: test(reading(value)))

    def in_groups(self, group_ids: Collection[str]) -> Mask:
        """The rows of devices that are directly in one of these groups."""
        column = self._codes["group_id"]
        codes = column.codes(self.rows)
        table = np.zeros(len(column.distinct), np.bool_)
        for group_id in group_ids:
            code = column.code(group_id)
            if code is not None and code < len(table):
                table[code] = True
        return table[codes]

    def word(self, pattern: Pattern, rows: int, within: Mask | None = None) -> Mask:
        """Which of the first `rows` rows hold a bare word: in names, serials, IMEIs, MAC, or as beginning of the id.

        A word that lengthens one asked before is looked for among its rows only. Rows outside `within` do not matter.
        """
        state = (rows, *(self._texts[name].version for name in (*SEARCHED, "id")))
        known = self._words.get(pattern)
        if known is not None and known[0] == state:
            return known[1]
        among = within
        if pattern.mode is Mode.CONTAINS:
            for earlier, (when, mask) in tuple(self._words.items()):
                # Lengthened at its end only: an id is compared from its beginning, a MAC without its separators.
                longer = fold_mac(earlier.needle) and pattern.needle.startswith(earlier.needle)
                if when == state and earlier.mode is Mode.CONTAINS and longer:
                    among = mask if among is None else among & mask
        found = np.zeros(rows, np.bool_)
        for name in SEARCHED:
            found |= self._texts[name].match(rows, pattern.for_mac() if name == "mac" else pattern, among)
            if np.count_nonzero(found) * 2 > rows:
                # Most are found: the other columns matter for the rest only.
                among = ~found if among is None else among & ~found
        starts = Pattern(pattern.needle, Mode.PREFIX) if pattern.mode is Mode.CONTAINS else pattern
        found |= self._texts["id"].match(rows, starts, among)
        if within is None:
            if len(self._words) >= _KEPT:
                self._words.pop(next(iter(self._words)))
            self._words[pattern] = (state, found)
        return found

    def counts(self, name: str, rows: Rows | None = None) -> dict[str, int]:
        """How many devices have which value, most frequent first; live ones, or exactly `rows`.

        Devices without a value are counted under "". A device with two tags counts for both.
        """
        chosen = np.flatnonzero(self._live) if rows is None else rows
        found: dict[str, int] = {}
        if name in self._texts:
            for row in chosen.tolist():
                text = self._texts[name].value(row)
                found[text] = found.get(text, 0) + 1
        elif name in self._numbers:
            distinct, numbers = np.unique(self._numbers[name].values(self.rows)[chosen], return_counts=True)
            for value, number in zip(distinct.tolist(), numbers.tolist(), strict=True):
                if name in FLAGS and value == value:
                    found["yes" if value else "no"] = number
                else:
                    found["" if value != value else f"{value:g}"] = number
        else:
            column, reading = self.coded(name), self._reading(name)
            codes = column.codes(self.rows)[chosen]
            for code, number in enumerate(np.bincount(codes).tolist()):
                if number:
                    shown = reading(column.distinct[code])
                    if name == "state":
                        shown = device_state_name(shown)
                    for text in (shown or ("",)) if isinstance(shown, tuple) else (str(shown),):
                        found[text] = found.get(text, 0) + number
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def group_counts(self) -> dict[str, tuple[int, int]]:
        """Group id -> (live devices directly in it, with all subgroups)."""
        state = (self.version, self._context)
        if self._group_counts[0] != state:
            column = self._codes["group_id"]
            numbers = np.bincount(column.codes(self.rows)[self._live], minlength=1).tolist()
            direct = dict(zip(column.distinct, numbers, strict=False))
            self._group_counts = (state, self.groups.sums(direct))
        return self._group_counts[1]

    # -- rows for a view

    def select(
        self,
        query: "Query | None" = None,
        *,
        sort: Sort = (("name", False),),
        group_id: str = "",
        ids: Collection[str] | None = None,
    ) -> Rows:
        """The rows that fit all that is given, in order: int32, live ones only unless the query asks for gone ones.

        `sort` is up to three of (fact, descending); devices without the value come last; equal ones by name. `group_id`
        includes subgroups. Raises KeyError for a sort by what is no fact. May run in another thread.
        """
        with self._lock:
            live, rows = self._live, self.rows
        mask = live.copy() if query is None or not query.asks_gone else np.ones(rows, np.bool_)
        if query is not None:
            mask &= query.mask(self, rows)
        if group_id:
            mask &= self.in_groups({group_id} | self.groups.descendants(group_id))[:rows]
        if ids is not None:
            wanted = np.zeros(rows, np.bool_)
            wanted[[row for row in map(self._index.get, ids) if row is not None and row < rows]] = True
            mask &= wanted
        with self._lock:
            order = self._ordered(tuple(sort))
            if self.rows > rows:
                mask = np.concatenate([mask, np.zeros(self.rows - rows, np.bool_)])
        return order[mask[order]]

    def _ordered(self, sort: tuple[tuple[str, bool], ...]) -> Rows:
        involved = [self.columns[_SOURCES.get(name, name)].version for name, _ in sort]
        state = (self.rows, self._context, self._texts["name"].version, *involved)
        known = self._orders.get(sort)
        if known is not None and known[0] == state:
            return known[1]
        names = self._texts["name"]
        base = names.order(self.rows)
        # Ties fall back to the name, and there the empty ones come last too.
        empty = int(np.count_nonzero(names.ranks(self.rows) < 0))
        order = np.concatenate([base[empty:], base[:empty]])
        if sort != (("name", False),):
            for name, descending in reversed(sort):
                keys = self._keys(name, descending)
                order = order[np.argsort(keys[order], kind="stable")]
        self._orders.pop(sort, None)
        if len(self._orders) >= _KEPT:
            self._orders.pop(next(iter(self._orders)))
        self._orders[sort] = (state, order)
        return order

    def _keys(self, name: str, descending: bool) -> Any:
        if name in self._texts:
            return self._texts[name].keys(self.rows, descending)
        if name in self._numbers:
            return self._numbers[name].keys(self.rows, descending)
        reading = self._reading(name)

        def key(value: Any) -> Any:
            shown = reading(value)
            if name == "condition":
                return _CONDITIONS[shown]
            if isinstance(shown, int):
                return shown
            if not shown:
                return None
            if name in VERSIONS:
                return version_key(shown), fold(shown)
            return tuple(sorted(map(fold, shown))) if isinstance(shown, tuple) else fold(shown)

        return self.coded(name).keys(self.rows, descending, key, (name, self._context))

    def _reading(self, name: str) -> Callable[[Any], Any]:
        """From what a column of codes holds to what is shown."""
        if name == "condition":
            return lambda state: condition_of(state).value
        if name == "group":
            return self.groups.path
        if name == "tags":
            texts = self.tag_texts
            return lambda packed: tuple(texts.get(tag, tag) for tag in unpack_tags(packed))
        return lambda value: value
