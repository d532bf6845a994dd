"""Event subscriptions: made once, listed, taken away."""

import json

import pytest
from starlette.responses import Response

from app.errors import InputError, OutcomeUnknown
from app.esper.client import EsperClient
from tests.unit.esper.asking import ask, calls, page, rows
from tests.unit.esper.server import Seen, breaking, document, serving

PATH = "/v0/enterprise/e1/subscription/"
WIRE = {
    "id": "s1",
    "aws_account_id": "123456789012",
    "sns_topic_arn": "arn:aws:sns:x",
    "is_subscribed": False,
    "new": 1,
}


def answer(seen: Seen) -> Response:
    if seen.method == "DELETE":
        return Response(status_code=204)
    if seen.method == "GET" and seen.path == PATH:
        return page([WIRE])
    return document(WIRE, 201 if seen.method == "POST" else 200)


def test_a_subscription_is_made_found_and_taken_away() -> None:
    async def question(opened: EsperClient) -> None:
        made = await opened.subscriptions.create(" 123456789012 ")
        assert (made.id, made.sns_topic_arn, made.is_subscribed) == ("s1", "arn:aws:sns:x", False)
        assert b'"new"' in made.raw
        assert await rows(opened.subscriptions.pages()) == [made]
        assert await opened.subscriptions.one("s1") == made
        await opened.subscriptions.delete("s1")

    with serving(answer) as server:
        ask(server.url, question)
    own = f"{PATH}s1/"
    assert calls(server.seen) == [("POST", PATH), ("GET", PATH), ("GET", own), ("DELETE", own)]
    assert json.loads(server.seen[0].body) == {"aws_account_id": "123456789012"}


def test_a_subscription_whose_answer_was_lost_is_not_made_again() -> None:
    with breaking(b"") as server, pytest.raises(OutcomeUnknown):
        ask(server.url, lambda opened: opened.subscriptions.create("123456789012"))
    assert len(server.seen) == 1


def test_a_subscription_needs_an_account() -> None:
    with serving(answer) as server:
        with pytest.raises(InputError, match="aws_account_id"):
            ask(server.url, lambda opened: opened.subscriptions.create("  "))
        assert server.seen == []
