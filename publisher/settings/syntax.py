"""What a file does that YAML does not understand, said in a sentence a person can act on."""

import re
from collections.abc import Sequence
from typing import Any

from publisher.settings.places import Place
from publisher.settings.problems import Problem, covered

_CONFLICT = re.compile(r"^(<{7} |={7}$|>{7} )")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
_INVISIBLE_INDENT = re.compile(r"^[ \t]*[\u00a0\u2000-\u200b\u202f\u3000\ufeff]")
_NO_SPACE = re.compile(r"^\s*(?:- )?[\w-]+:(?=[^\s:/])")
_CURLY = re.compile("[“”‘’„«»]")
_OTHER_BREAKS = {0x85: " ", 0x2028: " ", 0x2029: " "}
"""Ends of a line to YAML 1.1 and to no editor: line numbers would be off."""


def decoded(file: str, content: bytes) -> tuple[str, Problem | None]:
    """Return a file's text without byte order mark and Windows line ends, or why it cannot be read."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", _at(file, 1, 1, "the file is saved as UTF-16", "save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace").lstrip("\ufeff")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        return "", _at(
            file, line, column, "a letter here is not UTF-8", "save the file with the encoding UTF-8"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_OTHER_BREAKS), None


def before_parsing(file: str, text: str) -> list[Problem]:
    """Return what is found by looking at the lines: merge conflicts, control characters."""
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if _CONFLICT.match(line) and not line.startswith(("=", ">")):
            message = "a merge conflict stands here: lines from <<<<<<< to >>>>>>>"
            found.append(
                _at(file, number, 1, message, "keep one of the two versions and delete the marks", line)
            )
        if bad := _CONTROL.search(line):
            code = f"U+{ord(bad[0]):04X}"
            found.append(
                _at(file, number, bad.start() + 1, f"the invisible character {code} stands here", "delete it")
            )
        if odd := _INVISIBLE_INDENT.match(line):
            message = "the line is indented with an invisible character that is no space"
            found.append(_at(file, number, odd.end(), message, "delete it and use spaces", line))
    return found


def blanked(text: str) -> str:
    """Return the text with tabs at the end of a line made spaces: the parser stumbles over them."""
    return re.sub(r"[ \t]+$", lambda end: " " * len(end[0]), text, flags=re.MULTILINE)


def explained(file: str, lines: Sequence[str], error: Any) -> Problem:
    """Return the parser's complaint in plain words, at the place where a person has to look.

    Args:
        file: its name for messages.
        lines: of its text.
        error: ruamel.yaml's ``MarkedYAMLError``.
    """
    problem, context = str(error.problem or ""), str(error.context or "")
    mark = error.problem_mark or error.context_mark
    if _is_unclosed(problem, context) and error.context_mark:
        mark = error.context_mark
    line, column = mark.line + 1, mark.column + 1
    source = lines[line - 1] if line <= len(lines) else ""
    if tight := _NO_SPACE.match(source):
        column, message = tight.end(), "after the colon a space is missing"
        return _at(
            file, line, column, message, f"write {tight[0].strip()} {source[tight.end() :].strip()}", source
        )
    if "expected <block end>" in problem and "'<scalar>'" not in problem and "'-'" not in problem:
        return _at(file, line, column, *_misaligned(lines, line), source)
    message, hint = _sentence(problem, context, source, column)
    return _at(file, line, column, message, hint, source)


def unexplained(file: str, error: Exception) -> Problem:
    """Return any other complaint of the parser on one line."""
    what = "it is nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())
    return _at(file, 1, 1, f"the file cannot be read as YAML: {what}")


def _is_unclosed(problem: str, context: str) -> bool:
    return "end of stream" in problem or "flow" in context


def _sentence(problem: str, context: str, source: str, column: int) -> tuple[str, str]:
    rest = source[column - 1 :]
    if "\\t" in problem or "\t" in source[: len(source) - len(source.lstrip())]:
        return "a tab stands here; YAML is indented with spaces", "replace it with two spaces"
    if re.search(r":\s*\*[ /\d]", source):
        return "a value that begins with * needs quotes", f"write {_quoted(source)}"
    if "alias" in problem:
        return f"there is no anchor for {rest.split()[0]}", "put the value in quotes if it is no alias"
    if _CURLY.search(source):
        return "curly quotes do not quote in YAML", "replace them with straight ones: \" or '"
    if "flow" in context or "end of stream" in problem:
        return _unclosed(context)
    return _layout(problem, rest)


def _misaligned(lines: Sequence[str], line: int) -> tuple[str, str]:
    """Return the sentence for a line that stands on none of the levels that are open above it."""
    own = _indent(lines[line - 1])
    levels: list[int] = []
    for above in reversed(lines[: line - 1]):
        if (
            above.strip()
            and not above.lstrip().startswith("#")
            and (not levels or _indent(above) < levels[0])
        ):
            levels.insert(0, _indent(above))
    known = ", ".join(map(str, levels))
    return (
        f"the line is indented by {own} spaces, the keys above it by {known}",
        "indent the keys of one map alike",
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _unclosed(context: str) -> tuple[str, str]:
    if "flow sequence" in context:
        return "this [ is not closed, or a comma is missing in the list", "close it with ] on the same line"
    if "flow mapping" in context:
        return "this { is not closed, or a comma is missing in it", "close it with } on the same line"
    return "this quote is not closed", "end the value with the same quote"


def _layout(problem: str, rest: str) -> tuple[str, str]:
    if "mapping values" in problem:
        message = "a colon stands where it cannot: wrong indentation, a text with a colon, or no colon above"
        return message, "indent the keys of one map alike; put text that holds a colon in quotes"
    if "'-'" in problem:
        return "a dash begins a list item, and this is a map of keys", "delete the dash"
    if "sequence entries" in problem:
        return "a list item cannot stand here", "begin it on a line of its own, indented below its key"
    if "cannot start any token" in problem:
        return f"a value cannot begin with {rest[:1]}", "put the whole value in quotes"
    if "expected <block end>" in problem:
        return "text goes on after a closing quote", "put the whole value in the other kind of quotes"
    if "escape" in problem:
        return "in double quotes \\ has a meaning of its own", "use single quotes"
    if "another document" in problem:
        return "a second --- begins another document", "keep everything in one"
    if "could not find expected ':'" in problem:
        return "a key without its colon", "write key: value"
    return f"YAML does not understand this: {problem}", ""


def _quoted(source: str) -> str:
    key, _, value = source.strip().partition(":")
    return f"{key}: '{value.strip()}'"


def _at(file: str, line: int, column: int, message: str, hint: str = "", source: str = "") -> Problem:
    place = Place(file, line, column)
    return Problem(
        file=place.file,
        line=place.line,
        column=place.column,
        path="",
        message=message,
        hint=hint,
        source_line=covered(source),
    )
