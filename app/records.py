"""The records: facts as the server gave them, under our names.

Invariant: records are immutable, know no wire names, and keep the whole server document in `raw` where there is one,
so an unknown field or enum value is never lost. Times are seconds since 1970 in UTC; None means the server did not say.
"""

from typing import Any

import msgspec


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One managed device. Sizes in MB, battery in percent, signal in dBm, positions in degrees."""

    id: str
    name: str = ""
    alias: str = ""
    state: int | None = None
    platform: str = ""
    os: str = ""
    os_version: str = ""
    last_seen: float | None = None
    group_id: str = ""
    model: str = ""
    brand: str = ""
    manufacturer: str = ""
    serial: str = ""
    custom_serial: str = ""
    imei1: str = ""
    imei2: str = ""
    security_patch: str = ""
    agent_version: str = ""
    is_gms: bool | None = None
    tags: tuple[str, ...] = ()
    blueprint: str = ""
    policy: str = ""
    template: str = ""
    app_mode: str = ""
    kiosk_app: str = ""
    locked_down: bool | None = None
    battery_level: float | None = None
    battery_charging: bool | None = None
    storage_free: float | None = None
    storage_total: float | None = None
    ram_free: float | None = None
    ram_total: float | None = None
    wifi_ssid: str = ""
    wifi_signal: float | None = None
    ip: str = ""
    mac: str = ""
    operator: str = ""
    timezone: str = ""
    latitude: float | None = None
    longitude: float | None = None
    registered_at: float | None = None
    created_at: float | None = None
    updated_at: float | None = None
    raw: bytes = b""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A device group. `parent_id` is empty for the root; `path` joins the names, root first, with slashes."""

    id: str
    name: str = ""
    parent_id: str = ""
    path: str = ""
    device_count: int = 0
    children_count: int = 0
    created_at: float | None = None
    raw: bytes = b""


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag's id and text."""

    id: str
    text: str = ""


class App(msgspec.Struct, frozen=True, kw_only=True):
    """An application of the tenant's library."""

    id: str
    name: str = ""
    package: str = ""
    developer: str = ""
    category: str = ""
    is_hidden: bool | None = None
    created_at: float | None = None
    updated_at: float | None = None
    raw: bytes = b""


class AppVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One uploaded version of an application. `size` in MB."""

    id: str
    app_id: str
    version: str = ""
    build: str = ""
    size: float | None = None
    hash: str = ""
    track: str = ""
    installed_count: int | None = None
    created_at: float | None = None
    raw: bytes = b""


class TenantApp(msgspec.Struct, frozen=True, kw_only=True):
    """An application of the library for Apple and Windows devices."""

    id: str
    name: str = ""
    package: str = ""
    platform: str = ""
    created_by: str = ""
    created_at: float | None = None
    updated_at: float | None = None
    raw: bytes = b""


class TenantAppVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version of such an application; the contract names nothing of it but the id."""

    id: str
    app_id: str
    raw: bytes = b""


class DeviceApp(msgspec.Struct, frozen=True, kw_only=True):
    """An application on one device."""

    id: str
    device_id: str
    name: str = ""
    package: str = ""
    version: str = ""
    build: str = ""
    kind: str = ""
    state: str = ""
    raw: bytes = b""


