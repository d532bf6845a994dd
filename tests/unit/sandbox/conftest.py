"""Tenants for the sandbox's tests: one that is only read by all tests of a module, and one that a test may change."""

from collections.abc import Iterator

import pytest

from tests.unit.sandbox.tenant import Tenant, tenant


@pytest.fixture(scope="module")
def library() -> Iterator[Tenant]:
    """700 devices; nobody changes them."""
    with tenant(700, seed=3) as made:
        yield made


@pytest.fixture
def fleet() -> Iterator[Tenant]:
    """300 devices of the test's own."""
    with tenant(300) as made:
        yield made
