"""Questions and answers: what a route is asked, how it refuses, how a page is cut and linked.

Invariant: every refusal has the form `{errors, message, status}`, and every link is absolute and carries limit and offset.
Sources: contract schema Error, parameters limit and offset; 001_a74e240feaae3237.txt.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

T = TypeVar("T")

LARGEST_PAGE = 500
_MESSAGES = {
    400: "Invalid request",
    401: "Unauthorized",
    404: "Not found",
    405: "Method not allowed",
    415: "Unsupported media type",
    416: "Range not satisfiable",
    429: "Rate limit exceeded",
    500: "Server error",
    503: "Service unavailable",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent: its name without folders, where it lies, its size in bytes and its SHA-256 in hex."""

    name: str
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `base` is the server's address up to and including /api; `here` is the address without a query.

    `upload` is the file that came with it, on paths that take one.
    """

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    base: str
    here: str
    upload: Upload | None = None


class Refusal(Exception):
    """An error answer. `errors` say what is wrong, as `field: message`."""

    def __init__(
        self,
        status: int,
        errors: Sequence[str] = (),
        message: str = "",
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.errors = list(errors)
        self.message = message or _MESSAGES.get(status, "Error")
        self.retry_after = retry_after
        self.headers = dict(headers or {})

    def document(self) -> dict[str, Any]:
        """The body of the answer."""
        return {"errors": self.errors, "message": self.message, "status": self.status}


@dataclass(frozen=True, slots=True)
class Download:
    """A file to send: where it lies, the name to save it under, what changes when its content does."""

    path: Path
    name: str
    tag: str
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; `document` None means no body, `download` a file instead of JSON."""

    document: Any
    status: int = 200
    download: Download | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a list that was asked for."""

    limit: int
    offset: int

    def within(self, count: int) -> slice:
        """The page as a slice of a list of `count` entries."""
        return slice(min(self.offset, count), min(self.offset + self.limit, count))


def cut(asked: Asked) -> Cut:
    """The page asked for on an ordinary list: 20 by default; a limit of 0 means the default, one above 500 means 500.

    Raises Refusal 400 where limit or offset is no whole number or below 0.
    """
    limit, offset = whole(asked, "limit", 0), whole(asked, "offset", 0)
    problems = [f"{name}: Must not be negative." for name, value in (("limit", limit), ("offset", offset)) if value < 0]
    if problems:
        raise Refusal(400, problems)
    return Cut(min(limit, LARGEST_PAGE) or 20, offset)


def page(asked: Asked, part: Cut, count: int, results: list[Any], previous: str = "previous") -> dict[str, Any]:
    """A page with its links; `previous` is the name of the backward link, `prev` in newer services."""
    after = part.offset + part.limit
    before = max(part.offset - part.limit, 0)
    return {
        "count": count,
        "next": _link(asked, part.limit, after) if after < count else None,
        previous: _link(asked, part.limit, before) if part.offset > 0 else None,
        "results": results,
    }


def listed(
    asked: Asked, items: Sequence[T], document: Callable[[T], Any], previous: str = "previous"
) -> dict[str, Any]:
    """The page asked for of a list, with only its own documents made."""
    part = cut(asked)
    return page(asked, part, len(items), [document(item) for item in items[part.within(len(items))]], previous)


def wrapped(content: Any, status: int = 200) -> Answer:
    """An answer of the newer services: `{code, message, content}`."""
    return Answer({"code": status, "message": "OK", "content": content}, status)


def whole(asked: Asked, name: str, default: int) -> int:
    """A whole number of the query. Raises Refusal 400 for anything else."""
    text = asked.query.get(name, "")
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise Refusal(400, [f"{name}: Must be a whole number."]) from None


def truth(asked: Asked, name: str) -> bool | None:
    """A boolean of the query, None where it was not sent. Raises Refusal 400 for anything but true, false, 1 and 0."""
    text = asked.query.get(name, "").lower()
    if not text:
        return None
    if text not in {"true", "false", "1", "0"}:
        raise Refusal(400, [f"{name}: Must be true or false."])
    return text in {"true", "1"}


def words(asked: Asked, name: str) -> list[str]:
    """A comma list of the query; empty where it was not sent."""
    return [word.strip() for word in asked.query.get(name, "").split(",") if word.strip()]


def body(asked: Asked) -> dict[str, Any]:
    """The JSON object that was sent. Raises Refusal 400 for anything else."""
    try:
        sent = msgspec.json.decode(asked.body)
    except (msgspec.DecodeError, RecursionError, UnicodeError, ValueError):
        raise Refusal(400, ["body: Must be JSON."], "The body is not JSON") from None
    if not isinstance(sent, dict):
        raise Refusal(400, ["body: Must be an object."])
    return sent


def _link(asked: Asked, limit: int, offset: int) -> str:
    others = [(key, value) for key, value in asked.query.items() if key not in {"limit", "offset"}]
    return f"{asked.here}?{urlencode([*others, ('limit', str(limit)), ('offset', str(offset))])}"
