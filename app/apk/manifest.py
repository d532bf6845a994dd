"""AndroidManifest.xml in its binary form: elements and attributes, as far as a fleet needs them.

Invariant: attributes of the platform are known by their number, because some tools strip or change the names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.apk.chunks import REFERENCE, STRING, STRING_POOL, Damaged, Strings, Value, only

_XML, _RESOURCE_MAP, _START_ELEMENT = 0x0003, 0x0180, 0x0102
_NAMES = {
    0x01010001: "label",
    0x01010002: "icon",
    0x01010003: "name",
    0x0101020C: "minSdkVersion",
    0x01010270: "targetSdkVersion",
    0x0101021B: "versionCode",
    0x0101021C: "versionName",
    0x01010576: "versionCodeMajor",
}
_PERMISSIONS = {"uses-permission", "uses-permission-sdk-23"}
_MOST_PERMISSIONS = 1000


@dataclass(slots=True)
class Manifest:
    """What the manifest says. A label or icon may be a Value of kind REFERENCE, to be looked up in the resources."""

    package: str | None = None
    version_code: int = 0
    version_name: str | Value | None = None
    min_sdk: str | None = None
    target_sdk: str | None = None
    label: str | Value | None = None
    icon: str | Value | None = None
    permissions: dict[str, None] = field(default_factory=dict)


def parse(data: bytes) -> Manifest:
    """Raises Damaged for anything that is no binary XML."""
    found = Manifest()
    for name, attributes in _elements(data):
        if name == "manifest":
            package = attributes.get("package")
            found.package = package if isinstance(package, str) else None
            found.version_code = _number(attributes, "versionCodeMajor") << 32 | _number(attributes, "versionCode")
            found.version_name = attributes.get("versionName")
        elif name == "uses-sdk":
            found.min_sdk = _plain(attributes.get("minSdkVersion"))
            found.target_sdk = _plain(attributes.get("targetSdkVersion"))
        elif name == "application":
            found.label, found.icon = attributes.get("label"), attributes.get("icon")
        elif name in _PERMISSIONS and len(found.permissions) < _MOST_PERMISSIONS:
            permission = attributes.get("name")
            if isinstance(permission, str):
                found.permissions[permission] = None
    return found


def _elements(data: bytes) -> Iterator[tuple[str, dict[str, str | Value]]]:
    """Every element with its attributes: texts as text, everything else as a Value."""
    strings: Strings | None = None
    numbers: list[int] = []
    root = only(data, _XML)
    for chunk in root.inside(root.head):
        if chunk.kind == STRING_POOL and strings is None:
            strings = Strings(chunk)
        elif chunk.kind == _RESOURCE_MAP:
            numbers = [chunk.u32(at) for at in range(chunk.head, chunk.end - chunk.start - 3, 4)]
        elif chunk.kind == _START_ELEMENT:
            if strings is None:
                raise Damaged
            body = chunk.head
            first, size, count = body + chunk.u16(body + 8), chunk.u16(body + 10), chunk.u16(body + 12)
            if count and size < 20:
                raise Damaged
            attributes: dict[str, str | Value] = {}
            for at in range(first, first + size * count, size or 1):
                key, value = chunk.u32(at + 4), chunk.value(at + 12)
                known = _NAMES.get(numbers[key]) if key < len(numbers) else None
                text = strings.text(value.data if value.kind == STRING else chunk.u32(at + 8))
                # A raw text beside a reference is what the author wrote (@string/name), not what is meant.
                attributes[known or strings.text(key) or ""] = (
                    text if text is not None and value.kind != REFERENCE else value
                )
            yield strings.text(chunk.u32(body + 4)) or "", attributes


def _number(attributes: dict[str, str | Value], name: str) -> int:
    value = attributes.get(name)
    if isinstance(value, Value):
        return 0 if value.kind == REFERENCE else value.data
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 11 else 0


def _plain(value: str | Value | None) -> str | None:
    """An SDK version, which is a number or, for a preview, a name."""
    if isinstance(value, Value):
        return None if value.kind == REFERENCE else str(value.data)
    return value
