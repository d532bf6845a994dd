"""What a device reports of itself: the latest event, its settings, its heartbeat, its installations.

Invariant: an event's data is read alike as an object, as JSON in a text and as the literal that older agents write; what
is none of these is an event without data, never an error.
"""

import ast
import json
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from app.esper.answers import Form, identified
from app.esper.device_words import degrees
from app.esper.wording import Loose, first, flag, ident, megabytes, moment, number, text, whole
from app.records import DeviceEvent, DeviceInstall, DeviceSettings, Heartbeat

# A literal of this length is no event, and parsing it would hold the window up.
_LONGEST_LITERAL = 100_000


class _Version(Struct):
    app_version_id: Loose = None
    version_code: Loose = None
    build_number: Loose = None


class _Application(Struct):
    application_name: Loose = None
    package_name: Loose = None
    version: _Version | None = None


class _Install(Struct):
    id: Loose = None
    application: _Application | None = None
    install_state: Loose = None
    reason_details: Loose = None
    created_on: Loose = None
    updated_on: Loose = None


class _Event(Struct):
    id: Loose = None
    data: dict[str, Any] | Loose = None
    created_on: Loose = None


class _Settings(Struct):
    gps_state: Loose = None
    rotation_state: Loose = None
    wifi_state: Loose = None
    bluetooth_state: Loose = None
    adb_enabled: Loose = None
    remote_adb_enabled: Loose = None
    brightness_scale: Loose = None
    screen_off_timeout: Loose = None
    use_only_saved_ap: Loose = None


class _Heartbeat(Struct):
    device_id: Loose = None
    timestamp: Loose = None


def installs_on(device_id: str) -> Form[DeviceInstall]:
    """Schema AppInstall; the state may be a constant or its label."""

    def install(wire: _Install, raw: bytes) -> DeviceInstall:
        application = wire.application or _Application()
        version = application.version or _Version()
        return DeviceInstall(
            id=identified(wire.id, "an installation"),
            device_id=device_id,
            name=text(application.application_name),
            package=text(application.package_name),
            version_id=text(version.app_version_id),
            version=text(version.version_code),
            build=text(version.build_number),
            state=text(wire.install_state),
            reason=text(wire.reason_details),
            created_at=moment(wire.created_on),
            updated_at=moment(wire.updated_on),
            raw=raw,
        )

    return Form(_Install, install)


def events_of(device_id: str) -> Form[DeviceEvent]:
    """Schema DeviceEvent; `data` a text or an object."""

    def event(wire: _Event, raw: bytes) -> DeviceEvent:
        data = wire.data if isinstance(wire.data, dict) else _literal(text(wire.data))
        battery = _inside(data, "powerManagementEvent", "batteryStatus")
        usage = _inside(data, "dataUsageStats")
        network = _inside(data, "networkEvent")
        wifi = _inside(network, "wifiNetworkInfo")
        place = _inside(data, "locationEvent")
        memory = list(_sizes(data.get("memoryEvents")))
        return DeviceEvent(
            id=identified(wire.id, "an event"),
            device_id=device_id,
            at=moment(wire.created_on) or moment(_plain(network, "createTime")),
            battery_level=number(_plain(battery, "batteryLevel")),
            battery_temperature=number(_plain(battery, "batteryTemperature")),
            downloaded=megabytes(_plain(usage, "totalDataDownload")),
            uploaded=megabytes(_plain(usage, "totalDataUpload")),
            ram=memory[0] if memory else None,
            storage=memory[1] if len(memory) > 1 else None,
            wifi_ssid=first(_plain(wifi, "wifiSSID"), _plain(wifi, "wifiSsid")),
            wifi_signal=number(_plain(wifi, "signalStrength")),
            link_speed=number(_plain(wifi, "linkSpeed")),
            latitude=degrees(_plain(place, "locationLats"), 90.0),
            longitude=degrees(_plain(place, "locationLongs"), 180.0),
            kiosk_app=text(_plain(data, "kioskAppName")),
            data=data,
            raw=raw,
        )

    return Form(_Event, event)


def settings_of(device_id: str) -> Form[DeviceSettings]:
    """Schema DeviceSettingsState, which names no device."""

    def settings(wire: _Settings, raw: bytes) -> DeviceSettings:
        return DeviceSettings(
            device_id=device_id,
            gps_mode=text(wire.gps_state),
            rotation=text(wire.rotation_state),
            wifi=flag(wire.wifi_state),
            bluetooth=flag(wire.bluetooth_state),
            adb=flag(wire.adb_enabled),
            remote_adb=flag(wire.remote_adb_enabled),
            brightness=whole(wire.brightness_scale),
            screen_off=whole(wire.screen_off_timeout),
            saved_networks_only=flag(wire.use_only_saved_ap),
            raw=raw,
        )

    return Form(_Settings, settings)


def _heartbeat(wire: _Heartbeat, raw: bytes) -> Heartbeat:
    return Heartbeat(device_id=ident(identified(wire.device_id, "a heartbeat")), at=moment(wire.timestamp))


HEARTBEAT = Form(_Heartbeat, _heartbeat)


def _literal(written: str) -> dict[str, Any]:
    """The mapping in a text: JSON, or what Python prints; empty where it is neither."""
    found: Any = None
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        if len(written) <= _LONGEST_LITERAL:
            try:
                found = ast.literal_eval(written.strip())
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                found = None
    return {str(key): value for key, value in found.items()} if isinstance(found, dict) else {}


def _inside(data: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        inner = data.get(key)
        data = inner if isinstance(inner, dict) else {}
    return data


def _plain(data: Mapping[str, Any], key: str) -> Loose:
    value = data.get(key)
    return value if isinstance(value, str | int | float) else None


def _sizes(events: Any) -> Iterator[float | None]:
    """MB of each memory event: the first is RAM, the second storage, whatever their types are called."""
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict):
            yield megabytes(_plain(event, "countInMb"), "MB")
