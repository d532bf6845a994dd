"""Numbered migrations of the local copy.

Invariant: a migration that was released is never edited; the version of a file is the number of migrations it has had.
`device.row` is the row of the fleet in memory: 0, 1, 2 ... without holes, never deleted.
"""

# The columns of `device` after row, digest and gone_at stand in the order of `documents.HOT`. No index on purpose: the
# table is read whole at start and written by row. What is rarely read lives in tables of its own.
_FIRST = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE device (
    row INTEGER PRIMARY KEY, digest INTEGER NOT NULL, gone_at REAL,
    id TEXT NOT NULL, name TEXT NOT NULL, alias TEXT NOT NULL, state INTEGER, platform TEXT NOT NULL, os TEXT NOT NULL,
    os_version TEXT NOT NULL, last_seen REAL, group_id TEXT NOT NULL, model TEXT NOT NULL, brand TEXT NOT NULL,
    manufacturer TEXT NOT NULL, serial TEXT NOT NULL, custom_serial TEXT NOT NULL, imei1 TEXT NOT NULL,
    imei2 TEXT NOT NULL, security_patch TEXT NOT NULL, agent_version TEXT NOT NULL, is_gms INTEGER, tags TEXT NOT NULL,
    blueprint TEXT NOT NULL, policy TEXT NOT NULL, template TEXT NOT NULL, app_mode TEXT NOT NULL,
    kiosk_app TEXT NOT NULL, locked_down INTEGER, battery_level REAL, battery_charging INTEGER, storage_free REAL,
    storage_total REAL, ram_free REAL, ram_total REAL, wifi_ssid TEXT NOT NULL, wifi_signal REAL, ip TEXT NOT NULL,
    mac TEXT NOT NULL, operator TEXT NOT NULL, timezone TEXT NOT NULL, latitude REAL, longitude REAL,
    registered_at REAL, created_at REAL, updated_at REAL
);
CREATE TABLE device_raw (row INTEGER PRIMARY KEY, raw BLOB NOT NULL);

CREATE TABLE record (kind TEXT NOT NULL, id TEXT NOT NULL, document BLOB NOT NULL, PRIMARY KEY (kind, id));
CREATE TABLE detail (kind TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL, payload BLOB NOT NULL,
                     PRIMARY KEY (kind, key));
"""

MIGRATIONS = (_FIRST,)
