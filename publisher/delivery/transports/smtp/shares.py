"""Whose turn it is, by weight. Pure."""

from collections.abc import Iterable, Mapping


class Shares:
    """Smooth weighted turns: of 3 to 1 comes a, a, b, a, and not a, a, a, b."""

    def __init__(self, weights: Mapping[str, int]) -> None:
        self._weights = weights
        self._credit = dict.fromkeys(weights, 0)

    def copy(self) -> "Shares":
        """Return shares that stand where these stand, to look ahead with."""
        other = Shares(self._weights)
        other._credit = dict(self._credit)
        return other

    def next(self, among: Iterable[str]) -> str | None:
        """Return whose turn it is among some, without giving it to them."""
        names = list(among)
        return max(names, key=lambda name: self._credit[name] + self._weights[name], default=None)

    def give(self, turn: str, among: Iterable[str]) -> None:
        """Give a turn to one among some."""
        names = list(among)
        for name in names:
            self._credit[name] += self._weights[name]
        self._credit[turn] -= sum(self._weights[name] for name in names)
