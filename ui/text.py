"""Sentences, dates and counts: the words of the interface, in one voice.

Invariant: pure functions of their arguments; a fact nobody knows is said to be not known, never guessed.
"""

import math
from datetime import datetime, tzinfo
from html import escape

from app import errors
from app.states import DeviceCondition, TargetState

NOT_KNOWN = "not known"

_STATE_LABELS: dict[str, str] = {
    TargetState.NOT_SENT: "Not sent",
    TargetState.SENDING: "Sending",
    TargetState.UNKNOWN: "Unknown",
    TargetState.REFUSED: "Refused",
    TargetState.SUBMITTED: "Submitted",
    TargetState.SCHEDULED: "Scheduled",
    TargetState.QUEUED: "Queued",
    TargetState.INITIATED: "Initiated",
    TargetState.ACKNOWLEDGED: "Acknowledged",
    TargetState.IN_PROGRESS: "In progress",
    TargetState.SUCCESS: "Success",
    TargetState.FAILURE: "Failed",
    TargetState.TIMEOUT: "Timed out",
    TargetState.CANCELLED: "Cancelled",
}

_STATE_HINTS: dict[str, str] = {
    TargetState.NOT_SENT: "Not sent to the server yet.",
    TargetState.SENDING: "On its way to the server.",
    TargetState.UNKNOWN: "It is not known what became of it; the reason says why. Nothing is sent again unseen.",
    TargetState.REFUSED: "The server did not take it.",
    TargetState.SUBMITTED: "The server has it and has not said more yet.",
    TargetState.SCHEDULED: "The server sends it at its time.",
    TargetState.QUEUED: "Waits at the server until the device connects.",
    TargetState.INITIATED: "The server has begun to send it to the device.",
    TargetState.ACKNOWLEDGED: "The device has received it.",
    TargetState.IN_PROGRESS: "The device works on it.",
    TargetState.SUCCESS: "The device has done it.",
    TargetState.FAILURE: "The device could not do it.",
    TargetState.TIMEOUT: "No result in time. It may still succeed later.",
    TargetState.CANCELLED: "Taken back before it was done.",
}

_CONDITION_LABELS: dict[str, str] = {
    DeviceCondition.ONLINE: "Online",
    DeviceCondition.OFFLINE: "Offline",
    DeviceCondition.ONBOARDING: "Onboarding",
    DeviceCondition.APPLYING: "Applying",
    DeviceCondition.WIPING: "Wiping",
    DeviceCondition.DISABLED: "Disabled",
    DeviceCondition.UNKNOWN: "Unknown",
    "gone": "Gone",
}


def ago(at: float | None, now: float) -> str:
    """How long ago, in the largest whole unit: `just now`, `5 min ago`, `3 h ago`, `12 days ago`, `2 years ago`.

    Less than a minute in the future counts as now: clocks differ.
    """
    if unknown(at):
        return NOT_KNOWN
    assert at is not None
    seconds = now - at
    if abs(seconds) < 60:
        return "just now"
    amount = _largest(abs(seconds))
    return f"{amount} ago" if seconds > 0 else f"in {amount}"


