"""Subscribers in numbers and charts; for operators, what is on record of one of them."""

from collections.abc import Mapping

from publisher.i18n import Words
from publisher.settings.schema import wording
from publisher.web.console import terms
from publisher.web.console.address import Address
from publisher.web.console.charts import Chart, Series, chart
from publisher.web.console.feeds import days_in_words
from publisher.web.console.visit import Visit, page
from publisher.web.reply import Reply
from publisher.work.panels import people as panel
from publisher.work.panels.people import Numbers, Person

_NO_ADDRESS = "This is no whole e-mail address; one looks like lan@example.com."
_LONGEST = 254


def show(visit: Visit) -> Reply:
    """Answer with the numbers."""
    return _page(visit)


def find(visit: Visit) -> Reply:
    """Answer with what is on record of the address in the form; it never stands in an address or the log."""
    given = visit.form.one("address")[:_LONGEST]
    try:
        found = panel.person(visit.desk, given)
    except ValueError:
        return _page(visit, 422, given=given, wrong=_NO_ADDRESS)
    return _page(visit, given=given, person=found)


def _page(
    visit: Visit, status: int = 200, *, given: str = "", wrong: str = "", person: Person | None = None
) -> Reply:
    numbers, said = panel.numbers(visit.desk, visit.now), visit.words
    return page(
        visit,
        "console/subscribers.html",
        status,
        numbers=numbers,
        growth=_growth(numbers, said),
        returns=_returns(numbers, said),
        digests=_named(numbers.digests, {key: _title(visit, key) for key in visit.settings.digests}),
        languages=_named(numbers.languages, _languages(visit)),
        hours=_named(numbers.hours, {"": said("As soon as it is made")}, "{}:00"),
        title=lambda key: _title(visit, key),
        terms=terms,
        given=given,
        wrong=wrong,
        person=person,
    )


def _growth(numbers: Numbers, said: Words) -> Chart:
    series = (
        Series(said("Subscribed"), numbers.agreed),
        Series(said("Left"), numbers.ended),
    )
    about = (
        said("Within {days} days {came} subscriptions came that are still there, and {left} ended.")
        .replace("{days}", said.number(len(numbers.days)))
        .replace("{came}", said.number(sum(numbers.agreed)))
        .replace("{left}", said.number(sum(numbers.ended)))
    )
    return chart("growth", said("Subscriptions a day"), days_in_words(numbers.days, said), series, about)


def _returns(numbers: Numbers, said: Words) -> Chart:
    series = (
        Series(said("Complaints"), numbers.complaints),
        Series(said("Bounces"), numbers.bounces),
        Series(said("Addresses barred"), numbers.suppressed),
    )
    about = (
        said("Within {days} days {bounces} bounces and {complaints} complaints came back.")
        .replace("{days}", said.number(len(numbers.days)))
        .replace("{bounces}", said.number(sum(numbers.bounces)))
        .replace("{complaints}", said.number(sum(numbers.complaints)))
    )
    return chart("returns", said("What came back a day"), days_in_words(numbers.days, said), series, about)


def _named(counts: Mapping[str, int], names: Mapping[str, str], form: str = "{}") -> list[tuple[str, int]]:
    return [(names.get(key) or form.format(key), count) for key, count in counts.items()]


def _languages(visit: Visit) -> dict[str, str]:
    own = {one: visit.own_name(one) for one in visit.settings.site.languages}
    return own | {"": visit.words("As each letter is made")}


def _title(visit: Visit, digest: str) -> str:
    found = visit.settings.digests.get(digest)
    return wording(found.title, visit.language, digest) if found else digest


ADDRESSES = (Address("/subscribers", show, find),)
