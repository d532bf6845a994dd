"""Seeded fleets for the tests of the screen: real columns, no disk, no server.

Invariant: the same seed gives the same fleet.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from app.records import Change, Device, Group
from app.store.documents import HOT, row_of
from app.store.fleet import Fleet
from app.store.groups import Groups

NOW = 1_795_000_000.0
MODELS = (
    ("Samsung", "SM-T500"),
    ("Samsung", "SM-X200"),
    ("Lenovo", "TB-8505F"),
    ("Zebra", "TC52"),
    ("Apple", "iPad13,4"),
)
TAGS = ("kiosk", "blue", "checkout", "warehouse north", "pilot", "replace battery")
STATES = (1, 1, 1, 1, 60, 60, 100, 130, 70, 20, 77)


def groups_of(cities: Sequence[str] = ("Berlin", "Lyon", "Porto"), stores: int = 8) -> list[Group]:
    """All devices > city > store."""
    found = [Group(id="g-root", name="All devices")]
    for city in cities:
        found.append(Group(id=f"g-{city}", name=city, parent_id="g-root"))
        found += [Group(id=f"g-{city}-{n}", name=f"Store {n}", parent_id=f"g-{city}") for n in range(1, stores + 1)]
    return found


def devices_of(count: int, groups: Sequence[Group], seed: int = 7) -> list[Device]:
    """Devices of every condition, with long names, missing facts and a name that looks like markup."""
    dice = random.Random(seed)
    found = []
    for n in range(count):
        brand, model = dice.choice(MODELS)
        group = dice.choice(groups)
        battery = dice.choice((None, *range(3, 101)))
        found.append(
            Device(
                id=f"{n:08x}-0000-4000-8000-{dice.getrandbits(48):012x}",
                name=f"ESR-{dice.choice(('KIO', 'POS', 'TAB'))}-{n:05d}",
                alias=dice.choice(("", f"Checkout {n % 40}")),
                state=dice.choice(STATES),
                platform="APPLE" if brand == "Apple" else "ANDROID",
                os="iPadOS" if brand == "Apple" else "Android",
                os_version=dice.choice(("11", "12", "13", "14.2")),
                last_seen=dice.choice((None, NOW - dice.random() ** 4 * 40 * 86400)),
                group_id=group.id,
                brand=brand,
                model=model,
                serial=f"R9{dice.getrandbits(36):09X}",
                tags=tuple(dice.sample(TAGS, dice.choice((0, 0, 1, 2, 4)))),
                agent_version=f"7.{dice.randrange(10)}.{dice.randrange(9999)}",
                battery_level=battery,
                battery_charging=dice.random() < 0.2,
                storage_free=dice.random() * 64000,
                wifi_signal=-dice.random() * 90,
                is_gms=dice.choice((True, False, None)),
            )
        )
    return found


@dataclass
class Yard:
    """A fleet that a test may change, and the change that says so."""

    fleet: Fleet
    index: dict[str, int] = field(default_factory=dict)

    def put(self, devices: Sequence[Device]) -> Change:
        """Adds devices, or brings known ones up to date and to life."""
        rows = [self.index.setdefault(device.id, len(self.index)) for device in devices]
        facts = zip(*(row_of(device) for device in devices), strict=True)
        values: dict[str, Sequence[object]] = dict(zip(HOT, facts, strict=True))
        values["gone_at"] = [None] * len(rows)
        ids = frozenset(device.id for device in devices)
        self.fleet.apply(self.fleet.encode(np.array(rows, np.int32), len(self.index), values, ids))
        return Change(kind="devices", ids=ids)

    def bury(self, ids: Sequence[str]) -> Change:
        """Marks devices as gone."""
        rows = np.array([self.index[i] for i in ids], np.int32)
        self.fleet.apply(self.fleet.encode(rows, len(self.index), {"gone_at": [NOW] * len(rows)}, frozenset(ids)))
        return Change(kind="devices", ids=frozenset(ids))

    def set_groups(self, groups: Sequence[Group]) -> Change:
        self.fleet.set_groups(Groups(groups))
        return Change(kind="groups")


def yard(count: int = 200, groups: Sequence[Group] | None = None, seed: int = 7) -> Yard:
    """A fleet of `count` devices."""
    groups = groups_of() if groups is None else groups
    index: dict[str, int] = {}
    made = Yard(Fleet(index), index)
    made.set_groups(groups)
    if count:
        made.put(devices_of(count, groups, seed))
    return made
