"""If-None-Match and If-Modified-Since as RFC 9110 reads them, and as proxies and readers really send them."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.web.conditional import http_date, http_seconds, listed, not_modified_since, tags

OWN = ("abc", "zip")
"""The tags of what the reader may be sent; the plain bytes have "abc"."""


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ('"abc"', "abc"),
        ('W/"abc"', "abc"),
        ('"zip"', "zip"),
        ("*", "abc"),
        (" * ", "abc"),
        ('"x", "abc"', "abc"),
        ('"x","y",W/"zip"', "zip"),
        ('"a,b", "abc"', "abc"),
        ('"abc-gzip"', "abc"),
        ('W/"abc-gzip"', "abc"),
        ('"abc--gzip"', "abc"),
        ('"abc;gzip"', "abc"),
        ('"abc-br"', "abc"),
        ('"plain-gzip"', "plain"),
        ("abc", "abc"),
        ('"ab"', None),
        ('"abcd"', None),
        ('"ABC"', None),
        ('"abc-zip"', None),
        ('"plain"', None),
        ("", None),
        ("W/", None),
        ('"', None),
        ('"abc', None),
        ("abc, def", None),
        ('"**"', None),
    ],
)
def test_a_list_names_our_tag_or_it_does_not(header: str, named: str | None) -> None:
    assert listed(header, OWN, ("abc", "zip", "plain")) == named


@given(
    st.lists(
        st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"')), max_size=6
    )
)
@example(["a,b", "W/x"])
def test_every_tag_of_a_well_made_list_is_read(wanted: list[str]) -> None:
    header = ", ".join(f'W/"{tag}"' if place % 2 else f'"{tag}"' for place, tag in enumerate(wanted))

    assert list(tags(header)) == wanted


@given(st.text(max_size=80))
def test_no_header_is_too_wild(header: str) -> None:
    found = listed(header, ("t" * 32,))

    assert found is None or "t" * 32 in header or header.strip() == "*"
    assert http_seconds(header) is None or isinstance(http_seconds(header), int)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2199, 1, 1)))
def test_dates_go_out_as_the_standard_says_and_come_back(naive: datetime) -> None:
    moment = naive.replace(microsecond=0, tzinfo=UTC)
    seconds = int(moment.timestamp())

    assert http_date(seconds) == format_datetime(moment, usegmt=True)
    assert http_seconds(http_date(seconds)) == seconds
    assert (
        http_seconds(moment.strftime("%a %b ") + f"{moment.day:2d}" + moment.strftime(" %H:%M:%S %Y"))
        == seconds
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
        ("Sun Nov  6 08:49:37 1994", 784111777),
        ("Sun, 06 Nov 1994 08:49:37 +0000", None),
        ("Sun, 31 Feb 2027 08:49:37 GMT", None),
        ("Sun, 06 Now 1994 08:49:37 GMT", None),
        ("784111777", None),
        ("", None),
    ],
)
def test_the_three_forms_of_a_date(text: str, seconds: int | None) -> None:
    assert http_seconds(text) == seconds


def test_a_date_as_late_as_ours_is_enough() -> None:
    assert not_modified_since(http_date(1000), 1000)
    assert not_modified_since(http_date(1001), 1000)
    assert not not_modified_since(http_date(999), 1000)
    assert not not_modified_since("yesterday", 1000)
