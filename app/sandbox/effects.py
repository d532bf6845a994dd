"""What commands do to a device: the changes that later reads show.

Invariant: an effect happens only when the device is online and the command succeeds; the exceptions are the ones that
show while a command runs (an install in progress, a reboot, a wipe).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from app.sandbox import chance
from app.sandbox.agenda import Agenda
from app.sandbox.fleet import NO_APP, WIPING, Fleet
from app.sandbox.identity import Identity
from app.sandbox.library import Library
from app.sandbox.orders import Item
from app.sandbox.presence import Presence

_GPS = ("HIGH_ACCURACY", "SENSORS_ONLY", "BATTERY_SAVING", "OFF", "ON")
_ROTATION = ("AUTO", "PORTRAIT_ONLY", "LANDSCAPE_ONLY")
_STREAMS = ("STREAM_RING", "STREAM_NOTIFICATION", "STREAM_ALARM", "STREAM_MUSIC")
_DURATIONS = {"INSTALL": (8.0, 45.0), "UNINSTALL": (2.0, 10.0), "WIPE": (20.0, 45.0), "UPDATE_HEARTBEAT": (0.3, 1.5)}


@dataclass(slots=True)
class Install:
    """One entry of a device's install history that a command made. `state` is a label as on the wire."""

    app: int
    version: int
    state: str
    created: float
    updated: float
    reason: str | None = None


