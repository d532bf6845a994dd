"""Files to the server: byte for byte, once, and never called unknown where they certainly did not arrive whole."""

import asyncio
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import HTTP
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from app.errors import BadRequest, InputError, OutcomeUnknown, Refused, ServerFault, Unreachable
from app.esper import uploads
from app.esper.client import EsperClient
from app.esper.content import CONTENT
from app.records import Content
from tests.unit.esper.asking import ask, calls
from tests.unit.esper.server import Seen, breaking, client, document, serving

BODY = bytes(range(256)) * 4000
PATH = "/v0/enterprise/e1/content/upload/"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "map.png"
    path.write_bytes(BODY)
    return path


def form(seen: Seen) -> tuple[str, str, str, bytes]:
    """Field, file name, media type and bytes of the only part, read by somebody else's parser."""
    head = f"Content-Type: {seen.headers['content-type']}\r\n\r\n".encode()
    [part] = BytesParser(policy=HTTP).parsebytes(head + seen.body).iter_parts()
    field = part["content-disposition"].params
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return field["name"], field["filename"], part.get_content_type(), payload


def taken(seen: Seen) -> Response:
    return document({"id": 7, "name": "map.png", "size": str(len(BODY))})


def upload(url: str, file: Path, told: list[tuple[int, int | None]] | None = None, name: str = "") -> Content:
    tell = None if told is None else lambda done, total: told.append((done, total))
    return ask(url, lambda opened: opened.content.upload(file, name=name, progress=tell))


def test_a_file_arrives_byte_for_byte_with_its_length_announced(file: Path) -> None:
    told: list[tuple[int, int | None]] = []
    with serving(taken) as server:
        assert upload(server.url, file, told).id == "7"
    assert calls(server.seen) == [("POST", PATH)]
    assert form(server.seen[0]) == ("key", "map.png", "image/png", BODY)
    assert int(server.seen[0].headers["content-length"]) == len(server.seen[0].body)
    assert "transfer-encoding" not in server.seen[0].headers
    done = [count for count, _ in told]
    assert done == sorted(done)
    assert (told[0], told[-1]) == ((0, len(BODY)), (len(BODY), len(BODY)))
    assert max(after - before for before, after in pairwise(done)) <= 64 * 1024


def test_an_empty_file_is_sent_as_one(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    told: list[tuple[int, int | None]] = []
    with serving(taken) as server:
        upload(server.url, tmp_path / "empty.txt", told)
    assert form(server.seen[0])[3] == b""
    assert told == [(0, 0)]


@pytest.mark.parametrize("name", ["plain.bin", "Grüße 世界.bin", 'quo"te.bin', "line\r\nX-Evil: 1.bin", "\udcff.bin"])
def test_no_name_of_a_file_ends_its_header(file: Path, name: str) -> None:
    with serving(taken) as server:
        upload(server.url, file, name=name)
    head, _, rest = server.seen[0].body.partition(b"\r\n\r\n")
    assert head.count(b"\r\n") == 2
    assert head.split(b"\r\n")[1].count(b'"') == 4
    assert rest.startswith(BODY[:1000])


def test_a_lost_answer_is_an_unknown_outcome_and_nothing_is_sent_twice(file: Path) -> None:
    with breaking(b"") as server, pytest.raises(OutcomeUnknown):
        upload(server.url, file)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "reply", [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<htm", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"]
)
def test_an_answer_that_says_nothing_is_an_unknown_outcome(file: Path, reply: bytes) -> None:
    with breaking(reply) as server, pytest.raises(OutcomeUnknown):
        upload(server.url, file)
    assert len(server.seen) == 1


def test_a_refusal_is_told_in_the_words_of_the_server(file: Path) -> None:
    said = {"errors": ["App version already exists "], "message": "App version already exists ", "status": 400}
    with serving(lambda seen: document(said, 400)) as server, pytest.raises(BadRequest, match="already exists"):
        ask(server.url, lambda opened: opened.apps.upload(file))
    assert calls(server.seen) == [("POST", "/enterprise/e1/application/upload/")]


