"""The guided tour: the same console, driven like a person would, with a picture and a check for every step.

Invariant: a step holds only if what it says was seen in the window and, where the server is concerned, agrees with what
the server says; the exit code is 0 only if every step held.
"""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QApplication, QLineEdit

from app.credentials import Credentials
from app.demo import DemoServer
from app.errors import NoSecretStore
from app.jobs.facts import Job
from app.settings import Profile, Settings
from app.states import FINAL_STATES, TargetState, target_state_of
from app.store.query import parse
from ui import loop, text, theme
from ui.console import Console
from ui.dialogs.command import CommandDialog
from ui.dialogs.review import ReviewDialog
from ui.dialogs.sign_in import SignInDialog
from ui.guide import Guide, StepFailed, check, press_enter, type_into, until

log = logging.getLogger(__name__)
# The sandbox's clock, so that a reboot takes seconds.
SPEED = "30"
JOB_PATIENCE = 120.0
SIZE = (1366, 768)


STEPS = (
    ("welcome", "The window opens without a tenant and offers two ways in."),
    ("sign-in", "Signing in takes a tenant and a key; the company is found from the key."),
    ("sync", "The fleet arrives page by page, and the count agrees with the server's."),
    ("search", "The filter finds devices by what is known of them."),
    ("device", "A device shows its facts, and its apps come from the server."),
    ("tree", "The same devices stand in a tree by group."),
    ("apps", "An app leads to its versions, and a version to the devices that have it."),
    ("form", "A wrong value is refused beside its field, before anything is sent."),
    ("wipe", "A wipe can't be sent before its exact count is typed, and Enter never sends it."),
    ("review", "A reboot is reviewed: these devices, this many, nothing else."),
    ("follow", "Every device of the job is followed to its end, and the server agrees."),
    ("history", "The device's own list of commands shows the reboot."),
    ("offline", "Without the server the fleet can still be searched and read, with its age."),
    ("restart", "The console starts again from its copy, without a network."),
)


def sentences() -> list[str]:
    """What the tour shows, in order."""
    return [sentence for _, sentence in STEPS]


@dataclass(frozen=True)
class Step:
    """One sentence of the tour."""

    name: str
    sentence: str
    walk: Callable[[], Awaitable[str]]


class SessionOnlyKeys(Credentials):
    """The tour signs in like a guest: it neither reads nor changes the keys of the person at this computer."""

    def probe(self) -> str:
        raise NoSecretStore

    def read(self, tenant_key: str) -> str | None:
        return None


