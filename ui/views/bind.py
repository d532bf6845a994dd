"""Ties a signal of the core to the life of a widget.

Invariant: once the widget is gone, none of its listeners is called.
"""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject

from app.observer import Signal

T = TypeVar("T")


def bind(owner: QObject, signal: Signal[T], listener: Callable[[T], None]) -> None:
    """Connects `listener` until `owner` is destroyed."""
    disconnect = signal.connect(listener)
    owner.destroyed.connect(lambda *_: disconnect())
