"""Why the device table is empty, and what to do next, as data.

Invariant: there is exactly one reason, the nearest one, and it always offers a step that can help.
"""

from typing import NamedTuple

from app.errors import FleetError, Forbidden, NotAuthorised
from ui import text


class Gap(NamedTuple):
    """An empty state. `step` is one of: clear, everywhere, sync, sign_in, or empty where there is nothing to do."""

    icon: str
    title: str
    sentence: str
    button: str = ""
    step: str = ""


def gap(
    *,
    devices: int,
    filtered: bool,
    scoped: str,
    syncing: bool,
    synced: bool,
    online: bool | None,
    error: FleetError | None,
) -> Gap:
    """The reason for an empty table. `devices` are in the copy; `scoped` names the group or set it is limited to."""
    if devices:
        if filtered and scoped:
            where = f"The filter finds nothing in {scoped}."
            return Gap("funnel-x", "No device matches", where, "Search all devices", "everywhere")
        if filtered:
            sentence = "Every device of the copy was searched. Check the spelling, or ask for less."
            return Gap("funnel-x", "No device matches", sentence, "Clear filter", "clear")
        return Gap("folder-open", "No devices here", f"{scoped} has no devices.", "Show all devices", "everywhere")
    if isinstance(error, Forbidden | NotAuthorised):
        return Gap("lock", "No access", text.describe(error), "Sign in again", "sign_in")
    if syncing:
        return Gap("refresh-cw", "Fetching devices", "The first ones appear as soon as the server sends them.")
    if online is False:
        sentence = "There is no copy of this fleet on this computer yet, and the server can't be reached."
        return Gap("cloud-off", "Offline, and no copy yet", sentence, "Try again", "sync")
    if error is not None:
        return Gap("cloud-alert", "The sync failed", text.describe(error), "Try again", "sync")
    if not synced:
        sentence = "Fetch the fleet once; after that it can be searched without a network too."
        return Gap("download", "Nothing fetched yet", sentence, "Fetch devices", "sync")
    return Gap(
        "monitor-smartphone",
        "No devices yet",
        "This tenant has no devices. They appear here once enrolled.",
        "Sync again",
        "sync",
    )
