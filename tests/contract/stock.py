"""A small tenant with something of everything, and the ids of what is there, as any client would find them.

Invariant: ids are read over the wire, from the lists that the contract has for them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from app.sandbox.clock import Clock
from app.sandbox.server import running
from app.sandbox.world import World

ENTERPRISE = "/enterprise/{enterprise_id}"
LISTS = {
    "device": "/v2/devices/",
    "device app": f"{ENTERPRISE}/device/{{device_id}}/app/",
    "tag": f"{ENTERPRISE}/tags/",
    "group": f"{ENTERPRISE}/devicegroup/",
    "application": f"{ENTERPRISE}/application/",
    "version": f"{ENTERPRISE}/application/{{application_id}}/version/",
    "tenant app": "/v2/tenant-apps",
    "old request": f"/v0{ENTERPRISE}/command/",
    "request": "/commands/v0/commands/",
    "status": "/commands/v0/status/?device={device_id}",
    "operation": "/v0/operations/",
    "content": f"/v0{ENTERPRISE}/content/",
    "geofence": f"/v0{ENTERPRISE}/geofence/",
    "policy": f"{ENTERPRISE}/policy/",
    "subscription": f"/v0{ENTERPRISE}/subscription/",
}
"""Where the ids of a kind are found; a brace stands for an id that was found before."""
NAMES = {
    "device_id": "device", "deviceId": "device", "app_id": "device app", "group_id": "group",
    "application_id": "application", "version_id": "version", "appId": "tenant app", "request_id": "old request",
    "operationId": "operation", "operationsId": "operation", "content_id": "content", "geofence_id": "geofence",
    "policy_id": "policy", "subscription_id": "subscription",
    "device": "device", "devices": "device", "group": "group", "groups": "group", "parent_group_ids": "group",
    "request": "request", "device_ids": "device", "parent": "group", "target_ids": "device",
}  # fmt: skip
"""The kinds behind the names of parameters and fields."""
BARE = {"/v2/devices/": "device", "/device/v0/": "device", "/commands/v0/commands/": "request",
        "/commands/v0/status/": "status"}  # fmt: skip
"""The kinds behind a parameter that is just called id, by the beginning of its path."""


class Stock:
    """The running tenant. `made` are the ids of v1 commands, for which there is no list."""

    def __init__(self, url: str, enterprise: str, http: httpx.Client) -> None:
        self.url = url
        self.http = http
        self.enterprise = enterprise
        self.made: dict[str, str] = {}

    def fill(self) -> None:
        """Sends one of everything that can be made."""
        device, group = self.ids("device")[0], self.ids("group")[0]
        old = {"command_type": "DEVICE", "devices": [device], "command": "UPDATE_HEARTBEAT"}
        self._post("/commands/v0/commands/", old)
        self._post(f"/v0{ENTERPRISE}/command/", old | {"command_args": {}, "device_type": "all"})
        self.made["device"] = self._post(f"{ENTERPRISE}/device/{device}/command/", {"command": "LOCK"})
        self.made["devicegroup"] = self._post(f"{ENTERPRISE}/devicegroup/{group}/command/", {"command": "LOCK"})
        fence = {
            "name": "Yard", "latitude": "52.5", "longitude": "13.4", "radius": 100, "radius_unit": "METERS",
            "device_actions": ["LOCK_DOWN"], "description": "The yard",
        }  # fmt: skip
        self._post(f"/v0{ENTERPRISE}/geofence/", fence)
        self._post(
            f"{ENTERPRISE}/policy/",
            {"name": "Strict", "description": "No camera", "enterprise": self.enterprise, "policy": {}},
        )
        self._post(f"/v0{ENTERPRISE}/subscription/", {"aws_account_id": "123456789012"})
        file = {"key": ("notes.txt", b"Some notes.", "text/plain")}
        self.http.post(self.at(f"/v0{ENTERPRISE}/content/upload/"), files=file).raise_for_status()

    def at(self, path: str) -> str:
        """A path as an address."""
        return self.url + path.replace("{enterprise_id}", self.enterprise)

    def _post(self, path: str, body: dict[str, Any]) -> str:
        answer = self.http.post(self.at(path), json=body).raise_for_status().json()
        return str(answer.get("content", answer).get("id", ""))

    def ids(self, kind: str) -> list[str]:
        """Up to three ids of a kind; none where there is nothing (or no such list)."""
        path = LISTS[kind]
        for name in ("device_id", "application_id"):
            if f"{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", next(iter(self.ids(NAMES[name])), "none"))
        answer = self.http.get(self.at(path), params={"limit": 3} if "?" not in path else None)
        if answer.status_code != 200:
            return []
        page = answer.json()
        return [str(entry["id"]) for entry in page.get("content", page)["results"][:3]]

    def known(self, path: str, name: str) -> list[str]:
        """Ids that a parameter of a path can have; none where its values are no ids."""
        if name == "enterprise_id":
            return [self.enterprise]
        if name == "command_id":
            return [made] if (made := self.made.get(path.split("/")[3])) else []
        kind = "tag" if "/tags/" in path else next((k for start, k in BARE.items() if path.startswith(start)), "")
        kind = kind if name == "id" else NAMES.get(name, "")
        return self.ids(kind) if kind else []


@contextmanager
def stocked(devices: int = 40, speed: float = 50.0) -> Iterator[Stock]:
    """A tenant of that many devices, with something of everything, on a clock that runs `speed` times as fast."""
    world = World(devices, seed=5, clock=Clock(speed))
    with running(world, "key") as facts, httpx.Client(headers={"Authorization": "Bearer key"}) as http:
        stock = Stock(facts.url, facts.enterprise_id, http)
        stock.fill()
        yield stock
