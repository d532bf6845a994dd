"""What a command request must look like before it is accepted.

Invariant: all problems are named at once, as `field: message`; what passes here can be carried out without a surprise.
Sources: contract schemas CommandRequestCreate, EnterpriseCommandCreate, 002_762415650b782e7a.txt; arguments by
`commands.catalogue`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from app.commands import catalogue
from app.sandbox.answers import Refusal
from app.sandbox.orders import Draft
from app.sandbox.windows import ALL_DAYS, DAYS, Windows
from app.sandbox.world import World

_YEARS = range(2000, 2200)


@dataclass(frozen=True, slots=True)
class Generation:
    """What one generation of the API takes. The first of `device_types` is the default.

    `commands` None means all of the catalogue. `loose` ignores what a command does not take and what is null: the
    official client of the older endpoint sends its defaults with every command.
    """

    needed: Mapping[str, tuple[str, ...]]
    most: Mapping[str, int]
    device_types: tuple[str, ...]
    commands: frozenset[str] | None = None
    loose: bool = False


NEWER = Generation(
    {"DEVICE": ("devices",), "GROUP": ("groups",), "DYNAMIC": ("devices", "groups")},
    {"devices": 1000, "groups": 500},
    ("all",),
)
OLDER = Generation(
    {"DEVICE": ("devices",), "GROUP": ("groups",), "DYNAMIC": ("devices",)},
    {"devices": 500, "groups": 500},
    ("active", "inactive", "all"),
    frozenset(
        """
        ADD_TO_WHITELIST ADD_WIFI_AP CLEAR_APP_DATA CONVERGE INSTALL LOCK REBOOT REMOVE_FROM_WHITELIST REMOVE_WIFI_AP
        SET_APP_PERMISSION SET_APP_STATE SET_BLUETOOTH_STATE SET_BRIGHTNESS_SCALE SET_DEVICE_LOCKDOWN_STATE SET_GPS_STATE
        SET_KIOSK_APP SET_NEW_POLICY SET_ROTATION_STATE SET_SCREEN_OFF_TIMEOUT SET_STREAM_VOLUME SET_TIMEZONE
        SET_WIFI_STATE UNINSTALL UPDATE_DEVICE_CONFIG UPDATE_HEARTBEAT UPDATE_LATEST_DPC WIPE RESET_LOCKSCREEN_PASSWORD
        UPDATE_BLUEPRINT NOTIFY_DEVICE SET_DEVICE_LANGUAGE SET_ETHERNET_SETTINGS SET_STATIC_IP BEEP_DEVICE
        SET_APP_NOTIFICATIONS USE_ONLY_SAVED_WIFI_AP CAPTURE_SCREENSHOT SYNC_CONTENT
        """.split()
    ),
    loose=True,
)


class _Reader:
    """Collects the problems of one request."""

    def __init__(self, sent: dict[str, Any], generation: Generation) -> None:
        self.sent = sent
        self.generation = generation
        self.problems: list[str] = []

    def wrong(self, field: str, message: str) -> None:
        self.problems.append(f"{field}: {message}")

    def choice(self, source: dict[str, Any], field: str, options: tuple[str, ...], prefix: str = "") -> str | None:
        """One of the options, or None with a problem noted."""
        value = source.get(field)
        if isinstance(value, str) and value in options:
            return value
        missing = field not in source
        self.wrong(prefix + field, "Is required." if missing else f"Must be one of {', '.join(options)}.")
        return None


def read_draft(world: World, sent: dict[str, Any], generation: Generation = NEWER) -> Draft:
    """The request as the world understands it. Raises Refusal 400 with everything that is wrong."""
    reader = _Reader(sent, generation)
    kind = reader.choice(sent, "command_type", tuple(generation.needed))
    needed = generation.needed.get(kind or "", ())
    devices = _targets(reader, "devices", "devices" in needed, world.fleet.find, kind)
    groups = _targets(reader, "groups", "groups" in needed, lambda text: _group(world, text), kind)
    types = generation.device_types
    device_type = sent.get("device_type", types[0])
    if device_type not in types:
        reader.wrong(
            "device_type", f"Must be {types[0]}." if len(types) == 1 else f"Must be one of {', '.join(types)}."
        )
    alias = sent.get("alias")
    if "alias" in sent and not isinstance(alias, str):
        reader.wrong("alias", "Must be text.")
    command, args = _command(reader)
    schedule = sent.get("schedule", "IMMEDIATE")
    windows = None
    if schedule == "IMMEDIATE":
        if not isinstance(sent.get("schedule_args"), dict | None):
            reader.wrong("schedule_args", "Must be an object.")
    elif reader.choice(sent, "schedule", ("IMMEDIATE", "WINDOW", "RECURRING")) is not None:
        windows = _windows(reader, schedule == "RECURRING", world.now)
    if reader.problems:
        raise Refusal(400, reader.problems)
    return Draft(
        command,
        str(kind),
        devices,
        groups,
        args,
        str(schedule),
        sent.get("schedule_args"),
        alias,
        windows,
        str(device_type),
    )


def _targets(
    reader: _Reader, field: str, needed: bool, find: Callable[[str], int | None], kind: str | None
) -> tuple[int, ...] | None:
    """Numbers behind a list of ids. A list that the command type does not need may be there, and is checked too."""
    values = reader.sent.get(field)
    if field not in reader.sent or (values is None and reader.generation.loose):
        if needed:
            reader.wrong(field, f"Is required when command_type is {kind}.")
        return None
    if not isinstance(values, list):
        reader.wrong(field, "Must be a list of ids.")
        return None
    if needed and not values:
        reader.wrong(field, "Must not be empty.")
    most = reader.generation.most[field]
    if len(values) > most:
        reader.wrong(field, f"At most {most} at a time, not {len(values)}.")
        return None
    found = [find(value) if isinstance(value, str) else None for value in values]
    unknown = [value for value, number in zip(values, found, strict=True) if number is None]
    reader.problems += [f"{field}: There is no {field[:-1]} {str(value)[:60]}." for value in unknown[:20]]
    return tuple(number for number in found if number is not None)


def _group(world: World, text: str) -> int | None:
    group = world.fleet.groups.find(text)
    return None if group is None else group.index


def _command(reader: _Reader) -> tuple[str, dict[str, Any]]:
    name, args = reader.sent.get("command"), reader.sent.get("command_args", {})
    if not isinstance(name, str):
        reader.wrong("command", "Is required." if "command" not in reader.sent else "Must be text.")
        return "", {}
    known, names = catalogue.find(name), reader.generation.commands
    if (known is None) if names is None else (name not in names):
        reader.wrong("command", f"{name[:60]} is not a known command.")
        return name, {}
    if reader.generation.loose:
        args = {} if args is None else args
        if isinstance(args, dict) and known is not None and not known.open_arguments:
            args = {key: value for key, value in args.items() if known.argument(key) and value is not None}
    if known is None and isinstance(args, dict):
        return name, args  # a command of the older endpoint that the catalogue does not offer
    for problem in catalogue.check(name, args):
        inside = problem.field not in {"", "command", "command_args"}
        reader.wrong(f"command_args.{problem.field}" if inside else problem.field or "command_args", problem.message)
    return name, args if isinstance(args, dict) else {}


def _windows(reader: _Reader, recurring: bool, now: float) -> Windows | None:
    """WINDOW runs from start to end (its window times are ignored); RECURRING on its days, between its window times."""
    args = reader.sent.get("schedule_args")
    if not isinstance(args, dict):
        reader.wrong("schedule_args", "Is required with this schedule.")
        return None
    if not isinstance(args.get("name"), str) or not args["name"].strip():
        reader.wrong("schedule_args.name", "Is required.")
    start, end = _moment(reader, args, "start_datetime"), _moment(reader, args, "end_datetime")
    clock = reader.choice(args, "time_type", ("console", "device"), "schedule_args.")
    daily = [_wall(reader, args, name) for name in ("window_start_time", "window_end_time")]
    days = _days(reader, args, recurring)
    if start is None or end is None:
        return None
    if end <= start:
        reader.wrong("schedule_args.end_datetime", "Must be after start_datetime.")
    elif end.timestamp() <= now:
        reader.wrong("schedule_args.end_datetime", "Must not be in the past.")
    opens, closes = daily
    bounds = (opens, closes) if recurring and opens is not None and closes is not None else None
    return Windows(start, end, clock == "device", bounds, days if recurring else frozenset(range(7)), recurring)


def _moment(reader: _Reader, args: dict[str, Any], field: str) -> datetime | None:
    value = args.get(field)
    if field not in args:
        reader.wrong(f"schedule_args.{field}", "Is required.")
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.year not in _YEARS:
        reader.wrong(f"schedule_args.{field}", "Must be a date and time with a zone, such as 2026-01-10T20:15:00Z.")
        return None
    return moment.astimezone(UTC)


def _wall(reader: _Reader, args: dict[str, Any], field: str) -> time | None:
    value = args.get(field)
    if value is None:
        return None
    for form in ("%H:%M:%S", "%H:%M"):
        try:
            return datetime.strptime(str(value), form).time()
        except ValueError:
            continue
    reader.wrong(f"schedule_args.{field}", "Must be a time of day, such as 13:15:00.")
    return None


def _days(reader: _Reader, args: dict[str, Any], needed: bool) -> frozenset[int]:
    values = args.get("days")
    if values is None and not needed:
        return frozenset(range(7))
    known = isinstance(values, list) and all(v == ALL_DAYS or v in DAYS for v in values if isinstance(v, str))
    if (
        not isinstance(values, list)
        or not known
        or not all(isinstance(v, str) for v in values)
        or (needed and not values)
    ):
        reader.wrong("schedule_args.days", "Must list at least one of Sunday to Saturday, or All days.")
        return frozenset(range(7))
    return frozenset(range(7)) if ALL_DAYS in values else frozenset(DAYS.index(v) for v in values)
