"""Devices: the older Android list, the list of every platform, details, tags, telemetry, settings, apps on a device.

Invariant: a device that is gone is 404 here and in no list. Sources: contract paths tagged Devices.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from app.sandbox.answers import Answer, Asked, Cut, Refusal, cut, listed, page, truth, whole, words, wrapped
from app.sandbox.device_documents import device_v1, device_v2
from app.sandbox.device_query import order, select
from app.sandbox.forms import Form
from app.sandbox.labels import MOST_TAGS
from app.sandbox.library_documents import INSTALL_LABELS, apple_windows_apps, device_apps, installs
from app.sandbox.routes import Path, device_in, own_enterprise
from app.sandbox.routes.policies import document as policy_document
from app.sandbox.telemetry import events, settings_of, telemetry
from app.sandbox.world import World

LARGEST_V2_PAGE = 1000


def list_v1(world: World, asked: Asked) -> Answer:
    """Android devices, 20 by default; a limit above 500 is silently taken as 500."""
    own_enterprise(world, asked)
    part, rows = cut(asked), select(world, asked, newer=False)
    shown = [device_v1(world, number, asked.base) for number in rows[part.within(len(rows))].tolist()]
    return Answer(page(asked, part, len(rows), shown))


def detail_v1(world: World, asked: Asked) -> Answer:
    """With `show_policy` the rules that the device follows are part of the answer."""
    number, shows = _android(world, asked), truth(asked, "show_policy")
    shown = device_v1(world, number, asked.base)
    if shows:
        policy = int(world.fleet.policy[number])
        follows = policy >= 0 and not world.fleet.bare[number]
        shown["policy_details"] = policy_document(world, world.policies.all[policy], asked.base) if follows else None
    return Answer(shown)


def change_v1(world: World, asked: Asked) -> Answer:
    """Replaces the tags, the only thing that can be changed here; a text that is new becomes a tag of the tenant."""
    number = _android(world, asked)
    form = Form(asked, closed=("tags",))
    texts = form.texts("tags", [], needed=True)
    if len(set(texts)) > MOST_TAGS:
        form.wrong("tags", f"At most {MOST_TAGS} tags, not {len(set(texts))}.")
    if any(len(text) > 255 for text in texts):
        form.wrong("tags", "A tag has at most 255 signs.")
    form.check()
    world.labels.put(number, texts)
    world.fleet.updated[number] = world.now
    return Answer(device_v1(world, number, asked.base))


def _android(world: World, asked: Asked) -> int:
    own_enterprise(world, asked)
    number = device_in(world, asked)
    if world.fleet.platform[number] != 0:
        raise Refusal(404, message="This is not an Android device")
    return number


def list_v2(world: World, asked: Asked) -> Answer:
    """Devices of every platform, 10 by default, at most 1000. With `cursor` the page has cursors instead of links."""
    limit, offset = whole(asked, "limit", 10), whole(asked, "offset", 0)
    if not 1 <= limit <= LARGEST_V2_PAGE:
        raise Refusal(400, [f"limit: Must be from 1 to {LARGEST_V2_PAGE}."])
    if offset < 0:
        raise Refusal(400, ["offset: Must not be negative."])
    cursor = asked.query.get("cursor")
    if cursor:
        offset = _offset_of(cursor)
    rows = order(world, select(world, asked, newer=True), asked.query.get("ordering", ""))
    part = Cut(limit, offset)
    shown = [device_v2(world, number) for number in rows[part.within(len(rows))].tolist()]
    if not cursor:
        return wrapped(page(asked, part, len(rows), shown, "prev"))
    following = _cursor(offset + limit) if offset + limit < len(rows) else None
    return wrapped(
        {"results": shown, "next_cursor": following, "prev_cursor": _cursor(max(offset - limit, 0)) if offset else None}
    )


def detail_v2(world: World, asked: Asked) -> Answer:
    return wrapped(device_v2(world, device_in(world, asked)))


def detail_v0(world: World, asked: Asked) -> Answer:
    return wrapped(device_v2(world, device_in(world, asked, "id")))


def delete_v0(world: World, asked: Asked) -> Answer:
    """Deletes a device that is not Android, and answers with what it was."""
    number = device_in(world, asked, "id")
    if world.fleet.platform[number] == 0:
        raise Refusal(400, ["id: An Android device is removed with the command WIPE."])
    shown = device_v2(world, number)
    world.lifecycle.remove(number, world.now)
    return wrapped(shown)


def settings(world: World, asked: Asked) -> Answer:
    return Answer(settings_of(world, device_in(world, asked, "id")))


def status(world: World, asked: Asked) -> Answer:
    """The newest telemetry event, or with `latest_event` 0 those of a day; none for a device that never reported."""
    own_enterprise(world, asked)
    number = device_in(world, asked)
    if not asked.query.get("latest_event"):
        raise Refusal(400, ["latest_event: Is required."])
    found = events(world, number)
    if whole(asked, "latest_event", 1):
        found = found[:1]
    return Answer(listed(asked, found, lambda at: telemetry(world, number, asked.base, at)))


def apps(world: World, asked: Asked) -> Answer:
    own_enterprise(world, asked)
    found = device_apps(world, device_in(world, asked))
    whitelisted = truth(asked, "whitelisted")
    for field in ("package_name", "app_type", "state"):
        if wanted := asked.query.get(field):
            found = [app for app in found if app[field].casefold() == wanted.casefold()]
    if whitelisted is not None:
        found = [app for app in found if app["whitelisted"] == whitelisted]
    if text := asked.query.get("search", "").casefold():
        found = [app for app in found if text in app["app_name"].casefold() or text in app["package_name"]]
    return Answer(listed(asked, found, lambda app: app))


def app(world: World, asked: Asked) -> Answer:
    own_enterprise(world, asked)
    for found in device_apps(world, device_in(world, asked)):
        if found["id"] == asked.path["app_id"].lower():
            return Answer(found)
    raise Refusal(404, message="There is no such app on the device")


def apps_v2(world: World, asked: Asked) -> Answer:
    found = apple_windows_apps(world, device_in(world, asked))
    if kinds := words(asked, "app_type"):
        found = [entry for entry in found if entry["app_type"] in kinds]
    return wrapped(listed(asked, found, lambda entry: entry, "prev"))


def install_history(world: World, asked: Asked) -> Answer:
    """Newest first; `install_state` is understood as constant and as label."""
    own_enterprise(world, asked)
    number = device_in(world, asked)
    found = installs(world, number, asked.base)
    if asked.query.get("device", world.fleet.device_id(number)).lower() != world.fleet.device_id(number):
        found = []
    for field in ("package_name", "application_name"):
        if wanted := asked.query.get(field):
            found = [entry for entry in found if entry["application"][field].casefold() == wanted.casefold()]
    if state := asked.query.get("install_state"):
        label = INSTALL_LABELS.get(state.upper(), state).casefold()
        found = [entry for entry in found if entry["install_state"].casefold() == label]
    return Answer(listed(asked, found, lambda entry: entry))


def _cursor(offset: int) -> str:
    return urlsafe_b64encode(f"o{offset}".encode()).decode().rstrip("=")


def _offset_of(cursor: str) -> int:
    if cursor == "start":
        return 0
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        return max(0, int(text.removeprefix("o"))) if text.startswith("o") else int("")
    except (ValueError, UnicodeError):
        raise Refusal(400, ["cursor: Is not a cursor of this list; begin with start."]) from None


_OF_DEVICE = "/enterprise/{enterprise_id}/device/{device_id}"

PATHS = [
    Path("/enterprise/{enterprise_id}/device/", list_v1),
    Path(f"{_OF_DEVICE}/", detail_v1, patch=change_v1),
    Path(f"{_OF_DEVICE}/status/", status),
    Path(f"{_OF_DEVICE}/app/", apps),
    Path(f"{_OF_DEVICE}/app/{{app_id}}/", app),
    Path(f"{_OF_DEVICE}/install/", install_history),
    Path("/v2/devices/", list_v2),
    Path("/v2/devices/{device_id}", detail_v2),
    Path("/v2/devices/{device_id}/device-apps/", apps_v2),
    Path("/device/v0/devices/{id}/", detail_v0, delete=delete_v0),
    Path("/device/v0/devices/{id}/devicestate", settings),
]
