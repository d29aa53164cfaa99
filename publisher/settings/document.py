"""One config file as text with the place of every key and value: the only home of ruamel.yaml.

Every scalar stays the text that was typed: YAML's own reading would make 1020 of ``17:00``, False of ``no``
and 384 of ``0600``. What kind of value it has to be is the schema's business.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from publisher.settings import syntax
from publisher.settings.places import Place
from publisher.settings.problems import Problem, covered, problem_at
from publisher.settings.secrets import without_secrets

Path = tuple[str | int, ...]

_NULL = "tag:yaml.org,2002:null"
_CORE = "tag:yaml.org,2002:"
_TOO_MANY = 50_000
_QUOTES = {"“": "”", "‘": "’", "„": "“", "«": "»"}
_GLUED = re.compile(r"^([\w-]+):([^\s/].*)$", re.DOTALL)
_COLOR_COMMENT = re.compile(r":\s+(#[0-9a-fA-F]{3,8})\s*$")


@dataclass(slots=True)
class Document:
    """A config file, read.

    Attributes:
        file: its name for messages.
        lines: of its text.
        data: maps, lists, text and None; an empty map when it cannot be read.
        keys: path -> place of the key (of the item, in a list).
        values: path -> place of the value.
        ends: path -> place right after the value.
        problems: what is wrong with it as YAML.
        readable: whether ``data`` is what the file says.
    """

    file: str
    lines: tuple[str, ...]
    data: dict[str, Any] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    ends: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    readable: bool = True

    def problem(self, path: Path, message: str, hint: str = "", *, at_value: bool = False) -> Problem:
        """Return a problem at that path, or at what stands nearest above it."""
        return self.problem_at(self.place(path, at_value=at_value), dotted(path), message, hint)

    def problem_at(self, place: Place, path: str, message: str, hint: str = "") -> Problem:
        """Return a problem at a place."""
        source = self.source_line(place.line) if place.file == self.file else ""
        return problem_at(place, path, message, hint, source)

    def place(self, path: Path, *, at_value: bool = False) -> Place:
        """Return where the key (or value) stands; of a path that is not written, its nearest parent."""
        if at_value and path in self.values:
            return self.values[path]
        while path and path not in self.keys:
            path = path[:-1]
        return self.keys.get(path, Place(self.file, 1, 1))

    def source_line(self, number: int) -> str:
        """Return a line of the file without what could be a secret."""
        line = self.lines[number - 1] if 0 < number <= len(self.lines) else ""
        return covered(without_secrets(line))


def dotted(path: Path) -> str:
    """Return the path as people write it: ``digests.morning.sections[0].section``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def read(file: str, content: bytes) -> Document:
    """Return a config file's content with its places and with everything that is wrong with it as YAML.

    Args:
        file: its name for messages.
        content: bytes as they stand on disk; a byte order mark and Windows line ends are fine.
    """
    text, problem = syntax.decoded(file, content)
    document = Document(file, tuple(text.split("\n")))
    found = [problem] if problem else syntax.before_parsing(file, text)
    if found:
        document.problems.extend(found)
        document.readable = False
        return document
    try:
        yaml = YAML(typ="safe", pure=True)
        node = yaml.compose(syntax.blanked(text))
    except MarkedYAMLError as error:
        document.problems.append(syntax.explained(file, document.lines, error))
        document.readable = False
    except (YAMLError, RecursionError, ValueError) as error:
        document.problems.append(syntax.unexplained(file, error))
        document.readable = False
    else:
        _Reader(document).whole(node)
    return document


