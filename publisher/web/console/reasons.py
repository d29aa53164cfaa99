"""What the ledgers say in English, as messages of the catalogues.

Reasons are stored as text, because the command line and the log say the same. A field in braces stands for
what differs: ``{n}`` a number, ``{span}`` a length of time, ``{moment}``, ``{day}`` and ``{clock}`` times as
the schedule writes them, ``{said}`` something that is read by these same messages, anything else what
somebody wrote, which stays as it is. A digit behind a name tells two of a kind apart.
"""

from collections.abc import Mapping

from publisher.web.console.terms import BARRED, REPORTS

__all__ = ["BARRED", "COUNTED", "EVERY", "PHRASES", "SENTENCES", "UNITS", "WHO"]

RUNS = (
    "{span}",
    "first: {where}: {said}",
    "first problem: {said}",
    "{n} new",
    "{n} changed",
    "{n} unchanged",
    "{n} rejected",
    "{n} withdrawn",
    "{n} written",
    "{n} feeds untouched",
    "{n} feed untouched",
    "{n} waiting",
    "made",
    "made before",
    "nobody is subscribed",
    "held back: {said}",
    "letter check, {rule}: {said}",
    "the edition is held back until that is mended",
    "the config has no digest {name} any more",
    "nothing new",
    "{n} read before",
    "{n} addresses are not mailed any more",
    "{n} address is not mailed any more",
    "{n} subscriptions ended",
    "{n} subscription ended",
    "{n} name no letter of ours",
    "{n} names no letter of ours",
    "the job was taken out of the schedule",
    "the job was switched off (enabled: false)",
    "missed by {span}, more than its max_age of {span2}",
    "missed by {span}; the later run of {moment} stands for it (catch_up: latest)",
    "missed by {span}, and its catch_up is none",
    "missed, as was every run up to {moment}: nobody looked at the schedule before {moment2}",
    "given up: its process died {n} times while it ran; see the log of that time",
    "brought back from the backup of {moment} UTC: it may have gone out since",
)
"""Of runs, and of slots that have no edition."""

LETTERS = (
    "nothing new (no article is recent)",
    "nothing new ({said})",
    "edition paused by {who}",
    "edition paused by {who}: {why}",
    "edition cancelled by {who}",
    "edition cancelled by {who}: {why}",
    "it was cancelled by {who}, and that is for good",
    "it is not paused",
    "in the outbox",
    "outbox: {why}",
    "too late: its deadline passed",
    "nothing in the chosen sections",
    "unsubscribed",
    "{where}: the sending process ended before an answer was noted",
    "no answer after the letter: {said}",
    "no answer to the letter but: {said}",
    "connection lost within the letter: {said}",
    "connection lost before the letter: {said}",
    "connection lost: {said}",
    "another one may, and is not at hand",
    "settled: in the relay's log",
    "settled: not in the relay's log",
    "settled: {why}",
    "settled by {who}: {why}",
    "address: {why}",
    "{name} is left in peace: {said}",
    "{n} failures in a row, the last: {said}",
    "{name} takes {n} letters a minute",
)
"""Of editions and deliveries."""

CHOICES = (
    "{span} old, number {n} in its section",
    "{span} old, limit {span2}",
    "{span} old",
    "newest with a picture",
    "newest",
    "pinned",
    "none has a picture",
    "newest; none has a picture, {span} old",
    "{said}, {span} old",
    "sent in {slot}, corrected since",
    "its pin does not change that",
    "{span} before the slot's time",
    "{span} after the slot's time",
    "{language}; the digest takes {languages}",
    "by {word}",
    "in {slot}; its correction is not announced",
    "in {slot}",
    "here {span} before that one was made",
    "names no section that the site knows",
    "as {id} “{title}”, sent in {slot} ({n}% alike)",
    "as {id} “{title}” ({n}% alike)",
    "number {n} of its section, limit {n2} in all",
    "number {n} of its section, limit {n2}",
)
"""Why an article was chosen or left out."""

