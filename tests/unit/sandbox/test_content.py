"""Content: files come in by streaming, are found, described, downloaded and deleted."""

import gc
import hashlib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.sandbox.answers import Refusal
from app.sandbox.content import Content
from app.sandbox.shelf import Intake, Shelf
from tests.unit.sandbox.tenant import Tenant, refusal


def files(fleet: Tenant) -> str:
    return f"/v0{fleet.v1}/content/"


def upload(fleet: Tenant, name: str, data: Any) -> dict[str, Any]:
    answer = fleet.http.post(f"{fleet.facts.url}{files(fleet)}upload/", files={"key": (name, data)})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_an_uploaded_file_is_described_and_downloads_byte_for_byte(fleet: Tenant) -> None:
    data = bytes(range(256)) * 9000 + b"\r\n--almost a boundary\r\n"
    made = upload(fleet, "plan B.pdf", data)
    assert (made["name"], made["kind"], made["size"]) == ("plan B.pdf", "application/pdf", str(len(data)))
    assert made["hash"] == hashlib.sha256(data).hexdigest()
    assert isinstance(made["id"], int)
    assert fleet.get(f"{files(fleet)}{made['id']}/") == made
    assert fleet.get(files(fleet))["results"][0] == made
    answer = fleet.http.get(made["download_url"])
    assert answer.content == data
    assert "plan%20B.pdf" in answer.headers["content-disposition"]
    rest = fleet.http.get(made["download_url"], headers={"Range": "bytes=1000-"})
    assert (rest.status_code, rest.content) == (206, data[1000:])


def test_files_that_were_always_there_download_as_their_hash_says(library: Tenant) -> None:
    rows = library.get(f"/v0{library.v1}/content/", limit=100)["results"]
    assert len(rows) == 10
    for row in rows:
        data = library.http.get(row["download_url"]).content
        assert (str(len(data)), hashlib.sha256(data).hexdigest()) == (row["size"], row["hash"])


def test_a_search_looks_through_names_tags_and_descriptions(library: Tenant) -> None:
    path = f"/v0{library.v1}/content/"
    for wanted, name in (
        ("PRICE-LIST", "price-list-2026.csv"),
        ("drivers", "depot-map.svg"),
        ("4 minutes", "training-video.mp4"),
    ):
        assert [row["name"] for row in library.get(path, search=wanted)["results"]] == [name]
    assert library.get(path, search="nothing like it")["count"] == 0


def test_tags_and_description_can_be_changed_and_nothing_else(fleet: Tenant) -> None:
    made = upload(fleet, "a.txt", b"text")
    address = f"{fleet.facts.url}{files(fleet)}{made['id']}/"
    fleet.step(5)
    changed = fleet.http.patch(address, json={"tags": ["a", "b", "a"], "description": "New"}).json()
    assert (changed["tags"], changed["description"]) == (["a", "b"], "New")
    assert changed["modified"] > made["modified"]
    assert fleet.http.patch(address, json={"tags": []}).json()["description"] == "New"
    for body in (
        {},
        {"name": "b.txt"},
        {"tags": "a"},
        {"tags": [1]},
        {"tags": [""]},
        {"description": 5},
        {"tags": None},
    ):
        assert refusal(fleet.http.patch(address, json=body), 400)
    assert fleet.get(f"{files(fleet)}{made['id']}/")["name"] == "a.txt"


def test_a_deleted_file_is_gone_with_its_bytes(fleet: Tenant) -> None:
    made = upload(fleet, "a.txt", b"text")
    address = f"{fleet.facts.url}{files(fleet)}{made['id']}/"
    assert fleet.http.delete(address).status_code == 204
    assert refusal(fleet.http.get(address), 404) == []
    assert refusal(fleet.http.delete(address), 404) == []
    assert refusal(fleet.http.get(made["download_url"]), 404) == []
    assert upload(fleet, "a.txt", b"text")["id"] != made["id"]


@pytest.mark.parametrize("name", ["nobody", "-1", "٣", "9" * 400])
def test_an_id_that_is_none_is_404(library: Tenant, name: str) -> None:
    assert library.refused(404, f"/v0{library.v1}/content/{name}/") == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\docs\\a.txt", "a.txt"),
        ("Ä ö.txt", "Ä ö.txt"),
        ('say "hi".txt', 'say "hi".txt'),
    ],
)
def test_a_name_is_kept_without_folders(fleet: Tenant, sent: str, kept: str) -> None:
    assert upload(fleet, sent, b"x")["name"] == kept


