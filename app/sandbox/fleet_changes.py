"""What became of the fleet's columns, as plain data.

Invariant: only cells that differ from the seeded fleet are written down; what is taken back fits the fleet or is refused.
"""

from typing import Any

import numpy as np

from app.sandbox.fleet import NO_APP, ONLINE, Column, Fleet
from app.sandbox.library import Library
from app.sandbox.presence import Presence

_COLUMNS = ("group", "state", "dormant", "updated", "gone", "kiosk", "locked")
_TABLES = {"installed": NO_APP, "app_state": 0}


class FleetChanges:
    """Compares the fleet with what it was when this was made, so make it before anything happens."""

    def __init__(self, fleet: Fleet, presence: Presence, library: Library) -> None:
        self._fleet = fleet
        self._presence = presence
        self._library = library
        self._base: dict[str, Column] = {name: getattr(fleet, name).copy() for name in (*_COLUMNS, *_TABLES)}

    def snapshot(self) -> dict[str, Any]:
        """Changed cells by column, and since when each device that is not online was not heard of."""
        fleet, changes = self._fleet, {}
        for name in _COLUMNS:
            now = getattr(fleet, name)
            rows = np.flatnonzero(now != self._base[name])
            changes[name] = [rows.tolist(), now[rows].tolist()]
        for name, empty in _TABLES.items():
            now, base = getattr(fleet, name), self._base[name]
            known = np.full(now.shape, empty, now.dtype)
            known[:, : base.shape[1]] = base
            rows, places = np.nonzero(now != known)
            changes[name] = [rows.tolist(), places.tolist(), now[rows, places].tolist()]
        away = np.flatnonzero(fleet.state != ONLINE)
        changes["contact"] = [away.tolist(), self._presence.contact[away].tolist()]
        return changes

    def restore(self, kept: Any) -> None:
        """Takes a snapshot back; groups and library have to be there. Raises KeyError, TypeError, ValueError, IndexError."""
        fleet = self._fleet
        for name in _COLUMNS:
            rows, values = kept[name]
            getattr(fleet, name)[rows] = values
        for name in _TABLES:
            rows, places, values = kept[name]
            getattr(fleet, name)[rows, places] = values
        rows, values = kept["contact"]
        self._presence.contact[rows] = values
        self._check()

    def _check(self) -> None:
        fleet, apps = self._fleet, self._library.apps
        known = np.array([not group.gone for group in fleet.groups.all])
        if fleet.group.min() < 0 or fleet.group.max() >= len(known) or not known[fleet.group[~fleet.gone]].all():
            raise ValueError("a device stands in a group that is not there")
        most = np.zeros(fleet.installed.shape[1], np.int16)
        most[: len(apps)] = [len(app.versions) for app in apps]
        if (fleet.installed >= most).any() or (fleet.installed < NO_APP).any():
            raise ValueError("a device has an app that is not there")
        if fleet.kiosk.min() < NO_APP or fleet.kiosk.max() >= len(apps):
            raise ValueError("a device is pinned to an app that is not there")
        if fleet.app_state.min() < 0 or fleet.app_state.max() > 2:
            raise ValueError("an app has a state that is not there")
