"""The libraries of a tenant: what is asked of them, and that files are found through fresh links."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from app.errors import InputError, OutcomeUnknown, UnexpectedAnswer
from app.esper.client import EsperClient
from tests.unit.esper.asking import ask, calls, page, rows
from tests.unit.esper.server import Seen, document, serving

APP = {"id": "a1", "application_name": "Till", "package_name": "com.till", "is_hidden": False}
VERSION = {"id": "v1", "version_code": "1.2", "size_in_mb": 3.5, "hash_string": "x"}
FILE = {
    "id": 7, "name": "map.png", "key": "k", "is_dir": False, "kind": "image/png", "hash": "h", "size": "1024",
    "path": "/map.png", "permissions": "rw", "tags": ["a", None, "b"], "description": None,
    "created": "2024-01-02T03:04:05Z", "owner": {"id": 1, "username": "ann"},
}  # fmt: skip


@pytest.mark.parametrize(("v1", "root"), [(False, "/enterprise/e1/"), (True, "/v1/enterprise/e1/")])
def test_every_question_about_apps_has_its_path_in_both_generations(v1: bool, root: str) -> None:
    async def question(opened: EsperClient) -> None:
        apps = opened.apps
        found = await rows(apps.pages(package_name="com.till", is_hidden=False, with_links=False, v1=v1))
        assert [app.name for app in found] == ["Till"]
        assert (await apps.one("a1", v1=v1)).package == "com.till"
        assert [v.version for v in await rows(apps.versions("a1", version_code="1.2", build_number="9", v1=v1))] == [
            "1.2"
        ]
        assert (await apps.version("a1", "v1", v1=v1)).app_id == "a1"
        assert [d.device_name for d in await rows(apps.installed_on("a1", "v1", search="x", v1=v1))] == ["Dev"]
        await apps.delete_version("a1", "v1", v1=v1)
        await apps.delete("a1", v1=v1)

    def answer(seen: Seen) -> Response:
        if seen.method == "DELETE":
            return Response(status_code=200 if "version" in seen.path else 204)
        if seen.path.endswith("installdevices"):
            return page([{"id": "d1", "device_name": "Dev"}])
        one = VERSION if "version" in seen.path else APP
        return document(one) if seen.path.endswith("1/") else page([one])

    with serving(answer) as server:
        ask(server.url, question)
    app = f"{root}application/a1/"
    assert calls(server.seen) == [
        ("GET", f"{root}application/"),
        ("GET", app),
        ("GET", f"{app}version/"),
        ("GET", f"{app}version/v1/"),
        ("GET", f"{app}version/v1/installdevices"),
        ("DELETE", f"{app}version/v1/"),
        ("DELETE", app),
    ]
    asked = {"package_name": "com.till", "is_hidden": "false", "limit": "500", "offset": "0"}
    assert server.seen[0].query == asked | ({"without_download_url": "true"} if v1 else {})
    assert {"version_code", "build_number"} < server.seen[2].query.keys()
    assert server.seen[4].query["search"] == "x"


def test_an_uploaded_package_is_the_app_it_became(tmp_path: Path) -> None:
    (tmp_path / "till.apk").write_bytes(b"PK")
    with serving(lambda seen: document({"application": APP}, 201)) as server:
        app = ask(server.url, lambda opened: opened.apps.upload(tmp_path / "till.apk"))
        assert (app.id, app.package) == ("a1", "com.till")
    assert b'name="app_file"; filename="till.apk"' in server.seen[0].body
    with serving(lambda seen: document({"application": None}, 201)) as server, pytest.raises(OutcomeUnknown):
        ask(server.url, lambda opened: opened.apps.upload(tmp_path / "till.apk"))


def test_a_version_is_downloaded_through_the_link_it_has_at_that_moment(tmp_path: Path) -> None:
    body = b"package" * 1000
    link = {"app_file": "/files/till.apk?signature=1", "hash_string": hashlib.sha256(body).hexdigest()}

    def answer(seen: Seen) -> Response:
        return Response(body) if seen.path.startswith("/files") else document({**VERSION, **link})

    with serving(answer) as server:
        landed = ask(server.url, lambda opened: opened.apps.download("a1", "v1", tmp_path / "till.apk"))
        link["app_file"] = ""
        with pytest.raises(UnexpectedAnswer, match="no file"):
            ask(server.url, lambda opened: opened.apps.download("a1", "v1", tmp_path / "other.apk"))
    assert (landed.checked, landed.path.read_bytes()) == ("sha256", body)
    assert [path for _, path in calls(server.seen)][:2] == [
        "/enterprise/e1/application/a1/version/v1/",
        "/files/till.apk",
    ]
    assert server.seen[1].query == {"signature": "1"}


def test_apps_of_other_platforms_are_listed_without_a_final_slash() -> None:
    def answer(seen: Seen) -> Response:
        one: dict[str, Any] = {"id": "w1", "app_name": "Sales", "platform": "WINDOWS", "package_name": "p"}
        found = [{"id": "x", "unknown": 1}] if seen.path.endswith("versions") else [one]
        return document({"code": 200, "content": {"count": 1, "next": None, "results": found}})

    async def question(opened: EsperClient) -> None:
        [app] = await rows(opened.tenant_apps.pages(app_name="sales"))
        assert (app.id, app.name, app.platform) == ("w1", "Sales", "WINDOWS")
        [version] = await rows(opened.tenant_apps.versions("w1"))
        assert (version.id, version.app_id) == ("x", "w1")
        assert b"unknown" in version.raw

    with serving(answer) as server:
        ask(server.url, question)
    assert [path for _, path in calls(server.seen)] == ["/v2/tenant-apps", "/v2/tenant-apps/w1/versions"]
    assert server.seen[0].query["app_name"] == "sales"


def test_a_file_of_the_content_library_is_read_whatever_its_number_looks_like() -> None:
    async def question(opened: EsperClient) -> None:
        [file] = await rows(opened.content.pages(search="map"))
        assert (file.id, file.size, file.tags, file.owner, file.is_folder) == ("7", 1024, ("a", "b"), "ann", False)
        assert file.created_at == 1704164645.0
        assert (await opened.content.one("7")).kind == "image/png"

    with serving(lambda seen: document(FILE) if seen.path.endswith("7/") else page([FILE])) as server:
        ask(server.url, question)
    assert [path for _, path in calls(server.seen)] == ["/v0/enterprise/e1/content/", "/v0/enterprise/e1/content/7/"]
    assert server.seen[0].query["search"] == "map"


def test_only_what_is_named_is_changed_and_a_lost_answer_is_asked_for_again() -> None:
    answers = iter([Response(b"{}", 503), document(FILE), document(FILE), Response(status_code=204)])
    with serving(lambda seen: next(answers)) as server:
        ask(server.url, lambda opened: opened.content.modify("7", tags=["x"]))
        ask(server.url, lambda opened: opened.content.modify("7", description=""))
        ask(server.url, lambda opened: opened.content.delete("7"))
        with pytest.raises(InputError):
            ask(server.url, lambda opened: opened.content.modify("7"))
    assert [seen.method for seen in server.seen] == ["PATCH", "PATCH", "PATCH", "DELETE"]
    sent = [json.loads(seen.body) for seen in server.seen[:3]]
    assert sent == [{"tags": ["x"]}, {"tags": ["x"]}, {"description": ""}]


@pytest.mark.parametrize("size", ["6", 6, None, "about six"])
def test_a_content_file_downloads_whole_and_a_folder_has_none(tmp_path: Path, size: Any) -> None:
    def answer(seen: Seen) -> Response:
        if seen.path == "/f":
            return Response(b"abcdef")
        return document({**FILE, "size": size, "download_url": "/f" if seen.path.endswith("/7/") else None})

    with serving(answer) as server:
        assert ask(server.url, lambda opened: opened.content.download("7", tmp_path / "f")).size == 6
        with pytest.raises(UnexpectedAnswer, match="no link"):
            ask(server.url, lambda opened: opened.content.download("8", tmp_path / "g"))
    assert [path.name for path in tmp_path.iterdir()] == ["f"]
