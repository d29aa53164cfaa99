"""Fetching what came back from the mailbox where it waits."""

from dataclasses import dataclass, field

from publisher.delivery import imap
from publisher.delivery.bounces import BounceReport, take_in
from publisher.errors import UsageError
from publisher.model.job import Outcome, RunReport
from publisher.model.plural import number_of
from publisher.settings.secrets import IMAP_PASSWORD, secret
from publisher.tokens import Tokens
from publisher.work.desk import Desk


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a mailbox held.

    Attributes:
        report: what reading it did.
        problems: one line for each message that could not be had; it stays in the mailbox.
    """

    report: BounceReport
    problems: tuple[str, ...] = field(default=())


def fetch(desk: Desk, tokens: Tokens, address: str | None = None) -> Fetched:
    """Read what waits in a folder of an IMAP server; what was read before is not fetched again.

    Args:
        desk: the open site.
        tokens: that the letters were made with.
        address: ``imaps://user@host/Folder``; ``mail.bounces_inbox`` when left out.

    Raises:
        UsageError: there is no such address, or no password for it.
        UnreachableError: the server cannot be reached or does not let us in.
    """
    mail = desk.settings.mail
    where = address or mail.bounces_inbox
    if where is None:
        raise UsageError(
            "name the place, or set mail.bounces_inbox to a folder such as imaps://user@host/INBOX"
        )
    place, password = imap.place_of(where), secret(desk.env, IMAP_PASSWORD)
    if password is None:
        raise UsageError(f"{IMAP_PASSWORD} is not set; it is the password of {place.host}")
    found = imap.Folder()
    with imap.opened(place, password) as server:
        waiting = imap.waiting(server, place, desk.store, found, then=mail.bounces_then)
        report = take_in(desk.store, waiting, tokens=tokens, now=desk.clock())
    return Fetched(report, tuple(found.problems))


def run(desk: Desk, tokens: Tokens) -> RunReport:
    """Do a run of the schedule that fetches."""
    done = fetch(desk, tokens)
    if done.problems:
        return RunReport(Outcome.PROBLEMS, f"{in_words(done.report)}; first problem: {done.problems[0]}")
    return RunReport(Outcome.DONE, in_words(done.report))


def in_words(report: BounceReport) -> str:
    """Return what reading did in one line."""
    return "; ".join([counted(report), *further(report)])


def further(report: BounceReport) -> list[str]:
    """Return what followed from the reports, in words."""
    told = (
        (report.suppressed, "address is not mailed any more", "addresses are not mailed any more"),
        (report.left, "subscription ended", "subscriptions ended"),
        (report.unmatched, "names no letter of ours", "name no letter of ours"),
    )
    return [number_of(count, one, many) for count, one, many in told if count]


def counted(report: BounceReport) -> str:
    """Return how many reports of each kind were read, in words."""
    new = ", ".join(f"{count} {kind}" for kind, count in sorted(report.kinds.items())) or "nothing new"
    return f"{new}; {report.repeated} read before"
