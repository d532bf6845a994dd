"""The key, the enterprise and the user behind it.

Invariant: the key itself is never part of an answer. Sources: contract schemas TokenInfo, Enterprise, User.
"""

from app.sandbox.answers import Answer, Asked
from app.sandbox.device_facts import moment
from app.sandbox.order_documents import USER
from app.sandbox.routes import Path, own_enterprise
from app.sandbox.world import World

_FOUNDED = 1672531200.0  # 2023-01-01


def token_info(world: World, asked: Asked) -> Answer:
    return Answer(
        {
            "id": "1",
            "enterprise": world.enterprise_id,
            "user": USER,
            "developer_app": world.ids.make("developer-app", 0),
            "source_refresh_token": None,
            "expires_on": None,
            "scope": ["read", "write", "introspection", "register", "update"],
            "created_on": moment(_FOUNDED),
            "updated_on": moment(_FOUNDED),
        }
    )


def enterprise(world: World, asked: Asked) -> Answer:
    own_enterprise(world, asked)
    return Answer(
        {
            "id": world.enterprise_id,
            "name": "Demo fleet",
            "short_code": "DEMO",
            "registered_name": "Example Group",
            "registered_address": "1 Example Street",
            "location": "Berlin",
            "zipcode": "10115",
            "contact_person": "Alex Example",
            "contact_number": None,
            "contact_email": USER,
            "emm": None,
            "created_on": moment(_FOUNDED),
            "updated_on": moment(_FOUNDED),
        }
    )


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
                "created_on": moment(_FOUNDED),
                "updated_on": moment(_FOUNDED),
            },
        }
    )


PATHS = [
    Path("/v1/token-info/", token_info),
    Path("/v1/enterprise/{enterprise_id}/", enterprise),
    Path("/user_info/", user_info),
]
