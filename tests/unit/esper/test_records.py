"""Contract documents become records: every noun, in the shapes the contract and its notes on the wire show."""

import json
from typing import Any

import pytest

from app.errors import UnexpectedAnswer
from app.esper import account, apps, commands, device_apps, groups, operations, tags
from app.esper.device_v1 import DEVICE_V1
from app.esper.device_v2 import DEVICE_V2
from app.records import Activity, Device, InstalledOn, Tag

ENTERPRISE = "https://foo-api.esper.cloud/api/enterprise/361e02d1-1c28-4449-8244-3d9b2bdfc824"
AT, AT_SECONDS = "2026-11-21T07:14:08Z", 1795245248.0


def raw(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


def test_a_device_of_the_newer_service() -> None:
    document = raw(
        {
            "id": "d1", "name": "ESP-1", "alias": "Till 1", "os": "Android", "platform": "ANDROID", "state": 60,
            "serial": "S1", "group_id": "g1", "tags": ["t1", "t2"], "provisioned_on": AT, "last_seen": AT,
            "created_at": AT, "updated_at": AT, "is_gms": True, "is_locked_down": False, "template_name": "T",
            "policy": {"policy_id": 7, "policy_name": "P"}, "current_app_mode": "KIOSK", "kiosk_app_name": "com.example.k",
            "hardware_info": {"brand": "b", "model": "m", "manufacturer": "f", "custom_serial_number": "C1"},
            "software_info": {
                "os_version": "14", "security_path_level": "2026-10-01", "esper_agent_info": {"version_name": "9.1"},
            },
            "network_info": {"imei1": "1", "imei2": "2", "wifi_mac_address": "02:00"},
            "network_stats": {
                "wifi_network_info": {"wifi_ssid": "Shop", "wifi_signal_strength": -61}, "ip_address": ["fe80::1", "10.0.0.7"],
                "cellular_network_info": {"sim_operator": ["Telco"]},
            },
            "memory_info": {"total_ram": "4", "total_internal_storage": "64", "units": "GB"},
            "memory_stats": {"available_ram": 1062, "available_internal_storage": 30848},
            "battery_stats": {"battery_level": 87, "battery_state": "Charging"},
            "location_stats": {"latitude": "48.2", "longitude": 16.4},
            "blueprint_info": {"assigned_blueprint_id": "bp0", "current_blueprint_id": "bp1"},
            "timezone_string": "Europe/Vienna",
        }
    )  # fmt: skip
    assert DEVICE_V2.read(document) == Device(
        id="d1", name="ESP-1", alias="Till 1", state=60, platform="ANDROID", os="Android", os_version="14",
        last_seen=AT_SECONDS, group_id="g1", model="m", brand="b", manufacturer="f", serial="S1", custom_serial="C1",
        imei1="1", imei2="2", security_patch="2026-10-01", agent_version="9.1", is_gms=True, tags=("t1", "t2"),
        blueprint="bp1", policy="P", template="T", app_mode="KIOSK", kiosk_app="com.example.k", locked_down=False,
        battery_level=87.0, battery_charging=True, storage_free=30848.0, storage_total=64000.0, ram_free=1062.0,
        ram_total=4000.0, wifi_ssid="Shop", wifi_signal=-61.0, ip="10.0.0.7", mac="02:00", operator="Telco",
        timezone="Europe/Vienna", latitude=48.2, longitude=16.4, registered_at=AT_SECONDS, created_at=AT_SECONDS,
        updated_at=AT_SECONDS, raw=document,
    )  # fmt: skip


def test_a_device_of_the_older_service() -> None:
    document = raw(
        {
            "id": "d1", "device_name": "ESP-1", "alias_name": None, "status": 1, "state": 60, "policy_name": "P",
            "policy": f"{ENTERPRISE}/policy/7/", "groups": [f"{ENTERPRISE}/devicegroup/g1/"], "tags": ["till", "blue"],
            "softwareInfo": {"androidVersion": "13", "securityPatchLevel": "2026-10-01"},
            "hardwareInfo": {"brand": "b", "model": "m", "manufacturer": "f", "serialNumber": "S1", "customSerialNumber": "C1"},
            "networkInfo": {"imei1": "1", "imei2": None, "wifiMacAddress": "02:00"},
            "memoryInfo": {"totalRam": 4096, "totalInternalStorage": 64_000_000_000},
            "provisioned_on": AT, "created_on": AT, "updated_on": AT, "is_gms": True,
        }
    )  # fmt: skip
    assert DEVICE_V1.read(document) == Device(
        id="d1", name="ESP-1", state=1, platform="ANDROID", os="Android", os_version="13", group_id="g1", model="m",
        brand="b", manufacturer="f", serial="S1", custom_serial="C1", imei1="1", security_patch="2026-10-01",
        is_gms=True, tags=("till", "blue"), policy="P", storage_total=64000.0, ram_total=4096.0, mac="02:00",
        registered_at=AT_SECONDS, created_at=AT_SECONDS, updated_at=AT_SECONDS, raw=document,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "state"),
    [(1, 1), ("60", 60), (75, 75), ("ONLINE", 1), ("offline", 60), ("Wipe in progress", 70), ("SLEEPING", None),
     (True, None), (None, None), (2**40, None), (-5, None)],
)  # fmt: skip
def test_device_states_come_as_numbers_and_sometimes_as_words(written: Any, state: int | None) -> None:
    assert DEVICE_V2.read(raw({"id": "d1", "state": written})).state == state


