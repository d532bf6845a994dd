"""Names that servers give to files, made safe for every system."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.esper.parts import safe_name


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\cmd.exe", "cmd.exe"),
        ("/", "download"),
        ("", "download"),
        ("..", "download"),
        (".bashrc", "bashrc"),
        ("name. . ", "name"),
        ("con", "_con"),
        ("LPT1.txt", "_LPT1.txt"),
        ("com¹.log", "_com¹.log"),
        ("console.txt", "console.txt"),
        ('a<b>c:"d|e?f*.txt', "a_b_c__d_e_f_.txt"),
        ("a\x00b\nc\x7f.txt", "abc.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("Cafe\u0301.txt", "Café.txt"),
        ("wide " * 100 + ".apk", ("wide " * 100)[:176].rstrip() + ".apk"),
        ("ü" * 300, "ü" * 90),
    ],
)
def test_a_name_is_one_visible_file_name(given_name: str, safe: str) -> None:
    assert safe_name(given_name) == safe


def test_the_caller_names_what_has_no_name() -> None:
    assert safe_name("\\", "app.apk") == "app.apk"


@given(st.text(max_size=400))
def test_no_name_leads_out_of_its_folder_or_hides(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert not set(safe) & set('<>:"/\\|?*')
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in safe)
    assert safe[0] != "."
    assert safe[-1] not in ". "
    assert len(safe.encode()) <= 180
    assert safe_name(safe) == safe
