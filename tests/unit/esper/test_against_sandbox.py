"""Every question of the client, asked of the real sandbox: two readings of one contract that check each other."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from app.commands.request import body
from app.errors import NotAuthorised, NotFound
from app.esper.client import EsperClient
from app.records import Device
from app.states import CommandState
from tests.sandbox import Sandbox, running

T = TypeVar("T")
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(1300, "--seed", "5") as started:
        yield started


def ask(sandbox: Sandbox, question: Callable[[EsperClient], Awaitable[T]], token: str = "") -> T:
    async def go() -> T:
        client = await EsperClient.open(sandbox.url, token or sandbox.token)
        try:
            return await question(client)
        finally:
            await client.close()

    return asyncio.run(go())


async def rows(pages: Any) -> list[Any]:
    return [row async for page in pages for row in page.rows]


@pytest.fixture(scope="module")
def devices(sandbox: Sandbox) -> list[Device]:
    return ask(sandbox, lambda client: rows(client.device_pages()))


def test_the_key_names_its_enterprise(sandbox: Sandbox) -> None:
    async def question(client: EsperClient) -> tuple[str, str, str]:
        info = await client.token_info()
        return info.enterprise_id, client.enterprise_id, (await client.enterprise()).id

    assert ask(sandbox, question) == (sandbox.enterprise_id,) * 3


def test_a_wrong_key_is_not_authorised(sandbox: Sandbox) -> None:
    with pytest.raises(NotAuthorised):
        ask(sandbox, lambda client: client.token_info(), "not-the-key")


def test_the_fleet_comes_whole_in_two_requests(sandbox: Sandbox) -> None:
    async def question(client: EsperClient) -> tuple[list[Any], int]:
        return [page async for page in client.device_pages()], client.requests

    pages, requests = ask(sandbox, question)
    ids = [device.id for page in pages for device in page.rows]
    assert (len(ids), len(set(ids)), requests) == (1300, 1300, 2)
    assert {page.total for page in pages} == {1300}


def test_every_column_is_filled_for_most_android_devices(devices: list[Device]) -> None:
    android = [device for device in devices if device.platform == "ANDROID"]
    rare = {"alias", "custom_serial", "template", "kiosk_app"}
    filled = Counter(
        name for device in android for name in device.__struct_fields__ if getattr(device, name) not in (None, "", ())
    )
    poor = {name for name in Device.__struct_fields__ if filled[name] < len(android) * (0.01 if name in rare else 0.5)}
    assert not poor
    assert {device.platform for device in devices} == {"ANDROID", "APPLE", "LINUX", "WINDOWS"}


def test_one_device_is_the_same_alone_as_in_the_list(sandbox: Sandbox, devices: list[Device]) -> None:
    steady = next(device for device in devices if device.state == 60)
    assert ask(sandbox, lambda client: client.device(steady.id)).serial == steady.serial
    with pytest.raises(NotFound):
        ask(sandbox, lambda client: client.device(NOBODY))


def test_groups_form_one_tree_that_holds_every_device(sandbox: Sandbox, devices: list[Device]) -> None:
    groups = {group.id: group for group in ask(sandbox, lambda client: rows(client.group_pages()))}
    roots = [group for group in groups.values() if not group.parent_id]
    assert [root.name for root in roots] == ["All devices"]
    assert all(group.parent_id in groups for group in groups.values() if group.parent_id)
    assert {device.group_id for device in devices} <= set(groups)


def test_tags_name_what_devices_carry(sandbox: Sandbox, devices: list[Device]) -> None:
    tags = {tag.id: tag.text for tag in ask(sandbox, lambda client: rows(client.tag_pages()))}
    assert {tag for device in devices for tag in device.tags} <= set(tags)
    assert all(tags.values())


def test_apps_versions_and_installations_agree(sandbox: Sandbox, devices: list[Device]) -> None:
    async def question(client: EsperClient) -> None:
        apps = await rows(client.app_pages())
        assert apps
        versions = await rows(client.version_pages(apps[0].id))
        assert {version.app_id for version in versions} == {apps[0].id}
        for version in versions:
            installed = await rows(client.installed_on(apps[0].id, version.id))
            assert len(installed) == version.installed_count
        holder = next(device for device in devices if device.id == installed[0].device_id)
        assert installed[0].device_name == holder.name
        assert apps[0].package in {app.package for app in await rows(client.device_apps(holder.id))}

    ask(sandbox, question)


@pytest.mark.parametrize("platform", ["ANDROID", "APPLE", "LINUX", "WINDOWS"])
def test_apps_are_listed_for_devices_of_every_platform(sandbox: Sandbox, devices: list[Device], platform: str) -> None:
    device = next(device for device in devices if device.platform == platform and device.model)
    apps = ask(sandbox, lambda client: rows(client.device_apps(device.id)))
    assert all(app.device_id == device.id and app.name for app in apps)


def test_a_command_is_sent_found_counted_followed_and_cancelled(sandbox: Sandbox, devices: list[Device]) -> None:
    targets = [device.id for device in devices if device.platform == "ANDROID" and device.state in (1, 60)][:30]

    async def question(client: EsperClient) -> None:
        sent = await client.send_command(body("REBOOT", {}, targets, "fc-test"))
        assert (sent.alias, sent.command, set(sent.devices)) == ("fc-test", "REBOOT", set(targets))
        assert (await client.command_request(sent.id)).id == sent.id
        assert "fc-test" in [request.alias for request in await rows(client.command_requests())]
        statuses = await rows(client.command_statuses(request_id=sent.id, limit=7))
        assert sorted(status.device_id for status in statuses) == sorted(targets)
        assert sum((await client.command_stats(sent.id)).values()) == len(targets)
        of_one = await rows(client.command_statuses(device_id=targets[0]))
        assert sent.id in {status.request_id for status in of_one}
        queued = await rows(client.command_statuses(request_id=sent.id, state=CommandState.QUEUED.value))
        stopped = await client.cancel_command(queued[-1].id, "not today")
        assert (stopped.state, stopped.reason) == (CommandState.CANCELLED.value, "not today")

    ask(sandbox, question)


def test_an_operation_mirrors_its_command(sandbox: Sandbox, devices: list[Device]) -> None:
    target = next(device.id for device in devices if device.platform == "ANDROID" and device.state == 60)

    async def question(client: EsperClient) -> None:
        await client.send_command(body("UPDATE_HEARTBEAT", {}, [target], "fc-mirror"))
        operation = next(o for o in await rows(client.operations.pages()) if o.operation == "UPDATE_HEARTBEAT")
        assert (await client.operation(operation.id)).id == operation.id
        [of_device] = await rows(client.device_operations(operation.id))
        assert (of_device.device_id, of_device.operation_id) == (target, operation.id)
        assert of_device.activity[0].state == "CREATED"
        assert len(await rows(client.device_operations(operation.id, state=10, ordering="-created_at"))) <= 1
        assert (await client.device_operation(operation.id, target)).id == of_device.id
        assert operation.id in {o.id for o in await rows(client.operations_of_device(target))}

    ask(sandbox, question)


def test_a_faulty_and_hurried_server_is_still_read_whole() -> None:
    with running(900, "--error-rate", "0.1", "--rate-limit", "20") as troubled:

        async def question(client: EsperClient) -> list[Device]:
            return await rows(client.device_pages(limit=50))

        assert len({device.id for device in ask(troubled, question)}) == 900
