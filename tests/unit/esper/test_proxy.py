"""The way to the tenant: through the proxy the system names, past it where it says so, trusting a company's own authority."""

import asyncio
import base64
import contextlib
import datetime
import ipaddress
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.errors import InputError, OutcomeUnknown, Unreachable
from app.esper import connection
from app.esper.pace import Pace
from app.esper.transport import Transport
from tests.unit.esper.server import TOKEN, document, serving

pytest.importorskip("cryptography")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "tenant.example"
BODY = b'{"id": 7}'


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@dataclass
class Company:
    """An authority of its own and a server certificate that it vouches for."""

    authority: Path
    tls: ssl.SSLContext


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("company")
    now = datetime.datetime.now(datetime.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("Company CA", HOST)]

    def certificate(which: int) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(names[which])
            .issuer_name(names[0])
            .public_key(keys[which].public_key())
            .serial_number(which + 1)
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=which == 0, path_length=None), critical=True)
        )

    others = x509.SubjectAlternativeName([x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))])
    root = certificate(0).sign(keys[0], hashes.SHA256())
    leaf = certificate(1).add_extension(others, critical=False).sign(keys[0], hashes.SHA256())
    pem = serialization.Encoding.PEM
    authority, server = folder / "company.pem", folder / "server.pem"
    authority.write_bytes(root.public_bytes(pem))
    private = keys[1].private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    server.write_bytes(private + leaf.public_bytes(pem))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(server)
    return Company(authority, tls)


@dataclass
class Road:
    """A tenant behind TLS and a proxy in front of it: what each of them was told."""

    proxy: str = ""
    port: int = 0
    tunnels: list[tuple[str, str]] = field(default_factory=list)
    asked: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def road(company: Company, refusal: bytes = b"", host: str = "127.0.0.1") -> AsyncIterator[Road]:
    """The proxy sends every tunnel to the tenant, wherever it should lead, or answers with `refusal`."""
    way = Road()

    async def tenant(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                way.asked.append(await reader.readuntil(b"\r\n\r\n"))
                head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                writer.write(head % len(BODY) + BODY)
                await writer.drain()
        writer.close()

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                target.write(data)
                await target.drain()
        target.close()

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            credentials = next((line for line in head.split("\r\n") if line.lower().startswith("proxy-auth")), "")
            way.tunnels.append((head.split("\r\n")[0], credentials))
            if not refusal:
                onward, backward = await asyncio.open_connection(host, way.port)
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await asyncio.gather(pump(reader, backward), pump(onward, writer))
            else:
                writer.write(refusal)
        writer.close()

    secure = await asyncio.start_server(tenant, host, 0, ssl=company.tls)
    plain = await asyncio.start_server(proxy, "127.0.0.1", 0)
    way.port = secure.sockets[0].getsockname()[1]
    way.proxy = f"127.0.0.1:{plain.sockets[0].getsockname()[1]}"
    async with secure, plain:
        yield way
    if left := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(left, timeout=5)


async def read(url: str, authorities: Path | None) -> bytes:
    opened = await Transport.open(url, TOKEN, Pace(), 5.0, authorities)
    try:
        return (await opened.read("/user_info/")).body
    finally:
        await opened.close()


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_tenant_is_reached_through_the_proxy_which_sees_no_key(
    name: str, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go() -> None:
        async with road(company) as way:
            monkeypatch.setenv(name, f"http://asa:pass%20word@{way.proxy}")
            assert await read(f"https://{HOST}/api", company.authority) == BODY
        [(request, credentials)] = way.tunnels
        assert request == f"CONNECT {HOST}:443 HTTP/1.1"
        assert base64.b64decode(credentials.split()[-1]) == b"asa:pass word"
        assert way.asked[0].startswith(b"GET /api/user_info/ HTTP/1.1\r\n")
        assert f"bearer {TOKEN}".encode() in way.asked[0].lower()

    asyncio.run(go())


def test_an_authority_that_nobody_named_is_not_trusted_through_a_proxy_either(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go() -> None:
        async with road(company) as way:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{way.proxy}")
            with pytest.raises(Unreachable, match="certificate is not trusted"):
                await read(f"https://{HOST}/api", None)
            assert way.asked == []

    asyncio.run(go())


@pytest.mark.skipif(sys.platform == "darwin", reason="this system has one loopback address only")
@pytest.mark.parametrize("spared", ["127.0.0.2", "*", "other.example, 127.0.0.2"])
def test_a_host_that_the_system_spares_is_reached_past_the_proxy(
    spared: str, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go() -> None:
        async with road(company, host="127.0.0.2") as way:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{way.proxy}")
            monkeypatch.setenv("NO_PROXY", spared)
            assert await read(f"https://127.0.0.2:{way.port}/api", company.authority) == BODY
            assert way.tunnels == []

    asyncio.run(go())


def test_this_machine_is_never_asked_for_through_a_proxy(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    async def go(url: str) -> None:
        async with road(company) as way:
            for name in ("HTTP_PROXY", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://{way.proxy}")
            assert await read(url, None) == BODY
            assert way.tunnels == []

    with serving(lambda seen: document({"id": 7})) as server:
        asyncio.run(go(server.url))


def test_a_proxy_that_refuses_is_named_and_certainly_nothing_was_sent(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"

    async def go() -> None:
        async with road(company, refusal) as way:
            monkeypatch.setenv("HTTPS_PROXY", f"http://asa:opensesame@{way.proxy}")
            opened = await Transport.open(f"https://{HOST}/api", TOKEN, Pace(), 5.0, company.authority)
            with pytest.raises(Unreachable, match="the proxy did not let us through: 407") as raised:
                await opened.write("POST", "/commands/v0/commands/", b"{}")
            await opened.close()
            assert not isinstance(raised.value, OutcomeUnknown)
            assert "opensesame" not in str(raised.value)
            assert way.asked == []

    asyncio.run(go())


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "ftp://127.0.0.1", "http://", "http://127.0.0.1:99999"])
def test_a_proxy_that_can_not_be_used_is_said_so(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(InputError) as raised:
        asyncio.run(read(f"https://{HOST}/api", None))
    assert raised.value.problems[0].field == "proxy"


def test_a_proxy_without_a_scheme_is_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "127.0.0.1:3128")
    assert connection.proxy_for(f"https://{HOST}/api") == "http://127.0.0.1:3128"
    monkeypatch.setenv("NO_PROXY", ".example")
    assert connection.proxy_for(f"https://{HOST}/api") is None


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_without_an_authority_is_said_so(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "company.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"company\.pem") as raised:
        asyncio.run(read(f"https://{HOST}/api", file))
    assert raised.value.problems[0].field == "authorities"
