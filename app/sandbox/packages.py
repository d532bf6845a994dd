"""Android packages of the demo library: real archives, with a manifest that any reader understands.

Invariant: the same facts and size give the same bytes. The filling stands in front and is all zeros, so that the
checksums of all sizes are found in one pass over the largest.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

_ANDROID = "http://schemas.android.com/apk/res/android"
_ATTRIBUTES = {
    "label": 0x01010001,
    "name": 0x01010003,
    "minSdkVersion": 0x0101020C,
    "versionCode": 0x0101021B,
    "versionName": 0x0101021C,
    "targetSdkVersion": 0x01010270,
}
_NONE = 0xFFFFFFFF
_STEP = 1 << 20
_FILLING, _MANIFEST = b"assets/filling.bin", b"AndroidManifest.xml"


class Facts(NamedTuple):
    """What the manifest of a package says; `size` is that of the whole file in bytes."""

    package: str
    version_name: str
    version_code: int
    label: str
    size: int
    min_sdk: int = 26
    target_sdk: int = 34
    permissions: tuple[str, ...] = ()


def write(facts: Facts, path: Path) -> None:
    """Writes the package; its filling is a hole where the file system knows holes."""
    filling = facts.size - _overhead(facts)
    with path.open("wb") as file:
        file.write(_head(_FILLING, 0, 0, streamed=True))
        file.seek(filling, 1)
        file.write(_tail(facts, filling, _zero_sums([filling])[filling][1]))


def digests(all_facts: Sequence[Facts]) -> list[str]:
    """The SHA-256 of each package, in hex."""
    fillings = [facts.size - _overhead(facts) for facts in all_facts]
    sums = _zero_sums(fillings)
    found = []
    for facts, filling in zip(all_facts, fillings, strict=True):
        begun, crc = sums[filling]
        whole = begun.copy()
        whole.update(_tail(facts, filling, crc))
        found.append(whole.hexdigest())
    return found


def manifest(facts: Facts) -> bytes:
    """AndroidManifest.xml in its binary form."""
    names = list(_ATTRIBUTES)
    texts = [*names, _ANDROID, "manifest", "package", "uses-sdk", "uses-permission", "application"]
    texts += [facts.package, facts.version_name, facts.label, *facts.permissions]
    places = {text: place for place, text in reversed(list(enumerate(texts)))}

    def element(name: str, *attributes: tuple[str, str | int]) -> bytes:
        rows = b"".join(_attribute(places, key, value) for key, value in attributes)
        start = struct.pack("<IIIIHHHHHH", 1, _NONE, _NONE, places[name], 20, 20, len(attributes), 0, 0, 0)
        return _chunk(0x0102, start[:8], start[8:] + rows)

    def end(name: str) -> bytes:
        return _chunk(0x0103, struct.pack("<II", 1, _NONE), struct.pack("<II", _NONE, places[name]))

    body = _pool(texts) + _chunk(0x0180, b"", struct.pack(f"<{len(names)}I", *_ATTRIBUTES.values()))
    body += element(
        "manifest", ("versionCode", facts.version_code), ("versionName", facts.version_name), ("package", facts.package)
    )
    body += element("uses-sdk", ("minSdkVersion", facts.min_sdk), ("targetSdkVersion", facts.target_sdk))
    body += end("uses-sdk")
    for permission in facts.permissions:
        body += element("uses-permission", ("name", permission)) + end("uses-permission")
    body += element("application", ("label", facts.label)) + end("application") + end("manifest")
    return _chunk(0x0003, b"", body)


def _chunk(kind: int, head: bytes, body: bytes) -> bytes:
    return struct.pack("<HHI", kind, 8 + len(head), 8 + len(head) + len(body)) + head + body


def _attribute(places: dict[str, int], key: str, value: str | int) -> bytes:
    space = places[_ANDROID] if key in _ATTRIBUTES else _NONE
    if isinstance(value, str):
        return struct.pack("<IIIHBBI", space, places[key], places[value], 8, 0, 0x03, places[value])
    return struct.pack("<IIIHBBI", space, places[key], _NONE, 8, 0, 0x10, value)


def _pool(texts: Sequence[str]) -> bytes:
    """A string pool in UTF-16."""
    data, offsets = b"", []
    for text in texts:
        offsets.append(len(data))
        raw = text.encode("utf-16-le")
        data += struct.pack("<H", len(raw) // 2) + raw + b"\0\0"
    data += b"\0" * (-len(data) % 4)
    head = struct.pack("<IIIII", len(texts), 0, 0, 28 + 4 * len(texts), 0)
    return _chunk(0x0001, head, struct.pack(f"<{len(texts)}I", *offsets) + data)


def _head(name: bytes, crc: int, size: int, streamed: bool = False) -> bytes:
    """A local file header; of a streamed entry the sums come behind the data, so all heads are alike."""
    return (
        struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 8 if streamed else 0, 0, 0, 0x21, crc, size, size, len(name), 0)
        + name
    )


def _entry(name: bytes, crc: int, size: int, at: int, streamed: bool = False) -> bytes:
    flags = 8 if streamed else 0
    row = struct.pack(
        "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, flags, 0, 0, 0x21, crc, size, size, len(name), 0, 0, 0, 0, 0, at
    )
    return row + name


def _tail(facts: Facts, filling: int, crc: int) -> bytes:
    """Everything behind the filling: its sums, the manifest, the directory."""
    sums = struct.pack("<IIII", 0x08074B50, crc, filling, filling)
    xml = manifest(facts)
    at = len(_head(_FILLING, 0, 0)) + filling + len(sums)
    member = _head(_MANIFEST, zlib.crc32(xml), len(xml)) + xml
    directory = _entry(_FILLING, crc, filling, 0, streamed=True) + _entry(_MANIFEST, zlib.crc32(xml), len(xml), at)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 2, 2, len(directory), at + len(member), 0)
    return sums + member + directory + end


def _overhead(facts: Facts) -> int:
    return len(_head(_FILLING, 0, 0)) + len(_tail(facts, 0, 0))


def _zero_sums(sizes: Iterable[int]) -> "dict[int, tuple[hashlib._Hash, int]]":
    """For each size: a SHA-256 fed with the head and that many zeros, and the CRC of the zeros."""
    hashed, crc, done = hashlib.sha256(_head(_FILLING, 0, 0, streamed=True)), 0, 0
    zeros, found = bytes(_STEP), {}
    for size in sorted(set(sizes)):
        while done < size:
            piece = memoryview(zeros)[: min(_STEP, size - done)]
            hashed.update(piece)
            crc = zlib.crc32(piece, crc)
            done += len(piece)
        found[size] = (hashed.copy(), crc)
    return found
