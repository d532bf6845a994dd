"""Package files: what is read from them, and that no file whatever does harm."""

import contextlib
import hashlib
import random
import struct
import zipfile
from pathlib import Path

import pytest

from app.apk import ApkError, Fault, read, read_icon
from app.sandbox import packages
from tests.unit.binary_packages import Reference, manifest, package, plain, resources


def fault(path: Path) -> Fault:
    with pytest.raises(ApkError) as caught:
        read(path)
    return caught.value.fault


def test_everything_a_manifest_says_is_read(tmp_path: Path) -> None:
    path = package(tmp_path / "a.apk", {"AndroidManifest.xml": manifest(plain()), "classes.dex": b"x" * 999})
    found = read(path)
    assert (found.package, found.version_code, found.version_name) == ("com.example.app", 7, "1.0.7")
    assert (found.label, found.min_sdk, found.target_sdk) == ("Example", "26", "34")
    assert found.permissions == ("android.permission.CAMERA",)
    assert found.icon_path is None
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.size == path.stat().st_size


def test_label_and_icon_are_looked_up_in_the_resources(tmp_path: Path) -> None:
    table = resources(
        {
            1: {("de", 0): ["Beispiel", None], ("", 0): ["Example", Reference(0x7F010000)]},
            2: {
                ("", 160): ["res/small.png"],
                ("", 640): ["res/large.png"],
                ("", 0xFFFE): ["res/adaptive.xml"],
            },
        }
    )
    xml = manifest(plain(label=Reference(0x7F010001), icon=Reference(0x7F020000)))
    files = {"AndroidManifest.xml": xml, "resources.arsc": table, "res/large.png": b"\x89PNG"}
    path = package(tmp_path / "a.apk", files)
    found = read(path)
    assert (found.label, found.icon_path) == ("Example", "res/large.png")
    assert read_icon(path, "res/large.png") == b"\x89PNG"
    assert read_icon(path, "res/none.png") is None


def test_a_reference_that_leads_nowhere_or_in_a_circle_gives_no_label(tmp_path: Path) -> None:
    circle = resources({1: {("", 0): [Reference(0x7F010001), Reference(0x7F010000)]}})
    for place, table in enumerate((circle, resources({1: {("", 0): [None, None]}}), b"", b"\2\0\xff\xff" * 30)):
        xml = manifest(plain(label=Reference(0x7F010000)))
        path = package(tmp_path / f"{place}.apk", {"AndroidManifest.xml": xml, "resources.arsc": table})
        assert read(path).label is None
    assert read(package(tmp_path / "none.apk", {"AndroidManifest.xml": xml})).label is None


def test_attributes_are_known_by_number_when_their_names_were_stripped(tmp_path: Path) -> None:
    path = package(tmp_path / "a.apk", {"AndroidManifest.xml": manifest(plain(), nameless=True)})
    assert read(path).version_name == "1.0.7"


def test_a_long_version_code_has_two_halves(tmp_path: Path) -> None:
    elements = plain()
    elements[0][1]["versionCodeMajor"] = 2
    path = package(tmp_path / "a.apk", {"AndroidManifest.xml": manifest(elements)})
    assert read(path).version_code == (2 << 32) + 7


def test_texts_of_every_length_and_script_are_read(tmp_path: Path) -> None:
    for number, label in enumerate(("x" * 127, "y" * 200, "Кассовый терминал 🚀", "ﬁ" * 130)):
        path = package(tmp_path / f"{number}.apk", {"AndroidManifest.xml": manifest(plain(label=label))})
        assert read(path).label == label


def test_the_demo_librarys_own_packages_are_read_and_have_the_size_and_hash_they_claim(tmp_path: Path) -> None:
    facts = packages.Facts("com.example.kiosk", "3.1.4", 314, "Läden 🏬", 5_000_000, 26, 34, ("a.b.C", "d.e.F"))
    path = tmp_path / "demo.apk"
    packages.write(facts, path)
    found = read(path)
    assert (found.package, found.version_name, found.version_code, found.label) == (*facts[:2], 314, "Läden 🏬")
    assert found.permissions == facts.permissions
    assert (found.size, [found.sha256]) == (facts.size, packages.digests([facts]))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


def test_what_is_no_package_is_named(tmp_path: Path) -> None:
    files = {
        Fault.EMPTY: b"",
        Fault.NO_ARCHIVE: b"MZ this is a program" * 50,
    }
    for expected, data in files.items():
        path = tmp_path / expected.name
        path.write_bytes(data)
        assert fault(path) == expected
    assert fault(package(tmp_path / "zip", {"readme.txt": b"hello"})) == Fault.NO_MANIFEST
    assert fault(package(tmp_path / "xml", {"AndroidManifest.xml": b"<manifest package='a'/>"})) == Fault.DAMAGED
    nobody = manifest([("manifest", {"versionCode": 1})])
    assert fault(package(tmp_path / "nobody", {"AndroidManifest.xml": nobody})) == Fault.DAMAGED
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nowhere")


def test_a_manifest_that_would_unpack_to_gigabytes_is_refused_early(tmp_path: Path) -> None:
    path = tmp_path / "bomb.apk"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("AndroidManifest.xml", "w") as member,
    ):
        for _ in range(64):
            member.write(bytes(1 << 20))
    assert path.stat().st_size < 200_000
    assert fault(path) == Fault.TOO_LARGE


def test_a_directory_that_claims_too_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = package(tmp_path / "a.apk", {"AndroidManifest.xml": manifest(plain())})
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.rfind(b"PK\5\6") + 12, 0x7FFFFFFF)
    path.write_bytes(data)
    assert fault(path) == Fault.TOO_LARGE


def test_elements_that_claim_countless_attributes_are_refused(tmp_path: Path) -> None:
    xml = bytearray(manifest(plain()))
    first = xml.find(struct.pack("<HH", 20, 20))
    struct.pack_into("<HH", xml, first + 2, 0, 0xFFFF)
    assert fault(package(tmp_path / "a.apk", {"AndroidManifest.xml": bytes(xml)})) == Fault.DAMAGED


def test_no_damage_whatever_does_more_than_name_itself(tmp_path: Path) -> None:
    chance, path = random.Random(5), tmp_path / "a.apk"
    table = resources({1: {("", 0): ["Example", "res/i.png"]}})
    xml = manifest(plain(label=Reference(0x7F010000), icon=Reference(0x7F010001)))
    package(path, {"AndroidManifest.xml": xml, "resources.arsc": table})
    whole, inner = path.read_bytes(), [xml, table]
    for turn in range(600):
        if turn % 2:
            data = bytearray(whole)
            for _ in range(chance.randint(1, 6)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            path.write_bytes(data[: chance.choice([len(data), chance.randrange(1, len(data))])])
        else:
            parts = [bytearray(part) for part in inner]
            for part in parts:
                for _ in range(chance.randint(0, 4)):
                    part[chance.randrange(len(part))] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
            package(path, {"AndroidManifest.xml": bytes(parts[0]), "resources.arsc": bytes(parts[1])})
        with contextlib.suppress(ApkError):
            assert read(path).package
