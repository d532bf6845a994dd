"""The simulated tenant: the fleet, its clock, and everything that happens to it.

Invariant: nothing happens between two looks; `settle` brings the world up to the clock before anything is read.
"""

import threading
from typing import Any, Protocol

from app.sandbox.agenda import Agenda
from app.sandbox.chance import mix
from app.sandbox.clock import Clock
from app.sandbox.content import Content
from app.sandbox.effects import Effects
from app.sandbox.fleet import OFFLINE, ONLINE, Fleet
from app.sandbox.geofences import Geofences
from app.sandbox.identity import Identity
from app.sandbox.ids import Ids
from app.sandbox.keys import Keys
from app.sandbox.labels import Labels
from app.sandbox.library import Library
from app.sandbox.lifecycle import Lifecycle
from app.sandbox.orders import Draft, Order, Orders
from app.sandbox.policies import Policies
from app.sandbox.presence import Presence
from app.sandbox.profile import Profile
from app.sandbox.sessions import Sessions
from app.sandbox.shelf import Shelf
from app.sandbox.subscriptions import Subscriptions


class Keeper(Protocol):
    """Something that can be written down. `restore` raises KeyError, TypeError, ValueError or IndexError for nonsense."""

    def snapshot(self) -> Any: ...

    def restore(self, kept: Any) -> None: ...


class World:
    """One tenant with `devices` devices (1 to 1,000,000). Without `weather` devices come and go by commands only.

    `mishaps` scales the share of commands that fail or time out by chance: 1 is about 6 in 100, 0 is none. `run` tells
    one process from the next: the fleet is the same in both, the ids of what was asked of it are not.
    """

    def __init__(
        self,
        devices: int = 2000,
        seed: int = 1,
        clock: Clock | None = None,
        weather: bool = True,
        mishaps: float = 1.0,
        run: int = 0,
    ) -> None:
        if not 1 <= devices <= 1_000_000:
            raise ValueError("a fleet has 1 to 1,000,000 devices")
        self.clock = clock or Clock()
        self.lock = threading.RLock()
        self.fleet = Fleet(seed, devices)
        self.ids = self.fleet.ids
        self.enterprise_id = self.ids.make("enterprise", 0)
        self.keys = Keys()
        self.profile = Profile()
        self.labels = Labels(self.fleet)
        self.policies = Policies()
        self.geofences = Geofences(self.fleet)
        self.subscriptions = Subscriptions()
        self.identity = Identity(self.fleet)
        self.agenda = Agenda(self.clock.seconds())
        self.presence = Presence(self.fleet, self.agenda, weather)
        self.shelf = Shelf()
        self.library = Library(self.fleet, self.shelf)
        self.content = Content(self.shelf)
        self.sessions = Sessions(self.fleet, self.agenda.now)
        self.effects = Effects(self.fleet, self.identity, self.presence, self.agenda, self.library)
        self.orders = Orders(Ids(mix(seed, run)))
        self.lifecycle = Lifecycle(self.fleet, self.agenda, self.presence, self.effects, self.orders, mishaps)
        self.started = self.agenda.now
        self.changes = 0  # requests that may have changed something; what time alone does is not counted
        self.keepers: dict[str, Keeper] = {
            "profile": self.profile,
            "groups": self.fleet.groups,
            "labels": self.labels,
            "policies": self.policies,
            "geofences": self.geofences,
            "subscriptions": self.subscriptions,
            "library": self.library,
            "content": self.content,
            "sessions": self.sessions,
            "identity": self.identity,
            "effects": self.effects,
            "orders": self.orders,
        }

    @property
    def now(self) -> float:
        """The moment the world stands at, in seconds since 1970."""
        return self.agenda.now

    def settle(self) -> None:
        """Lets everything happen that is due by now."""
        with self.lock:
            self.agenda.run(self.clock.seconds())

    def targets(self, draft: Draft) -> list[int]:
        """The devices a request means: those listed, then the members of its groups and of all groups below, once each.

        A request for active or inactive devices leaves the others out, as they are now.
        """
        chosen: dict[int, None] = {}
        if draft.command_type != "GROUP":
            chosen.update(dict.fromkeys(draft.devices or ()))
        if draft.command_type != "DEVICE":
            for group in draft.groups or ():
                chosen.update(dict.fromkeys(self.fleet.members_below(group).tolist()))
        states = {"active": ONLINE, "inactive": OFFLINE}
        if draft.device_type in states:
            return [device for device in chosen if self.fleet.state[device] == states[draft.device_type]]
        return list(chosen)

    def accept(self, draft: Draft) -> Order:
        """Takes a validated request."""
        with self.lock:
            return self.lifecycle.accept(draft, self.targets(draft), self.now)
