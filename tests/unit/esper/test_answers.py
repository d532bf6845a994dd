"""From bytes to records: both wrappers, and everything that a server may get wrong."""

import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import UnexpectedAnswer
from app.esper import (
    account,
    answers,
    apps,
    commands,
    device_apps,
    device_reports,
    geofences,
    groups,
    operations,
    policies,
    subscriptions,
    tags,
    telemetry,
)
from app.esper.answers import Form
from app.esper.device_v1 import DEVICE_V1
from app.esper.device_v2 import DEVICE_V2
from app.esper.failures import Answer

FORMS: dict[str, Form[Any]] = {
    "token": account.TOKEN,
    "enterprise": account.ENTERPRISE,
    "device v2": DEVICE_V2,
    "device v1": DEVICE_V1,
    "group": groups.GROUP,
    "tag": tags.TAG,
    "app": apps.APP,
    "install": apps.INSTALL,
    "version": apps._version_of("a1"),
    "device app": device_apps._on_device("d1"),
    "renewed key": account.RENEWED,
    "user": account.USER,
    "flags": account.FLAGS,
    "subgroups": groups._below(["p1"]),
    "device install": device_reports.installs_on("d1"),
    "event": device_reports.events_of("d1"),
    "settings": device_reports.settings_of("d1"),
    "heartbeat": device_reports.HEARTBEAT,
    "geofence": geofences.GEOFENCE,
    "policy": policies.POLICY,
    "subscription": subscriptions.SUBSCRIPTION,
    "series": telemetry.SERIES,
    "request": commands.REQUEST,
    "status": commands.STATUS,
    "stats": commands.STATS,
    "operation": operations.OPERATION,
    "device operation": operations.DEVICE_OPERATION,
}
ROW = {"id": "d1", "name": "One"}
PAGE = {"count": 1, "next": None, "previous": None, "results": [ROW]}

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner), max_leaves=8
)


def keys_of(kind: Any) -> list[str]:
    """Every key that a form reads, nested ones included."""
    found = []
    for field in msgspec.structs.fields(kind):
        found.append(field.encode_name)
        for option in getattr(field.type, "__args__", ()):
            for nested in (option, *getattr(option, "__args__", ())):
                if isinstance(nested, type) and issubclass(nested, msgspec.Struct):
                    found.extend(keys_of(nested))
    return found


@pytest.mark.parametrize("body", [PAGE, {"content": PAGE}, {"code": 200, "message": "", "content": PAGE}])
def test_a_page_is_read_bare_and_wrapped(body: dict[str, Any]) -> None:
    rows, total, more = answers.page(json.dumps(body).encode(), DEVICE_V2)
    assert [(row.id, row.name) for row in rows] == [("d1", "One")]
    assert (total, more) == (1, False)


@pytest.mark.parametrize(
    ("next_link", "more"),
    [(None, False), ("", False), ("http://other/?offset=1", True), (17, True)],
)
def test_next_only_says_whether_there_is_more(next_link: Any, more: bool) -> None:
    assert answers.page(json.dumps({**PAGE, "next": next_link}).encode(), DEVICE_V2).more is more


@pytest.mark.parametrize(("count", "total"), [("7", 7), (None, None), (-1, None), ([], None), ("many", None), (3.0, 3)])
def test_a_count_that_can_not_be_read_is_not_known(count: Any, total: int | None) -> None:
    assert answers.page(json.dumps({**PAGE, "count": count}).encode(), DEVICE_V2).total == total


@pytest.mark.parametrize("body", [ROW, {"content": ROW}, {"code": 200, "content": ROW}, {**ROW, "content": None}])
def test_a_document_is_read_bare_and_wrapped(body: dict[str, Any]) -> None:
    assert answers.one(json.dumps(body).encode(), DEVICE_V2).id == "d1"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"7", b'"text"', b"{}", b"<html></html>", b'{"results": null}', b'{"results": {}}',
        b'{"results": "x", "count": 0}', b'{"content": null}', b'{"content": []}', b'{"content": {"count": 0}}',
        b'{"results": [{"id": "d1"}', b'{"results": [null]}', b'{"results": [[]]}', b'{"results": [{"name": "no id"}]}',
        b'{"results": [{"id": ""}]}', b'{"results": [{"id": {}}]}', b'{"results": []} trailing', b"\xff\xfe",
        b"[" * 100_000, b'{"results": [' + b'{"id":' * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_page_is_never_an_empty_list(body: bytes) -> None:
    with pytest.raises(UnexpectedAnswer):
        answers.page(body, DEVICE_V2)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"content": {}}', b'{"content": [1]}', b"<html>", b"7"])
