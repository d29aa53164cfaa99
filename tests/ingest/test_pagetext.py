import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from publisher.ingest.document import Origin, Rejected
from publisher.ingest.normalise.text import fold, one_line
from publisher.ingest.sources import pagetext
from publisher.ingest.sources.bylines import bylines_at_end
from publisher.ingest.sources.pagelines import BULLET
from publisher.ingest.sources.pageparts import caption_of, kinds
from publisher.model.article import Byline, Draft
from tests.conftest import REPOSITORY
from tests.ingest.newsroom import PAGE

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SAMPLE = REPOSITORY / "sample" / "pages"
LONG = (
    "The committee met for three hours and heard eleven speakers. Most of them had come on foot, and all of "
    "them spoke about water. The chairwoman wrote down every figure and read the list back to them."
)


def read(text: str, *, language: str | None = None) -> list[Draft | Rejected]:
    return list(pagetext.read(io.BytesIO(text.encode()), Origin("pages", "page.txt", NOW, language)))


def drafts(text: str) -> list[Draft]:
    found = read(text)
    assert all(isinstance(one, Draft) for one in found), found
    return [one for one in found if isinstance(one, Draft)]


def article(text: str) -> Draft:
    """Return the page's own article: the draft with a body, else the oldest."""
    found = drafts(text)
    return next((one for one in found if one.body), found[0])


def words(draft: Draft) -> str:
    """Return every word of a draft on one line."""
    body = unescape(re.sub(r"<[^<>]*>", " ", draft.body or ""))
    makers = " ".join(f"{one.rank} {one.name} {one.office}" for one in draft.bylines or ())
    return " ".join(f"{draft.title} {draft.agency} {draft.lede} {body} {makers}".split())


def test_a_page_is_its_article_and_its_list_oldest_first() -> None:
    found = drafts(PAGE)

    assert [(one.title, one.label) for one in found] == [
        ("Weavers’ fair moves to spring", "CULTURE - TOURISM"),
        ("Council votes on school roofs", "NEWS - POLITICS"),
        ("Ferry returns to Bến Đá", "BUSINESS"),
    ]
    assert [one.agency for one in found] == ["BML", "BML", "BML"]
    assert found[1].lede == "The council will vote on Friday on new roofs for eleven village schools."
    assert {one.language for one in found} == {"en"}
    assert [one.published for one in found] == [None, None, None]


def test_the_parts_of_an_article_are_told_apart() -> None:
    found = article(PAGE)

    assert found.lede is not None
    assert found.lede.startswith("The ferry at Bến Đá crossed")
    assert found.body is not None
    assert [line[: line.index(">") + 1] for line in found.body.split("\n")] == [
        "<p>",
        "<figure>",
        "<h2>",
        "<p>",
    ]
    assert "<h2>What the villages pay</h2>" in found.body
    assert found.pictures is not None
    assert [one.caption for one in found.pictures] == [
        "Pupils of the boarding school carry the cable up from the road."
    ]
    assert found.bylines == (Byline("Vừ Mai Lan"),)
    assert found.lede not in found.body


@pytest.mark.parametrize(
    "remains",
    [
        "Comment\n\nYou have 500/500 characters left\n\nPlease enter 5 or more characters!!!",
        "Bình luận\n\nBạn còn 500/500 ký tự\n\nVui lòng nhập 5 ký tự trở lên!!!",
        "You have 12/500 characters left",
    ],
)
@pytest.mark.parametrize("after", ["", "\n\nRecent news\n\n  • 'A\n\n    A\n\n    B -\n    C\n"])
def test_form_remains_are_dropped_where_they_stand(remains: str, after: str) -> None:
    found = article(f"Title\n\nLede. {LONG}\n\n{LONG} Last.\n\n{remains}{after}")

    assert found.body == f"<p>{LONG} Last.</p>"


