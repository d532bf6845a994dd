"""Groups: each change is one request of its kind, devices go a thousand at a time, and no group is made twice."""

import json
from typing import Any

import pytest
from starlette.responses import Response

from app.errors import BadRequest, InputError, OutcomeUnknown
from app.esper.client import EsperClient
from tests.unit.esper.asking import ask, calls, page, rows
from tests.unit.esper.server import Seen, breaking, document, serving

PATH = "/enterprise/e1/devicegroup/"
GROUP = {"id": "g1", "name": "North", "parent": "https://x/api/enterprise/e1/devicegroup/g0/", "device_count": 3}


def answer(seen: Seen) -> Response:
    if seen.method == "DELETE":
        return Response(status_code=204)
    changes = json.loads(seen.body) if seen.body else {}
    return document({**GROUP, **changes}, 201 if seen.method == "POST" else 200)


def whole(body: Any) -> bytes:
    text = json.dumps(body).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text)


def test_a_group_is_made_renamed_moved_and_deleted_by_one_request_each() -> None:
    async def question(opened: EsperClient) -> None:
        groups = opened.groups
        made = await groups.create("North", "g0")
        assert (made.id, made.parent_id) == ("g1", "g0")
        assert (await groups.rename("g1", "South")).name == "South"
        assert (await groups.move("g1", "g7")).parent_id == "g7"
        assert (await groups.one("g1")).parent_id == "g0"
        await groups.delete("g1")

    with serving(answer) as server:
        ask(server.url, question)
    own = f"{PATH}g1/"
    assert calls(server.seen) == [("POST", PATH), ("PATCH", own), ("PATCH", own), ("GET", own), ("DELETE", own)]
    assert [json.loads(seen.body) for seen in server.seen[:3]] == [
        {"name": "North", "parent": "g0"},
        {"name": "South"},
        {"parent": "g7"},
    ]
    assert [seen.query for seen in server.seen[1:3]] == [{"action": "rename"}, {"action": "move"}]


def test_a_group_below_the_root_names_no_parent() -> None:
    with serving(answer) as server:
        ask(server.url, lambda opened: opened.groups.create("North"))
    assert json.loads(server.seen[0].body) == {"name": "North"}


@pytest.mark.parametrize("action", ["add", "remove"])
def test_devices_go_a_thousand_at_a_time_each_once(action: str) -> None:
    ids = [f"d{n}" for n in range(2300)]
    through: list[int] = []
    with serving(answer) as server:
        ask(server.url, lambda opened: getattr(opened.groups, action)("g1", ids + ids[:50], done=through.append))
    bodies = [json.loads(seen.body)["device_ids"] for seen in server.seen]
    assert [len(body) for body in bodies] == [1000, 1000, 300]
    assert [device for body in bodies for device in body] == ids
    assert {seen.query["action"] for seen in server.seen} == {action}
    assert through == [1000, 2000, 2300]


def test_no_devices_are_a_mistake_of_the_caller() -> None:
    with serving(answer) as server:
        with pytest.raises(InputError):
            ask(server.url, lambda opened: opened.groups.add("g1", []))
        assert server.seen == []


def test_what_sets_a_value_is_tried_again_after_a_lost_answer() -> None:
    with breaking(b"", whole(GROUP)) as server:
        ask(server.url, lambda opened: opened.groups.add("g1", ["d1"]))
    assert [seen.body for seen in server.seen] == [b'{"device_ids":["d1"]}'] * 2


def test_a_group_whose_answer_was_lost_is_not_made_again() -> None:
    with breaking(b"") as server, pytest.raises(OutcomeUnknown):
        ask(server.url, lambda opened: opened.groups.create("North"))
    assert len(server.seen) == 1


def test_a_change_refused_after_a_lost_answer_is_unknown() -> None:
    refused = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    with breaking(b"", refused) as server, pytest.raises(OutcomeUnknown) as raised:
        ask(server.url, lambda opened: opened.groups.rename("g1", "South"))
    assert (len(server.seen), raised.value.status) == (2, 400)


def test_a_group_with_devices_says_why_it_stays() -> None:
    said = {"errors": ["The group still has devices."], "message": "Invalid request", "status": 400}
    with serving(lambda seen: document(said, 400)) as server, pytest.raises(BadRequest, match="still has devices"):
        ask(server.url, lambda opened: opened.groups.delete("g1"))
    assert len(server.seen) == 1


def test_groups_are_found_by_name() -> None:
    with serving(lambda seen: page([GROUP])) as server:
        [found] = ask(server.url, lambda opened: rows(opened.groups.pages(name="North & South")))
    assert (found.parent_id, found.device_count) == ("g0", 3)
    assert server.seen[0].query["name"] == "North & South"


@pytest.mark.parametrize(
    "content",
    [
        {"results": [{**GROUP, "id": "a", "parent": "p1"}, {**GROUP, "id": "b", "parent": "p2"}]},
        {"p1": [{"id": "a", "name": "A"}], "p2": [{"id": "b"}]},
        {"p1": ["a"], "p2": ["b"]},
        {"groups": [{"id": "p1", "children": [{"id": "a", "tags": ["x"]}]}, {"id": "p2", "children": [{"id": "b"}]}]},
    ],
    ids=["a page", "by parent", "ids by parent", "nested"],
)
def test_subgroups_are_found_however_they_are_wrapped(content: dict[str, Any]) -> None:
    with serving(lambda seen: document({"code": 200, "content": content})) as server:
        found = ask(server.url, lambda opened: opened.groups.subgroups(["p1", "p2"]))
    assert [(group.id, group.parent_id) for group in found] == [("a", "p1"), ("b", "p2")]
    assert (server.seen[0].path, server.seen[0].query) == (
        "/v2/subgroups", {"parent_group_ids": "p1,p2", "immediate": "true"},
    )  # fmt: skip
