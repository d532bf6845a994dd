"""What a device is called and what is printed on it: names, serials, IMEIs, addresses.

Invariant: derived from the device's noise alone (an alias set by a command comes first), so nothing is stored per device.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.sandbox.fleet import Column, Fleet
from app.sandbox.hardware import MODELS
from app.sandbox.places import CITIES, LINES

_DIGITS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_SPREAD = 34**4
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)  # the digit sum of twice the digit, as Luhn counts


class Identity:
    """Names and printed numbers of the fleet's devices, and the texts that a search looks through."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._aliases: dict[int, str] = {}
        self._haystack: list[str] | None = None
        self._ranks: dict[str, Column] = {}

    def name(self, number: int) -> str:
        """The device name, such as `BER-TAB-7K2M0`; a few have a hostile text behind it."""
        tail = number // _SPREAD * _SPREAD + (number * 7919 + 400_009) % _SPREAD
        code, kind = CITIES[self._fleet.city[number]].code, MODELS[self._fleet.model[number]].kind
        plain = f"{code}-{kind}-{_spell(tail, 5)}"
        odd = self._fleet.hostile_names.get(number)
        return plain if odd is None else f"{plain} {odd}"

    def alias(self, number: int) -> str | None:
        """The alias, or None. About a third of the fleet has one; several devices may share it."""
        given = self._aliases.get(number)
        if given is not None:
            return given
        odd = self._fleet.hostile_names.get(number)
        if odd is not None:
            return odd
        if not self._fleet.has_alias[number]:
            return None
        noise = int(self._fleet.noise[number])
        roles = LINES[self._fleet.line[number]].roles
        return f"{roles[noise % len(roles)]} {noise // 7 % 40 + 1}"

    def rename(self, number: int, alias: str) -> None:
        """Gives a device an alias."""
        self._aliases[number] = alias
        self._ranks.pop("alias", None)
        if self._haystack is not None:
            self._haystack[number] = self._searchable(number)

    def snapshot(self) -> list[Any]:
        """The aliases that were given, as plain data."""
        return [[number, alias] for number, alias in self._aliases.items()]

    def restore(self, kept: Any) -> None:
        """Takes a snapshot back. Raises TypeError or ValueError where it is none."""
        self._aliases = {int(number): str(alias) for number, alias in kept}
        self._haystack = None
        self._ranks.clear()

    def serial(self, number: int) -> str:
        """The maker's serial number."""
        return "R" + _spell(int(self._fleet.noise[number]) >> 8, 10)

    def custom_serial(self, number: int) -> str | None:
        """The owner's own number; every fourth device has one."""
        return f"ASSET-{100000 + number}" if self._fleet.noise[number] & 3 == 0 else None

    def imeis(self, number: int) -> tuple[str | None, str | None]:
        """Two IMEIs with valid check digits where the model takes a SIM, else none."""
        if not MODELS[self._fleet.model[number]].sim:
            return None, None
        first = (
            35_000_000_000_000 + (int(self._fleet.noise[number]) >> 3) % 900_000 * 1_000_000 + number * 2 % 1_000_000
        )
        return _with_check_digit(first), _with_check_digit(first + 1)

    def mac(self, number: int, card: int = 0) -> str:
        """The hardware address of Wi-Fi (card 0), Ethernet (1) or Bluetooth (2)."""
        bits = (0x02 | card << 2) << 40 | (int(self._fleet.noise[number]) >> 5 & 0xFFFF) << 24 | number
        text = f"{bits:012x}"
        return f"{text[:2]}:{text[2:4]}:{text[4:6]}:{text[6:8]}:{text[8:10]}:{text[10:]}"

    def haystack(self) -> list[str]:
        """For every device its name, alias, serials, IMEIs and MAC in lower case, one per line. Made at the first search."""
        if self._haystack is None:
            self._haystack = [self._searchable(number) for number in range(self._fleet.size)]
        return self._haystack

    def rank(self, field: str) -> Column:
        """Sort keys for `name`, `alias` or `serial`: the text's place in order, ignoring case; no text comes last."""
        ranks = self._ranks.get(field)
        if ranks is None:
            read = {"name": self.name, "alias": self.alias, "serial": self.serial}[field]
            ranks = self._ranks[field] = rank_texts([read(number) for number in range(self._fleet.size)])
        return ranks

    def _searchable(self, number: int) -> str:
        parts = (self.name(number), self.alias(number), self.serial(number), self.custom_serial(number))
        return "\n".join(p for p in (*parts, *self.imeis(number), self.mac(number)) if p).lower()


def rank_texts(texts: Sequence[str | None]) -> Column:
    """Numbers that sort like the texts do without regard to case; None sorts last."""
    folded = ["\U0010ffff" if text is None else text.casefold() for text in texts]
    places = {text: place for place, text in enumerate(sorted(set(folded)))}
    return np.fromiter((places[text] for text in folded), np.int64, len(folded))


def _spell(value: int, length: int) -> str:
    out = ""
    for _ in range(length):
        value, digit = divmod(value, 34)
        out = _DIGITS[digit] + out
    return out


def _with_check_digit(body: int) -> str:
    """A 14-digit body with its Luhn digit."""
    text = str(body)
    total = sum(map(int, text[::2])) + sum(_DOUBLED[int(digit)] for digit in text[1::2])
    return f"{text}{-total % 10}"
