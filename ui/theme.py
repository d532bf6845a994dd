"""Colours, sizes, fonts and the style sheet, in a light and a dark theme.

Invariant: every colour on the screen is a token of `resources/theme`, so both themes change in one place, and a window
never has to be restarted: `changed` is emitted after everything has the new look.
"""

import json
from dataclasses import dataclass, fields
from functools import cache
from string import Template
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from resources import path

Mode = Literal["light", "dark"]
Choice = Literal["system", "light", "dark"]
Density = Literal["comfortable", "compact"]

UI_FAMILIES = ("Inter", "Noto Sans", "Segoe UI", "DejaVu Sans")
MONO_FAMILIES = ("JetBrains Mono", "DejaVu Sans Mono", "Consolas", "monospace")
# The one type scale, in px. 13 is the body, 12 the dense body and hints, 11 headers of tables and badges.
TYPE_SCALE = (11, 12, 13, 15, 18, 22)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme as `#rrggbb`. `states` maps every condition and target state, and `gone`, to one."""

    surface: str
    surface_raised: str
    surface_sunken: str
    surface_hover: str
    line: str
    line_strong: str
    text: str
    text_muted: str
    text_faint: str
    text_disabled: str
    accent: str
    accent_hover: str
    accent_pressed: str
    accent_text: str
    accent_soft: str
    link: str
    selection: str
    selection_inactive: str
    focus: str
    danger: str
    danger_fill: str
    danger_fill_hover: str
    danger_fill_pressed: str
    danger_text: str
    danger_soft: str
    warning: str
    warning_soft: str
    success: str
    success_soft: str
    info: str
    info_soft: str
    tooltip: str
    tooltip_text: str
    scrollbar: str
    scrollbar_hover: str
    track: str
    states: dict[str, str]

    def colour(self, tone: str) -> str:
        """The colour behind a token name or a state; a tone nobody knows reads like ordinary muted text."""
        if tone in self.states:
            return self.states[tone]
        value = getattr(self, tone, None)
        return value if isinstance(value, str) else self.text_muted


class _Theme(QObject):
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.choice: Choice = "system"
        self.mode: Mode = "light"
        self.density: Density = "comfortable"
        self.follows: QApplication | None = None


_theme = _Theme()
changed = _theme.changed


@cache
def tokens(mode: Mode) -> Tokens:
    """The colours of one theme. Source: `resources/theme/{mode}.json`."""
    return Tokens(**json.loads(path(f"theme/{mode}.json").read_text("utf-8")))


def current() -> Tokens:
    """The colours now on the screen."""
    return tokens(_theme.mode)


def mode() -> Mode:
    return _theme.mode


def density() -> Density:
    return _theme.density


def space(n: float) -> int:
    """`n` steps of the spacing scale in px; a step is 4."""
    return round(4 * n)


def row_height(density: Density | None = None) -> int:
    """Height of a table or tree row in px: 28 comfortable, 22 compact; without a density that of the screen."""
    return 22 if (density or _theme.density) == "compact" else 28


def ui_font(size: int = 13, weight: QFont.Weight = QFont.Weight.Normal, *, tabular: bool = False) -> QFont:
    """The face of the interface. `size` in px; `tabular` gives all digits one width."""
    font = QFont(list(UI_FAMILIES))
    font.setPixelSize(size)
    font.setWeight(weight)
    if tabular:
        font.setFeature(QFont.Tag("tnum"), 1)
    return font


def mono_font(size: int = 12) -> QFont:
    """The face of ids, addresses and JSON. `size` in px."""
    font = QFont(list(MONO_FAMILIES))
    font.setPixelSize(size)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    return font


def apply(app: QApplication, choice: Choice = "system", density: Density = "comfortable") -> None:
    """Gives the whole application its look and says so through `changed`. May be called again at any time."""
    _load_fonts()
    _theme.choice, _theme.density = choice, density
    if _theme.follows is not app:
        _theme.follows = app
        app.setStyle(QStyleFactory.create("Fusion"))
        app.styleHints().colorSchemeChanged.connect(_follow_system)
    _dress(app)


def repolish(widget: QWidget) -> None:
    """Lets the style sheet look again at a widget whose dynamic property changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


def mark(widget: QWidget, name: str, value: object) -> None:
    """Sets a dynamic property that the style sheet knows, and repolishes only when it is a new value."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        repolish(widget)


@cache
def _load_fonts() -> None:
    for file in sorted(path("fonts").glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(file))


def _follow_system() -> None:
    if _theme.choice == "system" and _theme.follows is not None:
        _dress(_theme.follows)


def _dress(app: QApplication) -> None:
    if _theme.choice == "system":
        dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        _theme.mode = "dark" if dark else "light"
    else:
        _theme.mode = _theme.choice
    app.setFont(ui_font())
    app.setPalette(_palette(current()))
    app.setStyleSheet(style_sheet(_theme.mode, _theme.density))
    changed.emit()


def style_sheet(mode: Mode, density: Density) -> str:
    """The whole QSS of one look. Source: `resources/theme/style.qss`."""
    colours = tokens(mode)
    compact = density == "compact"
    values = {f.name: getattr(colours, f.name) for f in fields(colours) if f.name != "states"}
    values |= {
        "images": path(f"theme/{mode}").as_posix(),
        "ui": ", ".join(f'"{name}"' for name in UI_FAMILIES),
        "mono": ", ".join(f'"{name}"' for name in MONO_FAMILIES),
        "control": "22px" if compact else "26px",
        "control_spin": "18px" if compact else "22px",
        "control_focus": "20px" if compact else "24px",
        "item": f"{row_height(density)}px",
        "header": "23px" if compact else "27px",
    }
    return Template(path("theme/style.qss").read_text("utf-8")).substitute(values)


def _palette(colours: Tokens) -> QPalette:
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    for name, colour in {
        role.Window: colours.surface,
        role.WindowText: colours.text,
        role.Base: colours.surface_raised,
        role.AlternateBase: colours.surface,
        role.Text: colours.text,
        role.PlaceholderText: colours.text_faint,
        role.Button: colours.surface_raised,
        role.ButtonText: colours.text,
        role.BrightText: colours.danger,
        role.ToolTipBase: colours.tooltip,
        role.ToolTipText: colours.tooltip_text,
        role.Highlight: colours.selection,
        role.HighlightedText: colours.text,
        role.Accent: colours.accent,
        role.Link: colours.link,
        role.LinkVisited: colours.link,
        role.Light: colours.surface_raised,
        role.Midlight: colours.surface_hover,
        role.Mid: colours.line,
        role.Dark: colours.line_strong,
        role.Shadow: colours.line,
    }.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(group.Disabled, name, QColor(colours.text_disabled))
    palette.setColor(group.Disabled, role.Highlight, QColor(colours.surface_hover))
    return palette
