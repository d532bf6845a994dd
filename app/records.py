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
    raw: bytes = b""


class CommandRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the server keeps it. `args` may hold secrets: never show or store it unredacted."""

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


class CommandStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One command on one device, `state` as on the wire."""

    id: str
    request_id: str = ""
    device_id: str = ""
    state: str = ""
    reason: str = ""
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


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Which parts of the store changed. `kind`: devices, groups, tags, apps, versions, installs, jobs, health.

    `ids` is empty where everything of the kind may have changed.
    """

    kind: str
    ids: frozenset[str] = frozenset()
