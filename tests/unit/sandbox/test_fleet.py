"""The seeded fleet: reproducible, plausible, of any size."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.clock import Clock
from app.sandbox.device_documents import device_v2
from app.sandbox.fleet import ANDROID_STATES, NO_APP, OFFLINE, ONLINE, RARE_STATES, Fleet
from app.sandbox.identity import Identity
from app.sandbox.ids import Ids
from app.sandbox.software import HOSTILE_NAMES
from app.sandbox.world import World
from tests.unit.sandbox.tenant import NOON

LARGE = Fleet(5, 20_000)
NAMES = Identity(LARGE)


def documents(seed: int) -> list[object]:
    world = World(150, seed, Clock(0, NOON))
    return [device_v2(world, number) for number in range(150)]


def test_the_same_seed_gives_the_same_fleet() -> None:
    assert documents(7) == documents(7)


def test_another_seed_gives_another_fleet_with_other_ids() -> None:
    assert Fleet(7, 10).device_id(0) != Fleet(8, 10).device_id(0)


@pytest.mark.parametrize("size", [1, 2, 5, 19, 20, 21, 60, 999])
def test_a_fleet_of_any_size_has_all_its_devices_in_groups(size: int) -> None:
    fleet = Fleet(1, size)
    assert int(fleet.group_counts().sum()) == size
    assert len(fleet.members_below(0)) == size


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**31))
def test_an_id_can_be_turned_back_into_its_index(index: int, seed: int) -> None:
    ids = Ids(seed)
    assert ids.find("device", ids.make("device", index).upper()) == index


@given(st.text() | st.uuids().map(str))
def test_a_text_that_is_no_id_of_this_fleet_finds_nothing(text: str) -> None:
    assert Ids(1).find("device", text) is None


def test_an_id_of_another_kind_finds_nothing() -> None:
    ids = Ids(1)
    assert ids.find("group", ids.make("device", 0)) is None


def test_every_state_of_the_contract_occurs_and_most_devices_are_online_or_offline() -> None:
    states = Counter(LARGE.state.tolist())
    assert set(states) == {ONLINE, OFFLINE, *ANDROID_STATES}
    assert states[ONLINE] + states[OFFLINE] > 0.9 * LARGE.size
    others = set(LARGE.state[LARGE.platform != 0].tolist())
    assert others == {ONLINE, OFFLINE, *RARE_STATES}


def test_most_devices_run_android_and_every_platform_occurs() -> None:
    shares = np.bincount(LARGE.platform) / LARGE.size
    assert shares[0] > 0.7
    assert (shares > 0).all()
    assert len(shares) == 4


def test_groups_are_five_levels_deep_below_the_root_and_paths_join_their_names() -> None:
    groups = LARGE.groups.all
    assert groups[0].name == "All devices"
    assert groups[0].parent is None
    assert max(g.depth for g in groups) == 5
    for group in groups[1:]:
        assert group.parent is not None
        above = groups[group.parent]
        assert group.path == f"{above.path}/{group.name}"
        assert above.index < group.index
        assert group.index in above.children
    assert [group.index for group in LARGE.groups.live] == list(range(len(groups)))


def test_no_device_has_more_than_five_tags() -> None:
    counts = [int(bits).bit_count() for bits in LARGE.tags]
    assert max(counts) == 5
    assert min(counts) == 0


def test_every_imei_has_a_valid_check_digit_and_no_two_devices_share_one() -> None:
    imeis = [imei for number in range(3000) for imei in NAMES.imeis(number) if imei]
    assert len(imeis) == len(set(imeis)) > 1000
    for imei in imeis:
        digits = [int(d) for d in imei]
        doubled = [d if place % 2 == 0 else d * 2 - 9 * (d > 4) for place, d in enumerate(digits)]
        assert len(imei) == 15
        assert sum(doubled) % 10 == 0


def test_names_serials_and_addresses_are_unique() -> None:
    for read in (NAMES.name, NAMES.serial, NAMES.mac):
        assert len({read(number) for number in range(LARGE.size)}) == LARGE.size


def test_a_few_devices_carry_names_that_break_careless_clients() -> None:
    names = " | ".join(NAMES.name(number) for number in range(LARGE.size))
    aliases = {NAMES.alias(number) for number in range(LARGE.size)}
    assert [text for text in HOSTILE_NAMES if text not in names] == []
    assert set(HOSTILE_NAMES) <= aliases
    assert len(LARGE.hostile_names) == len(HOSTILE_NAMES)


def test_only_android_devices_have_apps_of_the_android_library() -> None:
    assert (LARGE.installed[LARGE.platform != 0] == NO_APP).all()
    assert (LARGE.installed[LARGE.platform == 0] != NO_APP).any(axis=1).mean() > 0.9


@pytest.mark.parametrize("size", [0, -1, 1_000_001])
def test_a_fleet_too_small_or_too_large_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="1,000,000"):
        World(size)
