"""The facts of jobs: a job, its requests and its targets as they are kept and shown.

Invariant: facts are immutable and hold no secret; a change makes a new one. Times are epoch seconds in UTC, None means not known.
"""

from enum import StrEnum
from typing import Any, Literal

import msgspec

Phase = Literal["sending", "following", "paused", "done"]


class RequestState(StrEnum):
    """What became of one request of a job. Only WAITING ones may ever be sent; FORGOTTEN ones the server took once."""

    WAITING = "waiting"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    FORGOTTEN = "forgotten"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One request of the user, followed until every device has a final state.

    `counts` maps a target state (TargetState text, or a wire text the contract does not list) to devices; only states
    that occur are in it. `args` are redacted. `requests` were needed in all, `accepted` of them the server has taken.
    """

    id: str
    title: str
    command: str
    args: dict[str, Any] = {}
    created_at: float
    total: int
    counts: dict[str, int] = {}
    phase: Phase = "sending"
    finished_at: float | None = None
    error: str = ""
    requests: int = 0
    accepted: int = 0


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One device of a job. `state` is a TargetState text or a wire text the contract does not list.

    `since` is when that state was reached, by the server's clock where the server said so; `updated_at` is the server's
    time of the last news. `status_id` is the server's name for this command on this device, empty until it is known.
    """

    device_id: str
    name: str = ""
    state: str
    reason: str = ""
    since: float | None = None
    status_id: str = ""
    updated_at: float | None = None


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a job: at most 500 devices. `alias` is ours, `server_id` the server's once it accepted.

    `sent_at` is this computer's time of the last sending, kept even when the outcome is unknown.
    """

    job_id: str
    seq: int
    alias: str
    devices: tuple[str, ...]
    state: RequestState = RequestState.WAITING
    server_id: str = ""
    sent_at: float | None = None
    reason: str = ""
