"""A validated wish and how it is cut into requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.commands.request import MOST_DEVICES, batches, body, build
from app.errors import InputError


def test_no_devices_is_an_error_and_never_means_all() -> None:
    with pytest.raises(InputError) as caught:
        build("REBOOT", {}, [])
    assert [p.field for p in caught.value.problems] == ["devices"]


def test_wrong_arguments_are_named_together_with_missing_devices() -> None:
    with pytest.raises(InputError) as caught:
        build("SET_BRIGHTNESS_SCALE", {"brightness_value": 0}, [])
    assert [p.field for p in caught.value.problems] == ["brightness_value", "devices"]


def test_a_device_named_twice_gets_the_command_once() -> None:
    assert build("REBOOT", {}, ["a", "b", "a"]).devices == ("a", "b")


def test_the_digest_depends_on_devices_and_arguments_but_not_on_their_order() -> None:
    one = build("SET_BRIGHTNESS_SCALE", {"brightness_value": 5}, ["a", "b"])
    assert one.digest == build("SET_BRIGHTNESS_SCALE", {"brightness_value": 5}, ["b", "a"]).digest
    assert one.digest != build("SET_BRIGHTNESS_SCALE", {"brightness_value": 6}, ["a", "b"]).digest
    assert one.digest != build("SET_BRIGHTNESS_SCALE", {"brightness_value": 5}, ["a", "c"]).digest


@given(st.lists(st.integers(), unique=True, max_size=1300))
def test_batches_carry_every_device_once_in_order_and_never_too_many(numbers: list[int]) -> None:
    devices = [str(n) for n in numbers]
    parts = list(batches(devices))
    assert [d for part in parts for d in part] == devices
    assert all(0 < len(part) <= MOST_DEVICES for part in parts)


def test_the_body_is_the_contracts() -> None:
    assert body("REBOOT", {}, ["x"], "fc-1") == {
        "command_type": "DEVICE", "alias": "fc-1", "devices": ["x"], "device_type": "all", "command": "REBOOT",
        "command_args": {}, "schedule": "IMMEDIATE",
    }  # fmt: skip
