"""A file that is still coming, beside the place where it shall lie, and names that are safe to give it.

Invariant: the target appears by one rename of a flushed file. A part whose hash is known keeps its name from call to
call and stays when it is interrupted; any other is taken away.
"""

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

from app.errors import InputError, Problem
from app.tasks import in_thread

T = TypeVar("T")
_BLOCK = 512 * 1024
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?")
_FORBIDDEN = frozenset('<>:"/\\|?*')
# Leaves room for what a part's own name adds to it; file systems end at 255 bytes.
_LONGEST = 180


class Part:
    """`size` counts what was written, buffered bytes included. File errors come out as InputError about the target."""

    def __init__(self, target: Path, path: Path, kind: str) -> None:
        self.size = 0
        self._target, self._path = target, path
        self._kind = kind
        self._buffer = bytearray()
        self._file: IO[bytes] | None = None
        self._hash = self._fresh()

    @classmethod
    async def open(cls, target: Path, digest: str, kind: str) -> "Part":
        """The part that an earlier call left for the file of this hash, or an empty one. `kind` names the hash."""
        path = target.with_name(f".{target.name}.{digest[:16] or secrets.token_hex(8)}.part")
        part = cls(target, path, kind)
        try:
            await part._away(part._open)
            # Piece by piece, so that a cancellation does not wait for two gigabytes.
            while await part._away(part._recall):
                pass
        except BaseException:
            part.close()
            raise
        return part

    async def write(self, piece: bytes) -> None:
        """Takes bytes; they reach the disk in blocks, off the loop's thread."""
        self._buffer += piece
        self.size += len(piece)
        if len(self._buffer) >= _BLOCK:
            await self.flush()

    async def flush(self) -> None:
        """Hands everything to the system."""
        if self._buffer:
            block, self._buffer = self._buffer, bytearray()
            await self._away(lambda: self._put(block))

    async def restart(self) -> None:
        """Empties the part."""
        self._buffer.clear()
        self.size, self._hash = 0, self._fresh()
        await self._away(self._cut)

    async def make_room(self, total: int | None) -> None:
        """Raises InputError where the rest of `total` bytes does not fit on the disk."""
        if total is not None:
            free = await self._away(lambda: shutil.disk_usage(self._path.parent).free)
            if total - self.size > free:
                needs = f"{(total - self.size) / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB are free."
                raise InputError([Problem("target", needs)])

    async def fits(self, digest: str) -> bool:
        """Whether what was written has this hash."""
        await self.flush()
        return self._hash.hexdigest() == digest.lower()

    async def land(self) -> None:
        """Gives the file its name, once the disk has it."""
        await self.flush()
        await self._away(self._rename)

    def close(self) -> None:
        """Keeps the part for another call where its hash is known and something came; else nothing stays."""
        if self._file is None:
            return
        keep = bool(self._kind and self.size)
        with contextlib.suppress(OSError):
            if keep:
                self._file.write(self._buffer)
            self._file.close()
        if not keep:
            self._path.unlink(missing_ok=True)

    async def _away(self, work: Callable[[], T]) -> T:
        try:
            return await in_thread(work)
        except OSError as error:
            why = f"{self._target.name} can't be written: {error.strerror}."
            raise InputError([Problem("target", why)]) from error

    def _fresh(self) -> "hashlib._Hash":
        return hashlib.new(self._kind or "sha256", usedforsecurity=False)

    def _open(self) -> None:
        if self._path.is_symlink():
            self._path.unlink()
        self._file = self._path.open("r+b" if self._path.exists() else "x+b")

    @property
    def _opened(self) -> IO[bytes]:
        assert self._file is not None, "the part is open from `open` to `close`"
        return self._file

    def _recall(self) -> bool:
        block = self._opened.read(_BLOCK)
        self._hash.update(block)
        self.size += len(block)
        return bool(block)

    def _put(self, block: bytearray) -> None:
        self._opened.write(block)
        self._hash.update(block)

    def _cut(self) -> None:
        self._opened.seek(0)
        self._opened.truncate()

    def _rename(self) -> None:
        self._opened.flush()
        os.fsync(self._opened.fileno())
        self._opened.close()
        self._path.replace(self._target)
        self._file = None


def safe_name(name: str, otherwise: str = "download") -> str:
    """A server's name for a file as one that is safe on every system: no path, nothing unseen, nothing reserved."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = (c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    kept = "".join("_" if c in _FORBIDDEN else c for c in seen).strip().lstrip(".").rstrip(". ")
    if _RESERVED.fullmatch(kept):
        kept = f"_{kept}"
    stem, dot, suffix = kept.rpartition(".")
    if not dot or len(suffix.encode()) > 20:
        stem, dot, suffix = kept, "", ""
    room = _LONGEST - len((dot + suffix).encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + dot + suffix or otherwise
