"""How an app, a command and an operation of a device are written as two lines.

Invariant: texts only; states keep the word of the server where it is one we don't know.
"""

from collections.abc import Awaitable
from typing import TypeAlias

from app.records import DeviceApp, Operation
from app.states import OperationState, TargetState, target_state_of
from app.sync.details import Dated, RecentCommand
from ui import text
from ui.icons import state_icon
from ui.views.lines import Line

Apps: TypeAlias = Awaitable[Dated[list[DeviceApp]]]
Commands: TypeAlias = Awaitable[Dated[list[RecentCommand]]]
Operations: TypeAlias = Awaitable[Dated[list[Operation]]]
_OF_APPS = {"SHOW": "Visible", "HIDE": "Hidden", "DISABLE": "Disabled"}
# The states that only operations have: label, icon, tone.
_OF_OPERATIONS: dict[str, tuple[str, str, str]] = {
    OperationState.CREATED: ("Created", "clock", TargetState.QUEUED),
    OperationState.DISPATCHED: ("Dispatched", "send", TargetState.INITIATED),
    OperationState.PROCESSING: ("In progress", "loader-circle", TargetState.IN_PROGRESS),
    OperationState.COMPLETED: ("Completed", "check-check", "success"),
}


def app(record: DeviceApp, now: float) -> Line:
    """Name and version over package and state."""
    state = _OF_APPS.get(record.state, text.worded(record.state))
    version = record.version if not record.build else f"{record.version} ({record.build})"
    tip = "\n".join(part for part in (record.name, record.package, f"Version {version}", record.kind, state) if part)
    return Line(record.name or record.package, record.version, record.package, state, "app-window", tip=tip)


def command(record: RecentCommand, now: float) -> Line:
    """Command and when it was asked over its state with the reason."""
    state = text.state_label(record.state)
    when = text.ago(record.created_at, now)
    under = f"{state}: {record.reason}" if record.reason else state
    tip = "\n".join(
        part
        for part in (
            text.worded(record.command),
            under,
            f"Sent {text.absolute(record.created_at)}" if record.created_at is not None else "",
            f"Last news {text.absolute(record.updated_at)}" if record.updated_at is not None else "",
            f"By {record.created_by}" if record.created_by else "",
            f"Request {record.request_id}",
        )
        if part
    )
    return Line(
        text.worded(record.command), when, under, record.created_by, state_icon(record.state), record.state, tip
    )


def operation(record: Operation, now: float) -> Line:
    """Operation and when it was made over its state with the reason."""
    state = target_state_of(record.state)
    label, icon, tone = _OF_OPERATIONS.get(state, (text.state_label(state), state_icon(state), state))
    under = f"{label}: {record.reason}" if record.reason else label
    tip = "\n".join(
        part
        for part in (
            text.worded(record.operation),
            under,
            f"Made {text.absolute(record.created_at)}" if record.created_at is not None else "",
            f"By {record.created_by}" if record.created_by else "",
            f"Operation {record.id}",
        )
        if part
    )
    when = text.ago(record.created_at, now)
    return Line(text.worded(record.operation), when, under, record.created_by, icon, tone, tip)
