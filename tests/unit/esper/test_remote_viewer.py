"""The feed of remote sessions: every filter as the contract spells it, at the path that the tenant knows."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from app.errors import InputError, NotFound
from app.esper.client import EsperClient
from app.esper.remote_viewer import Bounds, SessionField, SessionFilter, iso_duration, seconds
from app.states import RemoteSessionState, VideoQuality
from tests.unit.esper.asking import ask, calls, rows
from tests.unit.esper.server import document, serving

SEED, NEWER = "/api/v2/rv-activity-feed/", "/v2/rv-activity-feed/"
SESSION = {
    "session_id": "s1", "device_id": "d1", "state": "TERMINATED", "reason": None, "video_quality": "STANDARD",
    "duration": "PT10M30S", "created_by": "ann", "created_at": "2024-01-02T03:04:05Z", "device_name": "Till",
    "device_alias": None, "device_state": 60,
}  # fmt: skip


def feed(*sessions: dict[str, Any]) -> Response:
    return document({"content": {"count": len(sessions), "next": None, "prev": None, "results": list(sessions)}})


def test_a_session_is_read_with_its_duration_in_seconds() -> None:
    with serving(lambda seen: feed(SESSION)) as server:
        [session] = ask(server.url, lambda opened: rows(opened.remote_viewer.pages()))
    assert (session.id, session.device_id, session.duration, session.state) == ("s1", "d1", 630.0, "TERMINATED")
    assert (session.device_name, session.device_state, session.created_at) == ("Till", 60, 1704164645.0)
    assert calls(server.seen) == [("GET", SEED)]
    assert server.seen[0].query == {"ordering": "-created_at", "limit": "100", "offset": "0"}
    assert not [name for name in server.seen[0].headers if name in {"x-caller-id", "x-tenant-id"}]


def test_every_filter_is_sent_bare_and_typed() -> None:
    wanted = SessionFilter(
        states=[RemoteSessionState.FAILED, RemoteSessionState.ACTIVE, RemoteSessionState.ACTIVE],
        video_qualities={VideoQuality.DATA_SAVER},
        reason="net",
        created_by="ann",
        device_name="till",
        duration=Bounds(lt=630, lte=600.5, gt=0, gte=90_061),
        created_at=Bounds(lt=1704164645, lte=1704164646, gt=1704164647, gte=1704164648.25),
        updated_at=Bounds(1.0, 2.0, 3.0, 4.0),
    )
    with serving(lambda seen: feed()) as server:
        ask(
            server.url,
            lambda opened: rows(
                opened.remote_viewer.pages(wanted, order=SessionField.DURATION, descending=False, limit=10)
            ),
        )
    assert server.seen[0].query == {
        "limit": "10",
        "offset": "0",
        "ordering": "duration",
        "states": "ACTIVE,FAILED",
        "video_qualities": "DATA_SAVER",
        "reason": "net",
        "created_by": "ann",
        "device_name": "till",
        "duration_lt": "PT10M30S",
        "duration_lte": "PT10M0.5S",
        "duration_gt": "PT0S",
        "duration_gte": "PT25H1M1S",
        "created_at_lt": "2024-01-02T03:04:05.000Z",
        "created_at_lte": "2024-01-02T03:04:06.000Z",
        "created_at_gt": "2024-01-02T03:04:07.000Z",
        "created_at_gte": "2024-01-02T03:04:08.250Z",
        "updated_at_lt": "1970-01-01T00:00:01.000Z",
        "updated_at_lte": "1970-01-01T00:00:02.000Z",
        "updated_at_gt": "1970-01-01T00:00:03.000Z",
        "updated_at_gte": "1970-01-01T00:00:04.000Z",
    }


def test_the_path_that_a_tenant_knows_is_remembered() -> None:
    async def question(opened: EsperClient) -> None:
        for _ in range(2):
            assert len(await rows(opened.remote_viewer.pages())) == 1

    with serving(lambda seen: feed(SESSION) if seen.path == NEWER else document({}, 404)) as server:
        ask(server.url, question)
    assert [path for _, path in calls(server.seen)] == [SEED, NEWER, NEWER]


def test_a_tenant_without_the_feed_is_not_asked_for_more_than_both_paths() -> None:
    with serving(lambda seen: document({}, 404)) as server, pytest.raises(NotFound):
        ask(server.url, lambda opened: rows(opened.remote_viewer.pages()))
    assert [path for _, path in calls(server.seen)] == [SEED, NEWER]


@pytest.mark.parametrize("length", [-1.0, math.inf, math.nan])
def test_a_filter_that_can_not_be_is_an_input_error(length: float) -> None:
    with pytest.raises(InputError):
        SessionFilter(duration=Bounds(lt=length)).params()
    with pytest.raises(InputError):
        SessionFilter(created_at=Bounds(lt=math.inf)).params()


@given(st.integers(0, 10**10))
def test_a_duration_comes_back_as_it_went(thousandths: int) -> None:
    assert seconds(iso_duration(thousandths / 1000)) == pytest.approx(thousandths / 1000, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P1DT2H", 93_600.0),
        ("P2W", 1_209_600.0),
        ("PT0.25S", 0.25),
        ("P", None),
        ("PT", None),
        ("", None),
        ("1h", None),
    ],
)
def test_other_spellings_of_a_duration_are_read_and_nonsense_is_absent(text: str, length: float | None) -> None:
    assert seconds(text) == length


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_a_duration(text: str) -> None:
    seconds(f"P{text}")
