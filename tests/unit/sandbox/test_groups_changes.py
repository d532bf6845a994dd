"""Changes of the group tree, and where devices stand afterwards."""

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.tenant import ZEROS, Tenant, refusal

TWIN = "The fields name, enterprise must make a unique set. "


class Tree:
    """The groups of a tenant as a client sees them."""

    def __init__(self, fleet: Tenant) -> None:
        self.fleet = fleet
        self.url = f"{fleet.facts.url}{fleet.v1}/devicegroup/"
        self.root = self.all()[0]["id"]

    def all(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            page = self.fleet.get(f"{self.fleet.v1}/devicegroup/", limit=500, offset=len(rows))
            rows += page["results"]
            if not page["next"]:
                return rows

    def one(self, group: str) -> dict[str, Any]:
        found: dict[str, Any] = self.fleet.get(f"{self.fleet.v1}/devicegroup/{group}/")
        return found

    def post(self, **body: Any) -> httpx.Response:
        return self.fleet.http.post(self.url, json=body)

    def make(self, name: str, parent: str = "", devices: list[str] | None = None) -> str:
        body: dict[str, Any] = {"name": name} | ({"parent": parent} if parent else {})
        answer = self.post(**body, **({"device_ids": devices} if devices else {}))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def patch(self, group: str, action: str = "", **body: Any) -> httpx.Response:
        return self.fleet.http.patch(f"{self.url}{group}/", params={"action": action} if action else {}, json=body)

    def delete(self, group: str) -> httpx.Response:
        return self.fleet.http.delete(f"{self.url}{group}/")

    def members(self, group: str, below: bool = False) -> set[str]:
        name = "group_multi" if below else "group"
        rows = self.fleet.content("/v2/devices/", limit=1000, **{name: group})["results"]
        return {row["id"] for row in rows}


@pytest.fixture
def tree(fleet: Tenant) -> Tree:
    return Tree(fleet)


def paths(tree: Tree) -> dict[str, str]:
    return {row["id"]: row["path"] for row in tree.all()}


def test_a_new_group_stands_below_its_parent_and_is_found_by_name(tree: Tree) -> None:
    answer = tree.post(name="Region X")
    assert answer.status_code == 201
    made = answer.json()
    assert made["path"] == "All devices/Region X"
    assert made["parent"] == f"{tree.url}{tree.root}/"
    assert (made["device_count"], made["children_count"]) == (0, 0)
    inner = tree.one(tree.make("Depot Y", made["id"]))
    assert inner["path"] == "All devices/Region X/Depot Y"
    assert tree.one(made["id"])["children_count"] == 1
    assert [row["id"] for row in tree.fleet.get(f"{tree.fleet.v1}/devicegroup/", name="depot y")["results"]] == [
        inner["id"]
    ]
    order = list(paths(tree))
    assert order.index(made["id"]) < order.index(inner["id"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": 3}, "name"),
        ({"name": "n" * 256}, "name"),
        ({"name": "A", "parent": ZEROS}, "parent"),
        ({"name": "A", "parent": 1}, "parent"),
        ({"name": "A", "device_ids": "all"}, "device_ids"),
        ({"name": "A", "device_ids": [ZEROS]}, "device_ids"),
        ({"name": "A", "device_ids": [1]}, "device_ids"),
        ({"name": "A", "device_ids": ["x"] * 1001}, "device_ids"),
    ],
)
def test_a_group_that_can_not_be_is_refused_and_nothing_is_made(tree: Tree, body: Any, field: str) -> None:
    count = len(tree.all())
    assert refusal(tree.fleet.http.post(tree.url, json=body), 400)[0].startswith(f"{field}: ")
    assert len(tree.all()) == count


def test_a_name_is_unique_among_siblings_and_free_elsewhere(tree: Tree) -> None:
    first, second = tree.make("North"), tree.make("South")
    assert refusal(tree.post(name="North"), 400) == [TWIN]
    assert tree.post(name="North").json()["message"] == TWIN
    tree.make("North", second)
    assert refusal(tree.patch(second, "rename", name="North"), 400) == [TWIN]
    child = tree.make("South", first)
    assert refusal(tree.patch(child, "move", parent=tree.root), 400) == [TWIN]
    assert tree.patch(first, "rename", name="North").status_code == 200


def test_nothing_is_deeper_than_five_levels_below_the_root(tree: Tree) -> None:
    chain = [tree.make("L1")]
    for level in range(2, 6):
        chain.append(tree.make(f"L{level}", chain[-1]))
    assert refusal(tree.post(name="L6", parent=chain[-1]), 400)[0].startswith("parent: ")
    tall = tree.make("T1")
    tree.make("T2", tall)
    assert refusal(tree.patch(tall, "move", parent=chain[3]), 400)[0].startswith("parent: ")
    assert tree.patch(tall, "move", parent=chain[2]).status_code == 200


def test_renaming_changes_the_paths_of_all_below(tree: Tree) -> None:
    before = paths(tree)
    retail = next(group for group, path in before.items() if path == "All devices/Retail")
    answer = tree.patch(retail, "rename", name="Shops")
    assert answer.json()["path"] == "All devices/Shops"
    expected = {
        group: path.replace("All devices/Retail", "All devices/Shops", 1)
        if path == "All devices/Retail" or path.startswith("All devices/Retail/")
        else path
        for group, path in before.items()
    }
    assert paths(tree) == expected


def test_moving_takes_subgroups_and_devices_along(tree: Tree) -> None:
    top, other = tree.make("Top"), tree.make("Other")
    inner = tree.make("Inner", top, devices=[tree.fleet.pick()])
    answer = tree.patch(top, "move", parent=other)
    assert answer.json()["parent"] == f"{tree.url}{other}/"
    assert tree.one(inner)["path"] == "All devices/Other/Top/Inner"
    assert tree.members(other, below=True) == {tree.fleet.pick()}
    assert tree.one(other)["children_count"] == 1
    request = tree.fleet.post({"command_type": "GROUP", "groups": [other], "command": "REBOOT"}).json()
    assert [s["device"] for s in tree.fleet.statuses(request["content"]["id"])] == [tree.fleet.pick()]


def test_a_group_is_never_moved_below_itself(tree: Tree) -> None:
    top = tree.make("Top")
    inner = tree.make("Inner", top)
    for target in (top, inner):
        assert refusal(tree.patch(top, "move", parent=target), 400) == ["parent: A group can't be moved below itself."]
    assert tree.one(top)["path"] == "All devices/Top"


def test_the_root_is_neither_renamed_nor_moved_nor_deleted(tree: Tree) -> None:
    other = tree.make("Other")
    assert refusal(tree.patch(tree.root, "rename", name="Everything"), 400)
    assert refusal(tree.patch(tree.root, "move", parent=other), 400)
    assert refusal(tree.delete(tree.root), 400)
    assert tree.one(tree.root)["name"] == "All devices"


def test_a_device_that_is_added_leaves_its_old_group_in_every_generation(tree: Tree) -> None:
    device = tree.fleet.pick()
    old = tree.fleet.device(device)["group_id"]
    before = tree.one(old)["device_count"]
    alias = tree.fleet.device(device)["alias"]
    new = tree.make("New home")
    assert tree.patch(new, "add", device_ids=[device, device]).json()["device_count"] == 1
    assert tree.fleet.device(device)["group_id"] == new
    assert tree.fleet.device(device)["alias"] == alias
    assert tree.fleet.get(f"{tree.fleet.v1}/device/{device}/")["groups"] == [f"{tree.url}{new}/"]
    assert tree.one(old)["device_count"] == before - 1
    assert tree.members(new) == {device}
    assert device not in tree.members(old)


def test_a_device_that_is_removed_stands_at_the_root_and_others_stay(tree: Tree) -> None:
    device, stranger = tree.fleet.pick(), tree.fleet.pick(skip=1)
    home = tree.make("Home", devices=[device])
    before = tree.fleet.device(stranger)["group_id"]
    assert tree.patch(home, "remove", device_ids=[device, stranger]).json()["device_count"] == 0
    assert tree.fleet.device(device)["group_id"] == tree.root
    assert tree.fleet.device(stranger)["group_id"] == before
    assert tree.patch(home, "remove", device_ids=[device]).status_code == 200


def test_all_counts_add_up_after_many_changes(tree: Tree) -> None:
    home = tree.make("Home", devices=[tree.fleet.pick(skip=n) for n in range(30)])
    tree.patch(home, "remove", device_ids=[tree.fleet.pick(skip=n) for n in range(10)])
    rows = tree.all()
    assert sum(row["device_count"] for row in rows) == 300
    assert sum(row["children_count"] for row in rows) == len(rows) - 1


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("paint", {}, "action"),
        ("add", {}, "device_ids"),
        ("remove", {"device_ids": [ZEROS]}, "device_ids"),
        ("add", {"device_ids": ["x"] * 1001}, "device_ids"),
        ("rename", {}, "name"),
        ("move", {}, "parent"),
        ("move", {"parent": ZEROS}, "parent"),
    ],
)
def test_a_change_that_can_not_be_is_refused_and_named(tree: Tree, action: str, body: Any, field: str) -> None:
    group = tree.make("Plain")
    before = tree.one(group)
    assert refusal(tree.patch(group, action, **body), 400)[0].startswith(f"{field}: ")
    assert tree.one(group) == before


