"""What a device measures and reports: battery, memory, network, settings.

Invariant: values are those of the last heartbeat, so an offline device reports nothing newer than it was seen.
Sources: contract schemas DeviceEvent, DeviceSettingsState; the contract's wire facts.
"""

from typing import NamedTuple

from app.sandbox.device_facts import Document, kiosk_of, moment
from app.sandbox.fleet import CONNECTIONS
from app.sandbox.hardware import MODELS
from app.sandbox.places import CITIES
from app.sandbox.software import NETWORKS, OPERATORS
from app.sandbox.world import World


class Measured(NamedTuple):
    """What moves with the time. Sizes in MB, signal in dBm, temperature in degrees Celsius."""

    seen: float
    battery: int
    charging: bool
    ram_free: int
    storage_free: int
    signal: int
    temperature: float


def measure(world: World, number: int, at: float | None = None) -> Measured:
    """What the device reported at its last heartbeat, or at a moment before it."""
    seen = world.presence.last_seen(number, world.now) if at is None else at
    battery, charging = world.presence.battery_at(number, seen)
    model, noise = MODELS[world.fleet.model[number]], int(world.fleet.noise[number])
    wave = (noise + int(seen) // 60) % 17
    ram_free = model.ram * (12 + noise % 40) // 100 + wave * 8
    storage_free = model.storage * (80 + noise // 64 % 700)
    return Measured(seen, battery, charging, ram_free, storage_free, -45 - noise % 40 - wave % 5, 24.0 + wave / 2)


def connection_of(world: World, number: int, measured: Measured) -> Document:
    fleet, noise = world.fleet, int(world.fleet.noise[number])
    connection = CONNECTIONS[fleet.connection[number]]
    wifi = connection == "WIFI"
    sim = MODELS[fleet.model[number]].sim
    return {
        "current_active_connection": connection if world.presence.online(number) else None,
        "wifi_network_info": {
            "wifi_ssid": NETWORKS[fleet.network[number]],
            "signal_strength": measured.signal,
            "link_speed": 72 + noise % 800,
            "frequency": 5180 if noise % 3 else 2437,
        }
        if wifi
        else None,
        "cellular_network_info": {
            "sim_operator": OPERATORS[noise % len(OPERATORS)],
            "signal_strength": measured.signal - 30,
        }
        if sim
        else None,
        "ip_address": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        "dns": "10.0.0.53",
        "bluetooth_state": bluetooth_of(world, number),
    }


def events(world: World, number: int) -> list[float]:
    """When the device reported its status: at its last heartbeat, and hourly in the day before; newest first."""
    if world.fleet.bare[number]:
        return []
    seen, begun = world.presence.last_seen(number, world.now), float(world.fleet.provisioned[number])
    return [seen, *(at for hours in range(1, 24) if (at := seen - 3600.0 * hours) > begun)]


def telemetry(world: World, number: int, base: str, at: float | None = None) -> Document:
    """The newest status event, or an earlier one. `data` is an object whose memory events give RAM first, then storage
    (wire fact)."""
    measured = measure(world, number, at)
    network = connection_of(world, number, measured)
    place, settings = CITIES[world.fleet.city[number]], settings_of(world, number)
    wifi = network["wifi_network_info"]
    return {
        "id": number * 1_000_000 + int(measured.seen) % 1_000_000,
        "data": {
            "powerManagementEvent": {
                "powerSource": "AC" if measured.charging else "BATTERY",
                "powerStatus": "CHARGING" if measured.charging else "DISCHARGING",
                "batteryStatus": {
                    "batteryPresent": True,
                    "batteryState": "CHARGING" if measured.charging else "DISCHARGING",
                    "batteryHealth": "GOOD",
                    "batteryLevel": measured.battery,
                    "batteryScale": 100,
                    "batteryTemperature": measured.temperature,
                },
            },
            "memoryEvents": [
                {"eventType": "AVAILABLE_RAM_MEASURED", "countInMb": measured.ram_free},
                {"eventType": "AVAILABLE_INTERNAL_STORAGE_MEASURED", "countInMb": measured.storage_free},
                {
                    "eventType": "OS_OCCUPIED_STORAGE_MEASURED",
                    "countInMb": MODELS[world.fleet.model[number]].storage * 110,
                },
            ],
            "networkEvent": {
                "createTime": moment(measured.seen),
                "currentActiveConnection": network["current_active_connection"],
                "ipAddress": network["ip_address"],
                "wifiNetworkInfo": wifi
                and {
                    "wifiSSID": wifi["wifi_ssid"],
                    "signalStrength": wifi["signal_strength"],
                    "linkSpeed": wifi["link_speed"],
                    "frequency": wifi["frequency"],
                },
            },
            "dataUsageStats": {"totalDataDownload": 1200 + number % 900, "totalDataUpload": 80 + number % 90},
            "locationEvent": {
                "locationLats": str(place.latitude),
                "locationLongs": str(place.longitude),
                "locationAlts": "35.0",
            },
            "audioSettings": [{"audioStream": s, "volumeLevel": v} for s, v in settings["audio_settings"].items()],
            "brightnessScale": settings["brightness_scale"],
            "screenOffTimeout": settings["screen_off_timeout"],
            "rotationState": settings["rotation_state"],
            "gpsState": settings["gps_state"],
            "bluetoothState": settings["bluetooth_state"],
            "kioskAppName": kiosk_of(world, number),
        },
        "created_on": moment(measured.seen),
        "device": f"{base}/enterprise/{world.enterprise_id}/device/{world.fleet.device_id(number)}/",
        "enterprise": f"{base}/enterprise/{world.enterprise_id}/",
    }


def settings_of(world: World, number: int) -> Document:
    """Settings as last reported: the maker's, changed by what commands have set."""
    given = world.effects.settings.get(number, {})
    streams = {
        stream: given.get(stream, 60)
        for stream in ("STREAM_RING", "STREAM_NOTIFICATION", "STREAM_ALARM", "STREAM_MUSIC")
    }
    noise = int(world.fleet.noise[number])
    return {
        "gps_state": given.get("gps_state", "LOCATION_MODE_HIGH_ACCURACY"),
        "wifi_state": given.get("wifi_state", True),
        "adb_enabled": False,
        "adb_timeout": 0,
        "remote_adb_enabled": False,
        "audio_settings": streams,
        "rotation_state": given.get("rotation_state", "AUTO"),
        "bluetooth_state": bluetooth_of(world, number),
        "brightness_scale": given.get("brightness_scale", 30 + noise % 70),
        "screen_off_timeout": given.get("screen_off_timeout", 300_000),
        "use_only_saved_ap": given.get("use_only_saved_ap", False),
    }


def bluetooth_of(world: World, number: int) -> bool:
    """Whether Bluetooth is on."""
    given = world.effects.settings.get(number)
    on = None if given is None else given.get("bluetooth_state")
    return bool(on) if on is not None else int(world.fleet.noise[number]) % 3 == 0
