"""The small models behind lists of the panels, watched by Qt's own model tester and compared with a plain list."""

import random

from PySide6.QtCore import QAbstractListModel
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.store.complete import Suggestion
from ui.views.lines import Line, Lines
from ui.views.suggestions import Offers

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def shown(model: QAbstractListModel) -> list[str]:
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def test_lines_are_those_given_last_in_their_order(qtbot: QtBot) -> None:
    model = Lines()
    tester = QAbstractItemModelTester(model, FATAL)
    rng = random.Random(7)
    for _ in range(30):
        wanted = [f"line {rng.randrange(50)}" for _ in range(rng.randrange(12))]
        model.replace([Line(title) for title in wanted])
        assert shown(model) == wanted
    assert tester.model() is model


def test_the_same_lines_again_do_not_reset_the_view(qtbot: QtBot) -> None:
    model = Lines()
    model.replace([Line("a"), Line("b", "now")])
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    model.replace([Line("a"), Line("b", "now")])
    assert resets == []


def test_suggestions_are_those_given_last_in_their_order(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    model = Offers(owner)
    tester = QAbstractItemModelTester(model, FATAL)
    rng = random.Random(7)
    for _ in range(30):
        wanted = [f"field{rng.randrange(50)}:" for _ in range(rng.randrange(12))]
        model.replace([Suggestion(text, 0, 0, "") for text in wanted])
        assert shown(model) == wanted
    assert tester.model() is model
