"""Reading the tenant: keys, pages, filters, and two forms of the same device."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.unit.sandbox.tenant import Tenant, refusal

ZEROS = "00000000-0000-4000-8000-000000000000"


def follow(tenant: Tenant, path: str, wrapped: bool, **query: Any) -> list[dict[str, Any]]:
    """All rows of a list, by following its links to the end."""
    rows: list[dict[str, Any]] = []
    address: str | None = str(httpx.URL(tenant.facts.url + path, params=query))
    while address:
        answer = tenant.http.get(address)
        assert answer.status_code == 200
        page = answer.json()["content"] if wrapped else answer.json()
        rows += page["results"]
        address = page["next"]
        if address:
            assert {"limit", "offset"} <= set(parse_qs(urlsplit(address).query))
    assert len(rows) == page["count"]
    return rows


def everything(tenant: Tenant) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tenant.content("/v2/devices/", limit=1000)["results"]
    return rows


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "key"}])
def test_without_the_right_key_every_path_is_401(library: Tenant, header: dict[str, str]) -> None:
    for path in ("/v1/token-info/", "/nowhere/"):
        assert refusal(httpx.get(library.facts.url + path, headers=header), 401) == []


def test_the_key_names_its_enterprise_and_never_itself(library: Tenant) -> None:
    info = library.get("/v1/token-info/")
    assert info["enterprise"] == library.facts.enterprise_id
    assert "token" not in info
    assert library.get(f"/v1{library.v1}/")["id"] == info["enterprise"]
    assert library.get("/user_info/")["profile"]["role"]


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/enterprise/{ZEROS}/",
        f"/enterprise/{ZEROS}/device/",
        f"/v2/devices/{ZEROS}",
        "/v2/devices/not-an-id",
        f"/commands/v0/commands/{ZEROS}/",
        f"/commands/v0/commands/{ZEROS}/stats/",
        f"/commands/v0/status/{ZEROS}/",
        f"/v0/operations/{ZEROS}/",
        f"/v0/operations/{ZEROS}/devices/",
        f"/v0/devices/{ZEROS}/operations/",
        "/nowhere/",
        "/v2/devices",
        "/v1/token-info",
    ],
)
def test_what_does_not_exist_is_404_also_with_a_wrong_slash(library: Tenant, path: str) -> None:
    assert library.refused(404, path) == []


@pytest.mark.parametrize(
    "tail", ["device/{}/", "device/{}/app/", "device/{}/status/", "devicegroup/{}/", "application/{}/", "tags/{}/"]
)
def test_an_unknown_id_below_the_enterprise_is_404(library: Tenant, tail: str) -> None:
    library.refused(404, f"{library.v1}/{tail.format(ZEROS)}")
    library.refused(404, f"{library.v1}/{tail.format('nonsense')}")


def test_a_wrong_method_is_405(library: Tenant) -> None:
    assert refusal(library.http.delete(f"{library.facts.url}/v2/devices/"), 405) == []


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/v2/devices/", {"limit": "many"}, "limit"),
        ("/v2/devices/", {"limit": 1001}, "limit"),
        ("/v2/devices/", {"limit": 0}, "limit"),
        ("/v2/devices/", {"offset": -1}, "offset"),
        ("/v2/devices/", {"ordering": "colour"}, "ordering"),
        ("/v2/devices/", {"state": "online"}, "state"),
        ("/v2/devices/", {"is_gms": "perhaps"}, "is_gms"),
        ("/v2/devices/", {"group_multi": ZEROS}, "group_multi"),
        ("/v2/devices/", {"battery_level_gte": "full"}, "battery_level_gte"),
        ("/v2/devices/", {"cursor": "nowhere"}, "cursor"),
        ("/commands/v0/status/", {}, "request"),
        ("/commands/v0/status/", {"request": ZEROS, "state": "Done"}, "state"),
        ("/commands/v0/commands/", {"limit": -1}, "limit"),
    ],
)
def test_a_bad_question_is_400_and_names_the_field(
    library: Tenant, path: str, query: dict[str, Any], field: str
) -> None:
    errors = library.refused(400, path, **query)
    assert errors[0].startswith(f"{field}: ")


@pytest.mark.parametrize("limit", [7, 100, 1000])
def test_following_the_links_gives_every_device_exactly_once(library: Tenant, limit: int) -> None:
    rows = follow(library, "/v2/devices/", wrapped=True, limit=limit, ordering="-name")
    assert len({row["id"] for row in rows}) == len(rows) == 700


def test_cursors_give_every_device_exactly_once_and_lead_back(library: Tenant) -> None:
    seen: list[str] = []
    cursor = "start"
    while cursor:
        page = library.content("/v2/devices/", limit=90, cursor=cursor)
        assert set(page) == {"results", "next_cursor", "prev_cursor"}
        seen += [row["id"] for row in page["results"]]
        before, cursor = cursor, page["next_cursor"]
    assert len(set(seen)) == len(seen) == 700
    back = library.content(
        "/v2/devices/", limit=90, cursor=library.content("/v2/devices/", limit=90, cursor=before)["prev_cursor"]
    )
    assert back["next_cursor"] == before


def test_the_older_list_shows_android_devices_twenty_at_a_time_and_five_hundred_at_most(library: Tenant) -> None:
    android = [row["id"] for row in everything(library) if row["platform"] == "ANDROID"]
    assert len(library.get(f"{library.v1}/device/")["results"]) == 20
    assert len(library.get(f"{library.v1}/device/", limit=5000)["results"]) == 500
    rows = follow(library, f"{library.v1}/device/", wrapped=False, limit=5000)
    assert sorted(row["id"] for row in rows) == sorted(android)


def test_the_list_of_every_platform_shows_ten_by_default_and_links_both_ways(library: Tenant) -> None:
    page = library.content("/v2/devices/", offset=10)
    assert len(page["results"]) == 10
    first = library.http.get(page["prev"]).json()["content"]
    assert first["prev"] is None
    assert library.http.get(first["next"]).json()["content"]["results"] == page["results"]


def test_a_page_beyond_the_end_is_empty_and_leads_back(library: Tenant) -> None:
    page = library.content("/v2/devices/", offset=10**9)
    assert page["results"] == []
    assert page["next"] is None
    assert page["count"] == 700


def test_links_keep_the_filters(library: Tenant) -> None:
    rows = follow(library, "/v2/devices/", wrapped=True, limit=5, platform="LINUX,WINDOWS", brand="Intel")
    assert rows
    assert {row["hardware_info"]["brand"] for row in rows} == {"Intel"}


def has(row: dict[str, Any], *path: str) -> Any:
    value: Any = row
    for key in path:
        value = (value or {}).get(key)
    return value


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ({"platform": "apple,WINDOWS"}, lambda r: r["platform"] in {"APPLE", "WINDOWS"}),
        ({"os": "iPadOS"}, lambda r: r["os"] == "iPadOS"),
        ({"state": "60"}, lambda r: r["state"] == 60),
        ({"state": "20,70,80"}, lambda r: r["state"] in {20, 70, 80}),
        ({"brand": "zebra"}, lambda r: has(r, "hardware_info", "brand") == "Zebra"),
        ({"is_gms": "true"}, lambda r: r.get("is_gms") is True),
        ({"is_locked_down": "1"}, lambda r: r.get("is_locked_down") is True),
        ({"battery_level_lte": "30"}, lambda r: (has(r, "battery_stats", "battery_level") or 999) <= 30),
        ({"battery_level_gte": "80"}, lambda r: (has(r, "battery_stats", "battery_level") or 0) >= 80),
        ({"active_connection": "ETHERNET"}, lambda r: has(r, "network_stats", "current_active_connection") == "ETHERNET"),
        ({"android_version": "11"}, lambda r: r["platform"] == "ANDROID" and r["os_version"] == "11"),
        ({"esper_agent_version_name": "8.5.2533"}, lambda r: r.get("dpc_version") == "8.5.2533"),
        ({"device_source": "dep"}, lambda r: r.get("device_source") == "DEP"),
        ({"policy_multi": "Standard"}, lambda r: has(r, "policy", "name") == "Standard"),
        ({"template_multi": "Retail kiosk,Depot scanner"}, lambda r: r.get("template_name") in {"Retail kiosk", "Depot scanner"}),
        ({"managed_by": "SOMEBODY"}, lambda r: False),
        ({"name": "ber-"}, lambda r: "ber-" in r["name"].casefold()),
        ({"search": "checkout"}, lambda r: "checkout" in f"{r['name']} {r['alias']}".casefold()),
    ],
)  # fmt: skip
def test_each_filter_agrees_with_a_plain_reading_of_all_devices(
    library: Tenant, query: dict[str, str], holds: Any
) -> None:
    everyone = [row for row in everything(library) if row["hardware_info"] is not None]
    bare = {row["id"] for row in everything(library)} - {row["id"] for row in everyone}
    found = {row["id"] for row in library.content("/v2/devices/", limit=1000, **query)["results"]} - bare
    assert found == {row["id"] for row in everyone if holds(row)}


def test_a_device_is_found_by_serial_imei_mac_and_blueprint(library: Tenant) -> None:
    row = next(
        r
        for r in everything(library)
        if has(r, "network_info", "imei2") and has(r, "blueprint_info", "assigned_blueprint_id")
    )
    network = row["network_info"]
    for query in (
        {"serial": row["serial"].lower()},
        {"imei": network["imei2"]},
        {"search": network["wifi_mac_address"][3:].upper()},
    ):
        assert [r["id"] for r in library.content("/v2/devices/", **query)["results"]] == [row["id"]]
        assert [r["id"] for r in library.get(f"{library.v1}/device/", **query)["results"]] == [row["id"]]
    assert library.content("/v2/devices/", imei=network["imei1"][:-1])["count"] == 0
    blueprint = row["blueprint_info"]["assigned_blueprint_id"]
    found = library.content("/v2/devices/", assigned_blueprint_id=blueprint, limit=1000)["results"]
    assert {r["blueprint_info"]["assigned_blueprint_id"] for r in found} == {blueprint}


def test_a_device_is_found_by_its_global_id(library: Tenant) -> None:
    row = everything(library)[5]
    found = library.content("/v2/devices/", global_device_id=row["global_device_id"])["results"]
    assert [r["id"] for r in found] == [row["id"]]


def test_a_name_filter_puts_the_exact_match_first(library: Tenant) -> None:
    row = everything(library)[9]
    assert library.content("/v2/devices/", name=row["name"].lower())["results"][0]["id"] == row["id"]


def test_group_means_the_group_itself_and_group_multi_all_below(library: Tenant) -> None:
    groups = library.get(f"{library.v1}/devicegroup/", limit=500)["results"]
    branch = next(g for g in groups if g["path"] == "All devices/Retail")
    below = {g["id"] for g in groups if g["path"].startswith("All devices/Retail")}
    rows = everything(library)
    wide = library.content("/v2/devices/", group_multi=branch["id"], limit=1000)["results"]
    assert {r["id"] for r in wide} == {r["id"] for r in rows if r["group_id"] in below}
    for name in ("group", "group_multi_immediate"):
        close = library.content("/v2/devices/", limit=1000, **{name: branch["id"]})["results"]
        assert {r["id"] for r in close} == {r["id"] for r in rows if r["group_id"] == branch["id"]}


def test_tags_filter_by_text_and_by_id_and_any_of_them_counts(library: Tenant) -> None:
    tags = {t["tag"]: t["id"] for t in library.get(f"{library.v1}/tags/", limit=100)["results"]}
    both = {tags["kiosk"], tags["spare"]}
    wanted = {r["id"] for r in everything(library) if both & set(r["tags"] or [])}
    for query in ("kiosk,spare", f"{tags['kiosk']},{tags['spare']}"):
        assert {r["id"] for r in library.content("/v2/devices/", tags=query, limit=1000)["results"]} == wanted
    assert library.get(f"{library.v1}/tags/", search="KIO")["count"] == 1
    assert library.get(f"{library.v1}/tags/{tags['kiosk']}/")["tag"] == "kiosk"


@pytest.mark.parametrize(
    "field", ["name", "alias", "serial", "last_seen", "created_at", "os_version", "state", "platform", "dpc_version"]
)
def test_ordering_sorts_up_and_down(library: Tenant, field: str) -> None:
    def values(ordering: str) -> list[Any]:
        rows = library.content("/v2/devices/", ordering=ordering, limit=1000)["results"]
        kept = [r.get(field) for r in rows if r["hardware_info"] is not None and r.get(field) is not None]
        platforms = ["ANDROID", "APPLE", "LINUX", "WINDOWS"]
        return [platforms.index(v) if field == "platform" else v.casefold() if isinstance(v, str) else v for v in kept]

    assert values(field) == sorted(values(field))
    assert values(f"-{field}") == sorted(values(field), reverse=True)


def test_both_forms_of_a_device_tell_the_same_facts(library: Tenant) -> None:
    tags = {t["id"]: t["tag"] for t in library.get(f"{library.v1}/tags/", limit=100)["results"]}
    older = {row["id"]: row for row in follow(library, f"{library.v1}/device/", wrapped=False, limit=500)}
    for row in everything(library):
        if row["platform"] != "ANDROID":
            assert row["id"] not in older
            library.refused(404, f"{library.v1}/device/{row['id']}/")
            continue
        old = older[row["id"]]
        assert (old["device_name"], old["alias_name"], old["state"]) == (row["name"], row["alias"], row["state"])
        assert old["groups"] == [f"{library.facts.url}{library.v1}/devicegroup/{row['group_id']}/"]
        assert old["hardwareInfo"]["manufacturer"]
        if row["hardware_info"] is None:
            continue
        assert old["tags"] == [tags[tag] for tag in row["tags"]]
        assert old["hardwareInfo"]["serialNumber"] == row["serial"]
        assert old["networkInfo"]["imei1"] == row["network_info"]["imei1"]
        assert old["softwareInfo"]["androidVersion"] == row["os_version"]


def test_a_few_devices_lack_what_may_be_lacking(library: Tenant) -> None:
    bare = [row for row in everything(library) if row["battery_stats"] is None]
    assert 0 < len(bare) < 20
    assert "location_stats" not in bare[0]
    path = f"{library.v1}/device/{bare[0]['id']}/status/"
    assert library.get(path, latest_event=1)["count"] == 0


def test_positions_are_numbers_on_linux_and_text_elsewhere(library: Tenant) -> None:
    for row in everything(library):
        if row.get("location_stats"):
            assert isinstance(row["location_stats"]["latitude"], float if row["platform"] == "LINUX" else str)


def test_telemetry_is_an_object_that_gives_memory_before_storage(library: Tenant) -> None:
    row = everything(library)[5]
    (event,) = library.get(f"{library.v1}/device/{row['id']}/status/", latest_event=1)["results"]
    assert [e["eventType"] for e in event["data"]["memoryEvents"][:2]] == [
        "AVAILABLE_RAM_MEASURED",
        "AVAILABLE_INTERNAL_STORAGE_MEASURED",
    ]
    level = event["data"]["powerManagementEvent"]["batteryStatus"]["batteryLevel"]
    assert level == row["battery_stats"]["battery_level"]


def test_group_counts_add_up_and_parents_are_addresses(library: Tenant) -> None:
    groups = follow(library, f"{library.v1}/devicegroup/", wrapped=False, limit=50)
    assert sum(g["device_count"] for g in groups) == 700
    by_url = {f"{library.facts.url}{library.v1}/devicegroup/{g['id']}/": g for g in groups}
    for group in groups[1:]:
        assert group["path"] == f"{by_url[group['parent']]['path']}/{group['name']}"
    assert groups[0]["parent"] is None
    assert sum(g["children_count"] for g in groups) == len(groups) - 1
    assert library.get(f"{library.v1}/devicegroup/{groups[2]['id']}/") == groups[2]
    assert library.get(f"{library.v1}/devicegroup/", name="retail")["results"][0]["name"] == "Retail"


@pytest.mark.parametrize("older", ["", "/v1"])
def test_installed_counts_agree_with_the_devices_that_have_the_version(library: Tenant, older: str) -> None:
    path = f"{older}{library.v1}/application/"
    apps = library.get(path, limit=100)["results"]
    assert len(apps) == 14
    for app in apps[:4]:
        for version in library.get(f"{path}{app['id']}/version/")["results"]:
            found = library.get(f"{path}{app['id']}/version/{version['id']}/installdevices", limit=1)
            assert found["count"] == version["installed_count"]
            assert library.get(f"{path}{app['id']}/version/{version['id']}/") == version
        assert [v["id"] for v in app["versions"]] == [
            v["id"] for v in library.get(f"{path}{app['id']}/version/")["results"]
        ]


def test_apps_of_a_device_can_be_filtered_and_read_one_by_one(library: Tenant) -> None:
    row = next(r for r in everything(library) if r["platform"] == "ANDROID")
    path = f"{library.v1}/device/{row['id']}/app/"
    apps = library.get(path, limit=100)["results"]
    assert library.get(f"{path}{apps[0]['id']}/") == apps[0]
    assert library.get(path, package_name=apps[0]["package_name"])["count"] == 1
    assert library.get(path, search=apps[0]["app_name"][:5].upper())["count"] >= 1
    assert library.get(path, whitelisted="false")["count"] == 0
    assert library.get(path, app_type="VPP")["count"] == 0
    history = library.get(f"{library.v1}/device/{row['id']}/install/", install_state="INSTALL_SUCCESS", limit=100)
    assert history["count"] == len(apps)


def test_apple_devices_list_their_apps_in_the_newer_form(library: Tenant) -> None:
    rows = [r for r in everything(library) if r["platform"] == "APPLE"]
    kinds = {
        entry["app_type"]
        for row in rows
        for entry in library.content(f"/v2/devices/{row['id']}/device-apps/")["results"]
    }
    assert kinds == {"VPP", "TENANT_IOS", "ESPER_IOS", "WEBCLIP"}
