"""Event subscriptions: AWS accounts that hear of what happens in the tenant.

Invariant: a subscription is made and taken away, never changed; the contract has no call for that.
"""

from msgspec import Struct

from app.errors import InputError, Problem
from app.esper.answers import Form, identified
from app.esper.exchange import Exchange
from app.esper.pages import Pages
from app.esper.wording import Loose, flag, moment, part, text
from app.tenancy import Subscription

_SUBSCRIPTIONS = "/v0/enterprise/{enterprise}/subscription/"


class _Subscription(Struct):
    id: Loose = None
    aws_account_id: Loose = None
    sns_topic_arn: Loose = None
    is_subscribed: Loose = None
    created_on: Loose = None
    updated_on: Loose = None


def _subscription(wire: _Subscription, raw: bytes) -> Subscription:
    return Subscription(
        id=identified(wire.id, "a subscription"),
        aws_account_id=text(wire.aws_account_id),
        sns_topic_arn=text(wire.sns_topic_arn),
        is_subscribed=flag(wire.is_subscribed),
        created_at=moment(wire.created_on),
        updated_at=moment(wire.updated_on),
        raw=raw,
    )


SUBSCRIPTION = Form(_Subscription, _subscription)


class Subscriptions:
    """Who is told of the tenant's events."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def pages(self) -> Pages[Subscription]:
        """GET v0/enterprise/{enterprise_id}/subscription/."""
        return self._exchange.pages(_SUBSCRIPTIONS, SUBSCRIPTION)

    async def one(self, subscription_id: str) -> Subscription:
        """GET v0/enterprise/{enterprise_id}/subscription/{subscription_id}/."""
        return await self._exchange.one(_path(subscription_id), SUBSCRIPTION)

    async def create(self, aws_account_id: str) -> Subscription:
        """POST v0/enterprise/{enterprise_id}/subscription/, once. Raises InputError without an account."""
        if not aws_account_id.strip():
            raise InputError([Problem("aws_account_id", "Must not be empty.")])
        body = {"aws_account_id": aws_account_id.strip()}
        return await self._exchange.change("POST", _SUBSCRIPTIONS, body, SUBSCRIPTION)

    async def delete(self, subscription_id: str) -> None:
        """DELETE v0/enterprise/{enterprise_id}/subscription/{subscription_id}/."""
        await self._exchange.delete(_path(subscription_id))


def _path(subscription_id: str) -> str:
    return f"{_SUBSCRIPTIONS}{part(subscription_id)}/"
