"""Changing single values in a config file's text: comments, order and layout stay as people wrote them."""

import re
from collections.abc import Iterable, Mapping

from publisher.settings import document
from publisher.settings.document import Document, Path

_PLAIN = re.compile(r"^[^\W_](?:[\w ./@+*-]|:(?=\S)|,(?=\S))*(?<! )$")
_NOT_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def with_values(text: str, values: Mapping[Path, str]) -> str:
    """Return the text with other values at those paths.

    Args:
        text: of a config file that can be read as YAML.
        values: path -> the new value, as plain text; it is quoted where YAML needs it.

    Raises:
        KeyError: the file has no single value on one line at one of the paths.
    """
    found = _read(text)
    lines = list(found.lines)
    # From the end to the beginning, so that no place moves before its turn.
    for path in sorted(values, key=lambda one: found.values[one], reverse=True):
        begin, end = found.values[path], found.ends[path]
        if begin.line != end.line:
            raise KeyError(document.dotted(path))
        line = lines[begin.line - 1]
        lines[begin.line - 1] = line[: begin.column - 1] + quoted(values[path]) + line[end.column - 1 :]
    return "\n".join(lines)


def commented_out(text: str, paths: Iterable[Path]) -> str:
    """Return the text with the lines of those keys made comments.

    Raises:
        KeyError: the file has no such key.
    """
    found = _read(text)
    lines = list(found.lines)
    for path in paths:
        first, last = found.keys[path].line, found.ends[path]
        # A map ends where the next key begins, which may be lines below.
        end = last.line if last.column > found.keys[path].column else last.line - 1
        for number in range(first, max(first, end) + 1):
            line = lines[number - 1]
            if line.strip() and not line.lstrip().startswith("#"):
                indent = len(line) - len(line.lstrip())
                lines[number - 1] = f"{line[:indent]}#{line[indent:]}"
    return "\n".join(lines)


def quoted(value: str) -> str:
    """Return a value as YAML takes it for text: in quotes where it needs them."""
    if _PLAIN.match(value) and value.casefold() not in _NOT_TEXT:
        return value
    return "'" + value.replace("'", "''") + "'"


def _read(text: str) -> Document:
    return document.read("", text.encode())
