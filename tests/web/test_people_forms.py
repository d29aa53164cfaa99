"""Forms, whatever is sent as one."""

import string
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from publisher.web.people.forms import Form, choices, chosen, entered, read
from publisher.web.people.zones import is_offered, name_of, zones
from tests.delivery.bureau import settings

FORM = "application/x-www-form-urlencoded"
NAMES = st.text(string.ascii_letters + "-_", min_size=1, max_size=12)
VALUES = st.text(st.characters(codec="utf-8"), max_size=60)
SETTINGS = settings()


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8))
def test_an_urlencoded_form_comes_back(pairs: list[tuple[str, str]]) -> None:
    form = read(FORM, urlencode(pairs).encode())

    assert [(name, value) for name in form.fields for value in form.all(name)] == sorted(
        pairs, key=lambda pair: [name for name, _ in pairs].index(pair[0])
    )


@given(st.lists(st.tuples(NAMES, VALUES.filter(lambda one: "\r" not in one and "\n" not in one)), max_size=8))
def test_a_multipart_form_comes_back(pairs: list[tuple[str, str]]) -> None:
    boundary = "----b0undary"
    body = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in pairs
    )
    form = read(f"multipart/form-data; boundary={boundary}", f"{body}--{boundary}--\r\n".encode())

    assert sum(map(len, form.fields.values())) == len(pairs)
    assert all(value in form.all(name) for name, value in pairs)


@given(st.text(max_size=60), st.binary(max_size=300))
def test_no_body_breaks_it(kind: str, body: bytes) -> None:
    for content_type in (kind, f"multipart/form-data; boundary={kind}", "multipart/form-data", FORM):
        form = read(content_type, body)
        assert isinstance(form.one("x"), str)
        assert form.is_one_click in {True, False}


@given(
    st.dictionaries(
        st.sampled_from(["digest", "sections-daily", "hour-daily", "sections-weekly"]), st.lists(VALUES)
    )
)
def test_only_what_is_offered_is_chosen(fields: dict[str, list[str]]) -> None:
    form = Form({name: tuple(values) for name, values in fields.items()})
    for one in choices(entered(form, SETTINGS, ("daily", "weekly")), SETTINGS):
        assert one.digest in {"daily", "weekly"}
        assert set(one.sections) <= {"politics", "economy", "culture"}
        assert one.hour is None or 0 <= one.hour < 24


def test_choices_come_back_from_the_form_that_shows_them() -> None:
    form = Form(
        {"digest": ("weekly", "daily"), "sections-daily": ("economy", "politics"), "hour-daily": ("0",)}
    )
    mine = choices(entered(form, SETTINGS, ("daily", "weekly")), SETTINGS)

    assert [one.digest for one in mine] == ["daily", "weekly"]
    assert (mine[0].sections, mine[0].hour) == (("politics", "economy"), 0)
    shown = chosen(mine)
    assert (shown.digests, shown.hours) == (("daily", "weekly"), {"daily": "0", "weekly": ""})


def test_the_zones_are_places() -> None:
    assert is_offered("Asia/Ho_Chi_Minh")
    assert not is_offered("")
    assert not is_offered("../etc/passwd")
    assert not is_offered("Etc/GMT+7")
    assert name_of("America/Argentina/Buenos_Aires") == "Argentina, Buenos Aires"
    assert name_of("UTC") == "UTC"
    assert len({key for _, places in zones() for key, _ in places}) > 400
