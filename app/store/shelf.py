"""Records that come as whole lists - groups, tags, apps, versions - kept as one document each.

Invariant: `replace` leaves exactly the given records of a kind on disk, and touches only those that differ.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import apsw
import msgspec

from app.errors import StoreDamaged
from app.records import App, AppVersion
from app.store.versions import version_key

R = TypeVar("R", bound=msgspec.Struct)


def load(connection: apsw.Connection, kind: str, form: type[R]) -> dict[str, R]:
    """All records of a kind by id. Raises StoreDamaged for a document that can't be read."""
    decoder = msgspec.msgpack.Decoder(form)
    rows = connection.execute("SELECT id, document FROM record WHERE kind = ?", (kind,))
    try:
        return {record_id: decoder.decode(document) for record_id, document in rows}
    except msgspec.MsgspecError as error:
        raise StoreDamaged(f"a {kind} can't be read: {error}") from error


def replace(connection: apsw.Connection, kind: str, have: Mapping[str, Any], want: Mapping[str, Any]) -> frozenset[str]:
    """Makes the disk hold `want` where it held `have`; gives back the ids that differ."""
    gone = [record_id for record_id in have if record_id not in want]
    differ = {record_id: record for record_id, record in want.items() if have.get(record_id) != record}
    connection.executemany("DELETE FROM record WHERE kind = ? AND id = ?", ((kind, record_id) for record_id in gone))
    connection.executemany(
        "INSERT OR REPLACE INTO record (kind, id, document) VALUES (?, ?, ?)",
        ((kind, record_id, msgspec.msgpack.encode(record)) for record_id, record in differ.items()),
    )
    return frozenset(gone) | frozenset(differ)


def by_app(versions: Iterable[AppVersion], apps: Mapping[str, App]) -> dict[str, tuple[AppVersion, ...]]:
    """App id -> its versions, newest first; an app without any has an empty tuple."""
    found: dict[str, list[AppVersion]] = {app_id: [] for app_id in apps}
    for version in versions:
        found.setdefault(version.app_id, []).append(version)
    return {app_id: tuple(sorted(listed, key=_age, reverse=True)) for app_id, listed in found.items()}


def _age(version: AppVersion) -> tuple[float, tuple[int, ...], tuple[int, ...], str]:
    return version.created_at or 0.0, version_key(version.version), version_key(version.build), version.id
