"""Enums that never raise."""

from hypothesis import given
from hypothesis import strategies as st

from app.states import (
    CommandState,
    DeviceCondition,
    DeviceState,
    TargetState,
    condition_of,
    device_state_name,
    target_state_of,
)


@given(st.none() | st.integers())
def test_any_state_number_has_a_condition_and_a_name(state: int | None) -> None:
    assert condition_of(state) in DeviceCondition
    if state is not None:
        assert device_state_name(state)


def test_every_known_state_has_a_condition_except_unspecified() -> None:
    assert [s for s in DeviceState if condition_of(s) is DeviceCondition.UNKNOWN] == [DeviceState.UNSPECIFIED]


def test_an_unknown_state_number_stays_visible_as_itself() -> None:
    assert device_state_name(75) == "STATE 75"


def test_every_command_state_of_the_contract_maps_to_a_target_state() -> None:
    assert {target_state_of(s) for s in CommandState} <= set(TargetState)
    assert target_state_of("Command TimeOut") == TargetState.TIMEOUT


def test_an_unknown_command_state_is_given_back_as_it_came() -> None:
    assert target_state_of("Command Napping") == "Command Napping"
