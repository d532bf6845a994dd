"""One tenant's line to the server: one document, one list, one write, one thing taken away.

Invariant: an answer that can't be read names its request, and after a write it is OutcomeUnknown, never a plain error.
Large bodies are decoded in a thread.
"""

import asyncio
from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from app.errors import OutcomeUnknown, UnexpectedAnswer
from app.esper import account, answers
from app.esper.answers import Form
from app.esper.failures import Answer
from app.esper.pace import Priority
from app.esper.pages import Page, Pages
from app.esper.transport import Params, Transport, doubt
from app.esper.wording import part
from app.records import TokenInfo
from app.redact import redact

R = TypeVar("R")


class Upload(AsyncIterable[bytes], Protocol):
    """A body that is read while it is sent. `answer_within` in seconds, after the last byte."""

    answer_within: float

    @property
    def headers(self) -> Mapping[str, str]: ...


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

    async def write(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        form: Form[R],
        *,
        params: Params | None = None,
        repeatable: bool = False,
    ) -> R | None:
        """POST, PUT or PATCH, once; None where the server said 304, nothing changed.

        `repeatable` as in Transport.write: only where a second arrival changes nothing.
        """
        place = await self._place(path)
        sent = None if body is None else msgspec.json.encode(dict(body))
        answer = await self.transport.write(method, place, sent, params=params, repeatable=repeatable)
        if answer.status == 304:
            return None
        try:
            return await self._decoded(answer, lambda text: answers.one(text, form))
        except UnexpectedAnswer as error:
            raise doubt(error, method, place) from error

    async def change(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        form: Form[R],
        *,
        params: Params | None = None,
        repeatable: bool = False,
    ) -> R:
        """Like `write`, where the contract knows no 304: one that comes is OutcomeUnknown."""
        changed = await self.write(method, path, body, form, params=params, repeatable=repeatable)
        if changed is None:
            raise OutcomeUnknown("the server says that nothing changed", method=method, path=path, status=304)
        return changed

    async def upload(self, path: str, body: Upload, form: Form[R]) -> R:
        """POST of a file, once; the answer is one document."""
        place = await self._place(path)
        answer = await self.transport.upload(place, body.headers, body, body.answer_within)
        try:
            return await self._decoded(answer, lambda text: answers.one(text, form))
        except UnexpectedAnswer as error:
            raise doubt(error, "POST", place) from error

    async def delete(self, path: str) -> None:
        """DELETE of one thing by its id, tried like a read: a second arrival finds nothing left, which is the wish.

        Any 2xx will do, whatever its body. Raises NotFound where the first try found nothing.
        """
        await self.transport.write("DELETE", await self._place(path), None, repeatable=True)

    async def known_enterprise(self) -> str:
        """The tenant's enterprise id, asked of the key where it is not known yet."""
        if not self.enterprise_id:
            await self.token_info()
        return self.enterprise_id

    async def address(self, path: str) -> str:
        """The whole address of a resource, for bodies that name one so."""
        return self.transport.url + await self._place(path)

    async def _place(self, path: str) -> str:
        if "{enterprise}" not in path:
            return path
        return path.replace("{enterprise}", part(await self.known_enterprise()))

    async def _decoded(self, answer: Answer, decode: Callable[[bytes], R]) -> R:
        try:
            body = answers.check(answer)
            if len(body) <= _SMALL:
                return decode(body)
            async with self._decoding:
                return await asyncio.to_thread(decode, body)
        except UnexpectedAnswer as error:
            error.method, error.path, error.request_id = answer.method, answer.path, answer.request_id
            error.status, error.excerpt = answer.status, redact(error.excerpt or answer.excerpt)[:300]
            raise
