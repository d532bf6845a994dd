"""The two commands of the README: what they ask of the system, what they say, and that nothing outlives them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.laws import ROOT

sys.path.insert(0, str(ROOT / "packaging"))
try:
    import bootstrap
    import debian
    import display
    from steps import SYSTEM_PACKAGES_MISSING, WRONG_PYTHON, SetupError
finally:
    sys.path.remove(str(ROOT / "packaging"))

ORDINARY_USER = 1000


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """A PATH that holds only the programs the test writes: `programs(name, shell script)`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def write(name: str, script: str) -> None:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    return write


def test_a_package_is_missing_unless_dpkg_calls_it_installed(programs: Callable[[str, str], None]) -> None:
    programs("dpkg-query", "echo 'libgl1 installed'; echo 'libegl1 config-files'; exit 1")
    assert debian.missing_packages([("libgl1",), ("libegl1",), ("xvfb",)]) == [("libegl1",), ("xvfb",)]


def test_a_renamed_package_counts_under_either_name(programs: Callable[[str, str], None]) -> None:
    programs("dpkg-query", "echo 'libglib2.0-0t64 installed'")
    assert debian.missing_packages([("libglib2.0-0t64", "libglib2.0-0")]) == []


def test_nothing_is_missing_on_a_system_without_dpkg(programs: Callable[[str, str], None]) -> None:
    assert debian.missing_packages(debian.QT_LIBRARIES) == []


@pytest.mark.parametrize(
    ("known", "name"),
    [("libglib2.0-0t64", "libglib2.0-0t64"), ("libglib2.0-0", "libglib2.0-0"), ("neither", "libglib2.0-0")],
)
def test_apt_is_asked_for_the_name_it_has_a_candidate_for(
    programs: Callable[[str, str], None], known: str, name: str
) -> None:
    programs("apt-cache", f'if [ "$2" = {known} ]; then echo "  Candidate: 2.0"; else echo "  Candidate: (none)"; fi')
    assert debian.name_here(("libglib2.0-0t64", "libglib2.0-0")) == name


def test_a_user_without_sudo_gets_one_line_to_run_and_exit_code_3(programs: Callable[[str, str], None]) -> None:
    with pytest.raises(SetupError) as caught:
        debian.install_packages([("libgl1",), ("xvfb",)], ORDINARY_USER)
    assert caught.value.code == SYSTEM_PACKAGES_MISSING
    line = str(caught.value).splitlines()[-1]
    assert line == "su -c 'apt-get update && apt-get install -y --no-install-recommends libgl1 xvfb'"


def test_a_user_whose_sudo_asks_for_a_password_is_not_asked_but_told(programs: Callable[[str, str], None]) -> None:
    programs("sudo", "exit 1")
    programs("apt-get", "exit 0")
    with pytest.raises(SetupError, match=r"sudo apt-get update && sudo apt-get install -y .* libgl1"):
        debian.install_packages([("libgl1",)], ORDINARY_USER)


def test_apt_that_fails_is_quoted_and_the_line_to_run_given(programs: Callable[[str, str], None]) -> None:
    programs("apt-get", "exit 0")
    programs("env", "echo 'E: Unable to locate package libgl1'; exit 100")
    with pytest.raises(SetupError) as caught:
        debian.install_packages([("libgl1",)], 0)
    assert caught.value.code == SYSTEM_PACKAGES_MISSING
    assert "E: Unable to locate package libgl1" in str(caught.value)
    assert str(caught.value).splitlines()[-1].endswith("libgl1")


def test_nothing_is_run_when_nothing_is_missing(programs: Callable[[str, str], None]) -> None:
    debian.install_packages([], ORDINARY_USER)


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_a_python_out_of_range_is_told_so_in_one_sentence(version: tuple[int, int]) -> None:
    with pytest.raises(SetupError, match=f"3.11, 3.12 or 3.13; this is 3.{version[1]}") as caught:
        bootstrap.check_python(version)
    assert caught.value.code == WRONG_PYTHON


