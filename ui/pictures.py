"""Pictures of the window with the dialogs above it, in one or both themes.

Invariant: what is saved is what the widgets draw; nothing is retouched.
"""

from pathlib import Path

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenu

from ui import theme


def take(window: QMainWindow) -> QPixmap:
    """The window and the dialogs and menus that are open on it, as one picture."""
    picture = window.grab()
    above = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog | QMenu) and w.isVisible()]
    if not above:
        return picture
    painter = QPainter(picture)
    for widget in above:
        if isinstance(widget, QDialog):
            painter.fillRect(window.rect(), QColor(0, 0, 0, 70))
        place = QRect(window.mapFromGlobal(widget.mapToGlobal(widget.rect().topLeft())), widget.size())
        if not window.rect().contains(place):
            place.moveCenter(window.rect().center())
        painter.drawPixmap(place.topLeft(), widget.grab())
        painter.setPen(QColor(theme.current().line_strong))
        painter.drawRect(place.adjusted(-1, -1, 0, 0))
    painter.end()
    return picture


def save(picture: QPixmap, path: Path) -> None:
    """Writes a PNG. Raises OSError where that fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    smooth = picture.toImage()
    smooth.setDevicePixelRatio(1)
    if not smooth.save(str(path), "PNG"):  # type: ignore[call-overload]
        raise OSError(f"cannot write {path}")
