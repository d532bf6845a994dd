"""A device of any platform as the newer service writes it, schema DeviceV2.

Invariant: the info objects are open and vary by platform, so where the contract leaves a key open the known spellings
are tried in order; the whole document stays in `raw`.
"""

from msgspec import Struct

from app.esper.answers import Form, identified
from app.esper.device_words import charging, degrees, locked, platform_of, some, state_number
from app.esper.wording import Loose, address, first, flag, ident, megabytes, moment, number, text
from app.records import Device


class _Hardware(Struct):
    brand: Loose = None
    model: Loose = None
    model_number: Loose = None
    manufacturer: Loose = None
    serial: Loose = None
    serial_number: Loose = None
    custom_serial: Loose = None
    custom_serial_number: Loose = None


class _Agent(Struct):
    version_name: Loose = None


class _Software(Struct):
    os: Loose = None
    os_version: Loose = None
    security_path_level: Loose = None
    security_patch_level: Loose = None
    security_patch: Loose = None
    esper_agent_info: _Agent | None = None
    timezone: Loose = None


class _Network(Struct):
    imei1: Loose = None
    imei2: Loose = None
    wifi_mac_address: Loose = None
    ethernet_mac_address: Loose = None
    mac_address: Loose = None
    sim_operator: list[Loose] | Loose = None
    operator: Loose = None


class _Wifi(Struct):
    wifi_ssid: Loose = None
    ssid: Loose = None
    wifi_signal_strength: Loose = None
    signal_strength: Loose = None
    wifi_ip_address: Loose = None


class _Cellular(Struct):
    sim_operator: list[Loose] | Loose = None
    operator: Loose = None
    operator_name: Loose = None
    carrier: Loose = None


class _NetworkStats(Struct):
    wifi_network_info: _Wifi | None = None
    cellular_network_info: _Cellular | None = None
    ip_address: list[Loose] | Loose = None
    ethernet_ip_address: list[Loose] | Loose = None
    mac_address: Loose = None


class _Memory(Struct):
    total_ram: Loose = None
    total_memory: Loose = None
    total_internal_storage: Loose = None
    available_ram: Loose = None
    available_internal_storage: Loose = None
    units: Loose = None


class _Battery(Struct):
    battery_level: Loose = None
    battery_charging: Loose = None
    is_charging: Loose = None
    charging: Loose = None
    battery_state: Loose = None
    battery_status: Loose = None


class _Location(Struct):
    latitude: Loose = None
    longitude: Loose = None


class _Blueprint(Struct):
    current_blueprint_name: Loose = None
    blueprint_name: Loose = None
    name: Loose = None
    current_blueprint_id: Loose = None
    assigned_blueprint_id: Loose = None


class _Policy(Struct):
    policy_name: Loose = None
    name: Loose = None


class _Device(Struct):
    id: Loose = None
    name: Loose = None
    device_name: Loose = None
    alias: Loose = None
    alias_name: Loose = None
    os: Loose = None
    platform: Loose = None
    state: Loose = None
    serial: Loose = None
    custom_serial_number: Loose = None
    os_version: Loose = None
    group_id: Loose = None
    tags: list[Loose] | None = None
    provisioned_on: Loose = None
    onboarded_on: Loose = None
    last_seen: Loose = None
    hardware_info: _Hardware | None = None
    software_info: _Software | None = None
    network_info: _Network | None = None
    network_stats: _NetworkStats | None = None
    memory_info: _Memory | None = None
    memory_stats: _Memory | None = None
    battery_stats: _Battery | None = None
    location_stats: _Location | None = None
    blueprint_info: _Blueprint | None = None
    policy: _Policy | Loose = None
    policy_name: Loose = None
    template_name: Loose = None
    app_mode: Loose = None
    current_app_mode: Loose = None
    kiosk_app: Loose = None
    kiosk_app_name: Loose = None
    dpc_version: Loose = None
    is_gms: Loose = None
    is_locked_down: Loose = None
    lockdown_state: Loose = None
    timezone: Loose = None
    timezone_string: Loose = None
    created_at: Loose = None
    updated_at: Loose = None


_NO_HARDWARE, _NO_SOFTWARE, _NO_NETWORK, _NO_STATS = _Hardware(), _Software(), _Network(), _NetworkStats()
_NO_MEMORY, _NO_BATTERY, _NO_PLACE, _NO_BLUEPRINT = _Memory(), _Battery(), _Location(), _Blueprint()
_NO_WIFI, _NO_CELL, _NO_AGENT = _Wifi(), _Cellular(), _Agent()


