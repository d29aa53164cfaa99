"""Small charts, drawn here as SVG: bars a day, told apart by their filling, in the page's own colour.

They need no style sheet and no script, so the strictest policy lets them be seen, and they turn over with the
page in the dark. What they show stands in a table beside them as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

HEIGHT = 100
_STEP, _WIDE = 10, 8
_MOST_SERIES = 3


@dataclass(frozen=True, slots=True)
class Series:
    """What one filling stands for: a number for each label."""

    name: str
    values: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of them together."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with all that a page says about it.

    Attributes:
        key: names it among those of a page.
        title: what it shows.
        labels: what stands below the bars.
        series: stacked, the first at the bottom; three at most.
        most: the highest stack.
        svg: the drawing.
        swatches: a small square of each filling, for the legend.
    """

    key: str
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    most: int
    svg: str
    swatches: tuple[str, ...]

    @property
    def rows(self) -> list[tuple[str, tuple[int, ...]]]:
        """The table behind it: label, and the number of each series; the latest first."""
        columns = zip(*(one.values for one in self.series), strict=True)
        return list(zip(self.labels, columns, strict=True))[::-1]


def chart(key: str, title: str, labels: Sequence[str], series: Sequence[Series], description: str) -> Chart:
    """Return a chart.

    Args:
        key: letters and hyphens; goes into ids.
        title: what it shows, in a few words.
        labels: one a bar, oldest first.
        series: at most three, each with one number a label, none negative.
        description: the same in a sentence, for those who hear the page.

    Raises:
        ValueError: too many series, or one of another length.
    """
    if len(series) > _MOST_SERIES or any(len(one.values) != len(labels) for one in series):
        raise ValueError(f"chart {key!r}: {len(series)} series do not fit {len(labels)} labels")
    most = max((sum(stack) for stack in zip(*(one.values for one in series), strict=True)), default=0)
    bars = "".join(_bar(key, place, label, series, most) for place, label in enumerate(labels))
    width = max(1, len(labels)) * _STEP
    drawn = (
        f'<svg class="bars" role="img" aria-labelledby="{key}-title {key}-about" width="100%" height="96"'
        f' viewBox="0 0 {width} {HEIGHT + 1}" preserveAspectRatio="none" focusable="false">'
        f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-about">{escape(description)}</desc>'
        f"<defs>{_pattern(key)}</defs>{bars}"
        f'<path d="M0 {HEIGHT}.5H{width}" stroke="currentColor" vector-effect="non-scaling-stroke"/></svg>'
    )
    swatches = tuple(_swatch(key, place) for place in range(len(series)))
    return Chart(key, title, tuple(labels), tuple(series), most, drawn, swatches)


def _bar(key: str, place: int, label: str, series: Sequence[Series], most: int) -> str:
    """Return the stack over one label; what is there at all can be seen, however small beside the highest."""
    top, parts = float(HEIGHT), []
    for filling, one in enumerate(series):
        value = one.values[place]
        if not value:
            continue
        tall = max(1.5, value / most * (HEIGHT - 4))
        top -= tall
        parts.append(
            f'<rect x="{place * _STEP + 1}" y="{top:.2f}" width="{_WIDE}" height="{tall:.2f}"'
            f"{_filling(key, filling)}/>"
        )
    said = ", ".join(f"{one.values[place]} {one.name}" for one in series)
    return f"<g><title>{escape(f'{label}: {said}')}</title>{''.join(parts)}</g>" if parts else ""


def _filling(key: str, place: int) -> str:
    edge = ' stroke="currentColor" stroke-width="1" vector-effect="non-scaling-stroke"'
    return (
        ' fill="currentColor"',
        f' fill="currentColor" fill-opacity="0.25"{edge}',
        f' fill="url(#{key}-lines)"{edge}',
    )[place]


def _pattern(key: str) -> str:
    return (
        f'<pattern id="{key}-lines" width="4" height="4" patternUnits="userSpaceOnUse">'
        '<path d="M0 4L4 0" stroke="currentColor" stroke-width="1"/></pattern>'
    )


def _swatch(key: str, place: int) -> str:
    """Return the filling as it stands in the legend; the third's lines are the chart's own."""
    return (
        '<svg class="swatch" width="14" height="14" aria-hidden="true" focusable="false">'
        f'<rect x="1" y="1" width="12" height="12"{_filling(key, place)}/></svg>'
    )