def test_form_words_inside_the_article_are_the_article() -> None:
    found = article(f"Title\n\nLede. {LONG}\n\nComment\n\n{LONG}\n\nBình luận\n\n{LONG}\n\nSend")

    assert found.body is not None
    for word in ("Comment", "Bình luận", "Send"):
        assert f">{word}<" in found.body


def test_recent_news_without_a_list_is_a_line_like_any_other() -> None:
    found = article(f"Title\n\nLede. {LONG}\n\nRecent news\n\n{LONG}")

    assert found.body == f"<h2>Recent news</h2>\n<p>{LONG}</p>"


def test_text_behind_a_list_stays_in_the_article() -> None:
    text = (
        f"Title\n\nLede. {LONG}\n\nRelated news\n\n  • 'A\n\n    A\n\n    B -\n    Lede of A.\n\n{LONG} End."
    )

    found = drafts(text)

    assert [one.title for one in found] == ["Title", "A"]
    assert found[0].body == f"<p>{LONG} End.</p>"
    assert found[1].lede == "Lede of A."


@pytest.mark.parametrize(
    ("item", "title", "label", "lede"),
    [
        ("  • 'One\n\n    One\n\n    BUSINESS -\n    Lede.\n", "One", "BUSINESS", "Lede."),
        ("  • 'One\n\n    One\n\n    Lede only.\n", "One", None, "Lede only."),
        ("  • 'One\n\n    VĂN HOÁ - DU LỊCH -\n    Lede.\n", "One", "VĂN HOÁ - DU LỊCH", "Lede."),
        ("  • ''Tis spring\n\n    'Tis spring\n\n    A -\n    Lede.\n", "'Tis spring", "A", "Lede."),
        ("  • '“Rice first”\n\n    “Rice first”\n\n    A –\n    Lede.\n", "“Rice first”", "A", "Lede."),
        ("  • 'A very long headline that is…\n\n    A very long headline that is cut\n\n    A -\n    L.\n",
         "A very long headline that is cut", "A", "L."),
        ("  • One\n    Lede.\n", "One", None, "Lede."),
        ("* 'One\n\nOne\n\nA -\nLede.\n", "One", "A", "Lede."),
    ],
)  # fmt: skip
def test_items_of_a_list(item: str, title: str, label: str | None, lede: str) -> None:
    found = drafts(f"Title\n\nThe lede. {LONG}\n\n{LONG}\n\nTin mới\n\n{item}")

    assert [(one.title, one.label, one.lede) for one in found[1:]] == [(title, label, lede)]


def test_an_item_without_a_headline_is_named_and_the_rest_goes_in() -> None:
    found = read(f"Title\n\n{LONG}\n\nRecent news\n\n  • '\n\n  • 'Two\n\n    Two\n\n    A -\n    Lede.\n")

    assert [one.title for one in found if isinstance(one, Draft)] == ["Title", "Two"]
    (rejected,) = [one for one in found if isinstance(one, Rejected)]
    assert rejected == Rejected("page.txt:7", "an item of the list without a headline")


def test_an_item_listed_twice_is_one_and_two_of_one_headline_are_two() -> None:
    def item(lede: str) -> str:
        return f"  • 'Same\n\n    Same\n\n    A -\n    {lede}\n"

    text = f"Title\n\n{LONG}\n\nRecent news\n\n{item('First.')}{item('Second thing.')}{item('First.')}"

    assert [one.lede for one in drafts(text)] == [LONG, "Second thing.", "First."]


def test_a_page_without_a_headline_keeps_its_list() -> None:
    found = read(f"BML - {LONG}\n\n{LONG}\n\nRecent news\n\n  • 'Two\n\n    Two\n\n    A -\n    Lede.\n")

    assert found[0] == Rejected("page.txt:1", "no headline: the page begins with a paragraph")
    assert [one.title for one in found if isinstance(one, Draft)] == ["Two"]