@pytest.mark.parametrize(
    ("os", "platform"),
    [
        ("Android", "ANDROID"),
        ("iPadOS", "APPLE"),
        ("tvOS", "APPLE"),
        ("ubuntu", "LINUX"),
        ("Windows", "WINDOWS"),
        ("Haiku", ""),
    ],
)
def test_a_missing_platform_follows_from_the_operating_system(os: str, platform: str) -> None:
    assert DEVICE_V2.read(raw({"id": "d1", "os": os})).platform == platform


def test_a_place_outside_the_globe_is_no_place() -> None:
    device = DEVICE_V2.read(raw({"id": "d1", "location_stats": {"latitude": "91", "longitude": 16}}))
    assert (device.latitude, device.longitude) == (None, 16.0)


def test_a_group_and_its_parent() -> None:
    group = groups.GROUP.read(
        raw(
            {
                "id": "g2",
                "name": "North",
                "parent": f"{ENTERPRISE}/devicegroup/g1/",
                "path": "All devices/North",
                "device_count": 7,
            }
        )
    )
    assert (group.id, group.parent_id, group.path, group.device_count) == ("g2", "g1", "All devices/North", 7)
    assert groups.GROUP.read(raw({"id": "g1", "parent": None})).parent_id == ""
    assert groups.GROUP.read(raw({"id": "g3", "parent": {"id": "g1", "name": "x"}})).parent_id == "g1"


def test_a_tag_without_an_id_is_known_by_its_text() -> None:
    assert tags.TAG.read(raw({"id": "t1", "tag": "till"})) == Tag(id="t1", text="till")
    assert tags.TAG.read(raw({"tag": "till"})) == Tag(id="till", text="till")


def test_the_key_s_facts_leave_the_key_out() -> None:
    document = {
        "id": "17", "enterprise": "Foo [361e02d1-1c28-4449-8244-3d9b2bdfc824]", "user": "a@example.com", "token": "SECRET1",
        "source_refresh_token": "SECRET2", "scope": ["read", "write"], "expires_on": AT, "developer_app": None,
    }  # fmt: skip
    info = account.TOKEN.read(raw(document))
    assert info.enterprise_id == "361e02d1-1c28-4449-8244-3d9b2bdfc824"
    assert (info.scope, info.expires_at) == (("read", "write"), AT_SECONDS)
    assert "SECRET" not in repr(info)


def test_a_key_that_names_no_enterprise_is_an_error() -> None:
    with pytest.raises(UnexpectedAnswer):
        account.TOKEN.read(raw({"id": "17", "enterprise": None}))


