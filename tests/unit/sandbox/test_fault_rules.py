"""Faults as text: what can be written, what it strikes, and what is said of a text that can't be read."""

from collections import Counter

import pytest

from app.sandbox.answers import Refusal
from app.sandbox.fault_rules import GRAMMAR, KINDS, STATUS, BadFault, read_fault
from app.sandbox.faults import Faults

DEVICE = "/v2/devices/3f0c"


@pytest.mark.parametrize(
    ("text", "method", "path", "struck"),
    [
        ("GET /v2/devices/{id} 503", "GET", DEVICE, True),
        ("get,post /v2/devices/{id} 503", "GET", DEVICE, True),
        ("GET /v2/devices/{id} 503", "HEAD", DEVICE, True),
        ("GET /v2/devices/{id} 503", "POST", DEVICE, False),
        ("GET /v2/devices/{id} 503", "GET", DEVICE + "/", False),
        ("GET /v2/devices/{id} 503", "GET", DEVICE + "/device-apps/", False),
        ("GET /v2/devices/* 503", "GET", DEVICE + "/device-apps/", True),
        ("* * 503", "DELETE", "/anything", True),
        ("GET /v2/devices. 503", "GET", "/v2/devicesX", False),
    ],
)
def test_a_fault_strikes_the_methods_and_the_path_that_it_names(
    text: str, method: str, path: str, struck: bool
) -> None:
    assert bool(Faults(rules=[text]).strikes(method, path)) is struck


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a fault is METHODS PATH KIND"),
        ("GET /x", "a fault is METHODS PATH KIND"),
        ("FETCH /x 500", "'FETCH' is no method"),
        ("GET x 500", "a path begins with /"),
        ("GET /x explode", "'explode' is no kind of fault"),
        ("GET /x status", "'status' is no kind of fault"),
        ("GET /x 600", "'600' is no kind of fault"),
        ("GET /x drop-after ms=3", "drop-after has no option 'ms'"),
        ("GET /x latency ms=soon", "ms is a number from 0 to 600000"),
        ("GET /x latency p=1.5", "p is a number from 0 to 1"),
        ("GET /x latency p=nan", "p is a number from 0 to 1"),
        ("GET /x cut bytes=-1", "bytes is a whole number"),
        ("GET /x 429 form=roman", "form is seconds or date"),
        ("GET /x wrong-content-type type=", "type is plain text"),
        ("GET /x 500 next=0", "next is a whole number from 1"),
        ("GET /x 500 next=1 next=2", "next is given twice"),
    ],
)
def test_a_text_that_is_no_fault_says_what_is_wrong_with_it(text: str, said: str) -> None:
    with pytest.raises(BadFault) as bad:
        read_fault(text)
    assert said in str(bad.value)


def test_every_kind_is_in_the_help_with_its_options() -> None:
    for name, kind in KINDS.items():
        word = "503" if name == STATUS else name
        assert read_fault(f"GET /x {word}").kind == name
        assert f"\n  {name}{f' [{shown}]' if (shown := ' '.join(kind.options)) else ''}: " in GRAMMAR


def test_next_counts_only_what_was_struck() -> None:
    faults = Faults(rules=["GET /a 503 next=2"])
    assert [bool(faults.strikes("GET", path)) for path in ("/a", "/b", "/a", "/a")] == [True, False, True, False]
    assert faults.report() == [{"fault": "GET /a 503 next=2", "struck": 2, "left": 0}]


def test_chance_strikes_about_its_share_and_the_same_requests_for_the_same_seed() -> None:
    def struck(seed: int, beside: bool) -> list[bool]:
        faults, found = Faults(seed=seed, rules=["GET /a 503 p=0.3", "GET /b 503 p=0.5"]), []
        for _ in range(1000):
            if beside:
                faults.strikes("GET", "/b")
            found.append(bool(faults.strikes("GET", "/a")))
        return found

    first = struck(1, False)
    assert 250 < Counter(first)[True] < 350
    assert struck(1, True) == first
    assert struck(2, False) != first


def test_faults_add_up_until_one_ends_the_request() -> None:
    rules = ["* * latency", "* * slow", "* * 103", "* * 503 when=after next=1", "* * drop-before", "* * html"]
    faults = Faults(rules=rules)
    assert [rule.fault.kind for rule in faults.strikes("GET", "/a")] == [
        "latency",
        "slow",
        STATUS,
        STATUS,
        "drop-before",
    ]
    assert faults.report()[-1]["struck"] == 0


def test_a_list_with_a_bad_fault_leaves_all_as_it_was() -> None:
    faults = Faults(rules=["* * empty"])
    with pytest.raises(BadFault):
        faults.set(["* * slow", "nonsense"])
    assert [entry["fault"] for entry in faults.report()] == ["* * empty"]


def test_a_slow_rate_names_a_long_wait() -> None:
    faults = Faults(rate_limit=0.1, ticks=lambda: 5.0)
    faults.admit()
    with pytest.raises(Refusal) as refused:
        faults.admit()
    assert refused.value.retry_after == 10
