"""Empty states of the device table: the nearest reason and the step that helps."""

from typing import Any

import pytest

from app.errors import NotAuthorised, ServerFault
from ui.views.gaps import gap

CALM: dict[str, Any] = {
    "devices": 0, "filtered": False, "scoped": "", "syncing": False, "synced": True, "online": True, "error": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "title", "step"),
    [
        ({"devices": 9, "filtered": True}, "No device matches", "clear"),
        ({"devices": 9, "filtered": True, "scoped": "Store 12"}, "No device matches", "everywhere"),
        ({"devices": 9, "scoped": "Store 12"}, "No devices here", "everywhere"),
        ({"synced": False, "online": None}, "Nothing fetched yet", "sync"),
        ({"synced": False, "syncing": True}, "Fetching devices", ""),
        ({"synced": False, "online": False}, "Offline, and no copy yet", "sync"),
        ({"synced": False, "error": NotAuthorised(401)}, "No access", "sign_in"),
        ({"synced": False, "error": NotAuthorised(401), "online": False}, "No access", "sign_in"),
        ({"synced": False, "error": ServerFault(503)}, "The sync failed", "sync"),
        ({}, "No devices yet", "sync"),
    ],
)
def test_an_empty_table_says_the_nearest_reason_and_offers_the_step_that_helps(
    told: dict[str, Any], title: str, step: str
) -> None:
    said = gap(**{**CALM, **told})
    assert (said.title, said.step) == (title, step)
    assert bool(said.button) == bool(step)
