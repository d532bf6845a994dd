"""What jobs need of a client: the calls around commands.

Invariant: `send_command` goes out exactly once per call; everything else may be repeated without harm.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

from app.records import CommandRequest, CommandStatus

R = TypeVar("R", covariant=True)
T = TypeVar("T")

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class Rows(Protocol[R]):
    """One page. `total` is the size of the whole list, where the server said so."""

    @property
    def rows(self) -> Sequence[R]: ...

    @property
    def total(self) -> int | None: ...


class CommandClient(Protocol):
    """The part of the client that jobs use. Errors are those of the tree in `app.errors`."""

    async def send_command(self, body: Mapping[str, Any]) -> CommandRequest: ...

    def command_requests(self, *, limit: int = 50) -> AsyncIterator[Rows[CommandRequest]]: ...

    async def command_request(self, request_id: str) -> CommandRequest: ...

    async def command_stats(self, request_id: str) -> dict[str, int]: ...

    def command_statuses(
        self, *, request_id: str = "", device_id: str = "", state: str = "", limit: int = 500
    ) -> AsyncIterator[Rows[CommandStatus]]: ...

    async def cancel_command(self, status_id: str, reason: str) -> CommandStatus: ...


@asynccontextmanager
async def reading(pages: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """`pages`, closed at the end even where it was not read to the end."""
    try:
        yield pages
    finally:
        close = getattr(pages, "aclose", None)
        if close is not None:
            await close()
