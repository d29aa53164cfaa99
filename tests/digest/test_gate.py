"""The gate: our letters pass it, whatever is in them, and each kind of defect is found."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from publisher.digest.fit import Layout
from publisher.digest.gate import check, encoded_size, examine, sheet_of
from publisher.digest.gate.clients import ALLOWED, CLIENTS, TABLE, support
from publisher.digest.gate.contrast import contrasts
from publisher.digest.gate.page import parse
from publisher.digest.gate.sheet import Finding, Sheet
from publisher.model.edition import UNSUBSCRIBE_TOKEN, Rendered
from publisher.settings.schema import Look
from tests.digest.hostile import HOSTILE
from tests.digest.letters import NOTE, SITE, letter, letter_of, rendered, stories

LAYOUTS: tuple[Layout, ...] = ("recent", "brief", "text")


@cache
def good() -> Rendered:
    """Return a letter that nothing is wrong with."""
    return rendered(letter("en", 6))


def sheet(html: str | None = None, text: str | None = None, subject: str | None = None) -> Sheet:
    """Return a good letter's sheet with a part exchanged."""
    content = good()
    return sheet_of(
        content.subject if subject is None else subject,
        content.preheader,
        content.html if html is None else html,
        content.text if text is None else text,
    )


def found(some: Sheet) -> set[tuple[str, str]]:
    return {(finding.level, finding.rule) for finding in examine(some)}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("count", [12, 25])
@pytest.mark.parametrize("language", ["en", "vi", "both"])
def test_our_letters_pass_without_a_word(layout: Layout, count: int, language: str) -> None:
    assert check(rendered(letter(language, count, note=NOTE), layout)) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", HOSTILE)
def test_no_article_keeps_a_letter_from_going(layout: Layout, name: str) -> None:
    assert [one for one in check(rendered(HOSTILE[name], layout)) if one.level == "fail"] == []


