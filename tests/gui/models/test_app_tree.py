"""The apps tree: what is asked, when, and what is said while the answer is not there."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.records import App, AppVersion, InstalledOn
from tests.gui.models.trees import open_all, said, shape, watch
from ui.models.apps import APP_ID, DEVICE_ID, LOADING, VERSION_ID, AppTree

APPS = {
    "a1": App(id="a1", name="Zeta kiosk", package="com.acme.zeta"),
    "a2": App(id="a2", name="alpha till", package="com.acme.alpha", developer="<b>Acme</b>"),
}
VERSIONS = {
    "a1": (
        AppVersion(id="v2", app_id="a1", version="2.0", build="200", size=31.4, installed_count=1200, track="Beta"),
        AppVersion(id="v1", app_id="a1", version="1.0", build="100", installed_count=34),
    )
}
ON = [InstalledOn(device_id=f"d{n}", device_name=f"Till {n}", group_name="Lyon") for n in range(3)]


class Asked(list[tuple[str, str]]):
    def __call__(self, app_id: str, version_id: str) -> None:
        self.append((app_id, version_id))


def tree(asked: Asked) -> AppTree:
    model = AppTree(asked)
    watch(model)
    model.set_apps(APPS, VERSIONS)
    return model


def test_apps_stand_by_name_with_versions_newest_first(qtbot: QtBot) -> None:
    model = tree(Asked())
    open_all(model)
    assert [key for key, _ in shape(model)] == [("a2",), ("a1",)]
    assert [key for key, _ in shape(model)[1][1]] == [("a1", "v2"), ("a1", "v1")]
    assert said(model, ("a1",), 1) == "1,234"
    assert [said(model, ("a1", "v2"), column) for column in range(4)] == ["2.0 (200)", "1,200", "31 MB", "Beta"]
    assert "&lt;b&gt;" in said(model, ("a2",), 0, Qt.ItemDataRole.ToolTipRole)


def test_the_devices_of_a_version_are_asked_for_once_and_only_when_it_is_opened(qtbot: QtBot) -> None:
    asked = Asked()
    # Without the watcher, which opens everything itself.
    model = AppTree(asked)
    model.set_apps(APPS, VERSIONS)
    model.fetchMore(model.index_of(("a1",)))
    assert asked == []
    model.fetchMore(model.index_of(("a1", "v2")))
    model.refresh(deep=True)
    assert asked == [("a1", "v2")]
    assert said(model, ("a1", "v2", "")) == LOADING


def test_the_answer_takes_the_place_of_the_line_that_says_loading(qtbot: QtBot) -> None:
    model = tree(Asked())
    open_all(model)
    assert model.devices_of("a1", "v2") is None
    model.fill("a1", "v2", ON)
    assert [key for key, _ in shape(model)[1][1][0][1]] == [("a1", "v2", f"d{n}") for n in range(3)]
    assert said(model, ("a1", "v2", "d1")) == "Till 1"
    index = model.index_of(("a1", "v2", "d1"), 4)
    assert [index.data(role) for role in (APP_ID, VERSION_ID, DEVICE_ID)] == ["a1", "v2", "d1"]
    assert model.devices_of("a1", "v2") == ["d0", "d1", "d2"]


def test_an_answer_that_comes_at_once_never_shows_loading(qtbot: QtBot) -> None:
    model = AppTree(lambda app_id, version_id: model.fill(app_id, version_id, ON))
    watch(model)
    model.set_apps(APPS, VERSIONS)
    open_all(model)
    assert len(shape(model)[1][1][0][1]) == 3


def test_no_answer_is_said_in_words_and_what_was_known_stays(qtbot: QtBot) -> None:
    model = tree(Asked())
    open_all(model)
    model.fail("a1", "v1", "Not loaded, offline")
    assert said(model, ("a1", "v1", "")) == "Not loaded, offline"
    model.fill("a1", "v2", ON)
    model.fail("a1", "v2", "Known from 2 h ago")
    assert said(model, ("a1", "v2", "")) == "Known from 2 h ago"
    assert len(shape(model)[1][1][0][1]) == 4


def test_a_version_on_no_device_says_so(qtbot: QtBot) -> None:
    model = tree(Asked())
    open_all(model)
    model.fill("a1", "v1", [])
    assert said(model, ("a1", "v1", "")) == "On no device"


def test_asking_again_asks_again(qtbot: QtBot) -> None:
    asked = Asked()
    model = tree(asked)
    open_all(model)
    model.fail("a1", "v1", "Not loaded, offline")
    asked.clear()
    model.ask_again("a1", "v1")
    assert asked == [("a1", "v1")]
    assert said(model, ("a1", "v1", "")) == LOADING


def test_a_filter_finds_names_and_packages_and_a_new_library_keeps_what_is_open(qtbot: QtBot) -> None:
    model = tree(Asked())
    open_all(model)
    model.fill("a1", "v2", ON)
    model.filter("acme zeta")
    assert [key for key, _ in shape(model)] == [("a1",)]
    model.set_apps({"a1": APPS["a1"]}, {"a1": VERSIONS["a1"][:1]})
    assert shape(model) == [(("a1",), [(("a1", "v2"), [(("a1", "v2", f"d{n}"), []) for n in range(3)])])]
