"""Words in the reader's language: whole for Vietnamese, added to by a site, mistakes with file and line."""

import ast
import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from publisher.errors import ConfigError
from publisher.i18n import words
from publisher.resources import builtin
from tests.conftest import REPOSITORY

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_IN_TEMPLATE = re.compile(r"""words(?:\.count)?\(\s*(["'])(.+?)\1(?:,\s*(["'])(.+?)\3)?""")


def said_in_templates() -> set[str]:
    files = [file for file in builtin("templates").rglob("*") if file.suffix in {".html", ".xml", ".txt"}]
    found = (_IN_TEMPLATE.finditer(file.read_text(encoding="utf-8")) for file in files)
    return {one[2] for some in found for one in some}


def said_in_code() -> set[str]:
    """Return the messages that code asks for: calls of words, or of a field of that name, with a text."""
    found = set()
    for file in (REPOSITORY / "publisher").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and _asks_for_words(node.func):
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def _asks_for_words(asked: ast.expr) -> bool:
    if isinstance(asked, ast.Attribute):
        counted = isinstance(asked.value, ast.Name) and asked.value.id == "words" and asked.attr == "count"
        return asked.attr == "words" or counted
    return isinstance(asked, ast.Name) and asked.id == "words"


def test_vietnamese_has_every_message() -> None:
    with (builtin("templates") / "locale" / "vi.po").open("rb") as stream:
        known = {
            message.id[0] if isinstance(message.id, tuple) else message.id
            for message in read_po(stream, abort_invalid=True)
            if message.string
        }

    asked = said_in_templates() | {one for one in said_in_code() if " " in one or one[:1].isupper()}
    assert asked - known == set()


def test_dates_numbers_and_moments_are_written_as_people_do() -> None:
    vi, en = words("vi"), words("en")
    moment = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)

    assert vi.date(date(2026, 11, 21)) == "Thứ Bảy, 21 tháng 11, 2026"
    assert en.date(date(2026, 11, 21)) == "Saturday, November 21, 2026"
    assert vi.date(moment, HANOI) == "Thứ Bảy, 21 tháng 11, 2026"
    assert vi.time(moment, HANOI) == "06:30"
    assert (vi.number(1234567), en.number(1234567)) == ("1.234.567", "1,234,567")


def test_what_no_catalogue_has_stands_in_english() -> None:
    assert words("vi")("Said nowhere") == "Said nowhere"
    assert words("de")("Unsubscribe") == "Unsubscribe"
    assert words("xx-XX").date(date(2026, 11, 21)) == "Saturday, November 21, 2026"


def test_plural_forms_are_the_languages_own(tmp_path: Path) -> None:
    catalogue(
        tmp_path,
        "pl",
        '"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2);\\n"\n',
        'msgid "{n} story"\nmsgid_plural "{n} stories"\nmsgstr[0] "{n} tekst"\nmsgstr[1] "{n} teksty"\n'
        'msgstr[2] "{n} tekstów"\n',
    )
    said = words("pl", tmp_path)

    assert [said.count("{n} story", "{n} stories", n) for n in (1, 3, 5)] == [
        "1 tekst",
        "3 teksty",
        "5 tekstów",
    ]
    assert [words("en").count("{n} story", "{n} stories", n) for n in (1, 2)] == ["1 story", "2 stories"]


def test_a_sites_own_words_come_first_and_a_new_language_is_one_file(tmp_path: Path) -> None:
    catalogue(tmp_path, "vi", "", 'msgid "Unsubscribe"\nmsgstr "Thôi nhận thư"\n')
    catalogue(tmp_path, "mww", "", 'msgid "Unsubscribe"\nmsgstr "Tsum tau"\n')

    assert words("vi", tmp_path)("Unsubscribe") == "Thôi nhận thư"
    assert words("vi", tmp_path)("Read on the web") == "Đọc trên web"
    assert words("mww", tmp_path)("Unsubscribe") == "Tsum tau"


def test_a_changed_catalogue_is_read_again(tmp_path: Path) -> None:
    file = catalogue(tmp_path, "vi", "", 'msgid "Unsubscribe"\nmsgstr "Một"\n')
    assert words("vi", tmp_path)("Unsubscribe") == "Một"

    catalogue(tmp_path, "vi", "", 'msgid "Unsubscribe"\nmsgstr "Hai"\n')
    os.utime(file, ns=(1, 1))

    assert words("vi", tmp_path)("Unsubscribe") == "Hai"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'msgid "a"\nmsgstr "b"\nnonsense\n', r"vi\.po:3: "),
        (b'msgid "\xff\xfe"\n', r"vi\.po: cannot be read"),
    ],
)
def test_a_broken_catalogue_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    file = catalogue(tmp_path, "vi", "", "")
    file.write_bytes(content)

    with pytest.raises(ConfigError, match=says):
        words("vi", tmp_path)


def test_directions() -> None:
    assert (words("vi").direction, words("ar").direction) == ("ltr", "rtl")


def catalogue(folder: Path, language: str, header: str, messages: str) -> Path:
    file = folder / "locale" / f"{language}.po"
    file.parent.mkdir(parents=True, exist_ok=True)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    file.write_text(f"{head}{header}\n{messages}", encoding="utf-8")
    return file
