"""The exception tree: codes and facts, no sentences.

FleetError
├── InputError                 a value the user or the caller gave is wrong; .problems says where
├── SettingsError              the settings file can't be read or written
├── CredentialsError
│   ├── NoSecretStore          the system offers no place to keep a key
│   └── SecretStoreLocked      there is one, but it did not open
├── StoreError
│   ├── StoreDamaged           the copy is unreadable; it may be set aside and rebuilt
│   ├── StoreNewer             written by a newer version; left untouched
│   └── StoreBusy              another process holds it
├── DemoFailed                 the sandbox process did not start
├── Offline                    there is no client: the session runs from its copy
└── WireError                  one request went wrong; .method .path .request_id .status .excerpt
    ├── Unreachable            no connection was made, nothing was sent
    ├── OutcomeUnknown         the request may have arrived, the answer did not
    ├── UnexpectedAnswer       an answer that the contract does not allow
    └── Refused                the server said no; .status .message .details
        ├── BadRequest 400  NotAuthorised 401  Forbidden 403  NotFound 404  Conflict 409
        ├── TooFast 429        .retry_after in seconds, if the server named a time
        └── ServerFault 5xx

Invariant: `str(error)` never holds a secret, because every text in here went through `redact`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.redact import redact


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field. An empty `field` means the whole."""

    field: str
    message: str


class FleetError(Exception):
    """Root of everything this program raises on purpose. `code` is stable and goes to logs and scripts."""

    code = "error"

    def __init__(self, detail: str = "") -> None:
        self.detail = redact(detail)
        super().__init__(self.detail or self.code)


class InputError(FleetError):
    code = "input"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.field}: {p.message}" if p.field else p.message for p in self.problems))


class SettingsError(FleetError):
    code = "settings"


class CredentialsError(FleetError):
    code = "credentials"


class NoSecretStore(CredentialsError):
    code = "no_secret_store"


class SecretStoreLocked(CredentialsError):
    code = "secret_store_locked"


class StoreError(FleetError):
    code = "store"


class StoreDamaged(StoreError):
    code = "store_damaged"


class StoreNewer(StoreError):
    code = "store_newer"


class StoreBusy(StoreError):
    code = "store_busy"


class Offline(FleetError):
    code = "offline"


class DemoFailed(FleetError):
    """The sandbox did not start; `detail` is the last thing it said."""

    code = "demo_failed"


class WireError(FleetError):
    """One request that went wrong. `path` is without host and query; `excerpt` is redacted and short.

    `status` is 0 where no complete answer came.
    """

    code = "wire"

    def __init__(
        self,
        detail: str = "",
        *,
        method: str = "",
        path: str = "",
        request_id: str = "",
        status: int = 0,
        excerpt: str = "",
    ) -> None:
        self.status = status
        self.method = method
        self.path = path
        self.request_id = request_id
        self.excerpt = redact(excerpt)[:300]
        super().__init__(detail)


class Unreachable(WireError):
    code = "unreachable"


class OutcomeUnknown(WireError):
    code = "outcome_unknown"


class UnexpectedAnswer(WireError):
    code = "unexpected_answer"


class Refused(WireError):
    """The server answered with an error status. Source: `Errors` in 000_5f9ae93ec74d62fa.txt."""

    code = "refused"

    def __init__(
        self,
        status: int,
        message: str = "",
        details: Sequence[str] = (),
        *,
        method: str = "",
        path: str = "",
        request_id: str = "",
        excerpt: str = "",
        retry_after: float | None = None,
    ) -> None:
        self.message = redact(message)
        self.details = tuple(redact(d) for d in details)
        self.retry_after = retry_after
        text = f"{status} {message}".strip()
        super().__init__(
            "; ".join([text, *self.details]),
            method=method,
            path=path,
            request_id=request_id,
            status=status,
            excerpt=excerpt,
        )


class BadRequest(Refused):
    code = "bad_request"


class NotAuthorised(Refused):
    code = "not_authorised"


class Forbidden(Refused):
    code = "forbidden"


class NotFound(Refused):
    code = "not_found"


class Conflict(Refused):
    code = "conflict"


class TooFast(Refused):
    code = "too_fast"


class ServerFault(Refused):
    code = "server_fault"
