"""Run one command of the real program while its clock stands still, and die at the n-th effect.

    python -m tests.journeys.once NOW KILL_AT ARGUMENT...

NOW is the moment that the clock shows (RFC 3339). An effect is a commit of the store or a file put in its
place; the process kills itself with SIGKILL right before effect number KILL_AT. With KILL_AT 0 it lives, and
prints how many effects there were as its last line on stderr.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, event

from publisher import app


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


def main(now: str, kill_at: str, *arguments: str) -> int:
    moment = datetime.fromisoformat(now)
    effects = Effects(int(kill_at))
    event.listen(Engine, "commit", effects.happen)
    for name in ("replace", "rename", "link", "unlink"):
        setattr(os, name, effects.before(getattr(os, name)))
    vars(app)["system_clock"] = lambda: moment
    code = app.run(list(arguments))
    print(effects.seen, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
