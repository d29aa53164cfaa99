"""Files of subscribers: what is written is read back, and each bad row is named by its line."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.roster import Form, Rejected, Row, enrolment, rows, written
from publisher.model.subscriber import Consent, Enrolment
from tests.delivery.bureau import MORNING, settings

SETTINGS = settings(frequencies=["each", "weekly"])
HEAD = "address,digest,consent_at,sections,hour,timezone,language,active\n"
GOOD = "lan@example.com,daily,2026-09-14T20:11:05+07:00,,,,,\n"


def read(text: str) -> list[Row | Rejected]:
    return list(rows(io.StringIO(text, newline="")))


def reasons(text: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for row in read(text):
        if isinstance(row, Rejected):
            found[row.line] = row.reason
            continue
        try:
            enrolment(row.values, SETTINGS, MORNING)
        except ValueError as error:
            found[row.line] = str(error)
    return found


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30).map(str.strip)
PEOPLE = st.builds(
    Enrolment,
    address=st.sampled_from(["lan@example.com", "kiều.bào@example.net", "=x@example.com", "+a@báo.example"]),
    language=st.sampled_from([None, "en", "vi"]),
    timezone=st.sampled_from([None, "Europe/Oslo", "Asia/Ho_Chi_Minh"]),
    digest=st.just("daily"),
    sections=st.sampled_from([(), ("economy",), ("politics", "culture")]),
    hour=st.sampled_from([None, 0, 6, 23]),
    frequency=st.sampled_from([None, "each", "weekly"]),
    active=st.booleans(),
    consent=st.builds(
        Consent,
        at=st.datetimes(datetime(2000, 1, 1), datetime(2026, 11, 1)).map(lambda at: at.replace(tzinfo=UTC)),
        where=TEXT,
        text=st.one_of(TEXT, st.just('Tôi, "đồng ý"\nnhận;')),
    ),
)


@pytest.mark.parametrize("form", ["csv", "json"])
@given(people=st.lists(PEOPLE, max_size=5))
def test_what_is_written_is_read_back(form: Form, people: list[Enrolment]) -> None:
    found = read("".join(written(people, form)))

    assert [enrolment(row.values, SETTINGS, MORNING) for row in found if isinstance(row, Row)] == people
    assert len(found) == len(people)


def test_a_spreadsheet_finds_no_formula_in_an_export() -> None:
    consent = Consent(at=MORNING, where="+x", text='=HYPERLINK("https://evil.example")')
    text = "".join(written([Enrolment(address="a@example.com", digest="daily", consent=consent)], "csv"))

    assert "'=HYPERLINK" in text
    assert ",'+x," in text


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_of_all_countries_are_read(delimiter: str) -> None:
    text = "\ufeff" + (HEAD + GOOD).replace(",", delimiter)
    assert reasons(text) == {}
    assert isinstance(read(text)[0], Row)


def test_sections_go_by_key_title_or_alias_and_stand_in_the_configs_order() -> None:
    row = read(HEAD + GOOD.replace(",,,,", ",Văn hoá; BUSINESS;economy,,,", 1))[0]
    assert isinstance(row, Row)
    assert enrolment(row.values, SETTINGS, MORNING).sections == ("economy", "culture")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nobody,daily,2026-09-14T20:11:05+07:00,,,,,", "address: "),
        ("lan@example.com,dayly,2026-09-14T20:11:05+07:00,,,,,", "digest: there is no digest 'dayly'"),
        ("lan@example.com,daily,soon,,,,,", "consent_at: 'soon'"),
        ("lan@example.com,daily,,,,,,", "consent_at: ''"),
        ("lan@example.com,daily,2036-09-14T20:11:05+07:00,,,,,", "lies in the future"),
        (
            "lan@example.com,daily,2026-09-14T20:11:05+07:00,sport,,,,",
            "sections: daily has no section 'sport'",
        ),
        ("lan@example.com,weekly,2026-09-14T20:11:05+07:00,economy,,,,", "weekly has no section 'economy'"),
        ("lan@example.com,daily,2026-09-14T20:11:05+07:00,,24,,,", "hour: '24'"),
        ("lan@example.com,daily,2026-09-14T20:11:05+07:00,,²,,,", "hour: '²'"),
        ("lan@example.com,daily,2026-09-14T20:11:05+07:00,,,Asia/Hanoi,,", "timezone: 'Asia/Hanoi'"),
        ("lan@example.com,daily,2026-09-14T20:11:05+07:00,,,../../etc,,", "timezone: "),
        ("lan@example.com,daily,2026-09-14T20:11:05+07:00,,,,fr,", "language: the site has no language 'fr'"),
        ("lan@example.com,daily,2026-09-14T20:11:05+07:00,,,,,maybe", "active: write yes or no"),
        ("lan@example.com,daily", "2 values for 8 columns"),
        ("\udcff@example.com,daily,2026-09-14T20:11:05+07:00,,,,,", "not UTF-8"),
        ("x" * 200_000 + "@example.com,daily,2026-09-14T20:11:05+07:00,,,,,", "field larger"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_goes_in(line: str, says: str) -> None:
    found = reasons(f"{HEAD}{GOOD}\n{line}\n{GOOD}")

    assert list(found) == [4]
    assert says in found[4]
    assert "lan@example.com" not in found[4]


def test_a_row_over_several_lines_is_named_by_its_first() -> None:
    text = 'address,digest,consent_at,consent_text\na@b,daily,x,"one\ntwo\nthree"\nc@d,daily,y,z\n'
    assert list(reasons(text)) == [2, 5]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name,mail\n", "names no column address, digest, consent_at"),
        ("address,digest,consent_at,colour\n", "unknown column colour"),
        ("[\n3,\n{}]", "no JSON object"),
        ('{"address": "a@example.com", "colour": 1}', "unknown key colour"),
        ("[" * 100_000, "longer than"),
        ('{"a":' * 9_000, "no JSON object"),
    ],
)
def test_a_file_of_something_else_is_told_in_one_line(text: str, says: str) -> None:
    assert any(says in reason for reason in reasons(text).values()), reasons(text)


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff\n", HEAD, "[]\n", "[\n]\n"])
def test_an_empty_file_has_no_rows(text: str) -> None:
    assert read(text) == []


def test_a_consent_without_a_zone_is_read_as_utc() -> None:
    row = {"address": "a@example.com", "digest": "daily", "consent_at": "2026-09-14T20:11:05"}
    assert enrolment(row, SETTINGS, MORNING).consent.at == datetime(2026, 9, 14, 20, 11, 5, tzinfo=UTC)
    row["consent_at"] = (MORNING + timedelta(hours=2)).isoformat()
    assert enrolment(row, SETTINGS, MORNING).consent.at > MORNING
