"""The catalogue against the seed's list and the contract's examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.commands import catalogue, fields
from app.commands.arguments import Argument
from app.commands.catalogue import COMMANDS, check
from app.states import Platform

# The list in 002_762415650b782e7a.txt, in its order.
SEED_LIST = """
ADD_TO_WHITELIST ADD_WIFI_AP APPLY_APP_CONFIG CLEAR_APP_DATA CONVERGE INSTALL INSTALL_CERTIFICATE LOCK REBOOT
REMOVE_FROM_WHITELIST REMOVE_WIFI_AP SET_APP_PERMISSION SET_APP_STATE SET_BLUETOOTH_STATE SET_BRIGHTNESS_SCALE
SET_DEVICE_LOCKDOWN_STATE SET_GPS_STATE SET_KIOSK_APP SET_MULTI_APP_MODE SET_NEW_POLICY SET_ROTATION_STATE
SET_SCREEN_OFF_TIMEOUT SET_STREAM_VOLUME SET_TIMEZONE SET_WIFI_STATE UNINSTALL UNINSTALL_CERTIFICATE
UPDATE_DEVICE_CONFIG UPDATE_HEARTBEAT UPDATE_LATEST_DPC WIPE RESET_LOCKSCREEN_PASSWORD UPDATE_BLUEPRINT NOTIFY_DEVICE
SET_DEVICE_LANGUAGE SET_ETHERNET_SETTINGS SET_STATIC_IP BEEP_DEVICE SET_APP_NOTIFICATIONS USE_ONLY_SAVED_WIFI_AP
DEVICE_INFORMATION VPP_APP_INSTALL APPLE_APP_UNINSTALL CLEAR_PASSCODE LIST_INSTALLED_PROFILES INSTALL_PROFILE
REMOVE_PROFILE RUN_SHELL_SCRIPT RUN_CUSTOM_ACTION COLLECT_LOGS
""".split()

# The keys of the sample body in 002_762415650b782e7a.txt.
SEED_ARGUMENTS = """
device_alias_name custom_settings_config app_version package_name policy_url wifi_access_points state message title url
app_state bluetooth_state brightness_value gps_state rotate_state screen_off_timeout stream volume_level
timezone_string wifi_state wifi_revert_timeout locale ethernet_auth_mode ethernet_ca_cert_alias
ethernet_client_cert_alias ethernet_eap_identity interface dhcp_enabled static_ip primary_dns subnet_mask secondary_dns
gateway duration video_quality enable_debug_mode app_id bundle_identifier managed_only profile_identifier profile
is_converge script interpreter execute_as cert_file_type cert_data_base64 cert_alias_name cert_storage_type
cert_password is_factory_reset
""".split()

UUID = "2f81b955-4a30-4b1b-a99f-b4016ba24854"
KIOSK = "com.example.kiosk"


def test_the_catalogue_is_the_seeds_list_no_more_and_no_less() -> None:
    assert list(COMMANDS) == SEED_LIST


def test_every_argument_of_the_seeds_sample_is_used_by_a_command_or_listed_as_unassigned() -> None:
    used = {a.name for c in COMMANDS.values() for a in c.arguments}
    assert {name for name in SEED_ARGUMENTS if name not in used} == set(fields.UNASSIGNED)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("REBOOT", {}),
        ("UPDATE_HEARTBEAT", {}),
        ("LOCK", {}),
        ("INSTALL", {"app_version": UUID}),
        ("UNINSTALL", {"package_name": KIOSK}),
        ("SET_BRIGHTNESS_SCALE", {"brightness_value": 1}),
        ("SET_BRIGHTNESS_SCALE", {"brightness_value": 100}),
        ("SET_APP_STATE", {"app_state": "LAUNCHABLE_BUT_HIDDEN", "package_name": KIOSK}),
        ("SET_KIOSK_APP", {"package_name": KIOSK}),
        ("SET_WIFI_STATE", {"wifi_state": False, "wifi_revert_timeout": 5}),
        ("WIPE", {}),
        ("WIPE", {"wipe_external_storage": True, "wipe_FRP": False}),
        ("SET_SCREEN_OFF_TIMEOUT", {"screen_off_timeout": -1}),
        ("REMOVE_WIFI_AP", {"wifi_access_points": ["Store-5G", "Guest"]}),
        ("RUN_CUSTOM_ACTION", {"anything": 1}),
    ],
)
def test_what_the_contract_calls_valid_is_accepted(name: str, args: dict[str, object]) -> None:
    assert check(name, args) == []


@pytest.mark.parametrize(
    ("name", "args", "field"),
    [
        ("REBOOT", {"package_name": KIOSK}, "package_name"),
        ("REBOOT", "now", "command_args"),
        ("CAPTURE_SCREENSHOT", {}, "command"),
        ("INSTALL", {}, "app_version"),
        ("INSTALL", {"app_version": "1.4.2"}, "app_version"),
        ("UNINSTALL", {"package_name": ""}, "package_name"),
        ("UNINSTALL", {"package_name": "kiosk"}, "package_name"),
        ("UNINSTALL", {"app_version": UUID}, "package_name"),
        ("SET_BRIGHTNESS_SCALE", {"brightness_value": 0}, "brightness_value"),
        ("SET_BRIGHTNESS_SCALE", {"brightness_value": 101}, "brightness_value"),
        ("SET_BRIGHTNESS_SCALE", {"brightness_value": "50"}, "brightness_value"),
        ("SET_BRIGHTNESS_SCALE", {"brightness_value": True}, "brightness_value"),
        ("SET_APP_STATE", {"app_state": "hide", "package_name": KIOSK}, "app_state"),
        ("SET_APP_STATE", {"app_state": "SHOW"}, "package_name"),
        ("SET_WIFI_STATE", {"wifi_state": "OFF"}, "wifi_state"),
        ("SET_WIFI_STATE", {"wifi_state": False, "wifi_revert_timeout": 0}, "wifi_revert_timeout"),
        ("WIPE", {"is_factory_reset": "true"}, "is_factory_reset"),
        ("WIPE", {"wipe_external_storage": 1}, "wipe_external_storage"),
        ("SET_SCREEN_OFF_TIMEOUT", {"screen_off_timeout": 4999}, "screen_off_timeout"),
        ("REMOVE_WIFI_AP", {"wifi_access_points": []}, "wifi_access_points"),
        ("SET_ETHERNET_SETTINGS", {"ethernet_auth_mode": "EAP_TLS"}, "ethernet_ca_cert_alias"),
        ("UPDATE_DEVICE_CONFIG", {}, ""),
        ("RUN_CUSTOM_ACTION", {}, ""),
    ],
)
def test_what_the_contract_calls_invalid_is_refused_at_the_right_field(name: str, args: object, field: str) -> None:
    assert field in [p.field for p in check(name, args)]


def test_a_wipe_of_windows_devices_needs_the_factory_reset_choice_and_others_do_not() -> None:
    assert [p.field for p in check("WIPE", {}, {Platform.WINDOWS})] == ["is_factory_reset"]
    assert check("WIPE", {"is_factory_reset": True}, {Platform.WINDOWS}) == []
    assert check("WIPE", {}, {Platform.ANDROID}) == []


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_arguments = st.sampled_from([a for c in COMMANDS.values() for a in c.arguments])


@given(_arguments, _json)
def test_any_json_value_is_judged_without_an_exception(argument: Argument, value: object) -> None:
    verdict = argument.problem(value)
    assert verdict is None or verdict.endswith(".")


@given(st.sampled_from(SEED_LIST), st.dictionaries(st.text(max_size=8), _json, max_size=3))
def test_unknown_arguments_are_always_named(name: str, args: dict[str, object]) -> None:
    known = {a.name for a in COMMANDS[name].arguments}
    named = {p.field for p in check(name, args)}
    if not COMMANDS[name].open_arguments:
        assert {k for k in args if k not in known} <= named


def test_every_command_says_what_it_does_and_no_title_stands_twice() -> None:
    titles = [c.title for c in catalogue.COMMANDS.values()]
    assert len(set(titles)) == len(titles)
    assert all(c.description.endswith(".") for c in COMMANDS.values())
