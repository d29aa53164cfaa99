"""What signals ask of a command that runs until it is told to stop."""

import os
import signal
from _thread import start_new_thread
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from types import FrameType

INTERRUPTED = 130
ONE_WISH_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Asked:
    """What signals asked for.

    Attributes:
        stop: set by Ctrl-C or SIGTERM.
        since: when they came (monotonic seconds).
        reload: called by SIGHUP.
        at_once: called by a second Ctrl-C, before the process ends.
    """

    stop: Event = field(default_factory=Event)
    since: list[float] = field(default_factory=list)
    reload: list[Callable[[], None]] = field(default_factory=list)
    at_once: list[Callable[[], None]] = field(default_factory=list)


def apart(act: Callable[[], None]) -> None:
    """Do what a signal asks for in a thread of its own.

    Python runs a signal's handler between any two steps of the main thread. Where that is at the inside of an
    event's or a lock's own method, waiting for it there would wait for ever.
    """
    start_new_thread(act, ())


@contextmanager
def signals(*, aloud: bool = True) -> Iterator[Asked]:
    """Turn Ctrl-C and SIGTERM into a request to stop, and at the second one stop at once; SIGHUP reloads.

    Args:
        aloud: say that the wish was heard.
    """
    asked = Asked()

    def stop(_number: int, _frame: FrameType | None) -> None:
        # Some senders of signals send them to the process and to its group: that is one wish, not two.
        if asked.since and monotonic() - asked.since[0] > ONE_WISH_SECONDS:
            # Nothing is lost: whoever comes next sees that this process is dead and takes its runs up.
            for one in asked.at_once:
                one()
            os._exit(INTERRUPTED)
        asked.since.append(monotonic())
        if asked.stop.is_set():
            return
        apart(asked.stop.set)
        if aloud:
            os.write(2, b"stopping; once more stops at once\n")

    def reload(_number: int, _frame: FrameType | None) -> None:
        for one in asked.reload:
            apart(one)

    handlers = {signal.SIGINT: stop, signal.SIGTERM: stop, signal.SIGHUP: reload}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