class DeviceInstall(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to install an app version on a device, or to take it away; `state` as in InstallState or its label."""

    id: str
    device_id: str
    name: str = ""
    package: str = ""
    version_id: str = ""
    version: str = ""
    build: str = ""
    state: str = ""
    reason: str = ""
    created_at: float | None = None
    updated_at: float | None = None
    raw: bytes = b""


class DeviceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What a device last reported of itself. Sizes in MB, signal in dBm, link speed in Mbit/s; `data` is all of it."""

    id: str
    device_id: str
    at: float | None = None
    battery_level: float | None = None
    battery_temperature: float | None = None
    downloaded: float | None = None
    uploaded: float | None = None
    ram: float | None = None
    storage: float | None = None
    wifi_ssid: str = ""
    wifi_signal: float | None = None
    link_speed: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    kiosk_app: str = ""
    data: dict[str, Any] = {}
    raw: bytes = b""


class DeviceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings as a device last reported them. `screen_off` in milliseconds; modes as on the wire."""

    device_id: str
    gps_mode: str = ""
    rotation: str = ""
    wifi: bool | None = None
    bluetooth: bool | None = None
    adb: bool | None = None
    remote_adb: bool | None = None
    brightness: int | None = None
    screen_off: int | None = None
    saved_networks_only: bool | None = None
    raw: bytes = b""


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """When a device was last seen."""

    device_id: str
    at: float | None = None


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a telemetry series; None where the device reported nothing in that time."""

    at: float
    value: float | None = None


class InstalledOn(msgspec.Struct, frozen=True, kw_only=True):
    """A device that has a certain app version."""

    device_id: str
    device_name: str = ""
    alias: str = ""
    group_name: str = ""


class TokenInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the key says of itself. The key is not part of the record."""

    enterprise_id: str
    user: str = ""
    scope: tuple[str, ...] = ()
    expires_at: float | None = None
    developer_app: str = ""


class Enterprise(msgspec.Struct, frozen=True, kw_only=True):
    """The tenant's company."""

    id: str
    name: str = ""
    short_code: str = ""
    registered_name: str = ""
    address: str = ""
    location: str = ""
    postcode: str = ""
    contact_person: str = ""
    contact_number: str = ""
    contact_email: str = ""
    raw: bytes = b""


class CommandRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the server keeps it. `args` may hold secrets: never show or store it unredacted.

    `counts`, from wire state to number of devices, come from the older service only.
    """

    id: str
    command: str = ""
    command_type: str = ""
    alias: str = ""
    devices: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    args: dict[str, Any] = {}
    schedule: str = ""
    reason: str = ""
    created_by: str = ""
    created_at: float | None = None
    counts: dict[str, int] = {}


class CommandStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One command on one device, `state` as on the wire. The last four come from the older service only."""

    id: str
    request_id: str = ""
    device_id: str = ""
    state: str = ""
    reason: str = ""
    created_at: float | None = None
    updated_at: float | None = None
    command: str = ""
    issued_by: str = ""
    device_name: str = ""
    requeued: int | None = None


class LegacyCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A command of the oldest generation, on one device or one group. `args` may hold secrets."""

    id: str
    target_id: str = ""
    command: str = ""
    state: str = ""
    details: str = ""
    args: dict[str, Any] = {}
    issued_by: str = ""
    created_at: float | None = None
    updated_at: float | None = None


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """A state and when it was reached."""

    state: str
    at: float | None = None


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of the tenant. `stats` are counts by outcome."""

    id: str
    operation: str = ""
    state: str = ""
    reason: str = ""
    created_by: str = ""
    created_at: float | None = None
    updated_at: float | None = None
    activity: tuple[Activity, ...] = ()
    stats: dict[str, int] = {}
    raw: bytes = b""


class DeviceOperation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation on one device."""

    id: str
    operation_id: str = ""
    device_id: str = ""
    state: str = ""
    reason: str = ""
    created_at: float | None = None
    updated_at: float | None = None
    activity: tuple[Activity, ...] = ()


class RemoteSession(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody looked at a device from afar. `duration` in seconds, None until the session has ended."""

    id: str
    device_id: str = ""
    device_name: str = ""
    device_alias: str = ""
    device_state: int | None = None
    state: str = ""
    reason: str = ""
    video_quality: str = ""
    duration: float | None = None
    created_by: str = ""
    updated_by: str = ""
    created_at: float | None = None
    updated_at: float | None = None
    raw: bytes = b""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the tenant's content library. `size` in bytes, `hash` as the server gives it."""

    id: str
    name: str = ""
    key: str = ""
    path: str = ""
    kind: str = ""
    is_folder: bool | None = None
    size: int | None = None
    hash: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    permissions: str = ""
    owner: str = ""
    created_at: float | None = None
    modified_at: float | None = None
    raw: bytes = b""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Which parts of the store changed. `kind`: devices, groups, tags, apps, versions, installs, jobs, health.

    `ids` is empty where everything of the kind may have changed.
    """

    kind: str
    ids: frozenset[str] = frozenset()
