"""Repeatable chance: the same seed and keys always give the same number.

Invariant: no hidden state, so a value does not depend on which other values were asked for before it.
"""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1


def mix(seed: int, *keys: int) -> int:
    """64 well mixed bits of the seed and the keys (splitmix64 steps)."""
    value = seed & _MASK
    for key in keys:
        value = (value + (key & _MASK) * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & _MASK
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        value ^= value >> 31
    return value


def unit(seed: int, *keys: int) -> float:
    """A number from 0 up to, but not including, 1."""
    return (mix(seed, *keys) >> 11) / (1 << 53)


def between(low: float, high: float, seed: int, *keys: int) -> float:
    """A number from `low` up to, but not including, `high`."""
    return low + (high - low) * unit(seed, *keys)


def pick(options: Sequence[T], seed: int, *keys: int) -> T:
    """One of the options, each as likely as the others."""
    return options[mix(seed, *keys) % len(options)]
