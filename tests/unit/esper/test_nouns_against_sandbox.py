"""What a tenant arranges, asked of the real sandbox: every change is seen again, by every generation."""

import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from app.errors import BadRequest, NotAuthorised, NotFound
from app.esper.client import EsperClient
from app.records import Device
from app.tenancy import GeofenceDraft, PolicyDraft
from tests.sandbox import Sandbox, running
from tests.unit.esper.asking import ask_sandbox as ask
from tests.unit.esper.asking import rows


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(1200, "--seed", "5") as started:
        yield started


@pytest.fixture(scope="module")
def devices(sandbox: Sandbox) -> list[Device]:
    return ask(sandbox, lambda client: rows(client.device_pages()))


@pytest.fixture(scope="module")
def android(devices: list[Device]) -> list[Device]:
    return [device for device in devices if device.platform == "ANDROID" and device.state in (1, 60)]


def test_a_whole_list_is_collected_in_order_without_doubt(sandbox: Sandbox, devices: list[Device]) -> None:
    collected = ask(sandbox, lambda client: client.device_pages(limit=100).collect())
    assert collected.doubt == ""
    assert [device.id for device in collected.rows] == [device.id for device in sorted(devices, key=_created)]


def test_the_company_is_changed_and_the_flags_and_the_user_are_known(sandbox: Sandbox) -> None:
    async def question(client: EsperClient) -> None:
        known = await client.enterprise()
        changed = await client.account.change_enterprise(known, msgspec.structs.replace(known, location="Lund"))
        assert (changed.location, (await client.enterprise()).location) == ("Lund", "Lund")
        assert (changed.name, changed.short_code) == (known.name, known.short_code)
        long = msgspec.structs.replace(known, postcode="123456789")
        with pytest.raises(BadRequest):
            await client.account.change_enterprise(changed, long)
        assert (await client.account.user()).username
        assert await client.account.feature_flags()

    ask(sandbox, question)


def test_a_renewed_key_opens_the_same_tenant() -> None:
    async def question(client: EsperClient) -> None:
        before = (await client.token_info()).enterprise_id
        renewed = await client.account.renew_token()
        assert renewed.expires_at is None or renewed.expires_at > time.time()
        assert (await client.token_info()).enterprise_id == before
        fresh = await EsperClient.open(client.url, renewed.token)
        assert (await fresh.token_info()).enterprise_id == before
        await fresh.close()

    with running(5) as own:
        ask(own, question)
        with pytest.raises(NotAuthorised):
            ask(Sandbox(own.url, "some-other-key", own.enterprise_id, own.port), lambda client: client.token_info())


def test_one_device_is_the_same_in_every_generation(sandbox: Sandbox, android: list[Device]) -> None:
    chosen = android[3]

    async def question(client: EsperClient) -> None:
        found = [await read(chosen.id) for read in (client.devices.v2, client.devices.v1, client.devices.v0)]
        assert {(device.id, device.name, device.serial, device.group_id) for device in found} == {
            (chosen.id, chosen.name, chosen.serial, chosen.group_id)
        }
        changed = await client.devices.set_tags(chosen.id, ["till", "spare", "till"])
        assert set(changed.tags) == {"till", "spare"}
        names = {tag.id: tag.text for tag in await rows(client.tags.pages())}
        assert {names[tag] for tag in (await client.devices.v2(chosen.id)).tags} == {"till", "spare"}
        tag = next(tag for tag in names if names[tag] == "till")
        assert (await client.tags.one(tag)).text == "till"
        with pytest.raises(BadRequest):
            await client.devices.set_tags(chosen.id, ["1", "2", "3", "4", "5", "6"])

    ask(sandbox, question)


def test_a_device_reports_its_event_settings_heartbeat_and_installations(
    sandbox: Sandbox, android: list[Device]
) -> None:
    chosen = android[5]

    async def question(client: EsperClient) -> None:
        event = await client.devices.latest_event(chosen.id)
        assert event is not None
        assert event.battery_level is not None
        assert event.ram is not None
        assert event.storage is not None
        assert (await client.devices.settings(chosen.id)).gps_mode.startswith("LOCATION_MODE_")
        beat = await client.devices.heartbeat(chosen.id)
        assert beat.at is not None
        seen = await rows(client.devices.heartbeats(beat.at - 1, beat.at + 1, platform="ANDROID"))
        assert chosen.id in {found.device_id for found in seen}
        installs = await rows(client.devices.installs(chosen.id))
        assert all(install.package and install.state for install in installs)
        apps = await rows(client.devices.apps_v1(chosen.id))
        assert (await client.devices.app(chosen.id, apps[0].id)).package == apps[0].package

    ask(sandbox, question)


