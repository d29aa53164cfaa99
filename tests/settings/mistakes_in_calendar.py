"""Mistakes that people make in ``config/calendar.yaml`` and with ``at:``, and what they are told.

A row: which file, what it is, the text that is replaced and what by, and the lines of the answer from the
file's name on.
"""

# ruff: noqa: E501 - an answer is one line, and stands here as an operator reads it

CALENDAR = """\
calendar:
  tet:
    title: Tết
    days: [2027-02-05..2027-02-11]
  holidays:
    days:
      - yearly 01-01
      - yearly 04-30..05-01
      - 2026-12-31
"""

SCHEDULE = """\
jobs:
  morning:
    run: send morning
    cron: 30 6 * * *
    except: [tet, holidays, 2027-06-01]
  special:
    run: send morning
    at: [2027-01-28 18:00, 2027-02-12 09:00]
"""

# fmt: off
MISTAKES: list[tuple[str, str, str, str, list[str]]] = [
    (
        "calendar", "a day that no month has", "2026-12-31", "2026-11-31",
        ["calendar.yaml:9:9: calendar.holidays.days[2]: '2026-11-31' is no day of the calendar; write 2026-02-17, 2026-02-14..2026-02-20 or yearly 04-30"],
    ),
    (
        "calendar", "30 February every year", "yearly 01-01", "yearly 02-30",
        ["calendar.yaml:7:9: calendar.holidays.days[0]: 'yearly 02-30' is no day of the calendar; write 2026-02-17, 2026-02-14..2026-02-20 or yearly 04-30"],
    ),
    (
        "calendar", "a date the other way round", "2026-12-31", "31.12.2026",
        ["calendar.yaml:9:9: calendar.holidays.days[2]: '31.12.2026' is no date; did you mean 2026-12-31"],
    ),
    (
        "calendar", "a range that ends first", "2027-02-05..2027-02-11", "2027-02-11..2027-02-05",
        ["calendar.yaml:4:12: calendar.tet.days[0]: '2027-02-11..2027-02-05' ends before it begins; did you mean 2027-02-05..2027-02-11"],
    ),
    (
        "calendar", "a range with a hyphen", "2027-02-05..2027-02-11", "2027-02-05 - 2027-02-11",
        ["calendar.yaml:4:12: calendar.tet.days[0]: '2027-02-05 - 2027-02-11' is no date; write 2026-02-17, 2026-02-14..2026-02-20 or yearly 04-30"],
    ),
    (
        "calendar", "dates for days", "    days: [", "    dates: [",
        ["calendar.yaml:4:5: calendar.tet.dates: there is no such key; did you mean days"],
    ),
    (
        "calendar", "one day without its list", "[2027-02-05..2027-02-11]", "2027-02-05",
        ["calendar.yaml:4:11: calendar.tet.days: a list belongs here, not '2027-02-05'; write [2027-02-05]"],
    ),
    (
        "calendar", "an empty list", "[2027-02-05..2027-02-11]", "[]",
        ["calendar.yaml:4:11: calendar.tet.days: is an empty list; write at least one"],
    ),
    (
        "calendar", "days right below the name", "    title: Tết\n    days: [2027-02-05..2027-02-11]\n", "    - 2027-02-05\n",
        ["calendar.yaml:3:5: calendar.tet: keys with values belong here, not a list; write days: … below it, without a dash"],
    ),
    (
        "calendar", "a name with capitals", "  tet:", "  Tết:",
        [
            "schedule.yaml:5:14: jobs.morning.except[0]: there is no holiday 'tet'; did you mean Tết",
            "calendar.yaml:2:3: calendar.Tết: 'Tết' is no name: names are small letters, digits and hyphens; did you mean tet",
        ],
    ),
    (
        "calendar", "a name twice", "  holidays:", "  tet:",
        [
            "schedule.yaml:5:19: jobs.morning.except[1]: there is no holiday 'holidays'; known: tet",
            "calendar.yaml:5:3: calendar.tet: stands here a second time, first in line 2; keep one of them",
        ],
    ),
    (
        "calendar", "the top key misspelt", "calendar:\n", "calender:\n",
        [
            "schedule.yaml:5:14: jobs.morning.except[0]: there is no holiday 'tet'; add it to config/calendar.yaml",
            "schedule.yaml:5:19: jobs.morning.except[1]: there is no holiday 'holidays'; add it to config/calendar.yaml",
            "calendar.yaml:1:1: calender: there is no such key; did you mean calendar",
        ],
    ),
    (
        "calendar", "a tab", "    title: Tết", "\ttitle: Tết",
        ["calendar.yaml:3:1: a tab stands here, and YAML is indented with spaces; replace it with two spaces"],
    ),
    (
        "calendar", "a smart quote", "title: Tết", "title: “Tết”",
        ["calendar.yaml:3:12: calendar.tet.title: the curly quotes “” do not quote in YAML, they become part of the value; did you mean \"Tết\""],
    ),
    (
        "schedule", "a holiday misspelt", "[tet, ", "[tett, ",
        ["schedule.yaml:5:14: jobs.morning.except[0]: there is no holiday 'tett'; did you mean tet"],
    ),
    (
        "schedule", "a holiday as people call it", "[tet, ", "[Tết, ",
        ["schedule.yaml:5:14: jobs.morning.except[0]: 'Tết' is no date; did you mean tet"],
    ),
    (
        "schedule", "holidays for except", "    except: [", "    holidays: [",
        ["schedule.yaml:5:5: jobs.morning.holidays: there is no such key; did you mean except"],
    ),
    (
        "schedule", "the calendar in the schedule", "  special:\n    run: send morning\n    at: [2027-01-28 18:00, 2027-02-12 09:00]\n", "calendar: {}\n",
        ["schedule.yaml:6:1: calendar: there is no such key; the calendar stands in config/calendar.yaml"],
    ),
    (
        "schedule", "a date without its time", "2027-01-28 18:00", "2027-01-28",
        ["schedule.yaml:8:10: jobs.special.at[0]: '2027-01-28' is no date with a time; write 2027-01-28 18:00"],
    ),
    (
        "schedule", "a time without its date", "[2027-01-28 18:00, 2027-02-12 09:00]", "18:00",
        ["schedule.yaml:8:9: jobs.special.at: '18:00' is no date with a time; write 2027-01-28 18:00"],
    ),
    (
        "schedule", "24:00", "2027-01-28 18:00", "2027-01-28 24:00",
        ["schedule.yaml:8:10: jobs.special.at[0]: '2027-01-28 24:00' is no time of any day; write 2027-01-28 18:00"],
    ),
    (
        "schedule", "a day that comes in no year", "2027-01-28 18:00", "2027-02-29 18:00",
        ["schedule.yaml:8:10: jobs.special.at[0]: '2027-02-29 18:00' is no time of any day; write 2027-01-28 18:00"],
    ),
    (
        "schedule", "days before months", "2027-01-28 18:00", "28/1/2027 18h00",
        ["schedule.yaml:8:10: jobs.special.at[0]: '28/1/2027 18h00' is no date with a time; did you mean 2027-01-28 18:00"],
    ),
    (
        "schedule", "an hour without its zero", "2027-02-12 09:00", "2027-02-12 9:00",
        ["schedule.yaml:8:28: jobs.special.at[1]: '2027-02-12 9:00' is no date with a time; did you mean 2027-02-12 09:00"],
    ),
    (
        "schedule", "an offset", "2027-01-28 18:00", "2027-01-28T18:00+07:00",
        ["schedule.yaml:8:10: jobs.special.at[0]: '2027-01-28T18:00+07:00' has an offset; write the time on the job's clocks, 2027-01-28T18:00, and a timezone beside it if need be"],
    ),
    (
        "schedule", "both at and cron", "    at: [", "    cron: 0 9 * * *\n    at: [",
        ["schedule.yaml:6:3: jobs.special: a job has one of cron, every and at, this has cron and at; keep one"],
    ),
    (
        "schedule", "an empty at", "[2027-01-28 18:00, 2027-02-12 09:00]", "[]",
        ["schedule.yaml:8:9: jobs.special.at: is an empty list; write at least one"],
    ),
    (
        "schedule", "once for at", "    at: [", "    once: [",
        ["schedule.yaml:8:5: jobs.special.once: there is no such key; did you mean at"],
    ),
]
# fmt: on

VALID: list[tuple[str, str, str, str]] = [
    ("schedule", "one time alone", "[2027-01-28 18:00, 2027-02-12 09:00]", "2027-01-28 18:00"),
    ("schedule", "a T between date and time", "2027-01-28 18:00", "2027-01-28T18:00"),
    ("schedule", "seconds", "2027-01-28 18:00", '"2027-01-28 18:00:30"'),
    ("schedule", "the same time twice", "2027-02-12 09:00", "2027-01-28 18:00"),
    ("calendar", "over New Year", "yearly 01-01", "yearly 12-24..01-02"),
    ("calendar", "29 February", "yearly 01-01", "yearly 02-29"),
    ("calendar", "two spaces", "yearly 01-01", "yearly  01-01"),
    ("calendar", "no title", "    title: Tết\n", ""),
    ("calendar", "a title that looks like a number", "title: Tết", "title: 2027"),
    ("calendar", "Windows line ends", "\n", "\r\n"),
    ("calendar", "a byte order mark", "calendar:\n", "\ufeffcalendar:\n"),
    ("calendar", "a comment behind a list", "[2027-02-05..2027-02-11]", "[2027-02-05..2027-02-11] # ÂL"),
]
