"""From bytes to records: both page wrappers, the object wrapper, and the tolerant way for documents that don't fit.

Invariant: an answer becomes records or UnexpectedAnswer. An empty list is believed only where the server sent a list,
a misfitting field is lost alone, and `raw` keeps the document as it came.
"""

import json
from collections.abc import Callable
from inspect import isclass
from typing import Any, Generic, NamedTuple, TypeVar, get_args, get_origin

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from app.errors import UnexpectedAnswer
from app.esper.failures import Answer, excerpt, title
from app.esper.wording import Loose, ident, text, whole

R = TypeVar("R")
W = TypeVar("W", bound=Struct)


class Listing(NamedTuple, Generic[R]):
    """One page: its records, how many the server says there are in all, and whether it says that more follow."""

    rows: list[R]
    total: int | None
    more: bool


class Form(Generic[R]):
    """How documents of one kind become records: a typed struct for the wire, every field of it optional, and a builder.

    `build(wire, raw)` may raise UnexpectedAnswer where a record can't exist, which is without an id.
    """

    def __init__(self, wire: type[W], build: Callable[[W, bytes], R]) -> None:
        self._wire: type[Struct] = wire
        self._decode = msgspec.json.Decoder(wire).decode
        self._build: Callable[[Any, bytes], R] = build

    def read(self, raw: bytes) -> R:
        """The record behind one JSON object."""
        wire: Struct
        try:
            wire = self._decode(raw)
        except (msgspec.MsgspecError, RecursionError):
            document = _loads(raw)
            if not isinstance(document, dict):
                raise UnexpectedAnswer(f"an object was expected, not {_kind(document)}") from None
            wire = soften(document, self._wire)
        return self._build(wire, raw)


class _Rows(Struct):
    results: list[Raw] | UnsetType = UNSET
    count: Loose = None
    next: Loose | UnsetType = UNSET
    next_cursor: Loose | UnsetType = UNSET


class _Page(_Rows):
    content: _Rows | UnsetType = UNSET


class _One(Struct):
    content: Raw | UnsetType = UNSET


_decode_page = msgspec.json.Decoder(_Page).decode
_decode_one = msgspec.json.Decoder(_One).decode


def page(body: bytes, form: Form[R]) -> Listing[R]:
    """The page `{count, next, previous|prev, results}`, bare or inside `content`. Raises UnexpectedAnswer."""
    try:
        whole_page = _decode_page(body)
    except (msgspec.MsgspecError, RecursionError):
        return _tolerant_page(body, form)
    rows = whole_page if whole_page.results is not UNSET else whole_page.content
    if isinstance(rows, UnsetType) or isinstance(rows.results, UnsetType):
        raise UnexpectedAnswer("a page was expected, but there is no list of results")
    return _listing([form.read(bytes(raw)) for raw in rows.results], rows.count, rows.next, rows.next_cursor)


def _tolerant_page(body: bytes, form: Form[R]) -> Listing[R]:
    document = _loads(body)
    rows = document if isinstance(document, dict) and "results" in document else None
    if rows is None and isinstance(document, dict) and isinstance(content := document.get("content"), dict):
        rows = content
    if rows is None or not isinstance(results := rows.get("results"), list):
        raise UnexpectedAnswer("a page was expected, but there is no list of results")
    count, following, cursor = (
        v if isinstance(v := rows.get(k, UNSET), str | int | float | UnsetType) else None
        for k in ("count", "next", "next_cursor")
    )
    found = [form.read(json.dumps(row).encode()) for row in results]
    return _listing(found, None if isinstance(count, UnsetType) else count, following, cursor)


def _listing(rows: list[R], count: Loose, following: Loose | UnsetType, cursor: Loose | UnsetType) -> Listing[R]:
    total = whole(count)
    known = total if total is not None and total >= 0 else None
    said = [link for link in (following, cursor) if not isinstance(link, UnsetType)]
    # The contract lets a page say neither how many there are nor whether more follow: then only asking tells.
    more = any(text(link) for link in said) if said or known is not None else bool(rows)
    return Listing(rows, known, more)


def one(body: bytes, form: Form[R]) -> R:
    """One document, bare or inside `content`. Raises UnexpectedAnswer."""
    try:
        content = _decode_one(body).content
    except (msgspec.MsgspecError, RecursionError):
        return form.read(body)
    if not isinstance(content, UnsetType) and (inner := bytes(content)).startswith(b"{"):
        return form.read(inner)
    return form.read(body)


def check(answer: Answer) -> bytes:
    """The body, when it claims to be JSON and is not empty. Raises UnexpectedAnswer."""
    kind = answer.headers.get("content-type", "")
    if answer.is_web_page:
        raise UnexpectedAnswer(f"a web page came instead of JSON: {title(answer.body)}", excerpt=answer.excerpt)
    if kind and "json" not in kind.lower():
        raise UnexpectedAnswer(f"JSON was expected, not {kind[:60]}", excerpt=answer.excerpt)
    if not answer.body.strip():
        raise UnexpectedAnswer("the answer is empty")
    return answer.body


def identified(value: Loose, what: str) -> str:
    """The id without which a record can't exist; no number below zero or with a fraction. Raises UnexpectedAnswer."""
    identifier, number = ident(value), whole(value)
    if not identifier or (isinstance(value, int | float) and (number is None or number < 0)):
        raise UnexpectedAnswer(f"{what} without an id")
    return identifier


def mapping(raw: bytes) -> dict[str, Any]:
    """The object as it came, for documents whose keys are open. Raises UnexpectedAnswer."""
    document = _loads(raw)
    if not isinstance(document, dict):
        raise UnexpectedAnswer(f"an object was expected, not {_kind(document)}")
    return document


def soften(document: dict[str, Any], wire: type[W]) -> W:
    """The struct, with every field that fits; one that doesn't keeps its default."""
    kept = {}
    for field in msgspec.structs.fields(wire):
        value = document.get(field.encode_name)
        fitting = _fit(value, field.type)
        if fitting is not None:
            kept[field.name] = fitting
    return wire(**kept)


def _fit(value: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except (msgspec.MsgspecError, OverflowError, RecursionError):
        pass
    for option in get_args(kind) or (kind,):
        if isinstance(value, dict) and isclass(option) and issubclass(option, Struct):
            return soften(value, option)
        if isinstance(value, list) and get_origin(option) is list:
            fitting = (_fit(item, get_args(option)[0]) for item in value)
            return [item for item in fitting if item is not None]
    return None


def _loads(body: bytes) -> Any:
    """Any JSON, also with numbers and texts that the fast decoder refuses."""
    try:
        return _printable(json.loads(body.decode("utf-8", "replace")))
    except (ValueError, RecursionError) as error:
        what = "is nested too deep" if isinstance(error, RecursionError) else "is not JSON"
        raise UnexpectedAnswer(f"the answer {what}", excerpt=excerpt(body)) from None


def _printable(value: Any) -> Any:
    """The same value without lone surrogates, which JSON can spell and no file or widget can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {_printable(key): _printable(item) for key, item in value.items()}
    return value


def _kind(value: Any) -> str:
    return {list: "a list", str: "a text", type(None): "null"}.get(type(value), "a " + type(value).__name__)
