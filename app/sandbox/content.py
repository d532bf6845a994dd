"""The tenant's files: some that were always there, and what was uploaded since.

Invariant: an id is given once; the hash is the SHA-256 of the bytes that a download gives.
"""

import hashlib
import mimetypes
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.sandbox.answers import Upload
from app.sandbox.shelf import Shelf

_FOUNDED = 1704067200.0  # 2024-01-01
_DAY = 86400.0
_FIRST_ID = 1201

# Name, tags, description, and a line that the file is made of, so many times.
_SEEDS: tuple[tuple[str, tuple[str, ...], str | None, str, int], ...] = (
    ("price-list-2026.csv", ("prices", "retail"), "All stores, valid from January", "4006381333931;Pencil HB;0,89\n", 12_000),
    ("opening-hours.json", ("retail",), None, '{"monday": "08:00-20:00"}\n', 40),
    ("depot-map.svg", ("depot", "drivers"), "Gates and parking", '<path d="M0 0h10v10z"/>\n', 3000),
    ("welcome.html", (), None, "<p>Welcome to the store.</p>\n", 25),
    ("Ärzteliste (neu).txt", ("hospital",), "Nur für die Station", "Station 3, Zimmer 12\n", 300),
    ("wifi-certificates.pem", ("network",), "Public certificates only", "-----BEGIN CERTIFICATE-----\n", 60),
    ("training-video.mp4", ("training", "video"), "Handheld basics, 4 minutes", "\0\0\0\x18ftypmp42 frame\n", 160_000),
    ("boot-animation.zip", ("kiosk",), None, "PK frame\n", 9000),
    ("=cmd|' /C calc'!A0.csv", ("odd",), "<b>not bold</b>", "1;2;3\n", 9),
    ("emergency-plan.pdf", ("hospital", "depot", "retail"), "Read this first", "%PDF page\n", 21_000),
)  # fmt: skip


@dataclass(slots=True)
class File:
    """One file. `size` in bytes, times in seconds since 1970; `path` is where it lies, None for one not made yet."""

    id: int
    name: str
    kind: str | None
    size: int
    sha256: str
    created: float
    modified: float
    tags: list[str] = field(default_factory=list)
    description: str | None = None
    seed: int | None = None
    path: Path | None = None


class Content:
    """All files, newest first in `all`."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._files = {_FIRST_ID + number: _seeded(number) for number in range(len(_SEEDS))}
        self._next = _FIRST_ID + len(_SEEDS)

    @property
    def all(self) -> list[File]:
        return list(self._files.values())[::-1]

    def find(self, file_id: str) -> File | None:
        """The file of that id; None where there is none."""
        return self._files.get(int(file_id)) if file_id.isascii() and file_id.isdigit() and len(file_id) < 12 else None

    def add(self, upload: Upload, now: float) -> File:
        """Files what was uploaded. A name may be there already: ids tell files apart, not names."""
        kind = mimetypes.guess_type(upload.name)[0]
        made = File(self._next, upload.name, kind, upload.size, upload.sha256, now, now, path=upload.path)
        self._files[made.id] = made
        self._next += 1
        return made

    def remove(self, file: File) -> None:
        """Deletes a file."""
        del self._files[file.id]
        if file.path is not None:
            file.path.unlink(missing_ok=True)

    def file(self, file: File) -> Path | None:
        """Where the bytes lie; None where they are not kept any more."""
        if file.path is None and file.seed is not None:
            file.path = self._shelf.place()
            file.path.write_bytes(_bytes(file.seed))
        return file.path

    def snapshot(self) -> dict[str, Any]:
        """All files as plain data, without their bytes."""
        return {"next": self._next, "files": [asdict(file) | {"path": None} for file in self._files.values()]}

    def restore(self, kept: Any) -> None:
        """Takes a snapshot back. Raises KeyError, TypeError or ValueError where it is none."""
        files = [File(**item) for item in kept["files"]]
        self._files, self._next = {file.id: file for file in files}, int(kept["next"])


def _bytes(seed: int) -> bytes:
    line, times = _SEEDS[seed][3:]
    return line.encode() * times


def _seeded(number: int) -> File:
    name, tags, description, _, _ = _SEEDS[number]
    data, when = _bytes(number), _FOUNDED + number * 11 * _DAY
    kind, digest = mimetypes.guess_type(name)[0], hashlib.sha256(data).hexdigest()
    return File(_FIRST_ID + number, name, kind, len(data), digest, when, when, list(tags), description, number)
