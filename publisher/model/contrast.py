"""Contrast of colours as WCAG 2.2 counts it, and what mail programs make of colours at night."""

ENOUGH, AIM = 4.5, 7.0
"""Least contrast of text (WCAG 1.4.3), and the one to aim for (1.4.6)."""

Rgb = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio (1 to 21) of two colours written ``#rrggbb``."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def turned_over(colour: str) -> str:
    """Return the colour with its lightness (CIE L*) turned over, as Gmail on iOS does at night.

    Its hue is kept as far as mixing with black or white keeps it.
    """
    level = luminance(colour)
    wanted = _from_lightness(100 - _lightness(level))
    return _at_luminance(colour, wanted)


def mixed(one: str, other: str, share: float) -> str:
    """Return a colour with that share (0 to 1) of another in it."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(255 * (a + (b - a) * share)):02x}" for a, b in pairs)


def _channels(colour: str) -> Rgb:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _lightness(level: float) -> float:
    return 903.3 * level if level <= 0.008856 else 116 * level ** (1 / 3) - 16


def _from_lightness(lightness: float) -> float:
    return lightness / 903.3 if lightness <= 8 else ((lightness + 16) / 116) ** 3


def _at_luminance(colour: str, wanted: float) -> str:
    """Return the colour mixed with black or white until it is as light as wanted."""
    target = "#000000" if wanted < luminance(colour) else "#ffffff"
    low, high = 0.0, 1.0
    between = colour
    for _ in range(24):
        share = (low + high) / 2
        between = mixed(colour, target, share)
        too_far = luminance(between) < wanted if target == "#000000" else luminance(between) > wanted
        low, high = (low, share) if too_far else (share, high)
    return between
