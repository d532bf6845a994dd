"""The floors: what the same work costs without the console."""

import asyncio
import subprocess
import sys
import time

import httpx

from tests.sandbox import Sandbox

EMPTY_WINDOW = """
import time; began = time.perf_counter()
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([]); window = QMainWindow(); window.resize(1366, 768); window.show()
def done():
    import resource
    print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    app.quit()
QTimer.singleShot(0, lambda: QTimer.singleShot(0, done)); app.exec()
"""


def empty_window() -> tuple[float, float]:
    """Seconds from the first line of Python to a painted empty QMainWindow, and its peak memory in MB."""
    done = subprocess.run([sys.executable, "-c", EMPTY_WINDOW], capture_output=True, text=True, check=True)
    seconds, memory = done.stdout.split()
    return float(seconds), int(memory) / 1024


def bare_sweep(sandbox: Sandbox, devices: int, limit: int = 1000, at_once: int = 6) -> float:
    """Seconds that httpx needs to read the bytes of all device pages, with the console's concurrency."""

    async def main() -> float:
        headers = {"Authorization": f"Bearer {sandbox.token}"}
        gate = asyncio.Semaphore(at_once)
        async with httpx.AsyncClient(headers=headers, timeout=60) as client:

            async def page(offset: int) -> None:
                async with gate:
                    answer = await client.get(f"{sandbox.url}/v2/devices/", params={"limit": limit, "offset": offset})
                    answer.raise_for_status()

            await page(0)
            began = time.perf_counter()
            await asyncio.gather(*(page(offset) for offset in range(0, devices, limit)))
            return time.perf_counter() - began

    return asyncio.run(main())
