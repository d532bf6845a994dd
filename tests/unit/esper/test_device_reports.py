"""One device of every generation: which path is asked, what it reports, and what is written."""

import json
from typing import Any

import pytest
from starlette.responses import Response

from app.errors import NotFound, UnexpectedAnswer
from app.esper.client import EsperClient
from app.esper.device_reports import events_of
from tests.unit.esper.asking import ask, calls, page, rows
from tests.unit.esper.server import Seen, breaking, document, serving

EVENT = {
    "powerManagementEvent": {"batteryStatus": {"batteryLevel": 81, "batteryTemperature": "30.5"}},
    "dataUsageStats": {"totalDataDownload": 12.5, "totalDataUpload": 3},
    "memoryEvents": [{"eventType": "RAM", "countInMb": 1024}, {"eventType": "STORAGE", "countInMb": 20480}],
    "networkEvent": {
        "createTime": "2026-01-02T03:04:05Z",
        "wifiNetworkInfo": {"linkSpeed": 72, "signalStrength": -61, "wifiSSID": "Store"},
    },
    "locationEvent": {"locationLats": "52.5", "locationLongs": "13.4", "locationAlts": 34},
    "kioskAppName": "com.example.till",
    "audioSettings": [{"audioStream": 1, "volumeLevel": 5}],
}
DEVICE = {"id": "d1", "device_name": "ESP-1", "name": "ESP-1", "state": 1, "tags": ["a"]}


@pytest.mark.parametrize("written", [EVENT, json.dumps(EVENT), str(EVENT)], ids=["object", "json", "literal"])
def test_the_latest_event_is_read_alike_in_every_writing(written: Any) -> None:
    found = {"id": 5, "data": written, "created_on": "2026-01-02T03:05:00Z", "device": "https://x/device/d1/"}
    with serving(lambda seen: page([found])) as server:
        event = ask(server.url, lambda opened: opened.devices.latest_event("d1"))
    assert calls(server.seen) == [("GET", "/enterprise/e1/device/d1/status/")]
    assert server.seen[0].query["latest_event"] == "1"
    assert event is not None
    assert (event.id, event.device_id, event.battery_level, event.battery_temperature) == ("5", "d1", 81.0, 30.5)
    assert (event.downloaded, event.uploaded, event.ram, event.storage) == (12.5, 3.0, 1024.0, 20480.0)
    assert (event.wifi_ssid, event.wifi_signal, event.link_speed) == ("Store", -61.0, 72.0)
    assert (event.latitude, event.longitude, event.kiosk_app) == (52.5, 13.4, "com.example.till")
    assert event.data["audioSettings"] == [{"audioStream": 1, "volumeLevel": 5}]


def test_a_device_that_never_reported_has_no_event() -> None:
    with serving(lambda seen: page([])) as server:
        assert ask(server.url, lambda opened: opened.devices.latest_event("d1")) is None


@pytest.mark.parametrize(
    "data",
    [
        None,
        "",
        "nothing of the kind",
        "[1]",
        "__import__('os').getcwd()",
        "(" * 5000,
        "{" * 3000,
        "{1: " * 900,
        7,
        True,
    ],
)
def test_data_that_is_no_mapping_is_an_event_without_data(data: Any) -> None:
    event = events_of("d1").read(json.dumps({"id": 1, "data": data}).encode())
    assert (event.data, event.battery_level) == ({}, None)


def test_every_generation_of_one_device_has_its_own_path() -> None:
    async def question(opened: EsperClient) -> list[str]:
        devices = opened.devices
        found = [await devices.v2("d1"), await devices.v1("d1", with_policy=True), await devices.v0("d1")]
        return [device.name for device in found]

    with serving(lambda seen: document({"code": 200, "content": DEVICE})) as server:
        assert ask(server.url, question) == ["ESP-1"] * 3
    assert [seen.path for seen in server.seen] == [
        "/v2/devices/d1",
        "/enterprise/e1/device/d1/",
        "/device/v0/devices/d1/",
    ]
    assert server.seen[1].query == {"show_policy": "true"}


def test_tags_are_replaced_whole_each_once_and_asked_for_again_after_a_lost_answer() -> None:
    body = json.dumps(DEVICE).encode()
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    with breaking(b"", whole) as server:
        device = ask(server.url, lambda opened: opened.devices.set_tags("d1", ["a", "b", "a"]))
    assert device.tags == ("a",)
    assert calls(server.seen) == [("PATCH", "/enterprise/e1/device/d1/")] * 2
    assert json.loads(server.seen[0].body) == {"tags": ["a", "b"]}


def test_a_deleted_device_is_gone_whatever_the_answer_holds() -> None:
    with serving(lambda seen: Response(status_code=204)) as server:
        ask(server.url, lambda opened: opened.devices.delete("d/1"))
    assert calls(server.seen) == [("DELETE", "/device/v0/devices/d/1/")]
    assert server.seen[0].body == b""


def test_a_device_that_was_not_there_to_delete_is_not_found() -> None:
    with serving(lambda seen: document({"errors": []}, 404)) as server, pytest.raises(NotFound):
        ask(server.url, lambda opened: opened.devices.delete("d1"))


