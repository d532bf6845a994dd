"""What a device is: the parts of its document that only commands change.

Invariant: a function here reads the fleet and writes nothing; a None means the fact does not apply to the device.
"""

from datetime import UTC, datetime
from typing import Any

from app.sandbox.fleet import NO_APP, PLATFORMS
from app.sandbox.hardware import API_LEVELS, MODELS
from app.sandbox.places import CITIES
from app.sandbox.software import AGENTS, FOUNDATIONS, PATCHES, TEMPLATES
from app.sandbox.world import World

Document = dict[str, Any]


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as the datetime that JSON shows as RFC 3339 in UTC, to the millisecond."""
    return datetime.fromtimestamp(int(float(seconds) * 1000) / 1000, UTC)


def tags_of(world: World, number: int) -> list[int]:
    """Places of the device's tags in the tenant's list."""
    return world.labels.of(number)


def template_of(world: World, number: int) -> str | None:
    template = int(world.fleet.template[number])
    return TEMPLATES[template] if template >= 0 and world.fleet.blueprint[number] < 0 else None


def agent_of(world: World, number: int) -> str:
    return AGENTS[world.fleet.agent[number]]


def os_version_of(world: World, number: int) -> str:
    versions = MODELS[world.fleet.model[number]].os_versions
    return str(versions[world.fleet.os_version[number] % len(versions)])


def global_id_of(world: World, number: int) -> str:
    return f"{int(world.fleet.noise[number]):016x}"


def udid_of(world: World, number: int) -> str | None:
    apple = PLATFORMS[world.fleet.platform[number]] == "APPLE"
    return f"{int(world.fleet.noise[number]):024x}".upper() if apple else None


def foundation_of(world: World, number: int) -> str | None:
    noise = int(world.fleet.noise[number])
    return FOUNDATIONS[noise % len(FOUNDATIONS)] if noise % 5 == 0 else None


def source_of(world: World, number: int) -> str:
    return "DEP" if PLATFORMS[world.fleet.platform[number]] == "APPLE" else "ESPER"


def timezone_of(world: World, number: int) -> str:
    given = world.effects.settings.get(number, {}).get("timezone_string")
    return str(given) if given is not None else CITIES[world.fleet.city[number]].timezone


def kiosk_of(world: World, number: int) -> str | None:
    kiosk = int(world.fleet.kiosk[number])
    return world.library.apps[kiosk].package if kiosk != NO_APP else None


def hardware_of(world: World, number: int) -> Document:
    model = MODELS[world.fleet.model[number]]
    return {
        "brand": model.brand,
        "model": model.model,
        "manufacturer": model.manufacturer,
        "custom_serial_number": world.identity.custom_serial(number),
        "hardware": model.chip,
    }


def software_of(world: World, number: int) -> Document:
    fleet = world.fleet
    model = MODELS[fleet.model[number]]
    version = os_version_of(world, number)
    android = model.platform == "ANDROID"
    return {
        "os_version": version,
        "os_build_number": f"{model.chip}.{version}.{fleet.patch[number] + 1:03d}",
        "security_patch_level": PATCHES[fleet.patch[number]] if android else None,
        "api_level": API_LEVELS.get(version) if android else None,
        "kernel_version": "5.10.198" if android else None,
        "esper_agent_info": {
            "version_name": agent_of(world, number),
            "version_code": 70_000 + int(fleet.agent[number]),
        },
    }


def network_of(world: World, number: int) -> Document:
    imei1, imei2 = world.identity.imeis(number)
    noise = int(world.fleet.noise[number])
    return {
        "imei1": imei1,
        "imei2": imei2,
        "wifi_mac_address": world.identity.mac(number),
        "ethernet_mac_address": world.identity.mac(number, 1) if world.fleet.connection[number] == 2 else None,
        "bluetooth_mac_address": world.identity.mac(number, 2),
        "iccid1": f"8949{noise % 10**15:015d}" if imei1 else None,
        "iccid2": None,
    }


def location_of(world: World, number: int) -> Document:
    """Within a few kilometres of the city: text, but numbers on Linux (contract, DeviceV2)."""
    city, noise = CITIES[world.fleet.city[number]], int(world.fleet.noise[number])
    latitude = round(city.latitude + (noise % 2000 - 1000) / 25_000, 6)
    longitude = round(city.longitude + (noise // 2000 % 2000 - 1000) / 25_000, 6)
    place = {"latitude": latitude, "longitude": longitude, "altitude": 35.0}
    linux = PLATFORMS[world.fleet.platform[number]] == "LINUX"
    return dict(place) if linux else {key: str(value) for key, value in place.items()}


def policy_of(world: World, number: int) -> Document | None:
    policy = int(world.fleet.policy[number])
    return {"id": policy + 1, "name": world.policies.all[policy].name} if policy >= 0 else None
