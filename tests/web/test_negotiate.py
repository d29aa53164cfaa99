"""Accept-Encoding as RFC 9110 §12.5.3 reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.web.negotiate import CODINGS, Coding, choose, preferences

ALL: tuple[Coding, ...] = ("identity", "gzip", "br")


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("deflate", "identity"),
        ("*", "br"),
        ("identity", "identity"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0.000", "identity"),
        ("gzip; q=0.5, identity", "identity"),
        ("gzip ; q = 0.5", "gzip"),
        ("*;q=0, gzip", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("identity;q=0.5, *;q=0", "identity"),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("gzip;q=0, br;q=0, identity;q=0", None),
        ("gzip;q=nonsense", "identity"),
        ("gzip;level=9", "identity"),
        ("gzip;q=7", "identity"),
        (",,gzip,", "gzip"),
    ],
)
def test_what_a_reader_is_sent(header: str | None, chosen: Coding | None) -> None:
    assert choose(header, ALL) == chosen


def test_a_coding_that_is_not_there_is_not_chosen() -> None:
    assert choose("br, gzip;q=0.5", ("identity", "gzip")) == "gzip"
    assert choose("br", ALL[:1]) == "identity"
    assert choose("br, identity;q=0", ("identity", "gzip")) is None


@given(st.text(max_size=60))
def test_nothing_that_was_refused_is_sent(header: str) -> None:
    found = preferences(header)

    assert set(found) <= set(CODINGS)
    assert len(set(found)) == len(found)
    for coding in CODINGS:
        if f"{coding};q=0" == header.strip().lower():
            assert coding not in found
