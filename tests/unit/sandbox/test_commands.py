"""Commands: from the accepted request to the last device, per request, per device and as an operation."""

from collections import Counter
from typing import Any

from app.commands import catalogue
from app.sandbox.fleet import OFFLINE, ONLINE
from app.sandbox.software import APPS
from tests.unit.sandbox.tenant import FINAL, ORDER, ZEROS, Tenant, refusal, tenant, trail


def test_an_accepted_request_is_echoed_with_its_alias_and_can_be_read_again(fleet: Tenant) -> None:
    device = fleet.pick()
    body = {
        "command_type": "DEVICE",
        "devices": [device],
        "command": "LOCK",
        "command_args": {},
        "alias": "night shift",
    }
    answer = fleet.post(body | {"device_type": "all", "schedule": "IMMEDIATE"})
    assert answer.status_code == 201
    content = answer.json()["content"]
    assert content["alias"] == "night shift"
    assert content["devices"] == [device]
    assert fleet.content(f"/commands/v0/commands/{content['id']}/") == content


def test_requests_are_listed_newest_first(fleet: Tenant) -> None:
    sent = [fleet.send("LOCK", [fleet.pick()], alias=f"job {n}") for n in range(3)]
    listed = fleet.content("/commands/v0/commands/")["results"]
    assert [entry["id"] for entry in listed] == sent[::-1]


def test_an_online_device_goes_through_every_state_to_success(fleet: Tenant) -> None:
    request = fleet.send("UPDATE_HEARTBEAT", [fleet.pick()])
    assert fleet.one(request)["state"] == "Command Queued"
    assert fleet.finish(request)["state"] == "Command Success"
    assert trail(fleet, request) == ORDER


def test_an_offline_device_keeps_its_command_queued_until_it_returns(fleet: Tenant) -> None:
    device = fleet.pick(OFFLINE)
    request = fleet.send("LOCK", [device])
    fleet.step(6 * 3600)
    assert fleet.one(request)["state"] == "Command Queued"
    number = fleet.world.fleet.find(device)
    assert number is not None
    fleet.world.presence.come_back(number, fleet.world.now)
    assert fleet.finish(request)["state"] == "Command Success"


def test_offline_devices_return_by_themselves_and_nothing_is_lost() -> None:
    with tenant(200, weather=True) as fleet:
        devices = [fleet.device(fleet.pick(OFFLINE, skip=n))["id"] for n in range(20)]
        request = fleet.send("LOCK", devices)
        fleet.step(30 * 86400)
        assert set(fleet.stats(request)) <= FINAL
        assert sum(fleet.stats(request).values()) == 20


def test_a_group_means_all_devices_in_it_and_below(fleet: Tenant) -> None:
    groups = fleet.get(f"{fleet.v1}/devicegroup/", limit=500)["results"]
    branch = next(g for g in groups if g["path"] == "All devices/Retail")
    members = {r["id"] for r in fleet.content("/v2/devices/", group_multi=branch["id"], limit=1000)["results"]}
    outsider = next(r["id"] for r in fleet.content("/v2/devices/", limit=1000)["results"] if r["id"] not in members)
    request = fleet.send("LOCK", [], command_type="GROUP", groups=[branch["id"]])
    assert {s["device"] for s in fleet.statuses(request)} == members
    both = fleet.send("LOCK", [outsider], command_type="DYNAMIC", groups=[branch["id"]])
    assert {s["device"] for s in fleet.statuses(both)} == members | {outsider}


def test_a_device_named_twice_gets_the_command_once(fleet: Tenant) -> None:
    device = fleet.pick()
    assert len(fleet.statuses(fleet.send("LOCK", [device, device]))) == 1


def test_counts_per_state_agree_with_the_states_at_every_moment() -> None:
    with tenant(300, weather=True, mishaps=3.0) as fleet:
        root = fleet.get(f"{fleet.v1}/devicegroup/")["results"][0]["id"]
        request = fleet.send("REBOOT", [], command_type="GROUP", groups=[root])
        for _ in range(40):
            fleet.step(7)
            stats = fleet.stats(request)
            assert stats == Counter(s["state"] for s in fleet.statuses(request))
            assert sum(stats.values()) == 300
        for state, total in stats.items():
            assert fleet.content("/commands/v0/status/", request=request, state=state)["count"] == total


