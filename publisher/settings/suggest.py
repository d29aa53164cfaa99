"""What a person probably meant."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

_ZONES_BY_CITY = {
    "hanoi": "Asia/Ho_Chi_Minh",
    "saigon": "Asia/Ho_Chi_Minh",
    "vietnam": "Asia/Ho_Chi_Minh",
    "beijing": "Asia/Shanghai",
    "delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
}
_UNITS = {
    "sec": "s",
    "min": "m",
    "hour": "h",
    "hr": "h",
    "day": "d",
    "week": "w",
    "phut": "m",
    "gio": "h",
    "ngay": "d",
}
_LANGUAGES = {
    "cn": "zh",
    "cz": "cs",
    "dk": "da",
    "gr": "el",
    "jp": "ja",
    "ua": "uk",
    "us": "en",
    "vn": "vi",
    "english": "en",
    "vietnamese": "vi",
    "french": "fr",
    "german": "de",
}
_OTHER_NAMES = {
    "address": "url",
    "after": "max_age",
    "color": "accent",
    "colour": "accent",
    "command": "run",
    "date": "at",
    "dates": "days",
    "email": "sender",
    "feed": "url",
    "file": "path",
    "folder": "path",
    "from": "sender",
    "holidays": "except",
    "interval": "every",
    "lang": "language",
    "name": "title",
    "once": "at",
    "on": "at",
    "newsletters": "digests",
    "password": "username",
    "schedule": "cron",
    "server": "host",
    "skip": "except",
    "tz": "timezone",
    "user": "username",
    "zone": "timezone",
}


def closest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that a misspelt word most likely stands for, or None when none is like it."""
    known = {choice.casefold(): choice for choice in choices}
    found = get_close_matches(word.casefold().strip(), known, n=1, cutoff=0.6)
    return known[found[0]] if found else None


def key_for(word: str, choices: Iterable[str]) -> str | None:
    """Return the key of the schema that a wrong one most likely stands for."""
    known = list(choices)
    plain = word.strip().casefold().replace("-", "_").replace(" ", "_")
    other = _OTHER_NAMES.get(plain)
    return plain if plain in known else closest(plain, known) or (other if other in known else None)


def slug(text: str) -> str | None:
    """Return text as a key: small letters, digits and hyphens; None when nothing is left of it."""
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return (
        re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")[:64]
        or None
    )


def zone(text: str) -> str | None:
    """Return the time zone that was meant by other capitals, a city alone, a misspelt name."""
    if re.search(r"[+-]\s*\d", text):
        return None
    wanted = re.sub(r"[\s-]+", "_", text.strip()).casefold()
    zones = _zones()
    exact = {name.casefold(): name for name in zones}
    cities = {name.rpartition("/")[2].casefold(): name for name in reversed(zones)}
    city = wanted.rpartition("/")[2]
    named = exact.get(wanted) or cities.get(city) or _ZONES_BY_CITY.get(city.replace("_", ""))
    return named or closest(wanted, zones)


def span(text: str) -> str | None:
    """Return the span that was meant by words such as ``15 minutes`` or ``1h30m``."""
    plain = slug(text)
    found = re.match(r"^(\d+)-?([a-z]+?)e?s?$", plain or "")
    if found and found[2] in {*_UNITS, *(name + "ut" for name in ("min",)), "minut", "second"}:
        unit = _UNITS.get(found[2], "m" if found[2].startswith("min") else "s")
        return f"{found[1]}{unit}"
    if both := re.match(r"^(\d+)h-?(\d+)(m|min)?$", plain or ""):
        return f"{int(both[1]) * 60 + int(both[2])}m"
    if clock := re.match(r"^(\d{1,2}):(\d{2})$", text.strip()):
        return f"{int(clock[1]) * 60 + int(clock[2])}m"
    return f"{text.strip()}m" if text.strip().isdigit() and int(text) else None


def language(text: str) -> str | None:
    """Return the language tag that was meant by a name, a country or other capitals."""
    plain = text.strip().replace("_", "-")
    parts = re.split(r"[ ;/]+", plain)
    if len(parts) > 1:
        several = [language(part) or "" for part in parts]
        return ", ".join(several) if all(several) else None
    first, _, rest = plain.partition("-")
    base = _LANGUAGES.get(first.casefold(), first.casefold() if len(first) in {2, 3} else "")
    if not re.match(r"^[a-z]{2,3}$", base):
        return None
    return f"{base}-{rest.upper()}" if re.match(r"^[A-Za-z]{2}$", rest) else base


