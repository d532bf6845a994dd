"""The main window: docks, status bar, geometry. Short, because everything else is elsewhere.

Invariant: it shows one session or the welcome page; panels of a session that ended are gone, not reused.
"""

import base64
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.session import Session
from ui import theme
from ui.actions import Actions
from ui.notice import Notices
from ui.views.apps import AppsPanel
from ui.views.devices import DevicesPanel
from ui.views.dock_title import DockTitle
from ui.views.groups import GroupsPanel
from ui.views.inspector import Inspector
from ui.views.jobs import JobsPanel
from ui.views.status import Status
from ui.views.welcome import Welcome

MENUS = ("&Tenant", "&Fleet", "&Device", "&View", "&Help")
NOTICE_WIDTH = 420
# In px; they leave the table room for its first seven columns on a screen 1366 px wide.
LEFT, RIGHT, BOTTOM = 224, 312, 184


@dataclass
class Panels:
    """The panels of one session."""

    devices: DevicesPanel
    groups: GroupsPanel
    apps: AppsPanel
    inspector: Inspector
    jobs: JobsPanel
    status: Status


class MainWindow(QMainWindow):
    """`attach` fills it with a session, `detach` empties it. Closing it only asks: `close_wanted`."""

    close_wanted = Signal()

    def __init__(self, product: str) -> None:
        super().__init__()
        self._product = product
        self._may_close = False
        self.panels: Panels | None = None
        self.setWindowTitle(product)
        self.setDockNestingEnabled(True)
        self.setMinimumSize(QSize(960, 600))
        self.actions_ = Actions(self, MENUS)
        self.stripe = QFrame()
        self.stripe.setFixedHeight(3)
        self.stripe.setAccessibleName("Colour of the tenant")
        self.welcome = Welcome()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        self._centre = centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stripe)
        column.addWidget(self._stack, 1)
        self.setCentralWidget(centre)
        self.notices = Notices(centre)
        for watched in (centre, self.notices):
            watched.installEventFilter(self)
        self.docks = {
            name: self._dock(name, title, area)
            for name, title, area in (
                ("groups", "Groups", Qt.DockWidgetArea.LeftDockWidgetArea),
                ("apps", "Apps", Qt.DockWidgetArea.LeftDockWidgetArea),
                ("inspector", "Inspector", Qt.DockWidgetArea.RightDockWidgetArea),
                ("jobs", "Jobs", Qt.DockWidgetArea.BottomDockWidgetArea),
            )
        }
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self._show_docks(False)

    def _dock(self, name: str, title: str, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock-{name}")
        dock.setAccessibleName(title)
        dock.setTitleBarWidget(DockTitle(dock))
        self.addDockWidget(area, dock)
        return dock

    def attach(self, session: Session) -> Panels:
        """Shows a session. The one before must have been detached."""
        assert self.panels is None
        store, details, health, tasks, clock = (
            session.store, session.details, session.health, session.tasks, session.clock,
        )  # fmt: skip
        panels = Panels(
            DevicesPanel(store, health, tasks, clock),
            GroupsPanel(store),
            AppsPanel(store, details, health, tasks, clock),
            Inspector(store, details, health, tasks, clock),
            JobsPanel(session.jobs, tasks, self.notices, clock),
            Status(session.tenant, health, session.jobs, clock),
        )
        self.panels = panels
        self._stack.addWidget(panels.devices)
        self._stack.setCurrentWidget(panels.devices)
        for name in ("groups", "apps", "inspector", "jobs"):
            self._put(name, getattr(panels, name))
        self.statusBar().addWidget(panels.status, 1)
        self.statusBar().setSizeGripEnabled(False)
        self.stripe.setStyleSheet(f"background: {session.tenant.colour};")
        self.setWindowTitle(f"{session.tenant.name} · {self._product}")
        self._show_docks(True)
        return panels

    def detach(self) -> None:
        """Takes the panels down and shows the welcome page."""
        if self.panels is None:
            return
        panels, self.panels = self.panels, None
        self._stack.setCurrentWidget(self.welcome)
        self._stack.removeWidget(panels.devices)
        self.statusBar().removeWidget(panels.status)
        for name in ("groups", "apps", "inspector", "jobs"):
            self._put(name, QWidget())
        for widget in (panels.devices, panels.groups, panels.apps, panels.inspector, panels.jobs, panels.status):
            widget.setParent(None)
            widget.deleteLater()
        self.stripe.setStyleSheet("")
        self.setWindowTitle(self._product)
        self._show_docks(False)

    def _put(self, name: str, widget: QWidget) -> None:
        """Fills a dock; what was in it is gone, since a dock would keep it, hidden."""
        before = self.docks[name].widget()
        self.docks[name].setWidget(widget)
        if before is not None:
            before.setParent(None)
            before.deleteLater()

    def _show_docks(self, shown: bool) -> None:
        for dock in self.docks.values():
            dock.setVisible(shown)
        self.statusBar().setVisible(shown)

    def show_dock(self, name: str) -> None:
        """Brings a dock to the front, hidden or not."""
        self.docks[name].show()
        self.docks[name].raise_()

    def layout_state(self) -> dict[str, Any]:
        """Docks, groups and the device table's columns of this tenant, as JSON for the settings."""
        state: dict[str, Any] = {"window": _text(self.saveState())}
        if self.panels is not None:
            state["devices"] = self.panels.devices.state()
            state["groups"] = self.panels.groups.state()
        return state

    def restore_layout(self, state: dict[str, Any]) -> None:
        """Brings back what `layout_state` gave; without it the default arrangement."""
        if self.panels is None:
            return
        if not ("window" in state and self.restoreState(_bytes(state["window"]))):
            self.default_layout()
        for panel, name in ((self.panels.devices, "devices"), (self.panels.groups, "groups")):
            if isinstance(kept := state.get(name), dict):
                panel.restore(kept)

    def place(self) -> dict[str, Any]:
        """Where the window is and how large, as JSON; the same for all tenants."""
        return {"geometry": _text(self.saveGeometry())}

    def restore_place(self, state: dict[str, Any]) -> None:
        """Puts the window where it was; somewhere sensible the first time."""
        if not ("geometry" in state and self.restoreGeometry(_bytes(state["geometry"]))):
            self.resize(QSize(1366, 768))

    def default_layout(self) -> None:
        """Groups and apps left, inspector right, jobs at the bottom, sized for 1366x768."""
        left, right, bottom = (
            Qt.DockWidgetArea.LeftDockWidgetArea,
            Qt.DockWidgetArea.RightDockWidgetArea,
            Qt.DockWidgetArea.BottomDockWidgetArea,
        )
        for name, area in (("groups", left), ("apps", left), ("inspector", right), ("jobs", bottom)):
            dock = self.docks[name]
            dock.setFloating(False)
            self.addDockWidget(area, dock)
            dock.show()
        self.tabifyDockWidget(self.docks["groups"], self.docks["apps"])
        self.docks["groups"].raise_()
        horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self.resizeDocks([self.docks["groups"], self.docks["inspector"]], [LEFT, RIGHT], horizontal)
        self.resizeDocks([self.docks["jobs"]], [BOTTOM], vertical)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.Resize, QEvent.Type.LayoutRequest}:
            self.place_notices()
        return super().eventFilter(watched, event)

    def place_notices(self) -> None:
        """Keeps the notices in the lower right corner, above the table and beside what can be pressed."""
        centre, margin = self._centre.rect(), theme.space(3)
        width = min(NOTICE_WIDTH, centre.width() - 2 * margin)
        below = margin + (self.panels.devices.strip.height() if self.panels is not None else 0)
        layout = self.notices.layout()
        assert layout is not None
        height = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
        height = min(height, centre.height() - below - margin)
        self.notices.setGeometry(
            QRect(centre.right() - width - margin, centre.bottom() - height - below, width, height)
        )
        self.notices.raise_()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
            return
        event.ignore()
        self.close_wanted.emit()

    def finish(self) -> None:
        """Closes for good, after the session has ended."""
        self._may_close = True
        self.close()


def _text(data: QByteArray) -> str:
    return base64.b64encode(bytes(data.data())).decode("ascii")


def _bytes(text: object) -> QByteArray:
    """What `_text` wrote; nothing where it is damaged, which Qt then refuses to restore."""
    try:
        return QByteArray(base64.b64decode(str(text), validate=True))
    except ValueError:
        return QByteArray()
