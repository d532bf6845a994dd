"""Paints the rows of the device table.

Invariant: only what is exposed is painted, a text is laid out once, and nothing is said by colour alone.
"""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPen, QStaticText

from ui import icons, theme
from ui.models import paths
from ui.models.columns import Column
from ui.models.devices import DeviceRows

PAD = 8
ICON = 14
CHIP = 18
BAR = 24
CACHED_TEXTS = 20_000
_ELIDE = {"right": Qt.TextElideMode.ElideRight, "middle": Qt.TextElideMode.ElideMiddle}
BODY, STRONG, TABULAR, MONO, SMALL = range(5)

Laid = tuple[QStaticText, float, bool]


class RowPainter:
    """Draws cells. One per table; `restyle` after the theme or the density changed."""

    def __init__(self, model: DeviceRows) -> None:
        self._model = model
        self._texts: dict[tuple[str, int, int, str], Laid] = {}
        self.restyle()

    def restyle(self) -> None:
        """Takes fonts and colours from the theme anew."""
        compact = theme.density() == "compact"
        size = 12 if compact else 13
        self.fonts = [
            theme.ui_font(size),
            theme.ui_font(size, QFont.Weight.Medium),
            theme.ui_font(size, tabular=True),
            theme.mono_font(size - 1),
            theme.ui_font(11, QFont.Weight.Medium),
        ]
        self.metrics = [QFontMetrics(font) for font in self.fonts]
        self._texts.clear()
        self.colours = theme.current()
        self._pens = {name: QPen(QColor(self.colours.colour(name))) for name in ("text", "text_muted", "text_faint")}
        self._pens |= {state: QPen(QColor(colour)) for state, colour in self.colours.states.items()}

    def font_of(self, column: Column, place: int) -> int:
        """Which font a cell of a column is set in; `place` 0 is the column that names the row."""
        if place == 0:
            return STRONG
        if column.mono:
            return MONO
        return TABULAR if column.align == "right" or column.ages else BODY

    def natural_width(self, row: int, place: int) -> int:
        """The width in px that a cell would like to have, padding included."""
        column, fleet = self._model.columns[place], self._model.fleet
        if column.look == "tags":
            tags = fleet.value("tags", row)
            small = self.metrics[SMALL]
            return 2 * PAD + sum(small.horizontalAdvance(tag) + 16 for tag in (tags if isinstance(tags, tuple) else ()))
        extra = {"state": ICON + 6, "battery": BAR + 20}.get(column.look, 0)
        metrics = self.metrics[self.font_of(column, place)]
        return metrics.horizontalAdvance(self._model.text(row, place)) + 2 * PAD + extra + 2

    def cell(self, painter: QPainter, row: int, place: int, rect: QRect, *, selected: bool) -> None:
        """One cell; the painter is clipped to the column."""
        model = self._model
        column = model.columns[place]
        live = bool(model.fleet.live[row])
        if column.look == "tags":
            if live:
                self._tags(painter, row, rect, selected=selected)
            return
        words = model.text(row, place)
        if not words:
            return
        tone = "text" if place == 0 else "text_muted"
        left, right = rect.left() + PAD, rect.right() - PAD
        if column.look == "state":
            tone = str(model.fleet.value("condition", row)) if live else "gone"
            picture = icons.pixmap(icons.state_icon(tone), ICON, tone, painter.device().devicePixelRatioF())
            painter.drawPixmap(left, rect.top() + (rect.height() - ICON) // 2, picture)
            left += ICON + 6
        elif column.look == "battery" and live:
            self._battery(painter, row, rect)
            left += BAR + 14
        if not live and column.look != "state":
            tone = "text_faint"
        font = self.font_of(column, place)
        laid, width, _ = self.laid(words, font, right - left + 1, column.elide)
        x = right - width + 1 if column.align == "right" else left
        painter.setFont(self.fonts[font])
        painter.setPen(self._pens.get(tone, self._pens["text_muted"]))
        painter.drawStaticText(QPointF(x, rect.top() + (rect.height() - self.metrics[font].height()) // 2), laid)
        if place == 0 and not live:
            painter.fillRect(QRectF(x, rect.center().y() + 1, width, 1), painter.pen().color())

    def laid(self, words: str, font: int, room: int, elide: str) -> Laid:
        """The text laid out for `room` px: what to draw, its width, and whether something had to be left out."""
        key = (words, font, room, elide)
        known = self._texts.get(key)
        if known is None:
            if len(self._texts) >= CACHED_TEXTS:
                self._texts.clear()
            metrics = self.metrics[font]
            cut = metrics.horizontalAdvance(words) > room
            shown = _cut(words, metrics, room, elide) if cut else words
            laid = QStaticText(shown)
            laid.setTextFormat(Qt.TextFormat.PlainText)
            laid.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            laid.prepare(font=self.fonts[font])
            known = self._texts[key] = (laid, laid.size().width(), cut)
        return known

    def tags_shown(self, row: int, room: int) -> tuple[list[str], int]:
        """The tags of a device that fit into `room` px, and how many more there are."""
        tags = self._model.fleet.value("tags", row)
        if not isinstance(tags, tuple):
            return [], 0
        small, used, shown = self.metrics[SMALL], 0, list[str]()
        for n, tag in enumerate(tags):
            used += small.horizontalAdvance(tag) + 16
            more = small.horizontalAdvance(f"+{len(tags) - n - 1}") + 16 if n + 1 < len(tags) else 4
            if used + more - 4 > room and shown:
                break
            shown.append(tag)
            if used > room:
                break
        return shown, len(tags) - len(shown)

    def _tags(self, painter: QPainter, row: int, rect: QRect, *, selected: bool) -> None:
        room = rect.width() - 2 * PAD
        shown, more = self.tags_shown(row, room)
        x, y = rect.left() + PAD, rect.top() + (rect.height() - CHIP) // 2
        ground = QBrush(QColor(self.colours.surface_raised if selected else self.colours.surface_sunken))
        rest = 16 + self.metrics[SMALL].horizontalAdvance(f"+{more}") if more else 0
        painter.setFont(self.fonts[SMALL])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for tag in [*shown, f"+{more}"] if more else shown:
            space = max(24, rect.right() - PAD - x - 11 - (rest if tag is not shown[-1] or more else 0))
            if len(shown) > 1 or tag is not shown[0]:
                space = max(space, self.metrics[SMALL].horizontalAdvance(tag))
            laid, width, _ = self.laid(tag, SMALL, space, "right")
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(QRectF(x, y, width + 12, CHIP), 4, 4)
            painter.setPen(self._pens["text_muted"])
            painter.drawStaticText(QPointF(x + 6, y + (CHIP - self.metrics[SMALL].height()) / 2), laid)
            x += int(width) + 16
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _battery(self, painter: QPainter, row: int, rect: QRect) -> None:
        level = self._model.fleet.value("battery_level", row)
        part = min(max(float(level), 0.0), 100.0) / 100 if isinstance(level, int | float) else 0.0
        charging = self._model.fleet.value("battery_charging", row) is True
        name = "success" if charging or part > 0.3 else "warning" if part > 0.15 else "danger"
        frame = QRectF(rect.left() + PAD + 0.5, rect.center().y() - 4 + 0.5, BAR - 3, 9)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(QColor(self.colours.line_strong), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame, 2.5, 2.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(QColor(self.colours.colour(name))))
        inside = frame.adjusted(2, 2, -2, -2)
        inside.setWidth(max(1.5, inside.width() * part))
        painter.drawRoundedRect(inside, 1, 1)
        painter.setBrush(QBrush(QColor(self.colours.line_strong)))
        painter.drawRoundedRect(QRectF(frame.right() + 1, frame.center().y() - 2, 2, 4), 1, 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if charging:
            bolt = icons.pixmap("zap", 10, "success", painter.device().devicePixelRatioF())
            painter.drawPixmap(rect.left() + PAD + BAR + 2, rect.center().y() - 4, bolt)


def _cut(words: str, metrics: QFontMetrics, room: int, elide: str) -> str:
    return paths.shorten(words, metrics, room) if elide == "path" else metrics.elidedText(words, _ELIDE[elide], room)
