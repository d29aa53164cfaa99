"""The tasks of the schedule: plain functions that can be run again without harm."""

import socket
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from threading import Event

from publisher.delivery import prepare as preparing
from publisher.delivery import send as sending
from publisher.delivery.dkim import signers
from publisher.delivery.prepare import PrepareReport
from publisher.delivery.send import SendReport
from publisher.delivery.transports.base import Transport
from publisher.delivery.transports.maildir import Maildir
from publisher.delivery.transports.smtp import Relays, Server
from publisher.digest import issue
from publisher.digest.issue import Made
from publisher.errors import UsageError
from publisher.feeds.publish import PublishReport
from publisher.ingest import pull as pulling
from publisher.ingest.pull import IngestReport
from publisher.model.delivery import State
from publisher.model.edition import Edition
from publisher.model.job import Firing, Outcome, RunReport
from publisher.model.plural import number_of
from publisher.model.slot import Slot, is_week, parse_when, slot_at
from publisher.settings.relays import Smtp
from publisher.settings.secrets import secret, smtp_password
from publisher.store import Transaction, editions
from publisher.tokens import Tokens, site_tokens
from publisher.work import folders, public, queue, returns, together, websub, weekly
from publisher.work.desk import Desk
from publisher.work.fetching import fetching
from publisher.work.queue import job
from publisher.work.queue.job import Job
from publisher.work.webpages import PagesReport
from publisher.work.websub import PingReport

_PING_AFTER = 5
"""Seconds; other hosts have looked twice by then."""

Step = Callable[[str, int, int | None], None]
"""Told what is being done, how many are done, of how many."""


