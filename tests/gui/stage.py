"""Hands and eyes for the tests of the whole window: tenants, sweeps, notices, and what is left when something ended."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QScrollBar, QTabBar, QWidget

from app.session import Session
from app.settings import Tenant, tenant_from
from tests.sandbox import Sandbox
from ui import theme
from ui.console import Console
from ui.guide import Guide, until


class Stage(Guide):
    """One console under test."""

    def __init__(self, console: Console) -> None:
        super().__init__(console, Path(os.devnull), [])

    async def enter(self, sandbox: Sandbox, *, sync: bool = True) -> Tenant:
        """Opens the sandbox's fleet like a tenant that was signed in to; with `sync` waits for the whole fleet."""
        tenant = tenant_from(sandbox.url)
        known = [t for t in self.console.settings.tenants if t.key != tenant.key]
        self.console.settings.tenants = [*known, tenant]
        await self.console.opening.open(tenant, sandbox.token)
        if sync:
            await self.synced()
        return tenant

    async def synced(self) -> None:
        """Waits for the end of the first sweep and for the table to show it."""
        await until(lambda: self.session.health.full_sync_at is not None, "the sweep did not end")
        await until(lambda: self.panels.devices.shown == self.session.fleet.live_count > 0, "the table is not filled")

    async def opened(self) -> None:
        """Waits until nothing is being opened any more."""
        await until(lambda: not any("/open " in t.get_name() for t in asyncio.all_tasks()), "an opening did not end")

    async def settle(self) -> None:
        """Lets the loop run until what was to be deleted is gone."""
        for _ in range(3):
            await asyncio.sleep(0)
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    @property
    def said(self) -> list[str]:
        """The texts of the notices on the screen."""
        return [notice.text for notice in self.console.window.notices.shown]

    async def hears(self, words: str) -> None:
        """Waits for a notice with `words` in it."""
        await until(lambda: any(words in text for text in self.said), f"nobody said: {words}")


def listeners(session: Session) -> int:
    """How many listen to the parts of a session that outlive its panels."""
    parts = (session.health.changed, session.progress, session.pace, session.jobs.changed, session.tasks.failed)
    return sum(len(part._listeners) for part in parts) + len(session.store.changed._listeners)


def followers_of_theme() -> int:
    """How many slots follow the theme."""
    return theme._theme.receivers("2changed()")


def objects(root: QObject) -> int:
    """How many Qt objects live below `root`."""
    return len(root.findChildren(QObject))


def children_of(pid: int) -> set[int]:
    """The process ids of the direct children of a process."""
    return {child for child in (int(p.name) for p in Path("/proc").glob("[0-9]*")) if _stat(child)[1:2] == [str(pid)]}


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    return _stat(pid)[:1] not in ([], ["Z"], ["X"])


def _stat(pid: int) -> list[str]:
    """State, parent and more of a process; empty where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def sandboxes(pids: Sequence[int] | set[int]) -> set[int]:
    """Those of the processes that are sandboxes and run."""
    return {pid for pid in pids if alive(pid) and b"app.sandbox" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def inner(widget: QWidget) -> bool:
    """Parts that Qt makes inside a control: they speak through it."""
    parent = widget.parentWidget()
    return (
        isinstance(widget, QScrollBar)
        or (isinstance(widget, QTabBar) and not widget.accessibleName())
        or widget.objectName().startswith("qt_")
        or (isinstance(parent, QAbstractScrollArea) and widget is parent.viewport())
    )


def controls(root: QWidget) -> list[QWidget]:
    """Everything on the screen below `root` that the Tab key should reach."""
    tab = Qt.FocusPolicy.TabFocus
    found = [w for w in root.findChildren(QWidget) if w.focusPolicy() & tab and w.isVisible() and w.isEnabled()]
    return [w for w in found if w.window() is root.window() and not inner(w)]