def web(text: str) -> str | None:
    """Return the web address that was meant by one without its scheme, or with one slash."""
    found = re.match(
        r"^(?:(https?)[:/]+|//)?((?:[a-z0-9-]+\.)+[a-z]{2,}(?:[:/]\S*)?)$", text.strip(), re.IGNORECASE
    )
    return f"{(found[1] or 'https').lower()}://{found[2]}" if found else None


def store(text: str) -> str | None:
    """Return the store address that was meant."""
    plain = text.strip()
    if plain.startswith(("postgres://", "postgresql:/", "psql://", "pgsql://")):
        return "postgresql://" + plain.partition(":")[2].lstrip("/")
    if plain.startswith("sqlite:"):
        return "sqlite:///" + plain.partition(":")[2].lstrip("/")
    return f"sqlite:///{plain}" if re.match(r"^[\w./-]+\.(sqlite3?|db)$", plain) else None


def color(text: str) -> str | None:
    """Return the colour that was meant by three digits or by one without its #."""
    plain = text.strip().lstrip("#").lower()
    if re.match(r"^[0-9a-f]{3}$", plain):
        return "'#" + "".join(digit * 2 for digit in plain) + "'"
    return f"'#{plain}'" if re.match(r"^[0-9a-f]{6}$", plain) else None


def tag(text: str) -> str | None:
    """Return the tag authority that was meant by an address or a domain alone."""
    found = re.match(r"^(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})/?[,:\s]*(\d{4})?$", text.strip().lower())
    return f"{found[1]},{found[2] or 2026}" if found else None


def run(text: str) -> str | None:
    """Return what was meant to run."""
    verb, _, rest = " ".join(text.split()).partition(" ")
    meant = closest(verb, ("pull", "publish", "send")) or {
        "ingest": "pull",
        "mail": "send",
        "issue": "send",
    }.get(verb)
    if meant == "send":
        return f"send {slug(rest)}" if slug(rest) else None
    return meant


def day(text: str) -> str | None:
    """Return the date that was meant by one written another way; days before months. A word is a name."""
    if re.match(r"^[^\W\d_]+$", text.strip()):
        return slug(text)
    found = re.match(r"^(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})$", text.strip())
    if not found:
        return None
    first, month, last = map(int, found.groups())
    try:
        return (date(first, month, last) if first > 31 else date(last, month, first)).isoformat()
    except ValueError:
        return None


def moment(text: str) -> str | None:
    """Return the date with a time that was meant by one written another way."""
    found = re.match(r"^(\S+?)[T,\s]+(?:at\s+)?(\d{1,2})[:h.](\d{2})(?::\d{2})?$", text.strip())
    given = found[1] if found else ""
    meant = given if re.match(r"^\d{4}-\d\d-\d\d$", given) else day(given)
    if not found or not meant:
        return None
    said = f"{meant} {int(found[2]):02}:{found[3]}"
    try:
        datetime.fromisoformat(said)  # naive on purpose: a time on the clocks
    except ValueError:
        return None
    return said


def email(text: str) -> str | None:
    """Return the address that was meant by one with a name before it, or with its @ in words."""
    found = re.search(r"<([^<>@\s]+@[^<>@\s]+)>", text) or re.match(r"^mailto:(\S+@\S+)$", text.strip())
    if found:
        return found[1]
    spelled = re.match(r"^(\S+?)\s*(?:\(at\)|\[at\]|\sat\s)\s*(\S+\.\S+)$", text.strip())
    return f"{spelled[1]}@{spelled[2]}" if spelled else None


@cache
def _zones() -> tuple[str, ...]:
    """Return the names of the IANA list, cities first."""
    listed = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return tuple(sorted(listed, key=lambda name: ("/" not in name, name.startswith("Etc/"), name)))


BY_KIND: dict[str, Callable[[str], str | None]] = {
    "color": color,
    "days": day,
    "email": email,
    "language": language,
    "moment": moment,
    "run": run,
    "span": span,
    "store": store,
    "tag": tag,
    "web": web,
    "zone": zone,
}
"""Kind of a refused value (``settings.values``) -> what was probably meant."""
