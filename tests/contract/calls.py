"""Every public method of the client, called with every argument it has.

Invariant: the calls are a table, and what no call is needed for has its reason beside it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from app.commands.request import body
from app.esper.client import EsperClient
from app.esper.remote_viewer import Bounds, SessionField, SessionFilter
from app.records import Enterprise
from app.states import RemoteSessionState, VideoQuality
from app.tenancy import Geofence, GeofenceDraft, Policy, PolicyDraft

ENTERPRISE = "0b5e7a53-6a51-4a6b-9a0e-1f0a0c9f1a01"
A, B, C = (f"1c6f8b64-7b62-4b7c-8b1f-2a1b1d0a2b0{n}" for n in (1, 2, 3))
EARLY, LATE = 1_772_000_000.0, 1_772_100_000.0
DRAFT = GeofenceDraft(name="Yard", latitude=52.5, longitude=-13.25, radius=120.5, actions=("BEEP",), description="All")
BARE = GeofenceDraft(name="Yard", latitude=52.0, longitude=13.0)
OTHER = Geofence(id=A, name="Old", latitude=0.0, longitude=0.0, unit="MILES")
RULES = PolicyDraft(name="Strict", description="No camera", is_active=True)
COMPANY = Enterprise(id=ENTERPRISE, name="One")
FILTER = SessionFilter(
    states=[RemoteSessionState.ACTIVE, RemoteSessionState.TERMINATED],
    video_qualities=[VideoQuality.STANDARD, VideoQuality.DATA_SAVER],
    reason="Help",
    created_by="someone",
    device_name="ESR",
    duration=Bounds(60, 90.5, 1, 3600),
    created_at=Bounds(LATE, LATE, EARLY, EARLY),
    updated_at=Bounds(LATE, LATE, EARLY, EARLY),
)
OLDER = {"command_type": "DEVICE", "devices": [A], "command": "UPDATE_HEARTBEAT", "device_type": "all"}
WINDOW = {"name": "Night", "start_datetime": "2026-03-01T00:00:00Z", "end_datetime": "2026-03-02T00:00:00Z"}

Run = Callable[[EsperClient, Path], Awaitable[Any] | AsyncIterator[Any]]


class Call(NamedTuple):
    """One use of one method. `refused` are operations that shall not be answered, and the status they get instead."""

    run: Run
    refused: Mapping[str, int] = {}


def changed(known: Enterprise) -> Enterprise:
    """The company with everything that can be written changed."""
    fields = ("name", "registered_name", "address", "location", "postcode", "contact_person", "contact_number")
    return msgspec.structs.replace(known, contact_email="new@example.com", **dict.fromkeys(fields, "12345"))


CALLS: dict[str, Call] = {
    "client.token_info": Call(lambda c, _: c.token_info()),
    "client.enterprise": Call(lambda c, _: c.enterprise()),
    "client.device_pages": Call(lambda c, _: c.device_pages()),
    "client.device_pages (two a page)": Call(lambda c, _: c.device_pages(limit=2, at_once=2, ordering="-created_at")),
    "client.device_pages (older)": Call(lambda c, _: c.device_pages(), {"listDevicesV2": 404}),
    "client.device": Call(lambda c, _: c.device(A)),
    "client.device (older)": Call(lambda c, _: c.device(A), {"getDeviceV2": 404}),
    "client.group_pages": Call(lambda c, _: c.group_pages()),
    "client.tag_pages": Call(lambda c, _: c.tag_pages()),
    "client.app_pages": Call(lambda c, _: c.app_pages()),
    "client.version_pages": Call(lambda c, _: c.version_pages(A)),
    "client.installed_on": Call(lambda c, _: c.installed_on(A, B)),
    "client.device_apps": Call(lambda c, _: c.device_apps(A)),
    "client.device_apps (newer)": Call(lambda c, _: c.device_apps(A), {"getDeviceApps": 404}),
    "client.send_command": Call(lambda c, _: c.send_command(body("REBOOT", {}, [A, B], "console-1"))),
    "client.command_request": Call(lambda c, _: c.command_request(A)),
    "client.command_requests": Call(lambda c, _: c.command_requests()),
    "client.command_stats": Call(lambda c, _: c.command_stats(A)),
    "client.command_statuses": Call(lambda c, _: c.command_statuses(request_id=A, device_id=B, state="Command Success")),
    "client.cancel_command": Call(lambda c, _: c.cancel_command(A, "No need")),
    "client.cancel_command (too late)": Call(lambda c, _: c.cancel_command(A, "No need"), {"updateCommandStatus": 304}),
    "client.operation": Call(lambda c, _: c.operation(A)),
    "client.device_operations": Call(lambda c, _: c.device_operations(A, state=50, ordering="-created_at")),
    "client.device_operation": Call(lambda c, _: c.device_operation(A, B)),
    "client.operations_of_device": Call(lambda c, _: c.operations_of_device(A)),
    "account.enterprise": Call(lambda c, _: c.account.enterprise()),
    "account.change_enterprise": Call(lambda c, _: c.account.change_enterprise(COMPANY, changed(COMPANY))),
    "account.renew_token": Call(lambda c, _: c.account.renew_token()),
    "account.user": Call(lambda c, _: c.account.user()),
    "account.feature_flags": Call(lambda c, _: c.account.feature_flags()),
    "devices.pages": Call(lambda c, _: c.devices.pages(100, 1, "")),
    "devices.one": Call(lambda c, _: c.devices.one(A)),
    "devices.v0": Call(lambda c, _: c.devices.v0(A)),
    "devices.v1": Call(lambda c, _: c.devices.v1(A, with_policy=True)),
    "devices.v2": Call(lambda c, _: c.devices.v2(A)),
    "devices.set_tags": Call(lambda c, _: c.devices.set_tags(A, ["one", "two"])),
    "devices.set_tags (none)": Call(lambda c, _: c.devices.set_tags(A, [])),
    "devices.delete": Call(lambda c, _: c.devices.delete(A)),
    "devices.apps": Call(lambda c, _: c.devices.apps(A)),
    "devices.apps_v1": Call(
        lambda c, _: c.devices.apps_v1(A, package="com.example", search="x", kind="GOOGLE", state="SHOW")
    ),
    "devices.apps_v2": Call(lambda c, _: c.devices.apps_v2(A, kind="VPP")),
    "devices.app": Call(lambda c, _: c.devices.app(A, B)),
    "devices.installs": Call(
        lambda c, _: c.devices.installs(A, package="com.example", name="App", state="INSTALL_SUCCESS")
    ),
    "devices.latest_event": Call(lambda c, _: c.devices.latest_event(A)),
    "devices.settings": Call(lambda c, _: c.devices.settings(A)),
    "devices.heartbeat": Call(lambda c, _: c.devices.heartbeat(A)),
    "devices.heartbeats": Call(lambda c, _: c.devices.heartbeats(EARLY, LATE, platform="ANDROID")),
    "groups.pages": Call(lambda c, _: c.groups.pages(name="All devices")),
    "groups.one": Call(lambda c, _: c.groups.one(A)),
    "groups.subgroups": Call(lambda c, _: c.groups.subgroups([A, B], immediate=False)),
    "groups.create": Call(lambda c, _: c.groups.create("Shelf", A)),
    "groups.create (below the root)": Call(lambda c, _: c.groups.create("Shelf")),
    "groups.rename": Call(lambda c, _: c.groups.rename(A, "Floor")),
    "groups.move": Call(lambda c, _: c.groups.move(A, B)),
    "groups.add": Call(lambda c, _: c.groups.add(A, [B, C, B])),
    "groups.remove": Call(lambda c, _: c.groups.remove(A, [B])),
    "groups.delete": Call(lambda c, _: c.groups.delete(A)),
    "tags.pages": Call(lambda c, _: c.tags.pages(search="a", ordering="tag")),
    "tags.one": Call(lambda c, _: c.tags.one(A)),
    "geofences.pages": Call(lambda c, _: c.geofences.pages(search="Yard")),
    "geofences.one": Call(lambda c, _: c.geofences.one(A)),
    "geofences.create": Call(lambda c, _: c.geofences.create(DRAFT)),
    "geofences.create (least)": Call(lambda c, _: c.geofences.create(BARE)),
    "geofences.create_and_apply": Call(lambda c, _: c.geofences.create_and_apply(DRAFT, [A, B])),
    "geofences.replace": Call(lambda c, _: c.geofences.replace(A, DRAFT)),
    "geofences.change": Call(lambda c, _: c.geofences.change(OTHER, DRAFT)),
    "geofences.delete": Call(lambda c, _: c.geofences.delete(A)),
    "policies.pages": Call(lambda c, _: c.policies.pages(name="Strict", active=True)),
    "policies.one": Call(lambda c, _: c.policies.one("7")),
    "policies.create": Call(lambda c, _: c.policies.create(RULES)),
    "policies.create (least)": Call(lambda c, _: c.policies.create(PolicyDraft(name="Least"))),
    "policies.replace": Call(lambda c, _: c.policies.replace("7", RULES)),
    "policies.change": Call(lambda c, _: c.policies.change(Policy(id="7", name="Old"), RULES)),
    "policies.delete": Call(lambda c, _: c.policies.delete("7")),
    "subscriptions.pages": Call(lambda c, _: c.subscriptions.pages()),
    "subscriptions.one": Call(lambda c, _: c.subscriptions.one(A)),
    "subscriptions.create": Call(lambda c, _: c.subscriptions.create("123456789012")),
    "subscriptions.delete": Call(lambda c, _: c.subscriptions.delete(A)),
    "telemetry.series": Call(lambda c, _: c.telemetry.series(A, "battery", "level", after=EARLY, before=LATE)),
    "apps.pages": Call(lambda c, _: c.apps.pages(application_name="App", package_name="com.example", is_hidden=False)),
    "apps.pages (v1)": Call(lambda c, _: c.apps.pages(is_hidden=True, with_links=False, v1=True)),
    "apps.one": Call(lambda c, _: c.apps.one(A)),
    "apps.one (v1)": Call(lambda c, _: c.apps.one(A, v1=True)),
    "apps.delete": Call(lambda c, _: c.apps.delete(A)),
    "apps.delete (v1)": Call(lambda c, _: c.apps.delete(A, v1=True)),
    "apps.upload": Call(lambda c, folder: c.apps.upload(folder / "file")),
    "apps.versions": Call(lambda c, _: c.apps.versions(A, version_code="1.0", build_number="7")),
    "apps.versions (v1)": Call(lambda c, _: c.apps.versions(A, v1=True)),
    "apps.version": Call(lambda c, _: c.apps.version(A, B)),
    "apps.version (v1)": Call(lambda c, _: c.apps.version(A, B, v1=True)),
    "apps.delete_version": Call(lambda c, _: c.apps.delete_version(A, B)),
    "apps.delete_version (v1)": Call(lambda c, _: c.apps.delete_version(A, B, v1=True)),
    "apps.download": Call(lambda c, folder: c.apps.download(A, B, folder / "package")),
    "apps.download (v1)": Call(lambda c, folder: c.apps.download(A, B, folder / "package", v1=True)),
    "apps.installed_on": Call(lambda c, _: c.apps.installed_on(A, B, search="x")),
    "apps.installed_on (v1)": Call(lambda c, _: c.apps.installed_on(A, B, v1=True)),
    "tenant_apps.pages": Call(lambda c, _: c.tenant_apps.pages(app_name="App")),
    "tenant_apps.versions": Call(lambda c, _: c.tenant_apps.versions(A)),
    "content.pages": Call(lambda c, _: c.content.pages(search="notes")),
    "content.one": Call(lambda c, _: c.content.one("7")),
    "content.upload": Call(lambda c, folder: c.content.upload(folder / "file", name="notes.txt")),
    "content.modify": Call(lambda c, _: c.content.modify("7", tags=["one"], description="Notes")),
    "content.delete": Call(lambda c, _: c.content.delete("7")),
    "content.download": Call(lambda c, folder: c.content.download("7", folder / "notes")),
    "commands.send": Call(lambda c, _: c.commands.send(body("LOCK", {}, [A], "console-2"))),
    "commands.request": Call(lambda c, _: c.commands.request(A)),
    "commands.requests": Call(lambda c, _: c.commands.requests(10)),
    "commands.stats": Call(lambda c, _: c.commands.stats(A)),
    "commands.statuses": Call(
        lambda c, _: c.commands.statuses(request_ids=[A, B], device_ids=[C], state="Command Queued", with_internal=False)
    ),
    "commands.status": Call(lambda c, _: c.commands.status(A)),
    "commands.cancel": Call(lambda c, _: c.commands.cancel(A, "No need")),
    "legacy_commands.create": Call(lambda c, _: c.legacy_commands.create(OLDER)),
    "legacy_commands.run": Call(lambda c, _: c.legacy_commands.run(A, "REBOOT")),
    "legacy_commands.one": Call(lambda c, _: c.legacy_commands.one(A, B)),
    "legacy_commands.run_on_group": Call(lambda c, _: c.legacy_commands.run_on_group(A, "LOCK")),
    "legacy_commands.one_of_group": Call(lambda c, _: c.legacy_commands.one_of_group(A, B)),
    "legacy_commands.requests": Call(
        lambda c, _: c.legacy_commands.requests(
            command_type="DEVICE", device_ids=[A, B], device_type="all", command="REBOOT", issued_by="someone"
        )
    ),
    "legacy_commands.statuses": Call(
        lambda c, _: c.legacy_commands.statuses(A, device_id=B, state="Command Success")
    ),
    "legacy_commands.history": Call(lambda c, _: c.legacy_commands.history(A, state="Command Success")),
    "operations.pages": Call(lambda c, _: c.operations.pages()),
    "operations.one": Call(lambda c, _: c.operations.one(A)),
    "operations.create": Call(
        lambda c, _: c.operations.create(
            "REBOOT", arguments={}, device_request={"search": "x"}, schedule_args=WINDOW
        )
    ),
    "operations.create (least)": Call(lambda c, _: c.operations.create("REBOOT")),
    "operations.cancel": Call(lambda c, _: c.operations.cancel(A, "No need")),
    "operations.devices": Call(lambda c, _: c.operations.devices(A)),
    "operations.device": Call(lambda c, _: c.operations.device(A, B)),
    "operations.cancel_device": Call(lambda c, _: c.operations.cancel_device(A, B, "No need")),
    "operations.of_device": Call(lambda c, _: c.operations.of_device(A)),
    "remote_viewer.pages": Call(
        lambda c, _: c.remote_viewer.pages(FILTER, order=SessionField.DURATION, descending=False)
    ),
    "remote_viewer.pages (other path)": Call(lambda c, _: c.remote_viewer.pages(), {"listRemoteSessions": 404}),
}  # fmt: skip
"""By method, with a word in brackets where there are several."""

UNCALLED = {
    "client.open": "every call begins with it",
    "client.close": "every call ends with it",
}
"""Public methods without a call of their own, and why."""

UNASKED = {
    "updateGroup": "the same as partialUpdateGroup, which the client uses because it leaves alone what it does not name",
}
"""Operations that no method uses, and why."""
