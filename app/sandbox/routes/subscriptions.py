"""Event subscriptions: listed, made, deleted.

Invariant: the topic's address is the tenant's own and does not depend on the account. Sources: contract paths tagged
Subscriptions.
"""

from app.sandbox.answers import Answer, Asked, Refusal, listed
from app.sandbox.device_facts import Document, moment
from app.sandbox.forms import Form
from app.sandbox.library_documents import enterprise_url
from app.sandbox.routes import Path, own_enterprise
from app.sandbox.subscriptions import Subscription
from app.sandbox.world import World


def list_subscriptions(world: World, asked: Asked) -> Answer:
    own_enterprise(world, asked)
    return Answer(listed(asked, world.subscriptions.all, lambda found: _document(world, found, asked.base)))


def create(world: World, asked: Asked) -> Answer:
    own_enterprise(world, asked)
    form = Form(asked)
    account = form.text("aws_account_id", needed=True)
    form.check()
    return Answer(_document(world, world.subscriptions.add(account, world.now), asked.base), 201)


def detail(world: World, asked: Asked) -> Answer:
    return Answer(_document(world, _subscription(world, asked), asked.base))


def delete(world: World, asked: Asked) -> Answer:
    world.subscriptions.remove(_subscription(world, asked))
    return Answer(None, 204)


def _subscription(world: World, asked: Asked) -> Subscription:
    own_enterprise(world, asked)
    found = world.subscriptions.find(world.ids.find("subscription", asked.path["subscription_id"]))
    if found is None:
        raise Refusal(404, message="There is no such subscription")
    return found


def _document(world: World, found: Subscription, base: str) -> Document:
    return {
        "id": world.ids.make("subscription", found.number),
        "aws_account_id": found.account,
        "sns_topic_arn": f"arn:aws:sns:eu-central-1:000000000000:{world.enterprise_id}-{found.number}",
        "created_on": moment(found.created),
        "updated_on": moment(found.created),
        "is_subscribed": True,
        "enterprise": enterprise_url(world, base),
    }


_ALL = "/v0/enterprise/{enterprise_id}/subscription/"

PATHS = [
    Path(_ALL, list_subscriptions, post=create),
    Path(f"{_ALL}{{subscription_id}}/", detail, delete=delete),
]