def test_some_commands_fail_and_some_time_out_with_a_reason_and_late_ones_still_succeed() -> None:
    with tenant(2000, mishaps=1.0) as fleet:
        devices = [fleet.pick(skip=n) for n in range(900)]
        request = fleet.send("REBOOT", devices)
        fleet.step(3600)
        rows = [s for offset in (0, 500) for s in fleet.statuses(request, offset=offset)]
        shares = {state: n / 900 for state, n in Counter(s["state"] for s in rows).items()}
        assert 0.02 < shares["Command Failure"] < 0.07
        assert 0.001 < shares["Command TimeOut"] < 0.03
        assert all(s["reason"] for s in rows if s["state"] in {"Command Failure", "Command TimeOut"})
        order = fleet.world.orders.find(request)
        assert order is not None
        late = [i for i in order.items if "Command TimeOut" in [s for _, s in i.trail] and i.state == "Command Success"]
        assert late
        assert {fleet.device(d)["state"] for d in devices[:50]} == {ONLINE}


def test_a_command_the_platform_does_not_know_fails_with_a_reason(fleet: Tenant) -> None:
    status = fleet.finish(fleet.send("REBOOT", [fleet.pick(platform=2)]))
    assert status["state"] == "Command Failure"
    assert status["reason"] == "REBOOT is not supported on Linux devices"


def test_a_disabled_device_refuses(fleet: Tenant) -> None:
    number = fleet.world.fleet.find(fleet.pick())
    fleet.world.fleet.state[number] = 20
    assert number is not None
    status = fleet.finish(fleet.send("LOCK", [fleet.world.fleet.device_id(number)]))
    assert (status["state"], status["reason"]) == ("Command Failure", "The device is disabled")


def test_a_queued_command_can_be_cancelled_once_and_a_done_one_not_at_all(fleet: Tenant) -> None:
    request = fleet.send("LOCK", [fleet.pick(OFFLINE)])
    address = f"{fleet.facts.url}/commands/v0/status/{fleet.one(request)['id']}/"
    wish = {"state": "Command Cancelled", "reason": "wrong device"}
    assert fleet.http.put(address, json=wish).json()["content"]["reason"] == "wrong device"
    assert fleet.http.put(address, json=wish).status_code == 304
    assert fleet.stats(request) == {"Command Cancelled": 1}
    done = fleet.send("LOCK", [fleet.pick()])
    fleet.finish(done)
    address = f"{fleet.facts.url}/commands/v0/status/{fleet.one(done)['id']}/"
    assert refusal(fleet.http.put(address, json=wish), 400)[0].startswith("state: ")
    assert refusal(fleet.http.put(address, json={"state": "Command Success"}), 400)


def test_states_can_be_read_per_device_and_one_by_one(fleet: Tenant) -> None:
    device, other = fleet.pick(), fleet.pick(skip=1)
    first, second = fleet.send("LOCK", [device, other]), fleet.send("REBOOT", [device])
    rows = fleet.content("/commands/v0/status/", device=device)["results"]
    assert [r["request"] for r in rows] == [first, second]
    assert fleet.content("/commands/v0/status/", device=device, request=first)["count"] == 1
    assert fleet.content("/commands/v0/status/", request=f"{first},{second}")["count"] == 3
    assert fleet.content("/commands/v0/status/", request=ZEROS)["count"] == 0
    assert fleet.content(f"/commands/v0/status/{rows[0]['id']}/") == rows[0]


def test_the_history_of_a_device_is_in_the_older_form_newest_first(fleet: Tenant) -> None:
    device = fleet.pick()
    fleet.send("LOCK", [device])
    fleet.send("REBOOT", [device])
    path = f"/v0{fleet.v1}/device/{device}/command-history/"
    rows = fleet.get(path)["results"]
    assert [r["command"] for r in rows] == ["REBOOT", "LOCK"]
    assert rows[0]["device"] == f"{fleet.facts.url}{fleet.v1}/device/{device}/"
    assert list(rows[0]["issued_by"])[-1] == "username"
    assert fleet.get(path, state="Command Success")["count"] == 0


