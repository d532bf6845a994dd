"""The group tree: root, line of business, region, city, site, department, and what people made of it.

Invariant: an index is given once and never moves, so it can stand in columns and in old requests; the root is index 0 and
called "All devices"; nothing is deeper than five levels below it, and no group stands below itself.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.sandbox import chance
from app.sandbox.ids import Ids
from app.sandbox.places import CITIES, LINES

LEVELS = 5
_PLACES_PER_SITE = 30
_MOST_SITES = 1500
_FOUNDED = 1704067200.0  # 2024-01-01


@dataclass(slots=True)
class Group:
    """One group. `parent` is an index (None for the root), `depth` the levels below the root, `created` seconds since 1970."""

    index: int
    id: str
    name: str
    parent: int | None
    depth: int
    path: str
    line: int | None = None
    city: int | None = None
    created: float = 0.0
    gone: bool = False
    children: list[int] = field(default_factory=list)


class Groups:
    """All groups of a fleet of `size` devices; `all[index]` also answers for deleted ones."""

    def __init__(self, ids: Ids, seed: int, size: int) -> None:
        self._ids = ids
        self._seed = seed
        self._touched: set[int] = set()
        self._walk: list[Group] | None = None
        self.all: list[Group] = []
        sites = max(1, min(size // _PLACES_PER_SITE, _MOST_SITES))
        root = self._add("All devices", None)
        for line, regions in _plan(seed, sites).items():
            branch = self._add(LINES[line].name, root, line)
            for region, cities in regions.items():
                area = self._add(region, branch, line)
                for city, numbers in cities.items():
                    town = self._add(CITIES[city].name, area, line, city)
                    for number in numbers:
                        self._add_site(town, line, city, number)

    def __len__(self) -> int:
        return len(self.all)

    @property
    def live(self) -> list[Group]:
        """The groups that are not deleted, depth first, so parents come before their children."""
        if self._walk is None:
            self._walk = [self.all[index] for index in self.below(0)]
        return self._walk

    def find(self, group_id: str) -> Group | None:
        """The group of that id; None where there is none, or none any more."""
        index = self._ids.find("group", group_id)
        return self.all[index] if index is not None and index < len(self.all) and not self.all[index].gone else None

    def below(self, index: int) -> list[int]:
        """Indexes of a group and of all below it, depth first."""
        found, left = [], [index]
        while left:
            found.append(left.pop())
            left.extend(reversed(self.all[found[-1]].children))
        return found

    def inside(self, index: int) -> NDArray[np.bool_]:
        """For every index whether it is that group or stands below it."""
        flags = np.zeros(len(self.all), bool)
        flags[self.below(index)] = True
        return flags

    def height(self, index: int) -> int:
        """Levels below the group that are in use."""
        return max(self.all[inner].depth for inner in self.below(index)) - self.all[index].depth

    def taken(self, name: str, parent: int, besides: int | None = None) -> bool:
        """Whether a child of `parent`, other than `besides`, has that name."""
        return any(self.all[child].name == name for child in self.all[parent].children if child != besides)

    def create(self, name: str, parent: Group, now: float) -> Group:
        """Adds a group; the caller has checked level and name."""
        made = self._add(name, parent, parent.line, parent.city)
        made.created = now
        self._touch(made)
        return made

    def rename(self, group: Group, name: str) -> None:
        """Gives a group another name; the paths of all below follow."""
        group.name = name
        self._touch(group)
        self._settle(group)

    def move(self, group: Group, parent: Group) -> None:
        """Puts a group with all below it under another parent; the caller has checked levels, names and circles."""
        if group.parent is not None:
            self.all[group.parent].children.remove(group.index)
        group.parent = parent.index
        parent.children.append(group.index)
        self._touch(group)
        self._settle(group)

    def remove(self, group: Group) -> None:
        """Deletes a group; the groups right below it move to its parent."""
        above = self.all[group.parent or 0]
        for child in list(group.children):
            self.move(self.all[child], above)
        above.children.remove(group.index)
        group.gone = True
        self._touch(group)

    def snapshot(self) -> list[Any]:
        """What differs from the seeded tree, as plain data."""
        changed = (self.all[index] for index in sorted(self._touched))
        return [[g.index, g.name, g.parent, g.gone, g.line, g.city, g.created] for g in changed]

    def restore(self, kept: Any) -> None:
        """Takes a snapshot back. Raises TypeError, ValueError, IndexError or KeyError where it is none."""
        for index, name, parent, gone, line, city, created in kept:
            if index == len(self.all):
                self._add(str(name), self.all[int(parent)], line, city)
            group = self.all[int(index)]
            group.name, group.parent, group.gone, group.created = str(name), parent, bool(gone), float(created)
            self._touched.add(group.index)
        for group in self.all:
            group.children = []
        for group in self.all[1:]:
            if not group.gone:
                self.all[group.parent or 0].children.append(group.index)
        self._walk = None
        self._settle(self.all[0])

    def _touch(self, group: Group) -> None:
        self._touched.add(group.index)
        self._walk = None

    def _settle(self, top: Group) -> None:
        """Makes depth and path of a group and all below follow from their parents."""
        for index in self.below(top.index):
            group = self.all[index]
            if group.parent is not None:
                above = self.all[group.parent]
                group.depth, group.path = above.depth + 1, f"{above.path}/{group.name}"

    def _add(self, name: str, parent: Group | None, line: int | None = None, city: int | None = None) -> Group:
        index = len(self.all)
        path = name if parent is None else f"{parent.path}/{name}"
        depth = 0 if parent is None else parent.depth + 1
        above = None if parent is None else parent.index
        made = Group(
            index, self._ids.make("group", index), name, above, depth, path, line, city, _FOUNDED + index * 60.0
        )
        self.all.append(made)
        if parent is not None:
            parent.children.append(index)
        return made

    def _add_site(self, town: Group, line: int, city: int, number: int) -> None:
        kind = LINES[line]
        suffix = chance.pick(kind.suffixes, self._seed, 11, number)
        name = 'Bäckerei "Mitte" & Co' if number == 4 else f"{kind.site} {100 + number} {suffix}"
        site = self._add(name, town, line, city)
        if number % 2 == 0:
            for department in kind.departments[: 2 + chance.mix(self._seed, 12, number) % 3]:
                self._add(department, site, line, city)


def _plan(seed: int, sites: int) -> dict[int, dict[str, dict[int, list[int]]]]:
    """Which sites stand where: line of business > region > city > site numbers. Half of all sites are stores."""
    plan: dict[int, dict[str, dict[int, list[int]]]] = {}
    for number in range(sites):
        line = (0, 1, 0, 2)[number % 4]
        city = chance.mix(seed, 13, number) % len(CITIES)
        plan.setdefault(line, {}).setdefault(CITIES[city].region, {}).setdefault(city, []).append(number)
    return plan
