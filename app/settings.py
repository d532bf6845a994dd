"""Settings: typed, versioned, one JSON file per profile, written atomically. No secrets.

Invariant: an unreadable or newer file is never overwritten; it is set aside and said.
"""

import hashlib
import os
import re
import shutil
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import platformdirs

from app.errors import InputError, Problem, SettingsError

VERSION = 1
# No name or address a person types leads to this key: a real tenant may well be called demo.
DEMO_KEY = "_demo"
_HOST = re.compile(r"^([a-z0-9.-]*[a-z0-9][a-z0-9.-]*|[0-9a-f:.]+)$")
_TENANT_NAME = re.compile(r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")


class Tenant(msgspec.Struct, kw_only=True):
    """One place to connect to. `key` names its files and its secret; `url` ends in /api.

    `ca_file` is a PEM file with a company's own certificates, trusted besides the system's; empty where there is none.
    """

    key: str
    name: str
    url: str
    enterprise_id: str = ""
    enterprise_name: str = ""
    colour: str = "#3b6fd4"
    production: bool = True
    ca_file: str = ""

    @property
    def authorities(self) -> Path | None:
        """The company's certificates, as the client wants them."""
        return Path(self.ca_file).expanduser() if self.ca_file else None


class Settings(msgspec.Struct, kw_only=True):
    """Everything remembered for the user. Window layout lives per tenant in `views` as opaque JSON."""

    version: int = VERSION
    theme: Literal["system", "light", "dark"] = "system"
    density: Literal["comfortable", "compact"] = "comfortable"
    tenants: list[Tenant] = []
    last_tenant: str = ""
    demo_devices: int = 2000
    sync_minutes: float = 5.0
    keep_copy_without_keyring: bool = False
    views: dict[str, dict[str, Any]] = {}


class Profile:
    """The directory that holds settings, copies, ledgers and logs of one user. `--profile DIR` chooses it."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or Path(platformdirs.user_data_dir("fleet-console", appauthor=False))
        self.settings_file = self.root / "settings.json"
        self.log_dir = self.root / "logs"

    def prepare(self) -> None:
        """Makes the directory, readable by the user only. Raises SettingsError where that is not possible."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.log_dir.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise SettingsError(f"cannot use {self.root}: {error.strerror}") from error

    def tenant_dir(self, tenant: Tenant) -> Path:
        """Where the copy and the ledger of one tenant live, there or not."""
        return self.root / "tenants" / tenant.key

    def make_tenant_dir(self, tenant: Tenant) -> Path:
        """The same, made when missing. Raises SettingsError where that is not possible."""
        path = self.tenant_dir(tenant)
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise SettingsError(f"cannot use {path}: {error.strerror}") from error
        return path

    def forget(self, tenant_key: str) -> None:
        """Removes copy and ledger of one tenant. Blocks while the disk works."""
        shutil.rmtree(self.root / "tenants" / tenant_key, ignore_errors=True)

    def load(self) -> Settings:
        """The saved settings, or defaults where there is no file. Raises SettingsError on a damaged or newer file."""
        try:
            data = self.settings_file.read_bytes()
        except FileNotFoundError:
            return Settings()
        except OSError as error:
            raise SettingsError(f"cannot read {self.settings_file}: {error.strerror}") from error
        try:
            settings = msgspec.json.decode(data, type=Settings)
        except msgspec.MsgspecError as error:
            raise SettingsError(f"{self.settings_file} is damaged: {error}") from error
        if settings.version > VERSION:
            raise SettingsError(f"{self.settings_file} was written by a newer version")
        return settings

    def set_aside(self) -> Path:
        """Moves a damaged settings file out of the way and says where it went. Raises SettingsError."""
        n = 1
        while (target := self.settings_file.with_suffix(f".damaged-{n}.json")).exists():
            n += 1
        try:
            self.settings_file.rename(target)
        except OSError as error:
            raise SettingsError(f"cannot rename {self.settings_file}: {error.strerror}") from error
        return target

    def save(self, settings: Settings) -> None:
        """Writes whole or not at all. Raises SettingsError when the disk says no."""
        data = msgspec.json.format(msgspec.json.encode(settings), indent=2)
        temporary = self.settings_file.with_suffix(".new")
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.settings_file)
        except OSError as error:
            raise SettingsError(f"cannot write {self.settings_file}: {error.strerror}") from error


def tenant_from(text: str) -> Tenant:
    """The tenant behind what a person types: `acme`, `acme.esper.cloud`, `https://acme-api.esper.cloud/api`, or a URL.

    Raises InputError with field `tenant`. Plain http is accepted for this machine only.
    Source: server address in 003_5407087a91a72454.txt.
    """
    typed = text.strip()
    if not typed:
        raise InputError([Problem("tenant", "Type the tenant's name or its address.")])
    name = typed.lower()
    if "/" not in name and ":" not in name:
        name = name.removesuffix(".esper.cloud").removesuffix("-api")
        if not _TENANT_NAME.match(name):
            message = "A tenant name has letters, digits and hyphens only, such as acme."
            raise InputError([Problem("tenant", message)])
        return Tenant(key=name, name=name, url=f"https://{name}-api.esper.cloud/api")
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InputError([Problem("tenant", "This is not a web address.")]) from error
    local = host in {"127.0.0.1", "localhost", "::1"}
    if parts.scheme not in {"http", "https"} or not _HOST.match(host):
        raise InputError([Problem("tenant", "This is not a web address.")])
    if parts.scheme == "http" and not local:
        raise InputError([Problem("tenant", "Only https is safe for a key. Plain http works for this machine only.")])
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError([Problem("tenant", "Leave out user names, keys and anything after ? or #.")])
    if host.endswith(".esper.cloud") and host.count(".") == 2:
        return tenant_from(host)
    path = parts.path.rstrip("/")
    if not path.endswith("/api"):
        path += "/api"
    netloc = f"[{host}]" if ":" in host else host
    if port:
        netloc += f":{port}"
    url = f"{parts.scheme}://{netloc}{path}"
    # Files and keys go by this name: two addresses that look alike must never share them, nor one and a tenant's name.
    plain = re.sub(r"[^a-z0-9]+", "-", f"{host}-{port or ''}{path.removesuffix('/api')}".lower()).strip("-")
    key = f"{plain[:80]}.{hashlib.sha256(url.encode()).hexdigest()[:8]}"
    return Tenant(key=key, name=netloc, url=url, production=not local)
