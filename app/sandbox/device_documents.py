"""Devices as the contract's JSON: the any-platform form (v2) and the older Android form (v1).

Invariant: both forms are written from the same facts. Nothing of the client's reading of the contract is used.
Sources: contract schemas DeviceV2 and Device; the contract's wire facts.
"""

from app.sandbox.device_facts import (
    Document,
    agent_of,
    foundation_of,
    global_id_of,
    hardware_of,
    kiosk_of,
    location_of,
    moment,
    network_of,
    os_version_of,
    policy_of,
    software_of,
    source_of,
    tags_of,
    template_of,
    timezone_of,
    udid_of,
)
from app.sandbox.fleet import NO_APP
from app.sandbox.hardware import MODELS
from app.sandbox.software import BLUEPRINTS
from app.sandbox.telemetry import connection_of, measure
from app.sandbox.world import World


def device_v2(world: World, number: int) -> Document:
    """A device of any platform. Absent keys do not apply to its platform; a bare device lacks all that may be lacking."""
    fleet, ids = world.fleet, world.ids
    model = MODELS[fleet.model[number]]
    core: Document = {
        "id": fleet.device_id(number),
        "name": world.identity.name(number),
        "alias": world.identity.alias(number),
        "os": model.os,
        "platform": model.platform,
        "state": int(fleet.state[number]),
        "serial": world.identity.serial(number),
        "group_id": fleet.groups.all[fleet.group[number]].id,
        "tenant_id": world.enterprise_id,
        "created_at": moment(fleet.created[number]),
        "updated_at": moment(fleet.updated[number]),
    }
    if fleet.bare[number]:
        lacking = (
            "os_version",
            "tags",
            "last_seen",
            "hardware_info",
            "network_stats",
            "battery_stats",
            "blueprint_info",
        )
        tags = (
            {"tags": [ids.make("tag", tag) for tag in tags_of(world, number)]} if world.labels.were_set(number) else {}
        )
        return core | dict.fromkeys(lacking) | tags
    measured, noise = measure(world, number), int(fleet.noise[number])
    blueprint = int(fleet.blueprint[number])
    assigned = ids.make("blueprint", blueprint) if blueprint >= 0 else None
    behind = bool(fleet.outdated[number])
    return core | {
        "os_version": os_version_of(world, number),
        "global_device_id": global_id_of(world, number),
        "tags": [ids.make("tag", tag) for tag in tags_of(world, number)],
        "udid": udid_of(world, number),
        "provisioned_on": moment(fleet.provisioned[number]),
        "onboarded_on": moment(fleet.provisioned[number] + 240.0),
        "last_seen": moment(measured.seen),
        "hardware_info": hardware_of(world, number) | {"serial": core["serial"]},
        "software_info": software_of(world, number),
        "network_info": network_of(world, number),
        "memory_info": {"total_ram": model.ram, "total_internal_storage": model.storage * 1000},
        "network_stats": connection_of(world, number, measured),
        "location_stats": location_of(world, number),
        "memory_stats": {
            "available_ram": measured.ram_free,
            "available_internal_storage": measured.storage_free,
            "os_occupied_storage": model.storage * 110,
        },
        "cpu_stats": {"usage_percentage": 3 + noise % 60},
        "battery_stats": {
            "battery_level": measured.battery,
            "is_charging": measured.charging,
            "battery_state": "CHARGING" if measured.charging else "DISCHARGING",
            "battery_health": "GOOD",
            "battery_temperature": measured.temperature,
            "power_source": "AC" if measured.charging else "BATTERY",
        },
        "blueprint_info": {
            "assigned_blueprint_id": assigned,
            "current_blueprint_id": assigned,
            "current_blueprint_version_id": ids.make("blueprint-version", blueprint) if blueprint >= 0 else None,
            "blueprint_upgrade_status": None if blueprint < 0 else "UPGRADABLE" if behind else "UPGRADED",
            "assigned_blueprint_name": BLUEPRINTS[blueprint] if blueprint >= 0 else None,
        },
        "policy": policy_of(world, number),
        "managed_by": "ESPER",
        "provisioned_with": "QR" if model.platform == "ANDROID" else "ESPER_AGENT",
        "template_name": template_of(world, number),
        "device_source": source_of(world, number),
        "dpc_version": agent_of(world, number),
        "eea_version": foundation_of(world, number),
        "is_gms": bool(fleet.gms[number]),
        "is_seamless": False,
        "is_supervised": model.platform == "APPLE",
        "is_locked_down": bool(fleet.locked[number]),
        "lockdown_state": "LOCKED" if fleet.locked[number] else "UNLOCKED",
        "is_esper_managed": True,
        "current_app_mode": "KIOSK" if fleet.kiosk[number] != NO_APP else "MULTI_APP",
        "kiosk_app_name": kiosk_of(world, number),
        "timezone_string": timezone_of(world, number),
        "mqtt_topic": None,
        "fcm_id": None,
        "created_by": "admin@example.com",
        "updated_by": None,
    }


