"""Icons: one-colour SVGs, tinted with the tokens of the theme.

Invariant: a picture is drawn for the pixels it is shown on, so it is crisp at any scale; a state's icon differs in
shape, not in colour alone.
"""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QPushButton

from app.states import DeviceCondition, TargetState
from resources import path
from ui import theme

SIZES = (16, 20, 24)
SCALES = (1.0, 2.0)
# A push button sets its words two pixels off its icon; this much air, half on each side, makes it legible.
AIR = 6

STATE_ICONS: dict[str, str] = {
    DeviceCondition.ONLINE: "circle-dot",
    DeviceCondition.OFFLINE: "circle-off",
    DeviceCondition.ONBOARDING: "circle-arrow-down",
    DeviceCondition.APPLYING: "sliders-horizontal",
    DeviceCondition.WIPING: "eraser",
    DeviceCondition.DISABLED: "ban",
    DeviceCondition.UNKNOWN: "circle-question-mark",
    "gone": "ghost",
    TargetState.NOT_SENT: "circle-dashed",
    TargetState.SENDING: "send",
    TargetState.REFUSED: "octagon-x",
    TargetState.SUBMITTED: "inbox",
    TargetState.SCHEDULED: "calendar-clock",
    TargetState.QUEUED: "clock",
    TargetState.INITIATED: "circle-play",
    TargetState.ACKNOWLEDGED: "check",
    TargetState.IN_PROGRESS: "loader-circle",
    TargetState.SUCCESS: "circle-check",
    TargetState.FAILURE: "circle-x",
    TargetState.TIMEOUT: "clock-alert",
    TargetState.CANCELLED: "circle-slash",
}


def state_icon(state: str) -> str:
    """The icon name of a condition or target state; a state the contract does not list gets a question mark."""
    return STATE_ICONS.get(state, "circle-question-mark")


def icon(name: str, tone: str = "text") -> QIcon:
    """An icon in the colour of a token or state. Raises FileNotFoundError for a name that is not shipped.

    It keeps the colours of the theme it was made in: ask again after `theme.changed`, or use `bind`.
    """
    colours = theme.current()
    return _icon(name, colours.colour(tone), colours.text_disabled)


def pixmap(name: str, size: int, tone: str = "text", scale: float = 1.0) -> QPixmap:
    """One picture, `size` logical px square; `scale` is the device pixel ratio it is drawn for."""
    return _draw(name, size, theme.current().colour(tone), scale)


def bind(target: QAbstractButton | QAction, name: str, tone: str = "text") -> None:
    """Gives a button or action an icon that follows the theme for as long as the target lives."""
    for old in target.findChildren(_Binding, options=Qt.FindChildOption.FindDirectChildrenOnly):
        old.setParent(None)
        old.deleteLater()
    _Binding(target, name, tone)


class _Binding(QObject):
    def __init__(self, target: QAbstractButton | QAction, name: str, tone: str) -> None:
        super().__init__(target)
        self._target, self._name, self._tone = target, name, tone
        theme.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        if isinstance(self._target, QPushButton) and self._target.text():
            colours = theme.current()
            self._target.setIconSize(QSize(SIZES[0] + AIR, SIZES[0]))
            self._target.setIcon(_airy(self._name, colours.colour(self._tone), colours.text_disabled))
        else:
            self._target.setIcon(icon(self._name, self._tone))


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    result = QIcon()
    for size in SIZES:
        for scale in SCALES:
            result.addPixmap(_draw(name, size, colour, scale), QIcon.Mode.Normal)
            result.addPixmap(_draw(name, size, disabled, scale), QIcon.Mode.Disabled)
    return result


@lru_cache(maxsize=512)
def _airy(name: str, colour: str, disabled: str) -> QIcon:
    result = QIcon()
    for scale in SCALES:
        for tone, mode in ((colour, QIcon.Mode.Normal), (disabled, QIcon.Mode.Disabled)):
            wide = QPixmap(QSize(round((SIZES[0] + AIR) * scale), round(SIZES[0] * scale)))
            wide.fill(Qt.GlobalColor.transparent)
            wide.setDevicePixelRatio(scale)
            painter = QPainter(wide)
            painter.drawPixmap(AIR // 2, 0, _draw(name, SIZES[0], tone, scale))
            painter.end()
            result.addPixmap(wide, mode)
    return result


@lru_cache(maxsize=1024)
def _draw(name: str, size: int, colour: str, scale: float) -> QPixmap:
    picture = QPixmap(QSize(round(size * scale), round(size * scale)))
    picture.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, picture.width(), picture.height()))
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return path(f"icons/{name}.svg").read_text("utf-8")
