"""Files from the server: whole or not at all, checked, and the key to nobody but the tenant."""

import asyncio
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response, StreamingResponse

from app.errors import FleetError, InputError, NotFound, UnexpectedAnswer
from app.esper import downloads
from app.esper.connection import destination
from app.esper.downloads import Landed, Source
from app.esper.transport import Transport
from tests.unit.esper.server import TOKEN, Seen, Time, breaking, serving, transport

FILE = bytes(range(256)) * 3000
SHA256 = hashlib.sha256(FILE).hexdigest()


def fetch(url: str, source: Source, target: Path, told: list[tuple[int, int | None]] | None = None) -> Landed:
    async def locate() -> Source:
        return source

    async def go() -> Landed:
        opened: Transport = await transport(url, Time())
        try:
            tell = None if told is None else lambda done, total: told.append((done, total))
            return await downloads.fetch(opened, locate, target, tell)
        finally:
            await opened.close()

    return asyncio.run(go())


def giving(body: bytes = FILE, status: int = 200, **headers: str) -> Callable[[Seen], Response]:
    return lambda seen: Response(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("kind", ["md5", "sha1", "sha256", "sha384", "sha512"])
def test_a_file_lands_whole_and_is_compared_with_the_hash_that_the_server_names(tmp_path: Path, kind: str) -> None:
    told: list[tuple[int, int | None]] = []
    digest = hashlib.new(kind, FILE).hexdigest().upper()
    with serving(giving()) as server:
        landed = fetch(server.url, Source("/files/a", len(FILE), digest), tmp_path / "a.bin", told)
    assert landed == Landed(tmp_path / "a.bin", len(FILE), kind)
    assert landed.path.read_bytes() == FILE
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]
    done = [count for count, _ in told]
    assert done == sorted(done)
    assert (done[0], told[-1]) == (0, (len(FILE), len(FILE)))


@pytest.mark.parametrize("digest", ["", "not a hash", "abc123"])
def test_a_hash_of_no_known_kind_is_not_checked_and_not_said_to_be(tmp_path: Path, digest: str) -> None:
    with serving(giving()) as server:
        assert fetch(server.url, Source("/files/a", None, digest), tmp_path / "a").checked == ""
    assert (tmp_path / "a").read_bytes() == FILE


def test_a_file_with_another_hash_does_not_land_and_what_was_there_stays(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"before")
    with serving(giving(b"something else")) as server, pytest.raises(UnexpectedAnswer, match="sha256"):
        fetch(server.url, Source("/files/a", None, SHA256), tmp_path / "a")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"before")]


@pytest.mark.parametrize(
    ("answer", "size"),
    [
        (giving(FILE[:-1]), len(FILE)),
        (giving(content_encoding="gzip"), None),
        (giving(b"", 204), None),
        (lambda seen: StreamingResponse(iter([FILE, b"more"])), len(FILE)),
    ],
    ids=["another length", "packed", "nothing", "more than named"],
)
def test_what_is_not_the_file_does_not_land(tmp_path: Path, answer: Callable[[Seen], Response], size: int) -> None:
    with serving(answer) as server, pytest.raises(UnexpectedAnswer):
        fetch(server.url, Source("/files/a", size), tmp_path / "a")
    assert not list(tmp_path.iterdir())


