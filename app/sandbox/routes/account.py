"""The key, the enterprise, the user behind it, and what the tenant may use.

Invariant: a key is never part of an answer, but for the new one that a renewal hands out once.
Sources: contract schemas TokenInfo, TokenRenew, Enterprise, EnterpriseUpdate, User.
"""

from app.sandbox.answers import Answer, Asked, Refusal
from app.sandbox.device_facts import Document, moment
from app.sandbox.forms import Form
from app.sandbox.order_documents import USER
from app.sandbox.profile import FIELDS, FOUNDED
from app.sandbox.routes import Path, own_enterprise
from app.sandbox.world import World

_SCOPE = ["read", "write", "introspection", "register", "update"]
_LONGEST = {"zipcode": 8, "contact_number": 20}
_FEATURES = {
    "esper.cloud.ios.enable": True,
    "esper.cloud.windows.enable": True,
    "esper.cloud.linux.enable": True,
    "esper.cloud.remote-viewer.enable": True,
    "esper.cloud.geofence.enable": True,
    "esper.cloud.blueprints.enable": True,
    "esper.cloud.pipelines.enable": False,
}


def token_info(world: World, asked: Asked) -> Answer:
    return Answer(
        {
            "id": "1",
            "enterprise": world.enterprise_id,
            "user": USER,
            "developer_app": world.ids.make("developer-app", 0),
            "source_refresh_token": None,
            "expires_on": None if world.keys.end is None else moment(world.keys.end),
            "scope": _SCOPE,
            "created_on": moment(FOUNDED),
            "updated_on": moment(FOUNDED),
        }
    )


def renew(world: World, asked: Asked) -> Answer:
    """A new key for the one in the query, which keeps opening for ten minutes. Names carry their ids (wire fact).

    The contract writes the parameter with a star behind its name; both spellings are read.
    """
    own_enterprise(world, asked)
    app_id = world.ids.make("developer-app", 0)
    if asked.path["developerapp_id"].lower() != app_id:
        raise Refusal(404, message="There is no such developer app")
    given = asked.query.get("access_token") or asked.query.get("access_token*")
    if not given:
        raise Refusal(400, ["access_token: Is required."])
    try:
        made, end = world.keys.renew(given, world.now)
    except KeyError:
        raise Refusal(400, ["access_token: Is not a key of this enterprise."]) from None
    return Answer(
        {
            "id": "1",
            "user": USER,
            "enterprise": f"{world.profile.facts['name']} [{world.enterprise_id}]",
            "token": made,
            "expires_at": moment(end),
            "developerapp": f"Console ({app_id})",
            "scope": " ".join(_SCOPE),
            "created_on": moment(world.now),
            "updated_on": moment(world.now),
        },
        201,
    )


def enterprise(world: World, asked: Asked) -> Answer:
    own_enterprise(world, asked)
    return Answer(_enterprise(world))


def change_enterprise(world: World, asked: Asked) -> Answer:
    """Changes the fields that are named; a field that can't be set is refused."""
    own_enterprise(world, asked)
    form, facts = Form(asked, closed=FIELDS, some=True), world.profile.facts
    changed = {
        field: form.email(field, facts[field])
        if field == "contact_email"
        else form.text(
            field, facts[field], null=field in {"contact_person", "contact_number"}, longest=_LONGEST.get(field, 255)
        )
        for field in FIELDS
    }
    form.check()
    world.profile.facts, world.profile.updated = changed, world.now
    return Answer(_enterprise(world))


def user_info(world: World, asked: Asked) -> Answer:
    return Answer(
        {
            "id": 1,
            "username": USER,
            "email": USER,
            "first_name": "Alex",
            "last_name": "Example",
            "full_name": "Alex Example",
            "is_active": True,
            "is_staff": False,
            "is_superuser": False,
            "has_emm": False,
            "last_login": moment(world.started),
            "profile": {
                "role": "Enterprise Admin",
                "authz_role_id": None,
                "groups": None,
                "created_on": moment(FOUNDED),
                "updated_on": moment(FOUNDED),
            },
        }
    )


def feature_flags(world: World, asked: Asked) -> Answer:
    """A flat map."""
    return Answer(_FEATURES)


def _enterprise(world: World) -> Document:
    return {
        "id": world.enterprise_id,
        "short_code": "DEMO",
        **world.profile.facts,
        "emm": None,
        "created_on": moment(FOUNDED),
        "updated_on": moment(world.profile.updated),
    }


PATHS = [
    Path("/v1/token-info/", token_info),
    Path("/v0/enterprise/{enterprise_id}/developerapp/{developerapp_id}/renew-token/", post=renew),
    Path("/v1/enterprise/{enterprise_id}/", enterprise, patch=change_enterprise),
    Path("/user_info/", user_info),
    Path("/feature-flags/", feature_flags),
]
