"""The commands on offer, and how each is said: icon, headline, button, risk in words.

Invariant: a headline carries the exact number of devices, and no secret argument.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.commands import catalogue
from app.commands.catalogue import Command
from app.redact import redact_value
from app.states import Risk
from ui import text
from ui.dialogs.library import Library

Args = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """One command on offer. `act` and `button` hold `{devices}`; `act` is completed by `_FILL` where it has arguments."""

    name: str
    icon: str
    act: str
    button: str

    @property
    def command(self) -> Command:
        return catalogue.COMMANDS[self.name]


OFFERED: tuple[Offer, ...] = (
    Offer("REBOOT", "rotate-cw", "Reboot {devices}", "Reboot {devices}"),
    Offer("UPDATE_HEARTBEAT", "activity", "Ping {devices}", "Ping {devices}"),
    Offer("LOCK", "lock", "Lock the screen of {devices}", "Lock {devices}"),
    Offer("INSTALL", "package-plus", "Install {app} on {devices}", "Install on {devices}"),
    Offer("UNINSTALL", "package-minus", "Uninstall {app} from {devices}", "Uninstall from {devices}"),
    Offer("SET_BRIGHTNESS_SCALE", "sun", "Set brightness to {level} on {devices}", "Set brightness on {devices}"),
    Offer("SET_APP_STATE", "eye", "Set {app} to “{state}” on {devices}", "Set visibility on {devices}"),
    Offer("SET_KIOSK_APP", "app-window", "Pin {app} as the kiosk app of {devices}", "Set kiosk app on {devices}"),
    Offer("SET_WIFI_STATE", "wifi", "Turn Wi-Fi {switch} on {devices}", "Turn Wi-Fi {switch} on {devices}"),
    Offer("WIPE", "eraser", "Wipe {devices}", "Wipe {devices}"),
)
BY_NAME = {offer.name: offer for offer in OFFERED}

# Icon, tone, words. Nothing is said of a command that hurts nobody.
RISKS: dict[Risk, tuple[str, str, str]] = {
    Risk.NONE: ("", "text_muted", ""),
    Risk.DISRUPTIVE: ("circle-alert", "warning", "Interrupts use"),
    Risk.CONNECTIVITY: ("wifi-off", "warning", "Can cut the connection"),
    Risk.DESTRUCTIVE: ("triangle-alert", "danger", "Erases or removes"),
}


def offer_of(name: str) -> Offer:
    """The offer of that command; one is made up from the catalogue for a command that is not on offer."""
    if name in BY_NAME:
        return BY_NAME[name]
    command = catalogue.find(name)
    title = command.title if command else name
    return Offer(name, "terminal", title + " on {devices}", "Send to {devices}")


def headline(name: str, args: Args, count: int, library: Library) -> str:
    """`Reboot 1,240 devices`: what will happen, to how many."""
    return _fill(offer_of(name).act, name, args, count, library)


def button_text(name: str, args: Args, count: int, library: Library) -> str:
    """The same as a button has room for."""
    return _fill(offer_of(name).button, name, args, count, library)


def spoken_args(name: str, args: Args, library: Library) -> list[tuple[str, str]]:
    """(label, value) of every argument in the catalogue's order, as a person reads them; secrets hidden."""
    command = catalogue.find(name)
    if command is None:
        return [(key, str(value)) for key, value in redact_value(dict(args)).items()]
    spoken = []
    for argument in command.arguments:
        if argument.name not in args:
            continue
        value = redact_value({argument.name: args[argument.name]})[argument.name]
        choice = next((c for c in (*argument.choices, *argument.specials) if c.value == value), None)
        if argument.secret:
            shown = "•••"
        elif choice is not None:
            shown = choice.label
        elif isinstance(value, bool):
            shown = "On" if value else "Off"
        elif argument.name == "app_version":
            shown = _version_text(str(value), library, whole=True)
        elif argument.name == "package_name":
            shown = _app_text(str(value), library, with_package=True)
        else:
            shown = f"{value} {argument.unit}".strip() if argument.unit != "%" else f"{value}%"
        spoken.append((argument.label, shown))
    return spoken


def _fill(template: str, name: str, args: Args, count: int, library: Library) -> str:
    makers: dict[str, Callable[[], str]] = {
        "app": lambda: (
            _version_text(str(args.get("app_version", "")), library)
            if name == "INSTALL"
            else _app_text(str(args.get("package_name", "")), library)
        ),
        "level": lambda: f"{args.get('brightness_value', '?')}%",
        "state": lambda: dict(spoken_args(name, args, library)).get("Visibility", "?").split(":")[0],
        "switch": lambda: "on" if args.get("wifi_state") else "off",
        "devices": lambda: text.count(count, "device"),
    }
    return template.format_map({key: make() for key, make in makers.items() if "{" + key + "}" in template})


def _app_text(package: str, library: Library, *, with_package: bool = False) -> str:
    app = library.by_package(package)
    if with_package:
        return f"{app.name} ({package})" if app is not None and app.name else package
    return shorten(app.name if app is not None and app.name else package)


def _version_text(version_id: str, library: Library, *, whole: bool = False) -> str:
    found = library.version(version_id)
    if found is None:
        return f"version {version_id}"
    app, version = found
    names = (app.name or app.package, version.version)
    return " ".join(name if whole else shorten(name) for name in names).strip()


def shorten(name: str, most: int = 60) -> str:
    """The name with its middle left out where it is longer than `most` characters: a headline stays one."""
    return name if len(name) <= most else f"{name[: most // 2]}…{name[-(most // 2 - 1) :]}"