ANSWERS = (
    "{said} (config revision {n}).",
    "{moment}: {said}.",
    "{moment}: {said}",
    "skipped: {said}",
    "planned, and not begun yet",
    "planned, and not begun yet ({said})",
    "{said}: it waits since {span} for a process, or for the run before it to end",
    "has been running since {clock}",
    "no sign of life since {clock}, so another process takes it over",
    "ran{how} and failed{took}: {said}",
    "ran{how} and ended well{took}: {said}",
    "ran{how} and ended with problems{took}: {said}",
    "it made nothing",
    "never planned: {said}",
    "never planned, though all up to {moment} should be",
    "no publisher run has met this job yet",
    "when publisher run looked last, at {moment}, the schedule had no such job",
    "its rule counts only since {moment}",
    "the job was edited, and no publisher run has met the edit yet",
    "did not run: {said}",
    "will not run: {said}",
    "the job is switched off (enabled: false)",
    "no letter: {what} ({file} line {n})",
    "no run: {what} ({file} line {n})",
    "no letter: {said}",
    "no run: {what}",
    "due, but no publisher run has been at work since",
    "it will be skipped: {said}",
    "the job was switched off",
    "it would now be skipped: {said}",
    "it would still run now",
    "not yet",
    "it is due in {span}, by its rule {rule}",
    "nothing is on record, and the schedule has no job {name} any more",
    "nothing is planned then",
    "its rule is {rule}, the one before is {moment}, the next is {moment2}",
    "its rule is {rule}, the one before is {moment}, there is no next",
    "its rule is {rule}, the next is {moment}",
    "its rule is {rule}, there is no next",
    "the clocks go forward over {clock} on {day}, so it runs at {clock2}, when they have jumped",
    "the clocks show {clock} twice on {day}",
    "it runs only the first time",
    "this is the first time, and it runs both",
    "this is the second time, and it runs both",
)
"""Of the answers to "why?"."""

PHRASES: Mapping[str, tuple[str, ...]] = {
    "how": (" at {clock}", ", {span} late,", " on attempt {n}, after its process had died,"),
    "took": (" in {span}",),
}
"""Field -> what may stand there, in this order, each or not."""

DEEDS = (
    "due at once: {n}",
    "{n} deliveries",
    "{n} deliveries: {why}",
    "{n} delivery",
    "{n} delivery: {why}",
    "accepted: {n}; {why}",
    "failed: {n}; {why}",
    "again: {n}; {why}",
    "backup of {moment} UTC",
    "to revision {n}",
    "to revision {n}: {why}",
    "the first one",
)
"""Details in the log of who did what."""

WHO = (
    "console operator",
    "console reader",
    "a subscriber",
)
"""Those in the log who have no account of their own."""

REFUSALS = (
    "the schedule has no job {name}",
    "the job {name} is switched off; a run of it would be skipped",
    "edition {edition} is paused by {who}",
    "edition {edition} is cancelled by {who}",
    "{edition} is not the edition of now; only that one can be made at once",
    "no job of the schedule sends {name}; by hand: {command}",
    "{text} is no time; write a day (2026-11-21), a minute (2026-11-21T06:30) or 06:30 for today",
    "{text} is no time of day; write one like 06:30",
    "job {name} has no single time of day; edit its rule in the schedule",
    "the rule does not stand on one line; edit it in the schedule",
    "the files here were edited and are not in force yet; revision {n} is",
    "the files here are older than revision {n}, which is in force",
    "the edited files here cannot be used; revision {n} stays in force",
)
"""What cannot be done, and how the config's files stand."""

EDITIONS = ("edition {edition}: {said}",)
"""Which letter something is about; after everything that begins alike and says more."""

COUNTED: Mapping[str, str] = {
    "pending": "waiting",
    "sending": "being sent",
    "accepted": "accepted",
    "deferred": "put off",
    "failed": "failed",
    "uncertain": "uncertain",
    "bounced": "came back",
    "complained": "complained",
    "suppressed": "not sent",
    **REPORTS,
    "withdrawn": "withdrawn",
    "sent before": "sent before",
    "before the last edition": "from before the last edition",
    "too old": "too old",
    "excluded": "excluded",
    "section not in digest": "its section is not in this letter",
    "section full": "its section is full",
    "digest full": "the letter is full",
    "same story": "tells the same story as another",
    "wrong language": "in another language",
    "published later": "published later",
}
"""What is counted, ``3 bounced``: the ledgers' word -> the pages'."""

UNITS: Mapping[str, str] = {
    "s": "{n} s",
    "min": "{n} min",
    "h": "{n} h",
    "second": "{n} s",
    "minute": "{n} min",
    "hour": "{n} h",
    "day": "{n} d",
    "week": "{n} w",
}
"""Unit of a span, without its plural s -> message."""

SENTENCES = (*ANSWERS, *RUNS, *LETTERS, *CHOICES, *DEEDS, *WHO, *REFUSALS, *EDITIONS)
"""Whole messages, in the order in which they are tried."""
EVERY = (
    *SENTENCES,
    *(part for parts in PHRASES.values() for part in parts),
    *COUNTED.values(),
    *BARRED.values(),
    *UNITS.values(),
    "less than a minute",
)
"""Every message of this module."""
