"""Commands of the older generations: each goes out once, and their answers become the records of today."""

import json
from typing import Any

import pytest
from starlette.responses import Response

from app.errors import InputError, OutcomeUnknown
from app.esper.client import EsperClient
from tests.unit.esper.asking import ask, calls, page, rows
from tests.unit.esper.server import Seen, breaking, document, serving

DEVICE = "https://x.example/api/enterprise/e1/device/d1/"
COMMAND: dict[str, Any] = {
    "id": "c1", "command": "REBOOT", "state": "Command Initiated", "device": DEVICE, "details": None,
    "command_args": None, "created_on": "2024-01-02T03:04:05Z", "issued_by": "https://x.example/api/user/3/",
}  # fmt: skip
STATUS = {
    "id": "s1", "request": "r1", "device": DEVICE, "state": "Command Success", "command": "LOCK",
    "issued_by": {"id": 3, "username": "ann"}, "requeue_value": 2, "created_on": "2024-01-02T03:04:05Z",
    "meta": {"device": {"id": "d1", "device_name": "Till 1"}},
}  # fmt: skip
REQUEST = {
    "id": "r1", "command": "LOCK", "command_type": "DEVICE", "devices": ["d1"], "issued_by": "ann",
    "status": [{"state": "Command Success", "total": 3}, {"state": None}], "created_on": "2024-01-02T03:04:05Z",
}  # fmt: skip


def test_a_command_of_the_first_generation_runs_on_one_device() -> None:
    async def question(opened: EsperClient) -> None:
        sent = await opened.legacy_commands.run("d1", "SET_WIFI_STATE", {"wifi_state": True})
        assert (sent.id, sent.target_id, sent.details, sent.args) == ("c1", "d1", "", {})
        assert (await opened.legacy_commands.one("d1", "c1")).created_at == 1704164645.0

    with serving(lambda seen: document(COMMAND)) as server:
        ask(server.url, question)
    path = "/enterprise/e1/device/d1/command/"
    assert calls(server.seen) == [("POST", path), ("GET", f"{path}c1/")]
    assert json.loads(server.seen[0].body) == {"command": "SET_WIFI_STATE", "command_args": {"wifi_state": True}}


@pytest.mark.parametrize(
    ("details", "text"), [(None, ""), ("", ""), ("done", "done"), ({"success": ["d1"]}, '{"success": ["d1"]}')]
)
def test_a_command_for_a_group_tells_its_details_in_any_form(details: Any, text: str) -> None:
    of_group = {**COMMAND, "device": None, "group": "https://x.example/api/devicegroup/g1/", "details": details}

    async def question(opened: EsperClient) -> None:
        assert (await opened.legacy_commands.run_on_group("g1", "LOCK")).target_id == "g1"
        assert (await opened.legacy_commands.one_of_group("g1", "c1")).details == text

    with serving(lambda seen: document(of_group, 201)) as server:
        ask(server.url, question)
    path = "/enterprise/e1/devicegroup/g1/command/"
    assert calls(server.seen) == [("POST", path), ("GET", f"{path}c1/")]
    assert json.loads(server.seen[0].body) == {"command": "LOCK"}


def test_requests_statuses_and_history_of_the_second_generation_become_today_s_records() -> None:
    async def question(opened: EsperClient) -> None:
        older = opened.legacy_commands
        assert (await older.create({"command": "LOCK", "command_type": "DEVICE", "devices": ["d1"]})).id == "r1"
        [request] = await rows(older.requests(command="LOCK", device_ids=["d1", "d2"], device_type="all"))
        assert (request.created_by, request.counts) == ("ann", {"Command Success": 3})
        [status] = await rows(older.statuses("r1", device_id="d1", state="Command Success"))
        assert (status.device_id, status.request_id, status.command) == ("d1", "r1", "LOCK")
        assert (status.issued_by, status.requeued, status.device_name) == ("ann", 2, "Till 1")
        assert await rows(older.history("d1", state="Command Success")) == [status]

    def answer(seen: Seen) -> Response:
        if seen.method == "POST":
            return document(REQUEST, 201)
        return page([STATUS if "status" in seen.path or "history" in seen.path else REQUEST])

    with serving(answer) as server:
        ask(server.url, question)
    root = "/v0/enterprise/e1/"
    assert calls(server.seen) == [
        ("POST", f"{root}command/"),
        ("GET", f"{root}command/"),
        ("GET", f"{root}command/r1/status/"),
        ("GET", f"{root}device/d1/command-history/"),
    ]
    sent = {key: value for key, value in server.seen[1].query.items() if key not in {"limit", "offset"}}
    assert sent == {"command": "LOCK", "devices": "d1,d2", "device_type": "all"}
    assert server.seen[2].query.keys() - {"limit", "offset"} == {"device", "state"}


def test_no_older_command_is_sent_twice() -> None:
    for send in (
        lambda opened: opened.legacy_commands.run("d1", "REBOOT"),
        lambda opened: opened.legacy_commands.run_on_group("g1", "REBOOT"),
        lambda opened: opened.legacy_commands.create({"command": "REBOOT"}),
        lambda opened: opened.operations.create("REBOOT"),
        lambda opened: opened.operations.cancel("o1", "no"),
        lambda opened: opened.operations.cancel_device("o1", "d1", "no"),
    ):
        with breaking(b"") as server, pytest.raises(OutcomeUnknown):
            ask(server.url, send)
        assert len(server.seen) == 1


def test_statuses_can_leave_out_what_the_server_did_by_itself_and_one_is_read_by_its_id() -> None:
    async def question(opened: EsperClient) -> None:
        found = opened.commands.statuses(request_ids=["r1", "r2"], device_ids=["d1"], with_internal=False)
        assert [status.id for status in await rows(found)] == ["s1"]
        assert (await opened.commands.status("s1")).state == "Command Success"

    wrapped = {"content": {"count": 1, "next": None, "results": [STATUS]}}
    with serving(lambda seen: document({"content": STATUS} if "s1" in seen.path else wrapped)) as server:
        ask(server.url, question)
        with pytest.raises(InputError):
            ask(server.url, lambda opened: rows(opened.commands.statuses()))
    asked = server.seen[0].query
    assert (asked["request"], asked["device"], asked["exclude_internal_commands"]) == ("r1,r2", "d1", "true")
    assert server.seen[1].path == "/commands/v0/status/s1/"
