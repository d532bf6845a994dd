"""The request as text: JSON and curl, for reading and copying.

Invariant: no secret argument and no key is ever in it; the key is the variable `$FLEET_CONSOLE_TOKEN`.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from app.commands import catalogue
from app.commands.request import body
from app.redact import HIDDEN, redact_value

# The real alias is made when the job is written down.
ALIAS = "fc-…"


def as_json(command: str, args: Mapping[str, Any], devices: Sequence[str]) -> str:
    """The body of POST commands/v0/commands/ for one batch, indented, secrets hidden."""
    entry = catalogue.find(command)
    secret = entry.secret_names if entry else frozenset()
    shown = {key: HIDDEN if key in secret else value for key, value in redact_value(dict(args)).items()}
    return json.dumps(body(command, shown, devices, ALIAS), indent=2, ensure_ascii=False)


def as_curl(url: str, command: str, args: Mapping[str, Any], devices: Sequence[str]) -> str:
    """The same as one shell command; `url` ends in /api."""
    return " \\\n  ".join(
        [
            f"curl -X POST {shlex.quote(url.rstrip('/') + '/commands/v0/commands/')}",
            '-H "Authorization: Bearer $FLEET_CONSOLE_TOKEN"',
            "-H 'Content-Type: application/json'",
            f"--data {shlex.quote(as_json(command, args, devices))}",
        ]
    )
