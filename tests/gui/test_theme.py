"""Both themes: legible everywhere, whole, and changed without a restart."""

import json
import re
from dataclasses import fields

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.states import DeviceCondition, TargetState
from resources import path
from ui import theme

GROUNDS = ("surface", "surface_raised", "surface_sunken", "surface_hover", "selection", "selection_inactive")
WORDS = ("text", "text_muted", "text_faint", "link", "danger", "warning", "success", "info")
# Words on a ground of their own: buttons, notices, tooltips, chips.
PAIRS = (
    *(("accent_text", ground) for ground in ("accent", "accent_hover", "accent_pressed")),
    *(("danger_text", ground) for ground in ("danger_fill", "danger_fill_hover", "danger_fill_pressed")),
    *(
        (word, f"{tone}_soft")
        for tone in ("danger", "warning", "success", "info")
        for word in ("text", "text_muted", tone)
    ),
    ("text", "accent_soft"),
    ("text_muted", "accent_soft"),
    ("link", "accent_soft"),
    ("tooltip_text", "tooltip"),
)
MODES: tuple[theme.Mode, ...] = ("light", "dark")


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(autouse=True)
def back_to_light(qapp: QApplication) -> object:
    yield
    theme.apply(qapp, "light", "comfortable")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_word_and_state_reads_on_every_ground_with_aa_contrast(mode: theme.Mode, ground: str) -> None:
    tokens = theme.tokens(mode)
    words = {name: tokens.colour(name) for name in WORDS} | tokens.states
    poor = {
        n: round(contrast(c, tokens.colour(ground)), 2)
        for n, c in words.items()
        if contrast(c, tokens.colour(ground)) < 4.5
    }
    assert not poor


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("word", "ground"), PAIRS)
def test_words_on_buttons_notices_and_tips_have_aa_contrast(mode: theme.Mode, word: str, ground: str) -> None:
    tokens = theme.tokens(mode)
    assert contrast(tokens.colour(word), tokens.colour(ground)) >= 4.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("edge", ["line_strong", "focus", "accent"])
def test_edges_of_controls_and_the_focus_ring_stand_out_by_three_to_one(mode: theme.Mode, edge: str) -> None:
    tokens = theme.tokens(mode)
    assert all(
        contrast(tokens.colour(edge), tokens.colour(g)) >= 3 for g in ("surface", "surface_raised", "surface_sunken")
    )


@pytest.mark.parametrize("mode", MODES)
def test_a_theme_has_a_colour_for_every_token_and_every_state_and_nothing_else(mode: theme.Mode) -> None:
    raw = json.loads(path(f"theme/{mode}.json").read_text())
    assert set(raw) == {f.name for f in fields(theme.Tokens)}
    assert set(raw["states"]) == {*DeviceCondition, *TargetState, "gone"}
    colours = [v for k, v in raw.items() if k != "states"] + list(raw["states"].values())
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in colours)


@pytest.mark.parametrize("mode", MODES)
def test_the_drawn_indicators_use_only_colours_of_their_theme(mode: theme.Mode) -> None:
    tokens = theme.tokens(mode)
    known = {getattr(tokens, f.name) for f in fields(tokens) if f.name != "states"}
    for file in path(f"theme/{mode}").glob("*.svg"):
        assert set(re.findall(r"#[0-9a-f]{6}", file.read_text())) <= known, file.name


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("density", ["comfortable", "compact"])
def test_the_style_sheet_is_filled_in_and_every_picture_it_names_is_shipped(
    mode: theme.Mode, density: theme.Density
) -> None:
    sheet = theme.style_sheet(mode, density)
    assert "$" not in sheet
    named = re.findall(r"url\(([^)]+)\)", sheet)
    assert named
    assert all(path(f"theme/{mode}").joinpath(name.rsplit("/", 1)[1]).exists() for name in named)


def test_a_tone_nobody_knows_reads_like_muted_text() -> None:
    assert theme.tokens("light").colour("Command Teleported") == theme.tokens("light").text_muted


def test_changing_the_theme_changes_palette_and_tokens_and_says_so_afterwards(qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply(qapp, "light")
    seen: list[str] = []
    listener = QObject()
    listener.note = lambda: seen.append(qapp.palette().color(QPalette.ColorRole.Window).name())  # type: ignore[attr-defined]
    theme.changed.connect(listener.note)  # type: ignore[attr-defined]
    theme.apply(qapp, "dark")
    theme.changed.disconnect(listener.note)  # type: ignore[attr-defined]
    assert seen == [theme.tokens("dark").surface]
    assert theme.current() is theme.tokens("dark")


def test_system_without_an_opinion_is_light(qapp: QApplication) -> None:
    theme.apply(qapp, "system")
    assert theme.mode() == "light"


def test_rows_are_28_px_high_and_22_when_compact(qapp: QApplication) -> None:
    theme.apply(qapp, "light", "compact")
    assert (theme.row_height(), theme.row_height("comfortable"), theme.space(3)) == (22, 28, 12)


def test_the_shipped_faces_are_the_ones_in_use(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    assert {"Inter", "JetBrains Mono"} <= set(QFontDatabase.families())
    assert qapp.font().families()[0] == "Inter"


def test_a_control_keeps_its_height_when_it_gets_the_focus_or_becomes_invalid(qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply(qapp, "light")
    field = QLineEdit()
    qtbot.addWidget(field)
    field.ensurePolished()
    before = field.sizeHint().height()
    theme.mark(field, "invalid", True)
    assert field.sizeHint().height() == before == 28
    button = QPushButton("Send")
    qtbot.addWidget(button)
    button.ensurePolished()
    assert button.sizeHint().height() == before
