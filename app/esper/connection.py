"""The pool of connections to one address, and what an address and a key must be like.

Invariant: the key goes to the tenant's own address only, over TLS with a certificate this machine trusts, or in plain to
this machine itself; no redirect is followed, no cookie is kept.
"""

import http.cookiejar
import logging
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.errors import InputError, Problem
from app.redact import guard

if TYPE_CHECKING:
    import httpx

# Shorter than what servers keep idle connections for, so that few requests meet one that is just being closed.
_KEEP_IDLE = 4.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


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


def build(url: str, token: str, most: int, timeout: float) -> "httpx.AsyncClient":
    """A client with at most `most` connections. Takes 150 ms the first time: call it in a thread."""
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
        verify=_trust(parts.scheme),
        http2=True,
        trust_env=parts.hostname not in _LOOPBACK,
        follow_redirects=False,
        cookies=refusing,
        timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0), pool=None),
        limits=httpx.Limits(max_connections=most, max_keepalive_connections=most, keepalive_expiry=_KEEP_IDLE),
    )


def _trust(scheme: str) -> ssl.SSLContext:
    """The system's own trust; for plain http a context that trusts nobody, because loading certificates takes time."""
    if scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
