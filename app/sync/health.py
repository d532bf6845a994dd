"""How the copy stands to the server: online or not, how old, and what went wrong last.

Invariant: each age moves only on success; a failure leaves both ages as they were.
"""

from app.errors import FleetError, Offline, OutcomeUnknown, Refused, ServerFault, Unreachable
from app.observer import Signal
from app.records import Change


class Health:
    """`online` is None until something was tried. Ages are epoch seconds, None for never."""

    def __init__(self, *, fetched_at: float | None = None, full_sync_at: float | None = None) -> None:
        self.changed: Signal[Change] = Signal()
        self.online: bool | None = None
        self.fetched_at = fetched_at
        self.full_sync_at = full_sync_at
        self.error: FleetError | None = None

    def reached(self) -> None:
        """The server answered as it should."""
        if self.online is not True or self.error is not None:
            self.online = True
            self.error = None
            self._announce()

    def fetched(self, at: float, *, full_sync_at: float | None) -> None:
        """The copy was made `at`; everything was compared last at `full_sync_at`."""
        self.online = True
        self.error = None
        self.fetched_at = at
        self.full_sync_at = full_sync_at
        self._announce()

    def failed(self, error: FleetError) -> None:
        """Something went wrong. A server that refuses is still there."""
        self.error = error
        if isinstance(error, Offline | Unreachable | OutcomeUnknown | ServerFault):
            self.online = False
        elif isinstance(error, Refused):
            self.online = True
        self._announce()

    def _announce(self) -> None:
        self.changed.emit(Change(kind="health"))
