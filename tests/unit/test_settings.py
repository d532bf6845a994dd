"""What a person types as a tenant, and the settings file."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputError, SettingsError
from app.settings import DEMO_KEY, VERSION, Profile, Settings, tenant_from


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("acme", "https://acme-api.esper.cloud/api"),
        ("  Acme ", "https://acme-api.esper.cloud/api"),
        ("acme.esper.cloud", "https://acme-api.esper.cloud/api"),
        ("acme-api.esper.cloud", "https://acme-api.esper.cloud/api"),
        ("https://acme.esper.cloud/devices", "https://acme-api.esper.cloud/api"),
        ("https://acme-api.esper.cloud/api/", "https://acme-api.esper.cloud/api"),
        ("http://127.0.0.1:8787/api", "http://127.0.0.1:8787/api"),
        ("http://localhost:8787", "http://localhost:8787/api"),
        ("https://fleet.example.com", "https://fleet.example.com/api"),
    ],
)
def test_what_people_paste_leads_to_the_api_address(typed: str, url: str) -> None:
    assert tenant_from(typed).url == url


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "a b",
        "http://fleet.example.com",
        "ftp://x",
        "https://u:p@x/api",
        "https://x/api?token=1",
        "-x",
        "https://",
    ],
)
def test_what_is_no_safe_address_is_refused_at_the_field(typed: str) -> None:
    with pytest.raises(InputError) as caught:
        tenant_from(typed)
    assert [p.field for p in caught.value.problems] == ["tenant"]


@given(st.text(max_size=60))
def test_any_text_gives_an_address_with_https_or_a_named_error(typed: str) -> None:
    try:
        tenant = tenant_from(typed)
    except InputError:
        return
    except ValueError as error:
        raise AssertionError(typed) from error
    assert tenant.url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]"))
    assert tenant.url.endswith("/api")
    assert tenant.key


def test_no_two_addresses_share_a_copy_a_ledger_or_a_key() -> None:
    alike = [
        "example-com", "https://example.com", "https://example-com", "https://example.com:443", "https://example.com/x",
        "https://example.com/x-y", "https://example.com/x/y", "http://127.0.0.1:80", "https://127.0.0.1:80", "demo",
    ]  # fmt: skip
    tenants = [tenant_from(typed) for typed in alike]
    assert len({t.key for t in tenants}) == len({t.url for t in tenants}) == len(alike)
    assert DEMO_KEY not in {t.key for t in tenants}


def test_a_profile_that_can_not_be_used_is_a_settings_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError):
        Profile(tmp_path / "file").prepare()
    profile = Profile(tmp_path)
    (tmp_path / "tenants").write_text("")
    with pytest.raises(SettingsError):
        profile.make_tenant_dir(tenant_from("acme"))


def test_settings_survive_a_round_trip(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "p")
    profile.prepare()
    settings = Settings(theme="dark", tenants=[tenant_from("acme")], last_tenant="acme", views={"acme": {"w": 3}})
    profile.save(settings)
    assert profile.load() == settings
    assert (tmp_path / "p").stat().st_mode & 0o077 == 0


def test_a_missing_file_means_defaults(tmp_path: Path) -> None:
    assert Profile(tmp_path).load() == Settings()


def test_a_damaged_file_is_named_and_kept_when_set_aside(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    profile.settings_file.write_bytes(b'{"theme": "pink"')
    with pytest.raises(SettingsError, match="damaged"):
        profile.load()
    kept = profile.set_aside()
    assert kept.read_bytes() == b'{"theme": "pink"'
    assert profile.load() == Settings()


def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    data = msgspec.json.encode(Settings(version=VERSION + 1))
    profile.settings_file.write_bytes(data)
    with pytest.raises(SettingsError, match="newer"):
        profile.load()
    assert profile.settings_file.read_bytes() == data
