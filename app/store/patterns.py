"""Text patterns of the filter: what is looked for, and how folded text is compared with it.

Invariant: `Pattern.test` on one text and the vectorised match of a text column agree on every text.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import pairwise


class Mode(Enum):
    CONTAINS = "contains"
    EXACT = "exact"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    GLOB = "glob"
    ANY = "any"


def fold(text: str) -> str:
    """The form in which texts are compared: case does not count."""
    return text.casefold()


_MAC = re.compile(r"[0-9a-f]{1,2}(?:[:-][0-9a-f]{2})*[:-][0-9a-f]{0,2}")


def looks_like_mac(text: str) -> bool:
    """Whether a text, while it is typed, may become a MAC address with separators."""
    return _MAC.fullmatch(text.casefold()) is not None


def fold_mac(text: str) -> str:
    """A MAC address without separators, so that every spelling finds every other."""
    return text.casefold().replace(":", "").replace("-", "")


@dataclass(frozen=True)
class Pattern:
    """A folded text and a mode. With GLOB, `parts` are the texts between the stars."""

    needle: str
    mode: Mode = Mode.CONTAINS
    parts: tuple[str, ...] = ()

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(".*".join(re.escape(part) for part in self.parts), re.DOTALL)

    def test(self, folded: str) -> bool:
        """Whether a folded text fits."""
        match self.mode:
            case Mode.CONTAINS:
                return self.needle in folded
            case Mode.EXACT:
                return self.needle == folded
            case Mode.PREFIX:
                return folded.startswith(self.needle)
            case Mode.SUFFIX:
                return folded.endswith(self.needle)
            case Mode.ANY:
                return bool(folded)
            case Mode.GLOB:
                return self.regex.fullmatch(folded) is not None

    def for_mac(self) -> "Pattern":
        """The same pattern for texts that went through `fold_mac`."""
        # A lone separator stays: it then fits nothing, where an empty needle would fit everything.
        return Pattern(fold_mac(self.needle) or self.needle, self.mode, tuple(map(fold_mac, self.parts)))


def pattern_of(text: str, stars: list[int], default: Mode) -> Pattern:
    """The pattern behind a typed text in which the characters at `stars` are wildcards."""
    if not stars:
        return Pattern(fold(text), default)
    bounds = [-1, *stars, len(text)]
    parts = tuple(fold(text[a + 1 : b]) for a, b in pairwise(bounds))
    solid = [part for part in parts if part]
    if not solid:
        return Pattern("", Mode.ANY)
    if len(solid) == 1:
        if parts[0]:
            return Pattern(parts[0], Mode.PREFIX)
        return Pattern(solid[0], Mode.SUFFIX if parts[-1] else Mode.CONTAINS)
    return Pattern("", Mode.GLOB, (parts[0], *(p for p in parts[1:-1] if p), parts[-1]))
