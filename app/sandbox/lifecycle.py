"""The way of a command through its states on each device.

Invariant: a command is never lost: at any time it is final, has its next step on the agenda, or waits for its device to
return. Outcomes depend on the seed and the item alone, not on how often somebody looks.
"""

from collections.abc import Iterable
from functools import partial

from app.commands import catalogue
from app.sandbox import chance
from app.sandbox.agenda import Agenda
from app.sandbox.effects import Effects
from app.sandbox.fleet import DISABLED, PLATFORMS, WIPING, Fleet
from app.sandbox.orders import FINAL, Draft, Item, Order, Orders, move
from app.sandbox.places import CITIES
from app.sandbox.presence import Presence
from app.states import CommandState

_FAIL_SHARE = 0.04
_SLOW_SHARE = 0.02
_LATE_SHARE = 0.5
_PATIENCE = 120.0
_STUCK = {
    0: "The device is not enrolled",
    DISABLED: "The device is disabled",
    WIPING: "The device is being wiped",
    90: "Onboarding failed on this device",
    200: "The device is registered but was never set up",
}
_REASONS = {
    "REBOOT": ("Battery below 15 %, reboot refused", "The device owner policy denied the reboot", "Update in progress, try again later"),
    "INSTALL": ("INSTALL_FAILED_INSUFFICIENT_STORAGE", "INSTALL_FAILED_UPDATE_INCOMPATIBLE: signatures do not match", "Download interrupted after 3 attempts"),
    "UNINSTALL": ("DELETE_FAILED_DEVICE_POLICY_MANAGER", "The app is in use as kiosk app"),
    "WIPE": ("Factory reset is blocked by the device owner policy", "The agent lacks the permission to wipe"),
}  # fmt: skip
_ANY_REASON = (
    "The device agent reported an error (code 17)",
    "Permission denied on the device",
    "The agent is too old for this command",
)


