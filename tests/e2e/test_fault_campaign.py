"""Thousands of requests through every sort of trouble: nothing crashes, hangs, gets lost or happens twice.

The seed is fixed; only what the two processes' timing makes of it differs between runs.
"""

import asyncio
import hashlib
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from app.commands.request import build
from app.errors import BadRequest, FleetError, OutcomeUnknown, ServerFault
from app.jobs.jobs import Jobs
from app.jobs.ledger import Ledger
from app.jobs.plan import seal
from app.records import Content, Group
from app.states import TargetState
from app.store.store import Store
from app.sync.details import Details
from app.sync.health import Health
from app.sync.sweep import Report, Sweep
from app.tasks import Tasks
from tests.e2e.campaign import PATIENCE, SCALE, Figures, Hurry, Truth, Witness, draw_faults, open_witness
from tests.sandbox import Sandbox, running

T = TypeVar("T")
DEVICES = 1400
UNSETTLED = frozenset({TargetState.NOT_SENT.value, TargetState.SENDING.value, TargetState.UNKNOWN.value})
TRIES = 12


class Campaign:
    """Rounds of everything a console does, each under faults of its own and judged afterwards in calm."""

    def __init__(self, sandbox: Sandbox, folder: Path, seed: int) -> None:
        self.rng = random.Random(seed)
        self.hurry = Hurry()
        self.figures = Figures()
        self.truth = Truth(sandbox)
        self.folder = folder
        self.sandbox = sandbox
        self.client: Witness
        self.store: Store
        self.ids: list[str] = []
        self.known: dict[str, str] = {}
        self.uploaded: dict[str, tuple[bytes, bool]] = {}
        self.created: dict[str, str | None] = {}
        self.members: dict[str, tuple[str, bool]] = {}

    async def run(self, requests: int) -> dict[str, Any]:
        """At least so many requests; the figures."""
        began = time.monotonic()
        self.client = await open_witness(self.sandbox, self.hurry, self.rng)
        self.store = await Store.open(self.folder / "copy.db")
        try:
            rounds = 0
            while self.client.requests < requests:
                await self._round(rounds, left=requests - self.client.requests)
                rounds += 1
        finally:
            await self.client.close()
            await self.store.close()
            await self.truth.close()
        said = [tries for _, tries in self.client.sent.values()]
        return {
            "requests": self.client.requests,
            "rounds": rounds,
            "struck": dict(sorted(self.truth.struck.items())),
            "retries": self.client.retries,
            "errors": dict(sorted(self.figures.errors.items())),
            "unknown": dict(sorted(self.figures.unknown.items())),
            "done": dict(sorted(self.figures.done.items())),
            "command_requests": len(said),
            "command_answers": dict(sorted(Counter(answer for tries in said for answer in tries).items())),
            "seconds": round(time.monotonic() - began, 1),
        }

    async def _round(self, number: int, left: int) -> None:
        devices = await self.truth.devices()
        self.ids = [device["id"] for device in devices]
        android = [device["id"] for device in devices if device["platform"] == "ANDROID"]
        others = [device["id"] for device in devices if device["platform"] != "ANDROID"]
        if number == 0:
            report = await self._sweep()
            assert isinstance(report, Report)
            assert report.complete
        await self.truth.spoil(draw_faults(self.rng))
        for victim in self.rng.sample(others, min(2, len(others))):
            await self.figures.ask("delete device", self.client.devices.delete, victim)
        swept: list[list[str]] = []
        work: list[Awaitable[None]] = [
            self._sweeps(swept, 2),
            self._details(min(40, max(4, left // 12))),
            self._files(number),
            self._groups(number, android),
            self._job(number, self.rng.sample(android, self.rng.randint(501, min(1100, len(android))))),
        ]
        await _together(f"round {number}", work)
        await self.truth.calm()
        await self._judge(swept)

    async def _sweep(self) -> Report | FleetError:
        sweep = Sweep(self.client, self.store, Health(), clock=self.hurry.now)
        try:
            return await self.figures.ask("sweep", sweep.run)
        finally:
            await sweep.close()

    async def _sweeps(self, swept: list[list[str]], times: int) -> None:
        """`swept` gets the live devices of the copy after each sweep that has no doubt about devices."""
        for _ in range(times):
            report = await self._sweep()
            if isinstance(report, FleetError):
                continue
            assert report.complete is not bool(report.doubt)
            self.figures.done["sweep whole" if report.complete else "sweep in doubt"] += 1
            if "list of devices" not in report.doubt:
                swept.append([self.store.fleet.id(row) for row in self.store.fleet.select().tolist()])

    async def _details(self, times: int) -> None:
        details = Details(self.client, self.store, self.hurry.now)
        ask = self.figures.ask
        try:
            for device_id in self.rng.sample(self.ids, times):
                await ask("apps of a device", details.apps_of, device_id, refresh=True)
                await ask("operations", details.operations_of, device_id, refresh=True)
                await ask("recent", details.recent_commands, device_id, refresh=True)
                device = await ask("device", self.client.device, device_id)
                assert isinstance(device, FleetError) or device.id == device_id
        finally:
            await details.close()

    async def _files(self, number: int) -> None:
        for place in range(3):
            name = f"campaign-{number}-{place}.bin"
            data = self.rng.randbytes(self.rng.randint(1, 150_000))
            source, target = self.folder / name, self.folder / f"{name}.back"
            await asyncio.to_thread(source.write_bytes, data)
            content = await self._created(
                "upload",
                partial(self.client.content.upload, source),
                partial(self._find_file, name),
            )
            self.uploaded[name] = (data, content is not None)
            if content is None:
                continue
            landed = await self.figures.ask("download", self.client.content.download, content.id, target)
            there = await asyncio.to_thread(target.exists)
            assert there is not isinstance(landed, FleetError)
            assert not there or await asyncio.to_thread(target.read_bytes) == data

    async def _groups(self, number: int, android: list[str]) -> None:
        for place in range(2):
            name, later = f"Campaign {number}-{place}", f"Campaign {number}-{place} renamed"
            group = await self._created(
                "create group",
                partial(self.client.groups.create, name),
                partial(self._find_group, name),
            )
            self.created[name] = group.id if group else None
            if group is None:
                continue
            inside = self.rng.sample(android, 12)
            out, ask, groups, gid = inside[:4], self.figures.ask, self.client.groups, group.id
            added = await ask("add to group", groups.add, gid, inside)
            for device_id in inside:
                self.members.pop(device_id, None)
                if not isinstance(added, FleetError):
                    self.members[device_id] = (gid, True)
            await ask("rename group", groups.rename, gid, later)
            gone = await ask("remove from group", groups.remove, gid, out)
            for device_id in out:
                self.members.pop(device_id, None)
                if not isinstance(gone, FleetError):
                    self.members[device_id] = (gid, False)

    async def _created(
        self, what: str, make: Callable[[], Awaitable[T]], find: Callable[[], Awaitable[T | FleetError | None]]
    ) -> T | None:
        """What a careful user does: makes it again only where it is certainly not there. None where that stays open."""
        for _ in range(TRIES):
            made = await self.figures.ask(what, make)
            if not isinstance(made, FleetError):
                return made
            assert not isinstance(made, BadRequest), f"{what}: made twice? {made}"
            if not isinstance(made, OutcomeUnknown | ServerFault):
                continue
            for _ in range(TRIES):
                found = await find()
                if not isinstance(found, FleetError):
                    break
            else:
                self.figures.unknown[f"{what}: left open"] += 1
                return None
            self.figures.unknown[f"{what}: {'was not there' if found is None else 'was there'}"] += 1
            if found is not None:
                return found
        return None

    async def _find_file(self, name: str) -> Content | FleetError | None:
        listed = await self.figures.ask("find file", lambda: self.client.content.pages(search=name).collect())
        if isinstance(listed, FleetError):
            return listed
        found = next((row for row in listed.rows if row.name == name), None)
        # A row or a doubt that is not understood is no proof that the file is not there.
        return found or (OutcomeUnknown("not to be told") if listed.rows or listed.doubt else None)

    async def _find_group(self, name: str) -> Group | FleetError | None:
        listed = await self.figures.ask("find group", lambda: self.client.groups.pages(name=name).collect())
        if isinstance(listed, FleetError):
            return listed
        found = next((row for row in listed.rows if row.name == name), None)
        odd = listed.doubt or any(not row.name for row in listed.rows)
        return found or (OutcomeUnknown("not to be told") if odd else None)

    async def _job(self, number: int, devices: list[str]) -> None:
        """One command job from the review to the end of all doubt about what was sent, at times over a restart."""
        path, restart = self.folder / f"ledger-{number}.db", number % 3 == 1
        command = self.rng.choice(("REBOOT", "UPDATE_HEARTBEAT", "LOCK"))
        plan = seal(build(command, {}, devices), self.store.fleet, now=self.hurry.now(), tenant="campaign")
        before = set(self.client.sent)
        jobs = await Jobs.open(path, tenant="campaign", clock=self.hurry.now, sleep=self.hurry.sleep)
        try:
            jobs.connect(self.client)
            job = (await jobs.submit(plan, {})).id
            if restart:
                await asyncio.sleep(self.rng.uniform(0.0, 0.2))
                await jobs.close()
                jobs = await Jobs.open(path, tenant="campaign", clock=self.hurry.now, sleep=self.hurry.sleep)
                jobs.connect(self.client)
            await self._settle(jobs, job)
            if number % 4 == 2:
                await jobs.cancel(job)
                await asyncio.sleep(1.0)
            fact = jobs.job(job)
            assert fact is not None
            assert (fact.accepted, fact.total) == (fact.requests, len(devices))
        finally:
            await jobs.close()
        ledger = await Ledger.open(path)
        self.known |= {sending.alias: sending.server_id for _, rows in await ledger.jobs() for sending in rows}
        await ledger.close()
        ours = [self.client.sent[alias] for alias in self.client.sent if alias not in before]
        assert sorted(device for targets, _ in ours for device in targets) == sorted(devices)
        for _, tries in ours:
            doubtful = [said for said in tries if said in {"OutcomeUnknown", "ServerFault", "CancelledError"}]
            if doubtful:
                how = "found on the server" if tries[-1] != "accepted" else "was not there, sent again"
                self.figures.unknown[f"command: {how}"] += 1
            self.figures.errors.update(said for said in tries if said != "accepted")

    async def _settle(self, jobs: Jobs, job: str) -> None:
        """Resumes a job until every device of it is in a request that the server took."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    states = {target.state for target in jobs.targets(job)}
                    fact = jobs.job(job)
                    assert fact is not None
                    if states and not states & UNSETTLED:
                        self.figures.done["job"] += 1
                        return
                    if fact.phase == "paused":
                        self.figures.done["job resumed"] += 1
                        await jobs.resume(job)
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"a job hung: {jobs.job(job)}, {self.client.sent}") from None

    async def _judge(self, swept: list[list[str]]) -> None:
        """The server as it is against everything the client said so far."""
        devices = await self.truth.devices()
        alive = sorted(device["id"] for device in devices)
        for copy in swept:
            assert sorted(copy) == alive, f"lost or made up: {set(copy) ^ set(alive)}"
        place = {device["id"]: device["group_id"] for device in devices}
        for device_id, (group_id, inside) in self.members.items():
            assert (place[device_id] == group_id) is inside
        names = Counter(group["name"].removesuffix(" renamed") for group in await self.truth.groups())
        files = Counter(file["name"] for file in await self.truth.files())
        hashes = {file["name"]: file["hash"] for file in await self.truth.files()}
        for name, made in self.created.items():
            assert names[name] <= 1
            assert names[name] == 1 or made is None
        for name, (data, sure) in self.uploaded.items():
            assert files[name] <= 1, f"{name} is there twice"
            assert files[name] == 1 or not sure
            assert not files[name] or hashes[name] == hashlib.sha256(data).hexdigest()
        commands = [order for order in await self.truth.commands() if order["alias"] in self.client.sent]
        assert Counter(order["alias"] for order in commands) == Counter(self.client.sent.keys())
        for order in commands:
            assert self.known[order["alias"]] == order["id"]
            assert sorted(order["devices"]) == sorted(self.client.sent[order["alias"]][0])


async def _together(name: str, work: list[Awaitable[None]]) -> None:
    async def one(part: Awaitable[None]) -> BaseException | None:
        # Handed over, so that the log of failed tasks stays for the console's own.
        try:
            await part
        except Exception as error:
            return error
        return None

    group = Tasks(name)
    try:
        running_ = [group.start(one(part), str(place)) for place, part in enumerate(work)]
        await asyncio.wait(running_)
        for task in running_:
            if (error := task.result()) is not None:
                raise error
    finally:
        await group.close()


def campaign(folder: Path, requests: int, seed: int, say: Callable[[str], object]) -> dict[str, Any]:
    """The whole of it on a sandbox of its own; says its figures in one line of JSON."""

    async def main() -> dict[str, Any]:
        return await Campaign(sandbox, folder, seed).run(requests)

    with running(DEVICES, "--speed", f"{SCALE:.0f}", "--seed", str(seed)) as sandbox:
        figures = asyncio.run(main())
    say(json.dumps(figures))
    return figures


def test_a_few_hundred_requests_in_trouble_lose_and_double_nothing(tmp_path: Path) -> None:
    figures = campaign(tmp_path, 400, seed=3, say=print_line)
    assert figures["requests"] >= 400
    assert sum(figures["struck"].values()) > 10


@pytest.mark.campaign
@pytest.mark.timeout(600)
def test_ten_thousand_requests_in_trouble_lose_and_double_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def say(line: str) -> None:
        with capsys.disabled():
            print_line(line)

    figures = campaign(tmp_path, 10_000, seed=11, say=say)
    assert figures["requests"] >= 10_000
    assert sum(figures["struck"].values()) > 1000
    assert figures["retries"] > 0


def print_line(line: str) -> None:
    sys.stdout.write(f"\n{line}\n")
