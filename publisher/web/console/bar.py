"""An edition's ledger as a bar, drawn here as SVG; what its parts are stands in words below it."""

from collections.abc import Mapping

from publisher.model.delivery import State
from publisher.templating import markup

_WIDE, _TALL = 1000, 16
_LEAST = 6
"""A part with anybody in it can be seen."""

ORDER = (
    State.ACCEPTED,
    State.SENDING,
    State.PENDING,
    State.DEFERRED,
    State.SUPPRESSED,
    State.UNCERTAIN,
    State.BOUNCED,
    State.COMPLAINED,
    State.FAILED,
)
"""From what went well to what did not, as the bar reads."""


def parts(counts: Mapping[State, int]) -> list[tuple[State, int]]:
    """Return the states that anybody is in, in the bar's order."""
    return [(state, counts[state]) for state in ORDER if counts.get(state)]


def bar(counts: Mapping[State, int]) -> str:
    """Return the bar; empty when there is nobody. It is hidden from those who hear the page."""
    total = sum(counts.values())
    if not total:
        return ""
    found = parts(counts)
    wide = [max(_LEAST, round(count / total * _WIDE)) for _, count in found]
    # What the small parts were given, the largest gives up.
    wide[wide.index(max(wide))] -= sum(wide) - _WIDE
    drawn, x = [], 0
    for (state, _), width in zip(found, wide, strict=True):
        drawn.append(f'<rect class="{state}" x="{x}" y="0" width="{width}" height="{_TALL}"/>')
        x += width
    return markup(
        f'<svg class="ledger-bar" viewBox="0 0 {_WIDE} {_TALL}" width="100%" height="{_TALL}" '
        f'preserveAspectRatio="none" aria-hidden="true" focusable="false">{"".join(drawn)}</svg>'
    )
