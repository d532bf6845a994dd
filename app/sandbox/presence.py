"""Who is online: devices come and go, heartbeats move, batteries drain.

Invariant: heartbeat and battery are functions of the time, so only a change of state costs anything; a device that was
taken offline by a command (`held`) comes back through `come_back` alone.
"""

import math
from collections.abc import Callable

import numpy as np

from app.sandbox.agenda import Agenda
from app.sandbox.fleet import OFFLINE, ONLINE, RARE_STATES, Column, Fleet

_MEAN_OFFLINE = 3600.0
_LEAVE_SHARE = 0.24  # online devices leave this much less often than offline ones return: about 80 % are online
_DORMANT_SHARE = 0.015  # switched-off devices return after days
_BEAT = 60.0


class Presence:
    """Moves the `state` column between online and offline. `returned` is called for each device that came back."""

    def __init__(self, fleet: Fleet, agenda: Agenda, weather: bool = True) -> None:
        self._fleet = fleet
        self._agenda = agenda
        self.returned: Callable[[int, float], None] = lambda number, now: None
        self.held = np.zeros(fleet.size, bool)
        beat = (agenda.now + fleet.phase) % _BEAT
        self.contact = agenda.now - np.where(fleet.state == ONLINE, beat, fleet.silence)
        self._chance = np.random.default_rng([fleet.seed, fleet.size, 1])
        # Seconds between two looks at comings and goings: about four devices are met at each, the more the larger.
        self._step = min(60.0, max(5.0, 4 * _MEAN_OFFLINE / fleet.size))
        if weather:
            agenda.at(agenda.now + self._step, self._look)

    def online(self, number: int) -> bool:
        """Whether the device answers."""
        return bool(self._fleet.state[number] == ONLINE)

    def last_seen(self, number: int, now: float) -> float:
        """When the device last spoke: online devices do once a minute."""
        contact = float(self.contact[number])
        if self._fleet.state[number] != ONLINE:
            return contact
        return max(contact, now - (now + float(self._fleet.phase[number])) % _BEAT)

    def last_seen_all(self, now: float) -> Column:
        """The same for the whole fleet."""
        beats = now - (now + self._fleet.phase) % _BEAT
        return np.where(self._fleet.state == ONLINE, np.maximum(self.contact, beats), self.contact)

    def battery(self, number: int, now: float) -> tuple[int, bool]:
        """Level in percent, and whether it is charging, as last reported."""
        return self.battery_at(number, self.last_seen(number, now))

    def battery_at(self, number: int, at: float) -> tuple[int, bool]:
        """The same at a moment of the past. A third of each cycle is spent charging."""
        fleet = self._fleet
        if fleet.mains[number]:
            return 100, True
        cycle = float(fleet.battery_hours[number]) * 3600.0
        place = (at / cycle + float(fleet.battery_phase[number])) % 1.0
        height = 1.0 - place / 0.67 if place < 0.67 else (place - 0.67) / 0.33
        floor = int(fleet.battery_floor[number])
        return floor + math.floor((100 - floor) * height), place >= 0.67

    def battery_all(self, now: float) -> Column:
        """Battery levels of the whole fleet."""
        fleet = self._fleet
        place = (self.last_seen_all(now) / (fleet.battery_hours * 3600.0) + fleet.battery_phase) % 1.0
        height = np.where(place < 0.67, 1.0 - place / 0.67, (place - 0.67) / 0.33)
        levels = fleet.battery_floor + np.floor((100 - fleet.battery_floor) * height)
        return np.where(fleet.mains, 100, levels)

    def touch(self, number: int, now: float) -> None:
        """The device spoke just now."""
        self.contact[number] = max(float(self.contact[number]), now)

    def leave(self, number: int, now: float, held: bool = False) -> None:
        """Takes an online device offline; `held` keeps it there until `come_back`."""
        self.held[number] |= held
        if self.online(number):
            self.contact[number] = self.last_seen(number, now)
            self._fleet.state[number] = OFFLINE
            self._fleet.updated[number] = now

    def come_back(self, number: int, now: float) -> None:
        """Brings a device online, unless it is gone or disabled meanwhile."""
        self.held[number] = False
        fleet = self._fleet
        if fleet.gone[number] or fleet.state[number] in RARE_STATES:
            return
        fleet.state[number] = ONLINE
        fleet.dormant[number] = False
        fleet.updated[number] = now
        self.touch(number, now)
        self.returned(number, now)

    def _look(self, now: float) -> None:
        """One step of the weather: some offline devices return, some online ones leave, set-ups finish."""
        self._agenda.at(now + self._step, self._look)
        fleet = self._fleet
        count = int(self._chance.poisson(fleet.size * self._step / _MEAN_OFFLINE))
        if not count:
            return
        met, draw = self._chance.integers(0, fleet.size, count), self._chance.random(count)
        free = ~fleet.gone[met] & ~self.held[met]
        leaving = free & (fleet.state[met] == ONLINE) & (draw < _LEAVE_SHARE)
        away = free & (fleet.state[met] != ONLINE) & ~np.isin(fleet.state[met], RARE_STATES)
        coming = away & (~fleet.dormant[met] | (draw < _DORMANT_SHARE))
        for number in met[leaving].tolist():
            self.leave(number, now)
        for number in met[coming].tolist():
            if not self.online(number):
                self.come_back(number, now)
