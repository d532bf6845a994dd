"""Every enum of the contract; an unknown value stays visible as itself.

Invariant: nothing in here raises on a value it does not know.
"""

from enum import IntEnum, StrEnum


class DeviceState(IntEnum):
    """Source: contract schema DeviceStateInt."""

    UNSPECIFIED = 0
    ACTIVE = 1
    DISABLED = 20
    PROVISIONING_BEGIN = 30
    GOOGLE_PLAY_CONFIGURATION = 40
    POLICY_APPLICATION = 50
    INACTIVE = 60
    WIPE_IN_PROGRESS = 70
    ONBOARDING = 80
    ONBOARDING_FAILED = 90
    ONBOARDED = 100
    AFW_ACCOUNT_ADDED = 110
    APPS_INSTALLED = 120
    BRANDING = 130
    PERMISSION_POLICY = 140
    DEVICE_POLICY = 150
    DEVICE_SETTINGS = 160
    SECURITY_POLICY = 170
    PHONE_POLICY = 180
    CUSTOM_SETTINGS = 190
    REGISTERED = 200


class DeviceCondition(StrEnum):
    """What a technician asks first; the fine state stays beside it."""

    ONLINE = "online"
    OFFLINE = "offline"
    ONBOARDING = "onboarding"
    APPLYING = "applying"
    WIPING = "wiping"
    DISABLED = "disabled"
    UNKNOWN = "unknown"


_CONDITIONS = {
    1: DeviceCondition.ONLINE,
    60: DeviceCondition.OFFLINE,
    70: DeviceCondition.WIPING,
    20: DeviceCondition.DISABLED,
    200: DeviceCondition.ONBOARDING,
    **dict.fromkeys((30, 40, 50, 80, 90, 100), DeviceCondition.ONBOARDING),
    **dict.fromkeys((110, 120, 130, 140, 150, 160, 170, 180, 190), DeviceCondition.APPLYING),
}


def condition_of(state: int | None) -> DeviceCondition:
    """The condition behind a state number; unknown numbers and None give UNKNOWN."""
    return _CONDITIONS.get(state, DeviceCondition.UNKNOWN) if state is not None else DeviceCondition.UNKNOWN


def device_state_name(state: int | None) -> str:
    """`ACTIVE` for 1; an unknown number as itself, such as `STATE 75`."""
    if state is None:
        return ""
    try:
        return DeviceState(state).name
    except ValueError:
        return f"STATE {state}"


class Platform(StrEnum):
    """Source: contract schema DeviceV2.platform."""

    ANDROID = "ANDROID"
    APPLE = "APPLE"
    LINUX = "LINUX"
    WINDOWS = "WINDOWS"


class CommandState(StrEnum):
    """State of one command on one device, as on the wire. Source: contract schema CommandState."""

    QUEUED = "Command Queued"
    INITIATED = "Command Initiated"
    ACKNOWLEDGED = "Command Acknowledged"
    IN_PROGRESS = "Command In Progress"
    TIMEOUT = "Command TimeOut"
    SUCCESS = "Command Success"
    FAILURE = "Command Failure"
    SCHEDULED = "Command Scheduled"
    CANCELLED = "Command Cancelled"


class OperationState(StrEnum):
    """State of one operation on one device. Source: 001_a74e240feaae3237.txt, constants without their prefix."""

    CREATED = "CREATED"
    INITIATED = "INITIATED"
    DISPATCHED = "DISPATCHED"
    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    CANCELLED = "CANCELLED"
    TIMEOUT = "TIMEOUT"
    COMPLETED = "COMPLETED"


OPERATION_STATE_NUMBERS = {
    10: OperationState.CREATED,
    20: OperationState.INITIATED,
    30: OperationState.DISPATCHED,
    40: OperationState.PROCESSING,
    50: OperationState.SUCCESS,
    60: OperationState.FAILURE,
    70: OperationState.CANCELLED,
    80: OperationState.TIMEOUT,
    90: OperationState.COMPLETED,
}


class TargetState(StrEnum):
    """One honest state per device of a job: ours before the server has it, the server's after."""

    NOT_SENT = "not sent"
    SENDING = "sending"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    SUBMITTED = "submitted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    INITIATED = "initiated"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in progress"
    SUCCESS = "success"
    FAILURE = "failure"
    TIMEOUT = "timed out"
    CANCELLED = "cancelled"


FINAL_STATES = frozenset(
    {TargetState.SUCCESS, TargetState.FAILURE, TargetState.TIMEOUT, TargetState.CANCELLED, TargetState.REFUSED}
)

_TARGET_STATES = {
    "queued": TargetState.QUEUED,
    "initiated": TargetState.INITIATED,
    "acknowledged": TargetState.ACKNOWLEDGED,
    "inprogress": TargetState.IN_PROGRESS,
    "timeout": TargetState.TIMEOUT,
    "success": TargetState.SUCCESS,
    "failure": TargetState.FAILURE,
    "scheduled": TargetState.SCHEDULED,
    "cancelled": TargetState.CANCELLED,
}


def target_state_of(wire: str) -> str:
    """`Command TimeOut` gives TargetState.TIMEOUT; a text the contract does not list is given back as it came."""
    folded = wire.replace("Command", "").replace(" ", "").casefold()
    return _TARGET_STATES.get(folded, wire)


class InstallState(StrEnum):
    """Source: contract schema AppInstallState; labels with spaces exist on the wire."""

    NOT_INSTALLED = "NOT_INSTALLED"
    INSTALL_IN_PROGRESS = "INSTALL_IN_PROGRESS"
    UNINSTALL_IN_PROGRESS = "UNINSTALL_IN_PROGRESS"
    INSTALL_SUCCESS = "INSTALL_SUCCESS"
    INSTALL_FAILED = "INSTALL_FAILED"
    UNINSTALL_SUCCESS = "UNINSTALL_SUCCESS"
    UNINSTALL_FAILED = "UNINSTALL_FAILED"


class RemoteSessionState(StrEnum):
    """Source: contract schema RemoteSessionState, 004_c0f00a350951482c.txt."""

    INITIATED = "INITIATED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    ACTIVE = "ACTIVE"
    TERMINATED = "TERMINATED"
    FAILED = "FAILED"


class VideoQuality(StrEnum):
    """Quality of a remote session's picture. Source: contract schema RemoteVideoQuality."""

    STANDARD = "STANDARD"
    DATA_SAVER = "DATA_SAVER"


class CommandType(StrEnum):
    """Source: 002_762415650b782e7a.txt."""

    DEVICE = "DEVICE"
    GROUP = "GROUP"
    DYNAMIC = "DYNAMIC"


class Schedule(StrEnum):
    """Source: 002_762415650b782e7a.txt."""

    IMMEDIATE = "IMMEDIATE"
    WINDOW = "WINDOW"
    RECURRING = "RECURRING"


class Risk(StrEnum):
    """How much a command can hurt. Our own classification; it sets the friction before sending."""

    NONE = "none"
    DISRUPTIVE = "disruptive"
    CONNECTIVITY = "connectivity"
    DESTRUCTIVE = "destructive"
