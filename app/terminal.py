"""The headless commands, over the same session as the window. Qt is never imported here.

Invariant: results go to stdout, one line about what went wrong to stderr; exit codes are EXIT_*.
"""

import argparse
import asyncio
import csv
import io
import json
import os
import sys
import time
import traceback
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app import errors
from app.credentials import Credentials
from app.redact import redact
from app.session import Session, read_token
from app.settings import Profile, Settings, Tenant, tenant_from
from app.store.query import parse
from app.store.store import Store

TOKEN_VARIABLE = "FLEET_CONSOLE_TOKEN"  # noqa: S105
EXIT_OK, EXIT_OTHER, EXIT_INPUT, EXIT_KEY, EXIT_NETWORK, EXIT_SERVER, EXIT_STORE = range(7)
EXIT_INTERRUPTED = 130
COMMANDS = ("sync", "list", "sandbox")

_EXITS: tuple[tuple[type[errors.FleetError], int], ...] = (
    (errors.InputError, EXIT_INPUT),
    (errors.SettingsError, EXIT_STORE),
    (errors.CredentialsError, EXIT_KEY),
    (errors.StoreError, EXIT_STORE),
    (errors.NotAuthorised, EXIT_KEY),
    (errors.Forbidden, EXIT_KEY),
    (errors.Unreachable, EXIT_NETWORK),
    (errors.OutcomeUnknown, EXIT_NETWORK),
    (errors.Offline, EXIT_NETWORK),
    (errors.WireError, EXIT_SERVER),
)
_COLUMNS = ("name", "condition", "last_seen", "group", "model", "os_version", "serial", "id")
_ALL_COLUMNS = (
    "id", "name", "alias", "condition", "state", "last_seen", "group", "platform", "model", "brand", "manufacturer",
    "serial", "custom_serial", "imei1", "imei2", "os", "os_version", "security_patch", "agent_version", "is_gms",
    "tags", "blueprint", "policy", "template", "app_mode", "kiosk_app", "locked_down", "battery_level",
    "battery_charging", "storage_free", "storage_total", "ram_free", "ram_total", "wifi_ssid", "wifi_signal", "ip",
    "mac", "operator", "timezone", "latitude", "longitude", "registered_at", "updated_at",
)  # fmt: skip
_TIMES = {"last_seen", "registered_at", "created_at", "updated_at", "gone_at"}


