"""What the enterprise says of itself.

Invariant: only the fields of `FIELDS` ever change. Source: contract schemas Enterprise and EnterpriseUpdate.
"""

from typing import Any

FIELDS = (
    "name",
    "registered_name",
    "registered_address",
    "location",
    "zipcode",
    "contact_person",
    "contact_number",
    "contact_email",
)
FOUNDED = 1672531200.0  # 2023-01-01


class Profile:
    """The enterprise's names and addresses. `updated` is in seconds since 1970."""

    def __init__(self) -> None:
        self.updated = FOUNDED
        self.facts: dict[str, str | None] = {
            "name": "Demo fleet",
            "registered_name": "Example Group",
            "registered_address": "1 Example Street",
            "location": "Berlin",
            "zipcode": "10115",
            "contact_person": "Alex Example",
            "contact_number": None,
            "contact_email": "admin@example.com",
        }

    def snapshot(self) -> dict[str, Any]:
        """The facts as plain data."""
        return {"updated": self.updated, "facts": self.facts}

    def restore(self, kept: Any) -> None:
        """Takes a snapshot back. Raises TypeError, ValueError or KeyError where it is none."""
        self.updated = float(kept["updated"])
        self.facts = {name: kept["facts"][name] for name in FIELDS}