def device_v1(world: World, number: int, base: str) -> Document:
    """An Android device in the older form; `base` is the address that resource addresses start with."""
    fleet, noise = world.fleet, int(world.fleet.noise[number])
    enterprise = f"{base}/enterprise/{world.enterprise_id}/"
    device_id = fleet.device_id(number)
    core: Document = {
        "id": device_id,
        "url": f"{enterprise}device/{device_id}/",
        "device_name": world.identity.name(number),
        "alias_name": world.identity.alias(number),
        "status": int(fleet.state[number]),
        "state": int(fleet.state[number]),
        "enterprise": enterprise,
        "groups": [f"{enterprise}devicegroup/{fleet.groups.all[fleet.group[number]].id}/"],
        "hardwareInfo": {"manufacturer": MODELS[fleet.model[number]].manufacturer},
        "created_on": moment(fleet.created[number]),
        "updated_on": moment(fleet.updated[number]),
        "is_gms": bool(fleet.gms[number]),
        "is_active": True,
    }
    if fleet.bare[number]:
        lacking = (
            "tags",
            "policy",
            "api_level",
            "softwareInfo",
            "networkInfo",
            "memoryInfo",
            "emm_device",
            "template_name",
        )
        tags = {"tags": world.labels.texts_of(number)} if world.labels.were_set(number) else {}
        return core | dict.fromkeys(lacking) | tags
    hardware, software, network = hardware_of(world, number), software_of(world, number), network_of(world, number)
    model, policy = MODELS[fleet.model[number]], int(fleet.policy[number])
    return core | {
        "policy_name": world.policies.all[policy].name if policy >= 0 else None,
        "policy": f"{enterprise}policy/{policy + 1}/" if policy >= 0 else None,
        "current_command": None,
        "suid": None,
        "fcm_id": None,
        "user": None,
        "tags": world.labels.texts_of(number),
        "api_level": software["api_level"],
        "template_name": template_of(world, number),
        "mqtt_id": None,
        "softwareInfo": {
            "androidVersion": software["os_version"],
            "androidBuildNumber": software["os_build_number"],
            "securityPatchLevel": software["security_patch_level"],
            "apiLevel": software["api_level"],
            "kernelVersion": software["kernel_version"],
            "agentVersion": agent_of(world, number),
        },
        "hardwareInfo": {
            "brand": hardware["brand"],
            "model": hardware["model"],
            "manufacturer": hardware["manufacturer"],
            "serialNumber": world.identity.serial(number),
            "customSerialNumber": hardware["custom_serial_number"],
            "hardware": hardware["hardware"],
        },
        "displays": {"displayInfos": [{"resolution": "1920x1200", "refreshRate": 60}]},
        "networkInfo": {
            "imei1": network["imei1"],
            "imei2": network["imei2"],
            "wifiMacAddress": network["wifi_mac_address"],
            "iccid1": network["iccid1"],
            "phoneNumber1": None,
        },
        "memoryInfo": {"totalRam": model.ram, "totalInternalStorage": model.storage * 1000},
        "audioConstraints": None,
        "provisioned_on": moment(fleet.provisioned[number]),
        "emm_device": {
            "id": number + 1,
            "google_device_id": f"{noise:016x}",
            "managementType": "managedDevice",
            "device": device_id,
            "google_user": None,
            "policy": None,
            "created_on": moment(fleet.provisioned[number]),
            "updated_on": moment(fleet.provisioned[number]),
            "is_active": True,
        },
        "timezone_string": timezone_of(world, number),
        "last_seen": moment(world.presence.last_seen(number, world.now)),
        "kiosk_app_name": kiosk_of(world, number),
    }