def test_a_file_of_unsaid_length_lands_only_where_its_end_is_marked(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    with serving(lambda seen: StreamingResponse(iter([FILE]))) as server:
        assert fetch(server.url, Source("/files/a"), tmp_path / "a", told).size == len(FILE)
    assert told[-1] == (len(FILE), None)
    with breaking(b"HTTP/1.1 200 OK\r\n\r\nperhaps cut") as server, pytest.raises(UnexpectedAnswer, match="how long"):
        fetch(server.url, Source("/files/a"), tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_a_missing_file_is_not_found_at_once(tmp_path: Path) -> None:
    with serving(giving(b"{}", 404)) as server, pytest.raises(NotFound):
        fetch(server.url, Source("/files/a?signature=secret"), tmp_path / "a")
    assert len(server.seen) == 1
    assert not list(tmp_path.iterdir())


def test_the_key_goes_to_the_tenant_and_to_no_other_host(tmp_path: Path) -> None:
    with serving(giving()) as other, serving(giving()) as tenant:
        fetch(tenant.url, Source(f"{tenant.url}/files/a"), tmp_path / "a")
        fetch(tenant.url, Source(f"{other.url}/files/a"), tmp_path / "b")
    assert tenant.seen[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert other.seen[0].headers.keys() & {"authorization", "x-request-id", "cookie"} == set()


def test_a_redirect_is_followed_without_the_key(tmp_path: Path) -> None:
    with serving(giving()) as other, serving(giving(b"", 302, location=f"{other.url}/real")) as tenant:
        fetch(tenant.url, Source("/files/a"), tmp_path / "a")
    assert "authorization" in tenant.seen[0].headers
    assert "authorization" not in other.seen[0].headers
    assert (tmp_path / "a").read_bytes() == FILE


def test_redirects_without_an_end_are_given_up(tmp_path: Path) -> None:
    with serving(giving(b"", 307, location="/api/files/b")) as server, pytest.raises(UnexpectedAnswer, match="end"):
        fetch(server.url, Source("/files/a"), tmp_path / "a")
    assert len(server.seen) == 6


@pytest.mark.parametrize(
    "link", ["http://elsewhere.example/a", "ftp://127.0.0.1/a", "http://me:pw@127.0.0.1/", "http://["]
)
def test_an_unsafe_link_is_not_followed(tmp_path: Path, link: str) -> None:
    with serving(giving(b"", 302, location=link)) as server:
        for source in (Source(link), Source("/files/a")):
            with pytest.raises(UnexpectedAnswer) as raised:
                fetch(server.url, source, tmp_path / "a")
            assert raised.value.method == "GET"
    assert len(server.seen) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("link", "whole", "ours"),
    [
        ("/v1/x", "https://t.example/api/v1/x", True),
        ("https://t.example:443/f", "https://t.example:443/f", True),
        ("http://t.example/f?s=1", "https://t.example/f?s=1", True),
        ("https://T.EXAMPLE/f#part", "https://T.EXAMPLE/f", True),
        ("https://t.example:8443/f", "https://t.example:8443/f", False),
        ("https://t.example.evil.example/f", "https://t.example.evil.example/f", False),
        ("//evil.example/f", "https://evil.example/f", False),
        ("files/f", "https://t.example/api/files/f", True),
    ],
)
def test_the_key_follows_a_link_to_its_own_origin_only(link: str, whole: str, ours: bool) -> None:
    assert destination(link, "https://t.example/api") == (whole, ours)


@pytest.mark.parametrize(
    "link", ["http://127.0.0.1/f", "http://localhost:631/", "http://t.example:8080/f", "file:///etc/passwd"]
)
def test_a_tenant_can_not_send_us_to_a_plain_address(link: str) -> None:
    with pytest.raises(UnexpectedAnswer):
        destination(link, "https://t.example/api")


def test_a_target_that_can_not_be_written_is_named_before_anything_comes(tmp_path: Path) -> None:
    with serving(giving()) as server, pytest.raises(InputError) as raised:
        fetch(server.url, Source("/files/a"), tmp_path / "nowhere" / "a")
    assert raised.value.problems[0].field == "target"
    assert not server.seen


def test_a_file_that_does_not_fit_on_the_disk_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        free = 1000

    monkeypatch.setattr(shutil, "disk_usage", lambda path: Full)
    with serving(giving()) as server, pytest.raises(InputError, match="are free"):
        fetch(server.url, Source("/files/a"), tmp_path / "a")
    assert not list(tmp_path.iterdir())


def test_a_target_that_became_a_folder_is_an_input_error_and_leaves_no_litter(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with serving(giving()) as server, pytest.raises(InputError):
        fetch(server.url, Source("/files/a"), tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_same_target_is_not_written_twice_at_once(tmp_path: Path) -> None:
    async def go() -> list[Any]:
        opened = await transport(server.url, Time())

        async def locate() -> Source:
            return Source("/files/a")

        both = [downloads.fetch(opened, locate, tmp_path / "a") for _ in range(2)]
        try:
            return await asyncio.gather(*both, return_exceptions=True)
        finally:
            await opened.close()

    with serving(giving()) as server:
        first, second = asyncio.run(go())
    assert (first.size, type(second)) == (len(FILE), InputError)


@pytest.fixture
def endless() -> Callable[[Seen], Response]:
    async def pieces() -> Any:
        yield FILE
        await asyncio.sleep(60)

    def answer(seen: Seen) -> Response:
        if "range" in seen.headers:
            begin = int(seen.headers["range"].removeprefix("bytes=").removesuffix("-"))
            rest = (FILE * 2)[begin:]
            return Response(rest, 206, {"Content-Range": f"bytes {begin}-{2 * len(FILE) - 1}/{2 * len(FILE)}"})
        return StreamingResponse(pieces(), headers={"Content-Length": str(2 * len(FILE))})

    return answer


@pytest.mark.parametrize("hashed", [True, False])
def test_a_cancelled_download_leaves_no_target_and_goes_on_later_where_the_hash_is_known(
    tmp_path: Path, endless: Callable[[Seen], Response], hashed: bool
) -> None:
    source = Source("/files/a", None, hashlib.sha256(FILE * 2).hexdigest() if hashed else "")

    async def cancelled() -> None:
        opened = await transport(server.url, Time())
        enough = asyncio.Event()

        async def locate() -> Source:
            return source

        def tell(done: int, total: int | None) -> None:
            if done == len(FILE):
                enough.set()

        async with asyncio.TaskGroup() as group:
            task = group.create_task(downloads.fetch(opened, locate, tmp_path / "a", tell))
            await enough.wait()
            task.cancel()
        await opened.close()

    with serving(endless) as server:
        asyncio.run(cancelled())
        [*left] = tmp_path.iterdir()
        assert [path.stat().st_size for path in left] == ([len(FILE)] if hashed else [])
        if hashed:
            assert fetch(server.url, source, tmp_path / "a").checked == "sha256"
            assert [seen.headers.get("range") for seen in server.seen] == [None, f"bytes={len(FILE)}-"]
            assert [path.name for path in tmp_path.iterdir()] == ["a"]
            assert (tmp_path / "a").read_bytes() == FILE * 2


def test_every_failure_is_a_named_error_without_the_signature_of_a_link(tmp_path: Path) -> None:
    with serving(giving(b"{}", 403)) as server, pytest.raises(FleetError) as raised:
        fetch(server.url, Source(f"{server.url}/f?X-Signature=abcdef"), tmp_path / "a")
    assert "abcdef" not in f"{raised.value} {vars(raised.value)}"
