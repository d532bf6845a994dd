"""Files on their way to the server: one multipart part, read while it is sent.

Invariant: never more than a piece of the file is in memory, the length is announced before the first byte, and a file
goes out once: only where its last byte was handed over can the server have taken it.
"""

import mimetypes
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, TypeVar

from app.errors import InputError, OutcomeUnknown, Problem, Unreachable
from app.esper.answers import Form
from app.esper.exchange import Exchange
from app.tasks import in_thread

R = TypeVar("R")
# Bytes handed to the socket, or taken from it, and how many there are in all; None where nobody knows.
Progress = Callable[[int, int | None], None]

# One way to a thread per block, four steps of progress.
_BLOCK, _PIECE = 256 * 1024, 64 * 1024
# What a server may need after the last byte, to look into a package of two gigabytes.
_ANSWER_WITHIN = 300.0


class Multipart:
    """The body of a form with one file, from `open` to `close`; `finished` once the last of it was asked for.

    `progress` hears of the file's own bytes, after the socket took them. Walking raises InputError where the file ends
    early or can't be read.
    """

    def __init__(self, file: Path, field: str, name: str, progress: Progress | None) -> None:
        self.answer_within = _ANSWER_WITHIN
        self.handed = 0
        self.size = 0
        self.finished = False
        self._path, self._progress = file, progress
        self._file: BinaryIO | None = None
        boundary = secrets.token_hex(16)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{_quoted(name)}"\r\n'
            f"Content-Type: {kind}\r\n\r\n"
        ).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._kind = f"multipart/form-data; boundary={boundary}"
        self._left = 0
        self._block = memoryview(b"")
        self._pending = 0
        self._begun = False

    async def open(self) -> None:
        """Opens the file and learns its size. Raises InputError."""
        await in_thread(self._open)

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()

    @property
    def headers(self) -> Mapping[str, str]:
        """Content-Type and Content-Length of the whole body."""
        length = len(self._head) + self.size + len(self._tail)
        return {"Content-Type": self._kind, "Content-Length": str(length)}

    def __aiter__(self) -> "Multipart":
        return self

    async def __anext__(self) -> bytes:
        self._account()
        if self.finished:
            raise StopAsyncIteration
        if not self._begun:
            self._begun = True
            return self._head
        if not self._block and self._left:
            self._block = memoryview(await in_thread(self._read))
            self._left -= len(self._block)
        if not self._block:
            self.finished = True
            return self._tail
        piece, self._block = self._block[:_PIECE], self._block[_PIECE:]
        self._pending = len(piece)
        return bytes(piece)

    def _open(self) -> None:
        try:
            self._file = self._path.open("rb")
            self.size = self._left = self._file.seek(0, 2)
            self._file.seek(0)
        except OSError as error:
            raise InputError([Problem("file", f"The file can't be read: {error.strerror}.")]) from error

    def _read(self) -> bytes:
        assert self._file is not None, "the body is walked between `open` and `close`"
        try:
            block = self._file.read(min(_BLOCK, self._left))
        except OSError as error:
            raise InputError([Problem("file", f"The file can't be read: {error.strerror}.")]) from error
        if not block:
            raise InputError([Problem("file", "The file became shorter while it was sent.")])
        return block

    def _account(self) -> None:
        """Who asks for the next piece has handed over the one before."""
        self.handed += self._pending
        if self._progress and (self._pending or not self._begun):
            self._progress(self.handed, self.size)
        self._pending = 0


async def send(
    exchange: Exchange,
    path: str,
    field: str,
    file: Path,
    form: Form[R],
    progress: Progress | None = None,
    name: str = "",
) -> R:
    """POST of `file` as the form field `field`, once; `name` where the server shall know it by another one.

    Who cancels before the last byte has cancelled the upload. Raises InputError where the file can't be read,
    Unreachable where the server certainly has not got it whole, Refused, else OutcomeUnknown.
    """
    body = Multipart(file, field, name or file.name, progress)
    try:
        await body.open()
        return await exchange.upload(path, body, form)
    except OutcomeUnknown as error:
        if body.finished or error.status:
            raise
        detail = f"the connection broke after {body.handed} of {body.size} bytes: {error.detail}"
        raise Unreachable(detail, method="POST", path=error.path, request_id=error.request_id) from error
    finally:
        body.close()


def _quoted(name: str) -> str:
    """A file name as it stands in a form: UTF-8, without what would end the header (WHATWG, multipart/form-data)."""
    safe = name.encode("utf-8", "replace").decode()
    return "".join(_escaped(safe))


def _escaped(name: str) -> Iterator[str]:
    for character in name:
        yield f"%{ord(character):02X}" if character in '"\r\n\0' else character
