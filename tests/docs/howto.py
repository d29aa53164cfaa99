"""Reading a how-to: the commands it shows, the edits it asks for, and what it says will be printed."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(
    r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$|^<!-- clock: (?P<clock>\S+) -->$", re.MULTILINE | re.DOTALL
)
_EXIT = re.compile(r"\s+# exits (\d)$")


@dataclass(frozen=True, slots=True)
class Clock:
    """From here on it is this time in the newsroom."""

    moment: str


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of a file as a diff shows it: blocks of lines that become other lines."""

    file: str
    before: str
    after: str

    def make(self, site: Path) -> None:
        """Make it; the lines that it shows must stand in the file once."""
        path = site / self.file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert not self.before or text.count(self.before) == 1, (
            f"{self.file} does not have once: {self.before}"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(self.before, self.after) if self.before else text + self.after, "utf-8")


@dataclass(frozen=True, slots=True)
class Command:
    """A command, what it prints, and how it exits."""

    line: str
    printed: str
    exits: int

    @property
    def words(self) -> list[str]:
        """The command as a shell would split it."""
        return shlex.split(self.line)

    def check(self, said: str, exited: int) -> None:
        """Compare with what really came; an ellipsis stands for anything, alone on a line for any lines."""
        assert exited == self.exits, f"$ {self.line}\nexits {exited} and prints:\n{said}"
        if self.printed:
            assert re.fullmatch(_pattern(self.printed), said.strip("\n") + "\n"), (
                f"$ {self.line}\nprints:\n{said}"
            )


Step = Clock | Edit | Command


def steps(text: str) -> Iterator[Step]:
    """Yield what a reader of the page does, in order."""
    for found in _FENCE.finditer(text):
        if found["clock"]:
            yield Clock(found["clock"])
        elif found["kind"] == "diff":
            yield from _edits(found["text"])
        elif found["kind"] == "console":
            yield from _commands(found["text"])


def _edits(text: str) -> Iterator[Edit]:
    for part in re.split(r"^--- ", text, flags=re.MULTILINE)[1:]:
        name, _, lines = part.partition("\n")
        for block in re.split(r"^@@.*\n", lines, flags=re.MULTILINE):
            rows = block.splitlines(keepends=True)
            yield Edit(
                name.strip(),
                before="".join(row[1:] for row in rows if row[0] in " -"),
                after="".join(row[1:] for row in rows if row[0] in " +"),
            )


def _commands(text: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, printed = part.partition("\n")
        code = _EXIT.search(line)
        yield Command(_EXIT.sub("", line), printed.strip("\n"), int(code[1]) if code else 0)


def _pattern(printed: str) -> str:
    return "".join(_line(line) for line in printed.split("\n"))


def _line(line: str) -> str:
    if line.strip() == "…":
        return r"(?:[^\n]*\n)*?"
    return r"[^\n]*?".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \t]*\n"
