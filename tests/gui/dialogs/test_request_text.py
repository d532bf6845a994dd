"""The request as text: complete, runnable, and without any secret."""

import json
import shlex

from ui.dialogs.request_text import as_curl, as_json

URL = "https://acme-api.esper.cloud/api"


def test_the_json_is_the_body_that_will_be_sent() -> None:
    body = json.loads(as_json("SET_BRIGHTNESS_SCALE", {"brightness_value": 40}, ["a", "b"]))
    assert body["command"] == "SET_BRIGHTNESS_SCALE"
    assert body["command_args"] == {"brightness_value": 40}
    assert body["devices"] == ["a", "b"]
    assert body["device_type"] == "all"


def test_secret_arguments_are_hidden_by_the_catalogues_word() -> None:
    shown = as_json("RESET_LOCKSCREEN_PASSWORD", {"new_lockscreen_password": "tiger-7"}, ["a"])
    assert "tiger-7" not in shown
    assert "•••" in shown


def test_the_key_is_a_variable_and_the_address_the_tenants() -> None:
    words = shlex.split(as_curl(URL, "REBOOT", {}, ["a"]).replace("\\\n", " "))
    assert words[:4] == ["curl", "-X", "POST", f"{URL}/commands/v0/commands/"]
    assert "Authorization: Bearer $FLEET_CONSOLE_TOKEN" in words


def test_a_quote_in_an_argument_can_not_break_out_of_the_shell_command() -> None:
    message = "it's; rm -rf $HOME"
    words = shlex.split(as_curl(URL, "NOTIFY_DEVICE", {"title": "t", "message": message}, ["a"]).replace("\\\n", " "))
    assert json.loads(words[words.index("--data") + 1])["command_args"]["message"] == message
