"""Records as rows, and columns of numbers, codes and texts against plain lists."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.records import Device
from app.store.columns import CodeColumn, NumberColumn
from app.store.documents import FLAGS, HOT, clean, device_of, digest_of, row_of, shrink
from app.store.fleet import CODES, NUMBERS, TEXTS
from app.store.patterns import Mode, Pattern, fold, fold_mac
from app.store.schema import MIGRATIONS
from app.store.texts import WIDEST, TextColumn
from app.store.versions import compare, version_key

from .samples import devices, texts, words


def rows(*numbers: int) -> Any:
    return np.array(numbers, np.int32)


@given(devices, st.binary(max_size=50))
def test_a_device_survives_the_way_to_the_row_and_back(device: Device, raw: bytes) -> None:
    device = Device(**{name: getattr(device, name) for name in HOT}, raw=raw)
    assert device_of(row_of(device), shrink(raw)) == device


def test_every_fact_of_a_device_has_one_column_and_one_place_in_the_table() -> None:
    assert sorted(HOT) == sorted({*TEXTS, *NUMBERS, *CODES})
    assert set(FLAGS) <= set(NUMBERS)
    table = MIGRATIONS[0].split("CREATE TABLE device (")[1].split(");")[0]
    columns = [part.split()[0] for part in table.replace("\n", " ").split(",")]
    assert columns == ["row", "digest", "gone_at", *HOT]


def test_the_digest_moves_with_any_fact_and_with_the_document() -> None:
    device = Device(id="a", name="x", raw=b"{}")
    others = [Device(id="a", name="y", raw=b"{}"), Device(id="a", name="x", raw=b"{ }"), Device(id="a", alias="x")]
    assert len({digest_of(d) for d in (device, *others)}) == 4
    assert digest_of(device) == digest_of(Device(id="a", name="x", raw=b"{}"))


def test_text_that_is_no_unicode_is_mended_not_refused() -> None:
    broken = Device(id="a", name="x\ud800", tags=("\udfff",))
    with pytest.raises(UnicodeEncodeError):
        digest_of(broken)
    assert clean(broken) == Device(id="a", name="x?", tags=("?",))


def test_a_state_too_large_for_the_table_is_left_out() -> None:
    assert device_of(row_of(Device(id="a", state=2**70)), None).state is None


def test_numbers_that_are_not_known_sort_last_in_both_directions() -> None:
    column = NumberColumn()
    column.reserve(4)
    column.put(rows(0, 1, 2, 3), column.encode([5.0, None, 1.0, 3.0]))
    assert np.argsort(column.keys(4, False), kind="stable").tolist() == [2, 3, 0, 1]
    assert np.argsort(column.keys(4, True), kind="stable").tolist() == [0, 3, 2, 1]
    assert column.value(1) is None


def test_an_equal_value_does_not_move_the_version() -> None:
    number, code, text = NumberColumn(), CodeColumn(""), TextColumn()
    for column, value in ((number, None), (number, 2.0), (code, "x"), (text, "x"), (text, "y" * 100)):
        column.reserve(1)
        column.put(rows(0), column.encode([value]))  # type: ignore[arg-type,list-item]
        before = column.version
        column.put(rows(0), column.encode([value]))  # type: ignore[arg-type,list-item]
        assert column.version == before


def test_codes_sort_by_their_key_and_missing_ones_last() -> None:
    column = CodeColumn("")
    column.reserve(5)
    column.put(rows(0, 1, 2, 3, 4), column.encode(["10", "9", "", "11.2", "9"]))
    key = lambda text: version_key(text) or None  # noqa: E731
    assert np.argsort(column.keys(5, False, key), kind="stable").tolist() == [1, 4, 0, 3, 2]
    assert np.argsort(column.keys(5, True, key), kind="stable").tolist() == [3, 0, 1, 4, 2]
    assert column.where(5, lambda text: text == "9").tolist() == [False, True, False, False, True]


@given(st.lists(words | texts, max_size=20), words | texts, st.sampled_from([m for m in Mode if m is not Mode.GLOB]))
def test_a_text_column_finds_what_a_plain_search_finds(column_texts: list[str], word: str, mode: Mode) -> None:
    column = TextColumn()
    column.reserve(len(column_texts))
    if column_texts:
        column.put(rows(*range(len(column_texts))), column.encode(column_texts))
    pattern = Pattern("" if mode is Mode.ANY else fold(word), mode)
    expected = [pattern.test(fold(text)) for text in column_texts]
    assert column.match(len(column_texts), pattern).tolist() == expected
    among = np.arange(len(column_texts)) % 2 == 0
    narrowed = [e and bool(a) for e, a in zip(expected, among, strict=True)]
    assert column.match(len(column_texts), pattern, among).tolist() == narrowed


@given(st.lists(words | texts, min_size=1, max_size=12), st.lists(texts, min_size=2, max_size=3))
def test_a_glob_finds_what_a_plain_search_finds(column_texts: list[str], parts: list[str]) -> None:
    column = TextColumn()
    column.reserve(len(column_texts))
    column.put(rows(*range(len(column_texts))), column.encode(column_texts))
    pattern = Pattern("", Mode.GLOB, tuple(map(fold, parts)))
    expected = [pattern.test(fold(text)) for text in column_texts]
    assert column.match(len(column_texts), pattern).tolist() == expected


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_texts_stays_that_of_a_full_sort_while_rows_change(seed: int) -> None:
    dice = random.Random(seed)
    column, plain = TextColumn(), []
    for _ in range(40):
        for _ in range(dice.randrange(3) * dice.choice([1, 20])):
            plain.append("")
        chosen = sorted(dice.sample(range(len(plain)), min(len(plain), dice.randrange(8)))) if plain else []
        fresh = [
            dice.choice(["", "a", "B", "b", "zz", "long" * dice.randrange(30), str(dice.random())]) for _ in chosen
        ]
        column.reserve(len(plain))
        if chosen:
            column.put(rows(*chosen), column.encode(fresh))
        for row, text in zip(chosen, fresh, strict=True):
            plain[row] = text
        keys = [fold(text).encode()[:WIDEST] for text in plain]
        assert column.order(len(plain)).tolist() == sorted(range(len(plain)), key=lambda row: (keys[row], row))
        filled = sorted({key for key in keys if key})
        start = 1 if b"" in keys else 0
        expected = [filled.index(key) + start if key else -1 for key in keys]
        assert column.ranks(len(plain)).tolist() == expected
        assert column.texts(len(plain)) == plain


def test_an_order_made_aside_is_taken_only_while_nothing_changed() -> None:
    column = TextColumn()
    column.reserve(3)
    column.put(rows(0, 1, 2), column.encode(["c", "a", "b"]))
    version, order = column.sorted_aside(3)
    column.put(rows(0), column.encode(["0"]))
    column.adopt(version, order)
    assert column.order(3).tolist() == [0, 1, 2]
    column.adopt(*column.sorted_aside(3))
    assert column.order(3).tolist() == [0, 1, 2]


def test_a_mac_is_found_in_every_spelling() -> None:
    column = TextColumn(fold_mac)
    column.reserve(2)
    column.put(rows(0, 1), column.encode(["A0:B1:C2:D3:E4:F5", "a0b1c2ffffff"]))
    for typed in ("a0b1c2", "A0-B1-C2", "a0:b1:c2"):
        assert column.match(2, Pattern(fold(typed)).for_mac()).tolist() == [True, True]
    assert column.match(2, Pattern("-").for_mac()).tolist() == [False, False]


@pytest.mark.parametrize(
    ("version", "wanted", "result"),
    [("11.0.3", "11", 0), ("11.0.3", "11.0.1", 1), ("11", "11.0", 0), ("10.9", "11", -1), ("7.12.1", "7.9", 1)],
)
def test_versions_compare_as_finely_as_asked(version: str, wanted: str, result: int) -> None:
    assert compare(version_key(version), version_key(wanted)) == result
