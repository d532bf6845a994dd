"""The lazy tree: Qt's contract kept under every change, ids that never lie, and only what was opened is made."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QTreeView
from pytestqt.qtbot import QtBot

from tests.gui.models.trees import open_all, shape, watch
from ui.models.fetching import Fetching
from ui.models.tree import DISPLAY, Key, TreeModel


class Plain(TreeModel):
    """A tree over a dictionary: key -> keys below, None for the top."""

    titles = ("Name", "Size")

    def __init__(self, below: dict[Key | None, list[Key]]) -> None:
        super().__init__()
        self.below = below
        self.asked: list[Key | None] = []

    def children_of(self, key: Key | None) -> Sequence[Key]:
        self.asked.append(key)
        return self.below.get(key, [])

    def has_any(self, key: Key) -> bool:
        return bool(self.below.get(key))

    def cell(self, key: Key, column: int, role: int) -> Any:
        return str(key) if role == DISPLAY else None

    def plain(self, key: Key | None = None) -> list[tuple[Any, Any]]:
        return [(child, self.plain(child)) for child in self.below.get(key, [])]


def sample() -> dict[Key | None, list[Key]]:
    return {None: ["a", "b"], "a": ["a1", "a2", "a3"], "b": ["b1"], "a2": ["deep"]}


def test_children_are_asked_for_only_when_their_parent_is_opened(qtbot: QtBot) -> None:
    model = Plain(sample())
    model.refresh()
    assert model.asked == [None]
    model.fetchMore(model.index_of("a"))
    assert model.asked == [None, "a"]
    assert model.hasChildren(model.index_of("b"))


def test_a_node_with_many_children_hands_them_out_in_steps(qtbot: QtBot) -> None:
    model = Plain({None: ["all"], "all": [*range(5000)]})
    model.refresh()
    top = model.index_of("all")
    model.fetchMore(top)
    assert model.rowCount(top) == 2000
    assert model.canFetchMore(top)
    model.fetchMore(top)
    model.fetchMore(top)
    assert model.rowCount(top) == 5000
    assert not model.canFetchMore(top)


def test_a_partly_fetched_node_shows_new_first_children_and_still_has_more(qtbot: QtBot) -> None:
    model = Plain({None: ["all"], "all": [*range(5000)]})
    model.refresh()
    top = model.index_of("all")
    model.fetchMore(top)
    model.below["all"] = [-1, *range(5000)]
    model.refresh("all")
    assert model.key(model.index(0, 0, top)) == -1
    assert model.rowCount(top) == 2000
    assert model.canFetchMore(top)


def test_scrolling_to_the_end_fetches_the_rest_also_when_other_nodes_follow(qtbot: QtBot) -> None:
    model = Plain({None: ["all", "z"], "all": [*range(9000)], "z": ["z1"]})
    view = QTreeView()
    qtbot.addWidget(view)
    view.setUniformRowHeights(True)
    view.setModel(model)
    Fetching(view)
    model.refresh()
    view.resize(300, 400)
    view.show()
    view.expand(model.index_of("all"))
    assert model.rowCount(model.index_of("all")) < 9000

    def all_there() -> bool:
        view.scrollToBottom()
        return model.rowCount(model.index_of("all")) == 9000

    qtbot.waitUntil(all_there)


def test_an_index_of_a_node_that_is_gone_says_nothing(qtbot: QtBot) -> None:
    model = Plain(sample())
    model.refresh()
    open_all(model)
    stale = model.index_of("a2")
    model.below["a"] = ["a1", "a3"]
    model.refresh("a")
    assert model.key(stale) is None
    assert model.data(stale) is None
    assert not model.parent(stale).isValid()
    assert not model.index_of("deep").isValid()


def test_a_key_that_moves_below_another_parent_has_one_place(qtbot: QtBot) -> None:
    model = Plain(sample())
    watch(model)
    model.refresh()
    open_all(model)
    model.below |= {"a": ["a1", "a3"], "b": ["b1", "a2"]}
    model.refresh("b")
    model.refresh(deep=True)
    assert shape(model)[1] == ("b", [("b1", []), ("a2", [])])
    assert model.key(model.index_of("a2").parent()) == "b"


def test_a_new_order_keeps_what_is_expanded_and_current(qtbot: QtBot) -> None:
    model = Plain(sample())
    watch(model)
    view = QTreeView()
    qtbot.addWidget(view)
    view.setModel(model)
    model.refresh()
    view.expand(model.index_of("a"))
    view.expand(model.index_of("a2"))
    view.setCurrentIndex(model.index_of("a3"))
    model.below |= {None: ["new", "b", "a"], "a": ["a3", "a9", "a2"]}
    model.refresh(deep=True)
    assert view.isExpanded(model.index_of("a"))
    assert view.isExpanded(model.index_of("a2"))
    assert model.key(view.currentIndex()) == "a3"


def test_touching_keys_says_one_range_per_run_of_neighbours(qtbot: QtBot) -> None:
    model = Plain({None: [*range(10)]})
    model.refresh()
    ranges: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda top, bottom: ranges.append((top.row(), bottom.row())))
    model.touch([7, 2, 1, 3, 99])
    assert ranges == [(1, 3), (7, 7)]


def test_a_refresh_that_changes_nothing_says_nothing(qtbot: QtBot) -> None:
    model = Plain(sample())
    model.refresh()
    open_all(model)
    heard: list[str] = []
    model.rowsInserted.connect(lambda *_: heard.append("in"))
    model.rowsRemoved.connect(lambda *_: heard.append("out"))
    model.layoutChanged.connect(lambda *_: heard.append("order"))
    model.modelReset.connect(lambda *_: heard.append("reset"))
    model.refresh(deep=True)
    assert heard == []


@pytest.mark.parametrize("seed", range(12))
def test_after_any_changes_the_tree_equals_the_plain_one_and_marks_stay_on_their_keys(qtbot: QtBot, seed: int) -> None:
    dice = random.Random(seed)
    model = Plain({None: []})
    model.step = 7  # type: ignore[misc]
    watch(model)
    view = QTreeView()
    qtbot.addWidget(view)
    view.setModel(model)
    marks: dict[Key, QPersistentModelIndex] = {}
    for _ in range(60):
        parents: list[Key | None] = [None, *(k for keys in model.below.values() for k in keys if len(str(k)) < 6)]
        parent = dice.choice(parents)
        keys = model.below.setdefault(parent, [])
        for _ in range(dice.randrange(6)):
            keys.insert(dice.randint(0, len(keys)), f"{parent or ''}{dice.randrange(50):02d}")
        model.below[parent] = keys = list(dict.fromkeys(keys))
        for _ in range(dice.randrange(4)):
            if keys:
                keys.pop(dice.randrange(len(keys)))
        if dice.random() < 0.4:
            dice.shuffle(keys)
        model.refresh(deep=True)
        if dice.random() < 0.5:
            open_all(model)
            assert shape(model) == model.plain()
        view.expandAll()
        for key in model.known_keys():
            if key not in marks and dice.random() < 0.2:
                marks[key] = QPersistentModelIndex(model.index_of(key))
        there = set(model.known_keys())
        marks = {key: mark for key, mark in marks.items() if key in there and mark.isValid()}
        assert all(model.key(mark) == key for key, mark in marks.items())


def test_rows_have_the_height_of_the_density_whatever_the_style_says(qtbot: QtBot) -> None:
    model = Plain(sample())
    model.refresh()
    assert model.index(0, 0).data(Qt.ItemDataRole.SizeHintRole).height() in (22, 28)
    assert model.data(QModelIndex()) is None
