"""A letter as a page of its own, for a frame that can do nothing: no script, no form, nothing fetched."""

import base64
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Literal

from publisher.web import headers
from publisher.web.console.visit import GUARD
from publisher.web.headers import Header
from publisher.web.reply import Reply

Light = Literal["light", "dark"]

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)
_HEADERS: tuple[Header, ...] = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", _POLICY.encode()),
    (b"x-frame-options", b"SAMEORIGIN"),
    *GUARD,
)
_MEDIA = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(?P<light>light|dark)\s*\)", re.IGNORECASE)
_META = re.compile(r'(<meta name="(?:supported-)?color-schemes?" content=")[^"]*"', re.IGNORECASE)
_SCHEME = re.compile(r"color-scheme\s*:\s*light dark")


def letter(html: str, files: Mapping[str, bytes], site_url: str, light: Light) -> Reply:
    """Return a letter as a mail program in that light shows it, whatever light the operator's own screen has.

    Args:
        html: the letter's HTML part.
        files: the pictures that it shows, by name below ``/media/``; they are put into the page.
        site_url: of the site.
        light: of the reader's device.
    """
    for name, content in files.items():
        html = html.replace(f"{site_url}/media/{name}", _inside(name, content))
    return Reply(200, _HEADERS, in_light(html, light).encode())


def in_light(html: str, light: Light) -> str:
    """Return the letter with its rules for the other light switched off, and those for this one on."""
    html = _MEDIA.sub(
        lambda found: "(min-width:0)" if found["light"].lower() == light else "(max-width:0)", html
    )
    return _SCHEME.sub(f"color-scheme: only {light}", _META.sub(rf'\g<1>only {light}"', html))


def _inside(name: str, content: bytes) -> str:
    kind = headers.TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
