"""Accepted command requests and what became of each on every device.

Invariant: a device command changes state only through `move`, so the counts of its request always equal its items.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from app.redact import redact_value
from app.sandbox.ids import Ids
from app.sandbox.windows import Windows
from app.states import CommandState

FINAL = frozenset({CommandState.SUCCESS, CommandState.FAILURE, CommandState.TIMEOUT, CommandState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Draft:
    """A request that passed validation. `devices` and `groups` are device numbers and group indexes, as they were sent.

    `device_type` narrows the targets to those online (active) or offline (inactive) when it was taken; `device_query` is
    what an operation chose its devices by.
    """

    command: str
    command_type: str
    devices: tuple[int, ...] | None
    groups: tuple[int, ...] | None
    args: dict[str, Any]
    schedule: str
    schedule_args: dict[str, Any] | None
    alias: str | None
    windows: Windows | None
    device_type: str = "all"
    device_query: dict[str, Any] | None = None


@dataclass(slots=True, eq=False)
class Order:
    """An accepted request with one item per device. Times are seconds since 1970."""

    number: int
    id: str
    draft: Draft
    created: float
    items: list["Item"] = field(default_factory=list)
    counts: Counter[CommandState] = field(default_factory=Counter)


@dataclass(slots=True, eq=False)
class Item:
    """One command on one device. `turn` changes whenever what was planned for it no longer holds."""

    number: int
    order: Order
    device: int
    state: CommandState
    created: float
    updated: float
    reason: str | None = None
    trail: list[tuple[float, CommandState]] = field(default_factory=list)
    turn: int = 0
    tries: int = 0
    closes: float | None = None

    @property
    def final(self) -> bool:
        """Whether nothing more is expected (a timed-out command may still succeed later)."""
        return self.state in FINAL


class Orders:
    """Everything that was ever asked for, oldest first."""

    def __init__(self, ids: Ids) -> None:
        self.ids = ids
        self.all: list[Order] = []
        self.items: list[Item] = []
        self._by_device: dict[int, list[Item]] = {}

    def add(self, draft: Draft, devices: list[int], state: CommandState, now: float) -> Order:
        """Files a request with an item in `state` for each device."""
        number = len(self.all)
        order = Order(number, self.ids.make("request", number), draft, now)
        self.all.append(order)
        for device in devices:
            item = Item(len(self.items), order, device, state, now, now, trail=[(now, state)])
            self.items.append(item)
            order.items.append(item)
            self._by_device.setdefault(device, []).append(item)
        order.counts[state] += len(devices)
        return order

    def of_device(self, device: int) -> list[Item]:
        """Items of one device, oldest first."""
        return self._by_device.get(device, [])

    def find(self, request_id: str) -> Order | None:
        """The request of that id."""
        number = self.ids.find("request", request_id)
        return self.all[number] if number is not None and number < len(self.all) else None

    def find_item(self, status_id: str) -> Item | None:
        """The device command of that status id."""
        number = self.ids.find("status", status_id)
        return self.items[number] if number is not None and number < len(self.items) else None

    def find_operation(self, operation_id: str) -> Order | None:
        """The request behind an operation: each request is one operation."""
        number = self.ids.find("operation", operation_id)
        return self.all[number] if number is not None and number < len(self.all) else None

    def snapshot(self) -> list[Any]:
        """All requests with their device commands, as plain data; secret arguments are hidden."""
        return [
            {
                "draft": msgspec.to_builtins(replace(order.draft, args=redact_value(order.draft.args))),
                "created": order.created,
                "items": [
                    [i.device, i.state, i.created, i.updated, i.reason, i.trail, i.tries, i.closes] for i in order.items
                ],
            }
            for order in self.all
        ]

    def restore(self, kept: Any) -> None:
        """Takes a snapshot back. Raises KeyError, TypeError, ValueError or msgspec.ValidationError where it is none."""
        for asked in kept:
            draft = msgspec.convert(asked["draft"], Draft)
            devices = [int(entry[0]) for entry in asked["items"]]
            order = self.add(draft, devices, CommandState.QUEUED, float(asked["created"]))
            for item, (_, state, created, updated, reason, trail, tries, closes) in zip(
                order.items, asked["items"], strict=True
            ):
                item.state, item.created, item.updated = CommandState(state), float(created), float(updated)
                item.reason, item.tries, item.closes = reason, int(tries), closes
                item.trail = [(float(at), CommandState(step)) for at, step in trail]
            order.counts = Counter(item.state for item in order.items)


def move(item: Item, state: CommandState, now: float, reason: str | None = None) -> None:
    """Changes the state of an item and keeps its trail and the counts of its request."""
    counts = item.order.counts
    counts[item.state] -= 1
    counts[state] += 1
    item.state, item.reason, item.updated = state, reason, now
    item.trail.append((now, state))
