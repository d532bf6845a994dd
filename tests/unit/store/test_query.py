"""The filter language: what is found, what is refused and where, and masks against asking every device."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.records import Device
from app.states import condition_of
from app.store.complete import Suggestion, quoted
from app.store.patterns import fold, fold_mac
from app.store.query import FIELDS, QueryError, complete, parse
from app.store.versions import compare, version_key

from .samples import DAY, DEVICES, GROUPS, NOW, fleets, make_fleet, names, words

Test = Callable[[Device], bool]
FLEET = make_fleet(DEVICES)


def found(text: str) -> list[str]:
    return [device_id[0] for device_id in names(FLEET, FLEET.select(parse(text, now=NOW), sort=(("id", False),)))]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", "abcd"),
        ("till", "abc"),
        ("TILL 1", "ab"),
        ('"till 10"', "b"),
        ("chef’s", "c"),
        ("r58", "ab"),
        ("x-77", "c"),
        ("356789", "a"),
        ("a0:b1", "a"),
        ("a0b1c2", "a"),
        ("aaaa", "a"),
        ("aa-1", ""),
        ("till*", "ab"),
        ("*1", "a"),
        ("state:online", "a"),
        ("state:online,offline", "ab"),
        ("condition:disabled", "c"),
        ("state:INACTIVE", "b"),
        ("state:75", "d"),
        ("state:unknown", "d"),
        ("-state:online", "bcd"),
        ("NOT state:online", "bcd"),
        ("--state:online", "a"),
        ('group:"Store 12"', "ac"),
        ('group:"store 12"/*', "abc"),
        ('group:"Store 12/*"', "abc"),
        ("group:north/*", "ab"),
        ('group:"North/Store 12"', "a"),
        ("group:nowhere", ""),
        ("group:store*", "ac"),
        ("os:11", "ac"),
        ("os:<12", "ac"),
        ("os:>11", "b"),
        ("os:>=11", "abc"),
        ("os:11..12", "ac"),
        ("os:android", "ab"),
        ("agent:<7.12", "b"),
        ("patch:<2026-02-01", "a"),
        ("platform:android", "ab"),
        ("platform:andr", ""),
        ("platform:andr*", "ab"),
        ('model:"galaxy tab"', "a"),
        ("model:galaxy", "ab"),
        ("model:=galaxy", ""),
        ("tag:kiosk", "a"),
        ("tag:blue", "ab"),
        ("-has:tag", "cd"),
        ('alias:""', "bd"),
        ("seen:<1h", "a"),
        ("seen:>7d", "bd"),
        ("seen:1d..3d", "c"),
        ("seen:never", "d"),
        ("registered:<2026-01-01", "a"),
        ("battery:<20", "a"),
        ("battery:15", "a"),
        ("battery:20..90%", "b"),
        ("battery:..90", "ab"),
        ("storage:>1gb", "b"),
        ("storage:<=300", "a"),
        ("ssid:guest", "a"),
        ("ip:10.1.*", "a"),
        ("mac:A0-B1-C2*", "a"),
        ("imei:356*", "a"),
        ("serial:x", "c"),
        ("gms:yes", "a"),
        ("gms:no", "b"),
        ("gms:unknown", "cd"),
        ("lockdown:yes", "b"),
        ("charging:yes", "c"),
        ("is:online", "a"),
        ("is:gone", ""),
        ("is:live", "abcd"),
        ("state:online OR state:offline", "ab"),
        ("till (state:offline OR state:disabled)", "bc"),
        ("till AND desk", "c"),
        ("desk OR till -tag:blue", "c"),
        ("till 1 -front", "b"),
        ("state:online OR desk till", "ac"),
        ('group:"Store 1', ""),
    ],
)
def test_a_filter_finds(text: str, ids: str) -> None:
    assert "".join(found(text)) == ids


@pytest.mark.parametrize(
    ("text", "position", "allowed"),
    [
        ("till sate:online", 5, "state"),
        ("till xyzzy:1", 5, "battery"),
        ("state:on-line", 6, "online, offline"),
        ("state:online,wrong", 13, "online, offline"),
        ("battery:", 8, "<20"),
        ("battery:low", 8, "<20"),
        ("battery:<2x", 9, "<20"),
        ("battery:..", 8, "<20"),
        ("os:<new", 4, "<11"),
        ("seen:7d", 5, ">7d"),
        ("seen:>2026-13-01", 5, "2026-01-01"),
        ("gms:maybe", 4, "yes, no or unknown"),
        ("is:lost", 3, "gone"),
        ("has:nothing", 4, "name of a field"),
        ("group:", 6, "Store 12"),
        ("group:/*", 6, "Store 12"),
        ("tag:a,", 6, "kiosk"),
        (":online", 0, "state:online"),
        ("(till", 0, "closing"),
        ("till)", 4, "open one"),
        ("()", 1, "a word"),
        ("till OR", 7, "a word"),
        ("-", 1, "a word"),
        ("(" * 60, 40, "40"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place_and_what_is_allowed(text: str, position: int, allowed: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, now=NOW)
    assert caught.value.position == position
    assert allowed in caught.value.expected
    assert caught.value.problems[0].message.endswith(caught.value.expected)


def test_tombstones_show_only_when_asked_for() -> None:
    fleet = make_fleet(DEVICES, gone=(0, 2))

    def select(text: str) -> list[str]:
        return names(fleet, fleet.select(parse(text, now=NOW), sort=(("id", False),)))

    assert select("") == ["bbbb-2", "dddd-4"]
    assert select("is:gone") == ["aaaa-1", "cccc-3"]
    assert select("is:gone state:online") == ["aaaa-1"]
    assert select("-is:gone till") == ["bbbb-2"]
    assert select("is:live") == ["bbbb-2", "dddd-4"]


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.name)
def test_every_example_of_a_field_can_be_read(field: object) -> None:
    for example in field.examples:  # type: ignore[attr-defined]
        query = parse(f"{field.name}:{example}", now=NOW)  # type: ignore[attr-defined]
        assert len(query.mask(FLEET)) == FLEET.rows


@given(st.text(max_size=60) | st.text('ab:-"()*,.<>= 1d', max_size=40))
def test_whatever_is_typed_gives_a_mask_or_a_query_error(text: str) -> None:
    place = 0
    try:
        assert len(parse(text, now=NOW).mask(FLEET)) == FLEET.rows
    except QueryError as error:
        place = error.position
    assert 0 <= place <= len(text)


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=15) | st.text("0123456789.<>=-d*", max_size=12))
def test_whatever_value_a_field_is_given_gives_a_mask_or_a_query_error(name: str, value: str) -> None:
    try:
        query = parse(f"{name}:{value}", now=NOW)
    except QueryError:
        return
    assert len(query.mask(FLEET)) == FLEET.rows


def _word(word: str) -> tuple[str, Test]:
    needle = fold(word)

    def test(device: Device) -> bool:
        searched = (device.name, device.alias, device.serial, device.custom_serial, device.imei1, device.imei2)
        mac = fold_mac(needle) or needle
        return any(needle in fold(t) for t in searched) or mac in fold_mac(device.mac) or device.id.startswith(needle)

    return f'"{word.replace(chr(34), chr(34) * 2)}"', test


def _alias(word: str) -> tuple[str, Test]:
    escaped = word.replace('"', '""')
    return f'alias:="{escaped}"', lambda device: fold(device.alias) == fold(word)


def _battery(low: int, high: int) -> tuple[str, Test]:
    return f"battery:{low}..{high}", lambda d: d.battery_level is not None and low <= d.battery_level <= high


def _version(operator: str, wanted: str) -> tuple[str, Test]:
    passes = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1), "=": (0,)}[operator]

    def test(device: Device) -> bool:
        key = version_key(device.os_version)
        return bool(key) and compare(key, version_key(wanted)) in passes

    return f"os:{operator}{wanted}", test


def _seen(operator: str, days: int) -> tuple[str, Test]:
    def test(device: Device) -> bool:
        if device.last_seen is None:
            return operator == ">"
        age = NOW - device.last_seen
        return age > days * DAY if operator == ">" else age < days * DAY

    return f"seen:{operator}{days}d", test


def _tag(text: str) -> tuple[str, Test]:
    shown = {"t1": "Kiosk", "t2": "Blue"}
    return f"tag:{quoted(text)}", lambda d: any(fold(shown.get(t, t)) == fold(text) for t in d.tags)


_GROUP_PATHS = {"n12": "North", "n12-back": "North", "north": "North"}

simple: st.SearchStrategy[tuple[str, Test]] = st.one_of(
    words.filter(bool).map(_word),
    words.filter(bool).map(_alias),
    st.sampled_from(["online", "offline", "wiping", "onboarding", "unknown"]).map(
        lambda c: (f"state:{c}", lambda d: condition_of(d.state) == c)
    ),
    st.builds(_battery, st.integers(0, 60), st.integers(40, 100)),
    st.builds(_version, st.sampled_from(["<", "<=", ">", ">=", "="]), st.sampled_from(["9", "11", "11.0", "12.1.0"])),
    st.builds(_seen, st.sampled_from(["<", ">"]), st.integers(0, 40)),
    st.sampled_from(["Kiosk", "BLUE", "loose end", "none"]).map(_tag),
    st.just(("gms:yes", lambda d: d.is_gms is True)),
    st.just(("group:North/*", lambda d: d.group_id in _GROUP_PATHS)),
    st.just(("group:North", lambda d: d.group_id == "north")),
    st.just(("platform:android,windows", lambda d: bool(d.platform))),
)
compound: st.SearchStrategy[tuple[str, Test]] = st.recursive(
    simple,
    lambda inner: st.one_of(
        inner.map(lambda one: (f"-({one[0]})", lambda d: not one[1](d))),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]} {two[1][0]})", lambda d: two[0][1](d) and two[1][1](d))
        ),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]} OR {two[1][0]})", lambda d: two[0][1](d) or two[1][1](d))
        ),
    ),
    max_leaves=6,
)


@given(fleets, compound)
def test_a_mask_agrees_with_asking_every_device(devices: list[Device], question: tuple[str, Test]) -> None:
    text, test = question
    fleet = make_fleet(devices, GROUPS)
    assert parse(text, now=NOW).mask(fleet).tolist() == [test(device) for device in devices], text


_typed = ["t", "ti", "till", "ill", "l", "z", "zz", "0", "00", "000", "1", "01", "-", "-a0", "a0", "a0:", "a0:b", "0b"]


@given(fleets, st.lists(st.sampled_from(_typed), max_size=8))
def test_words_asked_one_after_the_other_find_what_each_finds_alone(devices: list[Device], typed: list[str]) -> None:
    fleet = make_fleet(devices)
    for word in typed:
        expected = [_word(word)[1](device) for device in devices]
        assert parse(f'"{word}"', now=NOW).mask(fleet).tolist() == expected


def test_completion_offers_fields_by_name_and_title() -> None:
    offered = [s.text for s in complete("sta", 3, FLEET)]
    assert offered[0] == "state:"
    assert complete("till sta", 8, FLEET)[0] == Suggestion("state:", 5, 8, "State")
    assert len(complete("", 0, FLEET)) > 10
    assert "ssid:" in [s.text for s in complete("wi", 2, FLEET)]


def test_completion_offers_values_with_their_number_of_devices() -> None:
    assert complete("state:o", 7, FLEET)[0] == Suggestion("online", 6, 7, "1")
    assert complete("tag:", 4, FLEET)[0] == Suggestion("Blue", 4, 4, "2")
    assert complete("platform:android,w", 18, FLEET) == [Suggestion("WINDOWS", 17, 18, "1")]
    assert Suggestion('"Store 12"/*', 6, 10, "2") in complete('group:"Sto', 10, FLEET)
    assert complete("nofield:x", 9, FLEET) == []


@given(st.text('abst:o" -(', max_size=12), st.integers(0, 12))
def test_what_completion_offers_can_be_put_in_place_and_read(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    try:
        parse(text, now=NOW)
    except QueryError:
        return
    for offer in complete(text, cursor, FLEET):
        assert 0 <= offer.start <= cursor
        assert offer.start <= offer.end <= len(text)
        if not offer.text.endswith(":"):
            parse(text[: offer.start] + offer.text + text[offer.end :], now=NOW)
