"""Numbers with their nouns, in the English of the command line and of the ledgers."""


def number_of(number: int, one: str, many: str = "") -> str:
    """Return ``1 article`` or ``3 articles``.

    Args:
        number: how many.
        one: the noun, with what follows it, of a single one.
        many: the same of any other number; ``one`` with an s when left out.
    """
    return f"{number} {one if number == 1 else many or one + 's'}"
