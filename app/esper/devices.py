"""Devices: the list that fills the fleet, and one device.

Invariant: the newer list with every platform comes first; the older, Android only, where a tenant has no newer one.
"""

from app.errors import NotFound
from app.esper.device_v1 import DEVICE_V1
from app.esper.device_v2 import DEVICE_V2
from app.esper.exchange import Exchange
from app.esper.pace import Priority
from app.esper.pages import Page, Pages
from app.esper.wording import part
from app.records import Device

_V1_LIST = "/enterprise/{enterprise}/device/"
_LIMITS = (1000, 500, 250, 100)


def pages(exchange: Exchange, limit: int, at_once: int, ordering: str) -> Pages[Device]:
    """GET v2/devices/, or GET enterprise/{enterprise_id}/device/ where the first is 404."""
    older = False

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


async def one(exchange: Exchange, device_id: str) -> Device:
    """GET v2/devices/{id}, or GET enterprise/{enterprise_id}/device/{device_id}/ where the first is 404."""
    identifier = part(device_id)
    try:
        return await exchange.one(f"/v2/devices/{identifier}", DEVICE_V2)
    except NotFound as missing:
        try:
            return await exchange.one(f"{_V1_LIST}{identifier}/", DEVICE_V1)
        except NotFound:
            raise missing from None
