"""The state file: what differs from the seeded fleet, kept from one run to the next.

Invariant: the file is replaced as a whole or not at all, and one that is damaged is never taken. It holds no keys, no
secret arguments and no file contents; what devices were doing when the sandbox stopped goes on from there.
"""

import logging
import os
import secrets
import tempfile
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import msgspec

from app.sandbox.clock import Clock
from app.sandbox.fleet_changes import FleetChanges
from app.sandbox.world import Keeper, World

log = logging.getLogger(__name__)

_FORMAT = 1


class Damaged(Exception):
    """The file can't be used; the text says why, without naming the file."""


class Kept(msgspec.Struct, frozen=True):
    """A state file. `now` is when it was written, in seconds since 1970; `check` is the CRC-32 of `things`."""

    format: int
    devices: int
    seed: int
    run: int
    now: float
    check: int
    things: msgspec.Raw


def read(path: Path, devices: int, seed: int) -> Kept | None:
    """The state that is kept for this fleet; None where there is no file yet. Raises Damaged or OSError."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        kept = msgspec.json.decode(data, type=Kept)
    except (msgspec.MsgspecError, UnicodeError, ValueError) as error:
        raise Damaged(f"it is damaged ({error})") from None
    if kept.format != _FORMAT:
        raise Damaged(f"it has format {kept.format}, and this sandbox reads {_FORMAT}")
    if crc32(kept.things) != kept.check:
        raise Damaged("it is damaged (its checksum is wrong)")
    if (kept.devices, kept.seed) != (devices, seed):
        raise Damaged(f"it is that of a fleet of --devices {kept.devices} --seed {kept.seed}")
    return kept


def open_world(path: Path, devices: int, seed: int, speed: float) -> tuple[World, "StateFile"]:
    """The world that the file keeps, or a new one where there is no file yet; its time never runs back.

    The file is written at once, so one that can't be is found here. Raises Damaged or OSError.
    """
    kept = read(path, devices, seed)
    run = secrets.randbits(48) if kept is None else kept.run
    begin = None if kept is None else datetime.fromtimestamp(max(kept.now, time.time()), UTC)
    world = World(devices, seed, Clock(speed, begin), run=run)
    file = StateFile(world, path, run)
    if kept is not None:
        file.restore(kept)
    file.save()
    return world, file


class StateFile:
    """Keeps a world in a file. Make it before anything happens in the world."""

    def __init__(self, world: World, path: Path, run: int) -> None:
        self._world = world
        self._path = path
        self._run = run
        self._saved = -1
        self._busy = True
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        changes = FleetChanges(world.fleet, world.presence, world.library)
        self._keepers: dict[str, Keeper] = {**world.keepers, "fleet": changes}

    def restore(self, kept: Kept) -> None:
        """Brings the world to where it was. Raises Damaged, and the world is not to be used then."""
        try:
            things = msgspec.json.decode(kept.things)
            with self._world.lock:
                for name, keeper in self._keepers.items():
                    keeper.restore(things[name])
                self._world.lifecycle.take_up(self._world.now)
        except (
            KeyError,
            TypeError,
            ValueError,
            IndexError,
            AttributeError,
            OverflowError,
            msgspec.MsgspecError,
        ) as error:
            raise Damaged(f"it can't be understood ({type(error).__name__}: {error})") from None

    def save(self) -> None:
        """Writes the state. Raises OSError, and the old file stays."""
        world = self._world
        with world.lock:
            self._saved, self._busy = world.changes, world.lifecycle.busy
            things = msgspec.json.encode({name: keeper.snapshot() for name, keeper in self._keepers.items()})
            fleet, now = world.fleet, world.now
        kept = Kept(_FORMAT, fleet.size, fleet.seed, self._run, now, crc32(things), msgspec.Raw(things))
        _replace(self._path, msgspec.json.encode(kept))

    def watch(self, every: float = 5.0) -> None:
        """Saves from now on every so many seconds in which anything happened."""
        self._thread = threading.Thread(target=self._watch, args=(every,), name="state", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Saves a last time. Raises OSError."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.save()

    def _watch(self, every: float) -> None:
        while not self._stop.wait(every):
            if self._busy or self._world.changes != self._saved:
                try:
                    self.save()
                except OSError as error:
                    log.warning("the state can't be saved: %s", error.strerror)


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
