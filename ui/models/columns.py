"""The columns of the device table, as records: id, title, text, sort key, look.

Invariant: a column's text comes from the fleet's own columns only, so no cell ever waits for the network or the disk.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.states import device_state_name
from ui import text
from ui.models import paths

if TYPE_CHECKING:
    from app.store.fleet import Fleet

Text = Callable[["Fleet", int], str]
Look = Literal["text", "state", "battery", "tags"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `getter` and `tip` take the fleet and a fleet row; `sort` is the fleet column to order by.

    `width` in px. `ages` marks a text that changes while nothing else does. `first` is the way the first click sorts.
    """

    id: str
    title: str
    getter: Text
    sort: str
    width: int = 110
    align: Literal["left", "right"] = "left"
    mono: bool = False
    look: Look = "text"
    elide: Literal["right", "middle", "path"] = "right"
    tip: Text | None = None
    ages: bool = False
    descending_first: bool = False
    shown: bool = False


def device_columns(clock: Callable[[], float] = time.time) -> tuple[Column, ...]:
    """Every column that a device record carries, in the order of the chooser. `clock` dates the relative times."""

    def since(name: str) -> Text:
        return lambda fleet, row: _known(text.ago, fleet.value(name, row), clock())

    def column(id: str, title: str, getter: Text | None = None, **more: object) -> Column:
        return Column(id, title, getter or _plain(id), str(more.pop("sort", id)), **more)  # type: ignore[arg-type]

    def dated(id: str, title: str, *, shown: bool = False) -> Column:
        return column(id, title, since(id), tip=_moment(id), ages=True, width=94, descending_first=True, shown=shown)

    def amount(id: str, title: str, getter: Text, width: int = 90) -> Column:
        return column(id, title, getter, align="right", width=width)

    return (
        column("name", "Name", width=130, elide="middle", shown=True),
        column("alias", "Alias", width=140, elide="middle"),
        column("condition", "State", _condition, tip=_fine_state, look="state", width=112, shown=True),
        dated("last_seen", "Last seen", shown=True),
        column("group", "Group", _group, tip=_plain("group"), width=152, elide="path", shown=True),
        column("model", "Model", width=112, shown=True),
        column("brand", "Brand"),
        column("manufacturer", "Manufacturer"),
        column(
            "platform", "Platform", lambda fleet, row: str(fleet.value("platform", row) or "").capitalize(), width=90
        ),
        column("os", "OS", width=90),
        column("os_version", "OS version", width=86, shown=True),
        column("battery_level", "Battery", _battery, look="battery", align="right", width=94, shown=True),
        column("battery_charging", "Charging", _yes_no("battery_charging"), width=80),
        column("tags", "Tags", _tags, look="tags", width=150, shown=True),
        column("agent_version", "Agent", width=96, shown=True),
        column("serial", "Serial", mono=True, width=140, elide="middle", shown=True),
        column("custom_serial", "Custom serial", mono=True, width=130, elide="middle"),
        column("imei1", "IMEI 1", mono=True, width=136),
        column("imei2", "IMEI 2", mono=True, width=136),
        column("security_patch", "Security patch", width=104),
        column("is_gms", "GMS", _yes_no("is_gms"), width=60),
        column("blueprint", "Blueprint", width=140, elide="middle"),
        column("policy", "Policy", width=140, elide="middle"),
        column("template", "Template", width=140, elide="middle"),
        column("app_mode", "App mode", _worded("app_mode")),
        column("kiosk_app", "Kiosk app", width=150, elide="middle"),
        column("locked_down", "Lockdown", _yes_no("locked_down"), width=80),
        amount("storage_free", "Storage free", _size("storage_free"), 96),
        amount("storage_total", "Storage", _size("storage_total")),
        amount("ram_free", "RAM free", _size("ram_free")),
        amount("ram_total", "RAM", _size("ram_total")),
        column("wifi_ssid", "Wi-Fi", width=120),
        amount("wifi_signal", "Signal", _signal, 80),
        column("ip", "IPv4", mono=True, width=116),
        column("mac", "MAC", mono=True, width=140),
        column("operator", "Operator"),
        column("timezone", "Time zone", width=130),
        column("location", "Location", _location, sort="latitude", width=150),
        dated("registered_at", "Registered"),
        dated("created_at", "Created"),
        dated("updated_at", "Updated"),
        column("id", "Id", mono=True, width=270, elide="middle"),
    )


def _known(say: Callable[[float, float], str], value: object, now: float) -> str:
    return "" if not isinstance(value, int | float) or text.unknown(value) else say(value, now)


def _number(fleet: "Fleet", name: str, row: int) -> float | None:
    value = fleet.value(name, row)
    return None if not isinstance(value, int | float) or text.unknown(value) else value


def _plain(name: str) -> Text:
    return lambda fleet, row: str(fleet.value(name, row) or "")


def _worded(name: str) -> Text:
    return lambda fleet, row: text.worded(str(fleet.value(name, row) or ""))


def _moment(name: str) -> Text:
    def tip(fleet: "Fleet", row: int) -> str:
        at = _number(fleet, name, row)
        return "" if at is None else text.absolute(at)

    return tip


def _yes_no(name: str) -> Text:
    def getter(fleet: "Fleet", row: int) -> str:
        value = fleet.value(name, row)
        return "" if value is None else "Yes" if value else "No"

    return getter


def _size(name: str) -> Text:
    def getter(fleet: "Fleet", row: int) -> str:
        mb = _number(fleet, name, row)
        return "" if mb is None else text.size(mb)

    return getter


def _group(fleet: "Fleet", row: int) -> str:
    """The path without the one root that all groups share."""
    return paths.below(str(fleet.value("group", row) or ""), paths.root_of(fleet.groups))


def _signal(fleet: "Fleet", row: int) -> str:
    dbm = _number(fleet, "wifi_signal", row)
    return "" if dbm is None else f"{dbm:.0f} dBm"


def _battery(fleet: "Fleet", row: int) -> str:
    level = _number(fleet, "battery_level", row)
    return "" if level is None else text.percent(level)


def _location(fleet: "Fleet", row: int) -> str:
    latitude, longitude = _number(fleet, "latitude", row), _number(fleet, "longitude", row)
    return "" if latitude is None or longitude is None else f"{latitude:.5f}, {longitude:.5f}"


def _tags(fleet: "Fleet", row: int) -> str:
    tags = fleet.value("tags", row)
    return ", ".join(tags) if isinstance(tags, tuple) else ""


def _condition(fleet: "Fleet", row: int) -> str:
    return "Gone" if not fleet.live[row] else text.condition_label(str(fleet.value("condition", row)))


def _fine_state(fleet: "Fleet", row: int) -> str:
    if not fleet.live[row]:
        at = _number(fleet, "gone_at", row)
        return "The server no longer lists this device." + ("" if at is None else f" Gone since {text.absolute(at)}.")
    state = _number(fleet, "state", row)
    return device_state_name(None if state is None else int(state)).replace("_", " ").capitalize()


DEVICE_COLUMNS = device_columns()
