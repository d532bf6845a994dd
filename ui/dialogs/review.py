"""The review of a sealed plan: what will happen, to exactly which devices, and what stands before the sending.

Invariant: only a click or the space bar on the send button accepts, and only while the plan is fresh, unaltered,
online and, where the count has to be typed, typed exactly.
"""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from app.commands import catalogue
from app.errors import InputError
from app.jobs.plan import Friction, Plan, friction, verify
from app.settings import Tenant
from app.store.fleet import Fleet
from ui import text, theme
from ui.dialogs.device_list import DeviceList
from ui.dialogs.facts import PlanFacts
from ui.dialogs.frame import Banner, DialogFrame, SendButton, ink_on, plain_label, set_order
from ui.dialogs.library import Library
from ui.dialogs.offered import button_text, headline
from ui.models.paths import root_of

OFFLINE_REVIEW = "You are offline, so this can't be sent now. It can be read, and sent once the connection is back."
EXPIRED = "This review is older than 15 minutes and can't be sent any more."

Reseal = Callable[[Sequence[str]], Plan]


class ReviewDialog(DialogFrame):
    """When accepted, `plan` is what to submit: the plan given, or the one sealed anew after devices were taken out.

    `reseal` seals the same command for other devices; it may raise InputError. `left_out` are devices that were chosen
    and can't take the command.
    """

    def __init__(
        self,
        plan: Plan,
        fleet: Fleet,
        library: Library,
        tenant: Tenant,
        *,
        reseal: Reseal,
        online: bool,
        left_out: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, "Review", tenant=tenant)
        self.plan = plan
        self._library, self._tenant = library, tenant
        self._reseal, self._clock, self._online = reseal, clock, online
        self._left_out = tuple(left_out)
        self.resize(800, 640)
        self.setMinimumSize(640, 480)
        self.offline = Banner("cloud-off", "warning")
        self.expired = Banner("clock-alert", "warning")
        self.facts = PlanFacts(library, root_of(fleet.groups))
        self.devices = DeviceList(fleet, clock())
        self.seal = plain_label("", "mono")
        self.until = plain_label("", "muted")
        self.typed = QLineEdit()
        self.typed.setFixedWidth(theme.space(28))
        self.typed_label = plain_label("")
        self.typed_label.setBuddy(self.typed)
        self.typed_error = plain_label("", "error")
        self._typing = QWidget()
        for widget in (self.offline, self.expired, self.facts):
            self.body.addWidget(widget)
        self.body.addWidget(self.devices, 1)
        self.body.addLayout(_beside(self.seal, self.until))
        typing = QHBoxLayout(self._typing)
        typing.setContentsMargins(0, 0, 0, 0)
        typing.setSpacing(theme.space(2))
        typing.addWidget(self.typed_label)
        typing.addWidget(self.typed)
        typing.addWidget(self.typed_error)
        typing.addStretch(1)
        self.body.addWidget(self._typing)
        self.cancel = self.add_cancel(default=True)
        self.send = SendButton()
        self.add_button(self.send)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._refresh)
        self.send.clicked.connect(self._send)
        self.typed.textChanged.connect(self._refresh)
        self.devices.removal_wanted.connect(self._take_out)
        self.theme_changed.connect(self._dress_send)
        set_order([self.devices.search, self.devices.remove, self.devices.table, self.typed, self.cancel, self.send])
        self._show_plan()
        (self.typed if self._needs_typing() and online else self.cancel).setFocus()

    def set_online(self, online: bool) -> None:
        """Offline there is no send button, and the reason is said above everything else."""
        self._online = online
        self._refresh()

    def why_not(self) -> str:
        """Why the plan can't be sent now; empty when it can."""
        if not self._online:
            return "You are offline."
        if self._clock() >= self.plan.expires_at:
            return EXPIRED
        if self._needs_typing() and self.typed.text().strip() != str(self.plan.total):
            return f"Type {self.plan.total} to go on."
        return ""

    def _needs_typing(self) -> bool:
        return self._friction() is Friction.TYPE_COUNT

    def _friction(self) -> Friction:
        command = catalogue.find(self.plan.request.command)
        # A command that the catalogue does not know gets the strongest guard.
        return Friction.TYPE_COUNT if command is None else friction(command, self.plan)

    def _take_out(self, device_ids: list[str]) -> None:
        out = frozenset(device_ids)
        self._seal_again([i for i in self.plan.request.devices if i not in out])

    def _seal_again(self, device_ids: Sequence[str]) -> None:
        try:
            self.plan = self._reseal(device_ids)
        except InputError as error:
            self.reason.setText(text.describe(error))
            return
        self.typed.clear()
        self._show_plan()

    def _show_plan(self) -> None:
        plan, request = self.plan, self.plan.request
        self.heading.setText(headline(request.command, request.args, plan.total, self._library))
        command = catalogue.find(request.command)
        self.set_subtitle(command.description if command else "")
        self.facts.show_plan(plan, len(self._left_out))
        notes = dict.fromkeys(plan.unsupported, "does not support it")
        notes |= dict.fromkeys(plan.missing, "not in the copy")
        self.devices.set_devices(request.devices, notes)
        self.seal.setText(f"Plan {short_digest(plan.digest)}")
        self.seal.setAccessibleName(f"Plan digest {plan.digest}")
        self.seal.setToolTip(plan.digest)
        self.until.setText(f"Valid until {text.absolute(plan.expires_at)}")
        words = button_text(request.command, request.args, plan.total, self._library)
        self.send.setText(words)
        self.send.setAccessibleName(f"{words}, tenant {self._tenant.enterprise_name or self._tenant.name}")
        self.typed_label.setText(f"Type the number of devices, {plan.total}, to confirm:")
        self.typed.setAccessibleName(f"Type {plan.total} to confirm")
        self._typing.setVisible(self._needs_typing())
        self._dress_send()
        self._timer.start(max(0, min(2**31 - 1, round((plan.expires_at - self._clock()) * 1000))))
        self._refresh()

    def _refresh(self, *_: object) -> None:
        reason = self.why_not()
        expired = self._online and self._clock() >= self.plan.expires_at
        self.offline.say("" if self._online else OFFLINE_REVIEW)
        self.expired.say(f"{EXPIRED} Close it and review again." if expired else "")
        self.send.setVisible(self._online)
        self.send.setEnabled(not reason)
        self.send.setToolTip(reason)
        self.send.setAccessibleDescription(reason)
        self.typed.setEnabled(self._online and not expired)
        self.reason.setText("" if expired or not self._online else reason)
        wrong = self._needs_typing() and bool(self.typed.text().strip()) and bool(reason) and self.typed.isEnabled()
        self.typed_error.setText("This is not the number of devices." if wrong else "")
        theme.mark(self.typed, "invalid", wrong)

    def _send(self) -> None:
        try:
            verify(self.plan, now=self._clock())
        except InputError as error:
            self._refresh()
            self.reason.setText(text.describe(error))
            return
        if not self.why_not():
            self.accept()

    def _dress_send(self) -> None:
        """The send button wears the tenant's colour; a destructive one is red, with the tenant's colour on its edge."""
        colour = self._tenant.colour
        if self._is_destructive():
            self.send.setProperty("role", "danger")
            self.send.setStyleSheet(f"QPushButton:enabled {{ border-left: 6px solid {colour}; }}")
            return
        tokens = theme.current()
        self.send.setProperty("role", "primary")
        self.send.setStyleSheet(
            f"QPushButton {{ background: {colour}; border-color: {colour}; color: {ink_on(colour)}; }}"
            f"QPushButton:disabled {{ background: {tokens.surface_sunken}; border-color: {tokens.line};"
            f" color: {tokens.text_disabled}; }}"
            f"QPushButton:focus {{ border: 2px solid {tokens.text}; }}"
        )

    def _is_destructive(self) -> bool:
        command = catalogue.find(self.plan.request.command)
        return command is None or command.risk == "destructive"


def short_digest(digest: str) -> str:
    """The first sixteen hex digits in groups of four."""
    return " ".join(digest[i : i + 4] for i in range(0, 16, 4))


def _beside(first: QLabel, second: QLabel) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.space(4))
    row.addWidget(first)
    row.addWidget(second)
    row.addStretch(1)
    return row
