"""One run of the real window on a sandbox: a first sweep, then the same profile again from its copy.

`python -m tests.bench.window URL TOKEN PROFILE first|again` prints one JSON object.
"""

import time

BEGAN = time.perf_counter()

import asyncio  # noqa: E402
import json  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
from functools import partial  # noqa: E402
from pathlib import Path  # noqa: E402

from PySide6.QtCore import QTimer  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from app.settings import Profile, Settings, tenant_from  # noqa: E402
from ui import loop  # noqa: E402
from ui.console import Console  # noqa: E402
from ui.tour import SessionOnlyKeys  # noqa: E402
from ui.views.table import FleetTable  # noqa: E402

TICK = 5
WORDS = ("a", "atl", "atl-tab", "state:online", "state:offline battery:<50", 'group:"Retail"/* os:<11')
COLUMNS = ("name", "last_seen", "model", "battery_level", "group")


class Stalls:
    """The longest gaps of a 5 ms timer on the window's thread, in ms."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.gaps: list[float] = []
        self._timer = QTimer()
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000 - TICK)
        self._last = now

    def take(self) -> dict[str, float]:
        """Longest and 99th percentile since the last call."""
        gaps, self.gaps = sorted(self.gaps), []
        self._last = time.perf_counter()
        return {"longest": gaps[-1], "p99": gaps[int(len(gaps) * 0.99)]} if gaps else {}


def painted(console: Console, act: object) -> float:
    """Milliseconds of an action and the repaint of the table after it."""
    assert console.window.panels is not None
    viewport = console.window.panels.devices.table.viewport()
    began = time.perf_counter()
    act()  # type: ignore[operator]
    viewport.repaint()
    return (time.perf_counter() - began) * 1000


def sort_by(table: FleetTable, column: str, descending: bool) -> None:
    """What a click on a header does."""
    table.columns_header.set_sort(column, descending)
    table.sort_requested.emit(column, descending)


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


async def measure(app: QApplication, url: str, token: str, root: Path, again: bool) -> dict[str, object]:
    profile = Profile(root)
    profile.prepare()
    console = Console(app, profile, Settings(theme="light"), credentials=SessionOnlyKeys())
    console.window.resize(1366, 768)
    console.window.show()
    tenant = tenant_from(url)
    tenant.name = "bench"
    result: dict[str, object] = {}
    stalls = Stalls()
    await console.opening.open(tenant, "" if again else token)
    panels = console.window.panels
    assert panels is not None
    assert console.session is not None
    session = console.session
    if again:
        panels.devices.table.viewport().repaint()
        result["start to rows, s"] = time.perf_counter() - BEGAN
        result["rows"] = panels.devices.shown
    else:
        began, first = time.perf_counter(), 0.0
        while session.health.full_sync_at is None:
            await asyncio.sleep(0.002)
            if not first and panels.devices.shown:
                first = time.perf_counter() - began
        result |= {"sweep, s": time.perf_counter() - began, "first rows, s": first}
        result["requests"] = session.client.requests if session.client is not None else 0
        result["stall while sweeping, ms"] = stalls.take()
    await asyncio.sleep(0.3)
    stalls.take()
    table, devices = panels.devices.table, panels.devices
    keys = [painted(console, lambda word=word: devices.set_query(word)) for word in WORDS for _ in range(3)]
    devices.set_query("")
    ways = [(column, way) for column in COLUMNS for way in (True, False)]
    sorts = [painted(console, partial(sort_by, table, *way)) for way in ways]
    everything = painted(console, devices.selection.select_all)
    filtered = painted(console, lambda: devices.set_query("state:offline"))
    devices.set_query("")
    result |= {
        "key to painted rows, ms": {"median": median(keys), "worst": max(keys)},
        "sort, ms": {"median": median(sorts), "worst": max(sorts)},
        "select all, ms": everything,
        "filter with all selected, ms": filtered,
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    await console.quit()
    return result


def main() -> None:
    url, token, root, which = sys.argv[1:5]
    found: dict[str, object] = {}

    async def run(app: QApplication) -> int:
        found.update(await measure(app, url, token, Path(root), which == "again"))
        return 0

    loop.run(run)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
