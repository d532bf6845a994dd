"""Event subscriptions: which cloud accounts hear of the tenant's events.

Invariant: a number is given once; nothing is ever sent anywhere.
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(slots=True)
class Subscription:
    """One account that subscribed, at `created` seconds since 1970."""

    number: int
    account: str
    created: float


class Subscriptions:
    """All subscriptions in the order they were made; a new tenant has none."""

    def __init__(self) -> None:
        self._all: dict[int, Subscription] = {}
        self._next = 0

    @property
    def all(self) -> list[Subscription]:
        return list(self._all.values())

    def find(self, number: int | None) -> Subscription | None:
        return self._all.get(number) if number is not None else None

    def add(self, account: str, now: float) -> Subscription:
        made = self._all[self._next] = Subscription(self._next, account, now)
        self._next += 1
        return made

    def remove(self, subscription: Subscription) -> None:
        del self._all[subscription.number]

    def snapshot(self) -> dict[str, Any]:
        """All subscriptions as plain data."""
        return {"next": self._next, "all": [asdict(subscription) for subscription in self.all]}

    def restore(self, kept: Any) -> None:
        """Takes a snapshot back. Raises TypeError, ValueError or KeyError where it is none."""
        found = [Subscription(**item) for item in kept["all"]]
        self._all, self._next = {subscription.number: subscription for subscription in found}, int(kept["next"])
