"""One question to a client that is closed afterwards, and the plain page that most lists answer with."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from starlette.responses import Response

from app.esper.client import EsperClient
from app.esper.pages import Pages
from tests.sandbox import Sandbox
from tests.unit.esper.server import Seen, client, document

T = TypeVar("T")


def ask(url: str, question: Callable[[EsperClient], Awaitable[T]], **options: Any) -> T:
    """What the question gives, asked of a client with the enterprise id `e1`."""

    async def go() -> T:
        opened = await client(url, **options)
        try:
            return await question(opened)
        finally:
            await opened.close()

    return asyncio.run(go())


async def rows(pages: Pages[T]) -> list[T]:
    """Every row of a list."""
    return [row async for page in pages for row in page.rows]


def page(results: Sequence[Any]) -> Response:
    """A whole list on one page, in the older wrapper."""
    return document({"count": len(results), "next": None, "previous": None, "results": list(results)})


def calls(seen: Sequence[Seen]) -> list[tuple[str, str]]:
    """Method and path of each request, in the order of arrival."""
    return [(request.method, request.path) for request in seen]


def ask_sandbox(sandbox: Sandbox, question: Callable[[EsperClient], Awaitable[T]]) -> T:
    """What a client of that sandbox is told, on a connection of its own."""

    async def go() -> T:
        client = await EsperClient.open(sandbox.url, sandbox.token)
        try:
            return await question(client)
        finally:
            await client.close()

    return asyncio.run(go())
