"""Downloads whose connection breaks: what goes on, what begins anew, what is given up."""

import asyncio
import hashlib
from pathlib import Path

import pytest
from starlette.responses import Response

from app.errors import Refused, ServerFault, UnexpectedAnswer, Unreachable
from app.esper import downloads
from app.esper.downloads import Source
from tests.unit.esper.server import Seen, Time, breaking, free_port, serving, transport
from tests.unit.esper.test_downloads import fetch

FILE = b"0123456789" * 100
SHA256 = hashlib.sha256(FILE).hexdigest()


def answer(status: str, body: bytes, length: int | None = None, **headers: str) -> bytes:
    head = {"Content-Length": str(len(body) if length is None else length), "Connection": "close"}
    head |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def whole(etag: str = '"one"', cut: int = 1000, file: bytes = FILE) -> bytes:
    return answer("200 OK", file[:cut], len(file), ETag=etag)


def rest(begin: int, etag: str = '"one"') -> bytes:
    return answer(
        "206 Partial Content", FILE[begin:], ETag=etag, Content_Range=f"bytes {begin}-{len(FILE) - 1}/{len(FILE)}"
    )


def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    with breaking(whole(cut=400), rest(400)) as server:
        assert fetch(server.url, Source("/f"), tmp_path / "f", told).size == 1000
    assert (tmp_path / "f").read_bytes() == FILE
    assert [seen.headers.get("range") for seen in server.seen] == [None, "bytes=400-"]
    assert server.seen[1].headers["if-range"] == '"one"'
    done = [count for count, _ in told]
    assert done == sorted(done)
    assert told[-1] == (1000, 1000)


def test_a_file_that_changed_meanwhile_is_read_anew(tmp_path: Path) -> None:
    other = FILE[::-1]
    with breaking(whole(cut=400), whole('"two"', file=other)) as server:
        fetch(server.url, Source("/f"), tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == other


@pytest.mark.parametrize("etag", ['W/"weak"', ""])
def test_without_a_sure_sign_of_the_same_file_it_is_read_anew(tmp_path: Path, etag: str) -> None:
    with breaking(whole(etag, cut=400), whole(etag)) as server:
        fetch(server.url, Source("/f"), tmp_path / "f")
    assert [seen.headers.get("range") for seen in server.seen] == [None, None]
    assert (tmp_path / "f").read_bytes() == FILE


def test_a_known_hash_is_sign_enough(tmp_path: Path) -> None:
    with breaking(whole("", cut=400), rest(400, "")) as server:
        assert fetch(server.url, Source("/f", 1000, SHA256), tmp_path / "f").checked == "sha256"
    assert "if-range" not in server.seen[1].headers


def test_another_part_than_the_one_that_was_asked_for_is_not_taken(tmp_path: Path) -> None:
    with breaking(whole(cut=400), rest(500), whole()) as server:
        fetch(server.url, Source("/f"), tmp_path / "f")
    assert [seen.headers.get("range") for seen in server.seen] == [None, "bytes=400-", None]
    assert (tmp_path / "f").read_bytes() == FILE


def test_a_part_behind_the_end_is_read_anew(tmp_path: Path) -> None:
    with breaking(whole(cut=400), answer("416 Range Not Satisfiable", b""), whole()) as server:
        fetch(server.url, Source("/f"), tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == FILE


def test_an_old_part_that_is_not_the_beginning_of_the_file_costs_one_more_try(tmp_path: Path) -> None:
    (tmp_path / f".f.{SHA256[:16]}.part").write_bytes(b"x" * 400)
    with breaking(rest(400), whole()) as server:
        assert fetch(server.url, Source("/f", None, SHA256), tmp_path / "f").checked == "sha256"
    assert (tmp_path / "f").read_bytes() == FILE
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_an_old_part_that_is_the_whole_file_lands_without_a_transfer(tmp_path: Path) -> None:
    (tmp_path / f".f.{SHA256[:16]}.part").write_bytes(FILE)
    with breaking(whole()) as server:
        assert fetch(server.url, Source("/f", 1000, SHA256), tmp_path / "f").size == 1000
    assert not server.seen
    assert (tmp_path / "f").read_bytes() == FILE


def test_a_link_in_place_of_a_part_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"precious")
    (tmp_path / f".f.{SHA256[:16]}.part").symlink_to(tmp_path / "mine")
    with breaking(whole()) as server:
        fetch(server.url, Source("/f", None, SHA256), tmp_path / "f")
    assert (tmp_path / "mine").read_bytes() == b"precious"


def test_a_connection_that_always_breaks_is_given_up_without_litter(tmp_path: Path) -> None:
    with breaking(whole("", cut=0)) as server, pytest.raises(Unreachable, match="without sending complete"):
        fetch(server.url, Source("/f"), tmp_path / "f")
    assert len(server.seen) == 5
    assert not list(tmp_path.iterdir())


def test_a_server_that_is_gone_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="refused"):
        fetch(f"http://127.0.0.1:{free_port()}/api", Source("/f"), tmp_path / "f")


def test_a_gateway_without_an_answer_is_asked_again_and_then_believed(tmp_path: Path) -> None:
    with breaking(answer("503 Busy", b"{}"), answer("429 Slow", b"{}", Retry_After="1"), whole()) as server:
        assert fetch(server.url, Source("/f"), tmp_path / "f").size == 1000
    with serving(lambda seen: Response(b"{}", 502)) as down, pytest.raises(ServerFault):
        fetch(down.url, Source("/f"), tmp_path / "g")
    assert len(down.seen) == 5


def test_a_document_that_names_another_file_meanwhile_ends_the_download(tmp_path: Path) -> None:
    named = iter([Source("/f", 1000), Source("/f", 2000)])

    async def locate() -> Source:
        return next(named)

    async def go() -> None:
        opened = await transport(server.url, Time())
        try:
            await downloads.fetch(opened, locate, tmp_path / "f")
        finally:
            await opened.close()

    with breaking(whole(cut=400)) as server, pytest.raises(UnexpectedAnswer, match="changed"):
        asyncio.run(go())
    assert not list(tmp_path.iterdir())


def test_what_a_server_says_when_it_refuses_a_link_is_told(tmp_path: Path) -> None:
    def refusing(seen: Seen) -> Response:
        return Response(b'{"message": "No more"}', 410, {"Content-Type": "application/json"})

    with serving(refusing) as server, pytest.raises(Refused, match="No more"):
        fetch(server.url, Source("/f"), tmp_path / "f")
