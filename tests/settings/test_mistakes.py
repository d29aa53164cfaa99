"""What an operator is told: each realistic mistake with its line and column, and oddities that are none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.settings.load import fingerprint, read
from tests.settings import mistakes_in_calendar, mistakes_in_schedule, mistakes_in_site
from tests.settings.mistakes_in_schedule import VALID as SCHEDULE
from tests.settings.mistakes_in_site import VALID as SITE

ROWS = [
    pytest.param(file, *row, id=f"{file}: {row[0]}")
    for file, rows in (("site", mistakes_in_site.MISTAKES), ("schedule", mistakes_in_schedule.MISTAKES))
    for row in rows
]


def told(site: str | bytes, schedule: str | bytes = SCHEDULE) -> list[str]:
    """Return the lines that an operator reads."""
    one, two = (text.encode() if isinstance(text, str) else text for text in (site, schedule))
    return [str(problem) for problem in read(one, two, {}).problems]


def test_the_ground_of_the_table_has_no_mistakes() -> None:
    assert told(SITE) == []


@pytest.mark.parametrize(("file", "what", "old", "new", "answer"), ROWS)
def test_a_mistake_is_told_with_its_place_and_what_to_do(
    file: str, what: str, old: str, new: str, answer: list[str]
) -> None:
    ground = SITE if file == "site" else SCHEDULE
    assert old in ground, what
    wrong = ground.replace(old, new, 1)
    lines = told(wrong) if file == "site" else told(SITE, wrong)
    assert lines == [f"config/{file}.yaml:{line}" for line in answer]


def told_of(file: str, old: str, new: str) -> list[str]:
    """Return what is told when the calendar's ground, or the schedule beside it, is changed so."""
    ground = {"calendar": mistakes_in_calendar.CALENDAR, "schedule": mistakes_in_calendar.SCHEDULE}
    assert old in ground[file]
    every = new == "\r\n"
    ground[file] = ground[file].replace(old, new, -1 if every else 1)
    found = read(SITE.encode(), ground["schedule"].encode(), {}, ground["calendar"].encode())
    return [str(problem) for problem in found.problems]


@pytest.mark.parametrize(
    ("file", "what", "old", "new", "answer"),
    [pytest.param(*row, id=f"{row[0]}: {row[1]}") for row in mistakes_in_calendar.MISTAKES],
)
def test_a_mistake_with_days_and_times_is_told_the_same_way(
    file: str, what: str, old: str, new: str, answer: list[str]
) -> None:
    assert sorted(told_of(file, old, new)) == sorted(f"config/{line}" for line in answer), what


@pytest.mark.parametrize(
    ("file", "what", "old", "new"),
    [pytest.param(*row, id=f"{row[0]}: {row[1]}") for row in mistakes_in_calendar.VALID],
)
def test_an_oddity_with_days_and_times_is_none(file: str, what: str, old: str, new: str) -> None:
    assert told_of(file, old, new) == [], what


def test_a_site_without_a_calendar() -> None:
    schedule = mistakes_in_calendar.SCHEDULE.replace("[tet, holidays, 2027-06-01]", "[2027-06-01]")
    assert read(SITE.encode(), schedule.encode(), {}, None).problems == ()


def test_every_mistake_of_both_files_is_told_at_once() -> None:
    site = SITE.replace("Berlin", "Berlinn").replace("layout", "lay").replace("3d", "3")
    site = site.replace("- section: economy", "- section: sport")
    schedule = SCHEDULE.replace("30 6 * * *", "30 6 * * fryday").replace("send morning", "send evening")
    places = [line.split(": ")[0] for line in told(site, schedule)]
    assert places == [
        "config/site.yaml:5:13",
        "config/site.yaml:28:5",
        "config/site.yaml:31:18",
        "config/site.yaml:33:14",
        "config/schedule.yaml:6:10",
        "config/schedule.yaml:7:11",
    ]


def test_a_file_that_cannot_be_read_does_not_hide_mistakes_of_the_other() -> None:
    lines = told(SITE.replace("sections:", "sections"), SCHEDULE.replace("every: 15m", "every: 15"))
    assert [line.split(": ")[0] for line in lines] == ["config/site.yaml:7:1", "config/schedule.yaml:4:12"]


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (SITE.encode("utf-16"), "1:1: the file is saved as UTF-16; save it with the encoding UTF-8"),
        (
            b"\xef\xbb\xbf# \xc4\x91\nsite: {title: Caf\xe9}\n",
            "2:18: a letter here is not UTF-8; save the file with the encoding UTF-8",
        ),
        (b"- site\n- mail\n", "1:1: the file is a list; at its top stand keys, such as site: or jobs:"),
        (b"hello\n", "1:1: the file is text; at its top stand keys, such as site: or jobs:"),
    ],
)
def test_a_whole_file_that_is_wrong_is_one_line(content: bytes, answer: str) -> None:
    assert told(content) == [f"config/site.yaml:{answer}"]


def test_an_empty_site_file_names_what_it_needs() -> None:
    assert [line.split("; ")[0] for line in told("")] == [
        "config/site.yaml:1:1: site: is missing",
        "config/site.yaml:1:1: mail: is missing",
        "config/schedule.yaml:6:10: jobs.morning.run: there is no digest 'morning'",
    ]


def test_an_empty_schedule_is_valid() -> None:
    assert told(SITE, "") == told(SITE, "# nothing yet\n") == told(SITE, "jobs:\n") == []


