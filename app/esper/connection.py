"""The pool of connections to one address, and what an address and a key must be like.

Invariant: the key goes to the tenant's own address only, over TLS with a certificate this machine trusts, or in plain to
this machine itself; no redirect is followed, no cookie is kept. A proxy sees the address, never the key.
"""

import http.cookiejar
import logging
import ssl
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from app.errors import InputError, Problem, UnexpectedAnswer
from app.redact import guard

if TYPE_CHECKING:
    import httpx

# Shorter than what servers keep idle connections for, so that few requests meet one that is just being closed.
_KEEP_IDLE = 4.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Long transfers, which run beside the requests that the pace-keeper counts.
STREAMS = 2


def check_address(url: str) -> str:
    """The address without a final slash. Raises InputError unless it is https, or http on this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if not host or parts.scheme not in {"http", "https"} or (parts.scheme == "http" and host not in _LOOPBACK):
        raise InputError([Problem("tenant", "Only https is safe for a key. Plain http works for this machine only.")])
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError([Problem("tenant", "The address holds more than a host and a path.")])
    return url.rstrip("/")


def check_token(token: str) -> None:
    """Hides the key from every text to come. Raises InputError on one that can't stand in a header."""
    guard(token)
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise InputError([Problem("token", "The key is empty or holds characters that no key has.")])


def destination(url: str, own: str) -> tuple[str, bool]:
    """The whole address behind `url`, a path or a link that a server gave, and whether the key may go there.

    It may to the origin of `own`, the tenant's address, only. A link that a proxy made plain is made secure again.
    Raises UnexpectedAnswer on one that is neither https nor from this machine to itself.
    """
    home = urlsplit(own)
    try:
        link = urlsplit(own + url if url.startswith("/") and not url.startswith("//") else urljoin(f"{own}/", url))
        if (link.scheme, home.scheme, link.hostname) == ("http", "https", home.hostname) and link.port in {None, 80}:
            link = link._replace(scheme="https", netloc=home.netloc)
        ours = _origin(link) == _origin(home)
    except ValueError:
        raise UnexpectedAnswer("the link that the server gave is none") from None
    on_this_machine = link.scheme == "http" and link.hostname in _LOOPBACK and home.hostname in _LOOPBACK
    if not link.hostname or link.username or link.password or not (link.scheme == "https" or on_this_machine):
        raise UnexpectedAnswer("the link that the server gave is not safe")
    return urlunsplit(link._replace(fragment="")), ours


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, parts.hostname or "", parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def proxy_for(url: str) -> str | None:
    """The proxy that the system names for this address, None where it names none or this machine itself is meant.

    From the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, small letters first), else from the settings of
    Windows or macOS with their own exceptions. Raises InputError on a proxy of another kind than http or https.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in _LOOPBACK or urllib.request.proxy_bypass(f"{host}:{parts.port}" if parts.port else host):
        return None
    known = urllib.request.getproxies()
    proxy = known.get(parts.scheme) or known.get("all")
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    try:
        chosen = urlsplit(proxy)
        usable = chosen.scheme in {"http", "https"} and chosen.hostname and chosen.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InputError([Problem("proxy", "The proxy that this system names is no http or https address.")])
    for secret in {chosen.password or "", unquote(chosen.password or "")}:
        guard(secret)
    return proxy


def build(url: str, token: str, most: int, timeout: float, authorities: Path | None = None) -> "httpx.AsyncClient":
    """A client with at most `most` connections. Takes 150 ms the first time: call it in a thread.

    `authorities` is a PEM file with a company's own certificates, trusted besides the system's.
    Raises InputError where that file or the system's proxy can't be used.
    """
    import httpx

    for name in ("httpx", "httpcore", "hpack"):
        # They write whole addresses at INFO and headers at DEBUG.
        logging.getLogger(name).setLevel(logging.WARNING)
    parts = urlsplit(url)
    refusing = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(
        headers={
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": "fleet-console",
        },
        verify=_trust(parts.scheme, authorities),
        http2=True,
        proxy=proxy_for(url),
        # The proxy is chosen above, where the system's exceptions count too; nothing else of the environment is wanted.
        trust_env=False,
        follow_redirects=False,
        cookies=refusing,
        timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0), pool=None),
        limits=httpx.Limits(
            max_connections=most + STREAMS, max_keepalive_connections=most, keepalive_expiry=_KEEP_IDLE
        ),
    )


def _trust(scheme: str, authorities: Path | None) -> ssl.SSLContext:
    """The system's own trust; for plain http a context that trusts nobody, because loading certificates takes time."""
    if scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authorities is not None:
        try:
            context.load_verify_locations(cafile=authorities)
        except (OSError, ValueError) as error:
            why = "holds no certificate" if isinstance(error, ssl.SSLError) else "can't be read"
            raise InputError([Problem("authorities", f"{authorities.name} {why}.")]) from error
    return context
