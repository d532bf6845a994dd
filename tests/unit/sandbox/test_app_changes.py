"""The app library changes: real packages come in, are installed, are downloaded again and go."""

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.sandbox import packages
from app.sandbox.library import Library
from app.sandbox.world import World
from tests.unit.binary_packages import Reference, manifest, package, plain, resources
from tests.unit.sandbox.tenant import ZEROS, Tenant, app_of, refusal


def build(
    folder: Path, code: int = 7, version: str = "1.0.7", name: str = "com.example.fresh", **application: Any
) -> Path:
    application = application or {"label": "Fresh"}
    elements = plain(name, code, version, **application)
    return package(folder / f"{name}-{code}.apk", {"AndroidManifest.xml": manifest(elements), "classes.dex": b"dex"})


def send(fleet: Tenant, data: bytes, name: str = "a.apk", field: str = "app_file") -> httpx.Response:
    address = f"{fleet.facts.url}{fleet.v1}/application/upload/"
    return fleet.http.post(address, files={field: (name, data, "application/vnd.android.package-archive")})


def upload(fleet: Tenant, path: Path) -> dict[str, Any]:
    answer = send(fleet, path.read_bytes(), path.name)
    assert answer.status_code == 201, answer.text
    app: dict[str, Any] = answer.json()["application"]
    return app


def version_path(fleet: Tenant, app: dict[str, Any]) -> str:
    return f"{fleet.v1}/application/{app['id']}/version/{app['versions'][0]['id']}/"


