"""The official Python SDK, as it comes from PyPI, against the sandbox: every operation it has, noun by noun.

Each test ends by checking that no operation of its part of the SDK was left out. What the SDK refuses by itself (its
models check lengths, ranges and choices) it refuses here too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import esperclient  # type: ignore[import-untyped]
import pytest

from tests import sandbox
from tests.unit.binary_packages import manifest, package, plain


class Part:
    """One of the SDK's classes; `called` are the operations that were used, `operations` all it has."""

    def __init__(self, api: Any) -> None:
        self._api = api
        self.called: set[str] = set()
        names = [name for name in vars(type(api)) if not name.startswith("_") and not name.endswith("_with_http_info")]
        self.operations = set(names)

    def __getattr__(self, name: str) -> Any:
        self.called.add(name)
        return getattr(self._api, name)


class Sdk:
    """The SDK with the key and address of a running sandbox."""

    def __init__(self, server: sandbox.Sandbox) -> None:
        self.enterprise = server.enterprise_id
        self.token = server.token
        settings = esperclient.Configuration()
        settings.host = server.url
        settings.api_key["Authorization"] = server.token
        settings.api_key_prefix["Authorization"] = "Bearer"
        self.client = esperclient.ApiClient(settings)

    @contextmanager
    def part(self, name: str) -> Iterator[Part]:
        """A part of the SDK that is to be used whole."""
        part = Part(getattr(esperclient, name)(self.client))
        yield part
        assert part.called == part.operations

    def __getattr__(self, name: str) -> Any:
        return getattr(esperclient, name)(self.client)

    def device(self, skip: int = 0) -> Any:
        return self.DeviceApi.get_all_devices(self.enterprise, limit=1, offset=skip).results[0]


@pytest.fixture(scope="module")
def sdk() -> Iterator[Sdk]:
    with sandbox.running(30, "--speed", "50") as server:
        made = Sdk(server)
        yield made
        made.client.rest_client.pool_manager.clear()


def gone(read: Any, *ids: Any) -> bool:
    """Whether what was deleted is 404 now."""
    with pytest.raises(esperclient.rest.ApiException) as refused:
        read(*ids)
    return bool(refused.value.status == 404)


def test_the_key_and_the_enterprise(sdk: Sdk) -> None:
    with sdk.part("TokenApi") as api:
        info = api.get_token_info()
        assert info.enterprise == sdk.enterprise
        renewed = api.renew_token(sdk.enterprise, info.developer_app, sdk.token)
        assert renewed.token
        assert sdk.enterprise in renewed.enterprise
    with sdk.part("EnterpriseApi") as api:
        name = api.get_enterprise(sdk.enterprise).name
        changed = api.partial_update_enterprise(sdk.enterprise, esperclient.EnterpriseUpdateV1(location="Hamburg"))
        assert (changed.location, changed.name) == ("Hamburg", name)


def test_devices_their_apps_and_their_last_event(sdk: Sdk) -> None:
    with sdk.part("DeviceApi") as api:
        page = api.get_all_devices(sdk.enterprise, limit=7)
        assert len(page.results) == 7
        assert page.count > 7
        device = page.results[0].id
        assert api.get_device_by_id(sdk.enterprise, device).device_name == page.results[0].device_name
        app = api.get_device_apps(sdk.enterprise, device).results[0]
        assert api.get_device_app_by_id(app.id, sdk.enterprise, device).package_name == app.package_name
        assert all(isinstance(i.created_on, datetime) for i in api.get_app_installs(sdk.enterprise, device).results)
        events = [api.get_device_event(sdk.enterprise, entry.id, 1).results[:1] for entry in page.results]
        assert any("memoryEvents" in event.data for (event,) in filter(None, events))