def test_operations_tell_the_same_story_as_the_request(fleet: Tenant) -> None:
    devices = [fleet.pick(), fleet.pick(skip=1), fleet.pick(OFFLINE)]
    request = fleet.send("REBOOT", devices)
    fleet.step(240)
    (operation,) = fleet.content("/v0/operations/")["results"]
    assert operation["operation"] == "REBOOT"
    assert operation["state"] == "DISPATCHING"
    path = f"/v0/operations/{operation['id']}/"
    counts = operation["operation_stats"]["device_operation_statuses_count"]
    assert (counts["resolved_device_count"], counts["success_device_count"]) == (3, 2)
    assert fleet.content(path)["id"] == operation["id"]
    rows = fleet.content(f"{path}devices/", state=0)["results"]
    names = {"Command Success": "SUCCESS", "Command Queued": "CREATED"}
    assert {r["device_id"]: r["state"] for r in rows} == {
        s["device"]: names[s["state"]] for s in fleet.statuses(request)
    }
    one = fleet.content(f"{path}devices/{devices[0]}/")
    assert [a["device_operation_state"] for a in one["device_operation_activity"]] == [
        "CREATED",
        "INITIATED",
        "DISPATCHED",
        "PROCESSING",
        "SUCCESS",
    ]
    assert fleet.content(f"{path}devices/", state=50)["count"] == 2
    assert fleet.content(f"{path}devices/", state=90)["count"] == 0
    states = [r["state"] for r in fleet.content(f"{path}devices/", ordering="-state")["results"]]
    assert states == ["SUCCESS", "SUCCESS", "CREATED"]
    unwrapped = fleet.get(f"/v0/devices/{devices[0]}/operations/")
    assert [r["id"] for r in unwrapped["results"]] == [operation["id"]]
    fleet.refused(400, f"{path}devices/", state=55)
    fleet.refused(400, f"{path}devices/", ordering="name")
    fleet.refused(404, f"{path}devices/{fleet.pick(skip=5)}/")


def test_an_operation_can_be_cancelled_where_it_has_not_begun(fleet: Tenant) -> None:
    request = fleet.send("LOCK", [fleet.pick(OFFLINE), fleet.pick(OFFLINE, skip=1)])
    (operation,) = fleet.content("/v0/operations/")["results"]
    address = f"{fleet.facts.url}/v0/operations/{operation['id']}/"
    first = fleet.http.put(f"{address}devices/{fleet.pick(OFFLINE)}/", json={"state": "CANCELLATION_REQUESTED"})
    assert first.json()["content"]["state"] == "CANCELLED"
    assert refusal(fleet.http.put(address, json={"state": "CANCELLED"}), 400)
    assert fleet.http.put(address, json={"state": "CANCELLED", "reason": "no"}).json()["status"] == "CANCELLED"
    assert fleet.stats(request) == {"Command Cancelled": 2}
    assert fleet.content(f"/v0/operations/{operation['id']}/")["state"] == "COMPLETED"


def test_the_same_seed_gives_the_same_outcomes() -> None:
    def outcome(steps: int) -> list[tuple[str, str | None]]:
        with tenant(120, weather=True, mishaps=5.0) as fleet:
            root = fleet.get(f"{fleet.v1}/devicegroup/")["results"][0]["id"]
            request = fleet.send("LOCK", [], command_type="GROUP", groups=[root])
            for _ in range(steps):
                fleet.step(1200 / steps)
                fleet.stats(request)
            return [(s["state"], s["reason"]) for s in fleet.statuses(request)]

    assert outcome(1) == outcome(24)


def test_every_command_of_the_catalogue_ends_on_a_device_of_its_platform() -> None:
    values: dict[str, Any] = {"boolean": True, "object": {"a": 1}, "structure": {"a": 1}}
    special = {
        "package_name": APPS[0].package,
        "policy_url": "https://example.com/policy/1/",
        "locale": "en_US",
        "screen_off_timeout": 9000,
        "static_ip": "10.0.0.9",
        "primary_dns": "10.0.0.1",
        "gateway": "10.0.0.1",
        "subnet_mask": "24",
        "duration": "30",
        "dhcp_enabled": "false",
        "timezone_string": "Europe/Berlin",
        "permission": "android.permission.CAMERA",
        "bundle_identifier": "com.example.app",
    }
    with tenant(800) as fleet:
        for command in catalogue.COMMANDS.values():
            args: dict[str, Any] = {"custom_action_id": ZEROS} if command.open_arguments else {}
            for argument in command.arguments:
                if not argument.required:
                    continue
                first = argument.choices[0].value if argument.choices else argument.minimum
                default = ZEROS if argument.uuid else "UExJU1Q=" if argument.secret else "text"
                kind = values.get(argument.kind, first if first is not None else default)
                args[argument.name] = special.get(argument.name, kind)
            if command.name == "UPDATE_DEVICE_CONFIG":
                args["device_alias_name"] = "x"
            platform = ["ANDROID", "APPLE", "LINUX", "WINDOWS"].index(command.platforms[0])
            status = fleet.finish(fleet.send(command.name, [fleet.pick(platform=platform)], args))
            assert status["state"] in {"Command Success", "Command Failure"}, command.name
