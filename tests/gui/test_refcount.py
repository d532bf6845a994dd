"""The installed PySide6 counts the references of None and True right."""

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, QTimer, Signal

CALLS = 1000
# Other code may take or drop a few references in between; the fault drops one per call.
DRIFT = 100


class Sender(QObject):
    """Emits signals of the types the console uses."""

    empty = Signal()
    text = Signal(str)
    thing = Signal(object)


@pytest.mark.parametrize("watched", [None, True])
@pytest.mark.parametrize("kind", ["void call", "emit", "emit text", "emit object"])
def test_a_thousand_calls_leave_the_reference_count_alone(qapp: QObject, watched: bool | None, kind: str) -> None:
    sender, timer = Sender(), QTimer()
    act: dict[str, Callable[[], object]] = {
        "void call": lambda: timer.setInterval(5),
        "emit": lambda: sender.empty.emit(),
        "emit text": lambda: sender.text.emit("text"),
        "emit object": lambda: sender.thing.emit(sender),
    }
    before = sys.getrefcount(watched)
    for _ in range(CALLS):
        act[kind]()
    assert abs(sys.getrefcount(watched) - before) < DRIFT
