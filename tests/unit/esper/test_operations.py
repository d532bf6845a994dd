"""Operations: created at once or in a window, cancelled whole or on one device."""

import json
from typing import Any

from starlette.responses import Response

from app.esper.client import EsperClient
from tests.unit.esper.asking import ask, calls
from tests.unit.esper.server import Seen, document, serving

OPERATION = {"id": "o1", "operation": "REBOOT", "state": "CREATED"}


def test_an_operation_runs_at_once_or_in_its_window() -> None:
    window: dict[str, Any] = {"name": "night", "days": [1, 2]}

    async def question(opened: EsperClient) -> None:
        made = await opened.operations.create("REBOOT", device_request={"group_ids": ["g1"]}, arguments={})
        assert (made.id, made.state) == ("o1", "CREATED")
        await opened.operations.create("LOCK", schedule_args=window)

    with serving(lambda seen: document({"content": OPERATION}, 201)) as server:
        ask(server.url, question)
    assert calls(server.seen) == [("POST", "/v0/operations/")] * 2
    assert [json.loads(seen.body) for seen in server.seen] == [
        {
            "operation_type": "REBOOT",
            "schedule_type": "IMMEDIATE",
            "arguments": {},
            "operation_device_query": {"device_request": {"group_ids": ["g1"]}},
        },
        {"operation_type": "LOCK", "schedule_type": "WINDOW", "schedule_args": window},
    ]


def test_an_operation_is_cancelled_whole_or_on_one_device() -> None:
    def answer(seen: Seen) -> Response:
        if "devices" in seen.path:
            return document({"content": {"id": "x", "operation_id": "o1", "device_id": "d1", "state": 70}})
        return document({"operationId": "o1", "status": "CANCELLED"})

    async def question(opened: EsperClient) -> None:
        assert await opened.operations.cancel("o1", "not today") == "CANCELLED"
        assert (await opened.operations.cancel_device("o1", "d1", "not this one")).state == "CANCELLED"

    with serving(answer) as server:
        ask(server.url, question)
    assert calls(server.seen) == [("PUT", "/v0/operations/o1/"), ("PUT", "/v0/operations/o1/devices/d1/")]
    assert [json.loads(seen.body) for seen in server.seen] == [
        {"state": "CANCELLED", "reason": "not today"},
        {"state": "CANCELLATION_REQUESTED", "reason": "not this one"},
    ]
