"""Every action as one record; menus, shortcuts, tooltips and the shortcut sheet all read it.

Invariant: a disabled action says why, in its tooltip and status tip; no handler runs while its action is disabled.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from ui import icons


def _always() -> str:
    return ""


@dataclass(frozen=True)
class Action:
    """One thing the user can do. `why_not` gives the reason it can't be done now, or an empty text."""

    id: str
    text: str
    menu: str
    run: Callable[[], object]
    icon: str = ""
    keys: tuple[str, ...] = ()
    why_not: Callable[[], str] = field(default=_always)
    checked: Callable[[], bool] | None = None
    section: str = ""
    tone: str = "text"


class Actions:
    """The actions of one window. `refresh` brings enablement, reasons and ticks up to date."""

    def __init__(self, window: QMainWindow, menus: Iterable[str]) -> None:
        self._window = window
        self._records: dict[str, Action] = {}
        self._qt: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}
        self._sections: dict[str, str] = {}
        for title in menus:
            menu = window.menuBar().addMenu(title)
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(self.refresh)
            self._menus[title.replace("&", "")] = menu

    def add(self, records: Iterable[Action]) -> None:
        """Makes a QAction of each record, in its menu, with a separator between sections."""
        for record in records:
            action = QAction(record.text, self._window)
            action.setObjectName(record.id)
            if record.icon:
                icons.bind(action, record.icon, record.tone)
            if record.keys:
                action.setShortcuts([QKeySequence(key) for key in record.keys])
            action.setCheckable(record.checked is not None)
            action.triggered.connect(lambda _=False, r=record: self._run(r))
            menu = self._menus[record.menu]
            if self._sections.get(record.menu, record.section) != record.section:
                menu.addSeparator()
            self._sections[record.menu] = record.section
            menu.addAction(action)
            self._window.addAction(action)
            self._records[record.id] = record
            self._qt[record.id] = action
        self.refresh()

    def _run(self, record: Action) -> None:
        if not record.why_not():
            record.run()
        self.refresh()

    def refresh(self) -> None:
        """Asks every record whether it can run now, and shows the answer."""
        for id_, record in self._records.items():
            action, reason = self._qt[id_], record.why_not()
            action.setEnabled(not reason)
            keys = f" ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})" if record.keys else ""
            action.setToolTip(reason or record.text.replace("&", "").rstrip("…") + keys)
            action.setStatusTip(reason)
            if record.checked is not None:
                action.setChecked(record.checked())

    def qt(self, id_: str) -> QAction:
        """The QAction of a record, for context menus and buttons."""
        return self._qt[id_]

    def reason(self, id_: str) -> str:
        """Why it can't run now; empty when it can."""
        return self._records[id_].why_not()

    def trigger(self, id_: str) -> None:
        """Runs an action as if its menu entry was chosen."""
        self._run(self._records[id_])

    def menu(self, title: str) -> QMenu:
        """A menu of the menu bar by its plain title."""
        return self._menus[title]

    def shortcuts(self) -> list[tuple[str, str, str]]:
        """(menu, text, keys) of every action that has a shortcut, in menu order."""
        native = QKeySequence.SequenceFormat.NativeText
        return [
            (
                r.menu,
                r.text.replace("&", "").rstrip("…"),
                ", ".join(s.toString(native) for s in self._qt[i].shortcuts()),
            )
            for i, r in self._records.items()
            if r.keys
        ]
