"""One tenant's line to the server: one document, one list, one write.

Invariant: an answer that can't be read names its request, and after a write it is OutcomeUnknown, never a plain error.
Large bodies are decoded in a thread.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from app.errors import UnexpectedAnswer
from app.esper import account, answers
from app.esper.answers import Form
from app.esper.failures import Answer
from app.esper.pace import Priority
from app.esper.pages import Page, Pages
from app.esper.transport import Params, Transport, doubt
from app.esper.wording import part
from app.records import TokenInfo

R = TypeVar("R")
# Below this size decoding is shorter than the way to a thread and back.
_SMALL = 32_768


class Exchange:
    """Paths are relative to the server address; `{enterprise}` in one stands for the tenant's enterprise id."""

    def __init__(self, transport: Transport, enterprise_id: str = "") -> None:
        self.transport = transport
        self.enterprise_id = enterprise_id
        # Two decoders at once would not be faster, but the window's thread would wait for both.
        self._decoding = asyncio.Lock()

    async def token_info(self) -> TokenInfo:
        """GET v1/token-info/; learns the enterprise id where it was not known."""
        info = await self.one("/v1/token-info/", account.TOKEN)
        self.enterprise_id = self.enterprise_id or info.enterprise_id
        return info

    async def one(
        self, path: str, form: Form[R], *, params: Params | None = None, priority: Priority = Priority.PEOPLE
    ) -> R:
        """One document, wrapped in `content` or not."""
        answer = await self.transport.read(await self._place(path), params, priority)
        return await self._decoded(answer, lambda body: answers.one(body, form))

    async def page(
        self, path: str, form: Form[R], offset: int, limit: int, params: Params, priority: Priority
    ) -> Page[R]:
        """One page of a list, read at `offset` with `limit`."""
        wanted = {**params, "limit": limit, "offset": offset}
        answer = await self.transport.read(await self._place(path), wanted, priority)
        rows, total, more = await self._decoded(answer, lambda body: answers.page(body, form))
        return Page(offset, total, rows, more)

    def pages(
        self,
        path: str,
        form: Form[R],
        *,
        params: Params | None = None,
        limits: Sequence[int] = (500, 100),
        at_once: int = 4,
        priority: Priority = Priority.PEOPLE,
    ) -> Pages[R]:
        """The whole list, `at_once` requests in flight; the first of `limits` that the server takes."""

        async def fetch(offset: int, limit: int) -> Page[R]:
            return await self.page(path, form, offset, limit, params or {}, priority)

        return Pages(fetch, limits, at_once)

    async def write(self, method: str, path: str, body: Mapping[str, Any], form: Form[R]) -> R | None:
        """POST or PUT, once; None where the server said 304, nothing changed."""
        place = await self._place(path)
        answer = await self.transport.write(method, place, msgspec.json.encode(dict(body)))
        if answer.status == 304:
            return None
        try:
            return await self._decoded(answer, lambda text: answers.one(text, form))
        except UnexpectedAnswer as error:
            raise doubt(error, method, place) from error

    async def _place(self, path: str) -> str:
        if "{enterprise}" not in path:
            return path
        if not self.enterprise_id:
            await self.token_info()
        return path.replace("{enterprise}", part(self.enterprise_id))

    async def _decoded(self, answer: Answer, decode: Callable[[bytes], R]) -> R:
        try:
            body = answers.check(answer)
            if len(body) <= _SMALL:
                return decode(body)
            async with self._decoding:
                return await asyncio.to_thread(decode, body)
        except UnexpectedAnswer as error:
            error.method, error.path, error.request_id = answer.method, answer.path, answer.request_id
            raise
