"""The only place that asks the machine for the time.

A verb reads its clock once and passes ``now`` down; nothing below a verb imports this module
(the architecture test holds that).
"""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment, aware and in UTC."""


def system_clock() -> datetime:
    """Return the machine's present time in UTC."""
    return datetime.now(UTC)
