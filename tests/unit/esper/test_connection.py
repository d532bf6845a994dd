"""Under the transport: HTTP/2, certificates, and a connection that the server dropped while it was idle."""

import asyncio
import contextlib
import datetime
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import httpx
import pytest

from app.errors import OutcomeUnknown, Unreachable
from app.esper.pace import Pace
from app.esper.transport import Transport
from tests.unit.esper.server import TOKEN, Time, breaking, transport

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port of a server on this loop that is gone, connections included, when the block ends."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await talk(reader, writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    async with listener:
        yield listener.sockets[0].getsockname()[1]
    if left := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(left, timeout=5)


class SecondVersion:
    """A server that speaks HTTP/2 with prior knowledge; it answers reads and hangs up on writes."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bytes]] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        line.initiate_connection()
        methods: dict[int, str] = {}
        bodies: dict[int, bytes] = {}
        while data := await reader.read(65_536):
            for event in line.receive_data(data):
                if isinstance(event, h2.events.RequestReceived) and event.stream_id is not None:
                    headers = {bytes(key): bytes(value) for key, value in event.headers or ()}
                    methods[event.stream_id] = headers[b":method"].decode()
                elif isinstance(event, h2.events.DataReceived) and event.stream_id is not None:
                    bodies[event.stream_id] = bodies.get(event.stream_id, b"") + (event.data or b"")
                elif isinstance(event, h2.events.StreamEnded) and event.stream_id is not None:
                    method = methods[event.stream_id]
                    self.seen.append((method, bodies.get(event.stream_id, b"")))
                    if method != "GET":
                        return
                    line.send_headers(event.stream_id, [(":status", "200"), ("content-type", "application/json")])
                    line.send_data(event.stream_id, b"{}", end_stream=True)
            writer.write(line.data_to_send())
            await writer.drain()


def over_second_version(call: Callable[[Transport], Awaitable[Any]]) -> SecondVersion:
    server = SecondVersion()

    async def go() -> None:
        async with listening(server.talk) as port:
            client = httpx.AsyncClient(http1=False, http2=True, headers={"Authorization": f"Bearer {TOKEN}"})
            time = Time()
            opened = Transport(client, f"http://127.0.0.1:{port}/api", Pace(sleep=time.sleep), 5.0, sleep=time.sleep)
            try:
                await call(opened)
            finally:
                await opened.close()

    asyncio.run(go())
    return server


def test_reads_share_one_connection_of_the_second_version() -> None:
    async def several(opened: Transport) -> None:
        answers = await asyncio.gather(*(opened.read("/v2/devices/") for _ in range(5)))
        assert [answer.body for answer in answers] == [b"{}"] * 5

    assert over_second_version(several).seen == [("GET", b"")] * 5


def test_a_write_cut_off_in_the_second_version_arrives_once_and_is_unknown() -> None:
    async def write(opened: Transport) -> None:
        await opened.read("/v2/devices/")
        with pytest.raises(OutcomeUnknown):
            await opened.write("POST", "/commands/v0/commands/", b'{"command":"REBOOT"}')

    assert over_second_version(write).seen == [("GET", b""), ("POST", b'{"command":"REBOOT"}')]


def untrusted(folder: Path) -> ssl.SSLContext:
    """A server context with a certificate that nobody vouches for."""
    pytest.importorskip("cryptography")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "server.pem"
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_certificate_nobody_vouches_for_gets_no_request(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))

    async def go() -> None:
        async with listening(listen, untrusted(tmp_path)) as port:
            opened = await transport(f"https://localhost:{port}/api", Time())
            with pytest.raises(Unreachable, match="certificate is not trusted"):
                await opened.read("/v1/token-info/")
            with pytest.raises(Unreachable, match="certificate is not trusted"):
                await opened.write("POST", "/commands/v0/commands/", b"{}")
            await opened.close()

    asyncio.run(go())
    assert not any(heard)


def test_the_client_is_built_off_the_loop_s_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[int] = []
    original = httpx.AsyncClient

    def noting(*args: Any, **options: Any) -> httpx.AsyncClient:
        built.append(threading.get_ident())
        return original(*args, **options)

    monkeypatch.setattr(httpx, "AsyncClient", noting)

    async def go() -> int:
        await (await transport("http://127.0.0.1:1/api", Time())).close()
        return threading.get_ident()

    loop_thread = asyncio.run(go())
    assert built
    assert loop_thread not in built


def test_a_connection_dropped_while_idle_costs_a_read_nothing() -> None:
    kept = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    async def twice(url: str) -> None:
        opened = await transport(url, Time())
        assert (await opened.read("/v2/devices/")).body == b"{}"
        assert (await opened.read("/v2/devices/")).body == b"{}"
        await opened.close()

    with breaking(kept) as server:
        asyncio.run(twice(server.url))
    assert len(server.seen) == 2
