"""Run one command of the real program while its clock stands still, and die at the n-th effect.

An effect is a commit of the store or a file put in its place; the process kills itself with SIGKILL right
before the chosen one.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from publisher import app
from publisher.cli import run, subscribers

LOADED = (run, subscribers)
"""Commands are imported when they are used; here it is done before the processes are forked."""


class Effects:
    """Counts effects and dies at the chosen one."""

    def __init__(self, kill_at: int) -> None:
        self.kill_at = kill_at
        self.seen = 0

    def happen(self, *_: object) -> None:
        """Note that an effect is about to happen."""
        self.seen += 1
        if self.seen == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with an effect noted before each call."""

        def noted(*args: Any, **kwargs: Any) -> Any:
            self.happen()
            return function(*args, **kwargs)

        return noted


def main(now: datetime, kill_at: int, arguments: Sequence[str], said: Path) -> None:
    """Be a process of its own.

    Args:
        now: what the clock shows.
        kill_at: the number of the effect before which it dies; 0 for none.
        arguments: of the command.
        said: takes what it prints, and how many effects there were as the last line.
    """
    os.environ["PUBLISHER_SECRET"] = "the-same-key-for-every-trial-of-this-test"
    effects = Effects(kill_at)
    event.listen(Engine, "commit", effects.happen)
    for name in ("replace", "rename", "link", "unlink"):
        setattr(os, name, effects.before(getattr(os, name)))
    vars(app)["system_clock"] = lambda: now
    with said.open("w", encoding="utf-8") as sys.stdout, redirect_stderr(sys.stdout):
        code = app.run(list(arguments))
        print(effects.seen)
        sys.stdout.flush()
        os._exit(code)
