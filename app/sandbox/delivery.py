"""Files as answers: whole or a part, with what a client needs to resume and to check.

Invariant: a part is only given of the file that the client already has a part of (If-Range), and the lengths in the
head are those of the bytes that follow.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from app.sandbox.answers import Download, Refusal

_PIECE = 256 * 1024
_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII)


def deliver(download: Download, asked: Mapping[str, str], bodiless: bool) -> Response:
    """The answer to a GET, or to a HEAD where `bodiless`. `asked` are the request's headers.

    Several ranges at once, and ones that can't be read, are ignored (RFC 9110 allows it): the whole file is sent.
    Raises Refusal 404 where the file is not kept any more, 416 where the part begins behind the end.
    """
    try:
        size = download.path.stat().st_size
    except OSError:
        raise Refusal(404, message="The file is not kept any more") from None
    tag = f'"{download.tag}"'
    name = quote(download.name, safe="")
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
    }
    if tag in asked.get("if-none-match", ""):
        return Response(None, 304, headers)
    begin, end, status = 0, size, 200
    wanted = _RANGE.fullmatch(asked.get("range", ""))
    if wanted is not None and (wanted[1] or wanted[2]) and asked.get("if-range", tag) == tag:
        begin = int(wanted[1]) if wanted[1] else max(0, size - int(wanted[2]))
        end = min(size, int(wanted[2]) + 1) if wanted[1] and wanted[2] else size
        if begin >= size:
            raise Refusal(416, [f"Range: The file has {size} bytes."], headers={"Content-Range": f"bytes */{size}"})
        status = 206 if begin < end else 200
        begin, end = (begin, end) if status == 206 else (0, size)
    if status == 206:
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - begin)
    if bodiless:
        return Response(None, status, headers, media_type=download.media_type)
    return StreamingResponse(_pieces(download, begin, end), status, headers, media_type=download.media_type)


def _pieces(download: Download, begin: int, end: int) -> Iterator[bytes]:
    with download.path.open("rb") as file:
        file.seek(begin)
        while begin < end and (piece := file.read(min(_PIECE, end - begin))):
            begin += len(piece)
            yield piece
