"""The client against the contract alone: a server made from the document, which has never met our sandbox."""

import asyncio
import hashlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import httpx
import msgspec
import pytest

from app.errors import FleetError, InputError, OutcomeUnknown, UnexpectedAnswer
from app.esper.client import EsperClient
from app.esper.pages import Pages
from tests.contract.calls import CALLS, UNASKED, UNCALLED, Call
from tests.contract.contract import served
from tests.contract.documents import Variant
from tests.contract.mock import FILE, ROWS, Breach, Mock, running

OPEN_V2 = {
    "app_mode", "battery_charging", "battery_level", "brand", "custom_serial", "imei1", "imei2", "ip", "kiosk_app",
    "latitude", "longitude", "mac", "manufacturer", "model", "operator", "policy", "ram_free", "ram_total",
    "security_patch", "storage_free", "storage_total", "timezone", "wifi_signal", "wifi_ssid",
}  # fmt: skip
OPEN_EVENT = {
    "battery_level", "battery_temperature", "data", "downloaded", "kiosk_app", "latitude", "link_speed", "longitude",
    "ram", "storage", "uploaded", "wifi_signal", "wifi_ssid",
}  # fmt: skip
UNNAMED = {
    # In info objects whose keys the contract leaves open.
    "Device": OPEN_V2,
    # The same, and what only the newer service has by name.
    "Device of v1": OPEN_V2 - {"policy"}
    | {"agent_version", "blueprint", "last_seen", "locked_down", "os_version", "serial"},
    "DeviceEvent": OPEN_EVENT,
    # The newer list names an app by its id alone.
    "DeviceApp of v2": {"build", "package", "state", "version"},
    # Counts, issuer and names are what the older service has, alias and reason what the newer has.
    "CommandRequest": {"counts"},
    "CommandStatus": {"command", "device_name", "issued_by", "requeued"},
    "CommandRequest of v0": {"alias", "reason"},
    "CommandStatus of v0": {"device_name"},
    # Objects of any keys.
    "LegacyCommand of v0": {"args"},
    "Operation": {"stats"},
}
"""Fields of records that the contract has no name for, by record and, where there are several, generation."""
GENERATIONS = {
    "client.device_pages (older)": "v1", "client.device (older)": "v1", "devices.v1": "v1", "devices.set_tags": "v1",
    "devices.set_tags (none)": "v1", "client.device_apps (newer)": "v2", "devices.apps_v2": "v2",
}  # fmt: skip
ERRORS: dict[tuple[str, Variant], type[FleetError]] = {
    # A key of no developer app can't be renewed; a version or a folder without a file can't be downloaded.
    ("account.renew_token", Variant.LEAST): InputError,
    ("account.renew_token", Variant.REQUIRED): InputError,
    ("account.renew_token", Variant.NULLS): InputError,
    ("apps.download", Variant.LEAST): UnexpectedAnswer,
    ("apps.download (v1)", Variant.LEAST): UnexpectedAnswer,
    ("content.download", Variant.LEAST): UnexpectedAnswer,
    ("content.download", Variant.NULLS): UnexpectedAnswer,
}
"""Calls that the contract lets end in an error of ours."""
LATER_WORD = ("client.command_statuses", "client.operation", "commands.status", "remote_viewer.pages")


class Outcome(NamedTuple):
    """What one call gave, and what it sent that the contract does not allow."""

    result: Any
    breaches: list[Breach]


Outcomes = dict[tuple[str, Variant], Outcome]


async def carry_out(mock: Mock, call: Call, folder: Path) -> Outcome:
    mock.refused, mock.breaches = call.refused, []
    result: Any
    client = await EsperClient.open(mock.url, "key-of-the-contract-test", timeout=10)
    try:
        asked = call.run(client, folder)
        if isinstance(asked, Pages):
            result = [row async for page in asked for row in page.rows]
        else:
            assert inspect.isawaitable(asked)
            result = await asked
    except FleetError as error:
        result = error
    finally:
        await client.close()
    return Outcome(result, mock.breaches)


async def carry_out_all(mock: Mock, folder: Path) -> Outcomes:
    outcomes: Outcomes = {}
    for mock.variant in Variant:
        for name, call in CALLS.items():
            outcomes[name, mock.variant] = await carry_out(mock, call, folder)
    return outcomes


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with running() as made:
        link = f"{made.url}/mock-file"
        digest = hashlib.sha256(FILE).hexdigest()
        made.known = {"app_file": link, "download_url": link, "hash": digest, "hash_string": digest}
        made.known["size"] = str(len(FILE))
        yield made


