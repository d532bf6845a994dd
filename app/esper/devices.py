"""Devices: the list that fills the fleet, one device of every generation, what it reports, and the little that is written.

Invariant: the newer list with every platform comes first; the older, Android only, where a tenant has no newer one.
"""

from collections.abc import Iterable

from app.errors import NotFound
from app.esper import device_apps
from app.esper.device_reports import HEARTBEAT, events_of, installs_on, settings_of
from app.esper.device_v1 import DEVICE_V1
from app.esper.device_v2 import DEVICE_V2
from app.esper.exchange import Exchange
from app.esper.pace import Priority
from app.esper.pages import Page, Pages
from app.esper.wording import part, stamp
from app.records import Device, DeviceApp, DeviceEvent, DeviceInstall, DeviceSettings, Heartbeat

_V1_LIST = "/enterprise/{enterprise}/device/"
_LIMITS = (1000, 500, 250, 100)


class Devices:
    """Reads raise NotFound for a device that the asked generation does not know."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def pages(self, limit: int, at_once: int, ordering: str) -> Pages[Device]:
        """GET v2/devices/, or GET enterprise/{enterprise_id}/device/ where the first is 404."""
        exchange, older = self._exchange, False

        async def fetch(offset: int, wanted: int) -> Page[Device]:
            nonlocal older
            if not older:
                params = {"ordering": ordering} if ordering else {}
                try:
                    return await exchange.page("/v2/devices/", DEVICE_V2, offset, wanted, params, Priority.SYNC)
                except NotFound:
                    if offset:
                        raise
                    older = True
            return await exchange.page(_V1_LIST, DEVICE_V1, offset, wanted, {}, Priority.SYNC)

        return Pages(fetch, (limit, *(smaller for smaller in _LIMITS if smaller < limit)), at_once)

    async def one(self, device_id: str) -> Device:
        """GET v2/devices/{id}, or GET enterprise/{enterprise_id}/device/{device_id}/ where the first is 404."""
        try:
            return await self.v2(device_id)
        except NotFound as missing:
            try:
                return await self.v1(device_id)
            except NotFound:
                raise missing from None

    async def v2(self, device_id: str) -> Device:
        """GET v2/devices/{id} (no slash), any platform."""
        return await self._exchange.one(f"/v2/devices/{part(device_id)}", DEVICE_V2)

    async def v1(self, device_id: str, *, with_policy: bool = False) -> Device:
        """GET enterprise/{enterprise_id}/device/{device_id}/, Android; the policy, if asked for, is in `raw`."""
        params = {"show_policy": "true"} if with_policy else None
        return await self._exchange.one(self._older(device_id), DEVICE_V1, params=params)

    async def v0(self, device_id: str) -> Device:
        """GET device/v0/devices/{id}/, any platform."""
        return await self._exchange.one(f"/device/v0/devices/{part(device_id)}/", DEVICE_V2)

    async def set_tags(self, device_id: str, tags: Iterable[str]) -> Device:
        """PATCH enterprise/{enterprise_id}/device/{device_id}/ with all the tags that the device shall have.

        The whole list is replaced, so a lost answer is tried again.
        """
        body = {"tags": list(dict.fromkeys(tags))}
        return await self._exchange.change("PATCH", self._older(device_id), body, DEVICE_V1, repeatable=True)

    async def delete(self, device_id: str) -> None:
        """DELETE device/v0/devices/{id}/: a device that is not Android leaves the tenant."""
        await self._exchange.delete(f"/device/v0/devices/{part(device_id)}/")

    async def latest_event(self, device_id: str) -> DeviceEvent | None:
        """GET enterprise/{enterprise_id}/device/{device_id}/status/?latest_event=1: the newest, None where there is none."""
        path, form = f"{self._older(device_id)}status/", events_of(device_id)
        page = await self._exchange.page(path, form, 0, 1, {"latest_event": 1}, Priority.PEOPLE)
        return page.rows[0] if page.rows else None

    def installs(self, device_id: str, *, package: str = "", name: str = "", state: str = "") -> Pages[DeviceInstall]:
        """GET enterprise/{enterprise_id}/device/{device_id}/install/; `state` an InstallState."""
        wanted = {"package_name": package, "application_name": name, "install_state": state}
        params = {key: value for key, value in wanted.items() if value}
        return self._exchange.pages(f"{self._older(device_id)}install/", installs_on(device_id), params=params)

    async def settings(self, device_id: str) -> DeviceSettings:
        """GET device/v0/devices/{id}/devicestate (no slash)."""
        return await self._exchange.one(f"/device/v0/devices/{part(device_id)}/devicestate", settings_of(device_id))

    async def heartbeat(self, device_id: str) -> Heartbeat:
        """GET device/v0/heartbeat/{id}/."""
        return await self._exchange.one(f"/device/v0/heartbeat/{part(device_id)}/", HEARTBEAT)

    def heartbeats(self, after: float, before: float, *, platform: str = "") -> Pages[Heartbeat]:
        """GET v2/heartbeat/: devices last seen between two moments in epoch seconds; `platform` a Platform."""
        params = {"last_seen_gt": stamp(after), "last_seen_lt": stamp(before)}
        if platform:
            params["platform"] = platform
        return self._exchange.pages("/v2/heartbeat/", HEARTBEAT, params=params, priority=Priority.SYNC)

    def apps(self, device_id: str) -> Pages[DeviceApp]:
        """The apps of a device of any platform: the older list, and the newer on 404 or nothing."""
        return device_apps.pages(self._exchange, device_id)

    def apps_v1(
        self, device_id: str, *, package: str = "", search: str = "", kind: str = "", state: str = ""
    ) -> Pages[DeviceApp]:
        """GET enterprise/{enterprise_id}/device/{device_id}/app/; `kind` such as ENTERPRISE, `state` SHOW, HIDE, DISABLE."""
        return device_apps.v1(self._exchange, device_id, package=package, search=search, kind=kind, state=state)

    def apps_v2(self, device_id: str, *, kind: str = "") -> Pages[DeviceApp]:
        """GET v2/devices/{deviceId}/device-apps/; `kind` such as VPP or ESPER_WINDOWS."""
        return device_apps.v2(self._exchange, device_id, kind=kind)

    async def app(self, device_id: str, app_id: str) -> DeviceApp:
        """GET enterprise/{enterprise_id}/device/{device_id}/app/{app_id}/."""
        return await device_apps.one(self._exchange, device_id, app_id)

    def _older(self, device_id: str) -> str:
        return f"{_V1_LIST}{part(device_id)}/"