def test_a_map_that_holds_itself_is_told_and_does_not_hang() -> None:
    assert "holds itself" in told(SITE.replace("path: var/inbox", "path: &me [*me]"))[0]
    assert (
        "<<: takes the alias of another map"
        in told(SITE.replace("  inbox:\n", "  inbox: &me\n    <<: *me\n"))[0]
    )


def test_aliases_that_multiply_are_stopped() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for one, two in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{two}: &{two} [{', '.join([f'*{one}'] * 10)}]\n"
    assert any("holds too much" in line for line in told(bomb + SITE))


EN_VI = "{en: The Hill Post, vi: Báo Đồi}"
MORNING = "title: {en: Morning, vi: Buổi sáng}"
MAIL = "mail:\n  sender: desk@hillpost.org\n  transport: maildir"

ODDITIES = {
    "a byte order mark": "\ufeff" + SITE,
    "Windows line ends": SITE.replace("\n", "\r\n"),
    "old Macintosh line ends": SITE.replace("\n", "\r"),
    "no line end at the end": SITE.rstrip("\n"),
    "a document's beginning and end": f"---\n{SITE}...\n",
    "a YAML directive": f"%YAML 1.2\n---\n{SITE}",
    "comments at the ends of lines": SITE.replace("\n", " # so\n", 9),
    "spaces and tabs at the ends of lines": SITE.replace("\n", "  \t\n"),
    "lines with nothing but a tab": SITE.replace("\n", "\n\n\t\n"),
    "lists not indented": SITE.replace("      - ", "    - ").replace("        limit", "      limit"),
    "quoted numbers": SITE.replace("entries: 50", "entries: '50'").replace("limit: 3", 'limit: "3"'),
    "quoted keys": SITE.replace("  timezone:", '  "timezone":').replace("mail:", "'mail':"),
    "braces": SITE.replace(MAIL, "mail: {sender: desk@hillpost.org, transport: maildir}"),
    "keys without a value": SITE.replace("  transport: maildir", "  transport:\n  reply_to:\nweb:"),
    "an anchor and its alias": SITE.replace("max_age: 3d", "max_age: &age 3d\n    deadline: *age"),
    "letters composed of two": SITE.replace("Chính trị", "Chi\u0301nh tri\u0323"),
    "a title in several lines": SITE.replace("vi: Báo Đồi}", "vi: Báo\n    Đồi}"),
    "a folded block": SITE.replace(
        MORNING, "title:\n      vi: >-\n        Buổi\n        sáng\n      en: Dawn"
    ),
    "yes and no": SITE.replace("  entries: 50", "  entries: 50\n  archives: no\n  languages: Yes"),
    "a space before a colon": SITE.replace("layout: recent", "layout : recent"),
    "a question mark for a key": SITE.replace("  timezone: Europe", "  ? timezone\n  : Europe"),
    "a language that reads as false": SITE.replace(EN_VI, "{en: Post, no: Posten}").replace(
        "en, vi]", "en, no]"
    ),
    "a tag of YAML's own": SITE.replace("max_age: 3d", "max_age: !!str 3d"),
}


@pytest.mark.parametrize("text", ODDITIES.values(), ids=ODDITIES)
def test_a_valid_oddity_is_accepted(text: str) -> None:
    assert text != SITE
    assert told(text) == []


def test_a_file_indented_by_four_is_accepted_and_says_the_same() -> None:
    wide = "\n".join(" " * (len(line) - len(line.lstrip())) + line for line in SCHEDULE.split("\n"))
    narrow, same = (read(SITE.encode(), text.encode(), {}).settings for text in (SCHEDULE, wide))
    assert narrow
    assert same
    assert fingerprint(narrow) == fingerprint(same)


def test_a_merge_key_is_followed_and_the_own_key_wins() -> None:
    text = SITE.replace("  morning:\n", "  morning: &morning\n")
    text = text.replace("mail:\n", "  evening:\n    <<: *morning\n    layout: brief\nmail:\n")
    found = read(text.encode(), SCHEDULE.encode(), {}).settings
    assert found, told(text)
    assert found.digests["evening"].layout == "brief"
    assert found.digests["evening"].sections == found.digests["morning"].sections


def test_times_and_words_stay_text() -> None:
    text = SITE.replace(EN_VI, "{en: 17:00, vi: no}").replace("[BUSINESS]", "[0600, 1e3, ~x]")
    found = read(text.encode(), SCHEDULE.encode(), {}).settings
    assert found, told(text)
    assert found.site.title == {"en": "17:00", "vi": "no"}
    assert found.sections["economy"].aliases == ("0600", "1e3", "~x")


@settings(max_examples=300, deadline=None)
@given(
    at=st.integers(0, len(SITE)),
    cut=st.integers(0, 40),
    put=st.text(st.sampled_from("\t\n :-#'\"[]{}*&!|>%@`,“”\u00a0\u0000xé0"), max_size=6),
)
def test_whatever_is_typed_is_answered_with_places_in_the_file(at: int, cut: int, put: str) -> None:
    text = SITE[:at] + put + SITE[at + cut :]
    reading = read(text.encode(), SCHEDULE.encode(), {})
    assert (reading.settings is None) == bool(reading.problems)
    for problem in reading.problems:
        assert "\n" not in str(problem)
        assert 1 <= problem.line <= text.count("\n") + 1
        assert problem.column >= 1
    assert read(text.encode(), SCHEDULE.encode(), {}).problems == reading.problems


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=60))
def test_any_bytes_are_answered(content: bytes) -> None:
    assert read(content, content, {}).problems
