"""The week's letter of a digest that has an edition a day, for those who want one letter a week."""

from datetime import datetime, time, timedelta

from publisher.model.slot import WEEK_DAYS, Slot, week_before
from publisher.store import editions
from publisher.work.desk import Desk


def due(desk: Desk, digest: str) -> Slot | None:
    """Return the week whose letter is to be made beside the day's, or None when there is none to make.

    It is the first run on or after the digest's ``week_day`` that makes it, so a run that was missed on that
    day is made up for by the next. A week in which the digest had no edition yet has no letter.

    Args:
        desk: the open site.
        digest: key of one that the config has.
    """
    rule, now = desk.settings.digests[digest], desk.clock()
    if not rule.gathers_weeks:
        return None
    today = now.astimezone(desk.zone).date()
    key, end = week_before(today, WEEK_DAYS.index(rule.week_day))
    with desk.store.read() as tx:
        known = editions.issue(tx, digest, key)
        if known is not None and (known.state != "made" or known.prepared is not None):
            return None
        first = editions.carried_from(tx, digest)
    ended = datetime.combine(end + timedelta(days=1), time(), tzinfo=desk.zone)
    return Slot(key, now) if first is not None and first < ended else None
