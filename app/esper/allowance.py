"""What a server says of its own limits: how many requests are left, and for how long.

Invariant: nothing in a header raises; a limit without both numbers says nothing. The contract names no such header,
so every usual spelling is read: `X-RateLimit-*`, `RateLimit-*`, and one `RateLimit` in its older and newer form.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from app.esper.wording import number

# A number of seconds as large as this is a moment, counted from 1970.
_SURELY_A_MOMENT = 1_000_000_000.0
_LEFT = re.compile(r"(?:^|[;,\s])(?:r|remaining)\s*=\s*(\d+)")
_RESET = re.compile(r"(?:^|[;,\s])(?:t|reset)\s*=\s*(\d+)")


class Allowance(NamedTuple):
    """`left` requests may start within the next `seconds`."""

    left: int
    seconds: float


def allowance(headers: Mapping[str, str], now: float) -> Allowance | None:
    """The tightest limit that the headers name; None where they name none. `now` in epoch seconds."""
    return min(_all(headers, now), default=None, key=lambda limit: (limit.left, -limit.seconds))


def _all(headers: Mapping[str, str], now: float) -> Iterator[Allowance]:
    for prefix in ("x-ratelimit-", "x-rate-limit-", "ratelimit-"):
        yield from _pair(headers.get(f"{prefix}remaining", ""), headers.get(f"{prefix}reset", ""), now)
    combined = headers.get("ratelimit", "")
    # Newer form: `"minute";r=5;t=30, "day";r=900;t=40000`; older form: `limit=100, remaining=50, reset=5`.
    for policy in combined.split(",") if ";" in combined else [combined]:
        left, reset = _LEFT.search(policy), _RESET.search(policy)
        if left and reset:
            yield from _pair(left[1], reset[1], now)


def _pair(left: str, reset: str, now: float) -> Iterator[Allowance]:
    remaining, seconds = number(left.strip()), number(reset.strip())
    if remaining is None or seconds is None or remaining < 0:
        return
    if seconds >= _SURELY_A_MOMENT * 1000:
        seconds /= 1000
    if seconds >= _SURELY_A_MOMENT:
        seconds -= now
    if seconds >= 0:
        yield Allowance(int(remaining), seconds)
