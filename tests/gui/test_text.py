"""The words: one voice, plain, and never more certain than the facts."""

import math
from datetime import timedelta, timezone

import pytest

from app import errors
from app.errors import FleetError, InputError, Problem, Refused, TooFast
from app.states import DeviceCondition, TargetState
from ui import text

NOW = 1_795_000_000.0


def every(kind: type) -> list[type]:
    """The classes of the exception tree; kinds that a room made for itself are said like their parent."""
    children = [child for child in kind.__subclasses__() if child.__module__ == kind.__module__]
    return [kind, *(sub for child in children for sub in every(child))]


def made(kind: type) -> FleetError:
    if issubclass(kind, InputError):
        return kind([Problem("tenant", "type the name of the tenant")])
    return kind(418, "short and stout") if issubclass(kind, Refused) else kind("disk is full")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (59, "just now"),
        (-59, "just now"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "1 day ago"),
        (12 * 86_400, "12 days ago"),
        (75 * 86_400, "2 months ago"),
        (900 * 86_400, "2 years ago"),
        (-7200, "in 2 h"),
    ],
)
def test_ago_says_the_largest_whole_unit(seconds: float, said: str) -> None:
    assert text.ago(NOW - seconds, NOW) == said


@pytest.mark.parametrize("nothing", [None, math.nan])
def test_what_nobody_knows_is_said_to_be_not_known(nothing: float | None) -> None:
    assert {text.ago(nothing, NOW), text.absolute(nothing), text.size(nothing), text.percent(nothing)} == {"not known"}


def test_absolute_names_the_zone() -> None:
    cet = timezone(timedelta(hours=1), "CET")
    assert text.absolute(NOW, cet) == "2026-11-18 12:06:40 CET"
    assert text.absolute(1e18) == "not known"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (45, "45 s"), (60, "1 min"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (273_600, "3 days 4 h")],
)
def test_a_duration_has_at_most_two_units(seconds: float, said: str) -> None:
    assert text.duration(seconds) == said


@pytest.mark.parametrize(
    ("n", "noun", "said"),
    [
        (0, "device", "0 devices"),
        (1, "device", "1 device"),
        (1240, "device", "1,240 devices"),
        (2, "battery", "2 batteries"),
        (2, "day", "2 days"),
        (3, "batch", "3 batches"),
    ],
)
def test_a_count_agrees_with_its_noun(n: int, noun: str, said: str) -> None:
    assert text.count(n, noun) == said


@pytest.mark.parametrize(
    ("mb", "said"),
    [(0, "0 MB"), (512, "512 MB"), (1024, "1.0 GB"), (31_949, "31.2 GB"), (262_144, "256 GB"), (1_468_006, "1.4 TB")],
)
def test_a_size_has_three_digits_at_most(mb: float, said: str) -> None:
    assert text.size(mb) == said


@pytest.mark.parametrize(("x", "said"), [(0, "0%"), (0.2, "<1%"), (85.4, "85%"), (99.7, "99%"), (100, "100%")])
def test_a_percentage_never_rounds_something_to_nothing_or_almost_to_all(x: float, said: str) -> None:
    assert text.percent(x) == said


@pytest.mark.parametrize("kind", every(FleetError), ids=lambda kind: kind.__name__)
def test_every_error_has_a_sentence_of_its_own(kind: type) -> None:
    assert kind in text._SENTENCES
    said = text.describe(made(kind))
    assert said[0].isupper()
    assert said.endswith(".")
    assert "{" not in said
    assert kind.__name__ not in said
    assert "  " not in said


def test_errors_of_different_kinds_are_told_apart() -> None:
    sentences = [text._SENTENCES[kind] for kind in every(FleetError)]
    assert len(set(sentences)) == len(sentences)


def test_a_refusal_repeats_what_the_server_said_even_with_braces_in_it() -> None:
    assert "It said: Name {x} is taken." in text.describe(errors.Conflict(409, "name {x} is taken"))


def test_too_fast_names_the_time_the_server_gave() -> None:
    assert "in 1 min 30 s" in text.describe(TooFast(429, retry_after=89.2))
    assert "in a moment" in text.describe(TooFast(429))


def test_every_problem_of_an_input_is_named() -> None:
    error = InputError([Problem("a", "too long"), Problem("b", "Not a number.")])
    assert text.describe(error) == "Too long. Not a number."


def test_an_error_that_is_not_ours_points_to_the_log() -> None:
    assert text.describe(ValueError("secret detail")) == (
        "Something unexpected happened (ValueError). The log has the details."
    )


@pytest.mark.parametrize("state", list(TargetState))
def test_every_target_state_has_a_label_and_a_meaning(state: TargetState) -> None:
    assert text.state_label(state)[0].isupper()
    assert text.state_hint(state).endswith(".")
    assert text.state_hint(state) != text.state_hint("Command Teleported")


def test_a_state_nobody_knows_is_shown_as_it_came() -> None:
    assert text.state_label("Command Teleported") == "Command Teleported"
    assert text.condition_label("frozen") == "frozen"


@pytest.mark.parametrize("condition", list(DeviceCondition))
def test_every_condition_has_a_label(condition: DeviceCondition) -> None:
    assert text.condition_label(condition)[0].isupper()


def test_a_tip_shows_markup_in_server_data_letter_by_letter() -> None:
    assert text.plain_tip("<b>Store</b>\n12 & 13") == "<qt>&lt;b&gt;Store&lt;/b&gt;<br>12 &amp; 13</qt>"
    assert text.plain_tip("") == ""
