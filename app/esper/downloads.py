"""Files on their way from the server: to a part beside the target, checked, then renamed in one step.

Invariant: the target is the whole file or is not touched. Length and hash are checked where the server gives them, a
broken transfer goes on only where it is still the same file, and the key goes to the tenant's own address alone.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.errors import (
    InputError,
    OutcomeUnknown,
    Problem,
    Refused,
    ServerFault,
    TooFast,
    UnexpectedAnswer,
    Unreachable,
    WireError,
)
from app.esper.parts import Part
from app.esper.transport import Transport
from app.esper.uploads import Progress

if TYPE_CHECKING:
    import httpx

# In a row without a single new byte, and in all.
_TRIES, _MOST_TRIES = 5, 100
_MOST_HOPS = 5
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_MOVED = frozenset({301, 302, 303, 307, 308})
# The contract names no kind of hash: its length does.
_KINDS = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
_taken: set[Path] = set()


class Source(NamedTuple):
    """Where a file lies now, and what is known of it: `size` in bytes, `hash` in hexadecimal."""

    url: str
    size: int | None = None
    hash: str = ""


class Landed(NamedTuple):
    """A whole file. `checked` is the kind of hash that it was compared with, empty where the server gave none."""

    path: Path
    size: int
    checked: str


Locate = Callable[[], Awaitable[Source]]


async def fetch(transport: Transport, locate: Locate, target: Path, progress: Progress | None = None) -> Landed:
    """Brings the file that `locate` finds to `target`, replacing what is there. `locate` is asked before every try.

    A file with a known hash leaves its part behind where it did not land, and the next call goes on from there.
    Raises InputError where the target can't be written, Refused, Unreachable, or UnexpectedAnswer where what came is
    not the file.
    """
    if target in _taken:
        raise InputError([Problem("target", f"{target.name} is being downloaded already.")])
    _taken.add(target)
    try:
        return await _Download(transport, locate, target, progress).run()
    finally:
        _taken.discard(target)


class _Download:
    def __init__(self, transport: Transport, locate: Locate, target: Path, progress: Progress | None) -> None:
        self._transport, self._locate = transport, locate
        self._target, self._progress = target, progress
        self._tag = ""

    async def run(self) -> Landed:
        source = await self._locate()
        kind = _kind(source.hash)
        part = await Part.open(self._target, source.hash.lower() if kind else "", kind)
        try:
            inherited = part.size > 0
            await self._fill(part, source, kind)
            if inherited and not await part.fits(source.hash):
                # What an earlier call left was not the beginning of this file.
                await part.restart()
                await self._fill(part, source, kind)
            if kind and not await part.fits(source.hash):
                await part.restart()
                raise UnexpectedAnswer(f"the file does not have the {kind} that the server names")
            size = part.size
            await part.land()
        except WireError as error:
            error.method = error.method or "GET"
            raise
        finally:
            part.close()
        return Landed(self._target, size, kind)

    async def _fill(self, part: Part, source: Source, kind: str) -> None:
        tries = without = 0
        while True:
            before, tries = part.size, tries + 1
            try:
                if source.size is None or part.size != source.size or not part.size:
                    await self._attempt(part, source, bool(kind))
            except (Unreachable, OutcomeUnknown, TooFast, ServerFault) as error:
                without = without + 1 if part.size <= before else 1
                refused = isinstance(error, Refused)
                if without >= _TRIES or tries >= _MOST_TRIES or (refused and error.status == 501):
                    if isinstance(error, OutcomeUnknown):
                        raise Unreachable(error.detail, path=error.path, request_id=error.request_id) from error
                    raise
                await self._transport.pause(without)
                found = await self._locate()
                if found.hash.lower() != source.hash.lower() or found.size != source.size:
                    raise UnexpectedAnswer("the file on the server changed while it was read") from error
                source = found
            else:
                return

    async def _attempt(self, part: Part, source: Source, hashed: bool) -> None:
        """One request; goes on from the end of the part where something says that it is the same file."""
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if part.size and not (hashed or self._tag):
            await part.restart()
        begin = part.size
        if begin:
            headers["Range"] = f"bytes={begin}-"
            if self._tag:
                headers["If-Range"] = self._tag
        try:
            async with _following(self._transport, source.url, headers) as response:
                total = await self._settle(part, response, source.size)
                await self._take(part, response, total)
        except Refused as error:
            if error.status != 416 or not begin:
                raise
            # Nothing lies behind the end of the part: the hash will tell, or the file is read anew.
            if not hashed:
                await part.restart()
                await self._attempt(part, source, hashed)

    async def _settle(self, part: Part, response: "httpx.Response", size: int | None) -> int | None:
        """Brings the part to where the answer begins; gives the length of the whole file if anything says it."""
        if response.status_code not in {200, 206}:
            raise UnexpectedAnswer(f"an answer {response.status_code} holds no file", status=response.status_code)
        if packed := response.headers.get("content-encoding", "").replace("identity", "").strip():
            raise UnexpectedAnswer(f"the file is packed as {packed[:20]}")
        length = response.headers.get("content-length", "")
        total: int | None
        if response.status_code == 206:
            found = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
            if not found or int(found[1]) != part.size:
                await part.restart()
                raise OutcomeUnknown("the server sent another part than the one that was asked for")
            total = int(found[3]) if found[3] != "*" else size
        else:
            if part.size:
                await part.restart()
            total = int(length) if length.isascii() and length.isdigit() else size
            framed = "transfer-encoding" in response.headers or response.http_version.startswith("HTTP/2")
            if total is None and not framed:
                raise UnexpectedAnswer("the server does not say how long the file is")
        if size is not None and total is not None and total != size:
            raise UnexpectedAnswer(f"the file has {total} bytes, not the {size} that the server names")
        tag = response.headers.get("etag", "")
        self._tag = tag if tag.startswith('"') else ""
        await part.make_room(total)
        return total

    async def _take(self, part: Part, response: "httpx.Response", total: int | None) -> None:
        self._tell(part.size, total)
        pieces = response.aiter_raw()
        try:
            async for piece in pieces:
                await part.write(piece)
                if total is not None and part.size > total:
                    raise UnexpectedAnswer("more came than the server announced")
                self._tell(part.size, total)
        finally:
            # Reading on from the closed connection ends the library's generators, which would else wait for a collector.
            await response.aclose()
            with suppress(Exception):
                await anext(pieces)
        if total is not None and part.size < total:
            raise OutcomeUnknown(f"the connection broke after {part.size} of {total} bytes")

    def _tell(self, done: int, total: int | None) -> None:
        if self._progress:
            self._progress(done, total)


@asynccontextmanager
async def _following(transport: Transport, url: str, headers: dict[str, str]) -> AsyncIterator["httpx.Response"]:
    """The answer at the end of a few redirects; every hop is looked at anew before anything is sent there."""
    for _ in range(_MOST_HOPS + 1):
        async with transport.stream("GET", url, headers) as response:
            if response.status_code not in _MOVED:
                yield response
                return
            url = str(response.url.join(response.headers.get("location", "")))
    raise UnexpectedAnswer("the link leads from one place to the next without an end")


def _kind(hexadecimal: str) -> str:
    """Which hash this is, empty for a text that is none we know."""
    return _KINDS.get(len(hexadecimal), "") if re.fullmatch("[0-9a-fA-F]+", hexadecimal) else ""
