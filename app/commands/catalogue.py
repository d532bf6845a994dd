"""The 50 commands of the contract as data, and the one check of their arguments.

Invariant: the dialog, the terminal and the sandbox all use `check`, so none of them accepts what another refuses.
Sources: command list in 002_762415650b782e7a.txt; platforms the list leaves open are Android unless plainly Apple's.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from app.commands import fields as f
from app.commands.arguments import Argument
from app.errors import Problem
from app.states import Platform, Risk


@dataclass(frozen=True, slots=True)
class Command:
    """One command: what it is called, whom it can reach, how much it can hurt, what it takes."""

    name: str
    title: str
    description: str
    platforms: tuple[str, ...]
    risk: Risk
    schedulable: bool
    arguments: tuple[Argument, ...] = ()
    open_arguments: bool = False

    def argument(self, name: str) -> Argument | None:
        """The argument of that name, if the command takes it."""
        return next((a for a in self.arguments if a.name == name), None)

    @property
    def secret_names(self) -> frozenset[str]:
        """Names of the arguments that must never be stored or shown."""
        return frozenset(a.name for a in self.arguments if a.secret)


_A, _I, _L, _W = Platform.ANDROID, Platform.APPLE, Platform.LINUX, Platform.WINDOWS
_NONE, _DISRUPTIVE = Risk.NONE, Risk.DISRUPTIVE
_CUTS, _DESTROYS = Risk.CONNECTIVITY, Risk.DESTRUCTIVE


def _command(
    name: str,
    title: str,
    description: str,
    risk: Risk,
    platforms: Iterable[str] = (_A,),
    needs: Iterable[Argument] = (),
    takes: Iterable[Argument] = (),
    open_arguments: bool = False,
) -> Command:
    known = tuple(platforms)
    arguments = (*(a.needed() for a in needs), *takes)
    return Command(name, title, description, known, risk, _A in known, arguments, open_arguments)


_ALL = (
    _command("ADD_TO_WHITELIST", "Allow a system app", "Puts a system app that is already on the device on the allowed list.", _NONE, needs=[f.PACKAGE]),
    _command("ADD_WIFI_AP", "Add Wi-Fi networks", "Stores one or more Wi-Fi networks on the device.", _NONE, needs=[f.WIFI_ACCESS_POINTS]),
    _command("APPLY_APP_CONFIG", "Apply app configuration", "Sends the stored configuration of an installed app to the device.", _NONE, needs=[f.PACKAGE], takes=[f.CUSTOM_SETTINGS]),
    _command("CLEAR_APP_DATA", "Clear app data", "Erases the stored data of an installed app.", _DESTROYS, needs=[f.PACKAGE]),
    _command("CONVERGE", "Converge to blueprint", "Brings the device to the state its blueprint describes.", _DISRUPTIVE, (_A, _I), takes=[f.IS_CONVERGE]),
    _command("INSTALL", "Install app version", "Installs one uploaded app version.", _NONE, needs=[f.APP_VERSION]),
    _command("INSTALL_CERTIFICATE", "Install certificate", "Puts a certificate chain into the system key store.", _NONE, needs=[f.CERT_FILE_TYPE, f.CERT_DATA, f.CERT_ALIAS, f.CERT_STORAGE], takes=[f.CERT_PASSWORD]),
    _command("LOCK", "Lock screen", "Locks the device screen.", _DISRUPTIVE, (_A, _I, _W)),
    _command("REBOOT", "Reboot", "Restarts the device.", _DISRUPTIVE, (_A, _I, _W)),
    _command("REMOVE_FROM_WHITELIST", "Disallow a system app", "Takes an installed system app off the allowed list.", _DISRUPTIVE, needs=[f.PACKAGE]),
    _command("REMOVE_WIFI_AP", "Remove Wi-Fi networks", "Deletes stored Wi-Fi networks.", _CUTS, needs=[f.WIFI_ACCESS_POINTS]),
    _command("SET_APP_PERMISSION", "Set app permission", "Grants, denies or resets one permission of an app.", _NONE, needs=[f.PACKAGE, f.GRANT_STATE, f.PERMISSION]),
    _command("SET_APP_STATE", "Set app visibility", "Shows, hides, disables or half-hides an app.", _DISRUPTIVE, needs=[f.PACKAGE, f.APP_STATE]),
    _command("SET_BLUETOOTH_STATE", "Bluetooth on or off", "Turns Bluetooth on or off.", _NONE, needs=[f.BLUETOOTH]),
    _command("SET_BRIGHTNESS_SCALE", "Set brightness", "Sets screen brightness.", _NONE, needs=[f.BRIGHTNESS]),
    _command("SET_DEVICE_LOCKDOWN_STATE", "Lock down or release", "Blocks all use of the device behind a message, or releases it.", _DISRUPTIVE, needs=[f.LOCKDOWN, f.MESSAGE]),
    _command("SET_GPS_STATE", "Set location mode", "Sets the location mode.", _NONE, needs=[f.GPS]),
    _command("SET_KIOSK_APP", "Kiosk mode", "Pins one app as the kiosk app.", _DISRUPTIVE, needs=[f.PACKAGE]),
    _command("SET_MULTI_APP_MODE", "Multi app mode", "Puts the device back into multi app mode.", _DISRUPTIVE),
    _command("SET_NEW_POLICY", "Apply policy", "Applies a compliance policy.", _DISRUPTIVE, needs=[f.POLICY_URL]),
    _command("SET_ROTATION_STATE", "Set orientation", "Sets the screen orientation.", _NONE, needs=[f.ROTATION]),
    _command("SET_SCREEN_OFF_TIMEOUT", "Set screen timeout", "Sets the idle time before the screen turns off.", _NONE, needs=[f.SCREEN_OFF]),
    _command("SET_STREAM_VOLUME", "Set volume", "Sets one of the four volumes.", _NONE, needs=[f.STREAM, f.VOLUME]),
    _command("SET_TIMEZONE", "Set time zone", "Sets the device's time zone.", _NONE, needs=[f.TIMEZONE]),
    _command("SET_WIFI_STATE", "Wi-Fi on or off", "Turns Wi-Fi on or off.", _CUTS, needs=[f.WIFI], takes=[f.WIFI_REVERT]),
    _command("UNINSTALL", "Uninstall app", "Removes an app.", _DESTROYS, needs=[f.PACKAGE]),
    _command("UNINSTALL_CERTIFICATE", "Remove certificate", "Removes a certificate from the system key store.", _DESTROYS, needs=[f.CERT_ALIAS, f.CERT_STORAGE]),
    _command("UPDATE_DEVICE_CONFIG", "Push extra settings", "Pushes additional configuration to the device.", _NONE, takes=[f.DEVICE_ALIAS, f.CUSTOM_SETTINGS]),
    _command("UPDATE_HEARTBEAT", "Ping", "Asks the device to report to the server now.", _NONE),
    _command("UPDATE_LATEST_DPC", "Update agent", "Asks the device to update its agent.", _DISRUPTIVE),
    _command("WIPE", "Wipe", "Erases the device and removes it from management.", _DESTROYS, (_A, _I, _W), takes=[f.FACTORY_RESET, f.WIPE_EXTERNAL, f.WIPE_FRP]),
    _command("RESET_LOCKSCREEN_PASSWORD", "Change lock screen password", "Changes the lock screen password.", _DESTROYS, needs=[f.NEW_PASSWORD]),
    _command("UPDATE_BLUEPRINT", "Push blueprint", "Pushes or reapplies the current blueprint version.", _DISRUPTIVE, (_A, _I), takes=[f.APPLY_ALL, f.BLUEPRINT_REVISION]),
    _command("NOTIFY_DEVICE", "Send message", "Shows a message on the device.", _NONE, needs=[f.TITLE, f.MESSAGE], takes=[f.URL]),
    _command("SET_DEVICE_LANGUAGE", "Set language", "Sets the device's language.", _NONE, needs=[f.LOCALE]),
    _command("SET_ETHERNET_SETTINGS", "Set Ethernet authentication", "Sets how the wired network authenticates.", _CUTS, needs=[f.ETHERNET_AUTH], takes=[f.ETHERNET_CA, f.ETHERNET_CLIENT, f.ETHERNET_IDENTITY]),
    _command("SET_STATIC_IP", "Set static address", "Sets a fixed network address.", _CUTS, needs=[f.INTERFACE, f.DHCP, f.STATIC_IP, f.PRIMARY_DNS, f.SUBNET, f.GATEWAY], takes=[f.SECONDARY_DNS]),
    _command("BEEP_DEVICE", "Beep", "Makes the device beep, to find it.", _NONE, needs=[f.BEEP_DURATION]),
    _command("SET_APP_NOTIFICATIONS", "App notifications", "Turns an app's notifications on or off.", _NONE, needs=[f.NOTIFICATIONS, f.PACKAGE]),
    _command("USE_ONLY_SAVED_WIFI_AP", "Registered Wi-Fi only", "Lets the device join registered Wi-Fi networks only, or any.", _CUTS, needs=[f.SAVED_AP_ONLY]),
    _command("DEVICE_INFORMATION", "Refresh device information", "Asks the device for its current information.", _NONE, (_I,)),
    _command("VPP_APP_INSTALL", "Install VPP app", "Installs a volume purchase app.", _NONE, (_I,), needs=[f.APPLE_APP_ID, f.BUNDLE]),
    _command("APPLE_APP_UNINSTALL", "Uninstall Apple app", "Removes an app from an Apple device.", _DESTROYS, (_I,), needs=[f.APPLE_APP_ID, f.BUNDLE]),
    _command("CLEAR_PASSCODE", "Clear passcode", "Removes the passcode of the device.", _DESTROYS, (_I,)),
    _command("LIST_INSTALLED_PROFILES", "List profiles", "Asks for the list of installed profiles.", _NONE, (_I,), takes=[f.MANAGED_ONLY]),
    _command("INSTALL_PROFILE", "Install profile", "Installs a configuration profile.", _NONE, (_I,), needs=[f.PROFILE]),
    _command("REMOVE_PROFILE", "Remove profile", "Removes a configuration profile.", _DESTROYS, (_I,), needs=[f.PROFILE_ID]),
    _command("RUN_SHELL_SCRIPT", "Run script", "Runs a shell script.", _DESTROYS, (_L, _W), needs=[f.SCRIPT, f.INTERPRETER], takes=[f.EXECUTE_AS]),
    _command("RUN_CUSTOM_ACTION", "Run custom action", "Runs a custom action (script).", _DESTROYS, (_L,), open_arguments=True),
    _command("COLLECT_LOGS", "Collect agent logs", "Collects and uploads the agent's logs.", _NONE, (_L,)),
)  # fmt: skip

COMMANDS: dict[str, Command] = {command.name: command for command in _ALL}


def find(name: str) -> Command | None:
    """The catalogue entry of that wire name."""
    return COMMANDS.get(name)


def check(name: str, args: Any, platforms: Collection[str] = ()) -> list[Problem]:
    """Everything wrong with `args` for the command `name`; an empty list means it may be sent.

    `platforms` are those of the targets, where they are known: some rules hold for one platform only.
    `Problem.field` is the argument's name, `command`, `command_args`, or empty for the whole.
    """
    command = find(name)
    if command is None:
        return [Problem("command", f"{name} is not a command of the catalogue.")]
    if not isinstance(args, dict):
        return [Problem("command_args", "Must be an object.")]
    problems = []
    for argument in command.arguments:
        if argument.name not in args:
            if argument.required:
                problems.append(Problem(argument.name, "Is required."))
        elif (message := argument.problem(args[argument.name])) is not None:
            problems.append(Problem(argument.name, message))
    if not command.open_arguments:
        known = {a.name for a in command.arguments}
        problems += [Problem(str(k), f"{command.title} takes no such argument.") for k in args if k not in known]
    return problems + _conditions(name, args, platforms)


def _conditions(name: str, args: dict[str, Any], platforms: Collection[str]) -> list[Problem]:
    """Rules that tie arguments to each other or to a platform. Source: contract, `conditions` of each command."""
    if name == "WIPE" and Platform.WINDOWS in platforms and "is_factory_reset" not in args:
        return [Problem("is_factory_reset", "Windows devices need a choice: factory reset on or off.")]
    if name == "SET_ETHERNET_SETTINGS" and args.get("ethernet_auth_mode") == "EAP_TLS":
        needed = ("ethernet_ca_cert_alias", "ethernet_client_cert_alias")
        return [Problem(n, "Is required for 802.1X.") for n in needed if n not in args]
    if name == "RUN_SHELL_SCRIPT" and "execute_as" in args and set(platforms) == {Platform.WINDOWS}:
        return [Problem("execute_as", "Is for Linux devices only.")]
    if name in {"UPDATE_DEVICE_CONFIG", "RUN_CUSTOM_ACTION"} and not args:
        return [Problem("", "Give at least one argument: there is nothing to do otherwise.")]
    return []