def test_the_stamp_changes_with_the_python_and_with_what_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pyproject.toml", *bootstrap.LOCKS.values()):
        (tmp_path / name).write_text("a", encoding="utf-8")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    first = bootstrap.digest_for("run", "3.11.2")
    assert bootstrap.digest_for("run", "3.11.2") == first
    assert bootstrap.digest_for("run", "3.12.1") != first
    (tmp_path / "requirements.lock").write_text("b", encoding="utf-8")
    assert bootstrap.digest_for("run", "3.11.2") != first


def test_a_stamp_of_another_checkout_or_a_torn_one_counts_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = tmp_path / "installed.json"
    monkeypatch.setattr(bootstrap, "STAMP", stamp)
    assert bootstrap.read_stamp() == {}
    stamp.write_text('{"root": ', encoding="utf-8")
    assert bootstrap.read_stamp() == {}
    stamp.write_text('{"root": "elsewhere"}', encoding="utf-8")
    assert bootstrap.usable_venv() is None


@pytest.mark.parametrize(
    ("environ", "visible"),
    [({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "wayland-0"}, True), ({"DISPLAY": ""}, False)],
)
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_a_display_is_what_x_or_wayland_announces(environ: dict[str, str], visible: bool) -> None:
    assert display.has_display(environ) is visible


def wait_until_gone(socket: Path) -> None:
    deadline = time.monotonic() + 10
    while socket.exists():
        assert time.monotonic() < deadline, f"{socket} is still there"
        time.sleep(0.02)


def socket_of(number: str) -> Path:
    return Path("/tmp/.X11-unix", f"X{number.removeprefix(':')}")


def test_the_virtual_display_lives_as_long_as_its_block_even_if_that_fails() -> None:
    seen: dict[str, str] = {}

    def use_and_fail() -> None:
        with display.virtual_display(os.environ) as inside:
            seen.update(inside)
            assert socket_of(inside["DISPLAY"]).exists()
            assert (
                display.run_child(["sh", "-c", 'test "$QT_QPA_PLATFORM" = xcb && test -r "$XAUTHORITY"'], inside) == 0
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use_and_fail()
    wait_until_gone(socket_of(seen["DISPLAY"]))
    assert not Path(seen["XAUTHORITY"]).exists()


def test_two_virtual_displays_at_once_get_different_numbers() -> None:
    with display.virtual_display(os.environ) as one, display.virtual_display(os.environ) as other:
        assert one["DISPLAY"] != other["DISPLAY"]


def test_termination_ends_the_child_and_the_display() -> None:
    script = (
        "import os, sys\nsys.path.insert(0, sys.argv[1])\nimport display\n"
        "with display.ending_on_signals(), display.virtual_display(os.environ) as inside:\n"
        "    child = 'import os, time; print(os.environ[\"DISPLAY\"], os.getpid(), flush=True); time.sleep(60)'\n"
        "    display.run_child([sys.executable, '-c', child], inside)\n"
    )
    command = [sys.executable, "-c", script, str(ROOT / "packaging")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        number, child = parent.stdout.readline().split()
        assert socket_of(number).exists()
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(15) == 128 + signal.SIGTERM
    wait_until_gone(socket_of(number))
    with pytest.raises(ProcessLookupError):
        os.kill(int(child), 0)


def test_no_xvfb_is_said_in_one_sentence(programs: Callable[[str, str], None]) -> None:
    with pytest.raises(display.DisplayError, match="no Xvfb"), display.virtual_display(os.environ):
        pytest.fail("there is no display to use")


def test_xvfb_that_gives_up_is_quoted(programs: Callable[[str, str], None]) -> None:
    programs("Xvfb", "echo 'no room for a screen' >&2; exit 1")
    with pytest.raises(display.DisplayError, match="no room for a screen"), display.virtual_display(os.environ):
        pytest.fail("there is no display to use")


def test_check_says_what_is_missing_and_changes_nothing() -> None:
    command = [sys.executable, str(ROOT / "packaging" / "start.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode in {0, 1}
    assert done.stdout.startswith("System packages: ")
    assert "Python packages: " in done.stdout
    assert done.stderr == ""