def test_an_app_its_version_and_where_it_is() -> None:
    app = apps.APP.read(
        raw({"id": "a1", "application_name": "Till", "package_name": "com.example.t", "is_hidden": False})
    )
    assert (app.name, app.package, app.is_hidden) == ("Till", "com.example.t", False)
    version = apps._version_of("a1").read(
        raw({"id": "v1", "version_code": "1.2", "build_number": "12", "size_in_mb": "26.2", "installed_count": 3})
    )
    assert (version.app_id, version.version, version.build, version.size, version.installed_count) == (
        "a1",
        "1.2",
        "12",
        26.2,
        3,
    )
    install = apps.INSTALL.read(raw({"id": "d1", "device_name": "ESP-1", "alias_name": None, "group_name": "North"}))
    assert install == InstalledOn(device_id="d1", device_name="ESP-1", group_name="North")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"app_name": "Till", "package_name": "p", "version_name": "1.2", "version_code": "12"},
            ("Till", "p", "1.2", "12"),
        ),
        ({"application": {"application_name": "Till", "package_name": "p"}}, ("Till", "p", "", "")),
        ({"app_id": "a1", "bundle_id": "b", "apple_app_version": "3"}, ("a1", "b", "3", "")),
    ],
)
def test_apps_of_a_device_in_three_shapes(document: dict[str, Any], expected: tuple[str, ...]) -> None:
    app = device_apps._on_device("d1").read(raw({"id": "x", **document}))
    assert (app.name, app.package, app.version, app.build) == expected
    assert app.device_id == "d1"


def test_a_command_request_of_both_services() -> None:
    document = {
        "id": "c1",
        "command_type": "DEVICE",
        "command": "NEW_ONE",
        "alias": "fc-1",
        "devices": ["d1"],
        "command_args": None,
    }
    newer = commands.REQUEST.read(raw({**document, "created_by": "a@example.com", "created_at": AT}))
    older = commands.REQUEST.read(
        raw({**document, "issued_by": {"id": 3, "username": "a@example.com"}, "created_on": AT})
    )
    assert newer == older
    assert (newer.command, newer.alias, newer.devices, newer.args) == ("NEW_ONE", "fc-1", ("d1",), {})
    assert (newer.created_by, newer.created_at) == ("a@example.com", AT_SECONDS)


def test_a_command_status_names_its_device_by_id_or_address() -> None:
    for device in ("d1", f"{ENTERPRISE}/device/d1/"):
        status = commands.STATUS.read(raw({"id": "s1", "request": "c1", "device": device, "state": "Command Melted"}))
        assert (status.device_id, status.request_id, status.state) == ("d1", "c1", "Command Melted")


def test_counts_by_state() -> None:
    document = {
        "id": "c1",
        "status": [{"state": "Command Success", "total": 2}, {"state": "Command Queued", "total": "3"}],
    }
    assert commands.STATS.read(raw(document)) == {"Command Success": 2, "Command Queued": 3}
    for broken in ({"id": "c1"}, {"id": "c1", "status": [{"state": "Command Success"}]}):
        with pytest.raises(UnexpectedAnswer):
            commands.STATS.read(raw(broken))


def test_an_operation_with_its_trail_and_counts() -> None:
    operation = operations.OPERATION.read(
        raw(
            {
                "id": "o1", "operation": "REBOOT", "state": "DISPATCHING",
                "operation_activity": [{"operation_state": "CREATED", "created_at": AT}],
                "operation_stats": {"device_operation_statuses_count": {"resolved_device_count": 7, "note": "x"}},
            }
        )
    )  # fmt: skip
    assert operation.activity == (Activity(state="CREATED", at=AT_SECONDS),)
    assert operation.stats == {"resolved_device_count": 7}
    assert operations.OPERATION.read(raw({"id": "o1", "operation_stats": {"total": 3, "more": {}}})).stats == {
        "total": 3
    }


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("CREATED", "CREATED"),
        (60, "FAILURE"),
        ("SUCCEDED", "SUCCESS"),
        ("FAILED", "FAILURE"),
        ("MELTED", "MELTED"),
        (61, "61"),
    ],
)
def test_states_of_a_device_operation_in_all_their_spellings(written: Any, state: str) -> None:
    document = {"id": "x", "operation_id": "o1", "device_id": "d1", "state": written}
    assert operations.DEVICE_OPERATION.read(raw(document)).state == state
