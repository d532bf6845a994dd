"""Policies: what devices allow, made, changed, deleted.

Invariant: no answer has a password; a policy that devices follow is not deleted. Sources: contract paths tagged Policies;
the wire fact that `id` and `policy_name` are read too.
"""

from typing import Any

import numpy as np

from app.sandbox.answers import Answer, Asked, Refusal, listed, truth
from app.sandbox.device_facts import Document, moment
from app.sandbox.forms import Form
from app.sandbox.library_documents import enterprise_url
from app.sandbox.policies import SECRET, Policy, without_secret
from app.sandbox.routes import Path, own_enterprise
from app.sandbox.world import World

_TAKEN = "The fields name, enterprise must make a unique set. "
_TRUTHS = """
    keyguardDisabled safeBootDisabled statusBarDisabled factoryResetDisabled screenshotDisabled usbConnectivityDisabled
    smsDisabled outgoingCallsDisabled cameraDisabled nfcBeamDisabled disablePlayStore usbFileTransferDisabled
    tetheringDisabled dateTimeConfigDisabled appUninstallDisabled googleAssistantDisabled disableLocalAppInstall adbDisabled
""".split()
_THINGS = ("phonePolicy", "googleAccountPermission", "devicePasswordPolicy", "deviceUpdatePolicy")
_CHOICES = {
    "permissionPolicy": (
        "PERMISSION_POLICY_PROMPT",
        "PERMISSION_POLICY_AUTO_GRANT",
        "PERMISSION_POLICY_AUTO_DENY",
    ),
    "settingsAccessLevel": ("SYSTEM", "SHOONYA", "NONE"),
}


def list_policies(world: World, asked: Asked) -> Answer:
    """All policies; `name` finds a part of the name, exact matches first (wire fact)."""
    own_enterprise(world, asked)
    found, active = world.policies.live, truth(asked, "is_active")
    if active is not None:
        found = [policy for policy in found if policy.active == active]
    if wanted := asked.query.get("name", "").casefold():
        found = [policy for policy in found if wanted in policy.name.casefold()]
        found.sort(key=lambda policy: policy.name.casefold() != wanted)
    return Answer(listed(asked, found, lambda policy: document(world, policy, asked.base)))


def create(world: World, asked: Asked) -> Answer:
    own_enterprise(world, asked)
    name, description, rules, active = _read(world, Form(asked), None, needed=True)
    made = world.policies.add(name, description, rules, active, world.now)
    return Answer(document(world, made, asked.base), 201)


def detail(world: World, asked: Asked) -> Answer:
    return Answer(document(world, _policy(world, asked), asked.base))


def replace(world: World, asked: Asked) -> Answer:
    """What is not sent is emptied."""
    policy = _policy(world, asked)
    return _changed(world, asked, policy, _read(world, Form(asked), policy, needed=True))


def change(world: World, asked: Asked) -> Answer:
    """What is not sent stays; the rules are replaced as a whole."""
    policy = _policy(world, asked)
    return _changed(world, asked, policy, _read(world, Form(asked, some=True), policy, needed=False))


def delete(world: World, asked: Asked) -> Answer:
    policy = _policy(world, asked)
    if count := _followers(world, policy):
        raise Refusal(400, [f"policy_id: The policy is in use on {count} device{'s' * (count > 1)}."])
    policy.gone = True
    return Answer(None, 204)


def document(world: World, policy: Policy, base: str) -> Document:
    enterprise = enterprise_url(world, base)
    return {
        "id": policy.number,
        "uuid": world.ids.make("policy", policy.number),
        "url": f"{enterprise}policy/{policy.number}/",
        "device_count": _followers(world, policy),
        "google_policy_id": None,
        "updated_on": moment(policy.updated),
        "created_on": moment(policy.created),
        "name": policy.name,
        "policy_name": policy.name,
        "enterprise": enterprise,
        "description": policy.description,
        "policy": policy.rules,
        "is_active": policy.active,
    }


def _changed(world: World, asked: Asked, policy: Policy, read: tuple[str, str | None, dict[str, Any], bool]) -> Answer:
    policy.name, policy.description, rules, policy.active = read
    policy.rules, policy.updated = without_secret(rules), world.now
    return Answer(document(world, policy, asked.base))


def _read(world: World, form: Form, kept: Policy | None, needed: bool) -> tuple[str, str | None, dict[str, Any], bool]:
    """Name, description, rules and whether it is active; `needed` is a whole policy, else what is missing is kept."""
    old = None if needed else kept
    name = form.text("name", old and old.name, needed=needed)
    description = form.text("description", old and old.description, null=True, blank=True, longest=4000)
    active = form.truth("is_active", old.active if old else True)
    enterprise = form.text("enterprise", needed=needed)
    if enterprise is not None and enterprise.rstrip("/").rpartition("/")[2].lower() != world.enterprise_id:
        form.wrong("enterprise", "Must be the address of this enterprise.")
    rules = form.thing("policy", old.rules if old else {}, needed=needed)
    _check(form, rules)
    form.check()
    if world.policies.taken(name, kept):
        raise Refusal(400, [_TAKEN], _TAKEN)
    return name, description, rules, active


def _check(form: Form, rules: dict[str, Any]) -> None:
    """Types and choices of the rules; rules of other names are kept as they come."""

    def wrong(field: str, message: str) -> None:
        form.wrong(f"policy.{field}", message)

    for field in _TRUTHS:
        if field in rules and not isinstance(rules[field], bool):
            wrong(field, "Must be true or false.")
    for field in _THINGS:
        if field in rules and not isinstance(rules[field], dict):
            wrong(field, "Must be an object.")
    for field, options in _CHOICES.items():
        if field in rules and rules[field] not in options:
            wrong(field, f"Must be one of {', '.join(options)}.")
    length, accounts = rules.get("minimumPasswordLength", 4), rules.get("frpGoogles", [])
    if isinstance(length, bool) or not isinstance(length, int) or length < 4:
        wrong("minimumPasswordLength", "Must be a whole number, at least 4.")
    if not isinstance(accounts, list) or not all(isinstance(account, dict) for account in accounts):
        wrong("frpGoogles", "Must be a list of objects.")
    if not isinstance(rules.get(SECRET, ""), str):
        wrong(SECRET, "Must be text.")


def _followers(world: World, policy: Policy) -> int:
    fleet = world.fleet
    return int(np.count_nonzero((fleet.policy == policy.number - 1) & ~fleet.gone))


def _policy(world: World, asked: Asked) -> Policy:
    own_enterprise(world, asked)
    found = world.policies.find(asked.path["policy_id"])
    if found is None:
        raise Refusal(404, message="There is no such policy")
    return found


_ALL = "/enterprise/{enterprise_id}/policy/"

PATHS = [
    Path(_ALL, list_policies, post=create),
    Path(f"{_ALL}{{policy_id}}/", detail, put=replace, patch=change, delete=delete),
]
