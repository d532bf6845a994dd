"""The devices a command was asked for, by platform, and which of them it can reach.

Invariant: every chosen device is in exactly one of `reach`'s two answers; none is dropped on the way.
"""

from collections import Counter
from collections.abc import Iterable

from app.commands.catalogue import Command
from app.states import Platform
from app.store.fleet import Fleet

_NAMES = {
    Platform.ANDROID.value: "Android",
    Platform.APPLE.value: "Apple",
    Platform.LINUX.value: "Linux",
    Platform.WINDOWS.value: "Windows",
}


def platform_name(platform: str) -> str:
    """`ANDROID` gives Android; an unknown one is given as it came, an empty one in words."""
    return _NAMES.get(platform.upper(), platform) or "unknown platform"


class Targets:
    """Chosen devices, unique, in the order given. Devices that the copy does not know count as unknown platform."""

    def __init__(self, fleet: Fleet, device_ids: Iterable[str]) -> None:
        self.ids = tuple(dict.fromkeys(device_ids))
        self._platforms: list[str] = []
        for device_id in self.ids:
            row = fleet.row(device_id)
            self._platforms.append("" if row is None else str(fleet.value("platform", row) or "").upper())
        self._counts = Counter(self._platforms)

    def __len__(self) -> int:
        return len(self.ids)

    def platforms(self) -> dict[str, int]:
        """Devices per platform, most frequent first; the empty platform is one the server did not name."""
        return dict(sorted(self._counts.items(), key=lambda item: (-item[1], item[0])))

    def reach(self, command: Command) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(devices whose platform takes the command, devices whose platform does not).

        A device of unknown platform is in the first: the server decides, and the review names it.
        """
        allowed = {str(platform) for platform in command.platforms} | {""}
        pairs = list(zip(self.ids, self._platforms, strict=True))
        return tuple(i for i, p in pairs if p in allowed), tuple(i for i, p in pairs if p not in allowed)

    def platforms_of(self, device_ids: Iterable[str]) -> frozenset[str]:
        """The named platforms among `device_ids`."""
        wanted = frozenset(device_ids)
        return frozenset(p for i, p in zip(self.ids, self._platforms, strict=True) if p and i in wanted)
