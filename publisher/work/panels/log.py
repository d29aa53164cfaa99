"""The log of who did what."""

from dataclasses import dataclass

from publisher.model.action import Action
from publisher.model.session import Refused
from publisher.store import actions
from publisher.work import signin
from publisher.work.desk import Desk

PAGE = 100


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log, newest first.

    Attributes:
        actions: on this page.
        about: the subject that it is limited to; empty for all.
        subjects: those of the last actions, for choosing one.
        number: of the page, from 1.
        is_last: whether there is nothing older.
        refused: passwords that the console refused within a week, on the first page of all.
    """

    actions: tuple[Action, ...]
    about: str
    subjects: tuple[str, ...]
    number: int
    is_last: bool
    refused: tuple[Refused, ...] = ()


def log(desk: Desk, about: str, number: int) -> Log:
    """Return a page of the log.

    Args:
        desk: the open site.
        about: only this subject; empty for all.
        number: of the page, from 1.
    """
    with desk.store.read() as tx:
        found = actions.latest(tx, limit=number * PAGE + 1, about=about or None)
        subjects = actions.subjects(tx)
        refused = signin.refused(tx, desk.clock()) if number == 1 and not about else []
    shown = found[(number - 1) * PAGE : number * PAGE]
    return Log(tuple(shown), about, tuple(subjects), number, len(found) <= number * PAGE, tuple(refused))
