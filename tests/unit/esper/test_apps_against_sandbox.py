"""Libraries, older commands, operations and sessions, asked of the real sandbox: two readings of one contract."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import BadRequest, NotFound, OutcomeUnknown, Refused
from app.esper.client import EsperClient
from app.esper.remote_viewer import Bounds, SessionField, SessionFilter
from app.states import CommandState, RemoteSessionState, VideoQuality
from tests.sandbox import Sandbox, running
from tests.unit.binary_packages import manifest, package, plain
from tests.unit.esper.asking import ask_sandbox as ask
from tests.unit.esper.asking import rows


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(300, "--seed", "5") as started:
        yield started


def test_a_package_goes_up_shows_its_manifest_comes_down_byte_for_byte_and_goes_away(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    apk = package(tmp_path / "a.apk", {"AndroidManifest.xml": manifest(plain("com.example.round"))})

    async def question(client: EsperClient) -> None:
        app = await client.apps.upload(apk)
        assert app.package == "com.example.round"
        with pytest.raises(BadRequest, match="already exists"):
            await client.apps.upload(apk)
        for v1 in (False, True):
            assert [a.id for a in await rows(client.apps.pages(package_name=app.package, v1=v1))] == [app.id]
            [version] = await rows(client.apps.versions(app.id, v1=v1))
            assert version.version == "1.0.7"
            assert (await client.apps.version(app.id, version.id, v1=v1)).id == version.id
            assert await rows(client.apps.installed_on(app.id, version.id, v1=v1)) == []
            landed = await client.apps.download(app.id, version.id, tmp_path / "back.apk", v1=v1)
            assert landed.checked == "sha256"
            assert landed.path.read_bytes() == apk.read_bytes()
        await client.apps.delete_version(app.id, version.id)
        with pytest.raises(NotFound):
            await client.apps.delete(app.id)

    ask(sandbox, question)


def test_what_is_no_package_is_refused_with_a_reason(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "empty.apk").touch()
    (tmp_path / "text.apk").write_text("no package")
    for name, status in (("empty.apk", 400), ("text.apk", 415)):
        with pytest.raises(Refused) as raised:
            ask(sandbox, lambda client, name=name: client.apps.upload(tmp_path / name))  # type: ignore[misc]
        assert raised.value.status == status
        assert raised.value.message


def test_content_lives_its_whole_life(sandbox: Sandbox, tmp_path: Path) -> None:
    body = bytes(range(256)) * 2000
    (tmp_path / "Übersicht (1).bin").write_bytes(body)

    async def question(client: EsperClient) -> None:
        file = await client.content.upload(tmp_path / "Übersicht (1).bin")
        assert (file.name, file.size) == ("Übersicht (1).bin", len(body))
        assert file.hash == hashlib.sha256(body).hexdigest()
        changed = await client.content.modify(file.id, tags=["wall", "shop"], description="For the wall")
        assert (changed.tags, changed.description) == (("wall", "shop"), "For the wall")
        assert [found.id for found in await rows(client.content.pages(search="for the wall"))] == [file.id]
        landed = await client.content.download(file.id, tmp_path / "back")
        assert (landed.checked, landed.path.read_bytes()) == ("sha256", body)
        await client.content.delete(file.id)
        with pytest.raises(NotFound):
            await client.content.one(file.id)

    ask(sandbox, question)


def test_apps_of_other_platforms_have_versions(sandbox: Sandbox) -> None:
    async def question(client: EsperClient) -> None:
        found = await rows(client.tenant_apps.pages())
        assert {app.platform for app in found} <= {"APPLE", "WINDOWS"}
        versions = await rows(client.tenant_apps.versions(found[0].id))
        assert versions
        assert all(version.app_id == found[0].id for version in versions)

    ask(sandbox, question)


def test_commands_of_every_generation_meet_in_the_history_of_a_device(sandbox: Sandbox) -> None:
    async def question(client: EsperClient) -> None:
        devices = await rows(client.device_pages())
        target = next(d for d in devices if d.platform == "ANDROID" and d.state == 60)
        first = await client.legacy_commands.run(target.id, "SET_WIFI_STATE", {"wifi_state": True})
        assert (first.target_id, first.command) == (target.id, "SET_WIFI_STATE")
        assert (await client.legacy_commands.one(target.id, first.id)).id == first.id
        second = await client.legacy_commands.create(
            {"command_type": "DEVICE", "devices": [target.id], "device_type": "all", "command": "LOCK"}
        )
        [status] = await rows(client.legacy_commands.statuses(second.id))
        assert (status.device_id, status.request_id, status.command) == (target.id, second.id, "LOCK")
        assert (await client.commands.status(status.id)).device_id == target.id
        listed = await rows(client.legacy_commands.requests(device_ids=[target.id], command="LOCK"))
        assert second.id in {request.id for request in listed}
        history = await rows(client.legacy_commands.history(target.id))
        assert {"SET_WIFI_STATE", "LOCK"} <= {entry.command for entry in history}
        queued = await rows(client.legacy_commands.history(target.id, state=CommandState.QUEUED.value))
        assert {entry.state for entry in queued} == {CommandState.QUEUED.value}
        with pytest.raises(BadRequest):
            await client.legacy_commands.run(target.id, "NO_SUCH_COMMAND")

    ask(sandbox, question)


def test_a_group_takes_a_command(sandbox: Sandbox) -> None:
    async def question(client: EsperClient) -> None:
        group = next(g for g in await rows(client.group_pages()) if g.device_count and g.parent_id)
        sent = await client.legacy_commands.run_on_group(group.id, "UPDATE_HEARTBEAT")
        assert (sent.target_id, sent.command) == (group.id, "UPDATE_HEARTBEAT")
        assert (await client.legacy_commands.one_of_group(group.id, sent.id)).id == sent.id

    ask(sandbox, question)


def test_an_operation_is_created_by_a_query_and_cancelled(sandbox: Sandbox) -> None:
    async def question(client: EsperClient) -> None:
        device = next(d for d in await rows(client.device_pages()) if d.platform == "ANDROID" and d.state == 60)
        made = await client.operations.create("LOCK", device_request={"name": device.name})
        assert made.operation == "LOCK"
        assert device.id in {part.device_id for part in await rows(client.operations.devices(made.id))}
        await client.operations.cancel_device(made.id, device.id, "not this one")
        assert await client.operations.cancel(made.id, "not today")
        with pytest.raises(BadRequest):
            await client.operations.create("LOCK")

    ask(sandbox, question)


def test_every_filter_of_the_session_feed_holds_for_what_comes(sandbox: Sandbox) -> None:
    async def question(client: EsperClient) -> None:
        feed = client.remote_viewer.pages
        everything = await rows(feed())
        assert len(everything) > 5
        times = [s.created_at or 0.0 for s in everything]
        assert times == sorted(times, reverse=True)
        ended = [s for s in everything if s.duration is not None]
        middle = sorted(s.duration or 0.0 for s in ended)[len(ended) // 2]
        short = await rows(feed(SessionFilter(duration=Bounds(lte=middle))))
        long = await rows(feed(SessionFilter(duration=Bounds(gt=middle))))
        assert {s.id for s in short} | {s.id for s in long} == {s.id for s in ended}
        moment = everything[len(everything) // 2].created_at
        since = await rows(feed(SessionFilter(created_at=Bounds(gte=moment)), order=SessionField.CREATED_AT))
        assert {s.id for s in since} == {s.id for s in everything if (s.created_at or 0) >= (moment or 0)}
        states = {RemoteSessionState.TERMINATED, RemoteSessionState.FAILED}
        some = await rows(feed(SessionFilter(states=states, video_qualities=[VideoQuality.STANDARD])))
        assert {(s.state, s.video_quality) for s in some} <= {(state.value, "STANDARD") for state in states}
        for order in SessionField:
            for descending in (False, True):
                assert len(await rows(feed(order=order, descending=descending, limit=7))) == len(everything)

    ask(sandbox, question)


def test_a_transfer_is_finished_on_a_faulty_server_and_an_upload_is_never_made_twice(tmp_path: Path) -> None:
    body = bytes(range(256)) * 4000
    (tmp_path / "a.bin").write_bytes(body)
    faults = ("GET /files/* cut bytes=300000 next=3", "POST /v0/* drop-after next=1")
    with running(20, *(word for fault in faults for word in ("--fault", fault))) as troubled:

        async def question(client: EsperClient) -> None:
            with pytest.raises(OutcomeUnknown):
                await client.content.upload(tmp_path / "a.bin")
            [file] = await rows(client.content.pages(search="a.bin"))
            told = [0]
            landed = await client.content.download(
                file.id, tmp_path / "back", progress=lambda done, total: told.append(done)
            )
            assert (landed.checked, landed.path.read_bytes()) == ("sha256", body)
            assert told == sorted(told)

        ask(troubled, question)