class Tour(Guide):
    """Walks `steps()` in order, each once."""

    def __init__(
        self, console: Console, server: DemoServer, devices: int, folder: Path, themes: list[theme.Choice]
    ) -> None:
        super().__init__(console, folder, themes)
        self.server = server
        self.devices = devices
        self.job: Job | None = None
        self._opened = ""

    def steps(self) -> list[Step]:
        """The tour in words."""
        return [Step(name, sentence, getattr(self, name.replace("-", "_"))) for name, sentence in STEPS]

    async def go(self, report: Callable[[str], None]) -> bool:
        """Walks all steps; stops at the first that does not hold. True when all held."""
        for step in self.steps():
            self.number += 1
            try:
                found = await step.walk()
            except StepFailed as error:
                await self.snap(f"{step.name}-failed")
                report(f"{self.number:2}. FAILED  {step.sentence}\n            {error}")
                return False
            except Exception as error:
                log.exception("step %s", step.name)
                await self.snap(f"{step.name}-failed")
                report(f"{self.number:2}. FAILED  {step.sentence}\n            {type(error).__name__}: {error}")
                return False
            report(f"{self.number:2}. held    {step.sentence}\n            {found}")
        return True

    # ---- the steps ---------------------------------------------------------------------------------------------

    async def welcome(self) -> str:
        welcome = self.console.window.welcome
        await until(welcome.isVisible, "the welcome page is not on the screen")
        check(welcome.demo.isEnabled() and welcome.sign_in.isEnabled(), "the two ways in are not offered")
        await self.snap("welcome")
        return "The demo fleet and a sign-in are offered."

    async def sign_in(self) -> str:
        self.console.window.welcome.sign_in.click()
        dialog = await self.dialog(SignInDialog)
        type_into(dialog.tenant.edit, self.server.ready.url)
        type_into(dialog.key.edit, "not-the-key-of-this-fleet")
        dialog.go.click()
        await until(lambda: bool(dialog.key.error), "the wrong key was not refused beside its field")
        await self.snap("sign-in-refused")
        type_into(dialog.key.edit, self.server.ready.token)
        dialog.go.click()
        await until(lambda: dialog.found.isVisible(), "the right key was not accepted")
        check(dialog.session_only.isVisible(), "the dialog does not say that the key is kept for the session only")
        await self.snap("sign-in")
        dialog.go.click()
        await until(lambda: self.console.window.panels is not None, "the tenant did not open")
        check(self.session.tenant.enterprise_id == self.server.ready.enterprise_id, "another enterprise was found")
        return f"A wrong key was refused; the right one belongs to {self.session.tenant.enterprise_name}."

    async def sync(self) -> str:
        fleet = self.session.fleet
        await until(lambda: fleet.live_count > 0, "no device arrived")
        first = fleet.live_count
        await until(lambda: self.session.health.full_sync_at is not None, "the sweep did not end")
        await until(lambda: self.panels.devices.shown == self.devices, "the table does not show every device")
        check(fleet.live_count == self.devices, f"{fleet.live_count} devices came, the server has {self.devices}")
        client = self.session.client
        check(client is not None and client.requests < 100, "the sweep made a request per device")
        await self.snap("fleet")
        groups = len(self.session.store.groups.by_id)
        return f"{self.devices:,} devices in {groups} groups; the first {first:,} were on the screen before the rest."

    async def search(self) -> str:
        devices = self.panels.devices
        wanted = 'state:online platform:android battery:<50 group:"Retail"/*'
        self.type_filter(wanted)
        mask = parse(wanted, now=self.console.clock()).mask(self.session.fleet)
        shown = [str(self.session.fleet.value("condition", row)) for row in self.shown_rows()]
        check(0 < devices.shown < self.devices, f"{devices.shown} devices match, which says nothing")
        check(devices.shown == int(mask.sum()), "the table and the filter disagree")
        check(set(shown) == {"online"}, "a device that is not online is shown")
        await self.snap("search")
        count = devices.shown
        serial = str(self.session.fleet.value("serial", self.shown_rows()[0]))
        self.type_filter("colour:red")
        await until(lambda: "colour" in devices.filter.error, "an unknown field is not explained")
        await self.snap("search-refused")
        self.type_filter(serial)
        check(devices.shown == 1, f"the serial {serial} leads to {devices.shown} devices")
        return f"{count:,} devices match {wanted}; an unknown field is explained; a serial leads to one device."

    async def device(self) -> str:
        devices, inspector = self.panels.devices, self.panels.inspector
        self.type_filter("state:online platform:android")
        devices.table.setCurrentIndex(devices.table.model().index(0, 0))
        self._opened = devices.current_id
        await until(lambda: inspector.device_id == self._opened, "the inspector does not follow")
        await self.snap("device")
        inspector.tabs.setCurrentIndex(1)
        await until(lambda: len(inspector.apps.lines) > 0, "the device's apps did not arrive")
        await self.snap("device-apps")
        count = len(inspector.apps.lines)
        inspector.tabs.setCurrentIndex(0)
        name = self.session.fleet.value("name", self.shown_rows()[0])
        return f"{name} has {text.count(count, 'app')}."

    async def tree(self) -> str:
        devices = self.panels.devices
        self.type_filter("")
        self.console.window.actions_.trigger("view.tree")
        check(devices.mode == "tree", "the tree is not on the screen")
        devices.tree.expandToDepth(2)
        await asyncio.sleep(0)
        roots = devices.tree.model().rowCount()
        check(roots > 0, "the tree is empty")
        await self.snap("tree")
        self.console.window.actions_.trigger("view.tree")
        check(devices.mode == "table", "the table did not come back")
        return "Groups open to their devices; the table comes back with the same key."

    async def apps(self) -> str:
        panel = self.panels.apps
        self.console.window.show_dock("apps")
        model = panel.tree.model()
        await until(lambda: model.rowCount() > 0, "no app arrived")
        asked: list[list[str]] = []
        panel.devices_wanted.connect(lambda ids, _label: asked.append(ids))
        app = model.index(0, 0)
        panel.tree.expand(app)
        version = model.index(0, 0, app)
        panel.tree.setCurrentIndex(version)
        panel.tree.expand(version)
        panel.show_devices.click()
        await until(lambda: bool(asked), "the devices of the version did not arrive")
        known = [i for i in asked[0] if self.session.fleet.row(i) is not None]
        await until(lambda: self.panels.devices.shown == len(known), "the table does not show the version's devices")
        await self.snap("apps")
        self.panels.devices.show_all()
        self.console.window.show_dock("groups")
        return f"{text.count(len(known), 'device')} have the first version of the first app."

    async def form(self) -> str:
        self.select(12)
        async with self.command("SET_KIOSK_APP"):
            dialog = await self.dialog(CommandDialog)
            editor = dialog.form.editors[0]
            field = editor.input.controls()[0]
            assert isinstance(field, QLineEdit)
            type_into(field, "kiosk")
            await until(lambda: bool(editor.error), "the wrong package is not refused beside its field")
            check(not dialog.review.isEnabled(), "a wrong value can be reviewed")
            await self.snap("form-refused")
            said = editor.error
            dialog.reject()
        return f"The field says: {said}"

    async def wipe(self) -> str:
        self.select(3)
        before = len(self.session.jobs.all())
        async with self.command("WIPE"):
            (await self.dialog(CommandDialog)).review.click()
            review = await self.dialog(ReviewDialog)
            check(not review.send.isEnabled(), "a wipe can be sent without typing its count")
            type_into(review.typed, str(review.plan.total + 1))
            press_enter(review.typed)
            check(review.isVisible() and not review.send.isEnabled(), "a wrong count lets a wipe through")
            await self.snap("wipe")
            type_into(review.typed, str(review.plan.total))
            press_enter(review.typed)
            check(review.isVisible(), "Enter sent a wipe")
            review.reject()
        await self.no_dialog()
        check(len(self.session.jobs.all()) == before, "a wipe was sent")
        return "Neither a wrong count nor Enter sent it; it was cancelled."

    async def review(self) -> str:
        ids = self.select(12)
        async with self.command("REBOOT"):
            dialog = await self.dialog(CommandDialog)
            check(dialog.review.isEnabled(), f"the reboot can't be reviewed: {dialog.why_not()}")
            dialog.review.click()
            review = await self.dialog(ReviewDialog)
            check(sorted(review.plan.request.devices) == sorted(ids), "the plan holds other devices than were selected")
            check("12" in review.send.text(), "the button does not say how many devices it hits")
            await self.snap("review")
            button = review.send.text()
            review.send.click()
        await until(lambda: bool(self.session.jobs.all()), "no job appeared")
        self.job = self.session.jobs.all()[0]
        return f"“{button}” was pressed; a job of {text.count(self.job.total, 'device')} appeared."

    async def follow(self) -> str:
        assert self.job is not None
        job_id = self.job.id
        await until(lambda: self.count(job_id, TargetState.SUCCESS) > 0, "no device finished", JOB_PATIENCE)
        await self.snap("job")
        await until(
            lambda: all(t.state in FINAL_STATES for t in self.session.jobs.targets(job_id)),
            "some devices did not reach a final state",
            JOB_PATIENCE,
        )
        targets = self.session.jobs.targets(job_id)
        client = self.session.client
        assert client is not None
        for target in targets:
            states = [
                s.state
                async for p in client.command_statuses(device_id=target.device_id)
                for s in p.rows
                if s.id == target.status_id
            ]
            check([target_state_of(s) for s in states] == [target.state], f"{target.name}: the server says {states}")
        await until(lambda: (self.session.jobs.job(job_id) or self.job).phase == "done", "the job did not end")  # type: ignore[union-attr]
        await self.snap("job-done")
        good = self.count(job_id, TargetState.SUCCESS)
        return f"{good} of {len(targets)} devices rebooted; each state and reason is the server's."

    async def history(self) -> str:
        assert self.job is not None
        inspector = self.panels.inspector
        device = self.session.jobs.targets(self.job.id)[0].device_id
        self.panels.devices.selection.clear()
        check(self.panels.devices.show_device(device), "the device of the job is not in the table")
        inspector.tabs.setCurrentIndex(2)
        await until(lambda: len(inspector.commands.lines) > 0, "the device's commands did not arrive")
        await self.snap("history")
        return "The inspector lists the reboot with its state."

    async def offline(self) -> str:
        await self.server.stop()
        self.console.refresh()
        await until(lambda: self.session.health.online is False, "the console did not notice that the server is gone")
        inspector, devices = self.panels.inspector, self.panels.devices
        inspector.tabs.setCurrentIndex(0)
        self.type_filter("seen:>7d")
        check(0 < devices.shown < self.devices, "the search does not work offline")
        count = devices.shown
        self.type_filter("")
        check(devices.show_device(self._opened), "the device can't be opened offline")
        inspector.tabs.setCurrentIndex(1)
        await until(lambda: len(inspector.apps.lines) > 0, "the apps that were read before are gone")
        await self.snap("offline")
        inspector.tabs.setCurrentIndex(0)
        self.select(2)
        async with self.command("REBOOT"):
            dialog = await self.dialog(CommandDialog)
            check(dialog.offline.isVisible(), "the form does not say that the console is offline")
            await self.snap("offline-command")
            dialog.reject()
        await self.no_dialog()
        return f"{count:,} devices were not seen for a week; a device opens with its apps; a command says it can't be sent."

    async def restart(self) -> str:
        key = self.session.tenant.key
        states = sorted((j.id, tuple(sorted(j.counts.items()))) for j in self.session.jobs.all())
        await self.console.opening.leave()
        await self.console.opening.open_known(key)
        check(self.panels.devices.shown == self.devices, "the copy is not on the screen at once")
        again = sorted((j.id, tuple(sorted(j.counts.items()))) for j in self.session.jobs.all())
        check(again == states, "the jobs are not what they were")
        check(self.session.health.full_sync_at is not None, "the age of the copy is not known")
        await self.snap("restart")
        return f"{self.devices:,} devices and {text.count(len(again), 'job')} came back from disk, with their age."


