"""Styles into the elements: the only home of premailer.

Done once per edition, never per recipient.
"""

import logging
import re

import cssutils
from premailer import Premailer

from publisher.errors import ConfigError

cssutils.log.setLevel(logging.CRITICAL)

_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_CLASS_NAME = re.compile(r"\.([a-z][\w-]*)")
_CLASS_ATTRIBUTE = re.compile(r' class="([^"]*)"')
_BETWEEN_BLOCKS = re.compile(r">\s*\n\s*<")
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_SPACE = re.compile(r"\s*([{}:;,>])\s*")
_STYLE_ATTRIBUTE = re.compile(r""" style=(?:"([^"]*)"|'([^']*)')""")


def inlined(document: str) -> str:
    """Return the document with the rules of its plain style blocks written into its elements.

    A style block marked ``data-premailer="ignore"`` (media queries, dark colours, :hover) stays as it is;
    classes that it does not name are dropped, and so is white space between lines that end and begin with
    tags. Nothing is fetched.

    Args:
        document: whole HTML document; element and class selectors only, no ``!important`` in rules to inline.

    Raises:
        ConfigError: the document or its styles cannot be parsed.
    """
    premailer = Premailer(
        document,
        allow_network=False,
        allow_loading_external_files=False,
        disable_validation=True,
        strip_important=False,
        keep_style_tags=False,
        remove_classes=False,
        disable_link_rewrites=True,
        align_floating_images=False,
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        cssutils_logging_level=logging.CRITICAL,
    )
    try:
        page = premailer.transform(pretty_print=False)
    except Exception as error:
        raise ConfigError(f"templates/digest: the letter's styles cannot be inlined: {error}") from error
    return _compact("<!DOCTYPE html>" + page.partition("<html")[1] + page.partition("<html")[2])


def _compact(page: str) -> str:
    """Drop what inlining left over: classes that no kept rule names, and line breaks between tags."""
    styles = "".join(_STYLE.findall(page))
    kept = set(_CLASS_NAME.findall(styles))

    def without_spent(found: re.Match[str]) -> str:
        names = [name for name in found[1].split() if name in kept]
        return f' class="{" ".join(names)}"' if names else ""

    page = _CLASS_ATTRIBUTE.sub(without_spent, page)
    page = _STYLE.sub(_tight_block, page)
    page = _STYLE_ATTRIBUTE.sub(_tight_attribute, page)
    return _BETWEEN_BLOCKS.sub("><", page)


def _tight_block(found: re.Match[str]) -> str:
    # A space before !important stays: old Outlook needs it. So does one before a class: it is a descendant.
    rules = _CSS_SPACE.sub(r"\1", _CSS_COMMENT.sub("", found[1]))
    return found[0].replace(found[1], rules.strip().replace(";}", "}"))


def _tight_attribute(found: re.Match[str]) -> str:
    rules = _CSS_SPACE.sub(r"\1", (found[1] or found[2] or "").replace('"', "'"))
    return f' style="{rules}"'
