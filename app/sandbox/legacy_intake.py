"""What a command of the first generation must look like before it is accepted.

Invariant: the limits are that generation's own (no fourth location mode, no endless screen), all problems are named at
once. Sources: contract schemas LegacyCommandRequest, LegacyCommandArgs, GroupCommandRequest.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from app.commands import catalogue
from app.commands.arguments import Argument
from app.sandbox.answers import Refusal

GROUP_COMMANDS = ("REBOOT", "LOCK", "INSTALL", "UPDATE_HEARTBEAT")
DEVICE_COMMANDS = (
    *GROUP_COMMANDS, "WIPE", "SET_WIFI_STATE", "SET_BLUETOOTH_STATE", "SET_ROTATION_STATE", "SET_GPS_STATE",
    "SET_BRIGHTNESS_SCALE", "SET_STREAM_VOLUME", "SET_SCREEN_OFF_TIMEOUT", "UNINSTALL", "ADD_TO_WHITELIST", "CLEAR_APP_DATA",
    "CAPTURE_SCREENSHOT",
)  # fmt: skip
_LACKING = {"wifi_revert_timeout", "is_factory_reset"}  # arguments that came with a later generation
_GPS_MODES = range(4)


def _arguments() -> dict[str, Argument]:
    found = {"tag": Argument("tag", "Tag", "A word to find the screenshot by.", max_length=255)}
    for name in DEVICE_COMMANDS:
        command = catalogue.find(name)
        found |= {a.name: a for a in (command.arguments if command else ()) if a.name not in _LACKING}
    gps, screen = found["gps_state"], found["screen_off_timeout"]
    found["gps_state"] = replace(gps, choices=tuple(c for c in gps.choices if c.value in _GPS_MODES))
    found["screen_off_timeout"] = replace(screen, specials=())
    return found


_ARGUMENTS = _arguments()


def read_command(sent: dict[str, Any], commands: Collection[str]) -> tuple[str, dict[str, Any]]:
    """The command and the arguments that belong to it. Raises Refusal 400 with everything that is wrong.

    Arguments of other commands of the generation are checked and let go, and nulls count as not sent: the official
    client sends its defaults with every command.
    """
    name, args = sent.get("command"), sent.get("command_args")
    problems = []
    if not isinstance(name, str) or name not in commands:
        problems.append("command: Is required." if name is None else f"command: Must be one of {', '.join(commands)}.")
    if not isinstance(args, dict | None):
        raise Refusal(400, [*problems, "command_args: Must be an object."])
    given = {key: value for key, value in (args or {}).items() if value is not None}
    for key, value in given.items():
        argument = _ARGUMENTS.get(key)
        problem = "There is no such argument." if argument is None else argument.problem(value)
        if problem is not None:
            problems.append(f"command_args.{key[:60]}: {problem}")
    command = catalogue.find(name) if isinstance(name, str) else None
    own = {a.name: a.required for a in command.arguments} if command else {"tag": False}
    problems += [f"command_args.{key}: Is required." for key, needed in own.items() if needed and key not in given]
    if problems:
        raise Refusal(400, problems)
    return str(name), {key: value for key, value in given.items() if key in own}
