"""Geofences: some around the sites of the demo fleet, and what was made since.

Invariant: a number is given once. A geofence counts only devices that still exist.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from app.sandbox.fleet import Fleet
from app.sandbox.places import CITIES

_FOUNDED = 1704067200.0  # 2024-01-01
_CREATOR = "admin@example.com"


@dataclass(slots=True)
class Geofence:
    """One circle on the map. Degrees are texts, as on the wire; `devices` are the numbers it was applied to."""

    number: int
    name: str
    description: str | None
    latitude: str
    longitude: str
    radius: float | None
    unit: str
    actions: list[str]
    created: float
    updated: float
    created_by: str = _CREATOR
    devices: list[int] = field(default_factory=list)


class Geofences:
    """All geofences in the order they were made."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._all = {number: _seeded(number) for number in range(6)}
        self._next = len(self._all)

    @property
    def all(self) -> list[Geofence]:
        return list(self._all.values())

    def find(self, geofence_id: str) -> Geofence | None:
        """The geofence of that id."""
        number = self._fleet.ids.find("geofence", geofence_id)
        return self._all.get(number) if number is not None else None

    def id_of(self, geofence: Geofence) -> str:
        return self._fleet.ids.make("geofence", geofence.number)

    def number(self) -> int:
        """A number for the next one."""
        self._next += 1
        return self._next - 1

    def put(self, geofence: Geofence) -> None:
        """Adds a geofence, or puts it in the place of the one with its number."""
        self._all[geofence.number] = geofence

    def remove(self, geofence: Geofence) -> None:
        del self._all[geofence.number]

    def count(self, geofence: Geofence) -> int:
        """Devices it was applied to that still exist."""
        return sum(not self._fleet.gone[number] for number in geofence.devices)

    def snapshot(self) -> dict[str, Any]:
        """All geofences as plain data."""
        return {"next": self._next, "all": [asdict(geofence) for geofence in self.all]}

    def restore(self, kept: Any) -> None:
        """Takes a snapshot back. Raises TypeError, ValueError or KeyError where it is none."""
        found = [Geofence(**item) for item in kept["all"]]
        if any(not 0 <= number < self._fleet.size for geofence in found for number in geofence.devices):
            raise ValueError("a geofence names a device that is not there")
        self._all, self._next = {geofence.number: geofence for geofence in found}, int(kept["next"])


def _seeded(number: int) -> Geofence:
    city, when = CITIES[number * 4], _FOUNDED + number * 86400
    kilometres = number % 2 == 0
    return Geofence(
        number,
        f"{city.name} sites",
        None if number % 3 else f"Keeps devices inside {city.name}",
        f"{city.latitude:.6f}",
        f"{city.longitude:.6f}",
        2.5 if kilometres else 800.0,
        "KILOMETERS" if kilometres else "METERS",
        ["LOCK_DOWN", "BEEP"][: 1 + number % 2],
        when,
        when,
    )
