"""The connection under a request, for faults that HTTP has no words for.

Invariant: a handler never sees it; only faults write past the server, and what they write ends a connection or comes
before an answer, never inside one.
"""

import asyncio
from typing import Any, Protocol

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_EXTENSION = "sandbox.wire"


class Wire(Protocol):
    """What a fault may do to a connection."""

    def write(self, data: bytes) -> None:
        """Sends bytes as they are."""

    def close(self) -> None:
        """Closes the connection when what was sent is out."""

    def is_closing(self) -> bool:
        """Whether the connection is closed or about to be, by either side."""


def wire_of(scope: Scope) -> Wire:
    """The connection of a request that `WiredProtocol` took in."""
    wire: Wire = scope["extensions"][_EXTENSION]
    return wire


class WiredProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1, which names the connection in the scope of each request."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._answer = self.app
        self.app = self._wired

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wire: Wire = transport

    async def _wired(self, scope: Any, receive: Any, send: Any) -> None:
        scope["extensions"] = {**scope.get("extensions", {}), _EXTENSION: self._wire}
        await self._answer(scope, receive, send)
