"""One tenant, open: its copy, ledger, client, sync and jobs; live and demo differ only in the address.

Invariant: everything here works without a network from the first moment on; `connect` only adds to it.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from app.credentials import Credentials
from app.errors import FleetError, NoSecretStore, NotAuthorised, Offline, Refused, StoreDamaged, StoreError
from app.esper.client import EsperClient
from app.esper.pace import PaceState
from app.jobs.jobs import Jobs
from app.observer import Signal
from app.settings import Profile, Tenant
from app.store.fleet import Fleet
from app.store.store import Store
from app.sync.details import Details
from app.sync.health import Health
from app.sync.sweep import Progress, Report, Sweep
from app.tasks import Tasks

log = logging.getLogger(__name__)
Clock = Callable[[], float]
RECONNECT_SECONDS = (2.0, 5.0, 10.0, 20.0, 30.0)


class Session:
    """Everything the screen and the terminal need for one tenant. Make it with `open`, end it with `close`."""

    def __init__(self, tenant: Tenant, store: Store, jobs: Jobs, clock: Clock) -> None:
        self.tenant = tenant
        self.store = store
        self.jobs = jobs
        self.clock = clock
        self.client: EsperClient | None = None
        self.health = Health(
            fetched_at=_time(store.meta.get("fetched_at")), full_sync_at=_time(store.meta.get("full_sync_at"))
        )
        self.details = Details(None, store, clock)
        self.tasks = Tasks(f"session {tenant.key}")
        self.progress: Signal[Progress | None] = Signal()
        self.pace: Signal[PaceState | None] = Signal()
        self.set_aside: Path | None = None
        self._token = ""
        self._minutes = 5.0
        self._away = False
        self._departures = 0
        self._running: asyncio.Task[Report | FleetError] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    @classmethod
    async def open(cls, tenant: Tenant, profile: Profile, *, clock: Clock = time.time) -> "Session":
        """Opens copy and ledger; no network is touched. A damaged copy is set aside and rebuilt, the ledger never.

        Raises StoreNewer, StoreBusy, StoreError, SettingsError, and StoreDamaged for the ledger.
        """
        directory = profile.make_tenant_dir(tenant)
        copy, aside = directory / "copy.db", None
        try:
            store = await Store.open(copy)
        except StoreDamaged:
            aside = _set_aside(copy)
            log.warning("the copy of %s was damaged and is kept as %s", tenant.key, aside.name)
            store = await Store.open(copy)
        try:
            jobs = await Jobs.open(directory / "ledger.db", tenant=tenant.key, clock=clock)
        except BaseException:
            await store.close()
            raise
        session = cls(tenant, store, jobs, clock)
        session.set_aside = aside
        return session

    @property
    def fleet(self) -> Fleet:
        """The devices in memory."""
        return self.store.fleet

    @property
    def online(self) -> bool:
        """Whether there is a client and its last answer came."""
        return self.client is not None and self.health.online is not False

    async def connect(self, token: str) -> None:
        """Opens the client and tests the key. The session stays offline and usable on WireError.

        Raises Offline as well, where the user went offline meanwhile.
        """
        self._token = token
        departures = self._departures
        client = await EsperClient.open(
            self.tenant.url, token, enterprise_id=self.tenant.enterprise_id, authorities=self.tenant.authorities
        )
        try:
            if not self.tenant.enterprise_id:
                info = await client.token_info()
                self.tenant.enterprise_id = info.enterprise_id
            else:
                await client.enterprise()
        except BaseException as error:
            await client.close()
            if isinstance(error, FleetError):
                self.health.failed(error)
            raise
        if self._departures != departures:
            await client.close()
            raise Offline
        await self._use(client)
        self.health.reached()

    async def _use(self, client: EsperClient | None) -> None:
        old, self.client = self.client, client
        if client is not None:
            client.pace.changed.connect(self.pace.emit)
        else:
            self.pace.emit(None)
        self.details.connect(client)
        self.jobs.connect(client)
        if old is not None:
            await old.close()

    async def disconnect(self) -> None:
        """Goes offline on purpose: no request is made until `begin` or `refresh_soon`."""
        self._away = True
        self._departures += 1
        if self._running is not None and not self._running.done():
            # Its requests end before the connection that they are on.
            self._running.cancel()
            await asyncio.wait([self._running])
        await self._use(None)
        self.health.failed(Offline())

    async def sync(self) -> Report:
        """One full sweep; a second caller gets the running one. Raises Offline, WireError, StoreError."""
        if self.client is None:
            raise Offline
        if self._running is None or self._running.done():
            self._running = self.tasks.start(self._sweep(self.client), "sweep")
        running, caller = self._running, asyncio.current_task()
        try:
            outcome = await asyncio.shield(running)
        except asyncio.CancelledError:
            if running.cancelled() and (caller is None or not caller.cancelling()):
                # The sweep was stopped and not who waits for it.
                raise Offline from None
            raise
        if isinstance(outcome, FleetError):
            raise outcome
        return outcome

    async def _sweep(self, client: EsperClient) -> Report | FleetError:
        """The report, or what went wrong: whoever asked hears it, and a server that is away is no failed task."""
        sweep = Sweep(client, self.store, self.health, clock=self.clock)
        sweep.progress.connect(self.progress.emit)
        try:
            return await sweep.run()
        except FleetError as error:
            return error
        finally:
            await sweep.close()
            self.progress.emit(None)

    def begin(self, token: str, minutes: float) -> None:
        """Connects and sweeps in the background, now and every `minutes`, and tries again while the network is away."""
        self._token = token
        self._minutes = minutes
        self.refresh_soon()

    @property
    def away(self) -> bool:
        """Whether the user chose to work offline."""
        return self._away

    @property
    def has_token(self) -> bool:
        """Whether there is a key to connect with."""
        return bool(self._token)

    def refresh_soon(self) -> None:
        """Asks the background loop to connect and sweep now; ends working offline."""
        self._away = False
        if self._keeper is None or self._keeper.done():
            self._keeper = self.tasks.start(self._keep_fresh(), "keep fresh")
        else:
            self._wake.set()

    def refresh_every(self, minutes: float) -> None:
        """Another time between two sweeps, from the next one on."""
        self._minutes = minutes

    async def _keep_fresh(self) -> None:
        failures = 0
        while True:
            self._wake.clear()
            pause = 0.0
            try:
                if self.client is None and self._token and not self._away:
                    await self.connect(self._token)
                if self.client is not None:
                    await self.sync()
                failures = 0
            except NotAuthorised:
                log.info("the key of %s is not accepted any more", self.tenant.key)
                await self._use(None)
                self._token = ""
            except StoreError as error:
                # The network is well, and a sweep that can't be kept is not worth another one soon.
                self.health.failed(error)
                log.warning("sync of %s: %s", self.tenant.key, error)
            except FleetError as error:
                failures += 1
                pause = (error.retry_after or 0.0) if isinstance(error, Refused) else 0.0
                log.info("sync of %s: %s", self.tenant.key, error)
            wait = self._minutes * 60
            if failures:
                wait = max(pause, RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS)) - 1])
            try:
                await asyncio.wait_for(self._wake.wait(), wait)
            except TimeoutError:
                continue

    async def close(self) -> None:
        """Ends every task, closes the client, the ledger and the copy; what was sent stays on disk.

        One that does not end well keeps no other from being closed.
        """
        async with AsyncExitStack() as last_first:
            last_first.push_async_callback(self.store.close)
            last_first.push_async_callback(self._close_client)
            last_first.push_async_callback(self.jobs.close)
            last_first.push_async_callback(self.details.close)
            last_first.push_async_callback(self.tasks.close)

    async def _close_client(self) -> None:
        if self.client is not None:
            await self.client.close()


def _time(value: float | str | None) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _set_aside(path: Path) -> Path:
    n = 1
    while (target := path.with_suffix(f".damaged-{n}.db")).exists():
        n += 1
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(target.with_name(target.name + suffix))
    return target


async def read_token(credentials: Credentials, tenant_key: str) -> str | None:
    """The saved key, read off the loop; None where there is none or no store to read it from.

    Raises SecretStoreLocked: there may be a key that can't be had now.
    """
    try:
        return await asyncio.to_thread(credentials.read, tenant_key)
    except NoSecretStore as error:
        log.info("no key from the secret store: %s", error.code)
        return None
