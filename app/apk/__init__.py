"""What an Android package file says about itself: name, versions, label, SDKs, permissions, icon, SHA-256.

Invariant: any file whatever gives an Apk or an ApkError, within bounded memory; nothing of it is unpacked to disk or run.
"""

import hashlib
import struct
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from app.apk import manifest, resources
from app.apk.chunks import REFERENCE, Damaged, Value

__all__ = ["Apk", "ApkError", "Fault", "read", "read_icon"]

_LARGEST_MANIFEST = 8 * 1024**2
_LARGEST_RESOURCES = 32 * 1024**2
_LARGEST_ICON = 2 * 1024**2
_LARGEST_DIRECTORY = 32 * 1024**2
_LONGEST_TEXT = 255
_TAIL = 22 + 65_535 + 20
_BAD_ZIP = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error,
    ValueError, IndexError, KeyError, OverflowError, NotImplementedError, RuntimeError, EOFError, OSError,
)  # fmt: skip


class Fault(StrEnum):
    """Why a file can't be read as a package."""

    EMPTY = "empty"
    NO_ARCHIVE = "no archive"
    NO_MANIFEST = "no manifest"
    DAMAGED = "damaged"
    TOO_LARGE = "too large"


class ApkError(Exception):
    """The file is no package that a device could install; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Apk:
    """One package file. `version_code` is the number that counts, `version_name` the text that people read.

    `label` and `icon_path` (inside the archive) are None where the manifest gives none or a reference leads nowhere.
    """

    package: str
    version_code: int
    version_name: str
    label: str | None
    min_sdk: str | None
    target_sdk: str | None
    permissions: tuple[str, ...]
    icon_path: str | None
    sha256: str
    size: int


def read(path: Path, sha256: str | None = None) -> Apk:
    """Reads a package file; a known SHA-256 (hex) saves the reading of all its bytes.

    Raises ApkError for a file that is no package, OSError for one that can't be opened.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if not size:
            raise ApkError(Fault.EMPTY)
        _check_directory(file, size)
        try:
            with zipfile.ZipFile(file) as archive:
                found = manifest.parse(_member(archive, "AndroidManifest.xml", _LARGEST_MANIFEST, Fault.NO_MANIFEST))
                table = _resources(archive, found)
        except Damaged:
            raise ApkError(Fault.DAMAGED) from None
        except _BAD_ZIP:
            raise ApkError(Fault.NO_ARCHIVE) from None
        if not found.package or len(found.package) > _LONGEST_TEXT:
            raise ApkError(Fault.DAMAGED)
        file.seek(0)
        digest = sha256 or hashlib.file_digest(file, "sha256").hexdigest()
    return Apk(
        package=found.package,
        version_code=found.version_code,
        version_name=_text(found.version_name, table) or str(found.version_code),
        label=_text(found.label, table),
        min_sdk=found.min_sdk,
        target_sdk=found.target_sdk,
        permissions=tuple(found.permissions),
        icon_path=table.picture(found.icon.data)
        if table and isinstance(found.icon, Value)
        else _text(found.icon, table),
        sha256=digest,
        size=size,
    )


def read_icon(path: Path, icon_path: str) -> bytes | None:
    """The bytes of the icon; None where there is none, or none of a sensible size."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _member(archive, icon_path, _LARGEST_ICON, Fault.NO_MANIFEST)
    except (ApkError, *_BAD_ZIP):
        return None


def _check_directory(file: IO[bytes], size: int) -> None:
    """Refuses an archive whose directory would not fit into memory, before it is read."""
    start = max(0, size - _TAIL)
    file.seek(start)
    tail = file.read(_TAIL)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(tail):
        raise ApkError(Fault.NO_ARCHIVE)
    # The 64-bit form is refused with it: no device installs a package of more than 4 GB.
    length = struct.unpack_from("<I", tail, end + 12)[0]
    if length > _LARGEST_DIRECTORY or tail[max(0, end - 20) : end].startswith(b"PK\x06\x07"):
        raise ApkError(Fault.TOO_LARGE)


def _member(archive: zipfile.ZipFile, name: str, most: int, missing: Fault) -> bytes:
    """One file of the archive, unpacked no further than `most` bytes."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise ApkError(missing) from None
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} or info.flag_bits & 1:
        raise ApkError(Fault.DAMAGED)
    with archive.open(info) as member:
        data = member.read(most + 1)
    if len(data) > most:
        raise ApkError(Fault.TOO_LARGE)
    return data


def _resources(archive: zipfile.ZipFile, found: manifest.Manifest) -> resources.Resources | None:
    """The resource table, where the manifest refers to it and it can be read."""
    if not any(isinstance(value, Value) for value in (found.label, found.icon, found.version_name)):
        return None
    try:
        return resources.Resources(_member(archive, "resources.arsc", _LARGEST_RESOURCES, Fault.NO_MANIFEST))
    except (ApkError, Damaged, *_BAD_ZIP):
        return None


def _text(value: str | Value | None, table: resources.Resources | None) -> str | None:
    if isinstance(value, Value):
        if value.kind != REFERENCE:
            return str(value.data)
        value = table.text(value.data) if table is not None else None
    return value[:_LONGEST_TEXT] if value else None
