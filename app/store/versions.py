"""Version numbers as texts: how they compare.

Invariant: total on any text; what holds no number has an empty key.
"""

import re

_NUMBER = re.compile(r"\d{1,18}")


def version_key(text: str) -> tuple[int, ...]:
    """The numbers in a version, in order: `7.12.1-beta` gives (7, 12, 1), `2026-01-05` gives (2026, 1, 5)."""
    return tuple(map(int, _NUMBER.findall(text)))


def compare(version: tuple[int, ...], wanted: tuple[int, ...]) -> int:
    """-1, 0 or 1, as finely as `wanted` was written: 11.0.3 equals 11, is above 11.0.1 and below 11.1."""
    cut = (version + (0,) * len(wanted))[: len(wanted)]
    return (cut > wanted) - (cut < wanted)
