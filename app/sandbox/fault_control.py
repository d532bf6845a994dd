"""Faults at run time: GET, PUT and DELETE on /sandbox/faults, outside /api and with the same key.

GET answers `{"faults": [{"fault": text, "struck": n, "left": n or null}]}`. PUT takes `{"faults": [text, ...]}`, puts
them in place of all others and answers as GET does; DELETE ends all of them. The address is the sandbox's own.

Invariant: no fault strikes here, or a bad one could not be taken back; and a list with one bad text changes nothing.
"""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.answers import Refusal
from app.sandbox.fault_rules import BadFault
from app.sandbox.faults import Faults

PATH = "/sandbox/faults"
_LARGEST = 1_000_000


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """What PUT takes."""

    faults: list[str]


async def answer_control(faults: Faults, request: Request) -> Response:
    """The answer. Raises Refusal 400 or 405."""
    if request.method == "DELETE":
        faults.set([])
        return Response(None, 204)
    if request.method == "PUT":
        sent = await request.body()
        try:
            if len(sent) > _LARGEST:
                raise BadFault("The list is too large.")
            faults.set(msgspec.json.decode(sent, type=Wanted).faults)
        except (msgspec.MsgspecError, UnicodeError, RecursionError, BadFault) as error:
            raise Refusal(400, [f"faults: {error}"]) from None
    elif request.method not in {"GET", "HEAD"}:
        raise Refusal(405, headers={"Allow": "GET, PUT, DELETE"})
    return Response(msgspec.json.encode({"faults": faults.report()}), 200, media_type="application/json")
