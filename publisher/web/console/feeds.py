"""Feeds: how fresh each is, what hubs were told of it, and how often readers ask."""

from datetime import date

from publisher.i18n import Words
from publisher.web.console.address import reader
from publisher.web.console.charts import Chart, Series, chart
from publisher.web.console.visit import Visit, missing, page
from publisher.web.reply import Reply
from publisher.work.panels import feeds as panel
from publisher.work.panels.feeds import Asked


def every(visit: Visit) -> Reply:
    """Answer with all feeds."""
    lines = panel.feed_lines(visit.desk, visit.now)
    asked = panel.together(lines)
    return page(
        visit,
        "console/feeds.html",
        lines=lines,
        week=panel.WEEK,
        asked=asked,
        polls=_chart("polls", visit.words("Requests of readers a day"), asked, visit.words),
    )


def one(visit: Visit) -> Reply:
    """Answer with one feed."""
    line = panel.feed_line(visit.desk, visit.parts["key"], visit.now)
    if line is None:
        return missing(visit)
    said = visit.words
    return page(
        visit,
        "console/feed.html",
        line=line,
        week=panel.WEEK,
        polls=_chart("polls", said("Requests of readers a day"), line.asked, said),
        hub=visit.settings.feeds.hub,
    )


def _chart(key: str, title: str, asked: Asked, said: Words) -> Chart:
    series = (
        Series(said("Feed sent"), asked.full),
        Series(said("Nothing new"), asked.same),
        Series(said("Turned away"), asked.refused),
    )
    about = (
        said("Within {days} days: {sent} times the feed, {same} times nothing new.")
        .replace("{days}", said.number(len(asked.days)))
        .replace("{sent}", said.number(sum(asked.full)))
        .replace("{same}", said.number(sum(asked.same)))
    )
    return chart(key, title, days_in_words(asked.days, said), series, about)


def days_in_words(days: tuple[str, ...], said: Words) -> list[str]:
    """Return days as the labels of a chart."""
    return [said.date(date.fromisoformat(day), length="medium") for day in days]


ADDRESSES = (reader("/feeds", every), reader("/feeds/{key}", one))
