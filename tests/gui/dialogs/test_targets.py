"""Which of the chosen devices a command can reach: none lost, none added."""

from msgspec.structs import replace

from app.commands.catalogue import COMMANDS
from app.store.fleet import Fleet
from tests.gui.dialogs.samples import make_devices, make_fleet
from ui.dialogs.targets import Targets, platform_name


def test_every_chosen_device_is_either_reached_or_left_out(fleet: Fleet) -> None:
    ids = [fleet.id(row) for row in range(40)]
    for command in COMMANDS.values():
        reached, foreign = Targets(fleet, ids).reach(command)
        assert sorted(reached + foreign) == ids
        assert all(fleet.value("platform", int(i[-4:])) in command.platforms for i in reached)


def test_a_device_of_unknown_platform_is_left_to_the_server() -> None:
    fleet = make_fleet([replace(make_devices(1)[0], platform="")])
    targets = Targets(fleet, ["device-0000", "not in the copy"])
    assert targets.reach(COMMANDS["REBOOT"]) == (("device-0000", "not in the copy"), ())
    assert targets.platforms() == {"": 2}


def test_a_device_that_was_chosen_twice_counts_once(fleet: Fleet) -> None:
    assert len(Targets(fleet, ["device-0001", "device-0001"])) == 1


def test_platforms_are_named_as_people_write_them() -> None:
    assert [platform_name(p) for p in ("ANDROID", "APPLE", "TIZEN", "")] == [
        "Android", "Apple", "TIZEN", "unknown platform",
    ]  # fmt: skip
