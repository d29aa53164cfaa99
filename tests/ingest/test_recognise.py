import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.ingest.sources.recognise import HEAD, Unknown, recognise
from tests.conftest import REPOSITORY
from tests.ingest.newsroom import PAGE


@pytest.mark.parametrize(
    ("head", "format_"),
    [
        (PAGE.encode(), "page text"),
        (b"\xef\xbb\xbf" + PAGE.encode(), "page text"),
        (PAGE.encode("utf-16"), "page text"),
        (PAGE.replace("\n", "\r\n").encode(), "page text"),
        (b"\n\n" + PAGE.encode(), "page text"),
        ("Tin\nBML - Lede ngay dưới.\n".encode(), "page text"),
        (b"[Video] A headline\n\nWords.\n", "page text"),
        (b"One \x07 control\n\n" + b"Words and more words. " * 20, "page text"),
        (b'{"title": "x"}\n', "JSON Lines"),
        (b'\xef\xbb\xbf  {"title": "x"}\n{"title": "y"}', "JSON Lines"),
        (b'<?xml version="1.0"?>\n<!-- note -->\n<rss version="2.0">', "RSS or Atom"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom">', "RSS or Atom"),
        (b"<rdf:RDF xmlns:rdf='x'>", "RSS or Atom"),
    ],
)
def test_formats_are_known_by_their_content(head: bytes, format_: str) -> None:
    assert recognise(head) == format_


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00", "PNG picture"),
        (b"\xff\xd8\xff\xe0", "JPEG picture"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04abc", "ZIP archive"),
        (bytes(range(256)) * 20, "not a text file"),
        ("Tiêu đề\n\nMở đầu.\n".encode("latin-1", "replace") + b"\xe9t\xe9", "not UTF-8 (byte"),
        (b"<!DOCTYPE html><html><body>", "HTML page"),
        (b"<svg xmlns='x'>", "neither RSS nor Atom: it begins with <svg>"),
        (b'[{"title": "x"}]', "not JSON Lines"),
        (b'{\n  "title": "x"\n}', "not JSON Lines"),
        (b"address,language\na@b.example,en\n", "an empty line is expected below the headline"),
        (b"Only a headline", "one line only"),
        (b"x" * HEAD, "the headline, has"),
    ],
)
def test_what_is_in_no_format_says_why(head: bytes, says: str) -> None:
    found = recognise(head)

    assert isinstance(found, Unknown)
    assert says in found.reason
    assert "\n" not in found.reason


def test_a_letter_cut_by_the_end_of_the_head_is_no_fault() -> None:
    page = ("Tiêu đề\n\n" + "ữ" * HEAD).encode()

    assert recognise(page[:HEAD]) == "page text"


@given(st.binary(max_size=200))
def test_any_bytes_get_an_answer(head: bytes) -> None:
    assert recognise(head)


def test_the_sample_is_recognised() -> None:
    sample = REPOSITORY / "sample"
    assert {recognise(file.read_bytes()[:HEAD]) for file in (sample / "pages").iterdir()} == {"page text"}
    assert recognise((sample / "articles.jsonl").read_bytes()[:HEAD]) == "JSON Lines"
    assert isinstance(recognise((sample / "subscribers.csv").read_bytes()[:HEAD]), Unknown)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '"""Draw the pictures."""\n\nimport os\n\nA sentence of the docstring stands here.\n',
            "is no headline",
        ),
        ("# The sample\n\nAn invented newsroom, written for this project.\n", "is no headline"),
        ("import os\n\ndef f():\n    return 1\n", "is no headline"),
        ("Shopping list\n\nrice\ntea\n", "no sentence below the headline"),
    ],
)
def test_programs_and_lists_are_no_pages(text: str, says: str) -> None:
    found = recognise(text.encode())

    assert isinstance(found, Unknown)
    assert says in found.reason


@pytest.mark.parametrize(
    "headline", ["#MeToo march draws thousands", "Class of 1990 meets again", "From the hills"]
)
def test_headlines_that_look_like_programs_stay_headlines(headline: str) -> None:
    assert recognise(f"{headline}\n\nMưa to từ sáng nay.\n".encode()) == "page text"
