"""The simulated tenant: the fleet, its clock, and everything that happens to it.

Invariant: nothing happens between two looks; `settle` brings the world up to the clock before anything is read.
"""

import threading

from app.sandbox.agenda import Agenda
from app.sandbox.clock import Clock
from app.sandbox.effects import Effects
from app.sandbox.fleet import Fleet
from app.sandbox.identity import Identity
from app.sandbox.lifecycle import Lifecycle
from app.sandbox.orders import Draft, Order, Orders
from app.sandbox.presence import Presence


class World:
    """One tenant with `devices` devices (1 to 1,000,000). Without `weather` devices come and go by commands only.

    `mishaps` scales the share of commands that fail or time out by chance: 1 is about 6 in 100, 0 is none.
    """

    def __init__(
        self,
        devices: int = 2000,
        seed: int = 1,
        clock: Clock | None = None,
        weather: bool = True,
        mishaps: float = 1.0,
    ) -> None:
        if not 1 <= devices <= 1_000_000:
            raise ValueError("a fleet has 1 to 1,000,000 devices")
        self.clock = clock or Clock()
        self.lock = threading.RLock()
        self.fleet = Fleet(seed, devices)
        self.ids = self.fleet.ids
        self.enterprise_id = self.ids.make("enterprise", 0)
        self.identity = Identity(self.fleet)
        self.agenda = Agenda(self.clock.seconds())
        self.presence = Presence(self.fleet, self.agenda, weather)
        self.effects = Effects(self.fleet, self.identity, self.presence, self.agenda)
        self.orders = Orders(self.ids)
        self.lifecycle = Lifecycle(self.fleet, self.agenda, self.presence, self.effects, self.orders, mishaps)
        self.started = self.agenda.now

    @property
    def now(self) -> float:
        """The moment the world stands at, in seconds since 1970."""
        return self.agenda.now

    def settle(self) -> None:
        """Lets everything happen that is due by now."""
        with self.lock:
            self.agenda.run(self.clock.seconds())

    def targets(self, draft: Draft) -> list[int]:
        """The devices a request means: those listed, then the members of its groups and of all groups below, once each."""
        chosen: dict[int, None] = {}
        if draft.command_type != "GROUP":
            chosen.update(dict.fromkeys(draft.devices or ()))
        if draft.command_type != "DEVICE":
            for group in draft.groups or ():
                chosen.update(dict.fromkeys(self.fleet.members_below(group).tolist()))
        return list(chosen)

    def accept(self, draft: Draft) -> Order:
        """Takes a validated request."""
        with self.lock:
            return self.lifecycle.accept(draft, self.targets(draft), self.now)
