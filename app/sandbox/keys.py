"""The keys that open the sandbox.

Invariant: a key that was renewed keeps opening for ten minutes, so that nobody is locked out while the new one spreads;
keys live in memory alone and are never part of a snapshot.
"""

import hmac
import secrets

GRACE = 600.0
_LIFE = 365 * 86400.0


class Keys:
    """Valid keys with the moment they end at, in seconds since 1970; None is never."""

    def __init__(self) -> None:
        self._ends: dict[str, float | None] = {}

    def add(self, key: str) -> None:
        """Lets a key open, without an end."""
        self._ends[key] = None

    def admits(self, key: str | bytes, now: float) -> bool:
        """Whether the key opens now. Every key is compared, in a time that tells nothing."""
        given, found = key.encode("utf-8", "replace") if isinstance(key, str) else key, False
        for known, end in self._ends.items():
            found |= hmac.compare_digest(given, known.encode()) and (end is None or now < end)
        return found

    def renew(self, key: str, now: float) -> tuple[str, float]:
        """A new key for a valid one, and when it ends. Raises KeyError for a key that doesn't open."""
        if not self.admits(key, now):
            raise KeyError("the key does not open")
        end = self._ends[key]
        self._ends[key] = now + GRACE if end is None else min(end, now + GRACE)
        made = secrets.token_urlsafe(24)
        self._ends[made] = now + _LIFE
        return made, now + _LIFE

    @property
    def end(self) -> float | None:
        """When the newest key ends."""
        return next(reversed(self._ends.values()), None)