def test_groups_are_made_moved_filled_and_deleted(sdk: Sdk) -> None:
    device = sdk.device().id
    with sdk.part("DeviceGroupApi") as api:
        root = next(group for group in api.get_all_groups(sdk.enterprise).results if group.name == "All devices")
        group = api.create_group(sdk.enterprise, esperclient.DeviceGroupUpdate(name="Pop-up stores", parent=root.id))
        found = api.get_all_groups(sdk.enterprise, name="Pop-up stores").results[0]
        assert (found.id, found.name) == (group.id, "Pop-up stores")
        change = esperclient.DeviceGroupPartialUpdate(device_ids=[device])
        api.partial_update_group(group.id, sdk.enterprise, change, action="add")
        assert api.get_group_by_id(group.id, sdk.enterprise).device_count == 1
        api.partial_update_group(group.id, sdk.enterprise, change, action="remove")
        renamed = esperclient.DeviceGroupUpdate(name="Pop-ups")
        assert api.update_group(group.id, sdk.enterprise, renamed).name == "Pop-ups"
        api.delete_group(group.id, sdk.enterprise)
        assert gone(api.get_group_by_id, group.id, sdk.enterprise)


def test_an_app_is_uploaded_read_and_deleted_version_by_version(sdk: Sdk, tmp_path: Path) -> None:
    def apk(code: int) -> str:
        elements = plain("com.example.popup", code, f"1.0.{code}", label="Pop-up")
        files = {"AndroidManifest.xml": manifest(elements), "classes.dex": b"dex"}
        return str(package(tmp_path / f"popup-{code}.apk", files))

    with sdk.part("ApplicationApi") as api:
        app = api.upload(sdk.enterprise, apk(1)).application
        assert app.package_name == "com.example.popup"
        api.upload(sdk.enterprise, apk(2))
        listed = api.get_all_applications(sdk.enterprise, package_name="com.example.popup").results
        assert [found.id for found in listed] == [app.id]
        versions = api.get_app_versions(app.id, sdk.enterprise).results
        assert len(versions) == 2
        version = versions[0].id
        assert api.get_app_version(version, app.id, sdk.enterprise).version_code == versions[0].version_code
        assert api.get_install_devices(version, app.id, sdk.enterprise).count == 0
        api.delete_app_version(version, app.id, sdk.enterprise)
        assert len(api.get_application(app.id, sdk.enterprise).versions) == 1
        api.delete_application(app.id, sdk.enterprise)
        assert gone(api.get_application, app.id, sdk.enterprise)


def test_commands_of_both_older_generations(sdk: Sdk) -> None:
    device = sdk.device().id
    with sdk.part("CommandsApi") as api:
        wish = esperclient.CommandRequest(command="UPDATE_HEARTBEAT", command_args=esperclient.CommandArgs())
        sent = api.run_command(sdk.enterprise, device, wish)
        assert api.get_command(sent.id, device, sdk.enterprise).command == "UPDATE_HEARTBEAT"
    with sdk.part("CommandsV2Api") as api:
        request = esperclient.V0CommandRequest(
            command_type="DEVICE",
            devices=[device],
            device_type="all",
            command="UPDATE_HEARTBEAT",
            command_args=esperclient.V0CommandArgs(),
        )
        made = api.create_command(sdk.enterprise, request)
        status = api.get_command_request_status(sdk.enterprise, made.id).results[0]
        assert status.device.endswith(f"/device/{device}/")
        assert made.id in {entry.id for entry in api.list_command_request(sdk.enterprise).results}
        history = api.get_device_command_history(sdk.enterprise, device).results
        assert status.id in {entry.id for entry in history}


def test_a_command_for_a_group(sdk: Sdk) -> None:
    group = sdk.DeviceGroupApi.get_all_groups(sdk.enterprise).results[-1].id
    with sdk.part("GroupCommandsApi") as api:
        wish = esperclient.GroupCommandRequest(command="UPDATE_HEARTBEAT", command_args=esperclient.GroupCommandArgs())
        sent = api.run_group_command(sdk.enterprise, group, wish)
        assert api.get_group_command(sent.id, group, sdk.enterprise).command == "UPDATE_HEARTBEAT"


