"""Section labels as newsrooms print them: which section one means, and how to map one that nobody knows."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from publisher.settings.places import SITE_FILE, Places
from publisher.settings.schema import Section

_DASH = re.compile(r"\s*[-\u2010-\u2015\u2212]\s*")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_LIKELY = 0.72


def section_of(label: str, sections: Mapping[str, Section]) -> str | None:
    """Return the key of the section that a label means.

    Args:
        label: as printed; capitals, kinds of dashes, spaces and a dash at the end do not matter, nor where in
            its word a Vietnamese tone mark stands (hoá, hóa).
        sections: of the config. Its keys, titles in all languages, aliases and former keys are all labels.

    Returns:
        The key, or None for an empty or unknown label.
    """
    wanted = folded(label)
    if not wanted:
        return None
    return next((key for key, known in known_labels(sections) if folded(known) == wanted), None)


def where_to_map(label: str, sections: Mapping[str, Section], places: Places = Places()) -> str:  # noqa: B008
    """Return the change of the config that would map an unknown label, in one line.

    Args:
        label: as printed.
        sections: of the config.
        places: ``settings.places``, for the line number.

    Returns:
        Such as ``config/site.yaml:31: sections.economy.aliases: add "BUSINESS"``; when no section looks alike
        the choice is left to the reader.
    """
    plain = " ".join(_DASH.sub(" - ", label).strip(" -").split()).replace('"', "'")
    likely = _likeliest(label, sections)
    if likely:
        path = f"sections.{likely}.aliases"
        return f'{_file(places, path)}: {path}: add "{plain}"'
    if sections:
        keys = ", ".join(sections)
        return f'{_file(places, "sections")}: sections: add "{plain}" to the aliases of one of {keys}'
    return f'{SITE_FILE}: sections: add a section with aliases: ["{plain}"]'


def known_labels(sections: Mapping[str, Section]) -> Iterator[tuple[str, str]]:
    """Yield (key, label) of everything that names a section, keys of all sections first."""
    yield from ((key, key) for key in sections)
    for key, section in sections.items():
        yield from ((key, label) for label in (*section.title.values(), *section.aliases, *section.was))


def folded(label: str) -> str:
    """Return what two spellings of one label have in common."""
    text = unicodedata.normalize("NFD", label).casefold().replace("\u2019", "'")
    return " ".join(_tone_last(word) for word in _DASH.sub(" ", text).split())


def _tone_last(word: str) -> str:
    letters = "".join(letter for letter in word if letter not in _TONES)
    return letters + "".join(sorted(mark for mark in word if mark in _TONES))


def _likeliest(label: str, sections: Mapping[str, Section]) -> str | None:
    wanted = folded(label)
    scored = [(_likeness(wanted, folded(known)), key) for key, known in known_labels(sections)]
    best = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    return best[1] if best[0] >= _LIKELY else None


def _likeness(one: str, other: str) -> float:
    """Return 0 to 1; a label that holds all the words of the other is as good as likely."""
    words, others = set(one.split()), set(other.split())
    shared = bool(words and others) and (words <= others or others <= words)
    return max(_LIKELY if shared else 0.0, SequenceMatcher(None, one, other, autojunk=False).ratio())


def _file(places: Places, path: str) -> str:
    found = places.find(path)
    return f"{found.file}:{found.line}" if found else SITE_FILE