def test_lines_broken_at_a_fixed_width_are_made_whole() -> None:
    text = (
        "A headline\n\nBML - The ferry crossed the river again on Monday, nine weeks after\n"
        "the flood had taken its cable, and forty people were on board for\nthe first crossing.\n\n"
        "Ferryman Ím had spent the weeks in the house of his sister, where\nhe mended nets and waited.\n\n"
        "Vừ Mai Lan\nComment\n\nYou have 500/500 characters left\n"
    )

    found = article(text)

    assert found.lede is not None
    assert found.lede.endswith("forty people were on board for the first crossing.")
    assert found.body is not None
    assert found.body.count("<p>") == 1
    assert found.bylines == (Byline("Vừ Mai Lan"),)


def test_a_control_character_is_noted_with_the_article_it_was_in() -> None:
    found = drafts(PAGE.replace("eleven village", "eleven\x07 village"))

    assert [bool(one.notes) for one in found] == [False, True, False]
    assert found[1].notes == ("a control character (U+0007) was taken out",)


def test_utf_16_with_a_mark_is_read() -> None:
    found = list(pagetext.read(io.BytesIO(PAGE.encode("utf-16")), Origin("pages", "p", NOW)))

    assert [one.title for one in found if isinstance(one, Draft)][-1] == "Ferry returns to Bến Đá"


@pytest.mark.parametrize(
    ("lines", "bylines"),
    [
        (["Phạm Văn Quang"], [Byline("Phạm Văn Quang")]),
        (["Text and photos: Hà Thu Lâm"], [Byline("Hà Thu Lâm")]),
        (["Bài, ảnh: Hà Thu Lâm - Vừ Mai Lan"], [Byline("Hà Thu Lâm"), Byline("Vừ Mai Lan")]),
        (["Bài: Hà Lâm; Ảnh: Vừ Lan"], [Byline("Hà Lâm"), Byline("Vừ Lan", office="Ảnh")]),
        (["By Hà Thu Lâm and Vừ Mai Lan"], [Byline("Hà Thu Lâm"), Byline("Vừ Mai Lan")]),
        (
            ["Lieutenant Colonel Vì Đức Thuận", "Head of the Fire Division, Lưa Police"],
            [Byline("Vì Đức Thuận", "Lieutenant Colonel", "Head of the Fire Division, Lưa Police")],
        ),
        (
            ["Thượng tá Vì Đức Thuận", "Trưởng phòng Cảnh sát Phòng cháy"],
            [Byline("Vì Đức Thuận", "Thượng tá", "Trưởng phòng Cảnh sát Phòng cháy")],
        ),
        (
            ["Đại tá", "Vì Đức Thuận", "Chỉ huy trưởng", "Bộ Chỉ huy quân sự tỉnh"],
            None,
        ),
        (["Vì Đức Thuận", "Đại tá", "Chỉ huy trưởng"], [Byline("Vì Đức Thuận", "Đại tá", "Chỉ huy trưởng")]),
        (["Lò Thị Ban, Director of the Museum"], [Byline("Lò Thị Ban", office="Director of the Museum")]),
        (["He left at noon."], []),
        (["Looking ahead"], []),
        (["The Next Step"], []),
        (["Commander of the garrison"], []),
        ([LONG], []),
    ],
)  # fmt: skip
def test_bylines(lines: Sequence[str], bylines: list[Byline] | None) -> None:
    found = bylines_at_end([LONG, *lines])

    if bylines is None:
        assert found.lines in {0, len(lines)}
    else:
        assert list(found.bylines) == bylines
        assert found.lines == (len(lines) if bylines else 0)


