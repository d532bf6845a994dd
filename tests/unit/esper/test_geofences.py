"""Geofences: decimal text on the wire, degrees in the record, and only what differs in a change."""

import json

import pytest
from starlette.responses import Response

from app.errors import InputError, OutcomeUnknown
from app.esper.client import EsperClient
from app.tenancy import Geofence, GeofenceDraft
from tests.unit.esper.asking import ask, calls, page, rows
from tests.unit.esper.server import Seen, breaking, document, serving

PATH = "/v0/enterprise/e1/geofence/"
DRAFT = GeofenceDraft(name="Yard", latitude=52.5, longitude=-0.0000123, radius=150.5, actions=("LOCK_DOWN", "BEEP"))
WIRE = {
    "id": "f1",
    "name": "Yard",
    "description": None,
    "latitude": "52.5",
    "longitude": "-0.0000123",
    "radius": 150.5,
    "radius_unit": "METERS",
    "device_actions": ["LOCK_DOWN", "BEEP"],
    "device_count": 4,
    "colour": "red",
}


def answer(seen: Seen) -> Response:
    if seen.method == "DELETE":
        return Response(status_code=204)
    changes = json.loads(seen.body) if seen.body else {}
    return document({**WIRE, **changes}, 201 if seen.method == "POST" else 200)


def test_a_geofence_lives_from_draft_to_deletion() -> None:
    async def question(opened: EsperClient) -> None:
        fences = opened.geofences
        made = await fences.create(DRAFT)
        assert (made.id, made.latitude, made.longitude, made.actions) == ("f1", 52.5, -0.0000123, ("LOCK_DOWN", "BEEP"))
        assert b"colour" in made.raw
        assert await fences.change(made, made) is made
        wider = GeofenceDraft(name="Yard", latitude=52.5, longitude=-0.0000123, radius=1.5, unit="MILES", actions=())
        assert (await fences.change(made, wider)).actions == ()
        assert (await fences.replace("f1", wider)).radius == 1.5
        assert (await fences.one("f1")).name == "Yard"
        await fences.delete("f1")

    with serving(answer) as server:
        ask(server.url, question)
    own = f"{PATH}f1/"
    assert calls(server.seen) == [("POST", PATH), ("PATCH", own), ("PUT", own), ("GET", own), ("DELETE", own)]
    assert json.loads(server.seen[0].body) == {key: WIRE[key] for key in json.loads(server.seen[0].body)}
    assert json.loads(server.seen[1].body) == {"radius": 1.5, "radius_unit": "MILES", "device_actions": []}


def test_a_geofence_is_made_and_applied_in_one_request_that_is_never_repeated() -> None:
    with serving(answer) as server:
        ask(server.url, lambda opened: opened.geofences.create_and_apply(DRAFT, ["d1", "d2", "d1"]))
    assert calls(server.seen) == [("POST", "/v0/enterprise/e1/create-apply-geo-fence/")]
    assert json.loads(server.seen[0].body)["devices"] == ["d1", "d2"]
    with breaking(b"") as server, pytest.raises(OutcomeUnknown):
        ask(server.url, lambda opened: opened.geofences.create_and_apply(DRAFT, ["d1"]))
    assert len(server.seen) == 1


def test_words_in_small_letters_and_numbers_as_text_are_read() -> None:
    found = {**WIRE, "device_actions": ["lock_down", None], "radius": "7", "radius_unit": "meters", "latitude": 12}
    with serving(lambda seen: page([found])) as server:
        [fence] = ask(server.url, lambda opened: rows(opened.geofences.pages(search="Ya")))
    assert (fence.actions, fence.radius, fence.unit, fence.latitude) == (("LOCK_DOWN",), 7.0, "METERS", 12.0)
    assert server.seen[0].query["search"] == "Ya"


@pytest.mark.parametrize(
    ("field", "draft"),
    [
        ("latitude", GeofenceDraft(name="x", latitude=90.1, longitude=0)),
        ("latitude", GeofenceDraft(name="x", latitude=None, longitude=0)),
        ("longitude", GeofenceDraft(name="x", latitude=0, longitude=float("nan"))),
        ("radius", GeofenceDraft(name="x", latitude=0, longitude=0, radius=0)),
        ("name", GeofenceDraft(name="", latitude=0, longitude=0)),
    ],
)
def test_a_place_that_does_not_exist_is_refused_before_it_is_sent(field: str, draft: GeofenceDraft) -> None:
    with serving(answer) as server:
        with pytest.raises(InputError) as raised:
            ask(server.url, lambda opened: opened.geofences.create(draft))
        assert [problem.field for problem in raised.value.problems] == [field]
        assert server.seen == []


def test_a_position_the_server_left_out_can_be_filled_in_by_a_change() -> None:
    known = Geofence(id="f1", name="Yard", latitude=None, longitude=None)
    with serving(answer) as server:
        ask(
            server.url,
            lambda opened: opened.geofences.change(known, GeofenceDraft(name="Yard", latitude=1, longitude=2)),
        )
    assert json.loads(server.seen[0].body) == {"latitude": "1", "longitude": "2"}
