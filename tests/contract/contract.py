"""The contract as the tests read it: the document, what of it comes later, and where the sandbox differs on purpose.

Invariant: nothing is left out or bent but by the two tables here, each entry with its reason.
"""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

DOCUMENT = Path(__file__).with_name("openapi.json")
METHODS = ("get", "post", "put", "patch", "delete")

LATER = {
    "Pipelines": "staged rollouts",
    "Pipelines (old)": "staged rollouts, old form",
    "Blueprints": "device blueprints",
    "Alarms": "alarm rules",
    "startRemoteAdb": "remote ADB",
    "getRemoteAdb": "remote ADB",
    "listUsers": "users and roles",
    "listInvites": "users and roles",
    "listRoles": "users and roles",
}
"""Tags and operations that the sandbox does not answer yet, and what they are."""


class Deviation(NamedTuple):
    """A place in the document (keys and indexes from the root), what stands there instead, and why."""

    place: tuple[str | int, ...]
    instead: Any
    reason: str


DEVIATIONS = (
    Deviation(
        ("components", "schemas", "AppInstallState"),
        {"type": "string", "minLength": 1},
        "the wire carries labels such as Install Success beside the constants, and clients compare loosely",
    ),
    Deviation(
        ("components", "schemas", "GroupCommand", "properties", "details"),
        {"nullable": True, "anyOf": [{"type": "string"}, {"type": "object"}]},
        "the wire carries an object with a list of devices for each outcome",
    ),
)


class Operation(NamedTuple):
    """One method of one path. `path` is below /api, with its parameters in braces."""

    name: str
    method: str
    path: str
    tag: str

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def later(self) -> bool:
        return self.tag in LATER or self.name in LATER


@cache
def document() -> dict[str, Any]:
    """The contract with the deviations in their places."""
    read: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    for deviation in DEVIATIONS:
        holder: Any = read
        for key in deviation.place[:-1]:
            holder = holder[key]
        holder[deviation.place[-1]] = copy.deepcopy(deviation.instead)
    return read


@cache
def operations() -> tuple[Operation, ...]:
    """All operations of the contract, those that delete last, so that others still find something."""
    found = [
        Operation(entry["operationId"], method.upper(), path, entry["tags"][0])
        for path, item in document()["paths"].items()
        for method, entry in item.items()
        if method in METHODS
    ]
    return tuple(sorted(found, key=lambda operation: operation.method == "DELETE"))


def served() -> list[Operation]:
    """The operations that the sandbox has to answer."""
    return [operation for operation in operations() if not operation.later]
