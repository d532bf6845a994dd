"""Argument types: what one value of a command may be, and how it is checked.

Invariant: `Argument.problem` is total: any JSON value gives None or a sentence, never an exception.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID


class Kind(StrEnum):
    """JSON type of a value. STRUCTURE is an object or a list."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    OBJECT = "object"
    STRUCTURE = "structure"


class Picker(StrEnum):
    """What a form offers to choose the value from, besides typing it."""

    NONE = ""
    PACKAGE = "package"
    APP_VERSION = "app version"
    LONG_TEXT = "long text"


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value and what it means."""

    value: str | int
    label: str


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command. Limits are inclusive; `specials` are allowed beside the range."""

    name: str
    label: str
    help: str
    kind: Kind = Kind.TEXT
    required: bool = False
    secret: bool = False
    choices: tuple[Choice, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    specials: tuple[Choice, ...] = ()
    min_length: int = 0
    max_length: int | None = None
    pattern: str = ""
    hint: str = ""
    uuid: bool = False
    uri: bool = False
    default: str | int | bool | None = None
    suggestions: tuple[str, ...] = ()
    picker: Picker = Picker.NONE
    unit: str = ""

    def needed(self) -> "Argument":
        """The same argument, required."""
        return replace(self, required=True)

    def problem(self, value: Any) -> str | None:
        """Why `value` is not acceptable, as a sentence for the person who typed it; None where it is."""
        if self.kind is Kind.BOOLEAN:
            return None if isinstance(value, bool) else "Must be on or off (true or false)."
        if self.kind is Kind.INTEGER:
            return self._integer_problem(value)
        if self.kind is Kind.TEXT:
            return self._text_problem(value)
        if not isinstance(value, dict) and not (self.kind is Kind.STRUCTURE and isinstance(value, list)):
            return "Must be an object." if self.kind is Kind.OBJECT else "Must be an object or a list."
        return None if value else "Must not be empty."

    def _integer_problem(self, value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return "Must be a whole number."
        if any(value == c.value for c in self.specials):
            return None
        if self.choices:
            return None if any(value == c.value for c in self.choices) else self._choice_text()
        low, high = self.minimum, self.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            return self.range_text()
        return None

    def _text_problem(self, value: Any) -> str | None:
        if not isinstance(value, str):
            return "Must be text."
        if self.choices:
            return None if any(value == c.value for c in self.choices) else self._choice_text()
        if len(value) < self.min_length or (self.required and not value):
            return "Must not be empty."
        if self.max_length is not None and len(value) > self.max_length:
            return f"At most {self.max_length} characters."
        if self.uuid and not _is_uuid(value):
            return "Must be the id (UUID) of an uploaded version, not its number."
        if self.uri and not re.match(r"^[A-Za-z][A-Za-z0-9+.-]*://[^\s/]+\S*$", value):
            return "Must be a full address, such as https://example.com/."
        if self.pattern and not re.fullmatch(self.pattern, value):
            return f"Must look like {self.hint}." if self.hint else "Is not in the expected form."
        return None

    def range_text(self) -> str:
        """The allowed range in words."""
        low, high, unit = self.minimum, self.maximum, f" {self.unit}" if self.unit else ""
        text = f"From {low:,} to {high:,}{unit}" if high is not None else f"At least {low:,}{unit}"
        return text + "".join(f", or {c.value} ({c.label.lower()})" for c in self.specials) + "."

    def _choice_text(self) -> str:
        return "Must be one of " + ", ".join(str(c.value) for c in self.choices) + "."


def _is_uuid(value: str) -> bool:
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False