HEADING = '<h1 class="name ink" style="'
DEFECTS: dict[str, tuple[Callable[[str], str], tuple[str, str]]] = {
    "script": (lambda html: html.replace("</body>", "<script>1</script></body>"), ("fail", "active-content")),
    "handler": (lambda html: html.replace("<h1 ", '<h1 onclick="x()" '), ("fail", "active-content")),
    "form": (lambda html: html.replace("</body>", "<form></form></body>"), ("fail", "active-content")),
    "stylesheet": (
        lambda html: html.replace("</head>", "<link rel=stylesheet></head>"),
        ("fail", "active-content"),
    ),
    "font": (lambda html: html.replace("<style>", "<style>@import 'x';"), ("fail", "remote")),
    "background": (
        lambda html: html.replace(HEADING, f"{HEADING}background:url(https://x.example/a.png);"),
        ("fail", "remote"),
    ),
    "relative link": (
        lambda html: html.replace(f'href="{SITE}/feeds/"', 'href="/feeds/"'),
        ("fail", "link-address"),
    ),
    "empty link": (lambda html: html.replace(f'href="{SITE}/feeds/"', 'href=""'), ("fail", "link-address")),
    "script link": (
        lambda html: html.replace(f'href="{SITE}/feeds/"', 'href="javascript:x"'),
        ("fail", "link-address"),
    ),
    "plain http": (
        lambda html: html.replace(f"{SITE}/feeds/", "http://x.example/"),
        ("warn", "link-address"),
    ),
    "wordless link": (lambda html: html.replace(">All feeds<", "><"), ("fail", "link-text")),
    "colourless link": (
        lambda html: html.replace("text-decoration:underline;color", "--x"),
        ("warn", "link-colour"),
    ),
    "no alt": (lambda html: re.sub(r' alt="[^"]*"', "", html), ("fail", "picture-alt")),
    "no size": (lambda html: html.replace(' width="600"', ""), ("warn", "picture-size")),
    "relative picture": (lambda html: html.replace(f"{SITE}/media", "/media"), ("fail", "picture-address")),
    "no language": (lambda html: html.replace('<html lang="en"', "<html"), ("fail", "language")),
    "no title": (lambda html: re.sub("<title>.*?</title>", "<title></title>", html), ("fail", "title")),
    "two h1": (lambda html: html.replace("<h2", "<h1", 1), ("warn", "headings")),
    "skipped heading": (lambda html: html.replace("<h2", "<p").replace("</h2", "</p"), ("warn", "headings")),
    "data table": (lambda html: html.replace("</body>", "<table></table></body>"), ("warn", "tables")),
    "long styles": (
        lambda html: html.replace("<style>", "<style>" + ".a{color:red}" * 1300),
        ("warn", "style-size"),
    ),
    "nested styles": (
        lambda html: html.replace(
            "</style></head>", "@media screen{@media print{.a{color:red}}}</style></head>"
        ),
        ("warn", "style-nesting"),
    ),
    "small type": (lambda html: html.replace("font-size:14px", "font-size:11px"), ("warn", "type-size")),
    "faint by day": (lambda html: html.replace("color:#4f4b45", "color:#aaa"), ("fail", "contrast")),
    "faint at night": (
        lambda html: html.replace(".quiet{color:#bdb7ad", ".quiet{color:#444"),
        ("fail", "contrast"),
    ),
    "not strong": (lambda html: html.replace("color:#4f4b45", "color:#6b6b6b"), ("warn", "contrast")),
    "grid": (lambda html: html.replace(HEADING, f"{HEADING}display:grid;"), ("warn", "clients")),
    "unfilled address": (
        lambda html: html.replace(f"{SITE}/feeds/", "https://x.example/{{ id }}"),
        ("fail", "placeholder"),
    ),
    "unfilled words": (lambda html: html.replace("All feeds", "All {{ feeds }}"), ("warn", "placeholder")),
    "no way out": (lambda html: html.replace(UNSUBSCRIBE_TOKEN, "x"), ("fail", "unsubscribe")),
    "a story less": (
        lambda html: html.replace(f"{SITE}/articles/00003", f"{SITE}/elsewhere"),
        ("fail", "text-part"),
    ),
    "decomposed": (lambda html: html.replace("All feeds", "Ta\u0302\u0301t ca\u0309"), ("warn", "nfc")),
    "large": (
        lambda html: html.replace("</body>", "<!--" + "x" * 50_000 + "--></body>"),
        ("warn", "html-size"),
    ),
    "too large": (
        lambda html: html.replace("</body>", "<!--" + "x" * 80_000 + "--></body>"),
        ("fail", "html-size"),
    ),
    "clipped": (
        lambda html: html.replace("</body>", "<!--" + "ế" * 40_000 + "--></body>"),
        ("fail", "clipping"),
    ),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found(name: str) -> None:
    spoil, finding = DEFECTS[name]
    spoilt = spoil(good().html)
    assert spoilt != good().html

    assert finding in found(sheet(html=spoilt))


@pytest.mark.parametrize(
    ("subject", "finding"),
    [
        ("", ("fail", "subject")),
        ("two\nlines", ("fail", "subject")),
        ("x" * 121, ("warn", "subject")),
        ("{title} of today", ("warn", "placeholder")),
    ],
)
def test_a_bad_subject_is_found(subject: str, finding: tuple[str, str]) -> None:
    assert finding in found(sheet(subject=subject))


def test_a_text_part_that_tells_less_is_found() -> None:
    text = good().text

    assert ("fail", "text-part") in found(sheet(text=""))
    assert ("fail", "text-part") in found(sheet(text=text.replace("/articles/00002", "/articles/x")))
    assert ("fail", "unsubscribe") in found(sheet(text=text.replace("/u/", "/x/")))


def test_stories_in_another_order_are_found() -> None:
    turned = (
        good().text.replace("/articles/00002", "/articles/@").replace("/articles/00003", "/articles/00002")
    )

    assert ("fail", "text-part") in found(sheet(text=turned.replace("/articles/@", "/articles/00003")))


def test_the_letters_of_single_sections_are_looked_at_too() -> None:
    content = rendered(letter("en", 12))
    spoilt = tuple(
        replace(piece, html=piece.html.replace(" alt=", " data-alt=")) if piece.role == "standin" else piece
        for piece in content.pieces
    )

    assert check(content) == ()
    assert {(one.level, one.rule) for one in check(replace(content, pieces=spoilt))} == {
        ("fail", "picture-alt"),
        ("fail", "link-text"),
    }


def test_failures_come_first() -> None:
    levels = [one.level for one in examine(sheet(html="<p>nothing</p>", text="x", subject="x" * 200))]

    assert levels == sorted(levels)
    assert levels[0] == "fail"


@pytest.mark.parametrize("count", [40, 60, 90])
def test_size_is_what_stops_a_letter_and_not_its_stories(count: int) -> None:
    size = len(rendered(letter_of(stories("vi", count), language="vi")).html.encode())
    refused = Finding("fail", "html-size", "")
    findings = check(rendered(letter_of(stories("vi", count), language="vi")))

    assert (refused.rule in {one.rule for one in findings if one.level == "fail"}) == (size >= 80_000)


def test_a_part_is_reckoned_in_the_smaller_encoding() -> None:
    vietnamese, english = "Tiếng Việt có dấu ở mọi từ ngữ. " * 50, "English has hardly any accents. " * 50

    assert encoded_size(vietnamese) < len(vietnamese.encode()) * 1.4
    assert encoded_size(english) < len(english.encode()) * 1.1
    assert encoded_size("") == 0


def test_a_vietnamese_letter_travels_far_below_gmails_limit() -> None:
    assert encoded_size(rendered(letter("vi", 25)).html) < 100_000


@pytest.mark.parametrize("layout", ["recent", "brief"])
def test_every_light_has_strong_contrast(layout: Layout) -> None:
    lights = contrasts(parse(rendered(letter("vi", 12, note=NOTE), layout).html))

    assert [faint.light for faint in lights] == ["day", "night", "night in Outlook", "turned over"]
    assert all(faint.ratio >= 7 for faint in lights)


def test_a_dark_look_is_examined_as_it_is() -> None:
    look = Look(background="#101010", text="#f5f5f5", muted="#d0d0d0", accent="#ffb3a7")

    assert [one for one in check(rendered(letter("en", 12), look=look)) if one.level == "fail"] == []


@pytest.mark.parametrize("layout", ["recent", "brief"])
def test_mail_programs_know_what_we_use(layout: Layout) -> None:
    known = support(parse(rendered(letter("en", 25, note=NOTE), layout).html))

    assert known.share >= 0.88
    assert set(known.lacking) <= set(ALLOWED)


def test_the_table_of_programs_is_whole() -> None:
    assert all(re.fullmatch(r"[yan?]{15} \d{4}-\d{2}", row) for row in TABLE.values())
    assert len(CLIENTS) == 15
    assert set(ALLOWED) <= set(TABLE)
    assert all("n" in TABLE[name].split()[0] for name in ALLOWED)


def test_a_page_nested_without_end_is_read() -> None:
    page = "<div>" * 3000 + "<a href='https://x.example'>x</a>"

    assert ("fail", "contrast") not in found(sheet(html=page))
    assert ("fail", "language") in found(sheet(html=page))
