"""One dialog for every command: pick it, fill it in, see the request; the review comes after.

Invariant: it gives a Request that the catalogue has checked, with at least one device, or nothing; devices that don't
support the command are in it only when the user said so.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QTabWidget, QVBoxLayout, QWidget

from app.commands.request import Request, build
from app.errors import InputError
from app.settings import Tenant
from app.store.fleet import Fleet
from ui import text, theme
from ui.dialogs.command_list import CommandList
from ui.dialogs.form import CommandForm
from ui.dialogs.frame import Banner, DialogFrame, set_order
from ui.dialogs.library import Library
from ui.dialogs.offered import Offer
from ui.dialogs.preview import RequestPreview
from ui.dialogs.targets import Targets, platform_name

OFFLINE_FORM = "You are offline. The command can be filled in and checked, but nothing can be sent until you are back."


class CommandDialog(DialogFrame):
    """When accepted, `request` is what to seal and review, and `left_out` the devices that can't take it."""

    def __init__(
        self,
        fleet: Fleet,
        device_ids: Sequence[str],
        library: Library,
        tenant: Tenant,
        *,
        online: bool,
        command: str = "",
        args: Mapping[str, Any] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, "Send a command", tenant=tenant)
        self.request: Request | None = None
        self.left_out: tuple[str, ...] = ()
        self._targets, self._library = Targets(fleet, device_ids), library
        self._form: CommandForm | None = None
        self._reach: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._kept: dict[str, dict[str, Any]] = {command: dict(args)} if args else {}
        self.set_subtitle(self._who())
        self.resize(940, 640)
        self.offline = Banner("cloud-off", "warning")
        self.commands = CommandList()
        self.leave_out = QCheckBox("Leave them out")
        self.leave_out.setChecked(True)
        self.leave_out.setAccessibleName("Leave out the devices that do not support the command")
        self.unsupported = Banner("circle-alert", "warning")
        self.unsupported.column.addWidget(self.leave_out)
        self.preview = RequestPreview(tenant.url)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        # Its tab bar takes the keyboard; a second stop that leads there again would be a trap for the Tab key.
        self.tabs.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tabs.setAccessibleName("Form and request")
        self._page = _column(self.tabs, "Fill in")
        self._page.addWidget(self.unsupported)
        _column(self.tabs, "Request").addWidget(self.preview)
        middle = QHBoxLayout()
        middle.setSpacing(theme.space(5))
        middle.addWidget(self.commands)
        middle.addWidget(self.tabs, 1)
        self.body.addWidget(self.offline)
        self.body.addLayout(middle, 1)
        self.cancel = self.add_cancel()
        self.review = QPushButton("Review")
        self.review.setProperty("role", "primary")
        self.add_button(self.review, default=True)
        self.review.clicked.connect(self._review)
        self.commands.chosen.connect(self._open_form)
        self.leave_out.toggled.connect(self._refresh)
        self.tabs.currentChanged.connect(self._refresh)
        self.set_online(online)
        preset = self.commands.choose(command)
        (self._first_field() if preset else self.commands.search).setFocus()

    @property
    def form(self) -> CommandForm:
        """The form of the command that is chosen now."""
        assert self._form is not None
        return self._form

    def set_online(self, online: bool) -> None:
        """Says before the form that nothing can be sent now; may change while the dialog is open."""
        self.offline.say("" if online else OFFLINE_FORM)

    def devices(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(devices that will be in the request, devices left out)."""
        return self._reach if self.leave_out.isChecked() else (self._targets.ids, ())

    def why_not(self) -> str:
        """Why there is nothing to review yet; empty when there is."""
        if not len(self._targets):
            return "No device is chosen. Choose at least one first."
        if not self.devices()[0]:
            return f"None of the chosen devices supports “{self.form.command.title}”."
        return self.form.first_problem()

    def _open_form(self, offer: Offer) -> None:
        if self._form is not None:
            self._kept[self._form.command.name] = self._form.args()
            self._page.removeWidget(self._form)
            self._form.deleteLater()
        self._form = CommandForm(offer, self._library)
        self._reach = self._targets.reach(offer.command)
        self._form.set_args(self._kept.get(offer.name, {}))
        self._form.changed.connect(self._refresh)
        self._page.insertWidget(0, self._form, 1)
        fields = [control for editor in self._form.editors for control in editor.input.controls()]
        set_order([self.commands.list, self.tabs.tabBar(), *fields, self.leave_out, self.cancel, self.review])
        self._refresh()

    def _refresh(self, *_: object) -> None:
        form = self.form
        reached, foreign = self._reach
        self.unsupported.say(self._foreign_text(len(foreign)) if foreign and reached else "")
        devices = self.devices()[0]
        form.set_platforms(self._platforms())
        if self.tabs.currentIndex() == 1:
            self.preview.show_request(form.command.name, form.args(), devices)
        reason = self.why_not()
        self.reason.setText(reason)
        self.review.setEnabled(not reason)
        self.review.setToolTip(reason)
        self.review.setText(f"Review {text.count(len(devices), 'device')}…" if devices else "Review")
        self.review.setAccessibleName(self.review.text())
        self.review.setAccessibleDescription(reason)

    def _review(self) -> None:
        devices, left_out = self.devices()
        try:
            self.request = build(self.form.command.name, self.form.args(), devices, self._platforms())
        except InputError as error:
            self.form.show_problems(insist=True)
            self.reason.setText(text.describe(error))
            return
        self.left_out = left_out
        self.accept()

    def _platforms(self) -> frozenset[str]:
        """The platforms among the devices that will be in the request."""
        named = frozenset(platform for platform in self._targets.platforms() if platform)
        return named & frozenset(self.form.command.platforms) if self.leave_out.isChecked() else named

    def _submits(self) -> bool:
        # The review sends nothing, so Enter may lead to it, from anywhere but the search.
        return self.focusWidget() is not self.commands.search

    def _first_field(self) -> QWidget:
        return self.form.editors[0] if self.form.editors else self.commands.list

    def _who(self) -> str:
        total = len(self._targets)
        if not total:
            return "No device is chosen."
        parts = [f"{n:,} {platform_name(platform)}" for platform, n in self._targets.platforms().items()]
        if len(parts) == 1:
            return f"To {text.count(total, f'{platform_name(next(iter(self._targets.platforms())))} device')}."
        return f"To {text.count(total, 'chosen device')}: {', '.join(parts)}."

    def _foreign_text(self, foreign: int) -> str:
        title, total = self.form.command.title, len(self._targets)
        verb = "does" if foreign == 1 else "do"
        fate = "will be left out" if self.leave_out.isChecked() else "will be sent the command all the same"
        return f"{foreign:,} of {text.count(total, 'device')} {verb} not support “{title}” and {fate}."


def _column(tabs: QTabWidget, title: str) -> QVBoxLayout:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, theme.space(3), 0, 0)
    column.setSpacing(theme.space(3))
    tabs.addTab(page, title)
    return column
