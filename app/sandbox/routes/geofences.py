"""Geofences: made, changed, deleted, applied to devices.

Invariant: what is shown can be sent back unchanged. Sources: contract paths tagged Geofences; the contract's decision 23
(actions are upper case; the lower-case ones of another client are understood).
"""

import re
from typing import Any

from app.sandbox.answers import Answer, Asked, Refusal, listed
from app.sandbox.device_facts import Document, moment
from app.sandbox.forms import Form
from app.sandbox.geofences import Geofence
from app.sandbox.routes import Path, own_enterprise
from app.sandbox.world import World

_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]+)?", re.ASCII)
_UNITS = ("KILOMETERS", "METERS", "MILES")
_ACTIONS = ("LOCK_DOWN", "BEEP")


def list_geofences(world: World, asked: Asked) -> Answer:
    """All geofences; `search` looks through names and descriptions."""
    own_enterprise(world, asked)
    found = world.geofences.all
    if wanted := asked.query.get("search", "").casefold():
        found = [g for g in found if wanted in f"{g.name}\n{g.description or ''}".casefold()]
    return Answer(listed(asked, found, lambda geofence: _document(world, geofence)))


def create(world: World, asked: Asked) -> Answer:
    own_enterprise(world, asked)
    form = Form(asked)
    return Answer(_document(world, _filed(world, form, None)), 201)


def create_and_apply(world: World, asked: Asked) -> Answer:
    """A new geofence for the devices of the list."""
    own_enterprise(world, asked)
    form = Form(asked)
    devices = form.found("devices", world.fleet.find, needed=True)
    return Answer(_document(world, _filed(world, form, None, devices)), 201)


def detail(world: World, asked: Asked) -> Answer:
    return Answer(_document(world, _geofence(world, asked)))


def replace(world: World, asked: Asked) -> Answer:
    """What is not sent is emptied."""
    kept = _geofence(world, asked)
    return Answer(_document(world, _filed(world, Form(asked), kept)))


def change(world: World, asked: Asked) -> Answer:
    """What is not sent stays."""
    kept = _geofence(world, asked)
    return Answer(_document(world, _filed(world, Form(asked, some=True), kept, partly=True)))


def delete(world: World, asked: Asked) -> Answer:
    world.geofences.remove(_geofence(world, asked))
    return Answer(None, 204)


def _filed(
    world: World, form: Form, kept: Geofence | None, devices: list[int] | None = None, partly: bool = False
) -> Geofence:
    """Reads a body and files what it says, over `kept` where there is one."""
    old = kept if partly else None
    needed = old is None
    made = {
        "name": form.text("name", old and old.name, needed=needed),
        "description": form.text("description", old and old.description, null=True, blank=True, longest=4000),
        "latitude": _degrees(form, "latitude", old.latitude if old else None, 90, needed),
        "longitude": _degrees(form, "longitude", old.longitude if old else None, 180, needed),
        "radius": form.positive("radius", old and old.radius),
        "unit": form.choice("radius_unit", _UNITS, old.unit if old else "METERS"),
        "actions": _actions(form, old.actions if old else []),
    }
    form.check()
    geofence = Geofence(
        number=world.geofences.number() if kept is None else kept.number,
        created=world.now if kept is None else kept.created,
        updated=world.now,
        devices=(devices or []) if kept is None else kept.devices,
        **made,
    )
    world.geofences.put(geofence)
    return geofence


def _degrees(form: Form, field: str, kept: str | None, most: int, needed: bool) -> Any:
    text = form.text(field, kept, needed=needed)
    if text is not None and (not _DEGREES.fullmatch(text) or abs(float(text)) > most):
        form.wrong(field, f"Must be degrees as text, from -{most} to {most}, such as 12.9716.")
    return text


def _actions(form: Form, kept: list[str]) -> list[str]:
    sent = [text.upper() for text in form.texts("device_actions", kept, word="actions")]
    if any(action not in _ACTIONS for action in sent):
        form.wrong("device_actions", f"Must be among {', '.join(_ACTIONS)}.")
    return list(dict.fromkeys(sent))


def _geofence(world: World, asked: Asked) -> Geofence:
    own_enterprise(world, asked)
    found = world.geofences.find(asked.path["geofence_id"])
    if found is None:
        raise Refusal(404, message="There is no such geofence")
    return found


def _document(world: World, geofence: Geofence) -> Document:
    return {
        "id": world.geofences.id_of(geofence),
        "enterprise": world.enterprise_id,
        "name": geofence.name,
        "description": geofence.description,
        "latitude": geofence.latitude,
        "longitude": geofence.longitude,
        "radius": geofence.radius,
        "radius_unit": geofence.unit,
        "device_actions": geofence.actions,
        "device_count": world.geofences.count(geofence),
        "created_by": geofence.created_by,
        "created_on": moment(geofence.created),
        "updated_on": moment(geofence.updated),
    }


_ALL = "/v0/enterprise/{enterprise_id}/geofence/"

PATHS = [
    Path(_ALL, list_geofences, post=create),
    Path(f"{_ALL}{{geofence_id}}/", detail, put=replace, patch=change, delete=delete),
    Path("/v0/enterprise/{enterprise_id}/create-apply-geo-fence/", post=create_and_apply),
]
