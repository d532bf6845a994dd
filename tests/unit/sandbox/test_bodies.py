"""Whatever is sent as a body, the answer is an answer of the contract and never a failure of the sandbox."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.sandbox.tenant import ZEROS, Tenant, refusal

WORDS = st.sampled_from(
    """name parent device_ids tags latitude longitude radius radius_unit device_actions devices description policy
    enterprise is_active aws_account_id contact_email zipcode""".split()
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just(ZEROS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
BODIES = st.dictionaries(WORDS, VALUES, max_size=6) | VALUES


def targets(library: Tenant) -> list[tuple[str, str]]:
    """Method and path of everything that takes a body; none of the things named exists, but for device and enterprise."""
    v1, device = library.v1, library.pick()
    group = library.get(f"{v1}/devicegroup/")["results"][1]["id"]
    fence = library.get(f"/v0{v1}/geofence/")["results"][0]["id"]
    return [
        ("PATCH", f"/v1{v1}/"),
        ("PATCH", f"{v1}/device/{device}/"),
        ("POST", f"{v1}/devicegroup/"),
        ("PUT", f"{v1}/devicegroup/{group}/"),
        ("PATCH", f"{v1}/devicegroup/{group}/?action=add"),
        ("PATCH", f"{v1}/devicegroup/{group}/?action=move"),
        ("POST", f"/v0{v1}/geofence/"),
        ("PATCH", f"/v0{v1}/geofence/{fence}/"),
        ("POST", f"/v0{v1}/create-apply-geo-fence/"),
        ("POST", f"{v1}/policy/"),
        ("PATCH", f"{v1}/policy/1/"),
        ("POST", f"/v0{v1}/subscription/"),
    ]


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(body=BODIES)
def test_no_json_body_makes_the_sandbox_fail(library: Tenant, body: Any) -> None:
    for method, path in targets(library):
        answer = library.http.request(method, library.facts.url + path, json=body)
        assert answer.status_code in {200, 201, 400}, (method, path, answer.text)
        if answer.status_code == 400:
            refusal(answer, 400)


def test_bodies_that_are_no_json_are_refused(library: Tenant) -> None:
    for method, path in targets(library):
        for content in (b"", b"{", b"\xff", b"[" * 5000, b'{"name": "\\ud800"}'):
            answer = library.http.request(method, library.facts.url + path, content=content)
            assert refusal(answer, 400)