def test_what_is_no_document_is_an_error(body: bytes) -> None:
    with pytest.raises(UnexpectedAnswer):
        answers.one(body, DEVICE_V2)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "text/html; charset=utf-8"}, b"<html>"),
        ({"content-type": "application/json"}, b"  "),
        ({}, b""),
    ],
)
def test_other_content_and_empty_bodies_are_errors(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(UnexpectedAnswer):
        answers.check(Answer(200, headers, body, "GET", "/", ""))


def test_a_misfitting_field_is_lost_alone() -> None:
    raw = json.dumps(
        {
            "id": "d1",
            "name": ["?"],
            "alias": "A",
            "hardware_info": "?",
            "tags": ["t1", {}, 7],
            "battery_stats": {"battery_level": {}},
            "state": 60,
        }
    ).encode()
    device = DEVICE_V2.read(raw)
    assert (device.id, device.name, device.alias, device.tags, device.battery_level, device.state) == (
        "d1", "", "A", ("t1", "7"), None, 60,
    )  # fmt: skip
    assert device.raw == raw


def test_numbers_and_texts_beyond_json_are_survived() -> None:
    raw = b'{"id": "d1", "name": "\\ud800x", "state": 1, "battery_stats": {"battery_level": NaN}, "is_gms": 1e999}'
    device = DEVICE_V2.read(raw)
    assert (device.name, device.state, device.battery_level) == ("?x", 1, None)


def test_unknown_fields_and_values_survive() -> None:
    raw = b'{"id":"d1","state":75,"platform":"FUCHSIA","new_thing":{"deep":[1,2]}}'
    page = answers.page(b'{"count":1,"results":[' + raw + b"]}", DEVICE_V2)
    assert (page.rows[0].state, page.rows[0].platform, page.rows[0].raw) == (75, "FUCHSIA", raw)


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_json_in_any_field_gives_a_record_or_a_named_error(name: str, data: st.DataObject) -> None:
    form = FORMS[name]
    keys = keys_of(form._wire) or ["id", "children", "p1", "name"]
    nested = anything | st.dictionaries(st.sampled_from(keys), anything, max_size=4)
    document = data.draw(st.dictionaries(st.sampled_from(keys), nested, max_size=8))
    if data.draw(st.booleans()):
        document = {"id": "i1", "enterprise": "e1", "status": [], **document}
    body = json.dumps(document).encode()
    for read, content in ((answers.one, body), (answers.page, b'{"count": 1, "results": [' + body + b"]}")):
        with contextlib.suppress(UnexpectedAnswer):
            read(content, form)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80) | anything.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_give_a_page_or_a_named_error(body: bytes) -> None:
    for read in (answers.one, answers.page):
        with contextlib.suppress(UnexpectedAnswer):
            read(body, DEVICE_V2)


@pytest.mark.parametrize("number", [-7, 2.5])
def test_a_number_that_no_list_could_count_to_is_no_id(number: float) -> None:
    with pytest.raises(UnexpectedAnswer, match="without an id"):
        answers.one(json.dumps({"id": number, "name": "x"}).encode(), groups.GROUP)
    assert answers.one(b'{"id": 7, "name": "x"}', groups.GROUP).id == "7"


@pytest.mark.parametrize(
    ("page", "more"),
    [
        ({"results": [ROW]}, True),
        ({"results": []}, False),
        ({"results": [ROW], "next": None}, False),
        ({"results": [ROW], "next_cursor": "abc"}, True),
        ({"results": [ROW], "count": 1}, False),
        ({"results": [ROW], "count": 9, "next": "http://x/?limit=1&offset=1"}, True),
    ],
)
def test_only_a_page_that_says_nothing_of_an_end_is_taken_to_go_on(page: dict[str, Any], more: bool) -> None:
    assert answers.page(json.dumps(page).encode(), DEVICE_V2).more is more
    assert answers.page(json.dumps({"content": page}).encode(), DEVICE_V2).more is more
