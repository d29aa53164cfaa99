"""Passwords for the console: argon2, and its only home.

A password stands in the environment as it is, or as the hash that ``publisher console-password`` prints, so
that whoever reads the environment cannot sign in.
"""

import hmac
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from publisher.errors import ConfigError

SHORTEST = 10
"""Characters that a password needs."""
LONGEST = 1000
_HASH = "$argon2id$"
_HASHER = PasswordHasher()


def hashed(password: str) -> str:
    """Return the argon2id hash of a password, each time another one (RFC 9106, its second choice).

    Raises:
        ConfigError: the password is too short.
    """
    return _HASHER.hash(_long_enough(password, "a password"))


def checked(kept: str, name: str) -> str:
    """Return what the environment says, if it can be used.

    Args:
        kept: a password or a hash.
        name: of the variable, for the error.

    Raises:
        ConfigError: it is too short, or begins like a hash and is none.
    """
    if not kept.startswith("$"):
        return _long_enough(kept, name)
    try:
        _HASHER.check_needs_rehash(kept)
    except InvalidHashError:
        raise ConfigError(
            f"{name}: this is no whole argon2id hash; make one with: publisher console-password "
            "(in a shell, put it in single quotes)"
        ) from None
    return kept


def matches(kept: str, given: str) -> bool:
    """Return whether a password is the one that is kept, in a time that does not tell how near it was.

    Args:
        kept: from :func:`checked`.
        given: by whoever wants in.
    """
    if not kept.startswith(_HASH):
        return hmac.compare_digest(sha256(kept.encode()).digest(), sha256(given.encode()).digest())
    try:
        return _HASHER.verify(kept, given)
    except VerificationError:
        return False


def _long_enough(password: str, name: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigError(
            f"{name}: needs at least {SHORTEST} characters; make one with: openssl rand -base64 18"
        )
    return password
