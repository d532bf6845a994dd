"""The state file: what a sandbox remembers from one run to the next."""

import json
import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from app.sandbox.clock import Clock
from app.sandbox.server import main, running
from app.sandbox.statefile import Damaged, StateFile, read
from app.sandbox.world import World
from tests.unit.sandbox.tenant import NIGHT, NOON, Tenant, app_of
from tests.unit.sandbox.test_process import process


class Run:
    """One run of a sandbox over a state file, with a clock that the test steps."""

    def __init__(self, path: Path, hours: float = 0.0, devices: int = 120) -> None:
        kept = read(path, devices, 1)
        clock = Clock(0, NOON)
        clock.advance(hours * 3600)
        self.world = World(devices, clock=clock, weather=False, mishaps=0.0, run=7 if kept is None else kept.run)
        self.file = StateFile(self.world, path, 7)
        if kept is not None:
            self.file.restore(kept)
        self.serving = running(self.world, "key")
        self.http = httpx.Client(headers={"Authorization": "Bearer key"})

    def __enter__(self) -> Tenant:
        return Tenant(self.world, self.serving.__enter__(), self.http)

    def __exit__(self, *_: object) -> None:
        self.serving.__exit__(None, None, None)
        self.http.close()
        self.file.close()


def test_what_was_changed_is_there_in_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    with Run(path) as first:
        url, v1, http = first.facts.url, first.v1, first.http
        device = first.pick()
        http.patch(f"{url}/v1{v1}/", json={"name": "Renamed"})
        http.patch(f"{url}{v1}/device/{device}/", json={"tags": ["brand new", "kiosk"]})
        group = http.post(f"{url}{v1}/devicegroup/", json={"name": "Pilot", "device_ids": [device]}).json()
        retail = first.get(f"{v1}/devicegroup/", name="Retail")["results"][0]
        http.patch(f"{url}{v1}/devicegroup/{retail['id']}/", params={"action": "rename"}, json={"name": "Shops"})
        fence = {"name": "Yard", "latitude": "1.5", "longitude": "2", "devices": [device]}
        http.post(f"{url}/v0{v1}/create-apply-geo-fence/", json=fence)
        http.post(f"{url}/v0{v1}/subscription/", json={"aws_account_id": "123456789012"})
        policy = {"name": "Loose", "enterprise": f"{url}{v1}/", "policy": {"settingsAppPassword": "hunter-22"}}
        assert http.post(f"{url}{v1}/policy/", json=policy).status_code == 201
        app, _ = app_of(first, device)
        package = first.world.library.apps[app].package
        first.finish(first.send("UNINSTALL", [device], {"package_name": package}))
        first.finish(first.send("SET_BRIGHTNESS_SCALE", [device], {"brightness_value": 7}))
        first.finish(first.send("UPDATE_DEVICE_CONFIG", [device], {"device_alias_name": "Window seat"}))
        lost = first.pick(skip=1)
        first.finish(first.send("WIPE", [lost]))
        paths = [
            f"/v1{v1}/", f"{v1}/tags/", f"{v1}/devicegroup/", f"/v0{v1}/geofence/", f"/v0{v1}/subscription/",
            f"{v1}/policy/", f"{v1}/device/{device}/app/", f"{v1}/device/{device}/install/",
            f"/device/v0/devices/{device}/devicestate", "/commands/v0/commands/", "/v0/operations/",
        ]  # fmt: skip
        before = [json.dumps(first.get(p, limit=500)).replace(url, "") for p in paths]
    assert "hunter-22" not in path.read_text()
    with Run(path, hours=1) as second:
        assert [json.dumps(second.get(p, limit=500)).replace(second.facts.url, "") for p in paths] == before
        shown = second.device(device)
        assert (shown["group_id"], shown["alias"]) == (group["id"], "Window seat")
        assert second.get(f"{v1}/device/{device}/")["tags"] == ["brand new", "kiosk"]
        second.refused(404, f"/v2/devices/{lost}")
        made = second.http.post(f"{second.facts.url}{v1}/devicegroup/", json={"name": "Next"}).json()
        assert made["id"] != group["id"]
        assert second.get(f"{v1}/devicegroup/", name="Shops")["results"][0]["path"] == "All devices/Shops"


