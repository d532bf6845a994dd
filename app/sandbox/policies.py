"""The tenant's policies: those of the demo fleet and what was made since.

Invariant: a number is given once and never moves, since the fleet's column holds it less one; a password in a policy is
checked and then let go, so none is ever kept or shown.
"""

from dataclasses import asdict, dataclass
from typing import Any

from app.sandbox.software import POLICIES

SECRET = "settingsAppPassword"  # noqa: S105
_FOUNDED = 1704067200.0  # 2024-01-01
_SEEDED: tuple[dict[str, Any], ...] = (
    {"cameraDisabled": False, "adbDisabled": True, "minimumPasswordLength": 4, "settingsAccessLevel": "SHOONYA"},
    {"keyguardDisabled": True, "statusBarDisabled": True, "factoryResetDisabled": True, "settingsAccessLevel": "NONE"},
    {"usbFileTransferDisabled": True, "tetheringDisabled": True, "permissionPolicy": "PERMISSION_POLICY_PROMPT"},
    {"screenshotDisabled": True, "cameraDisabled": True, "minimumPasswordLength": 8, "disablePlayStore": True},
)


@dataclass(slots=True)
class Policy:
    """One policy. `rules` is what the contract calls PolicyData; times are seconds since 1970."""

    number: int
    name: str
    description: str | None
    rules: dict[str, Any]
    active: bool
    created: float
    updated: float
    gone: bool = False


class Policies:
    """All policies; `all[number - 1]` also answers for deleted ones."""

    def __init__(self) -> None:
        self.all = [
            Policy(place + 1, name, None, dict(rules), True, _FOUNDED + place * 86400, _FOUNDED + place * 86400)
            for place, (name, rules) in enumerate(zip(POLICIES, _SEEDED, strict=True))
        ]

    @property
    def live(self) -> list[Policy]:
        return [policy for policy in self.all if not policy.gone]

    def find(self, number: str) -> Policy | None:
        """The policy of that number; None where there is none, or none any more."""
        place = int(number) - 1 if number.isascii() and number.isdigit() and len(number) < 10 else -1
        return self.all[place] if 0 <= place < len(self.all) and not self.all[place].gone else None

    def taken(self, name: str, besides: Policy | None = None) -> bool:
        """Whether another policy has that name."""
        return any(policy.name == name for policy in self.live if policy is not besides)

    def add(self, name: str, description: str | None, rules: dict[str, Any], active: bool, now: float) -> Policy:
        made = Policy(len(self.all) + 1, name, description, without_secret(rules), active, now, now)
        self.all.append(made)
        return made

    def snapshot(self) -> list[Any]:
        """All policies as plain data."""
        return [asdict(policy) for policy in self.all]

    def restore(self, kept: Any) -> None:
        """Takes a snapshot back. Raises TypeError, ValueError or KeyError where it is none."""
        policies = [Policy(**item) for item in kept]
        if len(policies) < len(POLICIES) or [p.number for p in policies] != list(range(1, len(policies) + 1)):
            raise ValueError("policies are missing")
        self.all = policies


def without_secret(rules: dict[str, Any]) -> dict[str, Any]:
    """The same rules without the password."""
    return {name: value for name, value in rules.items() if name != SECRET}
