"""Bodies of changes, read field by field.

Invariant: everything that is wrong with a body is named at once, as `field: message`; a field that was not sent keeps
the value it is read with, so one reading serves both a new thing and a changed one.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from app.sandbox.answers import Asked, Refusal, body

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_YEARS = range(2000, 2200)


class Form:
    """A body. With `closed`, fields of other names are problems; with `some`, it has to name at least one field."""

    def __init__(self, asked: Asked, closed: Sequence[str] = (), some: bool = False) -> None:
        self.sent = body(asked)
        self.problems: list[str] = []
        if closed:
            self.problems += [f"{name[:60]}: Can't be set here." for name in self.sent if name not in closed]
        if some and not self.sent:
            self.wrong("body", "Must name at least one field.")

    def wrong(self, field: str, message: str) -> None:
        self.problems.append(f"{field}: {message}")

    def has(self, field: str) -> bool:
        return field in self.sent

    def check(self) -> None:
        """Raises Refusal 400 where anything was wrong."""
        if self.problems:
            raise Refusal(400, self.problems)

    def text(
        self,
        field: str,
        kept: Any = None,
        *,
        needed: bool = False,
        null: bool = False,
        blank: bool = False,
        longest: int = 255,
    ) -> Any:
        """A text; null where `null`, nothing but spaces where `blank`."""

        def problem(value: Any) -> str:
            if not isinstance(value, str):
                return "Must be text."
            if not blank and not value.strip():
                return "Must not be blank."
            return f"At most {longest} signs, not {len(value)}." if len(value) > longest else ""

        return self._read(field, kept, needed, null, problem)

    def email(self, field: str, kept: Any = None) -> Any:
        """An e-mail address."""

        def problem(value: Any) -> str:
            fine = isinstance(value, str) and len(value) <= 254 and _EMAIL.fullmatch(value)
            return "" if fine else "Must be an e-mail address."

        return self._read(field, kept, False, False, problem)

    def truth(self, field: str, kept: Any = None) -> Any:
        return self._read(field, kept, False, False, lambda v: "" if isinstance(v, bool) else "Must be true or false.")

    def choice(self, field: str, options: Sequence[str], kept: Any = None) -> Any:
        """One of the options."""
        message = f"Must be one of {', '.join(options)}."
        return self._read(field, kept, False, False, lambda v: "" if isinstance(v, str) and v in options else message)

    def positive(self, field: str, kept: Any = None) -> Any:
        """A number above 0, or null."""

        def problem(value: Any) -> str:
            if isinstance(value, bool) or not isinstance(value, int | float):
                return "Must be a number."
            return "" if 0 < value < 1e9 else "Must be above 0."

        return self._read(field, kept, False, True, problem)

    def thing(self, field: str, kept: Any = None, *, needed: bool = False) -> Any:
        """An object."""
        return self._read(field, kept, needed, False, lambda v: "" if isinstance(v, dict) else "Must be an object.")

    def texts(
        self, field: str, kept: Any = None, *, needed: bool = False, most: int = 1000, word: str = "texts"
    ) -> Any:
        """A list of texts, none of them blank; `word` says what they are."""

        def problem(value: Any) -> str:
            if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
                return f"Must be a list of {word}."
            return f"At most {most} at a time, not {len(value)}." if len(value) > most else ""

        return self._read(field, kept, needed, False, problem)

    def found(
        self, field: str, find: Callable[[str], int | None], *, needed: bool = False, most: int = 1000
    ) -> list[int]:
        """What a list of ids means, each once and in order; ids that mean nothing are problems."""
        ids = self.texts(field, [], needed=needed, most=most, word="ids") or []
        unknown = [text for text in ids if find(text) is None]
        self.problems += [f"{field}: There is nothing with the id {text[:60]}." for text in unknown[:20]]
        return list(dict.fromkeys(number for number in map(find, ids) if number is not None))

    def _read(self, field: str, kept: Any, needed: bool, null: bool, problem: Callable[[Any], str]) -> Any:
        if field not in self.sent:
            if needed:
                self.wrong(field, "Is required.")
            return kept
        value = self.sent[field]
        if value is None and null:
            return None
        message = problem(value)
        if message:
            self.wrong(field, message)
            return kept
        return value


def instant(asked: Asked, name: str) -> float:
    """A date and time of the query, in seconds since 1970. Raises Refusal 400 where it is missing or has no zone."""
    text = asked.query.get(name)
    if not text:
        raise Refusal(400, [f"{name}: Is required."])
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # a plus that became a space on the way
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.year not in _YEARS:
        raise Refusal(400, [f"{name}: Must be a date and time with a zone, such as 2026-01-10T20:15:00Z."])
    return moment.astimezone(UTC).timestamp()
