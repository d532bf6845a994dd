"""Content: files of the tenant that are no apps.

Invariant: an id is a number on the wire and a text here; links to files are asked for when they are needed, never kept.
"""

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from app.errors import InputError, Problem, UnexpectedAnswer
from app.esper import downloads, uploads
from app.esper.answers import Form, identified
from app.esper.downloads import Landed, Source
from app.esper.exchange import Exchange
from app.esper.pages import Pages
from app.esper.uploads import Progress
from app.esper.wording import Loose, flag, moment, part, text, whole
from app.records import Content

_LIBRARY = "/v0/enterprise/{enterprise}/content/"


class _Owner(Struct):
    username: Loose = None


class _Content(Struct):
    id: Loose = None
    name: Loose = None
    key: Loose = None
    is_dir: Loose = None
    kind: Loose = None
    hash: Loose = None
    size: Loose = None
    path: Loose = None
    permissions: Loose = None
    tags: list[Loose] | None = None
    description: Loose = None
    created: Loose = None
    modified: Loose = None
    owner: _Owner | Loose = None


class _Link(Struct):
    download_url: Loose = None
    hash: Loose = None
    size: Loose = None


def _content(wire: _Content, raw: bytes) -> Content:
    return Content(
        id=identified(wire.id, "a file"),
        name=text(wire.name),
        key=text(wire.key),
        path=text(wire.path),
        kind=text(wire.kind),
        is_folder=flag(wire.is_dir),
        size=_size(wire.size),
        hash=text(wire.hash),
        tags=tuple(filter(None, map(text, wire.tags or ()))),
        description=text(wire.description),
        permissions=text(wire.permissions),
        owner=text(wire.owner.username if isinstance(wire.owner, _Owner) else wire.owner),
        created_at=moment(wire.created),
        modified_at=moment(wire.modified),
        raw=raw,
    )


def _link(wire: _Link, raw: bytes) -> Source:
    link = text(wire.download_url)
    if not link:
        raise UnexpectedAnswer("there is no link to the file")
    return Source(link, _size(wire.size), text(wire.hash))


def _size(value: Loose) -> int | None:
    size = whole(value)
    return size if size is not None and size >= 0 else None


# Schema Content (size: bytes as text).
CONTENT = Form(_Content, _content)
LINK = Form(_Link, _link)


class ContentLibrary:
    """The files of a tenant."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def pages(self, *, search: str = "") -> Pages[Content]:
        """GET v0/enterprise/{enterprise_id}/content/."""
        return self._exchange.pages(_LIBRARY, CONTENT, params={"search": search} if search else {})

    async def one(self, content_id: str) -> Content:
        """GET v0/enterprise/{enterprise_id}/content/{content_id}/."""
        return await self._exchange.one(_path(content_id), CONTENT)

    async def upload(self, file: Path, *, name: str = "", progress: Progress | None = None) -> Content:
        """POST v0/enterprise/{enterprise_id}/content/upload/, once. Raises as `uploads.send` does."""
        return await uploads.send(self._exchange, f"{_LIBRARY}upload/", "key", file, CONTENT, progress, name)

    async def modify(
        self, content_id: str, *, tags: Iterable[str] | None = None, description: str | None = None
    ) -> Content:
        """PATCH v0/enterprise/{enterprise_id}/content/{content_id}/; None leaves a field as it is.

        Raises InputError where nothing is to be changed.
        """
        body: dict[str, str | list[str]] = {}
        if tags is not None:
            body["tags"] = list(tags)
        if description is not None:
            body["description"] = description
        if not body:
            raise InputError([Problem("", "Nothing is to be changed.")])
        return await self._exchange.change("PATCH", _path(content_id), body, CONTENT, repeatable=True)

    async def delete(self, content_id: str) -> None:
        """DELETE v0/enterprise/{enterprise_id}/content/{content_id}/."""
        await self._exchange.delete(_path(content_id))

    async def download(self, content_id: str, target: Path, *, progress: Progress | None = None) -> Landed:
        """The file behind `download_url` of v0/enterprise/{enterprise_id}/content/{content_id}/.

        Raises as `downloads.fetch` does; UnexpectedAnswer for a folder, which has no file.
        """
        path = _path(content_id)
        return await downloads.fetch(self._exchange.transport, lambda: self._exchange.one(path, LINK), target, progress)


def _path(content_id: str) -> str:
    return f"{_LIBRARY}{part(content_id)}/"
