"""What the inspector says of one device, as data: sections of labelled facts, each read from the fleet's columns.

Invariant: nothing here draws; a fact that the server did not report is an empty text, never a guess.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from app.states import DeviceCondition, device_state_name
from ui import text

Values = Callable[[str], Any]
"""Gives the value of one device field by its name, as `Fleet.value` does."""


class Fact(NamedTuple):
    """One line. `show(values, now)` is the text, `tip` more of it; `mono` for ids, `wide` for texts that need the width."""

    label: str
    show: Callable[[Values, float], str]
    mono: bool = False
    wide: bool = False
    tip: Callable[[Values, float], str] | None = None


class Section(NamedTuple):
    """A heading with its facts."""

    title: str
    facts: tuple[Fact, ...]


def known(value: Any) -> bool:
    """False for what stands for `not reported`: None, NaN, an empty text, an empty tuple."""
    return not (value is None or value in ("", ()) or (isinstance(value, float) and math.isnan(value)))


def plain(name: str) -> Callable[[Values, float], str]:
    """The field as it is."""

    def show(values: Values, _now: float) -> str:
        value = values(name)
        return str(value) if known(value) else ""

    return show


def worded(name: str) -> Callable[[Values, float], str]:
    """A constant of the contract as words."""

    def show(values: Values, _now: float) -> str:
        value = values(name)
        return text.worded(str(value)) if known(value) else ""

    return show


def truth(name: str, yes: str = "Yes", no: str = "No") -> Callable[[Values, float], str]:
    """A field that is true, false or not reported."""

    def show(values: Values, _now: float) -> str:
        value = values(name)
        return (yes if value else no) if known(value) else ""

    return show


def when(name: str) -> Callable[[Values, float], str]:
    """A time as its distance from now."""

    def show(values: Values, now: float) -> str:
        value = values(name)
        return text.ago(value, now) if known(value) else ""

    return show


def moment(name: str) -> Callable[[Values, float], str]:
    """A time on the clock, with its zone."""

    def show(values: Values, _now: float) -> str:
        value = values(name)
        return text.absolute(value) if known(value) else ""

    return show


def free_of(free: str, total: str) -> Callable[[Values, float], str]:
    """`3.2 GB free of 32 GB`; either alone where the other is missing."""

    def show(values: Values, _now: float) -> str:
        left, whole = values(free), values(total)
        if known(left) and known(whole):
            return f"{text.size(left)} free of {text.size(whole)}"
        if known(left):
            return f"{text.size(left)} free"
        return f"{text.size(whole)} in total" if known(whole) else ""

    return show


def state_of(values: Values, _now: float) -> str:
    """The condition, and the server's finer state where it says more."""
    condition = str(values("condition") or DeviceCondition.UNKNOWN)
    label = text.condition_label(condition)
    state = values("state")
    if not known(state) or condition in (DeviceCondition.ONLINE, DeviceCondition.OFFLINE):
        return label
    return f"{label} ({device_state_name(int(state)).replace('_', ' ').lower()})"


def battery(values: Values, _now: float) -> str:
    """`46%, charging`."""
    level, charging = values("battery_level"), values("battery_charging")
    parts = [text.percent(level)] if known(level) else []
    if known(charging) and charging:
        parts.append("charging")
    return ", ".join(parts)


def wifi(values: Values, _now: float) -> str:
    """`Depot (-61 dBm)`."""
    name, signal = values("wifi_ssid"), values("wifi_signal")
    strength = f"{signal:.0f} dBm".replace("-", "\N{MINUS SIGN}") if known(signal) else ""
    return f"{name} ({strength})" if known(name) and strength else (str(name or "") or strength)


def system(values: Values, _now: float) -> str:
    """`Android 13`."""
    return " ".join(str(v) for v in (values("os") or values("platform"), values("os_version")) if known(v))


def preface(values: Values) -> str:
    """Name, alias and group, for a copy of all facts."""
    named = (("Name", values("name")), ("Alias", values("alias")), ("Group", values("group")))
    return "\n".join(f"{label}: {value}" for label, value in named if known(value))


def tags(values: Values, _now: float) -> str:
    """All tags, separated by commas."""
    return ", ".join(values("tags") or ())


def coordinate(name: str) -> Callable[[Values, float], str]:
    """Degrees with five decimals, about one metre."""

    def show(values: Values, _now: float) -> str:
        value = values(name)
        return f"{value:.5f}°".replace("-", "\N{MINUS SIGN}") if known(value) else ""

    return show


SECTIONS = (
    Section(
        "Overview",
        (
            Fact("State", state_of),
            Fact("Last seen", moment("last_seen"), tip=when("last_seen")),
            Fact("Tags", tags),
            Fact("Blueprint", plain("blueprint")),
            Fact("Policy", plain("policy")),
            Fact("Template", plain("template")),
            Fact("App mode", worded("app_mode")),
            Fact("Kiosk app", plain("kiosk_app")),
            Fact("Lockdown", truth("locked_down", "Locked down", "Not locked down")),
            Fact("Registered", moment("registered_at")),
            Fact("Changed", when("updated_at"), tip=moment("updated_at")),
            Fact("Device id", plain("id"), mono=True, wide=True),
        ),
    ),
    Section(
        "Hardware and software",
        (
            Fact("Model", plain("model")),
            Fact("Brand", plain("brand")),
            Fact("Manufacturer", plain("manufacturer")),
            Fact("Serial", plain("serial"), mono=True),
            Fact("Custom serial", plain("custom_serial"), mono=True),
            Fact("IMEI 1", plain("imei1"), mono=True),
            Fact("IMEI 2", plain("imei2"), mono=True),
            Fact("System", system),
            Fact("Security patch", plain("security_patch")),
            Fact("Agent", plain("agent_version")),
            Fact("Google services", truth("is_gms")),
        ),
    ),
    Section(
        "Network",
        (
            Fact("Wi-Fi", wifi),
            Fact("IP address", plain("ip"), mono=True),
            Fact("MAC address", plain("mac"), mono=True),
            Fact("Operator", plain("operator")),
        ),
    ),
    Section(
        "Battery and storage",
        (
            Fact("Battery", battery),
            Fact("Storage", free_of("storage_free", "storage_total")),
            Fact("Memory", free_of("ram_free", "ram_total")),
        ),
    ),
    Section(
        "Position",
        (
            Fact("Latitude", coordinate("latitude"), mono=True),
            Fact("Longitude", coordinate("longitude"), mono=True),
            Fact("Time zone", plain("timezone")),
        ),
    ),
)
