import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from publisher.ingest.document import Origin, Read, Rejected
from publisher.ingest.sources import jsonlines
from publisher.ingest.sources.article_schema import SCHEMA, problems
from publisher.model.article import Byline, Draft, Picture
from tests.conftest import REPOSITORY

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def read(*lines: Any) -> list[Read]:
    data = b"\n".join(
        line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in lines
    )
    return list(jsonlines.read(io.BytesIO(data), Origin("articles", "news.jsonl", NOW)))


def reason(line: Any) -> str:
    (found,) = read(line)
    assert isinstance(found, Rejected), found
    assert found.where == "news.jsonl:1"
    assert "\n" not in found.reason
    return found.reason


def draft(line: Any) -> Draft:
    (found,) = read(line)
    assert isinstance(found, Draft), found
    return found


def test_every_key_of_an_article_is_read() -> None:
    found = draft(
        {
            "id": "ML-1",
            "title": "Chợ phiên",
            "url": "https://e.example/1",
            "language": "vi",
            "section": "KINH TẾ",
            "lede": "Mở đầu.",
            "body": "<p>Thân.</p>",
            "tags": ["chợ"],
            "authors": [{"name": "Vừ Lan", "rank": "Dr.", "office": "Museum"}],
            "pictures": [
                {"url": "a.jpg", "alt": "Chợ", "caption": "Chợ.", "credit": "Lan", "width": 3, "height": 2}
            ],
            "published": "2026-11-01T19:05:00+07:00",
            "updated": "2026-11-02T00:00:00Z",
            "correction": "Sửa.",
            "comments": "https://e.example/c",
        }
    )

    assert found.keys == ("id:ML-1", "url:https://e.example/1")
    assert (found.title, found.label, found.lede, found.body) == (
        "Chợ phiên",
        "KINH TẾ",
        "Mở đầu.",
        "<p>Thân.</p>",
    )
    assert found.bylines == (Byline("Vừ Lan", "Dr.", "Museum"),)
    assert found.pictures == (Picture("a.jpg", "Chợ.", "Lan", "Chợ", 3, 2),)
    assert found.published == datetime(2026, 11, 1, 12, 5, tzinfo=UTC)
    assert found.updated == found.corrected == datetime(2026, 11, 2, tzinfo=UTC)
    assert (found.tags, found.language, found.where) == (("chợ",), "vi", "news.jsonl:1")


def test_what_is_not_said_is_left_alone() -> None:
    found = draft({"id": 7, "title": "T", "body": None})

    said = (found.lede, found.body, found.tags, found.pictures, found.bylines, found.label, found.published)
    assert said == (None,) * 7
    assert found.keys == ("id:7",)


def test_without_an_id_the_address_and_then_the_words_stand_for_it() -> None:
    assert draft({"title": "T", "url": "https://e.example/1"}).keys == ("id:https://e.example/1",)
    keys = draft({"title": "T <b>x</b>", "lede": "BML - Words."}).keys
    assert keys == draft({"title": "T x", "lede": "Words."}).keys
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", "not JSON: "),
        (b'{"title": "x"', "not JSON: "),
        (b"[1]", "a list is not an object"),
        (b'"x"', "'x' is not an object"),
        (b"null", "null is not an object"),
        (b'{"title": "\xff"}', "not UTF-8 (byte 12 of the line)"),
        (b'{"title": ' + b"9" * 5000 + b"}", "not JSON that can be read"),
        (b"[" * 100_000, "not JSON that can be read"),
        ({"id": "1"}, "title: it is missing"),
        ({"title": ""}, "title: it is empty"),
        ({"title": None}, "title: null is not text"),
        ({"title": 3}, "title: 3 is not text"),
        ({"title": "x", "tags": "a"}, "tags: 'a' is not a list"),
        ({"title": "x", "tags": ["a", 1]}, "tags[1]: 1 is not text"),
        ({"title": "x", "authors": ["a"]}, "authors[0]: 'a' is not an object"),
        ({"title": "x", "authors": [{}]}, "authors[0].name: it is missing"),
        ({"title": "x", "pictures": [{"width": -1}]}, "pictures[0].width: -1 is too small"),
        ({"title": "x", "pictures": [{"width": True}]}, "pictures[0].width: true is not a whole number"),
        (
            {"title": "x", "published": "yesterday"},
            "published: 'yesterday' is no moment with a zone; write 2026-",
        ),
        ({"title": "x", "published": "2026-11-01T10:00:00"}, "is no moment with a zone"),
        ({"title": "x", "published": "2026-11-01"}, "is no moment with a zone"),
        ({"title": "x", "published": "9999-12-31T23:59:59-14:00"}, "is no moment with a zone"),
        ({"title": "x", "withdrawn": "maybe"}, "withdrawn: 'maybe' is no moment"),
        ({"title": 1, "lede": 2, "body": 3, "url": 4, "tags": 5}, "; and 2 more"),
    ],
)
def test_a_bad_line_says_what_is_wrong(line: Any, says: str) -> None:
    assert says in reason(line)


