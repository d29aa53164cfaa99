"""Secrets come from the environment: how they are read, and how one that strayed into a file is found."""

import re
from collections.abc import Mapping
from pathlib import Path

from publisher.errors import ConfigError

SMTP_PASSWORD = "PUBLISHER_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
IMAP_PASSWORD = "PUBLISHER_IMAP_PASSWORD"  # noqa: S105
STORE_PASSWORD = "PUBLISHER_STORE_PASSWORD"  # noqa: S105
DKIM_KEYS = {"rsa": "PUBLISHER_DKIM_RSA", "ed25519": "PUBLISHER_DKIM_ED25519"}
"""Key of ``mail.dkim`` -> variable with the private key (PEM)."""
CONSOLE_PASSWORDS = {
    "operator": "PUBLISHER_CONSOLE_PASSWORD",
    "reader": "PUBLISHER_CONSOLE_READER_PASSWORD",
}
"""Role at the console -> variable with its password, or the argon2id hash of one."""

_NAMES = r"(?:pass(?:word|wd|phrase)?|pwd|secrets?|token|api_?key|private_?key|dkim_?key|credentials?)"
_SECRET_KEY = re.compile(rf"(?:^|_|-){_NAMES}$", re.IGNORECASE)
_IN_A_LINE = re.compile(rf"((?:^|[\s{{,\"'_-]){_NAMES}[\"']?\s*:\s*)\S.*$", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^\s:/@]*:[^\s@]+@")


def secret(env: Mapping[str, str], name: str) -> str | None:
    """Return a secret from the environment, or None when it is not set.

    Args:
        env: the environment.
        name: of the variable; ``NAME_FILE`` may name a file that holds it, as containers and systemd do.

    Raises:
        ConfigError: the file cannot be read. Never says what was in it.
    """
    if env.get(name):
        return env[name]
    file = env.get(f"{name}_FILE")
    if not file:
        return None
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ConfigError(f"{name}_FILE: {file} cannot be read: {why}") from None


def not_set(name: str, needed_by: str) -> str:
    """Return what to say of a secret that is wanted and not there, to follow its name."""
    return f"is not set, and {needed_by} needs it; set it, or {name}_FILE with a file's path"


def smtp_password_name(relay: str) -> str:
    """Return the variable with the password of one of ``mail.relays``."""
    return f"{SMTP_PASSWORD}_{re.sub('[^A-Z0-9]', '_', relay.upper())}"


def smtp_password(env: Mapping[str, str], relay: str, *, alone: bool) -> tuple[str, str | None]:
    """Return the variable that a relay's password stands in, and the password where it is set.

    Args:
        env: the environment.
        relay: its key in the config.
        alone: it is ``mail.smtp``; of several, one without a variable of its own has the common password.

    Raises:
        ConfigError: the file that a variable names cannot be read.
    """
    own = SMTP_PASSWORD if alone else smtp_password_name(relay)
    found = secret(env, own)
    return own, found if found or alone else secret(env, SMTP_PASSWORD)


def source_secret_name(source: str, *, bearer: bool) -> str:
    """Return the variable with the password, or the token, that a source's server wants."""
    kind = "TOKEN" if bearer else "PASSWORD"
    return f"PUBLISHER_SOURCE_{kind}_{re.sub('[^A-Z0-9]', '_', source.upper())}"


def is_secret_key(key: str) -> bool:
    """Return whether a key's name says that its value is a secret."""
    return bool(_SECRET_KEY.search(key))


def without_secrets(line: str) -> str:
    """Return a line of a file with all that follows a secret's key covered."""
    return _IN_A_LINE.sub(r"\1***", line)


def is_secret_value(value: str) -> bool:
    """Return whether a value is a private key or an address with a password in it."""
    return bool(_SECRET_VALUE.search(value))


def variable_for(path: str) -> str | None:
    """Return the environment variable for a secret found at that path of the config, if there is one."""
    if path.startswith("store."):
        return STORE_PASSWORD
    if path.startswith("mail.dkim"):
        return DKIM_KEYS.get(path.rpartition(".")[2], " or ".join(DKIM_KEYS.values()))
    if path.startswith("mail.relays."):
        return smtp_password_name(path.split(".")[2])
    if path.startswith("sources."):
        return source_secret_name(path.split(".")[1], bearer=path.endswith("token"))
    if path == "mail.bounces_inbox":
        return IMAP_PASSWORD
    return SMTP_PASSWORD if path.startswith("mail.") else None
