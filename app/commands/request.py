"""A validated wish: command, arguments and the exact devices, cut into what one request may carry.

Invariant: a Request can't be built with no target or with arguments the catalogue refuses, so neither can be sent.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.commands import catalogue
from app.errors import InputError, Problem
from app.states import CommandType, Schedule

# The public specification allows 500 devices a request, newer descriptions 1000: the smaller is always safe.
MOST_DEVICES = 500


@dataclass(frozen=True, slots=True)
class Request:
    """What to do to which devices. `devices` are server ids, unique, in the order given."""

    command: str
    devices: tuple[str, ...]
    args: dict[str, Any] = field(default_factory=dict)
    schedule: Schedule = Schedule.IMMEDIATE

    @property
    def digest(self) -> str:
        """SHA-256 over command, arguments and the sorted device ids: what the review showed is what is sent."""
        plain = [self.command, self.args, str(self.schedule), sorted(self.devices)]
        return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def build(command: str, args: dict[str, Any], devices: Sequence[str], platforms: Collection[str] = ()) -> Request:
    """The request, or InputError with every problem. Zero devices is an error: empty never means all."""
    problems = catalogue.check(command, args, platforms)
    unique = tuple(dict.fromkeys(devices))
    if not unique:
        problems.append(Problem("devices", "Choose at least one device."))
    if problems:
        raise InputError(problems)
    return Request(command, unique, dict(args))


def batches(devices: Sequence[str], most: int = MOST_DEVICES) -> Iterator[tuple[str, ...]]:
    """The devices in order, at most `most` at a time; none twice, none left out."""
    for start in range(0, len(devices), most):
        yield tuple(devices[start : start + most])


def body(command: str, args: dict[str, Any], devices: Sequence[str], alias: str) -> dict[str, Any]:
    """The JSON body of POST commands/v0/commands/ for one batch. Source: 002_762415650b782e7a.txt.

    `alias` is our own name for the request; the server echoes it, so a lost answer can be looked up.
    """
    return {
        "command_type": CommandType.DEVICE.value,
        "alias": alias,
        "devices": list(devices),
        "device_type": "all",
        "command": command,
        "command_args": args,
        "schedule": Schedule.IMMEDIATE.value,
    }
