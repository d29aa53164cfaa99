import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.ingest.normalise.faults import faults, refusal
from publisher.ingest.normalise.markup import sanitise, to_html, to_text

BASE = "https://courier.example/news/today.html"
PATIENCE = 60
"""Seconds of the processor; what grows with the square of the length takes many times as long."""
ALLOWED = {
    *("p", "br", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "strong", "em", "b", "i", "a", "figure"),
    *("figcaption", "img", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "sub", "sup"),
    *("pre", "code"),
}

PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<div>",
            "</div>",
            "<b>",
            "</b>",
            "<a href='/x'>",
            "</a>",
            "<ul>",
            "<li>",
            "</ul>",
            "<br>",
        ),
        *(
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<figure>",
            "<figcaption>",
            "</figure>",
            "<img src='/i.png'>",
        ),
        *(
            "<script>",
            "</script>",
            "<blockquote>",
            "</blockquote>",
            "<pre>",
            "</pre>",
            "<h1>",
            "</h1>",
            "<h6>",
        ),
        *(
            "<!--",
            "-->",
            "<svg>",
            "</svg>",
            "<",
            ">",
            "&amp;",
            "&lt;b&gt;",
            "&",
            "&nbsp;",
            "&#7;",
            "\n",
            " ",
            "'",
            '"',
        ),
        *(
            "Lưa",
            "rice",
            "two words",
            "\u202e",
            "\x0b",
            "<dl><dt>",
            "<dd>",
            "</dl>",
            "<section>",
            "<em>",
            "</em>",
        ),
    ]
)


class Reader(HTMLParser):
    """Checks that every tag is allowed, and closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        assert {name for name, _ in attrs} <= {"href", "src", "alt", "width", "height", "colspan"}
        if tag not in {"br", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@given(st.lists(PIECES, max_size=40).map("".join))
def test_what_comes_out_is_whole_safe_and_settled(html: str) -> None:
    out = to_html(sanitise(html, BASE))

    reader = Reader()
    reader.feed(out)
    assert not reader.open
    assert to_html(sanitise(out, BASE)) == out
    assert not re.search(r"<p>\s*</p>", out)


@given(
    st.lists(
        st.sampled_from(["<p>", "<div>", "<b>", "</b>", "<li>", "</p>", "<h1>", "</div>", "<td>"]),
        max_size=20,
    )
)
def test_no_word_is_lost_whatever_wraps_it(tags: list[str]) -> None:
    html = "".join(f"{tag}word{number} " for number, tag in enumerate(tags))

    text = to_text(sanitise(html))

    assert [f"word{number}" for number in range(len(tags))] == text.split()


@pytest.mark.parametrize(
    ("html", "becomes"),
    [
        ("one<div>two</div>three", "<p>one</p>\n<p>two</p>\n<p>three</p>"),
        ("one<br><br>two<br>three", "<p>one</p>\n<p>two<br>three</p>"),
        ("<h1>A</h1><h5>B</h5>", "<h2>A</h2>\n<h4>B</h4>"),
        ("<p>a</p><p>&nbsp;</p><p> <br> </p>", "<p>a</p>"),
        ("<p>never <em>closed", "<p>never <em>closed</em></p>"),
        ("one<b> two</b> <i>three </i>four", "<p>one<b> two</b> <i>three </i>four</p>"),
        ("<ul><li><p>a</p><li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ('<a href="more">m</a>', '<p><a href="https://courier.example/news/more">m</a></p>'),
        ('<a href="//other.example/x">m</a>', '<p><a href="https://other.example/x">m</a></p>'),
        ('<a href=" java\nscript:alert(1)">m</a>', "<p>m</p>"),
        ('<a href="data:text/html,x">m</a>', "<p>m</p>"),
        ('<a href="mailto:a@b.example">m</a>', '<p><a href="mailto:a@b.example">m</a></p>'),
        ('<img src="data:image/png;base64,AA">', ""),
        ('<img src=x.png onerror=alert(1) alt="A &quot;B&quot;" width=9999999>',
         '<p><img src="https://courier.example/news/x.png" alt="A &quot;B&quot;"></p>'),
        ("<p>x<script>bad()</script><style>p{}</style><iframe src=y>z</iframe></p>", "<p>x</p>"),
        ("<svg><p>in</p></svg>out", "<p>in</p>\n<p>out</p>"),
        ("<pre>a\n  b &lt; c</pre>", "<pre>a\n  b &lt; c</pre>"),
        ("<td>loose", "<p>loose</p>"),
        ("a &amp;lt; b", "<p>a &amp;lt; b</p>"),
        ("R&D &copy 2026", "<p>R&amp;D © 2026</p>"),
        ("<a href='/?a=1&copy=2'>q</a>", '<p><a href="https://courier.example/?a=1&amp;copy=2">q</a></p>'),
        ("nhịp &#x7; trống&#8203;", "<p>nhịp trống</p>"),
    ],
)  # fmt: skip
def test_what_html_becomes(html: str, becomes: str) -> None:
    assert to_html(sanitise(html, BASE)) == becomes


def test_without_a_base_a_relative_link_is_only_words() -> None:
    assert to_html(sanitise('<a href="/more">more</a><img src="x.png">')) == "<p>more</p>"


@pytest.mark.parametrize(
    ("html", "says"),
    [
        ("<p>fine <b>all</b><br><ul><li>one<li>two</ul>", []),
        ("<p>a <em>b</p>", ["broken HTML was mended: <em> is never closed"]),
        ("a</div>", ["broken HTML was mended: </div> closes nothing"]),
        ("<b><i>a</b></i>", ["broken HTML was mended: </b> comes before what is inside it is closed"]),
        ('<a href="x', ["broken HTML was mended: <a is never finished"]),
        ("<script>if (a < b) {}</script>ok", ["taken out of the HTML: script"]),
        ('<p onclick="x">', ["taken out of the HTML: event handlers"]),
        ('<a href="javascript:x">b</a>', ["taken out of the HTML: javascript: address"]),
        ("3 < 5", []),
    ],
)  # fmt: skip
def test_what_was_wrong_is_said(html: str, says: list[str]) -> None:
    assert list(faults(html)) == says


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<ul><li>" * 50_000,
        "<p " + "a=1 " * 200_000 + ">x",
        "<b>" * 100_000,
        "<p><font x=1>" * 20_000,
    ],
)
def test_html_made_to_take_for_ever_is_refused(html: str) -> None:
    started = time.process_time()

    assert refusal(html)
    assert time.process_time() - started < PATIENCE


@pytest.mark.parametrize(
    "html",
    ["&" * 300_000, "a&b " * 100_000, "\u00a0" * 300_000, "<" * 300_000, "<p>x" * 20_000, "<!--" * 100_000,
     "<script>" * 100_000, "<script></script>" * 20_000, "<br>" * 20_000],
)  # fmt: skip
def test_html_that_is_only_odd_takes_seconds_at_most(html: str) -> None:
    started = time.process_time()

    assert not refusal(html)
    sanitise(html)
    list(faults(html))
    assert time.process_time() - started < PATIENCE
