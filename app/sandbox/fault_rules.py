"""One fault as text and as a rule: which requests it strikes, how often, and what it does to them.

A fault is written `METHODS PATH KIND [OPTION=VALUE ...]`, as in `POST /commands/v0/commands/ drop-after p=0.1`.
METHODS is one or several divided by commas, or `*` for all. PATH is one of the contract's, below /api and with its
slashes; `{anything}` stands for one part and `*` for any text. Every kind takes `p` (the share of requests, 1) and
`next` (how many it strikes before it is over; unlimited). The kinds and their other options stand in `KINDS`.

Invariant: a text that can be read has one meaning, and one that can't says what is wrong with it. All of this is the
sandbox's own; no contract knows of it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from textwrap import fill
from typing import Any, NamedTuple

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
STATUS = "status"


class BadFault(ValueError):
    """The text is no fault; the message says why."""


class Kind(NamedTuple):
    """The options of a kind beside `p` and `next`, and what it does."""

    options: tuple[str, ...]
    text: str


KINDS = {
    "latency": Kind(("ms", "jitter"), "waits ms milliseconds (100), give or take jitter (0)"),
    "drop-before": Kind((), "closes the connection before the request is looked at"),
    "drop-after": Kind((), "carries the request out and closes the connection without an answer"),
    "error": Kind(("when",), "500 or 503, at random"),
    STATUS: Kind(
        ("when", "retry-after", "form", "location"),
        "a status from 100 to 599 in place of the word, such as 429 or 302: that answer instead of the true one. "
        "retry-after=SECONDS sends the header Retry-After, form=date sends it as a date; location is that of a 3xx "
        "(/login); a 1xx comes before the true answer, but for 101, after which nothing comes",
    ),
    "html": Kind(("when", "code"), "the page of a captive portal with status code (200)"),
    "slow": Kind(("rate",), "the body comes with rate bytes per second (1000)"),
    "cut": Kind(("bytes",), "the connection is closed after that many bytes of the body (half of it)"),
    "truncated": Kind(("bytes",), "JSON that ends after that many bytes (half of it), its length matching"),
    "wrong-types": Kind(("share",), "JSON in which a share (0.25) of the values, but at least one, has another type"),
    "wrong-content-type": Kind(("type",), "the true body under another media type (text/plain)"),
    "empty": Kind((), "the true status and no body"),
}
_OF_ALL = ("p", "next")


def _line(name: str, kind: Kind) -> str:
    options = f" [{' '.join(kind.options)}]" if kind.options else ""
    return fill(f"{name}{options}: {kind.text}", 100, initial_indent="  ", subsequent_indent=" " * 6)


GRAMMAR = "\n".join(
    [
        "faults: METHODS PATH KIND [OPTION=VALUE ...], for instance",
        "  --fault 'POST /commands/v0/commands/ drop-after p=0.1'",
        "  --fault 'GET /v2/devices/{id} 429 retry-after=3 form=date next=2'",
        "  --fault '* * latency ms=300 jitter=100'",
        "METHODS are divided by commas; in PATH {x} stands for one part and * for any text;",
        "p=SHARE strikes by chance, next=N strikes N times. when=before (the default) or when=after says whether",
        "the request is carried out. Kinds:",
        *(_line(name, kind) for name, kind in KINDS.items()),
        'While it runs: GET, PUT {"faults": [...]} and DELETE on /sandbox/faults, with the same key.',
    ]
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that was read. `status` is the answer of a status fault, `options` are those of its kind, with types."""

    text: str
    methods: frozenset[str]
    path: re.Pattern[str]
    kind: str
    status: int = 0
    share: float = 1.0
    count: int | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def strikes(self, method: str, path: str) -> bool:
        """Whether a request is one of those that this fault is for; `path` is below /api."""
        return ("GET" if method == "HEAD" else method) in self.methods and self.path.fullmatch(path) is not None

    @property
    def ends(self) -> bool:
        """Whether the request gets no further than this fault."""
        informational = self.kind == STATUS and self.status < 200 and self.status != 101
        answers = self.kind in {"error", STATUS, "html"} and self.options.get("when") != "after"
        return self.kind == "drop-before" or (answers and not informational)


def read_fault(text: str) -> Fault:
    """The fault behind a text. Raises BadFault."""
    words = text.split()
    if len(words) < 3:
        raise BadFault(f"a fault is METHODS PATH KIND [OPTION=VALUE ...], not {text!r}")
    methods, path, word, *options = words
    kind, status = (STATUS, int(word)) if re.fullmatch(r"[1-5]\d\d", word, re.ASCII) else (word, 0)
    if kind not in KINDS or (kind == STATUS and not status):
        names = ", ".join(name for name in KINDS if name != STATUS)
        raise BadFault(f"{word!r} is no kind of fault: a status from 100 to 599 or one of {names}")
    given: dict[str, Any] = {}
    for option in options:
        name, _, value = option.partition("=")
        if name not in (*KINDS[kind].options, *_OF_ALL):
            raise BadFault(f"{word} has no option {name!r}: it takes {', '.join((*KINDS[kind].options, *_OF_ALL))}")
        if name in given:
            raise BadFault(f"{name} is given twice")
        given[name] = _READERS[name](name, value)
    share, count = given.pop("p", 1.0), given.pop("next", None)
    return Fault(" ".join(words), _methods(methods), _path(path), kind, status, share, count, given)


def _methods(text: str) -> frozenset[str]:
    if text == "*":
        return frozenset(METHODS)
    named = text.upper().split(",")
    if unknown := [name for name in named if name not in METHODS]:
        raise BadFault(f"{unknown[0]!r} is no method: one of {', '.join(METHODS)}, or * for all")
    return frozenset(named)


def _path(text: str) -> re.Pattern[str]:
    if not text.startswith(("/", "*")):
        raise BadFault(f"a path begins with / and is below /api, or is *; not {text!r}")
    parts = re.split(r"(\*|\{[^/{}]*\})", text)
    meant = {"*": ".*"}
    pieces = [meant.get(part, "[^/]+") if part == "*" or part.startswith("{") else re.escape(part) for part in parts]
    return re.compile("".join(pieces), re.DOTALL)


def _number(low: float, high: float) -> Callable[[str, str], float]:
    def read(name: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise BadFault(f"{name} is a number from {low:g} to {high:g}, not {text!r}")
        return value

    return read


def _whole(low: int, high: int) -> Callable[[str, str], int]:
    def read(name: str, text: str) -> int:
        value = int(text) if re.fullmatch(r"\d{1,12}", text, re.ASCII) else low - 1
        if not low <= value <= high:
            raise BadFault(f"{name} is a whole number from {low} to {high}, not {text!r}")
        return value

    return read


def _choice(*options: str) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if text not in options:
            raise BadFault(f"{name} is {' or '.join(options)}, not {text!r}")
        return text

    return read


def _header(name: str, text: str) -> str:
    if not text or not text.isascii() or not text.isprintable():
        raise BadFault(f"{name} is plain text, not {text!r}")
    return text


_READERS: dict[str, Callable[[str, str], Any]] = {
    "p": _number(0, 1),
    "next": _whole(1, 10**9),
    "ms": _number(0, 600_000),
    "jitter": _number(0, 600_000),
    "when": _choice("before", "after"),
    "retry-after": _whole(0, 86_400),
    "form": _choice("seconds", "date"),
    "location": _header,
    "code": _whole(200, 599),
    "rate": _number(1, 1e9),
    "bytes": _whole(0, 10**9),
    "share": _number(0, 1),
    "type": _header,
}