def test_only_devices_that_are_not_android_are_deleted(sandbox: Sandbox, devices: list[Device]) -> None:
    other = next(device for device in devices if device.platform == "WINDOWS")

    async def question(client: EsperClient) -> None:
        await client.devices.delete(other.id)
        with pytest.raises(NotFound):
            await client.devices.v2(other.id)
        with pytest.raises(NotFound):
            await client.devices.delete(other.id)

    ask(sandbox, question)


def test_a_series_covers_the_time_asked_for(sandbox: Sandbox, android: list[Device]) -> None:
    before = time.time() // 3600 * 3600
    after = before - 6 * 3600

    async def question(client: EsperClient) -> None:
        series = await client.telemetry.series(android[0].id, "battery", "level", after=after, before=before)
        assert series
        assert all(after <= point.at <= before for point in series)
        with pytest.raises((BadRequest, NotFound)):
            await client.telemetry.series(android[0].id, "battery", "colour", after=after, before=before)

    ask(sandbox, question)


def test_groups_are_made_filled_moved_emptied_and_deleted(sandbox: Sandbox, android: list[Device]) -> None:
    ids = [device.id for device in android[:12]]

    async def question(client: EsperClient) -> None:
        groups = client.groups
        root = next(group for group in await rows(groups.pages()) if not group.parent_id)
        north = await groups.create("Own north")
        assert north.parent_id == root.id
        yard = await groups.create("Own yard", north.id)
        assert (await groups.rename(yard.id, "Own dock")).name == "Own dock"
        assert (await groups.add(yard.id, ids)).device_count == len(ids)
        assert {(await client.devices.v2(device)).group_id for device in ids} == {yard.id}
        with pytest.raises(BadRequest):
            await groups.delete(yard.id)
        south = await groups.create("Own south")
        assert (await groups.move(yard.id, south.id)).parent_id == south.id
        assert [group.id for group in await groups.subgroups([south.id])] == [yard.id]
        with pytest.raises(BadRequest):
            await groups.move(south.id, yard.id)
        assert (await groups.remove(yard.id, ids)).device_count == 0
        for group in (yard, south, north):
            await groups.delete(group.id)
        with pytest.raises(NotFound):
            await groups.one(yard.id)

    ask(sandbox, question)


def test_a_geofence_is_made_changed_applied_and_deleted(sandbox: Sandbox, android: list[Device]) -> None:
    draft = GeofenceDraft(name="Yard", latitude=52.5, longitude=-13.25, radius=150.0, actions=("BEEP",))

    async def question(client: EsperClient) -> None:
        made = await client.geofences.create(draft)
        assert (made.latitude, made.longitude, made.radius, made.actions) == (52.5, -13.25, 150.0, ("BEEP",))
        wanted = msgspec.structs.replace(draft, radius=2.5, unit="MILES")
        assert (await client.geofences.change(made, wanted)).unit == "MILES"
        assert (await client.geofences.one(made.id)).radius == 2.5
        assert (await client.geofences.replace(made.id, draft)).unit == "METERS"
        applied = await client.geofences.create_and_apply(
            msgspec.structs.replace(draft, name="Dock"), [android[0].id, android[1].id]
        )
        assert applied.device_count == 2
        assert {made.id, applied.id} <= {fence.id for fence in await rows(client.geofences.pages())}
        await client.geofences.delete(made.id)
        with pytest.raises(NotFound):
            await client.geofences.one(made.id)

    ask(sandbox, question)


def test_a_policy_is_made_changed_replaced_and_deleted(sandbox: Sandbox) -> None:
    draft = PolicyDraft(name="Own tills", rules={"cameraDisabled": True, "settingsAppPassword": "open-sesame-99"})

    async def question(client: EsperClient) -> None:
        made = await client.policies.create(draft)
        assert made.rules["cameraDisabled"] is True
        assert b"open-sesame-99" not in made.raw
        wanted = PolicyDraft(name="Own tills", rules=made.rules, description="for shops", is_active=made.is_active)
        assert (await client.policies.change(made, wanted)).description == "for shops"
        assert (await client.policies.one(made.id)).description == "for shops"
        assert (await client.policies.replace(made.id, draft)).name == "Own tills"
        assert made.id in {policy.id for policy in await rows(client.policies.pages(name="Own tills"))}
        await client.policies.delete(made.id)
        with pytest.raises(NotFound):
            await client.policies.one(made.id)

    ask(sandbox, question)


def test_a_subscription_is_made_found_and_deleted(sandbox: Sandbox) -> None:
    async def question(client: EsperClient) -> None:
        made = await client.subscriptions.create("123456789012")
        assert made.aws_account_id == "123456789012"
        assert (await client.subscriptions.one(made.id)).id == made.id
        assert made.id in {found.id for found in await rows(client.subscriptions.pages())}
        await client.subscriptions.delete(made.id)
        with pytest.raises(NotFound):
            await client.subscriptions.one(made.id)

    ask(sandbox, question)


def _created(device: Device) -> Any:
    return device.created_at
