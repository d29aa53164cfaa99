"""The table of retries."""

from datetime import timedelta

import pytest

from publisher.delivery.retry import BACKOFF, next_try
from tests.delivery.bureau import MORNING

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 30), (5, 60), (6, 120), (7, 120), (99, 120)]
)
def test_the_wait_grows_and_then_stays(attempts: int, minutes: int) -> None:
    assert next_try(attempts, MORNING + 12 * HOUR, MORNING) == MORNING + timedelta(minutes=minutes)


def test_nothing_is_planned_at_or_after_the_deadline() -> None:
    assert next_try(1, MORNING + BACKOFF[0], MORNING) is None
    assert next_try(1, MORNING + BACKOFF[0] + timedelta(seconds=1), MORNING) is not None
    assert next_try(1, MORNING - HOUR, MORNING) is None


def test_many_that_failed_together_do_not_come_back_together() -> None:
    tries = {next_try(2, MORNING + HOUR, MORNING, row=row) for row in range(100)}

    assert len(tries) == 100
    assert all(one and 5 <= (one - MORNING) / timedelta(minutes=1) <= 5.7 for one in tries)
