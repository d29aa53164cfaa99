"""Leaving: a GET shows a button, the button does it, and a mail program's one-click POST needs no page."""

from publisher.web.headers import Header
from publisher.web.people.visit import NOINDEX, Rooms, Visit, mark
from publisher.web.reply import Reply
from publisher.work import offers, people, tasks
from publisher.work.people import Standing

_PLAIN: tuple[Header, ...] = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    NOINDEX,
)


def leave(rooms: Rooms, visit: Visit) -> Reply:
    """Answer /u/TOKEN."""
    if visit.method == "POST":
        return _post(rooms, visit)
    found = people.standing(rooms.desk, "unsubscribe", visit.token)
    if found is None:
        return rooms.unknown(visit)
    everything = _is_about_all(visit)
    return _button(rooms, visit, found, everything=everything)


def left(rooms: Rooms, visit: Visit, found: Standing, *, everything: bool) -> Reply:
    """Return the page that says what somebody gets no more, with a way back where there is one."""
    language = language_of(rooms, visit, found)
    mine = [one.digest for one in found.all if not one.active] if everything else [found.own.digest]
    back = [key for key in mine if key in found.returnable]
    tokens = tasks.tokens(rooms.desk)
    return rooms.page(
        visit,
        "left",
        language,
        letters=_titles(rooms, mine, language),
        back=back,
        agreed=(agreed := _agreement(rooms, back, language)),
        agreed_mark=mark(agreed),
        rest=_titles(rooms, [one.digest for one in found.active], language),
        leave=tokens.make("unsubscribe", found.own.id),
        preferences=tokens.make("preferences", found.own.id),
        digest=found.own.digest,
    )


def language_of(rooms: Rooms, visit: Visit, found: Standing) -> str:
    """Return the language of a page about somebody's letters."""
    rule = rooms.settings.digests.get(found.own.digest)
    letters = rule.languages[0] if rule and rule.languages else None
    return visit.language(found.person.language or letters)


def _post(rooms: Rooms, visit: Visit) -> Reply:
    if visit.form.is_one_click:
        found = people.unsubscribe(rooms.desk, visit.token)
        return rooms.unknown(visit) if found is None else Reply(200, _PLAIN, b"You are unsubscribed.\n")
    do = visit.form.one("do")
    if do in {"leave", "leave-all"}:
        everything = do == "leave-all"
        found = people.unsubscribe(rooms.desk, visit.token, everything=everything)
        return rooms.unknown(visit) if found is None else left(rooms, visit, found, everything=everything)
    found = people.standing(rooms.desk, "unsubscribe", visit.token)
    if found is None:
        return rooms.unknown(visit)
    if do == "return":
        return _return(rooms, visit, found)
    return _button(rooms, visit, found, everything=_is_about_all(visit), status=400)


def _return(rooms: Rooms, visit: Visit, found: Standing) -> Reply:
    language = language_of(rooms, visit, found)
    wanted = [one.digest for one in found.all if one.digest in visit.form.all("digest")]
    text = _agreement(rooms, wanted, language)
    now = found
    if wanted and visit.form.one("words") == mark(text):
        where = f"{rooms.settings.site.url}/u/"
        now = people.resubscribe(rooms.desk, visit.token, wanted, where=where, text=text) or found
    active = {one.digest for one in now.active}
    if not wanted or not active.issuperset(wanted):
        return left(rooms, visit, now, everything=_is_about_all(visit))
    return rooms.page(
        visit,
        "returned",
        language,
        letters=_titles(rooms, wanted, language),
        preferences=tasks.tokens(rooms.desk).make("preferences", now.own.id),
    )


def _button(rooms: Rooms, visit: Visit, found: Standing, *, everything: bool, status: int = 200) -> Reply:
    language = language_of(rooms, visit, found)
    if not (found.active if everything else found.own.active):
        return left(rooms, visit, found, everything=everything)
    going = [one.digest for one in found.active] if everything else [found.own.digest]
    rest = [one.digest for one in found.active if one.digest not in going]
    return rooms.page(
        visit,
        "leave",
        language,
        status=status,
        letters=_titles(rooms, going, language),
        rest=_titles(rooms, rest, language),
        do="leave-all" if everything else "leave",
        preferences=tasks.tokens(rooms.desk).make("preferences", found.own.id),
    )


def _is_about_all(visit: Visit) -> bool:
    return "all" in visit.query or visit.form.one("do") == "leave-all"


def _titles(rooms: Rooms, digests: list[str], language: str) -> list[str]:
    said = rooms.words(language)
    return [offers.title_of(rooms.settings, key, said) for key in digests]


def _agreement(rooms: Rooms, digests: list[str], language: str) -> str:
    said = rooms.words(language)
    titles = ", ".join(_titles(rooms, digests, language))
    text = said("I want {title} from {site} by e-mail again. I can leave at any time with one click.")
    return text.replace("{title}", titles).replace("{site}", rooms.settings.site.title_in(language))