def _largest(seconds: float) -> str:
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < 86400:
        return f"{int(seconds // 3600)} h"
    days = int(seconds // 86400)
    if days < 60:
        return count(days, "day")
    return count(days // 30, "month") if days < 730 else count(days // 365, "year")


def absolute(at: float | None, zone: tzinfo | None = None) -> str:
    """Date, time and zone, such as `2026-11-21 07:08:09 CET`; without a zone in that of this computer."""
    if unknown(at):
        return NOT_KNOWN
    assert at is not None
    try:
        moment = datetime.fromtimestamp(at, zone) if zone else datetime.fromtimestamp(at).astimezone()
    except (ValueError, OverflowError, OSError):
        return NOT_KNOWN
    return moment.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()


def duration(seconds: float) -> str:
    """A length of time with at most two units: `45 s`, `3 min 20 s`, `2 h 5 min`, `3 days 4 h`."""
    whole = max(0, round(seconds))
    minutes, secs = divmod(whole, 60)
    hours, mins = divmod(minutes, 60)
    days, hrs = divmod(hours, 24)
    if days:
        parts = [count(days, "day"), f"{hrs} h" if hrs else ""]
    elif hours:
        parts = [f"{hours} h", f"{mins} min" if mins else ""]
    elif minutes:
        parts = [f"{minutes} min", f"{secs} s" if secs else ""]
    else:
        parts = [f"{secs} s"]
    return " ".join(p for p in parts if p)


def number(n: float) -> str:
    """`1,240`."""
    return f"{n:,.0f}"


def count(n: int, noun: str, plural: str = "") -> str:
    """`1 device`, `1,240 devices`, `2 batteries`; an irregular plural is given."""
    if n == 1:
        return f"1 {noun}"
    if not plural:
        if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
            plural = noun[:-1] + "ies"
        else:
            plural = noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")
    return f"{n:,} {plural}"


def size(mb: float | None) -> str:
    """A size in MB as `512 MB`, `31.2 GB`, `1.4 TB` (1 GB = 1024 MB)."""
    if unknown(mb):
        return NOT_KNOWN
    assert mb is not None
    value, unit = mb, "MB"
    for unit in ("MB", "GB", "TB"):
        if abs(value) < 1024 or unit == "TB":
            break
        value /= 1024
    return f"{value:.0f} {unit}" if unit == "MB" or value >= 100 else f"{value:.1f} {unit}"


def percent(x: float | None) -> str:
    """A value from 0 to 100 as `85%`. What is not nothing and not all is never rounded to 0% or 100%."""
    if unknown(x):
        return NOT_KNOWN
    assert x is not None
    whole = round(x)
    if 0 < x < 1:
        return "<1%"
    if whole == 100 and x < 100:
        whole = 99
    return f"{whole}%"


def unknown(x: float | None) -> bool:
    """True for None and NaN, the two ways in which a number is not known."""
    return x is None or math.isnan(x)


def state_label(state: str) -> str:
    """The short name of a target state; a text the contract does not list is shown as it came."""
    return _STATE_LABELS.get(state, state)


def state_hint(state: str) -> str:
    """What a target state means, in one sentence; of a state nobody knows, that it is the server's word."""
    return _STATE_HINTS.get(state, "The server's own word; this version does not know it.")


def condition_label(condition: str) -> str:
    """The short name of a device's condition."""
    return _CONDITION_LABELS.get(condition, condition)


def worded(constant: str) -> str:
    """`SET_KIOSK_APP` as `Set kiosk app`; a text that is not a constant stays as it is."""
    return constant.replace("_", " ").capitalize() if constant.isupper() else constant


def sentence(words: str) -> str:
    """The words with a capital at the start and a full stop at the end."""
    words = words.strip()
    if not words:
        return ""
    words = words[0].upper() + words[1:]
    return words if words[-1] in ".!?…" else words + "."


def describe(error: BaseException) -> str:
    """What went wrong and what to do about it, for every class of `app.errors`."""
    for kind in type(error).__mro__:
        words = _SENTENCES.get(kind)
        if words is not None:
            return words.format(**_facts(error))
    return f"Something unexpected happened ({type(error).__name__}). The log has the details."


def _facts(error: BaseException) -> dict[str, object]:
    facts: dict[str, object] = {"detail": "", "said": "", "status": "", "wait": "a moment", "problems": ""}
    if isinstance(error, errors.FleetError) and error.detail:
        facts["detail"] = f" ({error.detail.rstrip('.')})"
    if isinstance(error, errors.InputError):
        facts["problems"] = " ".join(sentence(p.message) for p in error.problems) or "A value is not allowed."
    if isinstance(error, errors.Refused):
        said = "; ".join(t for t in (error.message, *error.details) if t)
        facts["said"] = f" It said: {sentence(said)}" if said else ""
        facts["status"] = error.status
    if isinstance(error, errors.TooFast) and error.retry_after is not None:
        facts["wait"] = duration(math.ceil(error.retry_after))
    return facts


_SENTENCES: dict[type, str] = {
    errors.FleetError: "Something went wrong{detail}. The log has the details.",
    errors.InputError: "{problems}",
    errors.SettingsError: "The settings can't be read or written{detail}. Check that the folder is yours and has room.",
    errors.CredentialsError: "The computer's key store gave no answer that could be used{detail}. Enter the key again.",
    errors.NoSecretStore: "This computer offers no key store, so the key is kept for this session only.",
    errors.SecretStoreLocked: "The computer's key store is locked. Unlock it, or enter the key for this session.",
    errors.StoreError: "The local copy can't be used{detail}. Restart the console; if that does not help, fetch it anew.",
    errors.StoreDamaged: "The local copy is damaged. It can be set aside and fetched anew; nothing on the server is lost.",
    errors.StoreNewer: "The local copy was written by a newer version and was left as it is. Update the console.",
    errors.StoreBusy: "The local copy is open in another window of the console. Close that one first.",
    errors.Offline: "The console is offline and shows its local copy. Connect to do this.",
    errors.DemoFailed: "The demo fleet did not start{detail}. The log has the details.",
    errors.WireError: "The request did not get through{detail}. Try again.",
    errors.Unreachable: "The server can't be reached and nothing was sent. Check the network and the tenant's address.",
    errors.OutcomeUnknown: "The answer was lost, so it is not known whether the server acted. Look before sending again.",
    errors.UnexpectedAnswer: "The server gave an answer this version does not understand{detail}. Check the address.",
    errors.Refused: "The server said no ({status}).{said}",
    errors.BadRequest: "The server did not accept the request (400).{said} Check the values and try again.",
    errors.NotAuthorised: "The server did not accept the API key (401). It may be wrong or expired: sign in again.",
    errors.Forbidden: "This API key may not do that (403).{said} Ask an admin of the tenant for the right.",
    errors.NotFound: "The server does not know this any more (404). Refresh and look again.",
    errors.Conflict: "Something changed at the server in the meantime (409).{said} Refresh and try again.",
    errors.TooFast: "The server asks for fewer requests (429). It goes on by itself in {wait}.",
    errors.ServerFault: "The server has a problem of its own ({status}). Try again in a few minutes.",
}


def plain_tip(words: str) -> str:
    """A tooltip that shows the words letter by letter, line breaks kept: Qt would read markup into server data."""
    return f"<qt>{escape(words).replace(chr(10), '<br>')}</qt>" if words else ""
