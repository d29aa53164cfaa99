"""Signing in and out, and the language of the console."""

import re
from typing import Any

from publisher.web.console.address import Address
from publisher.web.console.visit import COOKIE, LANGUAGE, ROOT, Visit, cookie, page, to
from publisher.web.reply import Reply
from publisher.work import signin

_OWN_PATH = re.compile(rf"{ROOT}(/\w[\w~@.-]*)*/?")
_YEAR = 31_536_000


def show(visit: Visit) -> Reply:
    """Answer with the form; with the way on for whoever is in already."""
    if not signin.kept_passwords(visit.desk.env):
        return page(visit, "console/closed.html", 403)
    return to("/") if visit.role else _form(visit)


def enter(visit: Visit) -> Reply:
    """Let somebody in who knows a password."""
    if not signin.kept_passwords(visit.desk.env):
        return page(visit, "console/closed.html", 403)
    given = visit.form.one("password")
    found = signin.sign_in(visit.desk, given, caller=visit.caller, before=visit.token)
    if isinstance(found, signin.Locked):
        seconds = max(1, round(found.wait.total_seconds()))
        return _form(visit, 429, minutes=-(-seconds // 60), headers=[(b"retry-after", str(seconds).encode())])
    if found is None:
        return _form(visit, 403, wrong=True)
    return to(
        _next(visit.form.one("next")), headers=[cookie(visit, COOKIE, found.token), _kept_language(visit)]
    )


def leave(visit: Visit) -> Reply:
    """End the session."""
    signin.sign_out(visit.desk, visit.token)
    return to("/sign-in", headers=[cookie(visit, COOKIE, "", seconds=0)])


def speak(visit: Visit) -> Reply:
    """Keep the language that was chosen, and go back to the page."""
    return to(_next(visit.form.one("next")), headers=[_kept_language(visit)])


def _form(visit: Visit, status: int = 200, **values: Any) -> Reply:
    given = visit.form.one("next") or visit.query.get("next", "")
    shown: dict[str, Any] = {
        "wrong": False,
        "minutes": 0,
        "next": given if _OWN_PATH.fullmatch(given) else "",
    }
    return page(visit, "console/sign-in.html", status, **shown | values)


def _next(given: str) -> str:
    """Return the page to go on to, below the console; never one of another site."""
    return given.removeprefix(ROOT) or "/" if _OWN_PATH.fullmatch(given) else "/"


def _kept_language(visit: Visit) -> tuple[bytes, bytes]:
    named = visit.form.one("language")
    language = named if named in visit.settings.site.languages else visit.language
    return cookie(visit, LANGUAGE, language, seconds=_YEAR)


def _home(_visit: Visit) -> Reply:
    return to("/")


ADDRESSES = (
    Address("/sign-in", show, enter, role=None, acts=None),
    Address("/sign-out", _home, leave, acts=None),
    Address("/language", _home, speak, role=None, acts=None),
)
