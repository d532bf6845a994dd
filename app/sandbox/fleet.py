"""The seeded fleet: every fact of every device as a column, indexed by the device's number.

Invariant: the same seed and size give the same columns; only `world` (and what it is made of) writes to them.
Columns instead of objects, so that 100,000 devices start in well under a second and filters are one array expression.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.sandbox.groups import Groups
from app.sandbox.hardware import MODELS
from app.sandbox.ids import Ids
from app.sandbox.places import CITIES
from app.sandbox.software import AGENTS, APPS, BLUEPRINTS, HOSTILE_NAMES, NETWORKS, PATCHES, POLICIES, TAGS, TEMPLATES

Column = NDArray[Any]
Rows = NDArray[np.int64]

PLATFORMS = ("ANDROID", "APPLE", "LINUX", "WINDOWS")
CONNECTIONS = ("WIFI", "MOBILE", "ETHERNET")
ONLINE, OFFLINE, DISABLED, WIPING = 1, 60, 20, 70
RARE_STATES = (0, 20, 70, 80, 90, 100, 200)
ANDROID_STATES = (*RARE_STATES, 30, 40, 50, 110, 120, 130, 140, 150, 160, 170, 180, 190)
APP_STATES = ("SHOW", "HIDE", "DISABLE")
NO_APP = -1

_EPOCH = 1748736000.0  # 2025-06-01, the day the newest device of every fleet was registered
_DAY = 86400.0


class Fleet:
    """`size` devices. `installed[i, a]` is the version index of app `a` on device `i`, NO_APP where there is none."""

    installed: Column
    app_state: Column

    def __init__(self, seed: int, size: int) -> None:
        self.seed = seed
        self.size = size
        self.ids = Ids(seed)
        self.groups = Groups(self.ids, seed, size)
        chance = np.random.default_rng([seed, size])
        self.model = _weighted(chance, [m.weight for m in MODELS], size).astype(np.int16)
        self.platform = np.array([PLATFORMS.index(m.platform) for m in MODELS], np.int8)[self.model]
        self.group = self._homes(chance)
        self.line = np.array([g.line or 0 for g in self.groups.all], np.int8)[
            self.group
        ]  # stays when a device is moved
        city = np.array([-1 if g.city is None else g.city for g in self.groups.all], np.int16)[self.group]
        self.city = np.where(city < 0, chance.integers(0, len(CITIES), size), city).astype(np.int8)
        self.noise = chance.integers(0, 2**63, size)
        self._draw_life(chance)
        self._draw_labels(chance)
        self._draw_apps(chance)
        self._draw_oddities(chance)

    @property
    def alive(self) -> Rows:
        """Numbers of the devices that still exist, in order."""
        return np.flatnonzero(~self.gone)

    def find(self, device_id: str) -> int | None:
        """The number of the device with that id; None where there is none, or none any more."""
        number = self.ids.find("device", device_id)
        return number if number is not None and number < self.size and not self.gone[number] else None

    def device_id(self, number: int) -> str:
        """The id of a device, also after it is gone."""
        return self.ids.make("device", number)

    def members(self, group: int) -> Rows:
        """Devices that stand in the group itself."""
        return np.flatnonzero((self.group == group) & ~self.gone)

    def members_below(self, group: int) -> Rows:
        """Devices that stand in the group or anywhere below it."""
        return np.flatnonzero(self.groups.inside(group)[self.group] & ~self.gone)

    def group_counts(self) -> Column:
        """Devices that stand in each group itself."""
        return np.bincount(self.group[~self.gone], minlength=len(self.groups))

    def add_app(self) -> None:
        """Makes room for one more app, which no device has yet."""
        self.installed = np.hstack([self.installed, np.full((self.size, 1), NO_APP, np.int8)])
        self.app_state = np.hstack([self.app_state, np.zeros((self.size, 1), np.int8)])

    def _homes(self, chance: np.random.Generator) -> Column:
        """Most devices stand in sites and departments, a few higher up, and one in a hundred was never sorted in."""
        share = np.array([0.006, 0.004, 0.01, 0.08, 1.0, 1.2])[[g.depth for g in self.groups.all]]
        return _weighted(chance, share * chance.lognormal(0.0, 0.6, len(share)), self.size).astype(np.int32)

    def _draw_life(self, chance: np.random.Generator) -> None:
        size, android = self.size, self.platform == 0
        draw = chance.random(size)
        rare = np.where(android, _picked(chance, ANDROID_STATES, size), _picked(chance, RARE_STATES, size))
        self.state = np.where(draw < 0.77, ONLINE, np.where(draw < 0.95, OFFLINE, rare)).astype(np.int16)
        self.dormant = (self.state == OFFLINE) & (chance.random(size) < 0.12)
        short, long = chance.exponential(2400.0, size) + 90.0, chance.exponential(20 * _DAY, size) + 2 * _DAY
        self.silence = np.where(self.dormant, long, short)
        self.created = _EPOCH - np.sort(chance.random(size))[::-1] * 900 * _DAY  # numbered as they were registered
        self.provisioned = self.created + chance.random(size) * 3600.0
        self.updated = self.provisioned + chance.random(size) * (_EPOCH - self.provisioned)
        self.phase = chance.random(size) * 60.0
        self.gone = np.zeros(size, bool)
        self.battery_phase = chance.random(size)
        self.battery_hours = chance.uniform(7.0, 20.0, size)
        self.battery_floor = chance.integers(4, 45, size)
        mains = np.isin(self.model, [i for i, m in enumerate(MODELS) if m.kind in {"KSK", "BOX"}])
        self.mains = mains | (chance.random(size) < 0.03)

    def _draw_labels(self, chance: np.random.Generator) -> None:
        size = self.size
        count = _picked(chance, (0, 0, 0, 1, 1, 2, 3, 4, 5), size)
        self.tags = np.zeros(size, np.uint32)
        for place in range(5):
            bit = np.uint32(1) << chance.integers(0, len(TAGS), size).astype(np.uint32)
            self.tags |= np.where(place < count, bit, 0).astype(np.uint32)
        self.os_version = chance.integers(0, 2, size).astype(np.int8)
        self.agent = _weighted(chance, [1, 2, 4, 8, 5], size).astype(np.int8) % len(AGENTS)
        self.patch = chance.integers(0, len(PATCHES), size).astype(np.int8)
        self.template = chance.integers(-1, len(TEMPLATES), size).astype(np.int8)
        self.policy = chance.integers(-1, len(POLICIES), size).astype(np.int8)
        self.blueprint = chance.integers(-1, len(BLUEPRINTS), size).astype(np.int8)
        self.outdated = chance.random(size) < 0.2
        self.network = chance.integers(0, len(NETWORKS), size).astype(np.int8)
        sim = np.array([m.sim for m in MODELS])[self.model]
        wired = self.mains & (chance.random(size) < 0.5)
        self.connection = np.where(wired, 2, np.where(sim & (chance.random(size) < 0.25), 1, 0)).astype(np.int8)
        self.gms = np.array([m.gms for m in MODELS])[self.model]
        self.locked = chance.random(size) < 0.01
        self.has_alias = chance.random(size) < 0.35

    def _draw_apps(self, chance: np.random.Generator) -> None:
        size, android = self.size, self.platform == 0
        self.installed = np.full((size, len(APPS)), NO_APP, np.int8)
        for number, app in enumerate(APPS):
            newest = len(app.versions) - 1
            behind = np.minimum(chance.geometric(0.6, size) - 1, newest)
            has = android & (chance.random(size) < app.share)
            self.installed[:, number] = np.where(has, newest - behind, NO_APP)
        self.app_state = np.where(chance.random((size, len(APPS))) < 0.02, 1, 0).astype(np.int8)
        kiosk = (self.installed[:, 0] != NO_APP) & (chance.random(size) < 0.4)
        self.kiosk = np.where(kiosk, 0, NO_APP).astype(np.int8)

    def _draw_oddities(self, chance: np.random.Generator) -> None:
        """A few devices carry names that break careless clients, and a few lack everything that may be lacking."""
        places = chance.permutation(self.size)
        odd = places[: min(len(HOSTILE_NAMES), self.size // 20)].tolist()
        self.hostile_names = {number: HOSTILE_NAMES[i] for i, number in enumerate(odd)}
        bare = places[len(odd) : len(odd) + max(self.size // 200, min(3, self.size // 10))]
        self.bare = np.zeros(self.size, bool)
        self.bare[bare] = True
        self.has_alias[bare] = False


def _weighted(chance: np.random.Generator, weights: Any, size: int) -> Column:
    edges = np.cumsum(np.asarray(weights, float))
    return np.searchsorted(edges / edges[-1], chance.random(size), side="right")


def _picked(chance: np.random.Generator, options: tuple[int, ...], size: int) -> Column:
    return np.array(options)[chance.integers(0, len(options), size)]