def test_a_server_fault_is_not_tried_again(file: Path) -> None:
    with serving(lambda seen: document({}, 503)) as server, pytest.raises(ServerFault):
        upload(server.url, file)
    assert len(server.seen) == 1


@contextmanager
def taking(most: int, reply: bytes, heard: threading.Event | None = None) -> Iterator[str]:
    """A server that reads `most` bytes, says `reply` and hangs up; it waits for the event before that."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.read(most)
            if heard is not None:
                heard.wait(10)
            self.wfile.write(reply)

    class Listener(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hung up is what some tests want."""

    with Listener(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.server_address[1]}/api"
        finally:
            listener.shutdown()
            thread.join(10)


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """Larger than all buffers between two sockets of one machine."""
    path = tmp_path / "long.bin"
    with path.open("wb") as sparse:
        sparse.truncate(40 * 2**20)
    return path


def test_a_connection_that_breaks_before_the_last_byte_certainly_brought_nothing(long: Path) -> None:
    with taking(100_000, b"") as url, pytest.raises(Unreachable, match="of 41943040 bytes"):
        upload(url, long)


def test_a_server_that_refuses_early_is_heard_or_the_upload_is_known_to_have_failed(long: Path) -> None:
    reply = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    with taking(100_000, reply) as url, pytest.raises((Refused, Unreachable)):
        upload(url, long)


def test_an_upload_can_be_cancelled_at_any_byte(long: Path) -> None:
    release = threading.Event()
    handed: list[int] = []

    async def go(url: str) -> None:
        opened: EsperClient = await client(url)
        begun = asyncio.Event()

        def tell(done: int, total: int | None) -> None:
            handed.append(done)
            if done > 200_000:
                begun.set()

        async with asyncio.TaskGroup() as group:
            task = group.create_task(opened.content.upload(long, progress=tell))
            await begun.wait()
            task.cancel()
        assert task.cancelled()
        await opened.close()

    with taking(100_000, b"", release) as url:
        asyncio.run(go(url))
        release.set()
    assert 200_000 < handed[-1] < 40 * 2**20
    long.rename(long.with_suffix(".free"))


def test_a_file_that_is_not_there_is_named_before_anything_is_sent(tmp_path: Path) -> None:
    with serving(taken) as server:
        for path in (tmp_path / "missing", tmp_path):
            with pytest.raises(InputError) as raised:
                upload(server.url, path)
            assert raised.value.problems[0].field == "file"
    assert not server.seen


def test_a_file_that_shrinks_meanwhile_ends_the_upload(long: Path) -> None:
    def cut(done: int, total: int | None) -> None:
        if done:
            with long.open("r+b") as shorter:
                shorter.truncate(1000)

    with taking(100 * 2**20, b"") as url, pytest.raises(InputError, match="shorter"):
        ask(url, lambda opened: opened.content.upload(long, progress=cut))


def test_two_transfers_run_at_a_time_and_do_not_stand_in_the_way_of_a_click(file: Path) -> None:
    async def question(opened: EsperClient) -> None:
        begun = 0
        release = asyncio.Event()

        class Held(uploads.Multipart):
            async def __anext__(self) -> bytes:
                nonlocal begun
                if not self.handed and not release.is_set():
                    begun += 1
                    await release.wait()
                return await super().__anext__()

        bodies = [Held(file, "key", "x", None) for _ in range(4)]
        for body in bodies:
            await body.open()
        async with asyncio.TaskGroup() as group:
            for body in bodies:
                group.create_task(opened._exchange.upload(PATH, body, CONTENT))
            while begun < 2:
                await asyncio.sleep(0)
            assert (await opened.device("d1")).id == "d1"
            assert (begun, opened.pace.state.in_flight) == (2, 0)
            release.set()
        for body in bodies:
            body.close()

    with serving(lambda seen: document({"id": "d1"}) if seen.method == "GET" else taken(seen)) as server:
        ask(server.url, question)
    assert [seen.method for seen in server.seen] == ["GET", *["POST"] * 4]
