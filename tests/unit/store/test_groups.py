"""The group tree: paths, what lies below, and trees the server should never send."""

from hypothesis import given
from hypothesis import strategies as st

from app.records import Group
from app.store.groups import Groups
from app.store.patterns import Mode, Pattern

from .samples import GROUPS


def test_paths_children_and_descendants_follow_the_parents() -> None:
    groups = Groups(GROUPS)
    assert groups.root_ids == ["root"]
    assert [group.id for group in groups.children("root")] == ["north", "south"]
    assert groups.path("n12-back") == "All devices/North/Store 12/Back office"
    assert groups.descendants("north") == {"n12", "n12-back"}
    assert groups.parent("n12") == "north"
    assert groups.parent("root") == ""


def test_an_id_that_is_not_known_has_no_path_and_nothing_below() -> None:
    groups = Groups(GROUPS)
    assert (groups.path("x"), groups.children("x"), groups.descendants("x"), groups.parent("x")) == ("", [], set(), "")


def test_a_group_is_found_by_name_path_or_the_end_of_its_path() -> None:
    groups = Groups(GROUPS)
    assert groups.matching(Pattern("store 12", Mode.EXACT)) == {"n12", "s12"}
    assert groups.matching(Pattern("north/store 12", Mode.EXACT)) == {"n12"}
    assert groups.matching(Pattern("all devices/south/store 12", Mode.EXACT)) == {"s12"}
    assert groups.matching(Pattern("12", Mode.EXACT)) == set()


def test_counts_are_summed_from_the_bottom() -> None:
    sums = Groups(GROUPS).sums({"n12": 3, "n12-back": 2, "s12": 1, "elsewhere": 9})
    assert sums["n12"] == (3, 5)
    assert sums["root"] == (0, 6)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 11)), max_size=12))
def test_every_group_is_reached_from_the_roots_whatever_the_parents_say(links: list[tuple[int, int]]) -> None:
    groups = Groups(Group(id=str(a), name=f"g{a}", parent_id=str(b)) for a, b in links)
    reached = set(groups.root_ids).union(*(groups.descendants(root) for root in groups.root_ids))
    assert reached == set(groups.by_id) == set(groups.order)
    assert sum(groups.sums(dict.fromkeys(groups.by_id, 1))[root][1] for root in groups.root_ids) == len(groups.by_id)
