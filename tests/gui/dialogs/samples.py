"""Devices, groups and apps that the dialogs' tests share, made through the same doors as the real ones."""

from collections.abc import Sequence

import numpy as np

from app.records import App, AppVersion, Device, Enterprise, Group
from app.settings import Tenant
from app.store.documents import HOT, row_of
from app.store.fleet import Fleet
from app.store.groups import Groups
from ui.dialogs.library import Library

NOW = 1_795_000_000.0
DAY = 86400.0


def make_fleet(devices: Sequence[Device], groups: Sequence[Group] = ()) -> Fleet:
    """A fleet that holds `devices`, row by row in that order."""
    fleet = Fleet({device.id: row for row, device in enumerate(devices)})
    fleet.set_groups(Groups(groups))
    columns = dict(zip(HOT, map(list, zip(*(row_of(d) for d in devices), strict=True)), strict=True))
    columns["gone_at"] = [None] * len(devices)
    rows = np.arange(len(devices), dtype=np.int32)
    fleet.apply(fleet.encode(rows, len(devices), columns, frozenset(d.id for d in devices)))
    return fleet


def make_devices(count: int) -> list[Device]:
    """Device 0, 7, 14 … run Linux, 3, 10 … Apple, the rest Android; each fourth is offline, each tenth for long."""
    devices = []
    for n in range(count):
        platform = "LINUX" if n % 7 == 0 else "APPLE" if n % 7 == 3 else "ANDROID"
        away = 12 * DAY if n % 10 == 0 else 3600.0 if n % 4 == 0 else 60.0
        devices.append(
            Device(
                id=f"device-{n:04}",
                name=f"ESP-{n:04}",
                state=60 if n % 4 == 0 else 1,
                platform=platform,
                last_seen=NOW - away,
                group_id=f"group-{n % 3}",
                serial=f"SN{n:06}",
            )
        )
    return devices


GROUPS = (
    Group(id="root", name="All devices", path="All devices"),
    *(Group(id=f"group-{n}", name=f"Store {n}", parent_id="root", path=f"All devices/Store {n}") for n in range(3)),
)
KIOSK = App(id="app-1", name="Kiosk Browser", package="com.example.kiosk", developer="Example Labs")
SCANNER = App(id="app-2", name="Scanner", package="com.example.scanner")
EMPTY = App(id="app-3", name="No versions yet", package="com.example.empty")
V2 = "11111111-2222-4333-8444-555555555555"
V1 = "66666666-7777-4888-8999-000000000000"


LIBRARY = Library(
    {app.id: app for app in (KIOSK, SCANNER, EMPTY)},
    {
        "app-1": (
            AppVersion(id=V2, app_id="app-1", version="2.4.1", build="241", size=34.0, track="production"),
            AppVersion(id=V1, app_id="app-1", version="2.3.0", build="230", size=33.0),
        ),
        "app-2": (AppVersion(id="99999999-7777-4888-8999-000000000000", app_id="app-2", version="7.0"),),
    },
)
ACME = Tenant(
    key="acme", name="acme", url="https://acme-api.esper.cloud/api", enterprise_name="Acme Retail", colour="#7a3fd4"
)
COMPANY = Enterprise(id="enterprise-1", name="Acme Retail Holdings")
