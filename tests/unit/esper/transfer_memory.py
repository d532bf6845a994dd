"""A process of its own that sends and fetches one large sparse file and says what that cost. Writes JSON.

Invariant: the server in here counts bytes and keeps none, so that what grows is the client's.
"""

import asyncio
import json
import resource
import sys
import tracemalloc
from pathlib import Path

from app.esper import downloads
from app.esper.client import EsperClient
from app.esper.downloads import Source

SIZE = 300 * 2**20
PIECE = bytes(256 * 1024)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """POST: takes the body and answers with a content document; GET: the file."""
    while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
        if head.startswith("POST"):
            left = int(
                next(line for line in head.split("\r\n") if line.lower().startswith("content-length")).split()[1]
            )
            while left:
                left -= len(await reader.read(min(left, len(PIECE))))
            body = b'{"id": 1}'
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body))
            writer.write(body)
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
            for _ in range(SIZE // len(PIECE)):
                writer.write(PIECE)
                await writer.drain()
        await writer.drain()


async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await serve(reader, writer)
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        writer.close()


async def measure(folder: Path) -> dict[str, float]:
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api"
    client = await EsperClient.open(url, "a-key-of-a-test", enterprise_id="e1")
    small = folder / "small"
    small.write_bytes(PIECE)
    await client.content.upload(small)
    sent, got = [0], [0]

    async def locate() -> Source:
        return Source("/file", SIZE)

    source = folder / "large"
    with source.open("wb") as sparse:
        sparse.truncate(SIZE)
    tracemalloc.start()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await client.content.upload(source, progress=lambda done, total: sent.append(done))
    source.unlink()
    await downloads.fetch(client._exchange.transport, locate, folder / "back", lambda done, total: got.append(done))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    await client.close()
    server.close()
    return {
        "grown_mb": grown,
        "peak_mb": peak,
        "sent": sent[-1],
        "got": got[-1],
        "landed": (folder / "back").stat().st_size,
        "monotone": sent == sorted(sent) and got == sorted(got),
    }


sys.stdout.write(json.dumps(asyncio.run(measure(Path(sys.argv[1])))))
