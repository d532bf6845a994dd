"""What may be asked for by name, and how the values of each kind are read.

Invariant: reading a value gives a node or raises QueryError with its place in the text and what is allowed there.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import Enum

from app.errors import InputError, Problem
from app.states import DeviceCondition, DeviceState
from app.store.nodes import Between, Gone, Has, InGroup, InState, Match, Node, Not, Version
from app.store.patterns import Mode, pattern_of
from app.store.terms import Term
from app.store.versions import version_key


class QueryError(InputError):
    """The filter can't be read. `position` is 0-based in the text; `expected` says in words what is allowed there."""

    code = "query"

    def __init__(self, position: int, message: str, expected: str = "") -> None:
        self.position = position
        self.message = message
        self.expected = expected
        super().__init__([Problem("filter", f"{message} {expected}".strip())])


class Kind(Enum):
    """How a value is compared."""

    TEXT = "text"
    WORD = "word"
    VERSION = "version"
    TIME = "time"
    NUMBER = "number"
    FLAG = "flag"
    STATE = "state"
    GROUP = "group"
    IS = "is"
    HAS = "has"


@dataclass(frozen=True)
class Field:
    """One field of the filter. `examples` are whole values; `units` are factors to what the record holds."""

    name: str
    title: str
    kind: Kind
    columns: tuple[str, ...]
    examples: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    units: tuple[tuple[str, float], ...] = ()


_MB = (("", 1.0), ("kb", 1 / 1024), ("mb", 1.0), ("gb", 1024.0), ("tb", 1024.0**2))
_PERCENT = (("", 1.0), ("%", 1.0))

_ALL = (
    Field("state", "State", Kind.STATE, ("state",), ("online", "offline", "wiping"), ("condition", "status")),
    Field("group", "Group", Kind.GROUP, ("group",), ('"Store 12"', '"Store 12"/*')),
    Field("name", "Name", Kind.TEXT, ("name",), ("till*",)),
    Field("alias", "Alias", Kind.TEXT, ("alias",), ('"front desk"',)),
    Field("id", "Id", Kind.TEXT, ("id",), ("5f0c*",)),
    Field("seen", "Last seen", Kind.TIME, ("last_seen",), ("<1h", ">7d", ">2026-01-01", "never"), ("last_seen",)),
    Field("registered", "Registered", Kind.TIME, ("registered_at",), (">2026-01-01", "<30d")),
    Field("created", "Created", Kind.TIME, ("created_at",), (">2026-01-01", "<30d")),
    Field("updated", "Updated", Kind.TIME, ("updated_at",), ("<1d",)),
    Field("platform", "Platform", Kind.WORD, ("platform",), ("android", "windows")),
    Field("os", "OS", Kind.VERSION, ("os_version", "os"), ("<11", "11..13", "android"), ("os_version",)),
    Field("patch", "Security patch", Kind.VERSION, ("security_patch",), ("<2026-01-01",), ("security_patch",)),
    Field("agent", "Agent version", Kind.VERSION, ("agent_version",), ("<7.12",), ("agent_version",)),
    Field("model", "Model", Kind.TEXT, ("model",), ('"Galaxy Tab"',)),
    Field("brand", "Brand", Kind.TEXT, ("brand",), ("samsung",)),
    Field("manufacturer", "Manufacturer", Kind.TEXT, ("manufacturer",), ("samsung",), ("maker",)),
    Field("serial", "Serial", Kind.TEXT, ("serial", "custom_serial"), ("R58*",)),
    Field("imei", "IMEI", Kind.TEXT, ("imei1", "imei2"), ("35*",)),
    Field("mac", "MAC", Kind.TEXT, ("mac",), ("a0:b1:*",)),
    Field("ip", "IP address", Kind.TEXT, ("ip",), ("10.1.*",)),
    Field("ssid", "Wi-Fi", Kind.TEXT, ("wifi_ssid",), ("guest",), ("wifi",)),
    Field("signal", "Wi-Fi signal", Kind.NUMBER, ("wifi_signal",), ("<-70",), (), (("", 1.0), ("dbm", 1.0))),
    Field("operator", "Mobile operator", Kind.TEXT, ("operator",), ("vodafone",)),
    Field("tag", "Tag", Kind.WORD, ("tags",), ("kiosk",), ("tags",)),
    Field("battery", "Battery", Kind.NUMBER, ("battery_level",), ("<20", "20..60"), (), _PERCENT),
    Field("charging", "Charging", Kind.FLAG, ("battery_charging",), ("yes", "no")),
    Field("storage", "Free storage", Kind.NUMBER, ("storage_free",), ("<500mb", "1gb..4gb"), (), _MB),
    Field("ram", "Free memory", Kind.NUMBER, ("ram_free",), ("<500mb",), ("memory",), _MB),
    Field("blueprint", "Blueprint", Kind.TEXT, ("blueprint",), ("retail*",)),
    Field("policy", "Policy", Kind.TEXT, ("policy",), ("default",)),
    Field("template", "Template", Kind.TEXT, ("template",), ("kiosk*",)),
    Field("mode", "App mode", Kind.TEXT, ("app_mode",), ("kiosk",)),
    Field("kiosk", "Kiosk app", Kind.TEXT, ("kiosk_app",), ("com.example.*",)),
    Field("gms", "Google services", Kind.FLAG, ("is_gms",), ("yes", "no")),
    Field("lockdown", "Lockdown", Kind.FLAG, ("locked_down",), ("yes", "no"), ("locked",)),
    Field("timezone", "Time zone", Kind.TEXT, ("timezone",), ("berlin",)),
    Field("is", "Is", Kind.IS, (), ("gone", "live", "online", "offline")),
    Field("has", "Has", Kind.HAS, (), ("tag", "alias", "imei")),
)
FIELDS: dict[str, Field] = {field.name: field for field in _ALL}
BY_NAME = {name: field for field in _ALL for name in (field.name, *field.aliases)}

