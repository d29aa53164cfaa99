"""An address of the console: what answers there, and to whom."""

from collections.abc import Callable
from dataclasses import dataclass

from publisher.model.session import Role
from publisher.web.console.visit import Visit
from publisher.web.reply import Reply

Answer = Callable[[Visit], Reply]
"""Answers a visit, in a thread: it may ask the store."""

LARGEST = 32 * 1024
"""Bytes that a form may have; the largest honest one of buttons and fields has a tenth of it."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address below ``/console``.

    Attributes:
        path: such as ``/feeds`` or ``/feeds/{key}``.
        get: answers who looks.
        post: answers who acts; the form's key and origin are checked already. None: nothing can be done here.
        role: who may look; None for everybody, signed in or not.
        acts: who may act.
        largest: bytes that the form may have.
        is_visit: False for what a page asks for by itself; that keeps no session alive.
    """

    path: str
    get: Answer
    post: Answer | None = None
    role: Role | None = Role.READER
    acts: Role | None = Role.OPERATOR
    largest: int = LARGEST
    is_visit: bool = True


def reader(path: str, get: Answer, post: Answer | None = None) -> Address:
    """Return an address where readers and operators look; only operators act."""
    return Address(path, get, post)


def operator(path: str, get: Answer, post: Answer | None = None, *, largest: int = LARGEST) -> Address:
    """Return an address that is for operators only."""
    return Address(path, get, post, role=Role.OPERATOR, largest=largest)
