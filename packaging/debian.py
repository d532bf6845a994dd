"""System packages through apt: which are missing, who may install them, the one line for a person who may.

Invariant: nothing is installed that is already there, and nobody is asked for a password.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Sequence

from steps import SYSTEM_PACKAGES_MISSING, SetupError, last_lines, run_quietly, say

# One tuple per library, its newest package name first: Debian 13 and Ubuntu 24.04 renamed some.
QT_LIBRARIES: tuple[tuple[str, ...], ...] = (
    ("libgl1",),
    ("libegl1",),
    ("libfontconfig1",),
    ("libglib2.0-0t64", "libglib2.0-0"),
    ("libdbus-1-3",),
    ("libxkbcommon0",),
    ("libxcb-cursor0",),
    ("libxcb-icccm4",),
    ("libxcb-keysyms1",),
    ("libxcb-shape0",),
    ("libxkbcommon-x11-0",),
)
VIRTUAL_DISPLAY: tuple[tuple[str, ...], ...] = (("xvfb",),)
SECRET_SERVICE: tuple[tuple[str, ...], ...] = (("dbus",), ("gnome-keyring",))


def missing_packages(wanted: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Those of `wanted` of which no alternative is installed; none on a system that has no dpkg."""
    if shutil.which("dpkg-query") is None:
        return []
    names = [name for alternatives in wanted for name in alternatives]
    # An exit code other than 0 only says that dpkg has never heard of one of the names.
    _, output = run_quietly(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names])
    installed = {line.split()[0] for line in output.splitlines() if line.endswith(" installed")}
    return [alternatives for alternatives in wanted if not installed.intersection(alternatives)]


def name_here(alternatives: tuple[str, ...]) -> str:
    """The name under which apt can install a package on this system; the oldest one where apt does not know yet."""
    for name in alternatives if len(alternatives) > 1 else ():
        _, policy = run_quietly(["apt-cache", "policy", name], {**os.environ, "LC_ALL": "C"})
        if "Candidate:" in policy and "Candidate: (none)" not in policy:
            return name
    return alternatives[-1]


def find_privilege(user_id: int) -> list[str] | None:
    """The words to put before a command to run it as root without being asked anything; None where that is not allowed."""
    if user_id == 0:
        return []
    if run_quietly(["sudo", "-n", "true"])[0] == 0:
        return ["sudo", "-n"]
    return None


def describe_install(names: Sequence[str], user_id: int) -> str:
    """The one line that installs `names`, for a person to copy."""
    steps = ["apt-get update", f"apt-get install -y --no-install-recommends {' '.join(names)}"]
    if user_id == 0:
        return " && ".join(steps)
    if shutil.which("sudo"):
        return " && ".join(f"sudo {step}" for step in steps)
    return f"su -c {shlex.quote(' && '.join(steps))}"


def install_packages(missing: Sequence[tuple[str, ...]], user_id: int) -> None:
    """Installs through apt. Raises SetupError with the line to run where apt may not, or does not, do it."""
    if not missing:
        return
    privilege = find_privilege(user_id)
    if privilege is None or shutil.which("apt-get") is None:
        line = describe_install([name_here(alternatives) for alternatives in missing], user_id)
        raise SetupError(
            f"Some system packages are missing. Run this line, then start again:\n{line}", SYSTEM_PACKAGES_MISSING
        )
    apt = [*privilege, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    # A failed update is not the end: the lists at hand may do.
    run_quietly([*apt, "update"])
    names = [name_here(alternatives) for alternatives in missing]
    say(f"Installing {len(names)} system packages: {' '.join(names)}")
    code, output = run_quietly([*apt, "install", "-y", "--no-install-recommends", *names])
    if code != 0:
        line = describe_install(names, user_id)
        raise SetupError(
            f"apt could not install the system packages. It said:\n{last_lines(output)}\n"
            f"Run this line, then start again:\n{line}",
            SYSTEM_PACKAGES_MISSING,
        )


def user_id() -> int:
    """The effective user; -1 on systems that have none."""
    return os.geteuid() if hasattr(os, "geteuid") else -1
