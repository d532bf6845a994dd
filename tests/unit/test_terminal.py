"""The headless commands on a real sandbox, over a real socket, as a separate process where exit codes matter."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import terminal
from tests.sandbox import Sandbox, running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(devices=120) as server:
        yield server


def run(*args: str, token: str = "", stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != terminal.TOKEN_VARIABLE}
    if token:
        environment[terminal.TOKEN_VARIABLE] = token
    return subprocess.run(
        [sys.executable, "-m", "ui.main", *args],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        input=stdin,
    )


@pytest.fixture(scope="module")
def synced(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    profile = tmp_path_factory.mktemp("profile")
    done = run("sync", "--url", sandbox.url, "--profile", str(profile), token=sandbox.token)
    assert (done.returncode, done.stderr) == (0, "")
    return profile, json.loads(done.stdout)


def test_sync_prints_counts_requests_and_seconds_as_one_json_object(synced: tuple[Path, dict[str, Any]]) -> None:
    _, report = synced
    assert report["devices"] == 120
    assert report["complete"] is True
    assert report["groups"] > 5
    assert report["requests"] < 60
    assert report["seconds"] > 0


def test_a_second_sync_changes_little_and_loses_nothing(sandbox: Sandbox, synced: tuple[Path, dict[str, Any]]) -> None:
    again = run("sync", "--url", sandbox.url, "--profile", str(synced[0]), token=sandbox.token)
    report = json.loads(again.stdout)
    assert (report["devices"], report["appeared"], report["gone"]) == (120, 0, 0)


def test_list_prints_the_copy_without_a_network(synced: tuple[Path, dict[str, Any]]) -> None:
    done = run("list", "--json", "--profile", str(synced[0]))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr, len(rows)) == (0, "", 120)
    assert all(row["id"] and row["name"] for row in rows)


def test_list_speaks_the_filter_language(synced: tuple[Path, dict[str, Any]]) -> None:
    every = [json.loads(x) for x in run("list", "--json", "--profile", str(synced[0])).stdout.splitlines()]
    offline = [
        json.loads(x) for x in run("list", "state:offline", "--json", "--profile", str(synced[0])).stdout.splitlines()
    ]
    assert 0 < len(offline) < len(every)
    assert {r["id"] for r in offline} == {r["id"] for r in every if r["condition"] == "offline"}


def test_csv_has_every_column_and_no_formula(synced: tuple[Path, dict[str, Any]]) -> None:
    done = run("list", "--csv", "--profile", str(synced[0]))
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 120
    assert not [v for row in rows for k, v in row.items() if v[:1] in set("=+@") and k in {"name", "alias"}]


def test_the_plain_table_holds_no_control_characters(synced: tuple[Path, dict[str, Any]]) -> None:
    done = run("list", "--profile", str(synced[0]))
    assert len(done.stdout.splitlines()) == 121
    assert not [c for c in done.stdout if ord(c) < 32 and c != "\n"]


def test_qt_is_not_imported_by_a_headless_command(synced: tuple[Path, dict[str, Any]]) -> None:
    code = (
        "import sys; from ui.main import main; code = main(sys.argv[1:]);"
        "assert not [m for m in sys.modules if m.startswith(('PySide6', 'qasync', 'shiboken6'))]; sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "list", "--profile", str(synced[0])], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("sync", "--url", "http://example.com/api"), terminal.EXIT_INPUT, "https"),
        (("sync", "--url", "acme", "--ca", "/nowhere/company.pem"), terminal.EXIT_INPUT, "company.pem"),
        (("sync", "--url", "http://127.0.0.1:9/api"), terminal.EXIT_NETWORK, "reached"),
        (("list", "--sort", "colour"), terminal.EXIT_INPUT, "choose one of"),
        (("list", "--limit", "-1"), terminal.EXIT_INPUT, "negative"),
        (("list",), terminal.EXIT_INPUT, "--url"),
        (("list", "--url", "acme"), terminal.EXIT_NETWORK, "no copy"),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(
    args: tuple[str, ...], code: int, says: str, tmp_path: Path
) -> None:
    done = run(*args, "--profile", str(tmp_path), token="some-token-123")
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "some-token-123" not in done.stderr


def test_a_refused_key_has_its_own_exit_code_and_is_not_printed(sandbox: Sandbox, tmp_path: Path) -> None:
    done = run("sync", "--url", sandbox.url, "--profile", str(tmp_path), token="wrong-token-4711")
    assert done.returncode == terminal.EXIT_KEY
    assert "key was not accepted" in done.stderr
    assert "4711" not in done.stderr


def test_a_bad_query_names_the_place_and_changes_nothing(synced: tuple[Path, dict[str, Any]]) -> None:
    done = run("list", "colour:red", "--profile", str(synced[0]))
    assert (done.returncode, done.stdout) == (terminal.EXIT_INPUT, "")
    assert "colour" in done.stderr
