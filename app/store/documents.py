"""Device record <-> row of the copy: hot facts in plain columns, the server's document compressed beside them.

Invariant: `device_of(row_of(d), shrink(d.raw))` equals `d`, and two records with one digest are the same record.
"""

import hashlib
import zlib
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import msgspec

from app.errors import StoreDamaged
from app.records import Device

# Every field of a Device but `raw`, in the order of the table.
HOT: tuple[str, ...] = tuple(name for name in Device.__struct_fields__ if name != "raw")
FLAGS = ("is_gms", "locked_down", "battery_charging")

_facts = attrgetter(*HOT)
_TAGS = HOT.index("tags")
_STATE = HOT.index("state")
_FLAGS = tuple(HOT.index(name) for name in FLAGS)
_packer = msgspec.msgpack.Encoder()

INSERT = (
    f"INSERT OR REPLACE INTO device (row, digest, gone_at, {', '.join(HOT)}) "  # noqa: S608 - our own names
    f"VALUES (?, ?, NULL{', ?' * len(HOT)})"
)
SELECT = f"SELECT row, digest, gone_at, {', '.join(HOT)} FROM device"  # noqa: S608 - our own names


def digest_of(device: Device) -> int:
    """64 bits, signed, over the whole record, raw included. Raises UnicodeEncodeError on text that is no text."""
    packed = hashlib.blake2b(_packer.encode(device), digest_size=8).digest()
    return int.from_bytes(packed, "little", signed=True)


def clean(device: Device) -> Device:
    """The record with unpaired surrogates replaced: JSON may smuggle them in, no file can hold them."""

    def mend(value: Any) -> Any:
        if isinstance(value, str):
            return value.encode("utf-8", "replace").decode()
        return tuple(mend(v) for v in value) if isinstance(value, tuple) else value

    return msgspec.structs.replace(device, **{name: mend(getattr(device, name)) for name in HOT})


def row_of(device: Device) -> list[Any]:
    """The hot facts in the order of HOT, as SQLite takes them."""
    row = list(_facts(device))
    row[_TAGS] = pack_tags(device.tags)
    if device.state is not None and not -(2**63) <= device.state < 2**63:
        row[_STATE] = None
    return row


def device_of(row: Sequence[Any], raw: bytes | None) -> Device:
    """The record behind a row in the order of HOT and its compressed document."""
    facts = dict(zip(HOT, row, strict=True))
    facts["tags"] = unpack_tags(facts["tags"])
    for name in FLAGS:
        if facts[name] is not None:
            facts[name] = bool(facts[name])
    return Device(**facts, raw=expand(raw) if raw else b"")


def pack_tags(tags: tuple[str, ...]) -> str:
    """One text for a tuple of tags; empty for none."""
    return msgspec.json.encode(tags).decode() if tags else ""


def unpack_tags(text: str) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...]) if text else ()


def shrink(raw: bytes) -> bytes:
    """Compressed lightly: a third of the size at about 40 microseconds a device."""
    return zlib.compress(raw, 1)


def expand(packed: bytes) -> bytes:
    """The bytes behind `shrink`. Raises StoreDamaged."""
    try:
        return zlib.decompress(packed)
    except zlib.error as error:
        raise StoreDamaged(f"a stored document can't be expanded: {error}") from error