def test_an_uploaded_package_shows_what_its_manifest_says(fleet: Tenant, tmp_path: Path) -> None:
    path = build(tmp_path)
    app = upload(fleet, path)
    assert (app["application_name"], app["package_name"]) == ("Fresh", "com.example.fresh")
    assert fleet.get(f"{fleet.v1}/application/", package_name="com.example.fresh")["results"] == [app]
    version = fleet.get(version_path(fleet, app))
    assert (version["version_code"], version["build_number"]) == ("1.0.7", "7")
    assert (version["min_sdk_version"], version["target_sdk_version"]) == ("26", "34")
    assert [p["permission"] for p in version["permissions"]] == ["android.permission.CAMERA"]
    assert version["permissions"][0]["grant_state"] == "Default"
    assert version["hash_string"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert version["size_in_mb"] == round(path.stat().st_size / 1e6, 3)
    assert fleet.get("/v1" + version_path(fleet, app)) == version


def test_a_newer_version_joins_its_app_and_the_same_twice_is_refused(fleet: Tenant, tmp_path: Path) -> None:
    first = upload(fleet, build(tmp_path))
    second = upload(fleet, build(tmp_path, 8, "1.0.8"))
    assert first["id"] == second["id"]
    assert [v["version_code"] for v in second["versions"]] == ["1.0.8", "1.0.7"]
    again = send(fleet, build(tmp_path).read_bytes())
    assert refusal(again, 400) == ["App version already exists "]
    assert again.json()["message"] == "App version already exists "
    path = f"{fleet.v1}/application/{first['id']}/version/"
    assert fleet.get(path, version_code="1.0.7")["count"] == 1
    assert fleet.get(path, build_number="9")["count"] == 0


def test_a_version_of_an_app_of_the_demo_fleet_joins_it(fleet: Tenant, tmp_path: Path) -> None:
    app = upload(fleet, build(tmp_path, 9000, "9.0.0", "com.example.kiosk"))
    assert (app["application_name"], app["versions"][0]["version_code"]) == ("Kiosk Home", "9.0.0")
    assert len(app["versions"]) == 5


@pytest.mark.parametrize(
    ("data", "status", "error"),
    [
        (b"", 400, "app_file: The submitted file is empty. "),
        (b"no archive at all", 415, "app_file: The file is not an Android package."),
        (b"PK\x05\x06" + bytes(18), 415, "app_file: The archive has no AndroidManifest.xml."),
    ],
)
def test_what_is_no_package_is_refused_and_not_kept(fleet: Tenant, data: bytes, status: int, error: str) -> None:
    before = fleet.get(f"{fleet.v1}/application/")["count"]
    assert refusal(send(fleet, data), status) == [error]
    assert fleet.get(f"{fleet.v1}/application/")["count"] == before
    kept = fleet.world.shelf.place()
    assert list(kept.parent.iterdir()) == []


def test_a_body_that_is_no_form_or_lacks_the_file_is_refused(fleet: Tenant) -> None:
    address = f"{fleet.facts.url}{fleet.v1}/application/upload/"
    assert refusal(fleet.http.post(address, json={}), 400) == ["app_file: Must be sent as multipart/form-data."]
    assert refusal(send(fleet, b"x", field="other"), 400) == ["app_file: No file was submitted."]
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    broken = b'--x\r\nContent-Disposition: form-data; name="app_file"; filename="a"\r\n\r\nPK half'
    assert refusal(fleet.http.post(address, content=broken, headers=kind), 400) == [
        "body: The multipart body is not complete."
    ]
    assert fleet.http.put(address).status_code == 405


def test_every_package_downloads_byte_for_byte(fleet: Tenant, tmp_path: Path) -> None:
    path = build(tmp_path)
    app = upload(fleet, path)
    answer = fleet.http.get(app["versions"][0]["download_url"])
    assert answer.content == path.read_bytes()
    assert answer.headers["content-length"] == str(path.stat().st_size)
    assert answer.headers["etag"] == f'"{app["versions"][0]["hash_string"]}"'
    seeded = fleet.get(f"{fleet.v1}/application/", package_name="io.shoonya.networktester")["results"][0]["versions"][0]
    whole = fleet.http.get(seeded["download_url"])
    assert hashlib.sha256(whole.content).hexdigest() == seeded["hash_string"]
    assert len(whole.content) == 5_900_000
    assert httpx.get(seeded["download_url"]).status_code == 401


def test_the_rest_of_a_download_can_be_asked_for_while_the_file_is_the_same(fleet: Tenant, tmp_path: Path) -> None:
    path = build(tmp_path)
    data, address = path.read_bytes(), upload(fleet, path)["versions"][0]["download_url"]
    tag = fleet.http.head(address).headers["etag"]

    def part(value: str, **more: str) -> httpx.Response:
        return fleet.http.get(address, headers={"Range": value} | {k.replace("_", "-"): v for k, v in more.items()})

    rest = part("bytes=100-", If_Range=tag)
    assert (rest.status_code, rest.content) == (206, data[100:])
    assert rest.headers["content-range"] == f"bytes 100-{len(data) - 1}/{len(data)}"
    assert part("bytes=3-9").content == data[3:10]
    assert part("bytes=-5").content == data[-5:]
    assert part("bytes=100-", If_Range='"another"').content == data
    for odd in ("bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=9-3"):
        assert (part(odd).status_code, part(odd).content) == (200, data)
    over = part(f"bytes={len(data)}-")
    assert refusal(over, 416)
    assert over.headers["content-range"] == f"bytes */{len(data)}"
    assert fleet.http.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert fleet.http.head(address).headers["content-length"] == str(len(data))


def test_the_icon_of_a_package_can_be_fetched(fleet: Tenant, tmp_path: Path) -> None:
    xml = manifest(plain("com.example.fresh", icon=Reference(0x7F010000), label="Fresh"))
    files = {
        "AndroidManifest.xml": xml,
        "resources.arsc": resources({1: {("", 240): ["res/i.png"]}}),
        "res/i.png": b"\x89PNG",
    }
    app = upload(fleet, package(tmp_path / "a.apk", files))
    icon = fleet.http.get(fleet.get(version_path(fleet, app))["app_icon"])
    assert (icon.content, icon.headers["content-type"]) == (b"\x89PNG", "image/png")


def test_an_uploaded_version_can_be_installed_and_then_shows_on_the_device(fleet: Tenant, tmp_path: Path) -> None:
    app, device = upload(fleet, build(tmp_path)), fleet.pick()
    version = app["versions"][0]["id"]
    assert fleet.finish(fleet.send("INSTALL", [device], {"app_version": version}))["state"] == "Command Success"
    (shown,) = fleet.get(f"{fleet.v1}/device/{device}/app/", package_name="com.example.fresh")["results"]
    assert (shown["app_name"], shown["version_name"], shown["version_code"]) == ("Fresh", "1.0.7", "7")
    newest = fleet.get(f"{fleet.v1}/device/{device}/install/")["results"][0]
    assert newest["install_state"] == "Install Success"
    assert newest["application"]["version"]["app_version_id"] == version
    assert fleet.get(version_path(fleet, app))["installed_count"] == 1
    assert [d["id"] for d in fleet.get(version_path(fleet, app) + "installdevices")["results"]] == [device]
    kiosk = fleet.finish(fleet.send("SET_KIOSK_APP", [device], {"package_name": "com.example.fresh"}))
    assert kiosk["state"] == "Command Success"


def test_a_deleted_version_leaves_the_library_but_not_the_devices(fleet: Tenant) -> None:
    device = fleet.pick()
    number, place = app_of(fleet, device)
    app, version = fleet.world.ids.make("app", number), fleet.world.library.version_id(number, place)
    path = f"{fleet.facts.url}{fleet.v1}/application/{app}/"
    assert fleet.http.delete(f"{path}version/{version}/").status_code == 204
    assert fleet.http.delete(f"{path}version/{version}/").status_code == 404
    assert version not in [v["id"] for v in fleet.get(f"{fleet.v1}/application/{app}/version/")["results"]]
    package_name = fleet.world.library.apps[number].package
    assert fleet.get(f"{fleet.v1}/device/{device}/app/", package_name=package_name)["count"] == 1
    failed = fleet.finish(fleet.send("INSTALL", [device], {"app_version": version}))
    assert (failed["state"], failed["reason"]) == ("Command Failure", "App version not found")
    count = fleet.get(f"{fleet.v1}/application/")["count"]
    assert fleet.http.delete(f"{fleet.facts.url}/v1{fleet.v1}/application/{app}/").status_code == 204
    assert fleet.http.get(path).status_code == 404
    assert fleet.get(f"{fleet.v1}/application/")["count"] == count - 1


def test_an_app_goes_with_its_last_version_and_can_come_back(fleet: Tenant, tmp_path: Path) -> None:
    first = upload(fleet, build(tmp_path))
    assert fleet.http.delete(fleet.facts.url + version_path(fleet, first)).status_code == 204
    assert fleet.get(f"{fleet.v1}/application/", package_name="com.example.fresh")["count"] == 0
    assert fleet.http.get(first["versions"][0]["download_url"]).status_code == 404
    again = upload(fleet, build(tmp_path))
    assert again["id"] != first["id"]


def test_addresses_can_be_left_out_of_the_newer_list(fleet: Tenant) -> None:
    rows = fleet.get(f"/v1{fleet.v1}/application/", without_download_url="true")["results"]
    assert {v["download_url"] for row in rows for v in row["versions"]} == {None}


def test_tenant_apps_are_the_ones_that_devices_refer_to(library: Tenant) -> None:
    apps = library.content("/v2/tenant-apps")["results"]
    assert {app["platform"] for app in apps} == {"APPLE", "WINDOWS"}
    known = {app["id"]: app for app in apps}
    for platform, name in ((1, "APPLE"), (3, "WINDOWS")):
        rows = library.content(f"/v2/devices/{library.pick(platform=platform)}/device-apps/")["results"]
        assert {known[row["app_id"]]["platform"] for row in rows} <= {name}
    versions = library.content(f"/v2/tenant-apps/{apps[0]['id']}/versions")["results"]
    assert versions[0]["app_id"] == apps[0]["id"]
    assert library.content("/v2/tenant-apps", app_name="sales")["count"] == 1
    assert library.refused(404, f"/v2/tenant-apps/{ZEROS}/versions") == []


def test_a_library_that_was_kept_comes_back_with_its_uploads_and_deletions(fleet: Tenant, tmp_path: Path) -> None:
    app = upload(fleet, build(tmp_path))
    fleet.world.library.remove(0)
    other = World(30, weather=False)
    other.library.restore(fleet.world.library.snapshot())
    number = other.library.named("com.example.fresh")
    assert number is not None
    assert other.library.find(app["id"]) == number
    assert other.library.file(number, 0) is None
    assert 0 not in other.library.live
    assert other.fleet.installed.shape[1] == len(other.library.apps)
    with pytest.raises(ValueError, match="lacks"):
        Library(other.fleet, other.shelf).restore([])


def test_the_demo_packages_are_the_same_in_every_run() -> None:
    facts = packages.Facts("a.b", "1", 1, "A", 4000)
    assert packages.digests([facts, facts._replace(size=9000)])[0] == packages.digests([facts])[0]
