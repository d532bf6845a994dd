"""The page without a tenant: its two ways in, the known tenants, and what it looks like while one opens."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.settings import Tenant
from ui import theme
from ui.views.welcome import Welcome

KNOWN = (
    Tenant(key="acme", name="acme", url="https://acme-api.esper.cloud/api", enterprise_name="Fish & <b>Chips</b>"),
    Tenant(key="other", name="other", url="https://other-api.esper.cloud/api"),
)


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Iterator[Welcome]:
    theme.apply(qapp, "light")
    made = Welcome()
    qtbot.addWidget(made)
    made.resize(900, 640)
    made.show()
    yield made
    theme.apply(qapp, "light")


def known(page: Welcome) -> list[QPushButton]:
    return [b for b in page.findChildren(QPushButton) if b.accessibleName().startswith("Open ") and b is not page.demo]


def test_both_ways_in_work_with_mouse_and_keyboard(page: Welcome) -> None:
    asked: list[str] = []
    page.demo_wanted.connect(lambda: asked.append("demo"))
    page.sign_in_wanted.connect(lambda: asked.append("sign in"))
    QTest.mouseClick(page.demo, Qt.MouseButton.LeftButton)
    QTest.keyClick(page.sign_in, Qt.Key.Key_Space)
    assert asked == ["demo", "sign in"]


def test_a_known_tenant_is_offered_by_its_company_name_and_asks_for_its_key(page: Welcome) -> None:
    asked: list[str] = []
    page.tenant_wanted.connect(asked.append)
    page.set_tenants(KNOWN)
    assert [button.text() for button in known(page)] == ["Fish && <b>Chips</b>", "other"]
    for button in known(page):
        button.click()
    assert asked == ["acme", "other"]


def test_a_list_that_is_set_again_replaces_the_one_before(page: Welcome, qapp: QApplication) -> None:
    for tenants in (KNOWN, KNOWN[:1], ()):
        page.set_tenants(tenants)
    assert [b for b in known(page) if b.isVisible()] == []
    titles = [label for label in page.findChildren(QLabel) if label.text() == "Known tenants"]
    assert [title.isVisible() for title in titles] == [False]


def test_while_a_tenant_opens_it_says_so_and_nothing_can_be_pressed_twice(page: Welcome) -> None:
    page.set_tenants(KNOWN)
    page.set_busy("Starting the demo fleet…")
    assert page.busy.text() == "Starting the demo fleet…"
    assert [b.isEnabled() for b in (page.demo, page.sign_in, *known(page))] == [False] * 4
    page.set_busy("")
    assert [b.isEnabled() for b in (page.demo, page.sign_in, *known(page))] == [True] * 4


def test_a_change_of_theme_repaints_the_icons_and_a_page_that_is_gone_does_not_listen(
    page: Welcome, qapp: QApplication
) -> None:
    gone = Welcome()
    gone.deleteLater()
    del gone
    before = page.grab().toImage()
    theme.apply(qapp, "dark")
    assert page.grab().toImage() != before
