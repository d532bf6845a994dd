"""`python -m tests.bench [--sizes 2000 10000 100000] [--runs 3] [--out FILE]`: the budgets, measured on the sandbox."""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.floors import bare_sweep, empty_window
from tests.sandbox import running


def once(url: str, token: str, profile: str, which: str) -> dict[str, Any]:
    """One run of the window in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.window", url, token, profile, which]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def size(devices: int, runs: int) -> dict[str, Any]:
    """All figures at one size, medians over the runs, each beside its floor."""
    firsts, agains, floors, windows = [], [], [], []
    with running(devices, "--seed", "1") as sandbox:
        for _ in range(runs):
            with tempfile.TemporaryDirectory() as profile:
                windows.append(empty_window())
                floors.append(bare_sweep(sandbox, devices))
                firsts.append(once(sandbox.url, sandbox.token, profile, "first"))
                agains.append(once(sandbox.url, sandbox.token, profile, "again"))
    middle = runs // 2
    first = sorted(firsts, key=lambda r: r["sweep, s"])[middle]
    again = sorted(agains, key=lambda r: r["start to rows, s"])[middle]
    floor, (start, memory) = sorted(floors)[middle], sorted(windows)[middle]
    return {
        "devices": devices,
        "first sweep": first,
        "from the copy": again,
        "floors": {"bare httpx sweep, s": floor, "empty window, s": start, "empty window, MB": memory},
        "ratios": {
            "sweep to bare httpx": first["sweep, s"] / floor,
            "start to empty window": again["start to rows, s"] / start,
            "memory above empty window, MB": again["peak memory, MB"] - memory,
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measures the console on the sandbox.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[2000, 10_000, 100_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path, help="write the result as JSON")
    options = parser.parse_args()
    machine = {"python": platform.python_version(), "system": platform.platform(), "processor": platform.machine()}
    result = {"machine": machine, "sizes": [size(devices, options.runs) for devices in options.sizes]}
    text = json.dumps(result, indent=1)
    if options.out:
        options.out.write_text(text)
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
