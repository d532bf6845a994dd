"""The group tree: root, line of business, region, city, site, department.

Invariant: groups stand in depth-first order, so a group and all below it are one range of indexes; the root is index 0
and called "All devices"; nothing is deeper than five levels below it.
"""

from dataclasses import dataclass, field

from app.sandbox import chance
from app.sandbox.ids import Ids
from app.sandbox.places import CITIES, LINES

_PLACES_PER_SITE = 30
_MOST_SITES = 1500


@dataclass(slots=True)
class Group:
    """One group. `parent` is an index (None for the root), `end` the index after its last descendant."""

    index: int
    id: str
    name: str
    parent: int | None
    depth: int
    path: str
    line: int | None = None
    city: int | None = None
    end: int = 0
    children: list[int] = field(default_factory=list)


class Groups:
    """All groups of a fleet of `size` devices."""

    def __init__(self, ids: Ids, seed: int, size: int) -> None:
        self._ids = ids
        self._seed = seed
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
                    self._close(town)
                self._close(area)
            self._close(branch)
        self._close(root)

    def __len__(self) -> int:
        return len(self.all)

    def find(self, group_id: str) -> Group | None:
        """The group of that id."""
        index = self._ids.find("group", group_id)
        return self.all[index] if index is not None and index < len(self.all) else None

    def _add(self, name: str, parent: Group | None, line: int | None = None, city: int | None = None) -> Group:
        index = len(self.all)
        path = name if parent is None else f"{parent.path}/{name}"
        depth = 0 if parent is None else parent.depth + 1
        above = None if parent is None else parent.index
        group = Group(index, self._ids.make("group", index), name, above, depth, path, line, city, index + 1)
        self.all.append(group)
        if parent is not None:
            parent.children.append(index)
        return group

    def _close(self, group: Group) -> None:
        group.end = len(self.all)

    def _add_site(self, town: Group, line: int, city: int, number: int) -> None:
        kind = LINES[line]
        suffix = chance.pick(kind.suffixes, self._seed, 11, number)
        name = 'Bäckerei "Mitte" & Co' if number == 4 else f"{kind.site} {100 + number} {suffix}"
        site = self._add(name, town, line, city)
        if number % 2 == 0:
            for department in kind.departments[: 2 + chance.mix(self._seed, 12, number) % 3]:
                self._add(department, site, line, city)
        self._close(site)


def _plan(seed: int, sites: int) -> dict[int, dict[str, dict[int, list[int]]]]:
    """Which sites stand where: line of business > region > city > site numbers. Half of all sites are stores."""
    plan: dict[int, dict[str, dict[int, list[int]]]] = {}
    for number in range(sites):
        line = (0, 1, 0, 2)[number % 4]
        city = chance.mix(seed, 13, number) % len(CITIES)
        plan.setdefault(line, {}).setdefault(CITIES[city].region, {}).setdefault(city, []).append(number)
    return plan
