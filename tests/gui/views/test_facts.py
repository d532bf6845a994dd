"""Facts of a device: what is said, what is left as not reported, and how it is copied."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ui.views.fact_list import FactList
from ui.views.facts import SECTIONS, Values

NOW = 1_790_000_000.0


def values(**told: Any) -> Values:
    return {"id": "d1", "name": "Scanner", "condition": "online", "state": 1, **told}.get


def shown(label: str, **told: Any) -> str:
    fact = next(f for section in SECTIONS for f in section.facts if f.label == label)
    return fact.show(values(**told), NOW)


@pytest.mark.parametrize(
    ("label", "told", "expected"),
    [
        ("Battery", {"battery_level": 46.0, "battery_charging": True}, "46%, charging"),
        ("Battery", {"battery_level": float("nan")}, ""),
        ("Storage", {"storage_free": 2048.0, "storage_total": 32768.0}, "2.0 GB free of 32.0 GB"),
        ("Storage", {"storage_free": None, "storage_total": 512.0}, "512 MB in total"),
        ("Wi-Fi", {"wifi_ssid": "Depot", "wifi_signal": -61.0}, "Depot (\N{MINUS SIGN}61 dBm)"),
        ("Wi-Fi", {"wifi_ssid": "", "wifi_signal": float("nan")}, ""),
        ("System", {"os": "Android", "os_version": "13"}, "Android 13"),
        ("Lockdown", {"locked_down": False}, "Not locked down"),
        ("Lockdown", {"locked_down": None}, ""),
        ("Latitude", {"latitude": -33.9}, "\N{MINUS SIGN}33.90000°"),
        ("State", {"condition": "applying", "state": 130}, "Applying (branding)"),
        ("State", {"condition": "unknown", "state": 75}, "Unknown (state 75)"),
        ("Tags", {"tags": ("kiosk", "north")}, "kiosk, north"),
    ],
)
def test_a_fact_is_written_in_words_and_an_unreported_one_is_empty(
    label: str, told: dict[str, Any], expected: str
) -> None:
    assert shown(label, **told) == expected


def test_markup_in_server_text_is_shown_letter_by_letter(qtbot: QtBot) -> None:
    facts = FactList(SECTIONS)
    qtbot.addWidget(facts)
    facts.show_values(values(model="<b>bold</b>"), NOW)
    row = next(r for r in facts.rows if r.fact.label == "Model")
    assert row.shown.textFormat() is Qt.TextFormat.PlainText
    assert row.shown.text() == "<b>bold</b>"
    assert "&lt;b&gt;" in row.toolTip()


def test_arrow_keys_choose_a_fact_and_ctrl_c_copies_its_value(qtbot: QtBot) -> None:
    facts = FactList(SECTIONS)
    qtbot.addWidget(facts)
    facts.show_values(values(last_seen=None), NOW)
    copied: list[str] = []
    facts.copied.connect(copied.append)
    facts.setFocus()
    qtbot.keyClick(facts, Qt.Key.Key_Down)
    while facts.rows[facts.current].fact.label != "Model":
        qtbot.keyClick(facts, Qt.Key.Key_Down)
    facts.show_values(values(model="TC52"), NOW)
    qtbot.keyClick(facts, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "TC52"
    assert copied == ["TC52"]


def test_the_copy_of_all_facts_names_the_device_and_leaves_out_what_is_not_reported(qtbot: QtBot) -> None:
    facts = FactList(SECTIONS)
    qtbot.addWidget(facts)
    facts.show_values(values(model="TC52", group="All devices / Store 12"), NOW)
    told = facts.as_text().splitlines()
    assert told[:2] == ["Name: Scanner", "Group: All devices / Store 12"]
    assert "Model: TC52" in told
    assert not any(line.startswith(("Brand", "Network")) for line in told)
