"""Words, numbers and flags about devices that both services spell in more than one way.

Invariant: an unknown state number stays itself; an unknown word means that nothing is known.
"""

from app.esper.wording import Loose, first, flag, number, text
from app.states import DeviceState, Platform

_STATE_WORDS = {
    **{state.name: int(state) for state in DeviceState},
    "ONLINE": int(DeviceState.ACTIVE),
    "OFFLINE": int(DeviceState.INACTIVE),
}
_CHARGING = frozenset({"charging", "full", "plugged", "plugged in"})
_NOT_CHARGING = frozenset({"discharging", "not charging", "unplugged", "unknown"})
_LOCKED = {"LOCKED": True, "UNLOCKED": False}


def state_number(value: Loose) -> int | None:
    """A DeviceStateInt, also from its name or the words online and offline."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        # The columns of the fleet hold small numbers; nothing larger is a state.
        return value if -1 < value < 2**31 else None
    exact = number(value)
    if exact is not None:
        return state_number(int(exact))
    return _STATE_WORDS.get(text(value).strip().upper().replace(" ", "_"))


def platform_of(os: str) -> str:
    """The platform behind the name of an operating system; empty where nothing fits."""
    folded = os.casefold()
    for mark, platform in (
        ("android", Platform.ANDROID),
        ("windows", Platform.WINDOWS),
        ("ubuntu", Platform.LINUX),
        ("linux", Platform.LINUX),
        ("ipados", Platform.APPLE),
        ("ios", Platform.APPLE),
        ("tvos", Platform.APPLE),
    ):
        if mark in folded:
            return platform.value
    return ""


def locked(known: Loose, words: Loose) -> bool | None:
    """Whether the device is locked down, from the flag or from LOCKED and UNLOCKED."""
    found = flag(known)
    return found if found is not None else _LOCKED.get(text(words).upper())


def charging(*values: Loose) -> bool | None:
    """Whether the battery is charging, from the first flag or word that says so."""
    for value in values:
        word = text(value).strip().casefold().replace("_", " ")
        if word in _CHARGING:
            return True
        if word in _NOT_CHARGING:
            return None if word == "unknown" else False
        if (found := flag(value)) is not None:
            return found
    return None


def some(value: list[Loose] | Loose) -> str:
    """The first text of a list, or the text itself."""
    return first(*value) if isinstance(value, list) else text(value)


def degrees(value: Loose, most: float) -> float | None:
    """An angle within plus and minus `most`."""
    angle = number(value)
    return angle if angle is not None and -most <= angle <= most else None
