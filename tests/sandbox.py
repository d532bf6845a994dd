"""The real sandbox as a separate process, for tests that want a server on a real socket."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Sandbox:
    """What a running sandbox said of itself."""

    url: str
    token: str
    enterprise_id: str
    port: int


@contextmanager
def running(devices: int = 200, *options: str) -> Iterator[Sandbox]:
    """A sandbox that ends with the block, whatever happens in it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app.sandbox", "--exit-with-parent", "--quiet", "--devices", str(devices), *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Sandbox(**json.loads(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()
