"""The sandbox against the contract: whatever is asked, by whoever, the answer is one that the contract has.

schemathesis makes the requests from the document, good and bad ones. The default run is short and the same every
time; `-m campaign` runs long, with new requests each time. Bad bodies must be refused; queries may have names that
nobody knows, and empty values, as the wire allows both.
"""

import random
import re
import sys
from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.sandbox.assembly import PATHS
from tests.contract.contract import DEVIATIONS, LATER, METHODS, Operation, document, operations, served
from tests.contract.stock import NAMES, Stock, stocked

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MALFORMED = ["not-an-id", "0", "-1", "%00", "%2e%2e", "ü", "x" * 300, "00000000-0000-0000-0000-000000000000"]
SHORT, LONG, SEED = 6, 100, 20260302
QUIET = list(HealthCheck)
SCHEMA = schemathesis.openapi.from_dict(document())


def label(operation: Operation) -> str:
    return operation.label


@pytest.fixture(scope="module")
def stock() -> Iterator[Stock]:
    with stocked() as made:
        yield made


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        yield made


def drive(
    operation: Operation,
    stock: Stock,
    session: requests.Session,
    mode: GenerationMode,
    examples: int = SHORT,
    start: int = SEED,
) -> None:
    """Sends generated requests to one operation; good ones, and those with a bad body, mostly name what exists."""
    known = {name: stock.known(operation.path, name) for name in re.findall(r"\{(\w+)\}", operation.path)}
    found = {kind: stock.ids(kind) for kind in ("device", "group", "request")}
    pools = {name: found[kind] for name, kind in NAMES.items() if kind in found}

    @seed(start)
    @settings(max_examples=examples, deadline=None, phases=[Phase.generate], database=None, suppress_health_check=QUIET)
    @given(SCHEMA[operation.path][operation.method].as_strategy(generation_mode=mode), st.randoms())
    def send(case: Case[Any], chance: Any) -> None:
        bad_body = is_bad(case, ParameterLocation.BODY)
        for name, values in known.items():
            usual = 1.0 if bad_body or name == "enterprise_id" else 0.8 if mode is GenerationMode.POSITIVE else 0.0
            if values and chance.random() < usual:
                case.path_parameters[name] = chance.choice(values)
        if mode is GenerationMode.POSITIVE:
            case.query = existing(case.query, pools, chance)
            case.body = existing(case.body, pools, chance)
        headers = {"Authorization": "Bearer key"}
        answer = case.call(base_url=stock.url, session=session, headers=headers, timeout=20)
        case.validate_response(answer, checks=cast(Any, CHECKS))
        assert answer.status_code >= 400 or not bad_body, f"a wrong body was taken: {case.body!r}"

    try:
        send()
    except Exception as error:
        error.add_note(f"seed {start}")
        raise


def is_bad(case: Case[Any], location: ParameterLocation) -> bool:
    """Whether this part of a request was made to break the contract."""
    component = case.meta.components.get(location) if case.meta is not None else None
    return component is not None and component.mode is GenerationMode.NEGATIVE


