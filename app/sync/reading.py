"""One reading of a list that may move while it is read: which rows came, and whether that was all.

Invariant: a reading is whole only if the server named one size throughout and exactly so many rows came. Where it names
none the end of the list is trusted, but never an empty list: nothing at all is not proof that everything is gone.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from app.esper.pages import Page

Kind = Literal["devices", "groups", "apps", "tags"]


class HasId(Protocol):
    """A record with the server's id."""

    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=HasId)


@dataclass(frozen=True, slots=True)
class Progress:
    """Rows that arrived so far. `total` is None until the server has said how many there are."""

    kind: Kind
    done: int
    total: int | None


@dataclass(slots=True)
class Reading:
    """Which ids came, and every size the server named meanwhile. `at` is when it began."""

    at: float
    ids: set[str] = field(default_factory=set)
    totals: set[int] = field(default_factory=set)
    total: int | None = None

    def take(self, page: "Page[R]") -> list[R]:
        """The rows of the page that were not there yet, none twice."""
        if page.total is not None:
            self.total = page.total
            self.totals.add(page.total)
        fresh = {row.id: row for row in page.rows if row.id not in self.ids}
        self.ids.update(fresh)
        return list(fresh.values())

    @property
    def whole(self) -> bool:
        """Whether every row is there, as far as the server tells."""
        if self.total is None:
            return bool(self.ids)
        return len(self.totals) == 1 and len(self.ids) == self.total
