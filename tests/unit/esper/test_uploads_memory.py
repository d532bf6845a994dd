"""What a large file costs in memory, there and back: a piece of it, never the whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the resource module is not on Windows")
SIZE = 300 * 2**20


def test_300_megabytes_there_and_back_take_a_few_megabytes_of_memory(tmp_path: Path) -> None:
    script = Path(__file__).with_name("transfer_memory.py")
    root = script.parents[3]
    run = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        capture_output=True, text=True, timeout=60, check=True, env={"PYTHONPATH": str(root)},
    )  # fmt: skip
    (tmp_path / "back").unlink()
    cost = json.loads(run.stdout)
    assert (cost["sent"], cost["got"], cost["landed"], cost["monotone"]) == (SIZE, SIZE, SIZE, True)
    assert cost["peak_mb"] < 8
    # Elsewhere the system counts in other units.
    assert sys.platform != "linux" or cost["grown_mb"] < 40
