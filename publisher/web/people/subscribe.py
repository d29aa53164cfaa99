"""Asking for letters, and confirming it.

No cookies, so nothing has to be guarded against forged requests: a browser has nothing of ours that it could
add to one by itself. What a page of another site sends is shown to the person once more all the same.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from publisher import addresses
from publisher.i18n import Words
from publisher.model.signup import LIFE, Choice, Wish
from publisher.web.headers import Header
from publisher.web.people.forms import Entered, choices, chosen, entered
from publisher.web.people.visit import Rooms, Visit, mark
from publisher.web.reply import Reply
from publisher.work import offers, people, tasks

FASTEST, SLOWEST = timedelta(seconds=2), timedelta(hours=24)
"""How long a person looks at the form."""

TRAP = "homepage"
"""A field that no person sees."""

_AGAIN: Header = (b"retry-after", b"86400")
_LONGEST_ADDRESS = 254

_TOO_FAST = "That was very fast. Please look your choice over and press the button once more."
_TOO_SLOW = "This page had been open for too long. Please press the button once more."
_OTHER_WORDS = "The words below have changed. Please read them and press the button once more."
_ELSEWHERE = (
    "This came from a page of another site. Please look your choice over and press the button once more."
)
_NO_LETTER = "Choose at least one letter."
_NO_ADDRESS = "Write your e-mail address here."
_NOT_WHOLE = "This is no whole e-mail address; one looks like lan@example.com."


@dataclass(frozen=True, slots=True)
class Mistakes:
    """What is wrong with a form, by field, each in one sentence; empty where nothing is."""

    digest: str = ""
    address: str = ""

    def __bool__(self) -> bool:
        return bool(self.digest or self.address)


_NONE = Mistakes()


def subscribe(rooms: Rooms, visit: Visit) -> Reply:
    """Answer /subscribe."""
    if visit.method == "GET":
        return _form(rooms, visit, _first_look(rooms, visit), language=visit.language())
    said = entered(visit.form, rooms.settings, offers.offered(rooms.settings))
    language = _letters_language(rooms, visit)
    if visit.form.one(TRAP):
        return _asked(rooms, visit)
    notice, wrong = _notice(rooms, visit), _mistakes(visit, said)
    if notice or wrong:
        stamp = visit.form.one("t") if notice == _TOO_FAST else ""
        return _form(rooms, visit, said, language=language, notice=notice, wrong=wrong, stamp=stamp)
    wish = Wish(
        address=addresses.of_person(visit.form.one("address")),
        language=language,
        choices=choices(said, rooms.settings),
        where=f"{rooms.settings.site.url}/subscribe",
        text=agreement(rooms, rooms.words(visit.language())),
    )
    if not people.sign_up(rooms.desk, wish, caller=visit.caller):
        return rooms.page(visit, "many", visit.language(), status=429, more=[_AGAIN])
    return _asked(rooms, visit)


def confirm(rooms: Rooms, visit: Visit) -> Reply:
    """Answer /confirm/TOKEN: a GET shows a button, and only the button does it."""
    found = people.asked(rooms.desk, visit.token)
    if found is None:
        return rooms.unknown(visit)
    language = visit.language(found.wish.language)
    if (visit.method == "POST" and visit.form.one("do") == "confirm") or found.confirmed:
        return _confirmed(rooms, visit, language)
    return rooms.page(
        visit,
        "confirm",
        language,
        status=400 if visit.method == "POST" else 200,
        letters=offers.in_words(rooms.settings, found.wish.choices, rooms.words(language)),
        address=addresses.masked(found.wish.address),
        agreed=found.wish.text,
        agreed_language=found.wish.language,
    )


def agreement(rooms: Rooms, said: Words) -> str:
    """Return the words that a subscription rests on, exactly as pages show them and as they are kept."""
    text = said(
        "I want the letters that I chose from {site} by e-mail. I can leave at any time with one click."
    )
    return text.replace("{site}", rooms.settings.site.title_in(said.language))


def _confirmed(rooms: Rooms, visit: Visit, language: str) -> Reply:
    # Once it is confirmed, this only reads: the page is the same however often it is asked for.
    done = people.confirm(rooms.desk, visit.token)
    if done is None:
        return rooms.unknown(visit)
    found, standing = done
    return rooms.page(
        visit,
        "confirmed",
        language,
        letters=offers.in_words(rooms.settings, found.wish.choices, rooms.words(language)),
        preferences=tasks.tokens(rooms.desk).make("preferences", standing.own.id),
    )


def _form(
    rooms: Rooms,
    visit: Visit,
    said: Entered,
    *,
    language: str,
    notice: str = "",
    wrong: Mistakes = _NONE,
    stamp: str = "",
) -> Reply:
    own = rooms.words(visit.language())
    agreed = agreement(rooms, own)
    return rooms.page(
        visit,
        "subscribe",
        own.language,
        status=422 if notice or wrong else 200,
        offers=offers.offers(rooms.settings, offers.offered(rooms.settings), own),
        entered=said,
        address=visit.form.one("address")[:_LONGEST_ADDRESS],
        letters_language=language,
        languages=[(one, rooms.words(one).own_name) for one in rooms.settings.site.languages],
        hours=[(str(hour), offers.hour_in_words(hour, own)) for hour in range(24)],
        zone=rooms.settings.site.timezone,
        notice=notice,
        wrong=wrong,
        agreed=agreed,
        agreed_mark=mark(agreed),
        stamp=stamp or tasks.tokens(rooms.desk).make("form", int(visit.now.timestamp() * 1000)),
        trap=TRAP,
    )


def _first_look(rooms: Rooms, visit: Visit) -> Entered:
    """Return what is ticked at first: what the address names, or the only letter that there is."""
    keys = offers.offered(rooms.settings)
    named = visit.query.get("digest")
    return chosen(Choice(digest=key) for key in keys if key == named or len(keys) == 1)


def _letters_language(rooms: Rooms, visit: Visit) -> str:
    named = visit.form.one("language")
    return named if named in rooms.settings.site.languages else visit.language()


def _notice(rooms: Rooms, visit: Visit) -> str:
    """Return why the form is shown once more although it may be filled in well; empty when it is not."""
    if visit.foreign:
        return _ELSEWHERE
    shown = tasks.tokens(rooms.desk).read("form", visit.form.one("t"))
    age = None if shown is None else visit.now - datetime.fromtimestamp(shown / 1000, UTC)
    if age is None or age > SLOWEST:
        return _TOO_SLOW
    if age < FASTEST:
        return _TOO_FAST
    words = agreement(rooms, rooms.words(visit.language()))
    return "" if visit.form.one("words") == mark(words) else _OTHER_WORDS


def _mistakes(visit: Visit, said: Entered) -> Mistakes:
    return Mistakes(
        digest="" if said.digests else _NO_LETTER, address=_wrong_address(visit.form.one("address"))
    )


def _wrong_address(given: str) -> str:
    if not given:
        return _NO_ADDRESS
    try:
        addresses.of_person(given)
    except ValueError:
        return _NOT_WHOLE
    return ""


def _asked(rooms: Rooms, visit: Visit) -> Reply:
    """Return the answer to everybody who filled the form in, whether or not the address is known."""
    return rooms.page(
        visit,
        "asked",
        visit.language(),
        address=visit.form.one("address")[:_LONGEST_ADDRESS],
        days=LIFE.days,
    )
