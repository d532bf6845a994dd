"""The choke point for secrets."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import redact
from app.errors import BadRequest, Unreachable

SECRET = "LpDriKp7MWJiRGcwc8xzREeUj8OEFa"


@pytest.fixture(autouse=True)
def guarded() -> None:
    redact.guard(SECRET)


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        "curl -H 'authorization: bearer abcdef.123'",
        '{"token": "abcdef.123", "name": "x"}',
        "cert_password=abcdef.123&x=1",
        "{'wifi_password': 'abcdef.123'}",
    ],
)
def test_text_that_carries_a_secret_comes_out_without_it(text: str) -> None:
    out = redact.redact(text)
    assert SECRET not in out
    assert "abcdef.123" not in out
    assert redact.HIDDEN in out


def test_a_guarded_secret_is_hidden_wherever_it_stands() -> None:
    assert redact.redact(f"http://x/{SECRET}/y") == f"http://x/{redact.HIDDEN}/y"


def test_errors_never_hold_a_secret_in_message_details_or_excerpt() -> None:
    error = BadRequest(400, f"token {SECRET} bad", [SECRET], excerpt=f"<html>{SECRET}")
    assert SECRET not in str(error) + repr(error) + error.message + error.excerpt + "".join(error.details)
    assert SECRET not in str(Unreachable(f"connect to x with {SECRET}"))


def test_a_log_record_and_its_traceback_are_redacted() -> None:
    formatter = redact.RedactingFormatter("%(message)s")
    try:
        raise ValueError(SECRET)
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, "f", 1, f"sent {SECRET}", None, exc_info=__import__("sys").exc_info()
        )
    out = formatter.format(record)
    assert SECRET not in out
    assert "ValueError" in out


def test_secret_values_are_hidden_at_any_depth_and_the_rest_is_kept() -> None:
    value = {"command": "ADD_WIFI_AP", "command_args": {"wifi_access_points": [{"wifi_password": "p"}], "n": 1}}
    assert redact.redact_value(value) == {
        "command": "ADD_WIFI_AP",
        "command_args": {"wifi_access_points": redact.HIDDEN, "n": 1},
    }


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(_json, st.sampled_from(sorted(redact.SECRET_NAMES)))
def test_no_json_value_leaks_through_a_secret_name(value: object, name: str) -> None:
    marked = {"outer": [{name: ["zq9marker7", value]}]}
    assert "zq9marker7" not in str(redact.redact_value(marked))


@given(st.text())
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact.redact(text)
    assert redact.redact(once) == once
