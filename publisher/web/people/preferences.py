"""Choosing: which letters, which sections, at what hour, in what language, on whose clocks."""

from datetime import datetime, time

from publisher.i18n import Words
from publisher.model.signup import Choice
from publisher.web.people.forms import Entered, choices, chosen, entered
from publisher.web.people.leave import language_of, left
from publisher.web.people.subscribe import agreement
from publisher.web.people.visit import Rooms, Visit, mark
from publisher.web.people.zones import is_offered, name_of, zones
from publisher.web.reply import Reply
from publisher.work import offers, people, tasks
from publisher.work.people import Standing

_SAVED = "Saved."
_OTHER_WORDS = "The words below have changed. Please read them and save once more."
_NOT_SAVED = "Nothing was saved. Please press Save."


def preferences(rooms: Rooms, visit: Visit) -> Reply:
    """Answer /preferences/TOKEN."""
    found = people.standing(rooms.desk, "preferences", visit.token)
    if found is None:
        return rooms.unknown(visit)
    if not found.is_open:
        return left(rooms, visit, found, everything=True)
    if visit.method == "GET":
        return _form(rooms, visit, found, _as_it_is(found))
    said = entered(visit.form, rooms.settings, _shown(rooms, found))
    text = agreement(rooms, rooms.words(language_of(rooms, visit, found)))
    if visit.form.one("do") != "save":
        return _form(rooms, visit, found, _as_it_is(found), notice=_NOT_SAVED, status=400)
    if visit.form.one("words") != mark(text):
        return _form(rooms, visit, found, said, notice=_OTHER_WORDS, status=422)
    now = _save(rooms, visit, found, said, text)
    if now is None:
        return rooms.unknown(visit)
    if not now.active:
        return left(rooms, visit, now, everything=True)
    return _form(rooms, visit, now, _as_it_is(now), notice=_SAVED)


def _save(rooms: Rooms, visit: Visit, found: Standing, said: Entered, text: str) -> Standing | None:
    language, zone = visit.form.one("language"), visit.form.one("timezone")
    return people.set_preferences(
        rooms.desk,
        visit.token,
        choices(said, rooms.settings),
        language=language if language in rooms.settings.site.languages else None,
        timezone=zone if is_offered(zone) or zone == found.person.timezone else None,
        where=f"{rooms.settings.site.url}/preferences/",
        text=text,
    )


def _form(
    rooms: Rooms, visit: Visit, found: Standing, said: Entered, *, notice: str = "", status: int = 200
) -> Reply:
    language = language_of(rooms, visit, found)
    own = rooms.words(language)
    agreed = agreement(rooms, own)
    return rooms.page(
        visit,
        "preferences",
        language,
        status=status,
        offers=offers.offers(rooms.settings, _shown(rooms, found), own),
        entered=said,
        letters_language=found.person.language or "",
        languages=[(one, rooms.words(one).own_name) for one in rooms.settings.site.languages],
        hours=[(str(hour), offers.hour_in_words(hour, own)) for hour in range(24)],
        timezone=found.person.timezone or "",
        timezone_name=name_of(found.person.timezone or ""),
        is_listed=is_offered(found.person.timezone or ""),
        site_zone=name_of(rooms.settings.site.timezone),
        zones=zones(),
        notice=notice,
        is_saved=notice == _SAVED,
        later=_later(rooms, visit, found, own),
        agreed=agreed,
        agreed_mark=mark(agreed),
        leave=tasks.tokens(rooms.desk).make("unsubscribe", found.own.id),
    )


def _later(rooms: Rooms, visit: Visit, found: Standing, said: Words) -> dict[str, str]:
    """Return of each letter whose frequency was changed what counts until when, in words."""
    text = said("Until the week's letter of {day} it comes as before: {often}.")
    told: dict[str, str] = {}
    for one in found.active:
        rule = rooms.settings.digests.get(one.digest)
        if rule is not None and rule.gathers_weeks and one.frequency_now is not None:
            zone = rooms.desk.zone
            day = datetime.combine(offers.changes_on(rule, visit.now, zone), time(12), tzinfo=zone)
            often = offers.often_in_words(rule, one.frequency_now, said)
            told[one.digest] = text.replace("{day}", said.date(day, zone, "long")).replace("{often}", often)
    return told


def _shown(rooms: Rooms, found: Standing) -> tuple[str, ...]:
    """Return the digests that can be chosen: those that are sent, and whatever the person gets."""
    mine = {one.digest for one in found.active}
    sent = offers.offered(rooms.settings)
    return tuple(key for key in rooms.settings.digests if key in mine or key in sent)


def _as_it_is(found: Standing) -> Entered:
    return chosen(
        Choice(digest=one.digest, sections=one.sections, hour=one.hour, frequency=one.frequency)
        for one in found.active
    )
