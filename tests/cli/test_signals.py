"""What a signal asks for is heard whenever it comes."""

import os
import signal

import pytest

from publisher.cli.signals import signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_wish_to_stop_is_heard_in_the_midst_of_beginning_to_wait(number: int) -> None:
    with signals(aloud=False) as asked:
        # Whoever begins to wait for an event holds its lock for a moment.
        with asked.stop._cond:  # type: ignore[attr-defined]
            os.kill(os.getpid(), number)
        assert asked.stop.wait(120)
