import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.ingest.normalise.text import (
    clean,
    clean_lines,
    faults,
    fold,
    one_line,
    plain_line,
    split_agency,
)

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=80)
XML_CHAR = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


@given(ANY_TEXT)
def test_clean_text_can_stand_in_xml_and_is_nfc(text: str) -> None:
    for cleaned in (clean(text), one_line(text), clean_lines(text)):
        assert XML_CHAR.fullmatch(cleaned)
        assert unicodedata.is_normalized("NFC", cleaned)
        cleaned.encode("utf-8")


@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert one_line(one_line(text)) == one_line(text)
    assert clean_lines(clean_lines(text)) == clean_lines(text)


@given(ANY_TEXT)
def test_a_line_is_one_line(text: str) -> None:
    assert len(plain_line(text).splitlines()) <= 1


@given(st.text("áđễửỵ ́̂abc", max_size=30))
def test_letters_and_their_marks_are_all_kept(text: str) -> None:
    def bare(said: str) -> str:
        return unicodedata.normalize("NFD", said).replace(" ", "")

    assert bare(one_line(text)) == bare(text)


@given(st.text("ab \u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", max_size=30))
def test_direction_never_reaches_beyond_its_line(text: str) -> None:
    cleaned = clean(text)
    assert not re.search("[\u202a-\u202e]", cleaned)
    depth = 0
    for letter in cleaned:
        depth += (letter in "\u2066\u2067\u2068") - (letter == "\u2069")
        assert depth >= 0
    assert depth == 0


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("province- \u00a0helping", "province- helping"),
        ("VND 7\u00a0000", "VND 7\u00a0000"),
        ("Vraiment\u202f!", "Vraiment\u202f!"),
        ("a\u00a0b", "a b"),
        ("it\x92s", "it’s"),
        ("a\x07b\x00c", "abc"),
        ("\ufeffTitle\u200b", "Title"),
        ("co\u00adoperate", "cooperate"),
        ("Tie\u0302\u0301ng Vie\u0323\u0302t", "Tiếng Việt"),
        ("\ud83d\ude9a truck \ud83d", "🚚 truck"),
        ("👩\u200d🌾", "👩\u200d🌾"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("one\u2028two", "one\ntwo"),
    ],
)
def test_what_is_kept_and_what_goes(text: str, becomes: str) -> None:
    assert clean(text) == becomes


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a\x07b", "a control character (U+0007) was taken out"),
        ("it\x92s", "a control character (U+0092) was replaced"),
        ("a\udc00", "half a surrogate pair (U+DC00) was taken out"),
        ("Đường tốt – “hay”", ""),
    ],
)
def test_what_was_taken_out_is_said(text: str, says: str) -> None:
    assert faults(text) == says


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("Two <b>old</b> friends &amp; a <i class='x'>boat</i>", "Two old friends & a boat"),
        ("Why 3 < 5 and 7 > 5", "Why 3 < 5 and 7 > 5"),
        ("The <Name> of it", "The <Name> of it"),
        ("One<br/>two", "One two"),
        ("AT&T", "AT&T"),
        ("&lt;b&gt;", "<b>"),
        ("a\n  b\tc", "a b c"),
    ],
)
def test_a_headline_becomes_one_plain_line(text: str, becomes: str) -> None:
    assert plain_line(text) == becomes


@pytest.mark.parametrize(
    ("lede", "parts"),
    [
        ("ĐBP - In recent years", ("ĐBP", "In recent years")),
        ("ĐBP – Recently", ("ĐBP", "Recently")),
        ("(TTXVN) — Sáng nay", ("TTXVN", "Sáng nay")),
        ("VOV.VN - Sáng nay", ("VOV.VN", "Sáng nay")),
        ("E - commerce", ("", "E - commerce")),
        ("Điện Biên - a province", ("", "Điện Biên - a province")),
        ("UN-backed talks", ("", "UN-backed talks")),
        ("BML - ", ("", "BML - ")),
    ],
)
def test_the_agency_is_split_off_the_lede(lede: str, parts: tuple[str, str]) -> None:
    assert split_agency(lede) == parts


def test_spellings_of_one_headline_fold_alike() -> None:
    assert fold("“Not Alone” –  in\u00a0Cyberspace") == fold('"NOT ALONE" - in cyberspace')
    assert fold("hoà") != fold("hoa")