CONDITIONS = tuple(condition.value for condition in DeviceCondition)
_STATES = {state.name.lower(): int(state) for state in DeviceState}
_YES_NO = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}
_UNITS = {"s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31557600.0}
_NUMBER = re.compile(r"([+-]?\d{1,15}(?:\.\d{1,9})?)\s*([a-z%]*)", re.ASCII)
_OPERATOR = re.compile(r"<=|>=|<|>|=")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def field_of(term: Term) -> Field:
    """The field a typed name means. Raises QueryError with the nearest names."""
    name = term.text.lower()
    field = BY_NAME.get(name)
    if field is None:
        near = get_close_matches(name, BY_NAME, n=3, cutoff=0.6)
        hint = f"Did you mean {_either(near)}?" if near else "Fields are " + ", ".join(FIELDS) + "."
        raise QueryError(term.start, f"There is no field “{term.text}”.", hint)
    return field


def read(field: Field, value: Term, now: float) -> Node:
    """The node behind one value of a field; lists are split before. `now` is in epoch seconds."""
    _require(field, value)
    return _READERS[field.kind](field, value, now)


def _require(field: Field, value: Term) -> None:
    if value.start == value.end:
        raise QueryError(value.start, f"{field.title} needs a value,", f"such as {_either(field.examples)}.")


def _either(options: tuple[str, ...] | list[str]) -> str:
    return " or ".join(filter(None, (", ".join(options[:-1]), options[-1])))


def _refuse(field: Field, value: Term, allowed: str = "") -> QueryError:
    said = f"“{value.text}” is no value for {field.title.lower() if field.title[1:].islower() else field.title}."
    return QueryError(value.start, said, f"Use {allowed or _either(field.examples)}.")


def _text(field: Field, value: Term, now: float) -> Node:
    exact = value.shape.startswith("=") or not value.text
    value = _unequalled(field, value)
    return Match(field.columns, pattern_of(value.text, value.stars(), Mode.EXACT if exact else Mode.CONTAINS))


def _word(field: Field, value: Term, now: float) -> Node:
    value = _unequalled(field, value)
    return Match(field.columns, pattern_of(value.text, value.stars(), Mode.EXACT))


def _unequalled(field: Field, value: Term) -> Term:
    if value.shape.startswith("="):
        value = value.part(1, len(value.text))
        _require(field, value)
    return value


def _state(field: Field, value: Term, now: float) -> Node:
    typed = value.text.lower().replace(" ", "_").replace("-", "_")
    if typed in CONDITIONS:
        return InState(DeviceCondition(typed))
    if typed in _STATES:
        return InState(None, (_STATES[typed],))
    if re.fullmatch(r"[0-9]{1,9}", typed):
        return InState(None, (int(typed),))
    raise _refuse(field, value, ", ".join(CONDITIONS) + ", or a fine state by name or number")


def _group(field: Field, value: Term, now: float) -> Node:
    deep = value.text.endswith("/*")
    if deep:
        value = value.part(0, len(value.text) - 2)
    if value.text.startswith("/"):
        value = value.part(1, len(value.text))
    if not value.text:
        raise QueryError(value.start, "Group needs a name or a path,", f"such as {_either(field.examples)}.")
    return InGroup(pattern_of(value.text, value.stars(), Mode.EXACT), deep)


def _flag(field: Field, value: Term, now: float) -> Node:
    typed = value.text.lower()
    if typed == "unknown":
        return Not(Has(field.columns))
    if typed not in _YES_NO:
        raise _refuse(field, value, "yes, no or unknown")
    number = float(_YES_NO[typed])
    return Between(field.columns[0], number, number)


def _is(field: Field, value: Term, now: float) -> Node:
    typed = value.text.lower()
    if typed in {"gone", "live"}:
        return Gone(typed == "gone")
    if typed in CONDITIONS:
        return InState(DeviceCondition(typed))
    raise _refuse(field, value, "gone, live, " + ", ".join(CONDITIONS))


def _has(field: Field, value: Term, now: float) -> Node:
    wanted = BY_NAME.get(value.text.lower())
    if wanted is None or not wanted.columns:
        raise _refuse(field, value, "the name of a field, such as tag, alias or imei")
    return Has(wanted.columns)


def _bounds(value: Term) -> tuple[str, Term | None, Term | None]:
    """Operator and operands: (`<`, None, x), (`>`, x, None), (`..`, x or None, y or None), (`=`, x, x)."""
    found = _OPERATOR.match(value.shape)
    if found:
        operand = value.part(found.end(), len(value.text))
        return found[0], operand if found[0] in {">", ">=", "="} else None, operand if found[0][0] in "<=" else None
    ends = value.split("..")
    if len(ends) == 2:
        return "..", ends[0] if ends[0].text else None, ends[1] if ends[1].text else None
    return "", value, value


def _version(field: Field, value: Term, now: float) -> Node:
    operator, low, high = _bounds(value)
    if not value.text or (low is None and high is None):
        raise _refuse(field, value)
    if not operator and not value.text[:1].isdigit():
        # `os:android` asks for the system, not for its version.
        return Match(field.columns[1:] or field.columns, pattern_of(value.text, value.stars(), Mode.CONTAINS))
    if not operator and value.stars():
        return Match(field.columns[:1], pattern_of(value.text, value.stars(), Mode.EXACT))
    keys = []
    for operand in (low, high):
        key = version_key(operand.text) if operand is not None else None
        if operand is not None and (not key or not operand.text[0].isdigit()):
            raise _refuse(field, operand)
        keys.append(key)
    return Version(field.columns[0], keys[0], keys[1], operator == ">", operator == "<")


def _number(field: Field, value: Term, now: float) -> Node:
    operator, low, high = _bounds(value)
    if low is None and high is None:
        raise _refuse(field, value)
    units = dict(field.units)
    numbers: list[float | None] = []
    for operand in (low, high):
        if operand is None:
            numbers.append(None)
            continue
        found = _NUMBER.fullmatch(operand.text.lower())
        if found is None or found[2] not in units:
            raise _refuse(field, operand)
        numbers.append(float(found[1]) * units[found[2]])
    return Between(field.columns[0], numbers[0], numbers[1], operator == ">", operator == "<")


def _time(field: Field, value: Term, now: float) -> Node:
    """Ages count back from now, so `>7d` is longer ago; a date is its whole day in UTC, and `>` is later.

    A device that was never seen is older than any age.
    """
    column = field.columns[0]
    if value.text.lower() in {"never", "unknown"}:
        return Not(Has(field.columns))
    operator, low, high = _bounds(value)
    given = [operand for operand in (low, high) if operand is not None]
    ages = [_age(operand) for operand in given]
    if given and all(age is not None for age in ages) and operator and operator != "=":
        least = _age(low) if low is not None else None
        most = _age(high) if high is not None else None
        return Between(
            column,
            now - most if most is not None else None,
            now - least if least is not None else None,
            operator == "<",
            operator == ">",
            unknown=most is None and column == "last_seen",
        )
    if not given or any(_day(operand) is None for operand in given):
        raise _refuse(field, value)
    first = _day(low) if low is not None else None
    last = _day(high) if high is not None else None
    if operator in {">", "<"}:
        # Later than a day begins when it ends, earlier than a day ends when it begins.
        return Between(column, first[1] if first else None, last[0] if last else None, high_open=last is not None)
    return Between(column, first[0] if first else None, last[1] if last else None, high_open=last is not None)


def _age(term: Term | None) -> float | None:
    found = _NUMBER.fullmatch(term.text.lower()) if term is not None else None
    if found is None or found[2] not in _UNITS or float(found[1]) < 0:
        return None
    return float(found[1]) * _UNITS[found[2]]


def _day(term: Term | None) -> tuple[float, float] | None:
    """Begin and end of a day, in epoch seconds."""
    if term is None or not _DATE.fullmatch(term.text):
        return None
    try:
        begin = datetime.fromisoformat(term.text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    return (begin, begin + 86400.0) if math.isfinite(begin) else None


_READERS: dict[Kind, Callable[[Field, Term, float], Node]] = {
    Kind.TEXT: _text,
    Kind.WORD: _word,
    Kind.VERSION: _version,
    Kind.TIME: _time,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.STATE: _state,
    Kind.GROUP: _group,
    Kind.IS: _is,
    Kind.HAS: _has,
}
