"""What a file does that YAML does not understand, said in a sentence a person can act on."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from publisher.settings import cronhelp
from publisher.settings.places import Place
from publisher.settings.problems import Problem, problem_at

_LARGEST = 2**20
_CONFLICT = re.compile(r"^<{7} ")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
_INVISIBLE_INDENT = re.compile(r"^[ \t]*[\u00a0\u2000-\u200b\u202f\u3000\ufeff]")
_NO_SPACE = re.compile(r"^\s*(?:- )?[\w-]+:(?=[^ \t\n:/])")
_STAR = re.compile(r":\s+(\*[ /\d].*?)\s*$")
_CURLY = re.compile("[“”‘’„«»]")
_OTHER_BREAKS = {0x85: " ", 0x2028: " ", 0x2029: " "}
"""Ends of a line to YAML 1.1 and to no editor: line numbers would be off."""

Answer = tuple[int, int, str, str]
"""Line, column, what is wrong, what to do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The parser's complaint: its words, and where it noticed what; lines and columns count from 1."""

    problem: str
    context: str
    line: int
    column: int
    began: tuple[int, int]
    lines: Sequence[str]

    @property
    def source(self) -> str:
        """The line at which the parser stopped."""
        return self.text(self.line)

    @property
    def rest(self) -> str:
        """What stands there from the column on."""
        return self.source[self.column - 1 :]

    def text(self, line: int) -> str:
        """Return a line of the file."""
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""

    def line_above(self) -> int:
        """Return the number of the nearest line above that says something; 0 when there is none."""
        above = range(self.line - 1, 0, -1)
        return next((at for at in above if self.text(at).strip() and self.text(at).strip()[0] != "#"), 0)


def decoded(file: str, content: bytes) -> tuple[str, Problem | None]:
    """Return a file's text without byte order mark and Windows line ends, or why it cannot be read."""
    if len(content) > _LARGEST:
        return "", _at(file, 1, 1, "the file is larger than 1 MB, which no config is", "is it the right one?")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", _at(file, 1, 1, "the file is saved as UTF-16", "save it with the encoding UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", errors="replace")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        return "", _at(
            file, line, column, "a letter here is not UTF-8", "save the file with the encoding UTF-8"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_OTHER_BREAKS), None


def before_parsing(file: str, text: str) -> list[Problem]:
    """Return what is found by looking at the lines: merge conflicts, characters nobody sees."""
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if _CONFLICT.match(line):
            message = "a merge conflict stands here, from <<<<<<< to >>>>>>>"
            found.append(
                _at(file, number, 1, message, "keep one of the two versions and delete the marks", line)
            )
        if bad := _CONTROL.search(line):
            message = f"the invisible character U+{ord(bad[0]):04X} stands here"
            found.append(_at(file, number, bad.start() + 1, message, "delete it"))
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
    mark = error.problem_mark or error.context_mark
    start = error.context_mark or mark
    fault = Fault(
        problem=str(error.problem or ""),
        context=str(error.context or ""),
        line=mark.line + 1,
        column=mark.column + 1,
        began=(start.line + 1, start.column + 1),
        lines=lines,
    )
    line, column, message, hint = next(answer for rule in _RULES if (answer := rule(fault)))
    return _at(file, line, column, message, hint, fault.text(line))


def unexplained(file: str, error: Exception) -> Problem:
    """Return any other complaint of the parser on one line."""
    what = "it is nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())
    return _at(file, 1, 1, f"the file cannot be read as YAML: {what}")


def _tab(fault: Fault) -> Answer | None:
    if "\\t" not in fault.problem and "\t" not in fault.source[: _indent(fault.source)]:
        return None
    column = fault.source.find("\t") + 1 or fault.column
    return (
        fault.line,
        column,
        "a tab stands here, and YAML is indented with spaces",
        "replace it with two spaces",
    )


def _bare_star(fault: Fault) -> Answer | None:
    found = _STAR.search(fault.source)
    if not found:
        return None
    return fault.line, found.start(1) + 1, "a value that begins with * needs quotes", f'write "{found[1]}"'


def _unknown_alias(fault: Fault) -> Answer | None:
    if "undefined alias" not in fault.problem:
        return None
    name = fault.rest.split()[0]
    return (
        fault.line,
        fault.column,
        f"there is no anchor for {name}",
        "put the value in quotes if it is no alias",
    )


def _no_space(fault: Fault) -> Answer | None:
    """A key glued to its value is text to YAML, and goes on into the next line: look there too."""
    for line in (fault.line, fault.line_above()):
        if found := _NO_SPACE.match(fault.text(line)):
            value = fault.text(line)[found.end() :].strip()
            return (
                line,
                found.end(),
                "after the colon a space is missing",
                f"write {found[0].strip()} {value}",
            )
    return None


def _curly_quotes(fault: Fault) -> Answer | None:
    found = _CURLY.search(fault.source)
    if not found:
        return None
    return (
        fault.line,
        found.start() + 1,
        "curly quotes do not quote in YAML",
        "replace them with straight ones",
    )


