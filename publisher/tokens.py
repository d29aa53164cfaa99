"""Short keyed tokens that stand for a row number and reveal nothing about it.

A token is 24 letters and digits: a 72-bit tag and a 48-bit number hidden under a mask that the tag chooses
(the order of RFC 5297's synthetic IV). Without a key nobody can read a number out of it, make another, or
tell whether two of different purposes belong together. No table is needed to check one. Base 32 in small
letters is read in any capitals, because mail programs fold the part before the @ as they like.
"""

import base64
import binascii
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest
from pathlib import Path
from typing import Literal

from publisher.errors import ConfigError, UnreachableError

Purpose = Literal["unsubscribe", "preferences", "confirm", "message", "form"]

LENGTH = 24
_TAG, _NUMBER = 9, 6
_SHORTEST = 16
_LARGEST = 2 ** (8 * _NUMBER)
_DIGITS = b"abcdefghijklmnopqrstuvwxyz234567".ljust(256)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and reads tokens.

    Attributes:
        keys: the first makes tokens, all are tried when one is read, so that a key can be replaced while
            letters made under the old one are still read.
    """

    keys: tuple[bytes, ...]

    def make(self, purpose: Purpose, number: int) -> str:
        """Return the token for a row number (0 to 2^48 - 1); the same each time."""
        if not 0 <= number < _LARGEST:
            raise ValueError(f"{number} has no place in a token")
        plain = number.to_bytes(_NUMBER, "big")
        seal, mask = _begun(self.keys[0], purpose)
        tag = _ended(seal, plain)
        hidden = number ^ int.from_bytes(_ended(mask, tag), "big")
        return _in_base32(int.from_bytes(tag, "big") << 8 * _NUMBER | hidden)

    def read(self, purpose: Purpose, token: str) -> int | None:
        """Return the row number that the token was made for, or None when none of the keys made it."""
        if len(token) != LENGTH:
            return None
        try:
            data = base64.b32decode(token.upper())
        except (binascii.Error, ValueError):
            return None
        tag, hidden = data[:_TAG], data[_TAG:]
        for key in self.keys:
            seal, mask = _begun(key, purpose)
            plain = _xor(hidden, _ended(mask, tag))
            if compare_digest(tag, _ended(seal, plain)):
                return int.from_bytes(plain, "big")
        return None


def base32(data: bytes) -> str:
    """Return fifteen bytes as letters and digits (RFC 4648 §6, in small letters).

    The standard library's takes three times as long, and a letter needs four of these.
    """
    return _in_base32(int.from_bytes(data, "big"))


def _in_base32(number: int) -> str:
    """Return a number of 120 bits as digits.

    Its groups of five bits move apart until each stands in a byte of its own, all at the same time. To look
    up several digits at once takes fewer steps, but the table is seldom in the processor's cache.
    """
    for staying, moving, distance in _STEPS:
        number = number & staying | (number & moving) << distance
    return number.to_bytes(LENGTH, "big").translate(_DIGITS).decode("ascii")


def _steps() -> Iterator[tuple[int, int, int]]:
    """Yield which bits stay, which move, and how far, until each group of five is in a byte of its own.

    Each step halves the blocks in which groups stand side by side. The lower half of a block is in its place;
    the upper one leaves three bits of room for each group of the lower.
    """
    blocks = [(0, LENGTH)]
    while (most := max(count for _, count in blocks)) > 1:
        half = -(-most // 2)
        halves = [(place, min(count, half)) for place, count in blocks]
        others = [(place + half, count - half) for place, count in blocks if count > half]
        staying = sum(_ones(count) << 8 * place for place, count in halves)
        moving = sum(_ones(count) << 8 * place - 3 * half for place, count in others)
        yield staying, moving, 3 * half
        blocks = halves + others


def _ones(groups: int) -> int:
    return (1 << 5 * groups) - 1


_STEPS = tuple(_steps())


def tokens_of(secret: str) -> Tokens:
    """Return the tokens of a secret: keys separated by spaces or line ends, the newest first.

    Raises:
        ConfigError: there is no key, or one is too short to be a secret.
    """
    keys = secret.split()
    if not keys or any(len(key) < _SHORTEST for key in keys):
        raise ConfigError(
            f"PUBLISHER_SECRET: each key needs at least {_SHORTEST} characters; "
            "make one with: openssl rand -hex 32"
        )
    return Tokens(tuple(key.encode() for key in keys))


def site_tokens(secret: str | None, var: Path) -> Tokens:
    """Return the site's tokens.

    Args:
        secret: from PUBLISHER_SECRET; without it the site's own key in ``var/secret`` is used, made once.
        var: the site's folder of that name.

    Raises:
        ConfigError: the secret cannot be used.
        UnreachableError: the file cannot be made or read.
    """
    return tokens_of(secret or _own_secret(var / "secret"))


def _own_secret(file: Path) -> str:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            _make_once(file)
        return file.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreachableError(f"{file}: the site's key cannot be read or made: {error}") from error


def _make_once(file: Path) -> None:
    """Write a new key; of two processes at once, one wins and both read the winner's."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(32) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


@lru_cache(maxsize=64)
def _begun(key: bytes, purpose: Purpose) -> tuple[blake2b, blake2b]:
    """Return the keyed hashes (RFC 7693 §2.9) that seal and mask, begun once; a letter needs six."""
    # The configured key may be longer than BLAKE2 takes one.
    short = blake2b(key).digest()
    seal, mask = (
        blake2b(f"{use} {purpose}".encode(), digest_size=32, key=short).digest() for use in ("seal", "mask")
    )
    return blake2b(digest_size=_TAG, key=seal), blake2b(digest_size=_NUMBER, key=mask)


def _ended(begun: blake2b, message: bytes) -> bytes:
    hashed = begun.copy()
    hashed.update(message)
    return hashed.digest()


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(_NUMBER, "big")


TOKEN = re.compile(rf"[a-z2-7A-Z]{{{LENGTH}}}")
"""What a token looks like."""