class Effects:
    """Begins and finishes commands on devices. `settings` holds what was set per device, under reported names."""

    def __init__(self, fleet: Fleet, identity: Identity, presence: Presence, agenda: Agenda, library: Library) -> None:
        self._fleet = fleet
        self._identity = identity
        self._presence = presence
        self._agenda = agenda
        self._library = library
        self.settings: dict[int, dict[str, Any]] = {}
        self.installs: dict[int, list[Install]] = {}
        self._finishers: dict[str, Callable[[int, dict[str, Any], float], str | None]] = {
            "INSTALL": self._install,
            "UNINSTALL": self._uninstall,
            "SET_APP_STATE": self._show_app,
            "CLEAR_APP_DATA": self._needs_app,
            "SET_KIOSK_APP": self._pin,
            "SET_MULTI_APP_MODE": self._unpin,
            "SET_DEVICE_LOCKDOWN_STATE": self._lock_down,
            "UPDATE_DEVICE_CONFIG": self._configure,
            "SET_WIFI_STATE": self._switch_wifi,
            "WIPE": self._wipe,
        }

    def begin(self, item: Item, now: float, slow: bool) -> float:
        """Starts the work on the device; returns how many seconds it takes. `slow` ones outlast the server's patience."""
        command, device = item.order.draft.command, item.device
        low, high = _DURATIONS.get(command, (1.0, 6.0))
        took = chance.between(low, high, self._fleet.seed, 21, item.number, item.tries)
        if command == "REBOOT":
            away = 8 * took + 160.0 if slow else 10.0 + 11 * took
            self._presence.leave(device, now, held=True)
            self._agenda.at(now + away, lambda due: self._presence.come_back(device, due))
            return away + 2.0
        if command == "INSTALL" and (found := self._version(item.order.draft.args)) is not None:
            self.installs.setdefault(device, []).append(Install(*found, "Installation In-Progress", now, now))
        if command == "WIPE":
            self._fleet.state[device] = WIPING
            self._fleet.updated[device] = now
        return took

    def finish(self, item: Item, now: float) -> str | None:
        """Applies the effect. Returns why it failed on this device, or None."""
        command, args, device = item.order.draft.command, item.order.draft.args, item.device
        finisher = self._finishers.get(command)
        problem = finisher(device, args, now) if finisher is not None else None
        if finisher is None:
            self.settings.setdefault(device, {}).update(_reported(command, args))
        if problem is None:
            self._fleet.updated[device] = now
            self._presence.touch(device, now)
        return problem

    def abandon(self, item: Item, now: float, reason: str) -> None:
        """The command failed on the device: what it had begun is shown as failed."""
        if item.order.draft.command == "INSTALL":
            self._close_install(item.device, self._version(item.order.draft.args), now, reason)

    def snapshot(self) -> dict[str, Any]:
        """Settings and install histories as plain data."""
        return {
            "settings": list(self.settings.items()),
            "installs": [[device, [asdict(entry) for entry in entries]] for device, entries in self.installs.items()],
        }

    def restore(self, kept: Any) -> None:
        """Takes a snapshot back. Raises KeyError, TypeError or ValueError where it is none."""
        self.settings = {int(device): dict(given) for device, given in kept["settings"]}
        self.installs = {int(device): [Install(**entry) for entry in entries] for device, entries in kept["installs"]}

    def _version(self, args: dict[str, Any]) -> tuple[int, int] | None:
        """App and version index behind the id in `app_version`."""
        return self._library.find_version(str(args.get("app_version", "")))

    def _app(self, device: int, args: dict[str, Any]) -> int | None:
        """Index of the app on the device that `package_name` means."""
        for number, app in enumerate(self._library.apps):
            if app.package == args.get("package_name") and self._fleet.installed[device, number] != NO_APP:
                return number
        return None

    def _install(self, device: int, args: dict[str, Any], now: float) -> str | None:
        found = self._version(args)
        if found is None:
            return "App version not found"
        self._fleet.installed[device, found[0]] = found[1]
        self._close_install(device, found, now, None)
        return None

    def _close_install(self, device: int, found: tuple[int, int] | None, now: float, reason: str | None) -> None:
        for entry in reversed(self.installs.get(device, [])):
            if (entry.app, entry.version) == found and entry.state == "Installation In-Progress":
                entry.state = "Install Failed" if reason else "Install Success"
                entry.reason, entry.updated = reason, now
                return

    def _uninstall(self, device: int, args: dict[str, Any], now: float) -> str | None:
        app = self._app(device, args)
        if app is None:
            return f"{args.get('package_name')} is not installed on the device"
        version = int(self._fleet.installed[device, app])
        self._fleet.installed[device, app] = NO_APP
        if self._fleet.kiosk[device] == app:
            self._fleet.kiosk[device] = NO_APP
        self.installs.setdefault(device, []).append(Install(app, version, "Uninstall Success", now, now))
        return None

    def _show_app(self, device: int, args: dict[str, Any], now: float) -> str | None:
        app = self._app(device, args)
        if app is None:
            return f"{args.get('package_name')} is not installed on the device"
        states = {"SHOW": 0, "HIDE": 1, "DISABLE": 2, "LAUNCHABLE_BUT_HIDDEN": 1}
        self._fleet.app_state[device, app] = states[args["app_state"]]
        return None

    def _needs_app(self, device: int, args: dict[str, Any], now: float) -> str | None:
        return (
            None
            if self._app(device, args) is not None
            else f"{args.get('package_name')} is not installed on the device"
        )

    def _pin(self, device: int, args: dict[str, Any], now: float) -> str | None:
        app = self._app(device, args)
        if app is None:
            return f"{args.get('package_name')} is not installed on the device"
        self._fleet.kiosk[device] = app
        return None

    def _unpin(self, device: int, args: dict[str, Any], now: float) -> str | None:
        self._fleet.kiosk[device] = NO_APP
        return None

    def _lock_down(self, device: int, args: dict[str, Any], now: float) -> str | None:
        self._fleet.locked[device] = args["state"] == "LOCKED"
        return None

    def _configure(self, device: int, args: dict[str, Any], now: float) -> str | None:
        if "device_alias_name" in args:
            self._identity.rename(device, args["device_alias_name"])
        return None

    def _switch_wifi(self, device: int, args: dict[str, Any], now: float) -> str | None:
        """Off cuts a device that has nothing else; it returns after the revert time, or when somebody walks there."""
        on = bool(args["wifi_state"])
        self.settings.setdefault(device, {})["wifi_state"] = on
        if not on and self._fleet.connection[device] == 0:
            revert = args.get("wifi_revert_timeout") or 1800
            self._agenda.at(now + 2.0, lambda due: self._presence.leave(device, due, held=True))
            self._agenda.at(now + 2.0 + min(float(revert), 86400.0), lambda due: self._rejoin(device, due))
        return None

    def _rejoin(self, device: int, now: float) -> None:
        self.settings.setdefault(device, {})["wifi_state"] = True
        self._presence.come_back(device, now)

    def _wipe(self, device: int, args: dict[str, Any], now: float) -> str | None:
        self._fleet.gone[device] = True
        return None


def _reported(command: str, args: dict[str, Any]) -> dict[str, Any]:
    """What the device reports after a setting was changed. Names: contract schema DeviceSettingsState."""
    match command:
        case "SET_BRIGHTNESS_SCALE":
            return {"brightness_scale": args["brightness_value"]}
        case "SET_GPS_STATE":
            return {"gps_state": "LOCATION_MODE_" + _GPS[args["gps_state"]]}
        case "SET_ROTATION_STATE":
            return {"rotation_state": _ROTATION[args["rotate_state"]]}
        case "SET_STREAM_VOLUME":
            return {_STREAMS[args["stream"]]: args["volume_level"]}
        case "SET_BLUETOOTH_STATE" | "SET_SCREEN_OFF_TIMEOUT" | "USE_ONLY_SAVED_WIFI_AP":
            return dict(args)
        case "SET_TIMEZONE":
            return {"timezone_string": args["timezone_string"]}
        case "SET_DEVICE_LANGUAGE":
            return {"locale": args["locale"]}
        case _:
            return {}