async def _walk(app: QApplication, options: argparse.Namespace, profile: Profile) -> int:
    handler = loop.log_to(profile.log_dir)
    themes: list[theme.Choice] = ["light", "dark"] if options.theme == "both" else [options.theme]
    settings = Settings(theme=themes[0])
    started = time.time()

    def clock() -> float:
        """The sandbox's own time: it runs faster, and ages are told by the same clock on both sides."""
        return started + (time.time() - started) * float(SPEED)

    server = await DemoServer.start(options.devices, ("--speed", SPEED))
    console = Console(app, profile, settings, credentials=SessionOnlyKeys(), clock=clock)
    tour = Tour(console, server, options.devices, options.pictures, themes)
    running = console.tasks.start(console.main(), "window")
    console.window.resize(*SIZE)
    try:
        held = await tour.go(lambda line: print(line, flush=True))  # noqa: T201 - the tour talks on the terminal
    finally:
        await server.stop()
        await console.quit()
        await asyncio.wait([running])
        logging.getLogger().removeHandler(handler)
        handler.close()
    count = len(list(options.pictures.glob("*.png")))
    print(f"{'Every step held.' if held else 'The tour stopped.'} {count} pictures in {options.pictures}.")  # noqa: T201
    return 0 if held else 1


def run(options: argparse.Namespace) -> int:
    """Takes the tour with the options of `ui.main.tour_parser`; 0 only if every step held."""
    root = options.profile or Path(tempfile.mkdtemp(prefix="fleet-console-tour-"))
    profile = Profile(root)
    profile.prepare()
    options.pictures.mkdir(parents=True, exist_ok=True)
    for old in options.pictures.glob("[0-9][0-9]-*.png"):
        old.unlink()
    try:
        return loop.run(lambda app: _walk(app, options, profile))
    except KeyboardInterrupt:
        sys.stderr.write("The tour was interrupted.\n")
        return 130
    finally:
        if options.profile is None:
            shutil.rmtree(root, ignore_errors=True)