def test_what_was_under_way_goes_on_in_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    with Run(path) as first:
        online, asleep = first.pick(), first.pick(state=60)
        rebooting = first.send("REBOOT", [online])
        waiting = first.send("REBOOT", [asleep])
        nightly = first.send("REBOOT", [first.pick(skip=1)], schedule="WINDOW", schedule_args=NIGHT)
        for _ in range(20):
            first.step(1)
            if first.one(rebooting)["state"] == "Command In Progress":
                break
        assert first.one(rebooting)["state"] == "Command In Progress"
        assert first.device(online)["state"] == 60
    with Run(path, hours=1) as second:
        assert second.finish(rebooting)["state"] == "Command Success"
        assert second.device(online)["state"] == 1
        assert second.one(waiting)["state"] == "Command Queued"
        number = second.world.fleet.find(asleep)
        assert number is not None
        second.world.presence.come_back(number, second.world.now)
        assert second.finish(waiting)["state"] == "Command Success"
        assert second.one(nightly)["state"] == "Command Scheduled"
        second.step(8 * 3600)
        assert second.finish(nightly)["state"] == "Command Success"


def test_secrets_of_commands_are_not_written_down(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    with Run(path) as first:
        first.send("RESET_LOCKSCREEN_PASSWORD", [first.pick()], {"new_lockscreen_password": "open sesame"})
    assert "open sesame" not in path.read_text()
    assert "RESET_LOCKSCREEN_PASSWORD" in path.read_text()


def test_a_file_that_was_cut_or_changed_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "fleet.json"
    with Run(path, devices=20) as first:
        first.http.patch(f"{first.facts.url}/v1{first.v1}/", json={"name": "Changed"})
    whole = path.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], whole.replace(b"Changed", b"Chanked"), b"[]", b"\xff\xfe"):
        path.write_bytes(damaged)
        assert main(["--devices", "20", "--state", str(path)]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith(f"sandbox: --state {path} can't be used: it is damaged")
        assert printed.err.count("\n") == 1
        assert path.read_bytes() == damaged


def test_a_file_of_another_fleet_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "fleet.json"
    with Run(path, devices=20):
        pass
    assert main(["--devices", "21", "--state", str(path)]) == 2
    assert "--devices 20 --seed 1" in capsys.readouterr().err


def test_a_file_that_can_not_be_written_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path / "missing" / "fleet.json", tmp_path):
        assert main(["--devices", "5", "--state", str(path)]) == 2
        assert capsys.readouterr().err.startswith(f"sandbox: --state {path} can't be used: ")


def test_things_that_are_not_there_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    with Run(path) as first:
        first.world.fleet.group[3] = 60_000
    with pytest.raises(Damaged, match="a group that is not there"):
        Run(path)


def test_a_change_is_saved_while_the_sandbox_runs_and_without_one_the_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    run = Run(path, devices=20)
    with run as first:
        run.file.save()
        quiet = path.stat().st_mtime_ns
        run.file.watch(every=0.01)
        for change in ("Once", "Twice"):
            assert path.stat().st_mtime_ns == quiet
            first.http.patch(f"{first.facts.url}/v1{first.v1}/", json={"name": change})
            deadline = time.monotonic() + 10
            while change not in path.read_text() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert change in path.read_text()
            quiet = path.stat().st_mtime_ns


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "fleet.json"
    world = World(5)
    file = StateFile(world, path, 1)
    file.save()
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        file.save()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="signals are sent to another process")
def test_a_process_that_is_told_to_stop_has_saved_everything(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    for expected, name in (("Demo fleet", "Once"), ("Once", "Twice")):
        with process("--quiet", "--state", str(path), "--token", "of-the-test") as made:
            assert made.stdout is not None
            facts = json.loads(made.stdout.readline())
            key = {"Authorization": "Bearer of-the-test"}
            address = f"{facts['url']}/v1/enterprise/{facts['enterprise_id']}/"
            assert httpx.get(address, headers=key).json()["name"] == expected
            assert httpx.patch(address, headers=key, json={"name": name}).status_code == 200
            made.send_signal(signal.SIGTERM)
            assert made.communicate(timeout=15) == ("", "")
            assert made.returncode == 0
    assert "of-the-test" not in path.read_text()
    assert [entry.name for entry in tmp_path.iterdir()] == ["fleet.json"]