def _device(wire: _Device, raw: bytes) -> Device:
    hardware = wire.hardware_info or _NO_HARDWARE
    software = wire.software_info or _NO_SOFTWARE
    network = wire.network_info or _NO_NETWORK
    stats = wire.network_stats or _NO_STATS
    wifi = stats.wifi_network_info or _NO_WIFI
    cell = stats.cellular_network_info or _NO_CELL
    memory, free = wire.memory_info or _NO_MEMORY, wire.memory_stats or _NO_MEMORY
    battery = wire.battery_stats or _NO_BATTERY
    place = wire.location_stats or _NO_PLACE
    plan = wire.blueprint_info or _NO_BLUEPRINT
    policy = wire.policy if isinstance(wire.policy, _Policy) else _Policy()
    return Device(
        id=identified(wire.id, "a device"),
        name=first(wire.name, wire.device_name),
        alias=first(wire.alias, wire.alias_name),
        state=state_number(wire.state),
        platform=text(wire.platform).upper() or platform_of(first(wire.os, software.os)),
        os=first(wire.os, software.os),
        os_version=first(wire.os_version, software.os_version),
        last_seen=moment(wire.last_seen),
        group_id=ident(wire.group_id),
        model=first(hardware.model, hardware.model_number),
        brand=text(hardware.brand),
        manufacturer=text(hardware.manufacturer),
        serial=first(wire.serial, hardware.serial, hardware.serial_number),
        custom_serial=first(hardware.custom_serial_number, hardware.custom_serial, wire.custom_serial_number),
        imei1=text(network.imei1),
        imei2=text(network.imei2),
        security_patch=first(software.security_path_level, software.security_patch_level, software.security_patch),
        agent_version=first((software.esper_agent_info or _NO_AGENT).version_name, wire.dpc_version),
        is_gms=flag(wire.is_gms),
        tags=tuple(filter(None, map(text, wire.tags or ()))),
        blueprint=first(
            plan.current_blueprint_name,
            plan.blueprint_name,
            plan.name,
            plan.current_blueprint_id,
            plan.assigned_blueprint_id,
        ),
        policy=first(policy.policy_name, policy.name, wire.policy_name),
        template=text(wire.template_name),
        app_mode=first(wire.current_app_mode, wire.app_mode),
        kiosk_app=first(wire.kiosk_app_name, wire.kiosk_app),
        locked_down=locked(wire.is_locked_down, wire.lockdown_state),
        battery_level=number(battery.battery_level),
        battery_charging=charging(
            battery.battery_charging,
            battery.is_charging,
            battery.charging,
            battery.battery_state,
            battery.battery_status,
        ),
        storage_free=megabytes(free.available_internal_storage, free.units),
        storage_total=_either(
            megabytes(memory.total_internal_storage, memory.units), megabytes(free.total_internal_storage, free.units)
        ),
        ram_free=megabytes(free.available_ram, free.units),
        ram_total=_either(megabytes(memory.total_ram, memory.units), megabytes(free.total_memory, free.units)),
        wifi_ssid=first(wifi.wifi_ssid, wifi.ssid),
        wifi_signal=_either(number(wifi.wifi_signal_strength), number(wifi.signal_strength)),
        ip=address(stats.ip_address) or address(wifi.wifi_ip_address) or address(stats.ethernet_ip_address),
        mac=first(network.wifi_mac_address, network.mac_address, stats.mac_address, network.ethernet_mac_address),
        operator=first(
            some(cell.sim_operator), cell.operator_name, cell.operator, cell.carrier, some(network.sim_operator),
            network.operator,
        ),
        timezone=first(wire.timezone_string, wire.timezone, software.timezone),
        latitude=degrees(place.latitude, 90.0),
        longitude=degrees(place.longitude, 180.0),
        registered_at=_either(moment(wire.provisioned_on), moment(wire.onboarded_on)),
        created_at=moment(wire.created_at),
        updated_at=moment(wire.updated_at),
        raw=raw,
    )  # fmt: skip


def _either(one: float | None, other: float | None) -> float | None:
    return one if one is not None else other


DEVICE_V2 = Form(_Device, _device)
