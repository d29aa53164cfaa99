"""The text part: written from the data, wrapped, every address whole on its own line."""

from dataclasses import replace

from publisher.digest.gate import check
from publisher.digest.textpart import RULE, WIDTH, note_text
from tests.digest.letters import NOTE, SITE, letter, rendered


def test_lines_are_short_and_addresses_are_whole() -> None:
    some = letter("vi", 12, note=NOTE)
    long = f"{SITE}/articles/" + "a" * 200
    some = replace(some, lead=replace(some.lead, url=long) if some.lead else None)

    text = rendered(some).text

    assert long in text.splitlines()
    assert all(len(line) <= WIDTH for line in text.splitlines() if "http" not in line)


def test_it_reads_like_a_letter() -> None:
    some = letter("en", 4)
    assert some.lead

    lines = rendered(some).text.splitlines()

    assert lines[:4] == [
        "THE MƯỜNG LƯA COURIER",
        "Morning Letter",
        "Saturday, November 21, 2026",
        "=" * RULE,
    ]
    assert "[Politics]" in lines
    assert lines.index("ECONOMY") < lines.index(some.sections[0].stories[0].url)
    assert lines.index(f"{SITE}/articles/00000") < lines.index("ECONOMY")
    place = lines.index("Unsubscribe:")
    assert "/u/" in lines[place + 1]


def test_an_address_in_a_lede_is_not_taken_for_a_storys() -> None:
    some = letter("en", 3)
    assert some.lead
    other = some.sections[0].stories[0].url
    some = replace(some, lead=replace(some.lead, lede=f"{'x' * 60} {other} {'y' * 60}"))

    content = rendered(some)

    assert f" {other}" in content.text.splitlines()
    assert check(content) == ()


def test_the_preheader_is_not_in_it() -> None:
    content = rendered(letter("en", 6), preheader="Nothing that any story says, but forty characters")

    assert "Nothing that any story says" in content.html
    assert "Nothing that any story says" not in content.text


def test_a_correction_and_the_byline_are_told() -> None:
    some = letter("vi", 2)
    assert some.lead
    some = replace(some, lead=replace(some.lead, correction="Con số đúng là 45.", byline="Lò Thị Ban"))

    text = rendered(some).text

    assert "Đính chính: Con số đúng là 45." in text
    assert "Lò Thị Ban" in text


def test_the_editors_note_is_told_without_its_markup() -> None:
    assert note_text(NOTE) == (
        f"Good morning. The market opens late today, and the ferry\n<{SITE}/articles/note> does not run.\n\n"
        "- Rain until noon\n\n- Clear at night"
    )
    assert note_text("") == ""
    assert note_text("<p>https://x.example</p><p>a &lt; b &amp; c</p>") == " https://x.example\n\na < b & c"