@pytest.mark.parametrize(
    ("line", "caption", "credit"),
    [
        ("A boat on the river. Photo: Vừ Mai Lan", "A boat on the river.", "Vừ Mai Lan"),
        ("Thuyền trên sông. Ảnh: Vừ Mai Lan", "Thuyền trên sông.", "Vừ Mai Lan"),
        ("A boat (Photo: VNA)", "A boat", "VNA"),
        ("A boat on the river.", "A boat on the river.", ""),
    ],
)
def test_captions_and_credits(line: str, caption: str, credit: str) -> None:
    assert (caption_of(line).caption, caption_of(line).credit) == (caption, credit)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Villagers carry the new cable up from the road.", "caption"),
        ("Colonel Vì (far right) looks at the cable.", "caption"),
        ("Đại tá Vì Đức Thuận (ngoài cùng bên phải) kiểm tra dây cáp.", "caption"),
        ("Two boats. Three more behind them. Photo: Vừ Lan", "caption"),
        ("What the villages pay", "heading"),
        ("Bán câu chuyện hay bán chè?", "heading"),
        ("“I knew it by the sound,” the ferryman said.", "paragraph"),
        ("He did not wait for the others to come.", "paragraph"),
        ("Nobody died.", "paragraph"),
        ("But the water came back in the night again.", "paragraph"),
        (LONG, "paragraph"),
    ],
)
def test_kinds_of_lines(line: str, kind: str) -> None:
    assert kinds([LONG, line, LONG], lede=LONG)[1] == kind


def test_on_a_page_of_short_paragraphs_none_is_a_caption() -> None:
    short = "Villagers carry the new cable up from the road."

    assert set(kinds([short] * 6, lede=short)) == {"paragraph"}


def sentences(text: str) -> list[str]:
    return [one for one in re.split(r"(?<=[.!?])\s+", text) if one]


LINE = st.one_of(
    st.sampled_from(
        [
            *(
                LONG,
                "Comment",
                "Send",
                "Recent news",
                "Tin mới",
                "Phạm Quang",
                "Colonel Vì Đức Thuận",
                "BUSINESS -",
            ),
            *(
                "Commander of the fort",
                "A short one.",
                "What then?",
                "• a point",
                "'",
                "Photo: Vừ Lan",
                "BML - Again.",
            ),
            *(
                "Villagers carry the new cable up from the road.",
                "Text and photos: Vừ Mai Lan",
                "By the way",
                "-",
            ),
            *(
                "A boat. Photo: Vừ Lan",
                "Đại tá",
                "Lò Văn Ím, Director of roads",
                "Ảnh: Lan; Bài: Lò Ím",
                "Name: x",
            ),
        ]
    ),
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=60).map(
        one_line
    ),
).filter(bool)


@given(st.lists(LINE, max_size=9), st.sampled_from(["\n\n", "\n"]))
def test_no_sentence_of_an_article_is_ever_lost(lines: list[str], between: str) -> None:
    listed = (BULLET.match(below) for above, below in pairwise(lines) if above in {"Recent news", "Tin mới"})
    assume(not any(listed))
    text = f"A headline\n\n{LONG}\n\n" + between.join([*lines, f"{LONG} End."])

    got = fold(" ".join(words(one) for one in drafts(text)))

    for line in (LONG, *lines):
        for sentence in sentences(line):
            # A byline says who wrote the text or made the pictures; only its words of introduction may go.
            wanted = re.sub(
                r"^(By|BML -|Text and photos:|Photos?:|Ảnh:|• ?|[•●▪◦‣·*])\s*|\s-$", "", sentence
            ).strip(" ;")
            for part in re.split(r"\s*[,;]\s*", wanted):
                assert fold(part) in got, (part, got)


@pytest.mark.parametrize("file", sorted(SAMPLE.glob("*.txt")), ids=lambda file: file.name)
def test_the_sample_pages_lose_nothing(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    own = re.split(r"\n(?:Comment|Bình luận)\n", text)[0]

    found = article(text)

    got = words(found)
    for line in own.split("\n"):
        for sentence in sentences(re.sub(r"^(BML [-–] |Text and photos: )", "", line)):
            assert sentence in got
    assert found.pictures
    assert "<h2>" in (found.body or "")
    assert not re.search(r"500/500|characters|ký tự trở lên|Recent news|Tin mới", got)