@pytest.fixture(scope="module")
def outcomes(mock: Mock, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    folder = tmp_path_factory.mktemp("client")
    (folder / "file").write_bytes(b"PK\x03\x04 something")
    return asyncio.run(carry_out_all(mock, folder))


def method(name: str) -> Any:
    """The method behind the name of a call."""
    noun, _, rest = name.partition(".")
    holder: Any = EsperClient if noun == "client" else nouns()[noun]
    return getattr(holder, rest.partition(" ")[0])


def nouns() -> dict[str, type]:
    """The client's nouns and their classes."""

    async def look() -> dict[str, type]:
        client = await EsperClient.open("http://127.0.0.1:9/api", "key")
        await client.close()
        return {name: type(value) for name, value in vars(client).items() if not name.startswith("_")}

    return asyncio.run(look())


def fits(value: Any, hint: Any) -> bool:
    """Whether a result is what the method's annotation says, lists of pages being lists of their rows."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return any(fits(value, option) for option in inner)
    if origin is Pages:
        return isinstance(value, list) and all(isinstance(row, inner[0]) for row in value)
    if origin in {list, tuple}:
        return isinstance(value, origin) and all(isinstance(row, inner[0]) for row in value)
    if hint is None or hint is type(None):
        return value is None
    return isinstance(value, origin or hint)


def rows_of(result: Any) -> list[Any]:
    rows = result if isinstance(result, list | tuple) else [result]
    return [row for row in rows if isinstance(row, msgspec.Struct)]


def kind(name: str, row: Any) -> str:
    generation = GENERATIONS.get(name) or ("v0" if name.startswith("legacy_commands.") else "")
    return type(row).__name__ + (f" of {generation}" if generation else "")


def test_no_public_method_is_left_out() -> None:
    holders = {"client": EsperClient, **nouns()}
    public = {
        f"{noun}.{name}"
        for noun, holder in holders.items()
        for name, value in inspect.getmembers(holder, callable)
        if not name.startswith("_")
    }
    called = {name.partition(" ")[0] for name in CALLS}
    assert public - called == set(UNCALLED)
    assert called <= public


def test_every_operation_in_scope_is_asked_by_some_method(mock: Mock, outcomes: Outcomes) -> None:
    assert {operation.name for operation in served()} - mock.called == set(UNASKED)


@pytest.mark.parametrize("name", CALLS)
def test_what_is_sent_and_what_comes_back_is_as_the_contract_says(name: str, outcomes: Outcomes) -> None:
    for variant in Variant:
        assert not outcomes[name, variant].breaches, variant


@pytest.mark.parametrize("variant", Variant)
@pytest.mark.parametrize("name", CALLS)
def test_every_allowed_answer_becomes_typed_records_or_a_named_error(
    name: str, variant: Variant, outcomes: Outcomes
) -> None:
    result = outcomes[name, variant].result
    if expected := ERRORS.get((name, variant)):
        assert isinstance(result, expected)
    elif isinstance(result, FleetError):
        # The contract seldom requires what identifies a thing; with that alone it must be a record (LEAST).
        assert variant is Variant.REQUIRED
        assert isinstance(result, UnexpectedAnswer | OutcomeUnknown)
        assert "without an id" in str(result) or name.split()[0] in {"apps.download", "content.download"}
    else:
        hint = get_type_hints(method(name))["return"]
        assert fits(result, hint), f"{result!r} is no {hint}"
        if get_origin(hint) is Pages:
            assert len(result) == len({msgspec.json.encode(row) for row in result}) == ROWS


@pytest.mark.parametrize("name", CALLS)
def test_a_full_document_fills_every_field_that_the_contract_names(name: str, outcomes: Outcomes) -> None:
    for row in rows_of(outcomes[name, Variant.FULL].result):
        empty = {field for field in row.__struct_fields__ if getattr(row, field) in ("", None, (), {}, b"")}
        assert empty == UNNAMED.get(kind(name, row), set())


@pytest.mark.parametrize("name", LATER_WORD)
def test_a_state_of_later_stays_as_it_came(name: str, outcomes: Outcomes) -> None:
    rows = rows_of(outcomes[name, Variant.UNFAMILIAR].result)
    assert {row.state for row in rows} == {"Something Of Later"}


@pytest.mark.parametrize(
    ("verb", "path", "sent", "wrong"),
    [
        ("GET", "/v2/devices", None, "no such operation"),
        ("PATCH", "/v2/devices/", {}, "no such operation"),
        ("GET", "/v2/devices/?limit=5000", None, "limit"),
        ("GET", "/v2/devices/?colour=red", None, "colour: no such query parameter"),
        ("GET", "/v2/subgroups", None, "parent_group_ids: is missing"),
        ("GET", "/v0/operations/12/", None, "operationId"),
        ("POST", "/commands/v0/commands/", {"command": "REBOOT"}, "command_type"),
        ("POST", "/v0/operations/", {"operation_type": "x", "colour": "red"}, "colour"),
        ("PUT", "/commands/v0/status/1/", {"state": "Command Cancelled", "colour": "red"}, "colour"),
    ],
)
def test_the_mock_refuses_and_keeps_what_breaks_the_contract(
    verb: str, path: str, sent: Any, wrong: str, mock: Mock
) -> None:
    mock.breaches, mock.refused = [], {}
    with httpx.Client(trust_env=False, headers={"Authorization": "Bearer key"}) as http:
        answer = http.request(verb, mock.url + path, json=sent)
    assert answer.status_code == 400
    assert [breach for breach in mock.breaches if wrong in breach.wrong], mock.breaches
