"""Which features of HTML and CSS the main mail programs support, and which of them a letter uses.

The table was put together by hand for what letters use, from the tests that caniemail.com publishes (its data
of 2026-06-29); each row ends with the month of the last test there. One letter a program, in the order of
``CLIENTS``: y supported, a in part or with quirks, n not, ? not tested.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from publisher.digest.gate.page import Page

CLIENTS = (
    "Apple Mail on macOS",
    "Apple Mail on iOS",
    "Gmail on the web",
    "Gmail on iOS",
    "Gmail on Android",
    "Outlook on Windows",
    "Outlook on macOS",
    "Outlook.com",
    "Outlook on iOS",
    "Outlook on Android",
    "Yahoo on the web",
    "Yahoo on iOS",
    "Yahoo on Android",
    "Samsung Email",
    "Thunderbird",
)

TABLE: Mapping[str, str] = {
    "animation": "yynnnnnnnnnnnyn 2026-04",
    "aspect-ratio": "yynnnnnnnnnnnnn 2023-12",
    "background": "yyyyyayyyyaaayy 2023-07",
    "background-color": "yyyyyyyyyyyyyyy 2019-02",
    "background-image": "yyyyynyyyyaaayy 2023-07",
    "border": "yyyyyayyyyyyyyy 2021-07",
    "border-collapse": "yyyyyyyyyyyyyyy 2023-12",
    "border-radius": "yyyyynyyyyaaayy 2021-03",
    "box-shadow": "yynaanyyyynnnyy 2023-12",
    "box-sizing": "yyyyynyyyynnnyy 2019-02",
    "calc()": "yyyaannnnnnnnyy 2020-02",
    "clamp()": "yyyaannnnnnnnay 2021-05",
    "color-scheme": "yynnnnnnnnnnnyy 2023-09",
    "display": "yyyaaayyyyaaayy 2021-12",
    "display:flex": "yyyaanyyyyyyyyy 2021-11",
    "display:grid": "yyyaanyyyyyyyyy 2019-02",
    "display:none": "yyyyyayyyyyyyyy 2019-02",
    "filter": "yynnnnnnnnnnnyy 2024-01",
    "float": "yyyaanyyyyaaayy 2024-05",
    "font": "yyyyyyyyyyyyyyy 2019-02",
    "font-size": "yyyyyayyyyaaaay 2024-02",
    "font-weight": "yyyyyayyyyaaayy 2022-06",
    "gap": "yyaaanaaaannnyy 2022-12",
    "height": "yyyyyayyyynnnyy 2019-09",
    "letter-spacing": "yyyyyayyyyyyyyy 2020-01",
    "light-dark()": "yynnnnnnn?nn?ay 2024-08",
    "line-height": "yyyyyayyyyyyyyy 2021-10",
    "linear-gradient()": "yyyyannnnnnnnay 2021-12",
    "list-style-type": "yyyyyyyyyyyyyyy 2020-04",
    "margin": "yyaaaaaaaaaaayy 2019-10",
    "max-height": "yyyyynyyyyyyyyy 2021-11",
    "max-width": "yyyyyayyyyyyyyy 2019-08",
    "min-height": "yyyyynyyyyyyyyy 2021-11",
    "min-width": "yyyyynyyyyyyyyy 2021-11",
    "object-fit": "yyyaanyyyynnnyy 2021-07",
    "opacity": "yyyyynyyyyyyyyy 2019-02",
    "outline": "yyyyynyyyyyyyyy 2022-03",
    "overflow": "aaaaanaaaaaaaay 2025-05",
    "overflow-wrap": "aannnnnnnnnnny? 2022-08",
    "padding": "yyyyyayyyyyyyyy 2019-07",
    "position": "aannnnaanaaaaay 2021-05",
    "rgba()": "yyaaanyyyyaaayy 2021-05",
    "text-align": "yyyyaayyyaaaaay 2025-11",
    "text-decoration": "yyyaaayyyyyyyyy 2019-02",
    "text-transform": "yyyyyayyyyyyyyy 2021-09",
    "transform": "yynnnnnnnnnnnyy 2019-02",
    "var()": "yynnnnnnnnnnnyy 2020-02",
    "vertical-align": "yyyyyyyyyyyyyyy 2020-12",
    "visibility": "yynnnnyyyyyyyyy 2019-02",
    "white-space": "yyyaanyyyyyaany 2019-02",
    "width": "yyyyyayyyyyyyyy 2019-09",
    "word-break": "aayaayaaaannnay 2022-02",
    "word-wrap": "yya?an?yyny???? 2025-05",
    "!important": "yyaaaayyyyaaayy 2021-11",
    "<audio>": "yynnnnnnnnnnnyy 2020-04",
    "<body>": "yyaaaynaaaannyy 2021-11",
    "<button>": "yyyaynnnnyynyyy 2019-09",
    "<div>": "yyyyyyyyyyyyyyy 2020-05",
    "<form>": "yyyaynaayyynyyy 2019-09",
    "<h1>": "yyyyyyyyyyyyyyy 2020-05",
    "<hr>": "yyyyyyyyyyyyyyy 2023-09",
    "<img>": "yyyyyyyyyyyyyy? 2023-12",
    "<input>": "yyyyynyyynyynna 2019-09",
    "<link>": "yynnnynnnnnnnnn 2023-12",
    "<p>": "yyyyyyyyyyyyyyy 2020-05",
    "<picture>": "aynnnnnnnnnnnyy 2024-04",
    "<semantics>": "yyaaanaaaannnyy 2019-07",
    "<span>": "yyyyyyyyyyyyyyy 2020-05",
    "<strong>": "yyyyyyyyyyyyyyy 2020-05",
    "<style>": "yyaaaayyyyyyyyy 2023-07",
    "<svg>": "aynnnnnnnnnnnyy 2020-02",
    "<table>": "yyyyyyyyyyyyyyy 2019-09",
    "<video>": "yannnnynnnnnnay 2019-09",
    "@font-face": "yynnnannnnnnnyy 2023-12",
    "@import": "yynnnynnnnnnnnn 2019-02",
    "@keyframes": "yynnnnnnnnynnyy 2021-05",
    "@media prefers-color-scheme": "yynnnnyyyynnnyn 2023-03",
    "@media": "yyaaanaaaaaaaan 2023-12",
    "@supports": "yynnnnnnnnyyyyn 2020-05",
    "attribute align": "yyyyyyayyyyyyyy 2021-11",
    "attribute aria-hidden": "yyyyyyyyyynnnyn 2019-02",
    "attribute aria-label": "yyyyyyyyyynnnyn 2019-02",
    "attribute cellpadding": "yyyyyyyyyyyyyyy 2024-05",
    "attribute cellspacing": "yyyyyyyyyyyyyyy 2024-05",
    "attribute dir": "yyyyyayyyyyyyyy 2021-11",
    "attribute height": "yyyyyayyyyyyyyy 2019-09",
    "attribute lang": "yyyyyyyyyyaaayy 2020-10",
    "attribute role": "yyyyyyyyyyaaayy 2020-02",
    "attribute srcset": "yynnnnnnnnnnnyy 2019-05",
    "attribute target": "aannnaanaannnaa 2021-12",
    "attribute valign": "yyyyyyyyyyyyyyy 2020-12",
    "attribute width": "yyyyyayyyyyyyyy 2019-09",
    "comments": "yyyyyyyyyyyyyyy 2024-05",
    "doctype": "yyyyynyyyyyynnn 2019-07",
    "image avif": "yyaaanyyyyyyyyy 2023-01",
    "image gif": "yyyyyayyyyyyyyy 2020-02",
    "image jpg": "yyyyyyyyyyyyyyy 2020-02",
    "image png": "yyyyyyyyyyyyyyy 2020-02",
    "image svg": "yynaayyyyyyyyyy 2023-01",
    "image webp": "yyaaanyyyyyyyyy 2021-02",
    "meta color-scheme": "ynnnnnnnnnnnnny 2023-09",
    "selector #id": "yyyaayyyyyyyyyy 2019-10",
    "selector *": "yyyaanyyyyyyyyy 2019-10",
    "selector .class": "yyyaayyyyyyyyyy 2019-10",
    "selector ::after": "yynnnnaaannnnyy 2020-05",
    "selector ::before": "yynnnnaaannnnyy 2020-05",
    "selector :first-child": "yynnnnaayyyyyyy 2019-10",
    "selector :hover": "yyynanaanyyyyyy 2019-10",
    "selector :not": "yynnnnnnnnnnnyy 2019-10",
    "selector :nth-child": "yynnnnnnnnnnnyy 2019-10",
    "selector >": "yyyaanyyyyyyyyy 2019-10",
    "selector [attribute]": "yyaaanaaaaaaayy 2020-12",
    "selector descendant": "yyyaayyyyyyyyyy 2019-10",
    "selector element": "yyyaayyyyyyyyyy 2019-10",
    "unit %": "yyyyyyyyyyyyyyy 2020-02",
    "unit em": "yyyyyyyyyyyyyyy 2020-02",
    "unit px": "yyyyyyyyyyyyyyy 2020-02",
    "unit rem": "yyyyynyyyynnnyy 2020-02",
    "unit vw": "yyyyynyyyyyyyyy 2020-02",
}

ALLOWED: Mapping[str, str] = {
    "overflow": "keeps a story's words in their column; without it they flow around the picture",
    "min-width": "lets those words drop below the picture; without it they flow around it",
    "height": "auto, so that pictures keep their proportions; Yahoo's min-height:auto changes nothing",
    "float": "old Outlook takes the align attribute, which stands beside it",
    "word-break": "breaks words longer than the line; where it is unknown word-wrap does",
    "word-wrap": "breaks words longer than the line; where it is unknown they run on",
    "color-scheme": "says that the letter knows both lights; others choose by themselves",
    "meta color-scheme": "as color-scheme",
    "@media": "larger type on wide screens stays on narrow ones; nothing is lost",
    "@media prefers-color-scheme": "others turn the colours over by themselves, and contrast holds",
    "selector [attribute]": "data-ogsc and data-ogsb are Outlook's own; other programs have no use for it",
    "attribute aria-label": "names the letter for screen readers; the h1 says the same",
    "<body>": "replaced by a div; the letter's own div carries every style again",
    "doctype": "ignored; the letter looks the same without",
}
"""Features that some programs do not support, and why the letter is whole without them."""

_PLAIN_SELECTOR = re.compile(r"[#.:\[>+~*]")
_UNIT = re.compile(r"(?<![\w#-])\d*\.?\d+(px|%|em|rem|vw)\b")
_FUNCTION = re.compile(r"\b(calc|var|clamp|light-dark|linear-gradient|rgba)\(")


@dataclass(frozen=True, slots=True)
class Support:
    """How well the programs support what a letter uses.

    Attributes:
        share: of all used features and programs (0 to 1), supported whole or in part, as caniemail counts;
            untested ones are left out.
        lacking: used features that some program does not support, with the programs' names.
    """

    share: float
    lacking: Mapping[str, tuple[str, ...]]


def support(page: Page) -> Support:
    """Return how the fifteen programs support the letter."""
    marks = {name: TABLE[name].split(maxsplit=1)[0] for name in sorted(set(_used(page)) & set(TABLE))}
    known = "".join(marks.values()).replace("?", "")
    lacking = {
        name: tuple(client for client, mark in zip(CLIENTS, row, strict=True) if mark == "n")
        for name, row in marks.items()
    }
    share = 1 - known.count("n") / len(known) if known else 1.0
    return Support(share, {name: who for name, who in lacking.items() if who})


def _used(page: Page) -> Iterator[str]:
    yield "doctype"
    if "<!--" in page.source:
        yield "comments"
    for element in page.elements:
        tag = "h1" if re.fullmatch("h[1-6]", element.tag) else element.tag
        yield "<semantics>" if tag in _SEMANTIC else f"<{'strong' if tag == 'b' else tag}>"
        yield from (f"attribute {name}" for name in element.attributes)
        if element.get("name") == "color-scheme":
            yield "meta color-scheme"
        if tag == "img":
            kind = element.get("src").partition("?")[0].rpartition(".")[2]
            yield f"image {kind.replace('jpeg', 'jpg')}"
        yield from _declared(element.style)
    for rule in page.rules:
        yield from _ruled(rule.media, rule.selector)
        yield from _declared(rule.declarations)
    if "!important" in page.styles:
        yield "!important"


_SEMANTIC = frozenset(
    {"article", "aside", "figcaption", "figure", "footer", "header", "main", "nav", "section"}
)


def _declared(style: Mapping[str, str]) -> Iterator[str]:
    for name, value in style.items():
        yield re.sub(r"^(margin|padding|border|background-position)-(top|right|bottom|left)$", r"\1", name)
        yield f"{name}:{value}"
        yield from (f"unit {unit}" for unit in _UNIT.findall(value))
        yield from (f"{function}()" for function in _FUNCTION.findall(value))


def _ruled(media: str, selector: str) -> Iterator[str]:
    if media:
        yield media.split(maxsplit=1)[0].partition("(")[0]
        if "prefers-color-scheme" in media:
            yield "@media prefers-color-scheme"
    for part in filter(None, (part.strip() for part in selector.split(","))):
        for sign, name in _SELECTORS.items():
            if sign in part:
                yield f"selector {name}"
        if " " in part:
            yield "selector descendant"
        if not _PLAIN_SELECTOR.match(part):
            yield "selector element"


_SELECTORS = {
    ".": ".class",
    "#": "#id",
    "*": "*",
    ">": ">",
    "[": "[attribute]",
    ":hover": ":hover",
    ":first-child": ":first-child",
    ":nth-child": ":nth-child",
    ":not(": ":not",
    "::before": "::before",
    "::after": "::after",
}
