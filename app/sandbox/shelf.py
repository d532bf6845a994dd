"""Where uploaded and made files lie while the sandbox runs, and how a multipart body gets there without being held.

Invariant: a file is on the shelf whole or not at all, and the folder is gone when the world is.
"""

import hashlib
import re
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from app.sandbox.answers import Refusal, Upload

LARGEST_FILE = 2 * 1024**3
_LARGEST_HEAD = 16_384
_BOUNDARY = re.compile(r'multipart/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_NAME = re.compile(rf"[;\s]name={_QUOTED}")
_FILE_NAME = re.compile(rf"filename={_QUOTED}")
_FILE_NAME_EXTENDED = re.compile(r"filename\*=UTF-8''([^;\s]+)", re.IGNORECASE)


class Shelf:
    """A temporary folder, made when the first file needs it."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._count = 0

    def place(self, suffix: str = "") -> Path:
        """A path for a new file; nothing is there yet."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="fleet-sandbox-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._count += 1
        return self._folder / f"{self._count:06d}{suffix}"


class Intake:
    """Takes a multipart body piece by piece and puts the part named `field` on the shelf; other parts are let go.

    Use as a context: what was not finished is removed. `most` is in bytes. Raises Refusal 400 for a body that
    can't be read.
    """

    def __init__(self, shelf: Shelf, content_type: str, field: str, most: int = LARGEST_FILE) -> None:
        found = _BOUNDARY.match(content_type)
        if found is None:
            raise Refusal(400, [f"{field}: Must be sent as multipart/form-data."])
        self._field = field
        self._most = most
        self._limit = b"\r\n--" + (found[1] or found[2]).encode("latin-1", "replace")
        self._held = b"\r\n"  # so that the first boundary looks like the others
        self._step = self._skip
        self._shelf = shelf
        self._file: IO[bytes] | None = None
        self._hash = hashlib.sha256()
        self._size = 0
        self._name = ""
        self._path: Path | None = None
        self._ended = False
        self._taken: Upload | None = None

    def __enter__(self) -> "Intake":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        if self._path is not None and self._taken is None:
            self._path.unlink(missing_ok=True)

    def feed(self, piece: bytes) -> None:
        """Takes the next bytes of the body."""
        self._held += piece
        while not self._ended and self._step():
            continue

    def finish(self) -> Upload:
        """The file that was sent. Raises Refusal 400 where there is none or the body broke off."""
        if not self._ended:
            raise Refusal(400, ["body: The multipart body is not complete."])
        if self._path is None:
            raise Refusal(400, [f"{self._field}: No file was submitted."])
        if not self._size:
            raise Refusal(400, [f"{self._field}: The submitted file is empty. "], "The submitted file is empty. ")
        self._taken = Upload(self._name, self._path, self._size, self._hash.hexdigest())
        return self._taken

    def _skip(self) -> bool:
        """Looks for the next boundary; everything before it belongs to the part that is open."""
        place = self._held.find(self._limit)
        if place < 0:
            keep = len(self._limit) - 1
            self._write(self._held[:-keep])
            self._held = self._held[-keep:]
            return False
        self._write(self._held[:place])
        self._close()
        self._held = self._held[place + len(self._limit) :]
        self._step = self._open
        return True

    def _open(self) -> bool:
        """Behind a boundary: the end of the body, or the head of a part."""
        if self._held[:2] == b"--":
            self._ended = True
            return False
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            if len(self._held) > _LARGEST_HEAD:
                raise Refusal(400, ["body: The multipart body can't be read."])
            return False
        head = self._held[:end].decode("utf-8", "replace")
        self._held = self._held[end + 4 :]
        named, filed = _NAME.search(head), _FILE_NAME.search(head) or _FILE_NAME_EXTENDED.search(head)
        if named is not None and named[1] == self._field and filed is not None and self._path is None:
            extended = _FILE_NAME_EXTENDED.search(head)
            self._name = _plain(unquote(extended[1]) if extended else filed[1])
            self._path = self._shelf.place()
            self._file = self._path.open("wb")
        self._step = self._skip
        return True

    def _write(self, data: bytes) -> None:
        if self._file is None or not data:
            return
        self._size += len(data)
        if self._size > self._most:
            raise Refusal(400, [f"{self._field}: At most {self._most} bytes."])
        self._hash.update(data)
        self._file.write(data)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _plain(name: str) -> str:
    """The name without folders, quoting and control characters."""
    name = name.replace("%22", '"').replace('\\"', '"').replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in name if sign.isprintable())[:255].strip() or "file"
