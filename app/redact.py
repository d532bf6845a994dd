"""The one choke point for secrets: text, mappings and log records pass here before they leave the process.

Invariant: a value that was registered with `guard`, or that stands behind a secret name, never comes out.
"""

import logging
import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "•••"

# Source: the contract's list of secret arguments and fields.
SECRET_NAMES = frozenset(
    {
        "authorization", "token", "access_token", "api_key", "apikey", "password", "passphrase", "secret",
        "source_refresh_token", "cert_data_base64", "cert_password", "new_lockscreen_password",
        "wifi_access_points", "wifi_password", "profile", "settingsapppassword", "action_args",
    }
)  # fmt: skip

_guarded: set[str] = set()
_BEARER = re.compile(r"(?i)(bearer\s+)[^\s'\",;]+")
_PAIR = re.compile(
    r"(?i)([\"']?\b(?:" + "|".join(sorted(SECRET_NAMES - {"profile", "action_args"})) + r")\b[\"']?\s*[=:]\s*)"
    r"(\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[^\s,;&}\]]+)"
)


def guard(secret: str) -> None:
    """Registers a live secret, so that it is hidden wherever it turns up. Texts under six characters are ignored."""
    if len(secret) >= 6:
        _guarded.add(secret)


def redact(text: str) -> str:
    """The same text without guarded secrets, bearer tokens and values behind secret names."""
    for secret in _guarded:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    text = _BEARER.sub(rf"\1{HIDDEN}", text)
    return _PAIR.sub(lambda m: m[1] + HIDDEN if not m[2].startswith(HIDDEN) else m[0], text)


def redact_value(value: Any, name: str = "") -> Any:
    """A copy of a JSON-like value in which everything behind a secret name is hidden, at any depth."""
    if name.lower() in SECRET_NAMES and value not in (None, "", [], {}):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(k): redact_value(v, str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [redact_value(v) for v in value]
    return redact(value) if isinstance(value, str) else value


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and redacts the result. Every handler of this program uses it."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
