"""Content: the files that are sent to devices.

Invariant: only tags and description can change; the bytes of a file never do. Sources: contract paths tagged Content,
schemas Content, ContentPatch.
"""

from urllib.parse import quote

from app.sandbox.answers import Answer, Asked, Refusal, body, listed
from app.sandbox.content import File
from app.sandbox.device_facts import Document, moment
from app.sandbox.library_documents import enterprise_url
from app.sandbox.order_documents import USER
from app.sandbox.routes import Path, own_enterprise
from app.sandbox.world import World

_MOST_TAGS = 50
_LONGEST_TAG = 255
_LONGEST_DESCRIPTION = 2000


def list_files(world: World, asked: Asked) -> Answer:
    """All files, newest first; `search` looks through names, tags and descriptions."""
    own_enterprise(world, asked)
    found, wanted = world.content.all, asked.query.get("search", "").casefold()
    if wanted:
        found = [f for f in found if any(wanted in text.casefold() for text in (f.name, f.description or "", *f.tags))]
    return Answer(listed(asked, found, lambda file: _document(world, file, asked.base)))


def upload(world: World, asked: Asked) -> Answer:
    """Takes a file; the answer is 200, not 201 (contract)."""
    own_enterprise(world, asked)
    assert asked.upload is not None
    return Answer(_document(world, world.content.add(asked.upload, world.now), asked.base))


def detail(world: World, asked: Asked) -> Answer:
    return Answer(_document(world, _file(world, asked), asked.base))


def change(world: World, asked: Asked) -> Answer:
    """Sets tags, description or both; any other field is refused."""
    file, sent = _file(world, asked), body(asked)
    problems = [f"{name[:60]}: Can't be changed." for name in sent if name not in {"tags", "description"}]
    if not sent:
        problems.append("body: Give tags or description.")
    tags, description = sent.get("tags", file.tags), sent.get("description", file.description)
    texts = isinstance(tags, list) and all(isinstance(tag, str) and 0 < len(tag) <= _LONGEST_TAG for tag in tags)
    if not texts or len(tags) > _MOST_TAGS:
        problems.append(
            f"tags: Must be a list of at most {_MOST_TAGS} texts, none empty or above {_LONGEST_TAG} signs."
        )
    if "description" in sent and (not isinstance(description, str) or len(description) > _LONGEST_DESCRIPTION):
        problems.append(f"description: Must be text of at most {_LONGEST_DESCRIPTION} signs.")
    if problems:
        raise Refusal(400, problems)
    file.tags, file.description, file.modified = list(dict.fromkeys(tags)), description or None, world.now
    return Answer(_document(world, file, asked.base))


def delete(world: World, asked: Asked) -> Answer:
    world.content.remove(_file(world, asked))
    return Answer(None, 204)


def _file(world: World, asked: Asked) -> File:
    own_enterprise(world, asked)
    file = world.content.find(asked.path["content_id"])
    if file is None:
        raise Refusal(404, message="There is no such file")
    return file


def _document(world: World, file: File, base: str) -> Document:
    """`id` is a number; `size` is bytes as text."""
    return {
        "id": file.id,
        "download_url": f"{base}/files/content/{file.id}/{quote(file.name, safe='')}",
        "name": file.name,
        "key": f"{world.enterprise_id}/{file.id}",
        "is_dir": False,
        "kind": file.kind,
        "hash": file.sha256,
        "size": str(file.size),
        "path": "/",
        "permissions": "rw",
        "tags": file.tags,
        "description": file.description,
        "created": moment(file.created),
        "modified": moment(file.modified),
        "enterprise": enterprise_url(world, base),
        "owner": {"id": 1, "username": USER},
    }


_FILES = "/v0/enterprise/{enterprise_id}/content/"

PATHS = [
    Path(_FILES, list_files),
    Path(f"{_FILES}upload/", post=upload, upload="key"),
    Path(f"{_FILES}{{content_id}}/", detail, patch=change, delete=delete),
]