def silent(_what: str, _done: int, _of: int | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did: the feeds, the pages for people, and what the hub was told."""

    feeds: PublishReport
    pages: PagesReport
    pings: PingReport

    @property
    def written(self) -> tuple[str, ...]:
        """Paths below ``public/`` that were written."""
        return self.feeds.written + self.pages.written

    @property
    def removed(self) -> tuple[str, ...]:
        """Paths below ``public/`` that are there no more."""
        return self.feeds.removed + self.pages.removed

    @property
    def problems(self) -> tuple[str, ...]:
        """One line each."""
        return self.feeds.problems + self.pages.problems + self.pings.problems


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of sending a digest's slot.

    Attributes:
        slot: which.
        made: its edition, or why there is none.
        prepared: its audience; None without an edition.
        sent: what was handed over now; None without an edition.
        week: what became of the week's letter that was due with it; None when there was none.
    """

    slot: Slot
    made: Made
    prepared: PrepareReport | None = None
    sent: SendReport | None = None
    week: "Sent | None" = None

    @property
    def outcome(self) -> Outcome:
        """How a run of the schedule that did this ended."""
        if any(one.sent is not None and one.sent.stopped for one in self.all):
            return Outcome.PLANNED
        if any(one.made.held_back for one in self.all):
            return Outcome.FAILED
        return Outcome.PROBLEMS if self.lost or any(one.made.problems for one in self.all) else Outcome.DONE

    @property
    def all(self) -> "tuple[Sent, ...]":
        """This, and the week's that was due with it."""
        return (self, self.week) if self.week else (self,)

    @property
    def lost(self) -> int:
        """How many deliveries of this run ended badly, or are uncertain."""
        reports = [one.sent for one in self.all if one.sent is not None]
        found = [counts for report in reports for counts in (report.ended, report.settled)]
        return sum(one.get(state, 0) for one in found for state in (State.FAILED, State.UNCERTAIN))


def slot_of(desk: Desk, digest: str, when: str | None, *, a_week: bool = False) -> Slot:
    """Return the slot that a person named, or that of now.

    Args:
        desk: the open site.
        digest: its key.
        when: as a person wrote it.
        a_week: the week's letter is meant, of a digest with an edition a day.

    Raises:
        UsageError: there is no such digest, or the slot makes no sense.
    """
    rule = desk.settings.digests.get(digest)
    if rule is None:
        known = list(desk.settings.digests)
        near = get_close_matches(digest, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"
        raise UsageError(f"there is no digest {digest!r}; {hint}")
    if a_week and not rule.gathers_weeks and rule.slot != "week":
        raise UsageError(f"{digest} has no letter a week; see digests.{digest}.frequencies")
    kind = "week" if a_week else rule.slot_kind(when or "")
    if when is None:
        return slot_at(desk.clock(), kind, desk.zone)
    try:
        return parse_when(when, kind, desk.zone, now=desk.clock())
    except ValueError as error:
        raise UsageError(f"--at: {error}") from None


def pull(desk: Desk, *, step: Step = silent) -> IngestReport:
    """Bring in what is new at the configured sources."""
    return pulling.pull(
        desk.store,
        settings=desk.settings,
        site=desk.site,
        now=desk.clock(),
        fetch=fetching(desk.settings, desk.env),
        progress=step,
    )


def publish(desk: Desk, *, thorough: bool = False, at_once: bool = True, step: Step = silent) -> Published:
    """Place articles by the config as it stands now, write what changed, and tell the hub.

    Args:
        desk: the open site.
        thorough: look at every published file, not only at the current documents.
        at_once: write all reading pages, however many; else the next run goes on.
        step: told what is being done.
    """
    now = desk.clock()
    feeds, pages = _write(desk, now, thorough=thorough, at_once=at_once, step=step)
    if not (feeds.written or feeds.removed or pages.written or pages.removed) or desk.store.is_sqlite:
        return Published(feeds, pages, ping(desk))
    with desk.store.write() as tx:
        folders.tell(tx, now)
        if queue.is_shared(tx):
            # A hub fetches at once, from whichever host: the others follow first.
            queue.offer(tx, [job.ping(_PING_AFTER)])
            return Published(feeds, pages, PingReport())
    return Published(feeds, pages, ping(desk))


def follow(desk: Desk, at: datetime) -> tuple[str, ...]:
    """Bring this host's folder to where another host brought its own; return what was written.

    Args:
        desk: the open site.
        at: for which moment the other one published.
    """
    feeds, pages = _write(desk, at)
    if feeds.changed:
        # Articles that came in meanwhile are out now, so the others have to follow in their turn.
        with desk.store.write() as tx:
            folders.tell(tx, desk.clock())
            queue.offer(tx, [job.ping(_PING_AFTER)])
    return feeds.written + pages.written


def _write(
    desk: Desk, now: datetime, *, thorough: bool = False, at_once: bool = True, step: Step = silent
) -> tuple[PublishReport, PagesReport]:
    return public.bring_up_to_date(
        desk.store,
        settings=desk.settings,
        site=desk.site,
        now=now,
        thorough=thorough,
        at_once=at_once,
        progress=step,
    )


def ping(desk: Desk) -> PingReport:
    """Tell the hub what it does not know yet."""
    return websub.ping(desk.store, settings=desk.settings, now=desk.clock())


def send(desk: Desk, digest: str, slot: Slot, *, stop: Event | None = None, step: Step = silent) -> Sent:
    """Make the slot's edition if it is not made, freeze its audience, and send what is due of it.

    The week's letter that is due with it, for those who want one a week, is made and sent like it.
    """
    made = _make(desk, digest, slot, step=step)
    # While the day's letter is held back, nobody can tell who has had its news.
    week = None if made.made.held_back or is_week(slot.key) else weekly.due(desk, digest)
    both = [made] if week is None else [made, _make(desk, digest, week, step=step)]
    done = [_deliver(desk, one, stop=stop, step=step) for one in both]
    return replace(done[0], week=done[1]) if week else done[0]


def _make(desk: Desk, digest: str, slot: Slot, *, step: Step) -> Sent:
    step("choosing and rendering", 0, None)
    now = desk.clock()
    made = issue.make(
        desk.store,
        settings=desk.settings,
        site=desk.site,
        digest=digest,
        slot=slot,
        now=now,
        also=lambda tx, edition: _call(tx, [job.prepare(edition.id)]),
    )
    if made.edition is None:
        return Sent(slot, made)
    return Sent(slot, made, _prepare(desk, made.edition, step=step))


def _deliver(desk: Desk, ready: Sent, *, stop: Event | None, step: Step) -> Sent:
    made, prepared = ready.made, ready.prepared
    if made.edition is None or prepared is None:
        return ready
    sent = deliver(desk, edition_id=made.edition.id, stop=stop, step=step, of=prepared.recipients)
    if not desk.store.is_sqlite:
        sent = together.sent_by_all(desk.store, made.edition.id, prepared.counts, sent, stop=stop)
    return replace(ready, sent=sent)


def prepare(desk: Desk, edition_id: int) -> None:
    """Freeze the audience of an edition that was made; when it is frozen, nothing happens."""
    with desk.store.read() as tx:
        edition = editions.by_id(tx, edition_id)
    if edition is not None and edition.prepared is None:
        _prepare(desk, edition)


def _prepare(desk: Desk, edition: Edition, *, step: Step = silent) -> PrepareReport:
    return preparing.prepare(
        desk.store,
        edition,
        settings=desk.settings,
        now=desk.clock(),
        tick=lambda done, of: step("preparing", done, of),
        also=lambda tx, recipients: _call(tx, job.send(edition.id, recipients)),
    )


def _call(tx: Transaction, jobs: Sequence[Job]) -> None:
    """Call the processes that share the work; they hear it when the rows are there."""
    queue.offer(tx, jobs)


def deliver(
    desk: Desk,
    *,
    edition_id: int | None = None,
    stop: Event | None = None,
    step: Step = silent,
    of: int | None = None,
) -> SendReport:
    """Send every delivery that is due, of one edition or of all."""
    keys = signers(desk.settings.mail, lambda name: secret(desk.env, name))
    with closing(transport(desk)) as way:
        return sending.send(
            desk.store,
            settings=desk.settings,
            tokens=tokens(desk),
            clock=desk.clock,
            transport=way,
            signers=keys,
            edition_id=edition_id,
            stop=stop.is_set if stop else lambda: False,
            tick=lambda done: step("sending", done, of),
            rest=stop.wait if stop else time.sleep,
        )


def tokens(desk: Desk) -> Tokens:
    """Return the maker of the links in the letters."""
    return site_tokens(secret(desk.env, "PUBLISHER_SECRET"), desk.var)


def transport(desk: Desk) -> Transport:
    """Return the way out that the config names."""
    if desk.settings.mail.transport == "smtp":
        return Relays(servers(desk))
    outbox = Maildir(desk.var / "outbox")
    if not desk.store.is_sqlite:
        # Each host has its own: what was left in the middle of one cannot be looked up in another.
        outbox.name = f"outbox of {socket.gethostname()}, {desk.var}"
    return outbox


def servers(desk: Desk) -> list[Server]:
    """Return the mail servers that the config names, with their passwords."""
    mail = desk.settings.mail
    return [_server(desk, name, one, alone=one is mail.smtp) for name, one in mail.servers.items()]


def _server(desk: Desk, name: str, settings: Smtp, *, alone: bool) -> Server:
    place = f"{settings.host}:{settings.port}"
    only = len(desk.settings.mail.servers) == 1
    label = f"mail server {place}" if only else f"mail relay {name} ({place})"
    variable, password = smtp_password(desk.env, name, alone=alone)
    return Server(name, settings, label, password or "", variable, desk.site)


def runner(desk: Desk, stop: Event | None = None) -> Callable[[Firing], RunReport]:
    """Return what does a firing."""

    def run(firing: Firing) -> RunReport:
        task, _, digest = firing.run.partition(" ")
        if task == "pull":
            return _pulled(pull(desk))
        if task == "publish":
            return _published(publish(desk, at_once=False))
        if task == "bounces":
            return returns.run(desk, tokens(desk))
        rule = desk.settings.digests.get(digest)
        if rule is None:
            return RunReport(Outcome.FAILED, f"the config has no digest {digest!r} any more")
        return _sent(digest, send(desk, digest, slot_at(firing.due, rule.slot, desk.zone), stop=stop))

    return run


def _pulled(report: IngestReport) -> RunReport:
    made = (
        f"{report.new} new, {report.changed} changed, {report.unchanged} unchanged, "
        f"{len(report.rejected)} rejected"
    )
    if not report.rejected:
        return RunReport(Outcome.DONE, made)
    where, why = report.rejected[0]
    return RunReport(Outcome.PROBLEMS, f"{made}; first: {where}: {why}")


def _published(report: Published) -> RunReport:
    made = f"{len(report.written)} written, {number_of(report.feeds.untouched, 'feed')} untouched"
    if not report.problems:
        return RunReport(Outcome.DONE, made)
    return RunReport(Outcome.PROBLEMS, f"{made}; first problem: {report.problems[0]}")


def _sent(digest: str, report: Sent) -> RunReport:
    told = [f"edition {digest} {one.slot.key}: {in_words(one)}" for one in report.all]
    return RunReport(report.outcome, "; ".join(told))


def in_words(report: Sent) -> str:
    """Return what became of a slot in one line."""
    if report.made.edition is None:
        why = report.made.skipped_reason
        return f"no letter: {why}" if why else f"held back: {'; '.join(report.made.problems)}"
    words = "made" if report.made.created else "made before"
    if report.prepared is not None:
        counts = [f"{count} {state}" for state, count in report.prepared.counts.items() if count]
        words += f"; {', '.join(_after(report, counts))}"
    if report.made.problems:
        words += f"; {'; '.join(report.made.problems)}"
    return words


def _after(report: Sent, before: list[str]) -> list[str]:
    """Return the counts after sending; those from before it when nothing was handed over."""
    sent = report.sent
    if sent is None or not (sent.ended or sent.settled):
        return before or ["nobody is subscribed"]
    # A letter that an earlier run left in the middle and that had not gone out has ended by now, or waits.
    counts = {state: sent.settled.get(state, 0) + sent.ended.get(state, 0) for state in State}
    now = [f"{count} {state}" for state, count in counts.items() if count and state is not State.PENDING]
    return now + ([f"{sent.waiting} waiting"] if sent.waiting else [])