class _Reader:
    """Turns YAML's nodes into plain values and notes where they stand."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.nodes = 0
        self.open: list[int] = []

    def whole(self, node: Node | None) -> None:
        if node is None or self._is_empty(node):
            return
        if not isinstance(node, MappingNode):
            kind = "a list" if isinstance(node, SequenceNode) else "text"
            self._report(node, (), f"the file is {kind}; at its top stand keys, such as site: or jobs:")
            self.document.readable = False
            return
        self.document.data = self.value(node, ())

    def value(self, node: Node, path: Path) -> Any:
        self.nodes += 1
        self.document.values[path] = self._place(node)
        end = node.end_mark
        self.document.ends[path] = Place(self.document.file, end.line + 1, end.column + 1)
        if id(node) in self.open or self.nodes > _TOO_MANY:
            if self.nodes <= _TOO_MANY + 1:
                self._report(node, path, "an alias that holds itself, or holds too much")
            return None
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        self.open.append(id(node))
        try:
            if isinstance(node, MappingNode):
                return self._map(node, path)
            return [self._item(item, (*path, number)) for number, item in enumerate(node.value)]
        finally:
            self.open.pop()

    def _item(self, node: Node, path: Path) -> Any:
        self.document.keys[path] = self._place(node)
        return self.value(node, path)

    def _map(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._report(
                    node, path, "a value that begins with { or [ is no text to YAML", "put it in quotes"
                )
                continue
            key = str(key_node.value)
            glued = _GLUED.match(key) if key_node.style is None and self._is_empty(value_node) else None
            if glued:
                hint = f"write {glued[1]}: {glued[2]}"
                self._report(key_node, (*path, glued[1]), "after the colon a space is missing", hint)
                found[glued[1]] = glued[2]
                continue
            if key == "<<" and key_node.style is None:
                merged = self._merged(value_node, path)
                continue
            here = (*path, key)
            if key in found:
                first = self.document.keys[here].line
                self._report(
                    key_node, here, f"stands here a second time, first in line {first}", "keep one of them"
                )
                continue
            self.document.keys[here] = self._place(key_node)
            found[key] = self.value(value_node, here)
        return {**{key: value for key, value in merged.items() if key not in found}, **found}

    def _merged(self, node: Node, path: Path) -> dict[str, Any]:
        """Return what ``<<: *name`` brings in; a key that stands in the map itself wins."""
        sources = node.value if isinstance(node, SequenceNode) else [node]
        result: dict[str, Any] = {}
        for source in sources:
            if not isinstance(source, MappingNode) or id(source) in self.open:
                self._report(node, path, "<<: takes the alias of another map, such as <<: *name")
                return {}
            self.open.append(id(source))
            result = {**self._map(source, path), **result}
            self.open.pop()
        return result

    def _scalar(self, node: ScalarNode, path: Path) -> str | None:
        value = str(node.value)
        if not str(node.tag).startswith(_CORE):
            self._report(node, path, f"tags such as {node.tag} mean nothing here", "put the value in quotes")
        if self._is_null(node):
            self._color_lost_in_comment(path)
            return None
        if node.style is None and len(value) > 1 and _QUOTES.get(value[0]) == value[-1]:
            straight = value[1:-1]
            self._report(
                node,
                path,
                f"the curly quotes {value[0]}{value[-1]} do not quote in YAML, they become part of the value",
                f'did you mean "{straight}"',
            )
        return value

    def _color_lost_in_comment(self, path: Path) -> None:
        place = self.document.place(path)
        found = _COLOR_COMMENT.search(self.document.source_line(place.line))
        if found:
            self.document.problems.append(
                self.document.problem(
                    path, "has no value: # begins a comment", f"put it in quotes: '{found[1]}'"
                )
            )

    def _is_empty(self, node: Node) -> bool:
        return isinstance(node, ScalarNode) and self._is_null(node)

    @staticmethod
    def _is_null(node: ScalarNode) -> bool:
        return node.style is None and str(node.tag) == _NULL

    def _place(self, node: Node) -> Place:
        mark = node.start_mark
        return Place(self.document.file, mark.line + 1, mark.column + 1)

    def _report(self, node: Node, path: Path, message: str, hint: str = "") -> None:
        self.document.problems.append(
            self.document.problem_at(self._place(node), dotted(path), message, hint)
        )


def scalars(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield every text of a document's data with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from scalars(part, (*path, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from scalars(part, (*path, number))
