"""Mistakes that people make in ``config/schedule.yaml``, and what they are told.

A row: what it is, the text that is replaced and what by, and the lines of the answer from ``LINE:COLUMN`` on.
"""

# ruff: noqa: E501 - an answer is one line, and stands here as an operator reads it

VALID = """\
jobs:
  pull:
    run: pull
    every: 15m
  morning:
    run: send morning
    cron: 30 6 * * *
    timezone: Asia/Ho_Chi_Minh
    except: [2027-02-05..2027-02-11]
  publish:
    run: publish
    cron: "*/5 * * * *"
    max_age: 1h
"""

# fmt: off
MISTAKES: list[tuple[str, str, str, list[str]]] = [
    (
        "a key indented by one space less", "    every: 15m", "   every: 15m",
        ["4:4: the line is indented by 3 spaces, the keys above it by 0, 2, 4; indent the keys of one map alike"],
    ),
    (
        "a cron line with six fields", "30 6 * * *", "0 30 6 * * *",
        ["7:11: jobs.morning.cron: a cron line has five fields (minute hour day-of-month month weekday), this has 6; without seconds it is '30 6 * * *'"],
    ),
    (
        "a cron line with four fields", "30 6 * * *", "30 6 * *",
        ["7:11: jobs.morning.cron: a cron line has five fields (minute hour day-of-month month weekday), this has 4; did you mean '30 6 * * *'"],
    ),
    (
        "hour 24", "30 6 * * *", "0 24 * * *",
        ["7:11: jobs.morning.cron: '0 24 * * *' is no cron line: bad hour; midnight is hour 0"],
    ),
    (
        "24:00 for a cron line", "30 6 * * *", "24:00",
        ["7:11: jobs.morning.cron: a cron line has five fields (minute hour day-of-month month weekday), this has 1; for every day at that time write 0 0 * * *"],
    ),
    (
        "17:00 for a cron line", "30 6 * * *", "17:00",
        ["7:11: jobs.morning.cron: a cron line has five fields (minute hour day-of-month month weekday), this has 1; for every day at that time write 0 17 * * *"],
    ),
    (
        "minute 60", "30 6 * * *", "60 6 * * *",
        ["7:11: jobs.morning.cron: '60 6 * * *' is no cron line: bad minute; the minute goes from 0 to 59"],
    ),
    (
        "a weekday in full", "30 6 * * *", "30 6 * * monday",
        ["7:11: jobs.morning.cron: '30 6 * * monday' is no cron line: bad day-of-week; did you mean '30 6 * * mon'"],
    ),
    (
        "a weekday misspelt", "30 6 * * *", "30 6 * * thurday",
        ["7:11: jobs.morning.cron: '30 6 * * thurday' is no cron line: bad day-of-week; did you mean '30 6 * * thu'"],
    ),
    (
        "weekdays over the weekend", "30 6 * * *", "30 6 * * fri-mon",
        ["7:11: jobs.morning.cron: '30 6 * * fri-mon' is no cron line: bad day-of-week; did you mean '30 6 * * fri,sat,sun,mon'"],
    ),
    (
        "a month misspelt", "30 6 * * *", "30 6 1 janury *",
        ["7:11: jobs.morning.cron: '30 6 1 janury *' is no cron line: bad month; did you mean '30 6 1 jan *'"],
    ),
    (
        "the thirty-first of February", "30 6 * * *", "30 6 31 2 *",
        ["7:11: jobs.morning.cron: '30 6 31 2 *' is no cron line: bad day-of-month; it would never run: no such month has a day 31"],
    ),
    (
        "a shorthand of other crons", "30 6 * * *", '"@daily"',
        ["7:11: jobs.morning.cron: a cron line has five fields (minute hour day-of-month month weekday), this has 1; did you mean '0 0 * * *'"],
    ),
    (
        "the same without quotes", "30 6 * * *", "@daily",
        ["7:11: a value without quotes cannot begin with @; did you mean '0 0 * * *'"],
    ),
    (
        "a question mark in a cron line", "30 6 * * *", "30 6 ? * *",
        ["7:11: jobs.morning.cron: '30 6 ? * *' is no cron line: bad day-of-month; did you mean '30 6 * * *'"],
    ),
    (
        "hours over midnight", "30 6 * * *", "30 20-6 * * *",
        ["7:11: jobs.morning.cron: '30 20-6 * * *' is no cron line: bad hour; write the hour as 20-23,0-6"],
    ),
    (
        "a time in words", "30 6 * * *", "every day at 6:30",
        ["7:11: jobs.morning.cron: a cron line has five fields (minute hour day-of-month month weekday), this has 4; for every day at that time write 30 6 * * *"],
    ),
    (
        "a star without quotes", '"*/5 * * * *"', "*/5 * * * *",
        ['12:11: a value that begins with * needs quotes; write "*/5 * * * *"'],
    ),
    (
        "five stars without quotes", '"*/5 * * * *"', "* * * * *",
        ['12:11: a value that begins with * needs quotes; write "* * * * *"'],
    ),
    (
        "curly quotes", '"*/5 * * * *"', "“*/5 * * * *”",
        ['12:11: jobs.publish.cron: the curly quotes “” do not quote in YAML, they become part of the value; did you mean "*/5 * * * *"'],
    ),
    (
        "a quote that is not closed", '"*/5 * * * *"', '"*/5 * * * *',
        ["12:11: this quote is not closed; end the value with the same quote"],
    ),
    (
        "a span without its unit", "every: 15m", "every: 15",
        ["4:12: jobs.pull.every: '15' is no span; did you mean 15m"],
    ),
    (
        "a span in words", "every: 15m", "every: 15 min",
        ["4:12: jobs.pull.every: '15 min' is no span; did you mean 15m"],
    ),
    (
        "a span of nothing", "every: 15m", "every: 0m",
        ["4:12: jobs.pull.every: '0m' is no span; write a number and a unit: 90s, 15m, 6h, 7d or 2w"],
    ),
    (
        "a key misspelt", "every: 15m", "evry: 15m",
        ["4:5: jobs.pull.evry: there is no such key; did you mean every"],
    ),
    (
        "both cron and every", "every: 15m", "every: 15m\n    cron: 0 * * * *",
        ["2:3: jobs.pull: a job has one of cron, every and at, this has cron and every; keep one"],
    ),
    (
        "neither cron nor every", "    every: 15m\n", "",
        ["2:3: jobs.pull: a job has one of cron, every and at, this has none; add one"],
    ),
    (
        "a digest misspelt", "run: send morning", "run: send mornings",
        ["6:10: jobs.morning.run: there is no digest 'mornings'; did you mean send morning"],
    ),
    (
        "send without its digest", "run: send morning", "run: send",
        ["6:10: jobs.morning.run: 'send' is nothing that can run; write pull, publish, bounces or send DIGEST"],
    ),
    (
        "a verb misspelt", "run: send morning", "run: sent morning",
        ["6:10: jobs.morning.run: 'sent morning' is nothing that can run; did you mean send morning"],
    ),
    (
        "a date the other way round", "2027-02-05..2027-02-11", "5.2.2027",
        ["9:14: jobs.morning.except[0]: '5.2.2027' is no date; did you mean 2027-02-05"],
    ),
    (
        "a day that no month has", "2027-02-05..2027-02-11", "2027-02-30",
        ["9:14: jobs.morning.except[0]: '2027-02-30' is no day of the calendar; write 2026-02-17, 2026-02-14..2026-02-20 or yearly 04-30"],
    ),
    (
        "a range that ends first", "2027-02-05..2027-02-11", "2027-02-11..2027-02-05",
        ["9:14: jobs.morning.except[0]: '2027-02-11..2027-02-05' ends before it begins; did you mean 2027-02-05..2027-02-11"],
    ),
    (
        "a date without its list", "[2027-02-05..2027-02-11]", "2027-02-05",
        ["9:13: jobs.morning.except: a list belongs here, not '2027-02-05'; write [2027-02-05]"],
    ),
    (
        "a hyphen for an underscore", "max_age: 1h", "max-age: 1h",
        ["13:5: jobs.publish.max-age: there is no such key; did you mean max_age"],
    ),
    (
        "a choice misspelt", "max_age: 1h", "catch_up: lastest",
        ["13:15: jobs.publish.catch_up: 'lastest' is none of latest, all, none; did you mean latest"],
    ),
    (
        "yes in another language", "max_age: 1h", "enabled: ja",
        ["13:14: jobs.publish.enabled: 'ja' is neither true nor false; write true or false"],
    ),
    (
        "a list where a map belongs", "  pull:\n", "  - pull:\n",
        ["2:3: a dash begins a list item, and this is a map of keys; delete the dash"],
    ),
    (
        "text where keys belong", "  pull:\n    run: pull\n    every: 15m", "  pull: pull",
        ["2:9: jobs.pull: keys with values belong here, not 'pull'; write run: … below it"],
    ),
    (
        "a key of a job beside its name", "    max_age: 1h", "  max_age: 1h",
        ["13:12: jobs.max_age: keys with values belong here, not '1h'; max_age belongs below a name: indent it by two more spaces"],
    ),
    (
        "a key without its colon", "  publish:\n", "  publish\n",
        ["10:3: this line has no colon; write publish: and its value"],
    ),
    (
        "a name with a capital", "  publish:\n", "  Publish:\n",
        ["10:3: jobs.Publish: 'Publish' is no name: names are small letters, digits and hyphens; did you mean publish"],
    ),
    (
        "no space after a colon", "    run: publish", "    run:publish",
        ["11:8: after the colon a space is missing; write run: publish"],
    ),
    (
        "an invisible space after a colon", "    run: publish", "    run:\u00a0publish",
        ["11:8: after the colon a space is missing; write run: publish"],
    ),
    (
        "an invisible space for indentation", "    run: publish", "\u00a0   run: publish",
        ["11:1: the line is indented with an invisible character that is no space; delete it and use spaces"],
    ),
    (
        "a control character", "run: publish", "run: publish\u0007",
        ["11:17: the invisible character U+0007 stands here; delete it"],
    ),
    (
        "the top key misspelt", "jobs:\n", "job:\n",
        ["1:1: job: there is no such key; did you mean jobs"],
    ),
    (
        "a merge conflict", "  publish:\n", "<<<<<<< HEAD\n  publish:\n=======\n  feeds:\n>>>>>>> other\n",
        ["10:1: a merge conflict stands here, from <<<<<<< to >>>>>>>; keep one of the two versions and delete the marks"],
    ),
]