def _flow(fault: Fault) -> Answer | None:
    """Brackets and braces: not closed, or a comma is missing."""
    kind = next((kind for kind in ("sequence", "mapping") if f"flow {kind}" in fault.context), None)
    if kind is None:
        return None
    opening, closing = ("[", "]") if kind == "sequence" else ("{", "}")
    if "':'" in fault.problem and fault.line == fault.began[0]:
        message = "a second colon stands in this entry"
        return (
            fault.line,
            fault.column,
            message,
            "put text that holds a colon in quotes, or a comma before the key",
        )
    message = f"this {opening} is not closed, or a comma is missing after it"
    return *fault.began, message, f"close it with {closing}"


def _open_quote(fault: Fault) -> Answer | None:
    if "quoted scalar" not in fault.context or "end of stream" not in fault.problem:
        return None
    return *fault.began, "this quote is not closed", "end the value with the same quote"


def _after_quote(fault: Fault) -> Answer | None:
    if "'<scalar>'" not in fault.problem or not re.search(r"['\"]", fault.source[: fault.column]):
        return None
    message = "the quotes end before the value does"
    return fault.line, fault.column, message, "put the whole value in the other kind of quotes"


def _escape(fault: Fault) -> Answer | None:
    if "escape" not in fault.problem:
        return None
    return fault.line, fault.column, "in double quotes \\ has a meaning of its own", "use single quotes"


def _first_letter(fault: Fault) -> Answer | None:
    if "cannot start any token" not in fault.problem:
        return None
    hint = cronhelp.advice(fault.rest) if fault.rest.startswith("@") else None
    message = f"a value without quotes cannot begin with {fault.rest[:1]}"
    return fault.line, fault.column, message, hint or "put the whole value in quotes"


def _second_document(fault: Fault) -> Answer | None:
    if "another document" not in fault.problem:
        return None
    return fault.line, fault.column, "a second --- begins another document", "keep everything in one"


def _lone_word(fault: Fault) -> Answer | None:
    """A line without a colon where a key belongs."""
    if "could not find expected ':'" in fault.problem:
        line = fault.began[0]
    elif "mapping values" in fault.problem and (above := fault.line_above()) and ":" not in fault.text(above):
        line = above
    else:
        return None
    word = fault.text(line).strip()
    hint = f"write - key: {word[1:].strip()}" if word.startswith("-") else f"write {word}: and its value"
    return line, _indent(fault.text(line)) + 1, "this line has no colon", hint


def _second_colon(fault: Fault) -> Answer | None:
    if "mapping values" not in fault.problem:
        return None
    if re.search(r":\s", fault.source[: fault.column - 1]):
        return (
            fault.line,
            fault.column,
            "a text that holds a colon needs quotes",
            "put the whole value in quotes",
        )
    message = "the line is indented too far: the key above it has a value already"
    return fault.line, _indent(fault.source) + 1, message, "indent the keys of one map alike"


def _list_or_map(fault: Fault) -> Answer | None:
    if "sequence entries" in fault.problem:
        hint = "begin it on a line of its own, indented below its key"
        return fault.line, fault.column, "a list item cannot stand here", hint
    if "'-'" in fault.problem:
        return (
            fault.line,
            fault.column,
            "a dash begins a list item, and this is a map of keys",
            "delete the dash",
        )
    if "block collection" in fault.context and fault.rest[:1] != "-":
        return *fault.began, "a dash begins a list item, and this is a map of keys", "delete the dash"
    return None


def _misaligned(fault: Fault) -> Answer | None:
    if "expected <block end>" not in fault.problem:
        return None
    own, levels = _indent(fault.source), _open_levels(fault)
    inner = next((level for level in levels if level > own), 0)
    if own % 2 == 0 and inner % 2:
        # An even line under an odd one: it is the odd one that slipped.
        line = next(at for at in range(fault.line - 1, 0, -1) if _says_something(fault, at, inner))
        message = (
            f"the line is indented by {inner} spaces, the next key of its map (line {fault.line}) by {own}"
        )
        return line, inner + 1, message, "indent the keys of one map alike"
    message = f"the line is indented by {own} spaces, the keys above it by {', '.join(map(str, levels))}"
    return fault.line, own + 1, message, "indent the keys of one map alike"


def _whatever(fault: Fault) -> Answer:
    return fault.line, fault.column, f"YAML does not understand this: {fault.problem}", ""


_RULES: tuple[Callable[[Fault], Answer | None], ...] = (
    _tab,
    _bare_star,
    _unknown_alias,
    _no_space,
    _curly_quotes,
    _after_quote,
    _flow,
    _open_quote,
    _escape,
    _first_letter,
    _second_document,
    _lone_word,
    _second_colon,
    _list_or_map,
    _misaligned,
    _whatever,
)
"""From the most exact to the most general; the first that answers is right."""


def _open_levels(fault: Fault) -> list[int]:
    """Return the indentations of the maps that are open above a line, outermost first."""
    levels: list[int] = []
    for line in range(fault.line - 1, 0, -1):
        text = fault.text(line)
        if text.strip() and not text.lstrip().startswith("#") and (not levels or _indent(text) < levels[0]):
            levels.insert(0, _indent(text))
    return levels


def _says_something(fault: Fault, line: int, indent: int) -> bool:
    text = fault.text(line)
    return bool(text.strip()) and not text.lstrip().startswith("#") and _indent(text) == indent


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _at(file: str, line: int, column: int, message: str, hint: str = "", source: str = "") -> Problem:
    return problem_at(Place(file, line, column), "", message, hint, source)
