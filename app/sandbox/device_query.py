"""Filters and orderings of the device lists, as masks and sort keys over the fleet's columns.

Invariant: a filter that was not sent changes nothing, one that can't be read is refused, and devices that are gone
appear nowhere. Rows with equal keys stand in the order of their numbers, so pages never overlap.
Sources: contract paths `/enterprise/{enterprise_id}/device/` and `/v2/devices/`.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from app.sandbox import device_facts as facts
from app.sandbox.answers import Asked, Refusal, truth, words
from app.sandbox.fleet import CONNECTIONS, PLATFORMS, Column, Rows
from app.sandbox.hardware import MODELS
from app.sandbox.identity import rank_texts
from app.sandbox.software import AGENTS, BLUEPRINTS, NETWORKS, TEMPLATES
from app.sandbox.world import World

FILTERS = frozenset(
    """
    brand is_gms state group tags serial imei search name platform os group_multi group_multi_immediate device_source
    assigned_blueprint_id current_blueprint_id template_multi policy_multi managed_by battery_level_gte battery_level_lte
    active_connection android_version esper_agent_version_name is_locked_down global_device_id udid
    """.split()
)
_LIBRARY_KEYS = {"alias", "name", "serial"}


def select(world: World, asked: Asked, newer: bool) -> Rows:
    """Numbers of the devices asked for. `newer` is the v2 list; the older one shows Android devices only.

    `group` means members of the group itself, `group_multi` those of subgroups too. Raises Refusal 400.
    """
    fleet, query = world.fleet, asked.query
    keep = ~fleet.gone
    if not newer:
        keep &= fleet.platform == 0
    if word := query.get("brand"):
        keep &= _of_models([m.brand.casefold() == word.casefold() for m in MODELS])[fleet.model]
    if (gms := truth(asked, "is_gms")) is not None:
        keep &= fleet.gms == gms
    if states := words(asked, "state"):
        keep &= np.isin(fleet.state, _numbers("state", states))
    if groups := words(asked, "group"):
        keep &= np.isin(fleet.group, _groups(world, "group", groups))
    if tags := words(asked, "tags"):
        places = [place for tag in tags if (place := world.labels.find(tag)) is not None]
        keep &= world.labels.wearing(places)
    if newer:
        keep &= _newer(world, asked)
    rows = np.flatnonzero(keep)
    for name in ("serial", "imei", "search"):
        if text := query.get(name):
            rows = _look_for(world, rows, name, text)
    if text := query.get("name"):
        rows = _named(world, rows, text)
    return rows


def order(world: World, rows: Rows, ordering: str) -> Rows:
    """The rows sorted by a field of the contract's deviceOrdering, a leading minus for descending.

    A missing value counts as the greatest.

    Raises Refusal 400 for an unknown field.
    """
    if not ordering:
        return rows
    field, backwards = ordering.removeprefix("-"), ordering.startswith("-")
    keys = _keys(world, field)[rows]
    return rows[np.argsort(-keys if backwards else keys, kind="stable")]


def _newer(world: World, asked: Asked) -> Column:
    """The filters that only the v2 list has."""
    fleet, query = world.fleet, asked.query
    keep = np.ones(fleet.size, bool)
    if platforms := words(asked, "platform"):
        keep &= np.isin(fleet.platform, [PLATFORMS.index(p.upper()) for p in platforms if p.upper() in PLATFORMS])
    if systems := _folded(words(asked, "os")):
        keep &= _of_models([m.os.casefold() in systems for m in MODELS])[fleet.model]
    if groups := words(asked, "group_multi"):
        below = [g for top in _groups(world, "group_multi", groups) for g in fleet.groups.below(top)]
        keep &= np.isin(fleet.group, below)
    if groups := words(asked, "group_multi_immediate"):
        keep &= np.isin(fleet.group, _groups(world, "group_multi_immediate", groups))
    if sources := _folded(words(asked, "device_source")):
        keep &= _mask(world, lambda n: facts.source_of(world, n).casefold() in sources)
    for name in ("assigned_blueprint_id", "current_blueprint_id"):
        if wanted := query.get(name):
            keep &= (fleet.blueprint == _index(world, "blueprint", wanted, len(BLUEPRINTS))) & ~fleet.bare
    if templates := words(asked, "template_multi"):
        keep &= np.isin(fleet.template, [i for i, t in enumerate(TEMPLATES) if t in templates]) & (fleet.blueprint < 0)
    if policies := words(asked, "policy_multi"):
        keep &= np.isin(
            fleet.policy, [p.number - 1 for p in world.policies.live if p.name in policies or str(p.number) in policies]
        )
    if (managers := _folded(words(asked, "managed_by"))) and "esper" not in managers:
        keep[:] = False
    for name in ("battery_level_gte", "battery_level_lte"):
        if level := query.get(name):
            levels, bound = world.presence.battery_all(world.now), _numbers(name, [level])[0]
            keep &= (levels >= bound if name.endswith("gte") else levels <= bound) & ~fleet.bare
    if links := _folded(words(asked, "active_connection")):
        keep &= np.isin(fleet.connection, [i for i, c in enumerate(CONNECTIONS) if c.casefold() in links])
        keep &= (fleet.state == 1) & ~fleet.bare
    if version := query.get("android_version"):
        keep &= (fleet.platform == 0) & _mask(world, lambda n: facts.os_version_of(world, n) == version)
    if agent := query.get("esper_agent_version_name"):
        keep &= fleet.agent == (AGENTS.index(agent) if agent in AGENTS else -1)
    if (locked := truth(asked, "is_locked_down")) is not None:
        keep &= fleet.locked == locked
    if wanted := query.get("global_device_id"):
        keep &= _mask(world, lambda n: facts.global_id_of(world, n) == wanted)
    if wanted := query.get("udid"):
        keep &= _mask(world, lambda n: facts.udid_of(world, n) == wanted)
    return keep


def _look_for(world: World, rows: Rows, name: str, text: str) -> Rows:
    """search: part of name, alias, serial, IMEI or MAC address; serial and imei: the whole number. Case is ignored."""
    hay, wanted = world.identity.haystack(), text.strip().lower()
    found = [n for n in rows.tolist() if wanted in hay[n]]
    if name == "serial":
        found = [
            n for n in found if wanted in _folded([world.identity.serial(n), world.identity.custom_serial(n) or ""])
        ]
    elif name == "imei":
        found = [n for n in found if wanted in world.identity.imeis(n)]
    return np.array(found, np.int64)


def _named(world: World, rows: Rows, text: str) -> Rows:
    """Devices whose name holds the text, without regard to case; exact matches come first (wire fact)."""
    wanted = text.casefold()
    names = {n: world.identity.name(n).casefold() for n in rows.tolist()}
    found = [n for n, name in names.items() if wanted in name]
    return np.array(sorted(found, key=lambda n: names[n] != wanted), np.int64)


def _keys(world: World, field: str) -> Column:
    fleet, now = world.fleet, world.now
    if field in _LIBRARY_KEYS:
        return world.identity.rank(field)
    ways: dict[str, Callable[[], Column]] = {
        "created_at": lambda: fleet.created,
        "provisioned_on": lambda: np.where(fleet.bare, np.inf, fleet.provisioned),
        "last_seen": lambda: np.where(fleet.bare, np.inf, world.presence.last_seen_all(now)),
        "battery_level": lambda: np.where(fleet.bare, np.inf, world.presence.battery_all(now)),
        "state": lambda: fleet.state.astype(np.int64),
        "is_gms": lambda: fleet.gms.astype(np.int64),
        "platform": lambda: fleet.platform.astype(np.int64),
        "model": lambda: rank_texts([m.model for m in MODELS])[fleet.model],
        "dpc_version": lambda: fleet.agent.astype(np.int64),
        "wifi_ssid": lambda: np.where(fleet.connection == 0, rank_texts(NETWORKS)[fleet.network], len(NETWORKS)),
        "policy_name": lambda: rank_texts([*(p.name for p in world.policies.all), None])[fleet.policy],
        "template_name": lambda: rank_texts([*TEMPLATES, None])[np.where(fleet.blueprint < 0, fleet.template, -1)],
        "os_version": lambda: rank_texts([facts.os_version_of(world, n) for n in range(fleet.size)]),
        "eea_version": lambda: rank_texts([facts.foundation_of(world, n) for n in range(fleet.size)]),
        "security_state": lambda: fleet.locked.astype(np.int64),
    }
    if field not in ways:
        raise Refusal(400, [f"ordering: {field} is not a field that can be sorted by."])
    return ways[field]()


def _mask(world: World, test: Callable[[int], bool]) -> Column:
    return np.fromiter((test(number) for number in range(world.fleet.size)), bool, world.fleet.size)


def _of_models(flags: Sequence[bool]) -> Column:
    return np.array(flags, bool)


def _folded(texts: Iterable[str]) -> set[str]:
    return {text.casefold() for text in texts}


def _numbers(name: str, texts: Sequence[str]) -> list[int]:
    try:
        numbers = [int(text) for text in texts]
    except ValueError:
        raise Refusal(400, [f"{name}: Must be a whole number."]) from None
    return [max(-1, min(number, 1000)) for number in numbers]


def _groups(world: World, name: str, texts: Sequence[str]) -> list[int]:
    found = [world.fleet.groups.find(text) for text in texts]
    unknown = [f"{name}: There is no group {text}." for text, group in zip(texts, found, strict=True) if group is None]
    if unknown:
        raise Refusal(400, unknown)
    return [group.index for group in found if group is not None]


def _index(world: World, kind: str, text: str, size: int) -> int:
    number = world.ids.find(kind, text)
    return number if number is not None and number < size else -2
