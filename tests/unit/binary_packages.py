"""An encoder of binary manifests and resource tables, written from the layout alone, for tests of the reader.

Invariant: it shares no line with the program; texts are in UTF-8 pools and references are real ones.
"""

import struct
import zipfile
from pathlib import Path

NONE = 0xFFFFFFFF
NUMBERS = {
    "label": 0x01010001,
    "icon": 0x01010002,
    "name": 0x01010003,
    "minSdkVersion": 0x0101020C,
    "versionCode": 0x0101021B,
    "versionName": 0x0101021C,
    "targetSdkVersion": 0x01010270,
    "versionCodeMajor": 0x01010576,
}


class Reference(int):
    """The id of a resource."""


Attribute = str | int | Reference
Element = tuple[str, dict[str, Attribute]]


def chunk(kind: int, head: bytes, body: bytes) -> bytes:
    return struct.pack("<HHI", kind, 8 + len(head), 8 + len(head) + len(body)) + head + body


def length(value: int) -> bytes:
    return bytes([value]) if value < 0x80 else bytes([0x80 | value >> 8, value & 0xFF])


def pool(texts: list[str]) -> bytes:
    data, offsets = b"", []
    for text in texts:
        offsets.append(len(data))
        raw = text.encode()
        data += length(len(text.encode("utf-16-le")) // 2) + length(len(raw)) + raw + b"\0"
    data += b"\0" * (-len(data) % 4)
    head = struct.pack("<5I", len(texts), 0, 0x100, 28 + 4 * len(texts), 0)
    return chunk(0x0001, head, struct.pack(f"<{len(texts)}I", *offsets) + data)


def manifest(elements: list[Element], nameless: bool = False) -> bytes:
    """Elements one after the other; `nameless` leaves the platform's attributes without names, as some tools do."""
    keys = [""] * len(NUMBERS) if nameless else list(NUMBERS)
    texts = [*keys, "package"]
    for name, attributes in elements:
        texts += [name, *(str(value) for value in attributes.values() if isinstance(value, str))]
    body = pool(texts) + chunk(0x0180, b"", struct.pack(f"<{len(NUMBERS)}I", *NUMBERS.values()))
    for name, attributes in elements:
        rows = b""
        for key, value in attributes.items():
            place = list(NUMBERS).index(key) if key in NUMBERS else texts.index(key)
            if isinstance(value, str):
                rows += struct.pack("<IIIHBBI", NONE, place, texts.index(value), 8, 0, 3, texts.index(value))
            else:
                kind = 1 if isinstance(value, Reference) else 0x10
                rows += struct.pack("<IIIHBBI", NONE, place, NONE, 8, 0, kind, value)
        tag = struct.pack("<IIHHHHHH", NONE, texts.index(name), 20, 20, len(attributes), 0, 0, 0)
        body += chunk(0x0102, struct.pack("<II", 1, NONE), tag + rows)
    return chunk(0x0003, b"", body)


Value = str | Reference
Config = tuple[str, int]  # language ("" is the default) and density


def resources(types: dict[int, dict[Config, list[Value | None]]]) -> bytes:
    """One package 0x7f: for each type number, the values of its entries in every configuration."""
    texts = [v for configs in types.values() for values in configs.values() for v in values if isinstance(v, str)]
    body = b""
    for number, configs in types.items():
        for (language, density), values in configs.items():
            config = struct.pack("<IHH2s2sBBHIIII", 36, 0, 0, language.encode(), b"", 0, 0, density, 0, 0, 0, 0)
            offsets, entries = [], b""
            for value in values:
                offsets.append(NONE if value is None else len(entries))
                if isinstance(value, str):
                    entries += struct.pack("<HHIHBBI", 8, 0, 0, 8, 0, 3, texts.index(value))
                elif value is not None:
                    entries += struct.pack("<HHIHBBI", 8, 0, 0, 8, 0, 1, value)
            begin = 8 + 12 + len(config) + 4 * len(values)
            head = struct.pack("<BBHII", number, 0, 0, len(values), begin) + config
            body += chunk(0x0201, head, struct.pack(f"<{len(values)}I", *offsets) + entries)
    package = chunk(0x0200, struct.pack("<I", 0x7F) + bytes(256 + 16), pool(["string"]) + pool(["name"]) + body)
    return chunk(0x0002, struct.pack("<I", 1), pool(texts) + package)


def package(path: Path, files: dict[str, bytes]) -> Path:
    """A package file of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def plain(
    name: str = "com.example.app", code: int = 7, version: str = "1.0.7", **application: Attribute
) -> list[Element]:
    """The elements of a small app."""
    return [
        ("manifest", {"versionCode": code, "versionName": version, "package": name}),
        ("uses-sdk", {"minSdkVersion": 26, "targetSdkVersion": 34}),
        ("uses-permission", {"name": "android.permission.CAMERA"}),
        ("application", application or {"label": "Example"}),
    ]
