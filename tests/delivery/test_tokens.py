"""Tokens: short, keyed, telling nothing, readable after a key is replaced."""

import re
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import ConfigError, UnreachableError
from publisher.tokens import TOKEN, Purpose, Tokens, site_tokens, tokens_of

OLD, NEW = "an-old-key-of-the-site", "the-new-key-of-the-site"
PURPOSES: list[Purpose] = ["unsubscribe", "preferences", "confirm", "message"]
NUMBERS = st.integers(0, 2**48 - 1)


@given(NUMBERS, st.sampled_from(PURPOSES))
def test_a_token_comes_back_in_any_capitals(number: int, purpose: Purpose) -> None:
    tokens = tokens_of(NEW)
    token = tokens.make(purpose, number)

    assert re.fullmatch(r"[a-z2-7]{24}", token)
    assert TOKEN.fullmatch(token)
    assert tokens.read(purpose, token) == tokens.read(purpose, token.upper()) == number
    assert token == tokens.make(purpose, number)


@given(NUMBERS)
def test_a_token_is_good_for_one_purpose_only(number: int) -> None:
    tokens = tokens_of(NEW)
    made = [tokens.make(purpose, number) for purpose in PURPOSES]

    assert len(set(made)) == len(PURPOSES)
    assert [tokens.read("confirm", token) for token in made] == [None, None, number, None]


@given(NUMBERS, st.integers(0, 23), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_changed_letter_opens_nothing(number: int, place: int, letter: str) -> None:
    tokens = tokens_of(NEW)
    token = tokens.make("unsubscribe", number)
    changed = token[:place] + letter + token[place + 1 :]

    assert tokens.read("unsubscribe", changed) == (number if changed == token else None)


@pytest.mark.parametrize("rubbish", ["", "x", "é" * 24, "1" * 24, "a" * 24, "a" * 23, "=" * 24, "a" * 48])
def test_rubbish_opens_nothing(rubbish: str) -> None:
    assert tokens_of(NEW).read("unsubscribe", rubbish) is None


def test_neighbours_look_nothing_alike() -> None:
    tokens = tokens_of(NEW)
    made = [tokens.make("unsubscribe", number) for number in range(200)]

    # Were the number readable, its high zero bits would give the tokens a part in common.
    assert all(len({token[place] for token in made}) > 10 for place in range(24))


def test_a_replaced_key_still_reads_old_letters() -> None:
    before, after = tokens_of(OLD), tokens_of(f"{NEW}\n{OLD}\n")

    assert after.read("unsubscribe", before.make("unsubscribe", 7)) == 7
    assert after.make("unsubscribe", 7) == tokens_of(NEW).make("unsubscribe", 7)
    assert tokens_of(NEW).read("unsubscribe", before.make("unsubscribe", 7)) is None


@pytest.mark.parametrize("secret", ["", "  \n", "short", f"{NEW} short"])
def test_a_weak_secret_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(ConfigError, match="16 characters") as caught:
        tokens_of(secret)
    assert NEW not in str(caught.value)


def test_numbers_that_do_not_fit_are_refused() -> None:
    for number in (-1, 2**48):
        with pytest.raises(ValueError, match="no place"):
            tokens_of(NEW).make("confirm", number)


def test_the_sites_own_key_is_made_once_and_nobody_else_reads_it(tmp_path: Path) -> None:
    made: list[Tokens] = []
    threads = [
        threading.Thread(target=lambda: made.append(site_tokens(None, tmp_path / "var"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({tokens.keys for tokens in made}) == 1
    assert stat.S_IMODE((tmp_path / "var" / "secret").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["secret"]
    assert site_tokens(NEW, tmp_path).keys == (NEW.encode(),)


def test_a_key_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("no folder")
    with pytest.raises(UnreachableError, match="key cannot be read or made"):
        site_tokens(None, tmp_path / "var")
