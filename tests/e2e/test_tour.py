"""The guided tour on the real sandbox: one journey per sentence, in the real window.

The tour runs once, as the program a person starts; each test looks at what became of one sentence.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from ui.tour import SIZE, sentences


@dataclass(frozen=True)
class Walked:
    """What the tour said and left behind."""

    code: int
    lines: list[str]
    errors: str
    pictures: Path


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    folder = tmp_path_factory.mktemp("pictures")
    environment = os.environ | {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    done = subprocess.run(
        [sys.executable, "-m", "ui.main", "tour", "--pictures", str(folder), "--devices", "1500"],
        capture_output=True, text=True, timeout=240, env=environment,
    )  # fmt: skip
    return Walked(done.returncode, done.stdout.splitlines(), done.stderr, folder)


@pytest.mark.timeout(260)
@pytest.mark.parametrize("sentence", sentences())
def test_the_sentence_holds(sentence: str, walked: Walked) -> None:
    said = [line for line in walked.lines if sentence in line]
    assert said, f"the tour stopped before it: {walked.lines[-2:]} {walked.errors[-400:]}"
    assert " held " in said[0], walked.lines[walked.lines.index(said[0]) + 1]


def test_the_exit_code_says_that_every_step_held(walked: Walked) -> None:
    assert walked.code == 0
    assert walked.lines[-1].startswith("Every step held.")


def test_every_step_left_its_picture_in_both_themes_and_no_two_are_the_same(walked: Walked) -> None:
    files = sorted(walked.pictures.glob("*.png"))
    for number in range(1, len(sentences()) + 1):
        themes = {file.stem.rsplit("-", 1)[1] for file in files if file.name.startswith(f"{number:02}-")}
        assert themes == {"light", "dark"}, f"step {number} has pictures for {themes}"
    for file in files:
        image = QImage(str(file))
        assert (image.width(), image.height()) == SIZE
    assert len({file.read_bytes() for file in files}) == len(files)


def test_the_terminal_shows_nothing_but_the_tour(walked: Walked) -> None:
    assert walked.errors == ""