def existing(value: Any, pools: dict[str, list[str]], chance: Any, name: str = "") -> Any:
    """The same value, in which most ids are those of something that exists."""
    if isinstance(value, dict):
        return {key: existing(inner, pools, chance, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [existing(inner, pools, chance, name) for inner in value]
    if isinstance(value, str) and pools.get(name) and chance.random() < 0.8:
        return chance.choice(pools[name])
    return value


def test_what_comes_later_is_known_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    later = [operation for operation in operations() if operation.later]
    lines = [f"not answered by the sandbox yet: {len(later)} of {len(operations())} operations"]
    lines += [f"  {name}: {what}" for name, what in LATER.items()]
    lines += [f"  differs: {'/'.join(map(str, deviation.place))}: {deviation.reason}" for deviation in DEVIATIONS]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    named = {operation.tag for operation in later} | {operation.name for operation in later}
    assert not [name for name in LATER if name not in named]


def test_every_other_operation_has_its_path_in_the_sandbox() -> None:
    answered = {
        (method.upper(), re.sub(r"\{(\w+)(:\w+)?\}", "{}", path.path))
        for path in PATHS
        for method in METHODS
        if getattr(path, method) is not None
    }
    missing = [op.label for op in served() if (op.method, re.sub(r"\{\w+\}", "{}", op.path)) not in answered]
    assert not missing


@pytest.mark.parametrize("operation", served(), ids=label)
def test_good_requests_get_an_answer_of_the_contract(
    operation: Operation, stock: Stock, session: requests.Session
) -> None:
    drive(operation, stock, session, GenerationMode.POSITIVE)


@pytest.mark.parametrize("operation", served(), ids=label)
def test_bad_requests_get_an_answer_of_the_contract_and_wrong_bodies_are_refused(
    operation: Operation, stock: Stock, session: requests.Session
) -> None:
    if has_input(operation):
        drive(operation, stock, session, GenerationMode.NEGATIVE)


def has_input(operation: Operation) -> bool:
    """Whether there is anything that can be wrong."""
    entry = document()["paths"][operation.path]
    return bool(
        entry.get("parameters")
        or entry[operation.method.lower()].get("parameters")
        or "requestBody" in entry[operation.method.lower()]
    )


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
@pytest.mark.parametrize("operation", served(), ids=label)
def test_a_long_campaign_finds_no_answer_beside_the_contract(
    operation: Operation, mode: GenerationMode, stock: Stock, session: requests.Session
) -> None:
    if mode is GenerationMode.POSITIVE or has_input(operation):
        drive(operation, stock, session, mode, LONG, random.SystemRandom().randrange(2**32))


@pytest.mark.parametrize("operation", [op for op in served() if op.method == "GET"], ids=label)
def test_what_exists_can_be_read(operation: Operation, stock: Stock) -> None:
    path = operation.path
    for name in re.findall(r"\{(\w+)\}", path):
        values = {"category": ["battery"], "metric": ["level"]}.get(name) or stock.known(operation.path, name)
        assert values, f"the tenant has nothing for {name}"
        path = path.replace(f"{{{name}}}", values[0])
    answer = stock.http.get(stock.url + path, params=needed(operation, stock))
    assert answer.status_code == 200, answer.text


def needed(operation: Operation, stock: Stock) -> dict[str, str]:
    """Query parameters without which there is no answer."""
    times = ("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")
    return {
        "getDeviceEvent": {"latest_event": "1"},
        "listHeartbeats": dict(zip(("last_seen_gt", "last_seen_lt"), times, strict=True)),
        "listSubgroups": {"parent_group_ids": stock.ids("group")[0]},
        "listCommandStatus": {"device": stock.ids("device")[0]},
        "getTelemetryGraph": {"period": "hour", "statistic": "avg", "enterprise_id": stock.enterprise}
        | {"device_id": stock.ids("device")[0]}
        | dict(zip(("from_time", "to_time"), times, strict=True)),
    }.get(operation.name, {})


def methods_at(path: str) -> set[str]:
    """The methods of all paths that an address may mean: `/upload/` also reads as an id."""
    paths: dict[str, Any] = document()["paths"]
    meant = [item for other, item in paths.items() if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", other), path)]
    return {method.upper() for item in meant for method in METHODS if method in item}


@pytest.mark.parametrize("path", sorted({op.path for op in served()}))
def test_other_methods_are_405_and_name_the_right_ones(path: str, stock: Stock) -> None:
    offered = {method.upper() for method in METHODS if method in document()["paths"][path]}
    address = stock.at(re.sub(r"\{(?!enterprise_id)\w+\}", "x", path))
    for method in {method.upper() for method in METHODS} - methods_at(path):
        answer = stock.http.request(method, address)
        assert answer.status_code == 405, f"{method}: {answer.status_code}"
        assert set(answer.headers["allow"].split(", ")) - {"HEAD"} == offered


@pytest.mark.parametrize("operation", [op for op in served() if "{" in op.path], ids=label)
def test_an_id_that_can_be_none_is_400_or_404(operation: Operation, stock: Stock) -> None:
    names = re.findall(r"\{(\w+)\}", operation.path)
    for wrong in names:
        for value in MALFORMED:
            path = operation.path
            for name in names:
                usual = [stock.enterprise] if name == "enterprise_id" else ["00000000-0000-4000-8000-000000000000"]
                path = path.replace(f"{{{name}}}", value if name == wrong else usual[0])
            answer = stock.http.request(operation.method, httpx.URL(stock.url + path))
            assert answer.status_code in {400, 404}, f"{value!r} as {wrong}: {answer.status_code}"
            assert set(answer.json()) == {"errors", "message", "status"}


def test_no_description_names_a_source_or_a_machine() -> None:
    text = "".join(str(document()))
    assert not re.findall(r"github|/work|x-source|\.py\b", text)