class Lifecycle:
    """Moves device commands on. `mishaps` scales how often one fails or times out; 0 means never by chance."""

    def __init__(
        self, fleet: Fleet, agenda: Agenda, presence: Presence, effects: Effects, orders: Orders, mishaps: float
    ) -> None:
        self._mishaps = mishaps
        self._fleet = fleet
        self._agenda = agenda
        self._presence = presence
        self._effects = effects
        self._orders = orders
        self._waiting: dict[int, list[Item]] = {}
        presence.returned = self._resume

    def accept(self, draft: Draft, devices: Iterable[int], now: float) -> Order:
        """Takes a request: one command per device, queued or scheduled."""
        first = CommandState.QUEUED if draft.windows is None else CommandState.SCHEDULED
        order = self._orders.add(draft, list(devices), first, now)
        for item in order.items:
            if draft.windows is None:
                self._plan(item, now + self._draw(item, 31, 0.3, 1.8))
            else:
                self._schedule(item, now)
        return order

    def cancel(self, item: Item, now: float, reason: str | None) -> bool:
        """Cancels a command that the device has not begun; False where it is too late."""
        if item.state not in {CommandState.QUEUED, CommandState.SCHEDULED, CommandState.INITIATED}:
            return False
        item.turn += 1
        self._end(item, CommandState.CANCELLED, now, reason or "Cancelled by user")
        return True

    def remove(self, device: int, now: float) -> None:
        """Takes a device out of the fleet; what was asked of it and has not ended is cancelled."""
        self._fleet.gone[device] = True
        self._clear(device, now)

    @property
    def busy(self) -> bool:
        """Whether any command is still under way."""
        return any(sum(order.counts.values()) > sum(order.counts[s] for s in FINAL) for order in self._orders.all)

    def take_up(self, now: float) -> None:
        """Goes on with all that had not ended when the orders were written down."""
        for item in self._orders.items:
            if item.final:
                continue
            if item.state == CommandState.SCHEDULED:
                self._schedule(item, now)
                continue
            if item.state == CommandState.QUEUED and item.closes is not None:
                self._shut_at(item, item.closes)
            if item.state == CommandState.IN_PROGRESS and item.order.draft.command == "REBOOT":
                self._agenda.at(now + 10.0, partial(self._presence.come_back, item.device))
            self._plan(item, now + self._draw(item, 31, 0.3, 1.8))

    def _draw(self, item: Item, step: int, low: float, high: float) -> float:
        return chance.between(low, high, self._fleet.seed, step, item.number, item.tries)

    def _plan(self, item: Item, due: float) -> None:
        """Enters the item's next step; steps planned before no longer count."""
        item.turn += 1
        turn = item.turn
        self._agenda.at(due, lambda now: self._step(item, now) if item.turn == turn else None)

    def _schedule(self, item: Item, now: float) -> None:
        """Waits for the next opening of the schedule; ends the item where there is none."""
        windows = item.order.draft.windows
        if windows is None:
            return
        if PLATFORMS[self._fleet.platform[item.device]] != "ANDROID":
            self._end(item, CommandState.FAILURE, now, "Scheduled commands are supported on Android only")
            return
        opening = windows.next(now, CITIES[self._fleet.city[item.device]].offset)
        if opening is None:
            self._end(item, CommandState.TIMEOUT, now, "The schedule ended before the device could run the command")
            return
        item.closes = opening.closes
        item.turn += 1
        turn = item.turn
        self._agenda.at(opening.opens, lambda due: self._open(item, due) if item.turn == turn else None)

    def _open(self, item: Item, now: float) -> None:
        move(item, CommandState.QUEUED, now)
        self._shut_at(item, item.closes or now)
        self._plan(item, now + self._draw(item, 31, 0.3, 1.8))

    def _shut_at(self, item: Item, closes: float) -> None:
        tries = item.tries
        self._agenda.at(closes, lambda due: self._shut(item, due) if item.tries == tries else None)

    def _shut(self, item: Item, now: float) -> None:
        """The opening closed: a command that has not reached its device waits for the next one, or times out."""
        if item.state == CommandState.QUEUED:
            self._miss(item, now, "The schedule ended before the device came online", CommandState.TIMEOUT)

    def _miss(self, item: Item, now: float, reason: str, state: CommandState) -> None:
        """A try was in vain: RECURRING tries again at the next opening, everything else ends in `state`."""
        windows, closes = item.order.draft.windows, item.closes
        again = windows is not None and windows.recurring and closes is not None
        offset = CITIES[self._fleet.city[item.device]].offset
        if not again or windows is None or windows.next(max(now, closes or now), offset) is None:
            self._end(item, state, now, reason)
            return
        self._forget(item)
        item.tries += 1
        move(item, CommandState.SCHEDULED, now, reason)
        self._schedule(item, max(now, closes or now))

    def _step(self, item: Item, now: float) -> None:
        """One step towards the end, if the device is there to take it."""
        state, device = item.state, item.device
        if self._fleet.gone[device]:
            if not item.final:
                self._end(item, CommandState.CANCELLED, now, "The device was removed")
            return
        refusal = self._refusal(item) if state == CommandState.QUEUED else None
        if refusal is not None:
            self._end(item, CommandState.FAILURE, now, refusal)
        elif not self._presence.online(device) and not self._wiping(item):
            self._waiting.setdefault(device, []).append(item)
        elif state == CommandState.QUEUED:
            move(item, CommandState.INITIATED, now)
            self._plan(item, now + self._draw(item, 32, 0.3, 2.5))
        elif state == CommandState.INITIATED:
            move(item, CommandState.ACKNOWLEDGED, now)
            self._plan(item, now + self._draw(item, 33, 0.3, 3.0))
        elif state == CommandState.ACKNOWLEDGED:
            self._begin(item, now)
        else:
            self._finish(item, now)

    def _refusal(self, item: Item) -> str | None:
        platform = PLATFORMS[self._fleet.platform[item.device]]
        command = catalogue.find(item.order.draft.command)
        if command is not None and platform not in command.platforms:
            return f"{command.name} is not supported on {platform.capitalize()} devices"
        return _STUCK.get(int(self._fleet.state[item.device]))

    def _wiping(self, item: Item) -> bool:
        """A device in the middle of its own wipe is not online, and finishes all the same."""
        return item.state == CommandState.IN_PROGRESS and item.order.draft.command == "WIPE"

    def _begin(self, item: Item, now: float) -> None:
        move(item, CommandState.IN_PROGRESS, now)
        fate = self._draw(item, 34, 0.0, 1.0)
        failing = _FAIL_SHARE * self._mishaps
        if fate < failing:
            self._fail_at(item, now + self._draw(item, 35, 1.0, 8.0), now)
            return
        slow = fate < failing + _SLOW_SHARE * self._mishaps and item.order.draft.command != "WIPE"
        took = self._effects.begin(item, now, slow)
        if not slow:
            self._plan(item, now + took)
            return
        item.turn += 1
        turn = item.turn
        late = self._draw(item, 36, 0.0, 1.0) < _LATE_SHARE
        reason = "No answer from the device within two minutes"
        self._agenda.at(now + _PATIENCE, lambda due: self._time_out(item, due, turn, reason, late, now + took))

    def _fail_at(self, item: Item, due: float, now: float) -> None:
        """The device will report a failure."""
        command = item.order.draft.command
        reason = chance.pick(_REASONS.get(command, _ANY_REASON), self._fleet.seed, 37, item.number, item.tries)
        if command == "INSTALL":
            self._effects.begin(item, now, slow=False)
        item.turn += 1
        turn = item.turn

        def report(at: float) -> None:
            if item.turn == turn:
                self._effects.abandon(item, at, reason)
                self._miss(item, at, reason, CommandState.FAILURE)

        self._agenda.at(due, report)

    def _time_out(self, item: Item, now: float, turn: int, reason: str, late: bool, done: float) -> None:
        if item.turn != turn:
            return
        move(item, CommandState.TIMEOUT, now, reason)
        if late:
            self._plan(item, max(done, now + self._draw(item, 38, 60.0, 300.0)))
        else:
            self._effects.abandon(item, now, reason)

    def _finish(self, item: Item, now: float) -> None:
        problem = self._effects.finish(item, now)
        if problem is None:
            self._end(item, CommandState.SUCCESS, now)
            if self._fleet.gone[item.device]:
                self._clear(item.device, now)
        else:
            self._miss(item, now, problem, CommandState.FAILURE)

    def _end(self, item: Item, state: CommandState, now: float, reason: str | None = None) -> None:
        self._forget(item)
        item.turn += 1
        move(item, state, now, reason)

    def _forget(self, item: Item) -> None:
        waiting = self._waiting.get(item.device, [])
        if item in waiting:
            waiting.remove(item)

    def _clear(self, device: int, now: float) -> None:
        """A device is gone: nothing else will ever run on it."""
        for item in self._orders.of_device(device):
            if not item.final:
                self._end(item, CommandState.CANCELLED, now, "The device was removed")

    def _resume(self, device: int, now: float) -> None:
        """A device returned: what waited for it goes on, in the order it was asked for."""
        for place, item in enumerate(self._waiting.pop(device, [])):
            self._plan(item, now + 0.5 + 0.4 * place + self._draw(item, 39, 0.0, 1.5))
