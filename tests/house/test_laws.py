"""The laws of the house, held over every file of their rooms."""

import pytest

from tests.house.laws import LAWS, Law, Module, modules


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_law_holds_in_every_file_of_its_rooms(law: Law) -> None:
    found = [violation for module in modules(law.rooms) for violation in law.violations(module)]
    assert not found, f"{law.name}:\n" + "\n".join(found)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_law_sees_each_planted_violation(law: Law) -> None:
    for path, source in law.planted:
        assert law.covers(path)
        assert law.violations(Module.parse(path, source)), f"not seen in {path}: {source}"


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_law_leaves_an_innocent_neighbour_alone(law: Law) -> None:
    for path, source in law.innocent:
        assert not law.violations(Module.parse(path, source)), f"wrongly seen in {path}: {source}"


def test_laws_look_at_the_rooms_they_name() -> None:
    for law in LAWS:
        seen = {module.path.split("/")[0] for module in modules(law.rooms)}
        assert seen == set(law.rooms)