def test_a_delete_whose_answer_was_lost_finds_nothing_the_second_time_and_is_done() -> None:
    gone = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    with breaking(b"", gone) as server:
        ask(server.url, lambda opened: opened.devices.delete("d1"))
    assert [seen.method for seen in server.seen] == ["DELETE", "DELETE"]


def test_installations_are_filtered_and_keep_label_and_version() -> None:
    found = {
        "id": "i1",
        "application": {
            "application_name": "Till",
            "package_name": "com.example.till",
            "version": {"app_version_id": "v1", "version_code": "2.1", "build_number": "21"},
        },
        "install_state": "Install Success",
        "reason_details": None,
        "created_on": "2026-01-02T03:04:05Z",
    }
    with serving(lambda seen: page([found])) as server:
        [install] = ask(
            server.url, lambda opened: rows(opened.devices.installs("d1", package="com.x", state="INSTALL_SUCCESS"))
        )
    assert (install.name, install.version_id, install.version, install.build) == ("Till", "v1", "2.1", "21")
    assert (install.state, install.device_id, install.reason) == ("Install Success", "d1", "")
    query = server.seen[0].query
    assert (server.seen[0].path, query["package_name"], query["install_state"]) == (
        "/enterprise/e1/device/d1/install/", "com.x", "INSTALL_SUCCESS",
    )  # fmt: skip


def test_settings_come_bare_and_name_the_device_asked_about() -> None:
    found = {"gps_state": "LOCATION_MODE_ON", "wifi_state": True, "adb_enabled": "false", "screen_off_timeout": 30000}
    with serving(lambda seen: document(found)) as server:
        settings = ask(server.url, lambda opened: opened.devices.settings("d1"))
    assert server.seen[0].path == "/device/v0/devices/d1/devicestate"
    assert (settings.device_id, settings.gps_mode, settings.wifi, settings.adb) == (
        "d1",
        "LOCATION_MODE_ON",
        True,
        False,
    )
    assert (settings.screen_off, settings.bluetooth) == (30000, None)


def test_heartbeats_are_asked_for_by_moments_in_utc() -> None:
    beat = {"device_id": "d1", "timestamp": "2026-01-02T03:04:05Z", "status": 1}

    async def question(opened: EsperClient) -> tuple[Any, Any]:
        return await opened.devices.heartbeat("d1"), await rows(
            opened.devices.heartbeats(1_767_323_045, 1_767_326_645.5, platform="LINUX")
        )

    def answer(seen: Seen) -> Response:
        listed = {"count": 1, "next": None, "prev": None, "results": [beat]}
        return document({"content": beat if seen.path.startswith("/device/v0") else listed})

    with serving(answer) as server:
        one, listed = ask(server.url, question)
    assert listed == [one]
    assert (one.device_id, one.at) == ("d1", 1_767_323_045)
    assert [seen.path for seen in server.seen] == ["/device/v0/heartbeat/d1/", "/v2/heartbeat/"]
    query = server.seen[1].query
    assert (query["last_seen_gt"], query["last_seen_lt"]) == ("2026-01-02T03:04:05.000Z", "2026-01-02T04:04:05.500Z")
    assert query["platform"] == "LINUX"


def test_apps_of_each_generation_keep_to_their_own_path() -> None:
    async def question(opened: EsperClient) -> None:
        devices = opened.devices
        [older] = await rows(devices.apps_v1("d1", kind="ENTERPRISE", state="SHOW"))
        [newer] = await rows(devices.apps_v2("d1", kind="VPP"))
        one = await devices.app("d1", "a1")
        assert (older.package, newer.name, one.version) == ("com.example.till", "a9", "2.1")
        assert {older.device_id, newer.device_id, one.device_id} == {"d1"}

    def answer(seen: Seen) -> Response:
        old = {"id": "a1", "app_name": "Till", "package_name": "com.example.till", "version_name": "2.1"}
        if seen.path.endswith("/a1/"):
            return document(old)
        if seen.path.startswith("/v2"):
            return document({"content": {"results": [{"id": "n1", "app_id": "a9", "app_type": "VPP"}], "count": 1}})
        return page([old])

    with serving(answer) as server:
        ask(server.url, question)
    assert [seen.path for seen in server.seen] == [
        "/enterprise/e1/device/d1/app/", "/v2/devices/d1/device-apps/", "/enterprise/e1/device/d1/app/a1/",
    ]  # fmt: skip
    assert (server.seen[0].query["state"], server.seen[1].query["app_type"]) == ("SHOW", "VPP")


def test_a_heartbeat_of_nobody_is_an_unexpected_answer() -> None:
    with serving(lambda seen: document({"content": {"timestamp": "2026-01-02T03:04:05Z"}})) as server:
        with pytest.raises(UnexpectedAnswer) as raised:
            ask(server.url, lambda opened: opened.devices.heartbeat("d1"))
        assert (raised.value.status, raised.value.path) == (200, "/device/v0/heartbeat/d1/")
