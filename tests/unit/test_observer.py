"""The signal without Qt."""

from app.observer import Signal


def test_listeners_hear_in_order_until_they_disconnect() -> None:
    heard: list[tuple[str, int]] = []
    signal: Signal[int] = Signal()
    leave = signal.connect(lambda v: heard.append(("a", v)))
    signal.connect(lambda v: heard.append(("b", v)))
    signal.emit(1)
    leave()
    leave()
    signal.emit(2)
    assert heard == [("a", 1), ("b", 1), ("b", 2)]


def test_a_listener_that_raises_stops_no_other(expected_log) -> None:  # type: ignore[no-untyped-def]
    expected_log("a listener failed")
    heard: list[int] = []
    signal: Signal[int] = Signal()
    signal.connect(lambda _: 1 // 0)  # type: ignore[arg-type,return-value]
    signal.connect(heard.append)
    signal.emit(7)
    assert heard == [7]
