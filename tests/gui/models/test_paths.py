"""Group paths: shortened by whole names from the left, told without what all share."""

import pytest
from PySide6.QtGui import QFontMetrics

from app.records import Group
from app.store.groups import Groups
from ui import theme
from ui.models import paths

PATH = "Retail/US East/Atlanta/Store 148 Old Town/Stock room"


@pytest.fixture
def metrics(qapp: object) -> QFontMetrics:
    return QFontMetrics(theme.ui_font())


def test_a_path_that_fits_stays_whole(metrics: QFontMetrics) -> None:
    assert paths.shorten(PATH, metrics, metrics.horizontalAdvance(PATH)) == PATH


def test_a_long_path_loses_whole_names_at_the_left_and_keeps_the_last(metrics: QFontMetrics) -> None:
    wanted = "…/Store 148 Old Town/Stock room"
    assert paths.shorten(PATH, metrics, metrics.horizontalAdvance(wanted)) == wanted
    assert paths.shorten(PATH, metrics, metrics.horizontalAdvance(wanted) - 1) == "…/Stock room"


def test_where_not_even_the_last_name_fits_its_middle_makes_way(metrics: QFontMetrics) -> None:
    shown = paths.shorten(PATH, metrics, metrics.horizontalAdvance("Stock roo"))
    assert "…" in shown
    assert shown.startswith("S")
    assert shown.endswith("m")


def test_a_path_is_told_without_the_one_root_that_all_groups_share() -> None:
    groups = Groups([Group(id="r", name="All devices"), Group(id="s", name="Store", parent_id="r")])
    assert paths.root_of(groups) == "All devices"
    assert paths.below(groups.path("s"), paths.root_of(groups)) == "Store"
    assert paths.below(groups.path("r"), paths.root_of(groups)) == "All devices"


def test_with_two_roots_nothing_is_left_out() -> None:
    groups = Groups([Group(id="a", name="North"), Group(id="b", name="South")])
    assert paths.below(groups.path("a"), paths.root_of(groups)) == "North"


@pytest.mark.parametrize(
    ("together", "place"),
    [
        (["A/B/C", "A/B/D"], "A/B"),
        (["A/B", "A/B/C"], "A"),
        (["A/B", "C/D"], ""),
        (["A"], ""),
        ([], ""),
    ],
)
def test_the_place_that_groups_share_never_swallows_one_of_them(together: list[str], place: str) -> None:
    assert paths.shared(together) == place
