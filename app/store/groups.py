"""The group tree of a tenant: parents, children, paths.

Invariant: every group is reachable from `root_ids`, whatever the server says: a group whose parent is missing, or that
stands in a circle, counts as a root.
"""

from collections.abc import Iterable, Mapping

from app.records import Group
from app.store.patterns import Mode, Pattern, fold


class Groups:
    """A snapshot; a changed tree is a new object."""

    def __init__(self, groups: Iterable[Group] = ()) -> None:
        self.by_id: dict[str, Group] = {group.id: group for group in groups}
        self._children: dict[str, list[Group]] = {}
        self._paths: dict[str, str] = {}
        self._folded: dict[str, tuple[str, str]] = {}
        roots: list[Group] = []
        for group in self.by_id.values():
            parent = self.by_id.get(group.parent_id)
            if parent is None or self._circular(group):
                roots.append(group)
            else:
                self._children.setdefault(parent.id, []).append(group)
        for children in (roots, *self._children.values()):
            children.sort(key=lambda g: (fold(g.name), g.id))
        self.root_ids: list[str] = [group.id for group in roots]
        self._roots = set(self.root_ids)
        # Parents before children: paths grow from the top, counts are summed from the bottom.
        self.order: list[str] = []
        waiting = list(reversed(roots))
        while waiting:
            group = waiting.pop()
            above = None if group.id in self._roots else self._paths[group.parent_id]
            path = f"{above}/{group.name}" if above is not None else group.name
            self._paths[group.id] = path
            self._folded[group.id] = (fold(group.name), fold(path))
            self.order.append(group.id)
            waiting.extend(reversed(self._children.get(group.id, [])))

    def _circular(self, group: Group) -> bool:
        """Whether the way up from here comes back here."""
        passed: set[str] = set()
        above = self.by_id.get(group.parent_id)
        while above is not None and above.id not in passed:
            if above.id == group.id:
                return True
            passed.add(above.id)
            above = self.by_id.get(above.parent_id)
        return False

    def children(self, group_id: str) -> list[Group]:
        """The direct children, by name."""
        return list(self._children.get(group_id, ()))

    def path(self, group_id: str) -> str:
        """The names from the root, joined with slashes. Empty for an id that is not known."""
        return self._paths.get(group_id, "")

    def parent(self, group_id: str) -> str:
        """The id of the group above; empty for a root and for an id that is not known."""
        return self.by_id[group_id].parent_id if group_id in self._paths and group_id not in self._roots else ""

    def descendants(self, group_id: str) -> set[str]:
        """Everything below, the group itself left out."""
        found: set[str] = set()
        waiting = [group_id]
        while waiting:
            below = [child.id for child in self._children.get(waiting.pop(), ())]
            found.update(below)
            waiting.extend(below)
        return found

    def matching(self, pattern: Pattern) -> set[str]:
        """The groups whose name or path fits; an exact pattern also fits the last names of a path."""
        tail = "/" + pattern.needle if pattern.mode is Mode.EXACT and pattern.needle else None
        return {
            group_id
            for group_id, (name, path) in self._folded.items()
            if pattern.test(name) or pattern.test(path) or (tail is not None and path.endswith(tail))
        }

    def sums(self, direct: Mapping[str, int]) -> dict[str, tuple[int, int]]:
        """Group id -> (its own count, with everything below)."""
        total = {group_id: direct.get(group_id, 0) for group_id in self.order}
        for group_id in reversed(self.order):
            if group_id not in self._roots:
                total[self.by_id[group_id].parent_id] += total[group_id]
        return {group_id: (direct.get(group_id, 0), total[group_id]) for group_id in self.order}
