"""What is refused before it is accepted: bad bodies, bad targets, bad arguments, bad schedules."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.answers import Asked, Refusal
from app.sandbox.assembly import PATHS
from app.sandbox.clock import Clock
from app.sandbox.routes.commands import create
from app.sandbox.world import World
from tests.unit.sandbox.tenant import NOON, Tenant, refusal

ZEROS = "00000000-0000-4000-8000-000000000000"
WORLD = World(40, clock=Clock(0, NOON), weather=False)
DEVICE, GROUP = WORLD.fleet.device_id(0), WORLD.fleet.groups.all[1].id
GOOD: dict[str, Any] = {"command_type": "DEVICE", "devices": [DEVICE], "command": "LOCK", "command_args": {}}
WINDOW = {
    "name": "Nightly",
    "start_datetime": "2026-03-02T20:00:00Z",
    "end_datetime": "2026-03-03T22:00:00Z",
    "time_type": "device",
    "window_start_time": "13:15:00",
    "window_end_time": "14:15",
    "days": ["All days"],
}


def ask(body: bytes = b"", query: dict[str, str] | None = None, **path: str) -> Asked:
    return Asked({"enterprise_id": WORLD.enterprise_id} | path, query or {}, body, "http://x/api", "http://x/api/y")


def problems(body: dict[str, Any]) -> list[str]:
    """The fields that a body is refused for; empty where it is accepted."""

    try:
        create(WORLD, ask(msgspec.json.encode(body)))
    except Refusal as refused:
        return [error.split(": ")[0] if refused.status == 400 else "" for error in refused.errors]
    return []


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"schedule_args": None},
        {"device_type": "all", "schedule": "IMMEDIATE", "alias": "x"},
        {"groups": []},
        {"command_type": "GROUP", "groups": [GROUP]},
        {"command_type": "DYNAMIC", "groups": [GROUP]},
        {"schedule": "WINDOW", "schedule_args": WINDOW},
        {"schedule": "RECURRING", "schedule_args": WINDOW | {"days": ["Monday", "Sunday"]}},
        {"command": "REBOOT", "unknown_key": 1},
    ],
)
def test_a_sound_request_is_accepted(change: dict[str, Any]) -> None:
    assert problems(GOOD | change) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"command_type": "EVERYBODY"}, "command_type"),
        ({"command_type": None}, "command_type"),
        ({"devices": []}, "devices"),
        ({"devices": DEVICE}, "devices"),
        ({"devices": [ZEROS]}, "devices"),
        ({"devices": ["nonsense"]}, "devices"),
        ({"devices": [7, None]}, "devices"),
        ({"devices": [DEVICE] * 1001}, "devices"),
        ({"command_type": "GROUP"}, "groups"),
        ({"command_type": "GROUP", "groups": []}, "groups"),
        ({"command_type": "GROUP", "groups": [DEVICE]}, "groups"),
        ({"command_type": "GROUP", "groups": [GROUP] * 501}, "groups"),
        ({"command_type": "DYNAMIC"}, "groups"),
        ({"device_type": "active"}, "device_type"),
        ({"alias": 5}, "alias"),
        ({"command": "EXPLODE"}, "command"),
        ({"command": 5}, "command"),
        ({"command_args": "now"}, "command_args"),
        ({"command_args": {"package_name": "com.example.kiosk"}}, "command_args.package_name"),
        ({"command": "INSTALL"}, "command_args.app_version"),
        ({"command": "SET_BRIGHTNESS_SCALE", "command_args": {"brightness_value": 101}}, "command_args.brightness_value"),
        ({"schedule": "SOMETIMES"}, "schedule"),
        ({"schedule_args": 3}, "schedule_args"),
        ({"schedule": "WINDOW"}, "schedule_args"),
        ({"schedule": "WINDOW", "schedule_args": WINDOW | {"name": " "}}, "schedule_args.name"),
        ({"schedule": "WINDOW", "schedule_args": WINDOW | {"start_datetime": "tomorrow"}}, "schedule_args.start_datetime"),
        ({"schedule": "WINDOW", "schedule_args": WINDOW | {"start_datetime": "2026-03-02T20:00:00"}}, "schedule_args.start_datetime"),
        ({"schedule": "WINDOW", "schedule_args": WINDOW | {"end_datetime": "2026-03-01T20:00:00Z"}}, "schedule_args.end_datetime"),
        ({"schedule": "WINDOW", "schedule_args": WINDOW | {"start_datetime": "2026-01-01T00:00:00Z", "end_datetime": "2026-02-01T00:00:00Z"}}, "schedule_args.end_datetime"),
        ({"schedule": "WINDOW", "schedule_args": WINDOW | {"time_type": "mine"}}, "schedule_args.time_type"),
        ({"schedule": "WINDOW", "schedule_args": WINDOW | {"window_start_time": "25:00"}}, "schedule_args.window_start_time"),
        ({"schedule": "RECURRING", "schedule_args": WINDOW | {"days": []}}, "schedule_args.days"),
        ({"schedule": "RECURRING", "schedule_args": WINDOW | {"days": ["Someday"]}}, "schedule_args.days"),
        ({"schedule": "RECURRING", "schedule_args": {k: v for k, v in WINDOW.items() if k != "days"}}, "schedule_args.days"),
    ],
)  # fmt: skip
def test_an_unsound_request_is_refused_and_the_field_named(change: dict[str, Any], field: str) -> None:
    accepted = len(WORLD.orders.all)
    assert field in problems(GOOD | change)
    assert len(WORLD.orders.all) == accepted


@pytest.mark.parametrize("missing", ["command_type", "devices", "command"])
def test_a_missing_field_is_named(missing: str) -> None:
    assert missing in problems({key: value for key, value in GOOD.items() if key != missing})


def test_everything_wrong_is_named_at_once() -> None:
    assert {"command_type", "command", "device_type"} <= set(problems({"device_type": "x"}))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"x"', b"[" * 50_000, b'{"a": "\\ud800"}'])
def test_a_body_that_is_no_object_is_400_over_the_wire(library: Tenant, body: bytes) -> None:
    answer = library.http.post(f"{library.facts.url}/commands/v0/commands/", content=body)
    assert refusal(answer, 400)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
WORDS = st.sampled_from([DEVICE, GROUP, "DEVICE", "GROUP", "INSTALL", "WINDOW", "RECURRING", "all", "REBOOT", "Monday"])
FIELDS = st.sampled_from([*GOOD, "groups", "alias", "device_type", "schedule", "schedule_args"])
ARGS = st.dictionaries(st.sampled_from(list(WINDOW)), JSON | WORDS | st.lists(WORDS), max_size=7)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(FIELDS, JSON | WORDS | st.lists(WORDS, max_size=3) | ARGS), st.booleans())
def test_no_body_whatever_breaks_the_intake(body: dict[str, Any], sound: bool) -> None:
    for problem in problems((GOOD | {"schedule_args": WINDOW} if sound else {}) | body):
        assert problem


NAMES = st.sampled_from(
    ["limit", "offset", "cursor", "ordering", "state", "group", "group_multi", "tags", "platform", "search", "name", "imei",
     "battery_level_gte", "is_gms", "request", "device", "install_state", "latest_event", "assigned_blueprint_id"]
)  # fmt: skip
TEXTS = (
    st.text(max_size=12) | st.integers().map(str) | WORDS | st.sampled_from(["-name", "start", "bzEw", "9" * 5000, "٣"])
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([path for path in PATHS if path.get]), st.dictionaries(NAMES, TEXTS, max_size=4), TEXTS)
def test_no_question_whatever_breaks_a_path(path: Any, query: dict[str, str], other: str) -> None:
    names = {"device_id": DEVICE, "group_id": GROUP}
    asked = ask(b"{}", query, **dict.fromkeys(re.findall(r"{(\w+)}", path.path), other) | names)
    try:
        status = path.get(WORLD, asked).status
    except Refusal as refused:
        status = refused.status
    assert status in {200, 400, 404}
