"""What went wrong on the wire, said in the words of the exception tree: one table, one place.

Invariant: every status and every exception of the HTTP library ends as exactly one class of `app.errors`.
"""

import contextlib
import email.utils
import html
import json
import math
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.errors import BadRequest, Conflict, Forbidden, NotAuthorised, NotFound, Refused, ServerFault, TooFast
from app.esper.allowance import allowance
from app.redact import HIDDEN, SECRET_NAMES, redact_value

_REFUSALS: dict[int, type[Refused]] = {
    400: BadRequest,
    401: NotAuthorised,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: TooFast,
}
_MOST_DETAILS = 20
_EXCERPT, _READABLE = 600, 65_536
_TITLE = re.compile(rb"(?is)<title[^>]*>(.*?)</title>")
_SECRET_KEY = re.compile("(?i)[\"'](?:" + "|".join(sorted(SECRET_NAMES)) + ")[\"']\\s*:")


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """A complete HTTP answer, body decompressed. `path` has neither host nor query."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    method: str
    path: str
    request_id: str

    @property
    def excerpt(self) -> str:
        """The beginning of the body as text, without what stands behind a secret name at any depth."""
        return excerpt(self.body)

    @property
    def is_web_page(self) -> bool:
        """Whether this is HTML: what a portal of the network puts in the way of the server."""
        kind = self.headers.get("content-type", "").lower()
        return "html" in kind or self.body[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def refusal(answer: Answer, now: float) -> Refused:
    """The error behind an answer of 400 and above. `now` in epoch seconds, for Retry-After as a date.

    Reads both error forms: `{errors, message, status}` (000_5f9ae93ec74d62fa.txt) and `{code, message, content}`.
    """
    kind = _REFUSALS.get(answer.status, ServerFault if answer.status >= 500 else Refused)
    message, details = _said(answer.body)
    if answer.is_web_page:
        message = title(answer.body)
    wait = retry_after(answer.headers.get("retry-after", ""), now)
    if wait is None and answer.status == 429 and (allowed := allowance(answer.headers, now)):
        wait = allowed.seconds
    return kind(
        answer.status,
        message,
        details,
        method=answer.method,
        path=answer.path,
        request_id=answer.request_id,
        excerpt=answer.excerpt,
        retry_after=wait,
    )


def excerpt(body: bytes) -> str:
    """The beginning of a body for people, secrets hidden. What is no whole JSON ends at the first secret name."""
    if len(body) <= _READABLE:
        with contextlib.suppress(ValueError, RecursionError):
            document = json.loads(body)
            if isinstance(document, dict | list):
                return json.dumps(redact_value(document), ensure_ascii=False)[:_EXCERPT]
    beginning = body[:_EXCERPT].decode("utf-8", "replace")
    # Half a document: the pattern that hides a value may miss its end, so nothing after such a name is shown.
    secret = _SECRET_KEY.search(beginning)
    return f"{beginning[: secret.start()]}{HIDDEN}" if secret else beginning


def title(page: bytes) -> str:
    """The title of a web page, empty where there is none."""
    found = _TITLE.search(page[:4096])
    words = html.unescape(found[1].decode("utf-8", "replace")) if found else ""
    return " ".join(words.split())[:80]


def retry_after(text: str, now: float) -> float | None:
    """Seconds to wait, from seconds or an HTTP date; None when there is nothing to read. Never negative."""
    text = text.strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(text).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def reason(error: BaseException) -> str:
    """Why no answer came, in a few words: the deepest cause that says something."""
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return "the server's name was not found"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the server's certificate is not trusted: {getattr(cause, 'verify_message', '') or cause}"
        if isinstance(cause, ssl.SSLError):
            return f"no secure connection: {getattr(cause, 'reason', '') or cause}"
        if type(cause).__name__ == "ProxyError":
            return f"the proxy did not let us through: {cause}"
        if isinstance(cause, ConnectionRefusedError):
            return "the connection was refused"
        if isinstance(cause, TimeoutError) or "Timeout" in type(cause).__name__:
            return "no answer in time"
    return f"{type(error).__name__}: {error}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The innermost exceptions first; groups are opened."""
    seen: list[BaseException] = []
    todo = [error]
    while todo:
        current = todo.pop()
        if any(current is known for known in seen):
            continue
        seen.append(current)
        todo.extend(e for e in (current.__cause__, current.__context__) if e is not None)
        if isinstance(current, BaseExceptionGroup):
            todo.extend(current.exceptions)
    return reversed(seen)


def _said(body: bytes) -> tuple[str, list[str]]:
    """Message and details of an error body; nothing where it is neither form."""
    document: Any
    try:
        document = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return "", []
    if not isinstance(document, dict):
        return "", []
    texts: list[Any] = [document.get(key) for key in ("message", "detail", "error")]
    message: str = next((found for found in texts if isinstance(found, str) and found), "")
    meta = document.get("meta")
    parts = [document.get("errors"), meta.get("non_field_errors") if isinstance(meta, dict) else None]
    # Neither form: the body is the list of details itself, field by field.
    details = _lines(parts if message or any(parts) or "errors" in document else document)
    return message[:300], list(islice(details, _MOST_DETAILS))


def _lines(part: Any, field: str = "", depth: int = 0) -> Iterator[str]:
    """Texts, lists of texts and mappings from field to texts, flattened to `field: message`."""
    if depth > 4 or part in (None, "", [], {}):
        return
    if isinstance(part, Mapping):
        for key, value in part.items():
            yield from _lines(value, f"{field}.{key}" if field else str(key), depth + 1)
    elif isinstance(part, list):
        for value in part:
            yield from _lines(value, field, depth + 1)
    else:
        yield (f"{field}: {part}" if field else str(part))[:300]
