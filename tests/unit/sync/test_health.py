"""Online or not, and the ages that move only on success."""

import pytest

from app.errors import (
    Forbidden,
    Offline,
    OutcomeUnknown,
    ServerFault,
    TooFast,
    UnexpectedAnswer,
    Unreachable,
    WireError,
)
from app.sync.health import Health


@pytest.mark.parametrize(
    ("error", "online"),
    [
        (Unreachable(), False),
        (OutcomeUnknown(), False),
        (ServerFault(503), False),
        (Forbidden(403), True),
        (TooFast(429), True),
        (UnexpectedAnswer(), None),
    ],
)
def test_a_failure_moves_no_age_and_a_refusal_is_still_an_answer(error: WireError, online: bool | None) -> None:
    health = Health(fetched_at=5.0, full_sync_at=4.0)
    health.failed(error)
    assert (health.online, health.error, health.fetched_at, health.full_sync_at) == (online, error, 5.0, 4.0)


def test_success_clears_the_error_and_is_announced_once() -> None:
    health = Health()
    heard: list[str] = []
    health.changed.connect(lambda change: heard.append(change.kind))
    health.failed(Offline())
    health.reached()
    health.reached()
    assert (health.online, health.error, heard) == (True, None, ["health", "health"])
    health.fetched(9.0, full_sync_at=8.0)
    assert (health.fetched_at, health.full_sync_at, len(heard)) == (9.0, 8.0, 3)
