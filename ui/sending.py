"""A command on its way: pick, fill, review, send, and the word at the end.

Invariant: what is submitted is a sealed plan that the user saw, except a harmless command for a few devices, which the
form itself names; one command is asked for at a time, and it goes to the tenant it was asked for or nowhere.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog

from app.commands import catalogue
from app.commands.request import Request, build
from app.errors import InputError
from app.jobs.facts import Job
from app.jobs.plan import Friction, Plan, friction, seal
from app.records import Change
from app.session import Session
from ui import text
from ui.ask import ask
from ui.dialogs.command import CommandDialog
from ui.dialogs.library import Library
from ui.dialogs.review import ReviewDialog
from ui.dialogs.targets import Targets

if TYPE_CHECKING:
    from ui.console import Console

ACCEPTED = QDialog.DialogCode.Accepted.value


class Sending:
    """The flow of commands of one console."""

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._told: set[str] = set()
        self._asking = False

    async def send(self, command: str = "") -> Job | None:
        """The whole way of a command, from the selected devices. Gives the job, or None when the user turned back.

        A second one is not begun while the first is asked for: a key that was held down is no second wish.
        """
        if self._asking:
            return None
        self._asking = True
        try:
            return await self._send(command)
        finally:
            self._asking = False

    async def _send(self, command: str) -> Job | None:
        console, session = self._console, self._console.session
        ids = console.target_ids()
        if session is None or not ids:
            console.say("Select at least one device first.", "warning")
            return None
        library = Library(session.store.apps, session.store.versions)
        dialog = CommandDialog(
            session.fleet, ids, library, session.tenant, online=session.online, command=command, parent=console.window
        )
        if await self._ask(dialog, session) != ACCEPTED or dialog.request is None:
            return None
        request = self._still_there(session, dialog.request)
        if request is None:
            return None
        sealed = seal(request, session.fleet, now=console.clock(), tenant=session.tenant.key)
        plan: Plan | None = sealed
        if friction(catalogue.COMMANDS[sealed.request.command], sealed) is not Friction.NONE:
            plan = await self._review(session, sealed, library, dialog.left_out)
        if plan is None:
            return None
        if console.session is not session:
            console.say("The tenant was closed: the command was not sent.", "warning")
            return None
        if not session.online:
            console.say("The connection is away: the command was not sent.", "warning")
            return None
        return await self._submit(session, plan)

    def _still_there(self, session: Session, request: Request) -> Request | None:
        """The request without the devices that left the fleet while the form was open; None where that is all of them."""
        fleet = session.fleet
        rows = ((device, fleet.row(device)) for device in request.devices)
        there = tuple(device for device, row in rows if row is not None and fleet.live[row])
        if gone := len(request.devices) - len(there):
            verb = "is" if gone == 1 else "are"
            self._console.say(f"{text.count(gone, 'device')} {verb} no longer in the fleet and left out.", "warning")
        return replace(request, devices=there) if there else None

    async def _review(self, session: Session, plan: Plan, library: Library, left_out: tuple[str, ...]) -> Plan | None:
        console = self._console

        def reseal(devices: Sequence[str]) -> Plan:
            platforms = Targets(session.fleet, devices).platforms_of(devices)
            request = build(plan.request.command, plan.request.args, devices, platforms)
            return seal(request, session.fleet, now=console.clock(), tenant=plan.tenant)

        dialog = ReviewDialog(
            plan, session.fleet, library, session.tenant, reseal=reseal, online=session.online,
            left_out=left_out, clock=console.clock, parent=console.window,
        )  # fmt: skip
        code = await self._ask(dialog, session)
        return dialog.plan if code == ACCEPTED else None

    async def _ask(self, dialog: CommandDialog | ReviewDialog, session: Session) -> int:
        """Asks, and keeps the dialog informed of whether there is a connection."""
        disconnect = session.health.changed.connect(lambda _: dialog.set_online(session.online))
        try:
            return await ask(dialog)
        finally:
            disconnect()

    async def _submit(self, session: Session, plan: Plan) -> Job | None:
        rows = {device: session.fleet.row(device) for device in plan.request.devices}
        names = {device: str(session.fleet.value("name", row)) for device, row in rows.items() if row is not None}
        try:
            job = await session.jobs.submit(plan, names)
        except InputError as error:
            self._console.say(text.describe(error), "error")
            return None
        window = self._console.window
        window.show_dock("jobs")
        if window.panels is not None:
            window.panels.jobs.show_job(job.id)
        return job

    def watch(self, session: Session) -> None:
        """Takes the jobs that are done already as told."""
        self._told = {job.id for job in session.jobs.all() if job.phase == "done"}

    def jobs_changed(self, change: Change) -> None:
        """Says once how a job ended."""
        session = self._console.session
        self._console.window.actions_.refresh()
        for job_id in change.ids if session is not None else ():
            job = session.jobs.job(job_id) if session is not None else None
            if job is not None and job.phase == "done" and job_id not in self._told:
                self._told.add(job_id)
                good = job.counts.get("success", 0)
                title = catalogue.COMMANDS[job.command].title if job.command in catalogue.COMMANDS else job.title
                sentence = f"{title}: {good:,} of {text.count(job.total, 'device')} succeeded."
                if lost := job.counts.get("unknown", 0):
                    sentence += f" What became of {lost:,} is not known."
                self._console.say(sentence, "success" if good == job.total else "warning")
                if session is not None and session.online:
                    # Whoever fixed something wants to see that it is fixed, not wait for the next sync.
                    session.refresh_soon()
