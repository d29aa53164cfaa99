"""The last gate before the wire: characters that XML can carry, addresses that are URIs."""

import re
from html import escape, unescape
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

# XML 1.0 §2.2 Char; lone surrogates are outside it and could not become UTF-8 at all. The C1 controls are
# Chars but discouraged there, and HTML forbids them. U+FFFD only says that a character was lost; validators
# take it for a sign of a wrong coding.
_LOST = "\ufffd"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffc\U00010000-\U0010ffff]")
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(
    r"</?(?:p|div|h[1-6]|li|ul|ol|br|tr|td|th|blockquote|figure|figcaption|pre|hr)\b[^>]*>", re.IGNORECASE
)
_START_TAG = re.compile(r"""<[a-z](?:"[^"]*"|'[^']*'|[^<>"'])*>""", re.IGNORECASE)
_LINK = re.compile(r"""(\s(?:href|src|cite|poster|data|longdesc|srcset)=)("[^"]*"|'[^']*')""", re.IGNORECASE)
_URI = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/(?:[A-Za-z0-9/:@!$&'()*+,;=._~-]|%[0-9A-Fa-f]{2})*)?")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = "!$&'()*+,;=:[]-._~@"
_PATH = "/%:@!$&'()*+,;=-._~"


def plain(text: str) -> str:
    """Return the text without the characters that a feed cannot carry."""
    if text.isprintable() and _LOST not in text:
        return text
    return _FORBIDDEN.sub("", text) if _FORBIDDEN.search(text) else text


def line(text: str) -> str:
    """Return the text as one line: clean, and every run of white space a single space."""
    if text.isprintable() and "  " not in text and text[:1] != " " != text[-1:] and _LOST not in text:
        return text
    return " ".join(plain(text).split())


def uri(address: str) -> str:
    """Return an address as a URI: non-ASCII and unsafe characters percent-encoded as UTF-8 (RFC 3987 §3.1).

    What is percent-encoded already stays as it is; a host in other letters becomes its IDNA form.
    """
    if _URI.fullmatch(address):
        return address
    text = plain(address).strip()
    try:
        parts = urlsplit(text)
        host = _host(parts.netloc)
    except ValueError:
        return quote(text, safe=_PATH + "?#")
    return urlunsplit(
        (parts.scheme, host, _escaped(parts.path), _escaped(parts.query, "?"), _escaped(parts.fragment, "?"))
    )


def absolute_links(html: str, base: str) -> str:
    """Return HTML whose every href, src, srcset and the like is absolute and a URI.

    Args:
        html: sanitised: attribute values are quoted.
        base: the page that it stands on (``xml:base`` is not honoured reliably).
    """
    return _START_TAG.sub(lambda tag: _joined_tag(tag[0], base), html) if "=" in html else html


def text_of(html: str) -> str:
    """Return the words of sanitised HTML as one line."""
    return line(unescape(_TAG.sub("", _BREAK.sub(" ", html))))


def _joined_tag(tag: str, base: str) -> str:
    return _LINK.sub(lambda found: found[1] + _joined(found, base), tag) if "=" in tag else tag


def _joined(attribute: re.Match[str], base: str) -> str:
    value = unescape(attribute[2][1:-1])
    if "srcset" in attribute[1].lower():
        return f'"{_joined_set(value, base)}"'
    return f'"{_absolute(value, base)}"'


def _joined_set(value: str, base: str) -> str:
    """Make the candidates of a srcset absolute; each is an address and perhaps a width or a density."""
    candidates = [part.split(None, 1) for part in re.split(r",\s+|,$", value) if part.strip()]
    joined = (
        " ".join([_absolute(address, base).replace(",", "%2C"), *rest]) for address, *rest in candidates
    )
    return ", ".join(joined)


def _absolute(address: str, base: str) -> str:
    try:
        whole = urljoin(base, address.strip())
    except ValueError:
        whole = address
    return escape(uri(whole))


def _host(netloc: str) -> str:
    if netloc.isascii():
        return quote(netloc, safe=_HOST + "%")
    try:
        return netloc.encode("idna").decode("ascii")
    except UnicodeError:
        return quote(netloc, safe=_HOST)


def _escaped(part: str, more: str = "") -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=_PATH + more)