def test_without_an_action_name_parent_and_devices_are_taken_together(tree: Tree) -> None:
    group, parent, device = tree.make("Plain"), tree.make("Parent"), tree.fleet.pick()
    body = {"name": "Fancy", "parent": parent, "device_ids": [device]}
    answer = tree.fleet.http.put(f"{tree.url}{group}/", json=body)
    assert answer.json()["path"] == "All devices/Parent/Fancy"
    assert tree.members(group) == {device}
    assert refusal(tree.fleet.http.put(f"{tree.url}{group}/", json={"parent": parent}), 400) == ["name: Is required."]


def test_a_group_with_devices_is_not_deleted_and_an_empty_one_hands_its_subgroups_up(tree: Tree) -> None:
    device = tree.fleet.pick()
    top = tree.make("Top")
    inner = tree.make("Inner", top, devices=[device])
    assert refusal(tree.delete(inner), 400) == ["group_id: The group still has 1 device; move them first."]
    answer = tree.delete(top)
    assert (answer.status_code, answer.content) == (204, b"")
    refusal(tree.delete(top), 404)
    assert tree.one(inner)["path"] == "All devices/Inner"
    assert top not in paths(tree)
    assert tree.fleet.device(device)["group_id"] == inner
    tree.make("Top")


def test_a_subgroup_that_has_no_place_above_keeps_its_parent_alive(tree: Tree) -> None:
    top = tree.make("Top")
    tree.make("Retail", top)
    assert "Retail" in refusal(tree.delete(top), 400)[0]
    assert tree.one(top)["children_count"] == 1


def test_subgroups_are_those_right_below_or_all_below(tree: Tree) -> None:
    top = tree.make("Top")
    inner = tree.make("Inner", top)
    deep = tree.make("Deep", inner)
    other = tree.make("Other")
    leaf = tree.make("Leaf", other)

    def below(**query: Any) -> list[str]:
        return [row["id"] for row in tree.fleet.content("/v2/subgroups", **query)["results"]]

    assert below(parent_group_ids=top) == [inner]
    assert below(parent_group_ids=f"{top},{other}", immediate="true") == [inner, leaf]
    assert below(parent_group_ids=f"{top},{inner}", immediate="false") == [inner, deep]
    assert below(**{"parent_group_ids*": other}) == [leaf]
    assert tree.fleet.refused(400, "/v2/subgroups") == ["parent_group_ids: Is required."]
    assert tree.fleet.refused(400, "/v2/subgroups", parent_group_ids=ZEROS)[0].startswith("parent_group_ids: ")