def test_an_empty_file_is_refused(fleet: Tenant) -> None:
    answer = fleet.http.post(f"{fleet.facts.url}{files(fleet)}upload/", files={"key": ("a", b"")})
    assert refusal(answer, 400) == ["key: The submitted file is empty. "]


def test_an_upload_that_breaks_off_leaves_nothing_behind(fleet: Tenant) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="key"; filename="a"\r\n\r\n'
        yield bytes(200_000)
        raise httpx.ReadError("the cable was pulled")

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    with pytest.raises(httpx.ReadError):
        fleet.http.post(f"{fleet.facts.url}{files(fleet)}upload/", content=pieces(), headers=headers)
    assert fleet.get(files(fleet))["count"] == 10
    folder = fleet.world.shelf.place().parent
    for _ in range(200):  # the server notices in its own time: every request gives it some
        if not list(folder.iterdir()):
            break
        fleet.get(files(fleet))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_a_form_may_arrive_in_pieces_of_any_size(size: int) -> None:
    body = (
        b'preamble\r\n--b--c\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
        b'--b--c\r\nContent-Disposition: form-data; name="key"; filename="f.bin"\r\nContent-Type: x/y\r\n\r\n'
        b"one\r\n--b--\r\n--b\r\n\r\n--b--cross\r\n--b--c--\r\nepilogue"
    )
    shelf = Shelf()
    body = body.replace(b"--b--cross", b"--b-cross")
    with Intake(shelf, 'multipart/form-data; boundary="b--c"', "key") as intake:
        for start in range(0, len(body), size):
            intake.feed(body[start : start + size])
        taken = intake.finish()
    assert taken.path.read_bytes() == b"one\r\n--b--\r\n--b\r\n\r\n--b-cross"
    assert (taken.name, taken.size) == ("f.bin", len(taken.path.read_bytes()))


def test_a_head_without_end_is_refused() -> None:
    with Intake(Shelf(), "multipart/form-data; boundary=b", "key") as intake, pytest.raises(Refusal):
        intake.feed(b"--b\r\n" + b"x" * 20_000)


def test_the_folder_of_the_files_goes_with_the_world() -> None:
    shelf = Shelf()
    path = shelf.place()
    path.write_bytes(b"x")
    del shelf
    gc.collect()
    assert not path.parent.exists()


def test_files_that_were_kept_come_back_without_their_bytes(fleet: Tenant) -> None:
    made = upload(fleet, "a.txt", b"text")
    other = Content(Shelf())
    other.restore(fleet.world.content.snapshot())
    found = other.find(str(made["id"]))
    assert found is not None
    assert (found.name, found.sha256, other.file(found)) == ("a.txt", made["hash"], None)
    seeded = other.find("1201")
    assert seeded is not None
    assert other.file(seeded) is not None


def test_a_file_above_the_limit_is_refused_while_it_arrives() -> None:
    shelf = Shelf()
    head = b'--b\r\nContent-Disposition: form-data; name="key"; filename="f"\r\n\r\n'
    with Intake(shelf, "multipart/form-data; boundary=b", "key", most=1000) as intake:
        intake.feed(head + bytes(900))
        with pytest.raises(Refusal) as refused:
            intake.feed(bytes(200))
    assert refused.value.errors == ["key: At most 1000 bytes."]
    assert list(shelf.place().parent.iterdir()) == []


def test_a_large_file_never_stands_in_memory_on_its_way_in_and_out(fleet: Tenant, tmp_path: Path) -> None:
    path, size = tmp_path / "large.bin", 48 * 1024**2
    with path.open("wb") as file:
        file.truncate(size)
    tracemalloc.start()
    try:
        with path.open("rb") as file:
            made = upload(fleet, "large.bin", file)
        with fleet.http.stream("GET", made["download_url"]) as answer:
            received = sum(len(piece) for piece in answer.iter_bytes())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (made["size"], received) == (str(size), size)
    assert peak < 8 * 1024**2
