"""From the wire's wording to ours: loose scalars, times, addresses and units.

Invariant: nothing in here raises on what a server may send; a value that can't be read is absent (empty or None).
"""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import quote

from app.errors import InputError, Problem

# What the wire may hold where the contract promises one scalar.
Loose: TypeAlias = str | int | float | bool | None

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_TRUE, _FALSE = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
_MEGABYTES = {"b": 1e-6, "k": 1e-3, "m": 1.0, "g": 1e3, "t": 1e6}
_BINARY = {"b": 1 / 2**20, "k": 1 / 2**10, "m": 1.0, "g": 2.0**10, "t": 2.0**20}
# No device has ten terabytes in MB, so a larger number without a unit is a count of bytes.
_SURELY_BYTES = 10_000_000.0


def text(value: Loose) -> str:
    """The text, or a number as text; None and booleans are empty."""
    if value.__class__ is str:
        return value
    return "" if value is None or isinstance(value, bool) else str(value)


def first(*values: Loose) -> str:
    """The first that is not empty, for keys that are spelt in several ways."""
    for value in values:
        if found := text(value):
            return found
    return ""


def number(value: Loose) -> float | None:
    """A finite number, also from text."""
    if value is None or value.__class__ is bool:
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def whole(value: Loose) -> int | None:
    """A whole number, also from text."""
    result = number(value)
    return int(result) if result is not None and result == int(result) else None


def flag(value: Loose) -> bool | None:
    """A truth value, also from the texts and numbers that stand for one."""
    if isinstance(value, bool) or value is None:
        return value
    folded = str(value).strip().casefold()
    return True if folded in _TRUE else False if folded in _FALSE else None


def moment(value: Loose) -> float | None:
    """Epoch seconds from RFC 3339 text (without a zone: UTC) or from epoch seconds or milliseconds.

    The year 1 and the epoch itself are how servers write 'never': None.
    """
    if not value or isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
            seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    else:
        plain = number(value)
        if plain is None:
            return None
        seconds = plain / 1000 if plain > 1e11 else plain
    return seconds if 0 < seconds < 253402300800 else None


def stamp(seconds: float) -> str:
    """RFC 3339 in UTC from epoch seconds, as queries take it. Raises InputError for what no calendar holds."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        raise InputError([Problem("time", "That is no moment of any calendar.")]) from None


def ident(value: Loose) -> str:
    """The id in an id, an address ending in `/<id>/`, or a label such as `Name [id]`."""
    written = text(value).strip()
    if not written:
        return ""
    if "/" in written:
        return written.split("?")[0].rstrip("/").rpartition("/")[2]
    if written[-1] in "])" and (found := _UUID.findall(written)):
        return str(found[-1])
    return written


def megabytes(value: Loose, units: Loose = None) -> float | None:
    """A size in MB. Without a unit small numbers are MB and very large ones bytes; nothing below zero."""
    size = number(value)
    if size is None or size < 0:
        return None
    factor = _factor(text(units)) if units else None
    if factor is not None:
        return size * factor
    return size / 1e6 if size >= _SURELY_BYTES else size


@lru_cache(64)
def _factor(units: str) -> float | None:
    """MB in one unit, from names such as B, bytes, KB, MiB, GB; None for any other name."""
    unit = units.strip().casefold()
    table = _BINARY if "i" in unit else _MEGABYTES
    return table["b"] if unit.startswith("byte") else table.get(unit[:1])


def address(value: list[Loose] | Loose) -> str:
    """The first IPv4 address without its prefix length, else the first address of any kind."""
    if not value:
        return ""
    items = [text(item).strip() for item in (value if isinstance(value, list) else [value])]
    for item in items:
        if found := _IPV4.match(item):
            return found[0]
    return next((item.partition("/")[0] for item in items if item), "")


def part(identifier: str) -> str:
    """One id as one part of a path. Raises InputError for what would name another resource."""
    if identifier in {"", ".", ".."}:
        raise InputError([Problem("id", f"{identifier!r} is not an id")])
    return quote(identifier, safe="")
