"""E-mail addresses: the only home of email-validator."""

from email_validator import EmailNotValidError, validate_email


def normal(text: str) -> str:
    """Return the address in its normal form: NFC, domain in small letters and as people write it.

    Raises:
        ValueError: one sentence about what is wrong with it.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"{text.strip()!r} is no e-mail address: {error}") from None
    return found.normalized


def key(text: str) -> str:
    """Return what two spellings of one mailbox have in common (small letters throughout), for uniqueness."""
    return normal(text).casefold()
