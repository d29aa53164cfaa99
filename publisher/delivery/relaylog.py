"""What a relay's own log knows of our letters: Postfix's lines, by Message-ID. Pure."""

import re
from collections.abc import Iterable

_LINE = re.compile(
    r"postfix(?:-[\w.]+)?/(?:[\w-]+/)*(?P<daemon>[\w-]+)\[\d+\]: (?P<queue>[0-9A-Za-z]{5,}): (?P<said>.*)"
)
_MESSAGE_ID = re.compile(r"message-id=<([a-z2-7]{24})@")
_QUEUED = re.compile(r"from=<[^>]*>, size=\d+, nrcpt=\d+ \(queue active\)|status=(?:sent|deferred|bounced)")


def accepted(lines: Iterable[str]) -> frozenset[str]:
    """Return the marks (local parts of our Message-IDs) of the letters that the relay took.

    A letter was taken when it stood in the relay's queue. Its Message-ID alone proves nothing: it is logged
    while the letter is still coming in, also when the connection is lost before the final dot.

    Args:
        lines: of the log, in any syslog form.
    """
    coming: dict[str, str] = {}
    taken: set[str] = set()
    for line in lines:
        found = _LINE.search(line)
        if found is None:
            continue
        queue, said = found["queue"], found["said"]
        if message_id := _MESSAGE_ID.search(said):
            # Postfix gives the number of a letter that is gone to a later one.
            coming[queue] = message_id[1]
        elif queue in coming and _QUEUED.search(said):
            taken.add(coming[queue])
    return frozenset(taken)