def test_one_bad_line_never_stops_the_others() -> None:
    found = read({"title": "One"}, b"{", b"", b"\x00\x01", {"id": "x"}, {"title": "Two"})

    assert [one.title for one in found if isinstance(one, Draft)] == ["One", "Two"]
    assert [one.where for one in found] == [f"news.jsonl:{line}" for line in (1, 2, 4, 5, 6)]


def test_a_line_that_is_too_long_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonlines, "LONGEST_LINE", 1_000_000)
    exact = b'{"title": "' + b"x" * (1_000_000 - 13) + b'"}'

    found = read({"title": "One"}, b'{"title": "' + b"x" * 3_000_000 + b'"}', {"title": "Two"}, exact)

    assert [one.title[:5] for one in found if isinstance(one, Draft)] == ["One", "Two", "xxxxx"]
    assert [one for one in found if isinstance(one, Rejected)] == [
        Rejected("news.jsonl:2", "the line is longer than 1 MB")
    ]


def test_withdrawing_needs_no_title() -> None:
    assert draft({"id": "1", "withdrawn": True}).withdrawn == NOW
    assert draft({"id": "1", "withdrawn": "2026-11-01T00:00:00Z"}).withdrawn == datetime(
        2026, 11, 1, tzinfo=UTC
    )
    assert draft({"id": "1", "title": "T", "withdrawn": False}).restored


def test_a_misspelt_key_is_noted_and_the_newsrooms_own_are_not() -> None:
    found = draft({"title": "T", "autors": [], "ledes": "x", "internal_code": 3})

    assert found.notes == (
        "'autors' is no key of an article; did you mean authors?",
        "'ledes' is no key of an article; did you mean lede?",
    )


def test_the_schema_is_one_and_says_what_the_check_says() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    checker = Draft202012Validator(SCHEMA)
    values: list[Any] = [
        {"title": "x"},
        {"id": 1, "withdrawn": True},
        {"title": "x", "pictures": [{"width": 640.0}], "tags": None},
        {"title": "x", "pictures": [{"width": 0}]},
        {"title": "x", "authors": [{"name": ""}]},
        {"title": 1},
        {"id": "1"},
        {"title": "x", "tags": [None]},
        {"title": "x", "withdrawn": 1},
        [],
    ]
    for value in values:
        assert checker.is_valid(value) == (not list(problems(value))), value


def test_the_schema_in_the_documentation_is_the_programs() -> None:
    printed = (REPOSITORY / "docs" / "schema" / "article.schema.json").read_text(encoding="utf-8")

    assert json.loads(printed) == SCHEMA


def test_the_sample_is_valid() -> None:
    with (REPOSITORY / "sample" / "articles.jsonl").open("rb") as stream:
        found = list(jsonlines.read(stream, Origin("articles", "articles.jsonl", NOW)))

    assert len(found) == 24
    assert all(isinstance(one, Draft) and not one.notes for one in found)
