"""An Android device as the older service writes it, schema Device.

Invariant: groups, policy and the like come as addresses and tags as texts; a record holds ids where there are ids.
"""

from msgspec import Struct

from app.esper.answers import Form, identified
from app.esper.device_words import charging, degrees, locked, some, state_number
from app.esper.wording import Loose, address, first, flag, ident, megabytes, moment, number, text
from app.records import Device
from app.states import Platform


class _Hardware(Struct, rename="camel"):
    brand: Loose = None
    model: Loose = None
    manufacturer: Loose = None
    serial_number: Loose = None
    custom_serial_number: Loose = None


class _Software(Struct, rename="camel"):
    android_version: Loose = None
    security_patch_level: Loose = None
    esper_version: Loose = None


class _Network(Struct, rename="camel"):
    imei1: Loose = None
    imei2: Loose = None
    wifi_mac_address: Loose = None
    wifi_ssid: Loose = None
    ip_address: list[Loose] | Loose = None
    sim_operator: list[Loose] | Loose = None


class _Memory(Struct, rename="camel"):
    total_ram: Loose = None
    total_internal_storage: Loose = None
    available_ram: Loose = None
    available_internal_storage: Loose = None


class _Battery(Struct):
    battery_level: Loose = None
    battery_charging: Loose = None
    battery_state: Loose = None


class _Location(Struct):
    latitude: Loose = None
    longitude: Loose = None


class _Device(Struct):
    id: Loose = None
    url: Loose = None
    device_name: Loose = None
    alias_name: Loose = None
    policy_name: Loose = None
    status: Loose = None
    state: Loose = None
    groups: list[Loose] | Loose = None
    tags: list[Loose] | None = None
    template_name: Loose = None
    softwareInfo: _Software | None = None
    hardwareInfo: _Hardware | None = None
    networkInfo: _Network | None = None
    memoryInfo: _Memory | None = None
    battery_stats: _Battery | None = None
    location_stats: _Location | None = None
    provisioned_on: Loose = None
    created_on: Loose = None
    updated_on: Loose = None
    last_seen: Loose = None
    is_gms: Loose = None
    esper_client: Loose = None
    assigned_blueprint_id: Loose = None
    current_blueprint_id: Loose = None
    current_app_mode: Loose = None
    kiosk_app_name: Loose = None
    lockdown_state: Loose = None
    is_locked_down: Loose = None
    timezone_string: Loose = None


_NO_HARDWARE, _NO_SOFTWARE, _NO_NETWORK, _NO_MEMORY = _Hardware(), _Software(), _Network(), _Memory()
_NO_BATTERY, _NO_PLACE = _Battery(), _Location()


def _device(wire: _Device, raw: bytes) -> Device:
    hardware = wire.hardwareInfo or _NO_HARDWARE
    software = wire.softwareInfo or _NO_SOFTWARE
    network = wire.networkInfo or _NO_NETWORK
    memory = wire.memoryInfo or _NO_MEMORY
    battery = wire.battery_stats or _NO_BATTERY
    place = wire.location_stats or _NO_PLACE
    groups = wire.groups if isinstance(wire.groups, list) else [wire.groups]
    status = state_number(wire.status)
    return Device(
        id=identified(first(wire.id, wire.url), "a device"),
        name=text(wire.device_name),
        alias=text(wire.alias_name),
        state=status if status is not None else state_number(wire.state),
        platform=Platform.ANDROID.value,
        os="Android",
        os_version=text(software.android_version),
        last_seen=moment(wire.last_seen),
        group_id=next(filter(None, map(ident, groups)), ""),
        model=text(hardware.model),
        brand=text(hardware.brand),
        manufacturer=text(hardware.manufacturer),
        serial=text(hardware.serial_number),
        custom_serial=text(hardware.custom_serial_number),
        imei1=text(network.imei1),
        imei2=text(network.imei2),
        security_patch=text(software.security_patch_level),
        agent_version=first(wire.esper_client, software.esper_version),
        is_gms=flag(wire.is_gms),
        tags=tuple(filter(None, map(text, wire.tags or ()))),
        blueprint=first(wire.current_blueprint_id, wire.assigned_blueprint_id),
        policy=text(wire.policy_name),
        template=text(wire.template_name),
        app_mode=text(wire.current_app_mode),
        kiosk_app=text(wire.kiosk_app_name),
        locked_down=locked(wire.is_locked_down, wire.lockdown_state),
        battery_level=number(battery.battery_level),
        battery_charging=charging(battery.battery_charging, battery.battery_state),
        storage_free=megabytes(memory.available_internal_storage),
        storage_total=megabytes(memory.total_internal_storage),
        ram_free=megabytes(memory.available_ram),
        ram_total=megabytes(memory.total_ram),
        wifi_ssid=text(network.wifi_ssid),
        ip=address(network.ip_address),
        mac=text(network.wifi_mac_address),
        operator=some(network.sim_operator),
        timezone=text(wire.timezone_string),
        latitude=degrees(place.latitude, 90.0),
        longitude=degrees(place.longitude, 180.0),
        registered_at=moment(wire.provisioned_on),
        created_at=moment(wire.created_on),
        updated_at=moment(wire.updated_on),
        raw=raw,
    )


DEVICE_V1 = Form(_Device, _device)
