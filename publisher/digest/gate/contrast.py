"""Contrast of every run of text in a letter: by day, at night, and turned over by force."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from publisher.digest.gate.page import Element, Page
from publisher.model.contrast import contrast, turned_over

_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})\b")
_RGB = re.compile(r"rgba?\(\s*(\d+)[,\s]+(\d+)[,\s]+(\d+)")
_NAMES = {"white": "#ffffff", "black": "#000000", "gray": "#808080", "red": "#ff0000", "blue": "#0000ff"}
_SIMPLE = re.compile(r"^(?P<tag>[a-z][a-z0-9]*)?(?P<classes>(?:\.[\w-]+)*)$")
_LINK, _TEXT, _GROUND = "#0000ee", "#000000", "#ffffff"
"""What a mail program uses where a letter says nothing."""

Style = Mapping[str, str]
Styles = Callable[[Element], Style]


@dataclass(frozen=True, slots=True)
class Faint:
    """The run of text with the least contrast in one light."""

    light: str
    ratio: float
    text: str


def contrasts(page: Page) -> tuple[Faint, ...]:
    """Return the lowest contrast of each light in which the letter may be read.

    ``day``: as written, which is also what stands when style blocks are removed; ``night``: under the rules
    for prefers-color-scheme: dark; ``night in Outlook``: under those for data-ogsc and data-ogsb; ``turned
    over``: every colour's lightness turned over, as Gmail on iOS does.
    """
    dark = _Overlay(page, lambda media, _selector: "prefers-color-scheme" in media and "dark" in media)
    outlook = _Overlay(page, lambda _media, selector: selector.startswith("[data-ogs"))
    lights: dict[str, tuple[Styles, Callable[[str], str]]] = {
        "day": (lambda element: element.style, lambda colour: colour),
        "night": (dark, lambda colour: colour),
        "night in Outlook": (outlook, lambda colour: colour),
        "turned over": (lambda element: element.style, lru_cache(turned_over)),
    }
    found = (_least(page, name, styles, seen) for name, (styles, seen) in lights.items())
    return tuple(faint for faint in found if faint)


def _least(page: Page, light: str, styles: Styles, seen: Callable[[str], str]) -> Faint | None:
    colours = _Colours(page, styles)
    ratios = (
        (_ratio(seen(colours.ink[element]), seen(colours.ground[element])), "".join(element.own).strip())
        for element in _written(page)
    )
    ratio, text = min(ratios, default=(21.0, ""))
    return Faint(light, ratio, text[:60]) if text else None


def _written(page: Page) -> Iterator[Element]:
    for element in page.elements:
        seen = element.tag not in {"style", "title", "script", "head"} and not element.hidden
        if seen and "".join(element.own).strip():
            yield element


_ratio = lru_cache(maxsize=1024)(contrast)


class _Colours:
    """Colours that elements have, inherited ones included; parents stand before their children in a page."""

    def __init__(self, page: Page, styles: Styles) -> None:
        self.ink: dict[Element | None, str] = {None: _TEXT}
        self.ground: dict[Element | None, str] = {None: _GROUND}
        for element in page.elements:
            style = styles(element)
            inherited = _LINK if element.tag == "a" else self.ink[element.parent]
            own = colour(style.get("background-color", "") or style.get("background", ""))
            self.ink[element] = colour(style.get("color", "")) or inherited
            self.ground[element] = own or colour(element.get("bgcolor")) or self.ground[element.parent]


class _Overlay:
    """Styles of elements with the rules of some style blocks over the inline ones."""

    def __init__(self, page: Page, wanted: Callable[[str, str], bool]) -> None:
        self._rules = [
            (steps, rule.declarations)
            for rule in page.rules
            for part in rule.selector.split(",")
            if wanted(rule.media, part.strip()) and (steps := _steps(part))
        ]

    def __call__(self, element: Element) -> Style:
        style = dict(element.style)
        for steps, over in self._rules:
            if _reaches(steps, element):
                style |= over
        return style


def _steps(selector: str) -> list[re.Match[str]]:
    """Return the compounds of a selector of elements, classes and descendants; nothing of any other."""
    parts = re.sub(r"^\s*\[[^]]*\] ", "", selector).split()
    found = [_SIMPLE.match(part) for part in parts]
    return [step for step in found if step] if all(found) else []


def _reaches(steps: Sequence[re.Match[str]], element: Element) -> bool:
    if not _fits(steps[-1], element):
        return False
    rest = list(steps[:-1])
    for above in islice(element.line_up(), 1, None):
        if rest and _fits(rest[-1], above):
            rest.pop()
    return not rest


def _fits(step: re.Match[str], element: Element) -> bool:
    return step["tag"] in {None, element.tag} and set(step["classes"].split(".")[1:]) <= set(element.classes)


def colour(value: str) -> str:
    """Return a colour as ``#rrggbb``, or nothing when the value names none that is known."""
    text = value.strip().lower()
    if found := _HEX.search(text):
        digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
        return f"#{digits}"
    if rgb := _RGB.search(text):
        return "#" + "".join(f"{min(255, int(channel)):02x}" for channel in rgb.groups())
    return _NAMES.get(text, "")
