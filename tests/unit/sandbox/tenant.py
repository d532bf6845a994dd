"""A sandbox over a real socket whose clock stands still until the test steps it.

Invariant: everything is read as a client would read it; only targets are chosen by looking into the world.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from app.sandbox.clock import Clock
from app.sandbox.faults import Faults
from app.sandbox.fleet import NO_APP, ONLINE
from app.sandbox.server import Facts, running
from app.sandbox.world import World

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
ZEROS = "00000000-0000-4000-8000-000000000000"
ORDER = ["Command Queued", "Command Initiated", "Command Acknowledged", "Command In Progress", "Command Success"]
NIGHT = {
    "name": "Nightly",
    "start_datetime": "2026-03-02T20:00:00Z",
    "end_datetime": "2026-03-02T22:00:00Z",
    "time_type": "console",
}
FINAL = {"Command Success", "Command Failure", "Command TimeOut", "Command Cancelled"}


class Tenant:
    """A client of one sandbox. `v1` is the path that the enterprise's older addresses start with."""

    def __init__(self, world: World, facts: Facts, http: httpx.Client) -> None:
        self.world = world
        self.facts = facts
        self.http = http
        self.v1 = f"/enterprise/{facts.enterprise_id}"

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a 200 answer."""
        answer = self.http.get(self.facts.url + path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def content(self, path: str, **query: Any) -> Any:
        """The same without its wrapper."""
        return self.get(path, **query)["content"]

    def refused(self, status: int, path: str, **query: Any) -> list[str]:
        """The errors of an answer that must have that status."""
        return refusal(self.http.get(self.facts.url + path, params=query), status)

    def post(self, body: Any) -> httpx.Response:
        return self.http.post(f"{self.facts.url}/commands/v0/commands/", json=body)

    def send(self, command: str, targets: list[str], args: dict[str, Any] | None = None, **more: Any) -> str:
        """Sends a command to devices and returns the id of the accepted request."""
        body = {"command_type": "DEVICE", "devices": targets, "command": command, "command_args": args or {}} | more
        answer = self.post(body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["content"]["id"])

    def step(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    def statuses(self, request: str, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.content("/commands/v0/status/", request=request, limit=500, **query)[
            "results"
        ]
        return found

    def one(self, request: str) -> dict[str, Any]:
        """The status of a request to a single device."""
        (status,) = self.statuses(request)
        return status

    def finish(self, request: str, within: float = 600.0) -> dict[str, Any]:
        """Steps the clock until the single device of a request is done."""
        for _ in range(int(within / 5)):
            if self.one(request)["state"] in FINAL:
                break
            self.step(5)
        return self.one(request)

    def stats(self, request: str) -> dict[str, int]:
        return {e["state"]: e["total"] for e in self.content(f"/commands/v0/commands/{request}/stats/")["status"]}

    def device(self, device: str) -> dict[str, Any]:
        found: dict[str, Any] = self.content(f"/v2/devices/{device}")
        return found

    def pick(self, state: int = ONLINE, platform: int = 0, skip: int = 0) -> str:
        """The id of a device in that state."""
        fleet = self.world.fleet
        fitting = (fleet.state == state) & (fleet.platform == platform) & ~fleet.bare & ~fleet.gone
        numbers: list[int] = fitting.nonzero()[0].tolist()
        return fleet.device_id(numbers[skip])


def refusal(answer: httpx.Response, status: int) -> list[str]:
    """The errors of an answer, after checking that it has the contract's form."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"errors", "message", "status"}
    assert body["status"] == status
    assert body["message"]
    assert "x-request-id" in answer.headers
    errors: list[str] = body["errors"]
    return errors


@contextmanager
def tenant(devices: int = 300, faults: Faults | None = None, **world: Any) -> Iterator[Tenant]:
    """A tenant whose devices neither come and go nor fail by chance, unless asked for."""
    settings: dict[str, Any] = {"weather": False, "mishaps": 0.0} | world
    made = World(devices, clock=Clock(0, NOON), **settings)
    with (
        running(made, "key", faults) as facts,
        httpx.Client(headers={"Authorization": "Bearer key"}, timeout=30) as http,
    ):
        yield Tenant(made, facts, http)


def trail(fleet: Tenant, request: str) -> list[str]:
    """The states that the single device of a request went through, from the world's own record."""
    order = fleet.world.orders.find(request)
    assert order is not None
    return [state.value for _, state in order.items[0].trail]


def app_of(fleet: Tenant, device: str) -> tuple[int, int]:
    """An app that the device has: its number and that of its version."""
    number = fleet.world.fleet.find(device)
    for app, place in enumerate(fleet.world.fleet.installed[number].tolist()):
        if place != NO_APP:
            return app, place
    raise AssertionError("the device has no app")


def missing_app(fleet: Tenant, device: str) -> int:
    number = fleet.world.fleet.find(device)
    return next(a for a, place in enumerate(fleet.world.fleet.installed[number].tolist()) if place == NO_APP)
