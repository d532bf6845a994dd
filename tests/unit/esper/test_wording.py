"""Loose scalars of the wire in our words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputError
from app.esper import wording
from app.esper.wording import address, first, flag, ident, megabytes, moment, number, part, text, whole

UUID = "361e02d1-1c28-4449-8244-3d9b2bdfc824"
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-11-21T07:14:08Z", 1795245248.0),
        ("2026-11-21T07:14:08.250000Z", 1795245248.25),
        ("2026-11-21T07:14:08.123456789Z", 1795245248.123456),
        ("2026-11-21T12:44:08+05:30", 1795245248.0),
        ("2026-11-21T07:14:08", 1795245248.0),
        ("2026-11-21 07:14:08+00:00", 1795245248.0),
        (1795245248, 1795245248.0),
        (1795245248000, 1795245248.0),
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (True, None),
    ],
)
def test_times_become_epoch_seconds_and_never_becomes_none(written: Any, seconds: float | None) -> None:
    assert moment(written) == (pytest.approx(seconds) if seconds is not None else None)


@pytest.mark.parametrize(
    ("written", "identifier"),
    [
        (UUID, UUID),
        (f"https://foo-api.esper.cloud/api/enterprise/e/device/{UUID}/", UUID),
        (f"http://proxy/api/v0/devices/{UUID}/?x=1", UUID),
        (f"My company [{UUID}]", UUID),
        (f"an app ({UUID})", UUID),
        (17, "17"),
        (None, ""),
        (True, ""),
    ],
)
def test_ids_are_found_in_addresses_and_labels(written: Any, identifier: str) -> None:
    assert ident(written) == identifier


@pytest.mark.parametrize(
    ("size", "units", "expected"),
    [
        (2048, None, 2048.0),
        ("2048", "MB", 2048.0),
        (8, "GB", 8000.0),
        (8, "GiB", 8192.0),
        (64_000_000_000, "bytes", 64_000.0),
        (64_000_000_000, None, 64_000.0),
        (512_000, "KB", 512.0),
        (5, "parrots", 5.0),
        (-1, None, None),
        ("much", None, None),
    ],
)
def test_sizes_become_megabytes(size: Any, units: Any, expected: float | None) -> None:
    assert megabytes(size, units) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["fe80::1", "10.0.0.7/24"], "10.0.0.7"),
        ("10.0.0.7", "10.0.0.7"),
        (["fe80::1/64"], "fe80::1"),
        ([], ""),
        (None, ""),
    ],
)
def test_the_ipv4_address_comes_first(value: Any, expected: str) -> None:
    assert address(value) == expected


def test_truth_is_read_from_flags_numbers_and_words() -> None:
    assert [flag(v) for v in (True, 1, "true", "On")] == [True] * 4
    assert [flag(v) for v in (False, 0, "FALSE", "off")] == [False] * 4
    assert [flag(v) for v in (None, "", "perhaps", 7)] == [None] * 4


def test_numbers_are_finite_or_absent() -> None:
    assert [number(v) for v in ("87", 87, 87.5, "nan", "inf", float("nan"), True, None, "x", 10**400)] == [
        87.0, 87.0, 87.5, None, None, None, None, None, None, None,
    ]  # fmt: skip
    assert [whole(v) for v in ("3", 3.0, 3.5, None)] == [3, 3, None, None]


def test_the_first_spelling_that_holds_something_wins() -> None:
    assert first(None, "", "b", "c") == "b"
    assert first(None, True) == ""
    assert text(5) == "5"


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_what_names_another_resource_is_no_id(identifier: str) -> None:
    with pytest.raises(InputError):
        part(identifier)


def test_an_id_can_not_leave_its_place_in_a_path() -> None:
    assert part("../../v1/token-info/?x=#y") == "..%2F..%2Fv1%2Ftoken-info%2F%3Fx%3D%23y"


@given(scalars, scalars)
def test_no_scalar_raises(value: Any, units: Any) -> None:
    for read in (text, number, whole, flag, moment, ident, address, first):
        read(value)
    megabytes(value, units)
    assert wording.address([value, units]) is not None