def test_a_file_is_uploaded_described_and_deleted(sdk: Sdk, tmp_path: Path) -> None:
    file = tmp_path / "menu.txt"
    file.write_bytes(b"Soup of the day")
    with sdk.part("ContentApi") as api:
        made = api.post_content(sdk.enterprise, str(file))
        assert (made.name, made.size) == ("menu.txt", "15")
        change = esperclient.Data(tags=["lunch"], description="Today")
        assert api.patch_content(made.id, sdk.enterprise, data=change).tags == ["lunch"]
        assert api.get_content(made.id, sdk.enterprise).description == "Today"
        assert made.id in {entry.id for entry in api.get_all_content(sdk.enterprise).results}
        api.delete_content(made.id, sdk.enterprise)
        assert gone(api.get_content, made.id, sdk.enterprise)


def test_a_geofence_is_made_changed_and_deleted(sdk: Sdk) -> None:
    def fence(name: str, radius: int) -> Any:
        return esperclient.Geofence(
            name=name,
            description="The yard",
            latitude="52.5",
            longitude="13.4",
            radius=radius,
            radius_unit="METERS",
            device_actions=["LOCK_DOWN"],
        )

    with sdk.part("GeofenceApi") as api:
        made = api.create_geofence(fence("Yard", 100), sdk.enterprise)
        assert made.id in {entry.id for entry in api.get_all_geofences(sdk.enterprise).results}
        part = esperclient.GeofenceUpdate(radius=250)
        assert api.partial_update_geofence(made.id, sdk.enterprise, part).radius == 250
        assert api.update_geofence(made.id, sdk.enterprise, fence("Back yard", 300)).name == "Back yard"
        assert api.get_geofence(made.id, sdk.enterprise).radius == 300
        api.delete_geofence(made.id, sdk.enterprise)
        assert gone(api.get_geofence, made.id, sdk.enterprise)


def test_a_policy_is_made_changed_and_deleted(sdk: Sdk) -> None:
    def policy(name: str) -> Any:
        rules = esperclient.EnterprisePolicyData(camera_disabled=True)
        return esperclient.EnterprisePolicy(enterprise=sdk.enterprise, name=name, description="Strict", policy=rules)

    with sdk.part("EnterprisePolicyApi") as api:
        made = api.create_policy(sdk.enterprise, policy("No camera"))
        number = made.url.rstrip("/").rpartition("/")[2]
        assert "No camera" in {entry.name for entry in api.list_policies(sdk.enterprise).results}
        assert api.get_policy_by_id(number, sdk.enterprise).policy.camera_disabled is True
        part = esperclient.EnterprisePolicyPartialUpdate(description="Stricter")
        assert api.partialupdate_policy(number, sdk.enterprise, part).description == "Stricter"
        assert api.update_policy(number, sdk.enterprise, policy("No pictures")).name == "No pictures"
        api.delete_enterprise_policy(number, sdk.enterprise)
        assert gone(api.get_policy_by_id, number, sdk.enterprise)


def test_a_subscription_is_made_and_deleted(sdk: Sdk) -> None:
    with sdk.part("SubscriptionApi") as api:
        made = api.create_subscription(esperclient.EventSubscriptionArgs(aws_account_id="123456789012"), sdk.enterprise)
        assert made.id in {entry.id for entry in api.get_all_subscriptions(sdk.enterprise).results}
        assert api.get_subscription(made.id, sdk.enterprise).aws_account_id == "123456789012"
        api.delete_subscription(made.id, sdk.enterprise)
        assert gone(api.get_subscription, made.id, sdk.enterprise)


def test_every_part_of_the_sdk_is_among_these_tests() -> None:
    used = Path(__file__).read_text(encoding="utf-8")
    parts = [name for name in vars(esperclient) if name.endswith("Api")]
    assert len(parts) == 12
    assert not [name for name in parts if f'sdk.part("{name}")' not in used]