def parser() -> argparse.ArgumentParser:
    """The command line as documented in the README."""
    top = argparse.ArgumentParser(
        prog="fleet-console",
        description="Fleet console for devices managed by Esper. Without a command it opens the window.",
        epilog="Exit codes: 0 done, 1 unexpected failure, 2 wrong input, 3 key missing or refused, 4 no network, "
        "5 the server said no, 6 the local copy or settings can't be used, 130 interrupted.",
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--profile", type=Path, metavar="DIR", help="where copy, ledger, settings and logs live")
    commands = top.add_subparsers(dest="command", required=True)
    sync = commands.add_parser("sync", parents=[common], help="bring the local copy up to date, print counts as JSON")
    sync.add_argument("--url", required=True, help="tenant name or address; the key comes from the system's key store "
                      f"or the variable {TOKEN_VARIABLE}")  # fmt: skip
    sync.add_argument("--ca", type=lambda text: Path(text).absolute(), metavar="FILE", help="PEM file with a company's own certificates, trusted "
                      "besides the system's; kept for this tenant")  # fmt: skip
    listing = commands.add_parser("list", parents=[common], help="print devices from the local copy")
    listing.add_argument("query", nargs="*", help="the same language as the window's filter box")
    listing.add_argument("--url", help="which tenant, when the profile has several")
    form = listing.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a line, all columns")
    form.add_argument("--csv", action="store_true", help="CSV with a header, all columns")
    listing.add_argument("--sort", default="name", help="column to sort by, with a leading minus to reverse")
    listing.add_argument("--limit", type=int, default=0, metavar="N", help="print at most N devices")
    commands.add_parser("sandbox", help="serve a simulated fleet on this machine", add_help=False)
    return top


def main(argv: Sequence[str]) -> int:
    """Runs one headless command; the result is the exit code."""
    if argv and argv[0] == "sandbox":
        from app.sandbox.server import main as serve

        return serve(list(argv[1:]))
    options = parser().parse_args(argv)
    try:
        return asyncio.run(_run(options))
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except errors.FleetError as error:
        sys.stderr.write(f"fleet-console: {_plain(_sentence(error))}\n")
        return next((code for kind, code in _EXITS if isinstance(error, kind)), EXIT_OTHER)
    except Exception as error:
        if os.environ.get("FLEET_CONSOLE_DEBUG"):
            sys.stderr.write(redact("".join(traceback.format_exception(error))))
        sys.stderr.write(
            _plain(redact(f"fleet-console: unexpected {type(error).__name__}: {error}")) + " [unexpected]\n"
        )
        return EXIT_OTHER


async def _run(options: argparse.Namespace) -> int:
    profile = Profile(options.profile)
    profile.prepare()
    settings = profile.load()
    if options.command == "sync":
        return await _sync(profile, settings, options.url, options.ca)
    return await _list(profile, settings, options)


async def _sync(profile: Profile, settings: Settings, url: str, ca_file: Path | None) -> int:
    tenant = _known(settings, tenant_from(url))
    if ca_file is not None:
        tenant.ca_file = str(ca_file)
    token = os.environ.get(TOKEN_VARIABLE) or await read_token(Credentials(), tenant.key)
    if not token:
        raise errors.NoSecretStore(f"no key for {tenant.name}: set {TOKEN_VARIABLE} or sign in with the window once")
    session = await Session.open(tenant, profile)
    try:
        await session.connect(token)
        report = await session.sync()
        _remember(profile, tenant)
    finally:
        await session.close()
    counts = {
        "tenant": tenant.name, "devices": report.devices, "groups": report.groups, "apps": report.apps,
        "versions": report.versions, "appeared": report.appeared, "changed": report.changed, "gone": report.gone,
        "requests": report.requests, "seconds": round(report.seconds, 3), "complete": report.complete,
        "doubt": report.doubt,
    }  # fmt: skip
    sys.stdout.write(json.dumps(counts) + "\n")
    return EXIT_OK


async def _list(profile: Profile, settings: Settings, options: argparse.Namespace) -> int:
    column, descending = options.sort.removeprefix("-"), options.sort.startswith("-")
    if column not in _ALL_COLUMNS:
        raise errors.InputError([errors.Problem("sort", f"choose one of {', '.join(_ALL_COLUMNS)}")])
    if options.limit < 0:
        raise errors.InputError([errors.Problem("limit", "must not be negative")])
    copy = profile.tenant_dir(_chosen(settings, options.url)) / "copy.db"
    if not copy.exists():
        raise errors.Offline(f"there is no copy yet in {profile.root}: run fleet-console sync first")
    text = " ".join(options.query)
    query = parse(text, now=time.time()) if text.strip() else None
    store = await Store.open(copy, read_only=True)
    try:
        rows = store.fleet.select(query, sort=((column, descending),)).tolist()
        if options.limit:
            rows = rows[: options.limit]
        names = _ALL_COLUMNS if options.json or options.csv else _COLUMNS
        table = [{n: _cell(n, store.fleet.value(n, row)) for n in names} for row in rows]
    finally:
        await store.close()
    sys.stdout.write(_lines(table, "json" if options.json else "csv" if options.csv else "text"))
    return EXIT_OK


def _known(settings: Settings, tenant: Tenant) -> Tenant:
    return next((t for t in settings.tenants if t.key == tenant.key), tenant)


def _remember(profile: Profile, tenant: Tenant) -> None:
    # Read again: a window on the same profile may have saved its own while this sync ran.
    settings = profile.load()
    kept = next((t for t in settings.tenants if t.key == tenant.key), None)
    if kept is not None and kept.ca_file == tenant.ca_file and settings.last_tenant == tenant.key:
        return
    if kept is None:
        settings.tenants.append(tenant)
    else:
        kept.ca_file = tenant.ca_file
    settings.last_tenant = tenant.key
    profile.save(settings)


def _chosen(settings: Settings, url: str | None) -> Tenant:
    if url:
        return _known(settings, tenant_from(url))
    keys = {t.key: t for t in settings.tenants}
    if settings.last_tenant in keys:
        return keys[settings.last_tenant]
    if len(settings.tenants) == 1:
        return settings.tenants[0]
    raise errors.InputError(
        [errors.Problem("url", "name the tenant with --url; none was synced into this profile yet")]
    )


def _cell(name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if name in _TIMES and isinstance(value, float):
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="seconds")
    return value


def _lines(table: list[dict[str, Any]], form: str) -> str:
    if form == "json":
        return "".join(json.dumps(row) + "\n" for row in table)
    if form == "csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(_ALL_COLUMNS)
        writer.writerows([_defused(v) for v in row.values()] for row in table)
        return out.getvalue()
    if not table:
        return ""
    cells = [list(_COLUMNS), *([_plain(_text(v)) for v in row.values()] for row in table)]
    widths = [min(40, max(len(row[i]) for row in cells)) for i in range(len(_COLUMNS))]
    return "".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() + "\n" for row in cells)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _plain(text: str) -> str:
    """Without control characters: a device name can't move the cursor or colour the terminal."""
    return "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)


def _defused(value: Any) -> str:
    """A spreadsheet must not run a formula from a device name; a negative number is no formula."""
    text = _text(value)
    if not isinstance(value, str | list):
        return text
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _sentence(error: errors.FleetError) -> str:
    """One line: what happened, and the code for scripts."""
    known = {
        errors.NotAuthorised: "the key was not accepted",
        errors.Unreachable: "the server can't be reached",
        errors.StoreBusy: "another fleet-console has this tenant's copy open",
    }
    text = next((t for kind, t in known.items() if isinstance(error, kind)), "")
    return " ".join(f"{text}: {error}".removeprefix(": ").split()) + f" [{error.code}]"
