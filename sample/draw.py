"""Draws the sample newsroom's pictures: flat prints in a few inks, the same bytes on every run.

Run ``python sample/draw.py`` to draw them all again, or name the ones wanted:
``python sample/draw.py tea-hills festival-drum``.
"""

import argparse
import io
import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Point = tuple[float, float]
Shape = Sequence[Point]

WIDTH, HEIGHT = 1200, 800
SCALE = 2
LARGEST = 88_000
"""No picture may weigh more than this many bytes."""

# The inks of the print room. Every picture is made from these.
INK = "#1c2a33"
NIGHT = "#22384a"
SLATE = "#3f5f6f"
MIST = "#8fa9ab"
HAZE = "#c3cfc4"
PAPER = "#f4ead6"
CREAM = "#ecd9b4"
SAND = "#dcbc86"
OCHER = "#d79b3b"
AMBER = "#eeb850"
RUST = "#b9502f"
BRICK = "#8f3526"
PINE = "#2c4a40"
LEAF = "#53774d"
MOSS = "#87994f"
SPROUT = "#b4b968"
BARK = "#5b3b2b"
SKIN = "#b98257"
FLAG = "#c0392b"


class Print:
    """A sheet being printed: shapes go down one over another, in the order they are given."""

    def __init__(self, name: str, ground: str) -> None:
        self.rng = random.Random(name)
        self.sheet = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), ground)
        self.pen = ImageDraw.Draw(self.sheet)

    def fill(self, shape: Shape, ink: str) -> None:
        """Fill a polygon."""
        self.pen.polygon(scaled(shape), fill=ink)

    def box(self, x: float, y: float, width: float, height: float, ink: str) -> None:
        """Fill an upright rectangle given by its upper left corner and size."""
        self.fill(((x, y), (x + width, y), (x + width, y + height), (x, y + height)), ink)

    def oval(self, x: float, y: float, across: float, down: float, ink: str) -> None:
        """Fill an ellipse given by its middle and its two radii."""
        box = ((x - across) * SCALE, (y - down) * SCALE, (x + across) * SCALE, (y + down) * SCALE)
        self.pen.ellipse(box, fill=ink)

    def disc(self, x: float, y: float, radius: float, ink: str) -> None:
        """Fill a circle."""
        self.oval(x, y, radius, radius, ink)

    def line(self, shape: Shape, ink: str, width: float) -> None:
        """Draw a line with round ends through the points."""
        points = scaled(shape)
        self.pen.line(points, fill=ink, width=max(1, round(width * SCALE)), joint="curve")
        if width >= 3:
            radius = width * SCALE / 2
            for x, y in (points[0], points[-1]):
                self.pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)

    def ring(self, x: float, y: float, radius: float, ink: str, width: float) -> None:
        """Draw a circle's outline."""
        self.line([polar(x, y, radius, turn * 6) for turn in range(61)], ink, width)

    def inside(self, shape: Shape, layer: Image.Image, ink: str) -> None:
        """Print what a one-channel layer shows, but only within a polygon."""
        mask = Image.new("L", self.sheet.size, 0)
        ImageDraw.Draw(mask).polygon(scaled(shape), fill=255)
        self.sheet.paste(ink, mask=ImageChops.multiply(mask, layer))

    def carve(
        self,
        shape: Shape,
        ink: str,
        *,
        angle: float | Callable[[float, float], float] = 0.0,
        gap: float = 16,
        length: float = 40,
        width: float = 2.4,
        keep: float = 0.7,
    ) -> None:
        """Cut tapered strokes into a polygon, as a gouge does into linoleum.

        Args:
            shape: where the strokes may show.
            ink: what shows through the cuts.
            angle: the direction of the cuts in degrees, or a function of the place.
            gap: the distance between neighboring cuts.
            length: how long a cut is, more or less.
            width: how wide it is at its widest.
            keep: the share of the cuts that are made.
        """
        layer = Image.new("L", self.sheet.size, 0)
        pen = ImageDraw.Draw(layer)
        left, right = min(x for x, _ in shape), max(x for x, _ in shape)
        top, bottom = min(y for _, y in shape), max(y for _, y in shape)
        y = top
        while y < bottom:
            x = left + self.rng.uniform(-length, 0)
            while x < right:
                if self.rng.random() < keep:
                    turn = angle(x, y) if callable(angle) else angle
                    pen.polygon(scaled(self.cut(x, y, turn, length, width, gap)), fill=255)
                x += length * self.rng.uniform(0.9, 1.5)
            y += gap * self.rng.uniform(0.75, 1.25)
        self.inside(shape, layer, ink)

    def cut(self, x: float, y: float, angle: float, length: float, width: float, gap: float) -> list[Point]:
        """One gouge stroke: pointed where it starts, blunter where it ends."""
        reach = length * self.rng.uniform(0.55, 1.15)
        y += self.rng.uniform(-gap, gap) * 0.25
        half = width * self.rng.uniform(0.6, 1.1) / 2
        along, across = direction(angle), direction(angle + 90)
        return [
            (x, y),
            (x + along[0] * reach * 0.6 + across[0] * half, y + along[1] * reach * 0.6 + across[1] * half),
            (x + along[0] * reach, y + along[1] * reach),
            (x + along[0] * reach * 0.6 - across[0] * half, y + along[1] * reach * 0.6 - across[1] * half),
        ]

    def sky(self, inks: Sequence[str], bottom: float, wave: float = 10) -> None:
        """Lay a sky down in flat bands with cut edges, the first ink on top."""
        self.box(0, 0, WIDTH, bottom + 4, inks[0])
        step = bottom / len(inks)
        for count, ink in enumerate(inks[1:], start=1):
            edge = self.ridge(count * step, wave, 3)
            self.fill([*edge, (WIDTH, bottom + 4), (0, bottom + 4)], ink)
            above = self.carved_edge(edge, step)
            self.carve(above, ink, gap=step / 5, length=110, width=4, keep=0.28)

    @staticmethod
    def carved_edge(edge: Sequence[Point], height: float) -> list[Point]:
        """The strip that lies just above an edge."""
        return [*edge, *[(x, y - height * 0.7) for x, y in reversed(edge)]]

    def ridge(self, height: float, swing: float, waves: float, jag: float = 0) -> list[Point]:
        """A line of hills across the whole sheet, from left to right."""
        phases = [self.rng.uniform(0, math.tau) for _ in range(4)]
        line: list[Point] = []
        for step in range(0, WIDTH + 1, 8):
            turn = step / WIDTH * math.tau
            y = sum(
                math.sin(turn * waves * (0.5 + part * 0.62) + phase) / (part + 1)
                for part, phase in enumerate(phases)
            )
            line.append((step, height - y * swing * 0.6 + self.rng.uniform(-jag, jag)))
        return line

    def hills(self, line: Sequence[Point], ink: str, bottom: float = HEIGHT) -> list[Point]:
        """Fill everything under a line of hills and hand its shape back."""
        shape = [*line, (WIDTH, bottom), (0, bottom)]
        self.fill(shape, ink)
        return shape

    def finish(self) -> Image.Image:
        """Take the print: uneven ink, a little grain, and the size it is published in."""
        sheet = self.sheet.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        small = (WIDTH // 6, HEIGHT // 6)
        cloud = Image.frombytes("L", small, self.rng.randbytes(small[0] * small[1]))
        cloud = cloud.filter(ImageFilter.GaussianBlur(2)).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
        grain = Image.frombytes("L", (WIDTH, HEIGHT), self.rng.randbytes(WIDTH * HEIGHT))
        grain = grain.filter(ImageFilter.GaussianBlur(1.3))
        texture = ImageChops.add(
            cloud.point([round(128 + (value - 128) * 0.30) for value in range(256)]),
            grain.point([round(128 + (value - 128) * 0.16) for value in range(256)]),
            scale=1,
            offset=-128,
        )
        tooth = Image.merge("RGB", (texture, texture, texture))
        return ImageChops.add(sheet, tooth, scale=1, offset=-128)


def slope(x: float, y: float) -> float:
    """The direction in which a hillside is cut: down one spur and up the next."""
    return 90 + 52 * math.sin(x * 0.017 + y * 0.004)


def scaled(shape: Shape) -> list[Point]:
    """The same points on the larger sheet that is drawn on."""
    return [(x * SCALE, y * SCALE) for x, y in shape]


def direction(degrees: float) -> Point:
    """A step of length one in a direction."""
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))


def polar(x: float, y: float, radius: float, degrees: float) -> Point:
    """A point at a distance and in a direction from another."""
    across, down = direction(degrees)
    return x + across * radius, y + down * radius


def curve(points: Sequence[Point], steps: int = 14) -> list[Point]:
    """A smooth line through all the points."""
    ends = [points[0], *points, points[-1]]
    line: list[Point] = []
    for first, start, stop, last in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(steps):
            at = step / steps
            line.append(
                (
                    spline(first[0], start[0], stop[0], last[0], at),
                    spline(first[1], start[1], stop[1], last[1], at),
                )
            )
    return [*line, points[-1]]


def spline(before: float, start: float, stop: float, after: float, at: float) -> float:
    """One coordinate of a Catmull-Rom spline between two points."""
    return 0.5 * (
        2 * start
        + (stop - before) * at
        + (2 * before - 5 * start + 4 * stop - after) * at**2
        + (3 * start - before - 3 * stop + after) * at**3
    )


def between(start: Point, stop: Point, share: float) -> Point:
    """The point that lies a share of the way from one to another."""
    return start[0] + (stop[0] - start[0]) * share, start[1] + (stop[1] - start[1]) * share


def person(sheet: Print, x: float, foot: float, tall: float, coat: str, *, hat: str = SAND) -> None:
    """A walker seen from a distance, in a coat and a conical hat."""
    unit = tall / 10
    for lean in (-1.1, 1.0):
        sheet.line([(x, foot - unit * 4), (x + unit * lean, foot)], INK, unit * 0.95)
    coat_shape = [(-1.1, -8), (1.1, -8), (1.7, -3.6), (-1.7, -3.6)]
    sheet.fill([(x + across * unit, foot + up * unit) for across, up in coat_shape], coat)
    sheet.disc(x, foot - unit * 8.5, unit * 0.95, SKIN)
    brim = [(-2.3, -8.6), (0, -10.6), (2.3, -8.6), (0, -8.25)]
    sheet.fill([(x + across * unit, foot + up * unit) for across, up in brim], hat)


def porter(sheet: Print, x: float, foot: float, tall: float, coat: str) -> None:
    """A walker with two baskets on a shoulder pole."""
    unit = tall / 10
    person(sheet, x, foot, tall, coat)
    sheet.line(
        curve(
            [(x - unit * 5.4, foot - unit * 6.8), (x, foot - unit * 7.7), (x + unit * 5.4, foot - unit * 6.8)]
        ),
        INK,
        unit * 0.4,
    )
    for side in (-1, 1):
        end = x + side * unit * 5.2
        for lean in (-1, 1):
            sheet.line(
                [(end, foot - unit * 6.8), (end + lean * unit * 1.2, foot - unit * 3.6)], INK, unit * 0.18
            )
        sheet.fill(
            [
                (end - unit * 1.7, foot - unit * 3.7),
                (end + unit * 1.7, foot - unit * 3.7),
                (end + unit * 1.1, foot - unit * 1.7),
                (end - unit * 1.1, foot - unit * 1.7),
            ],
            OCHER,
        )
        sheet.oval(end, foot - unit * 3.7, unit * 1.7, unit * 0.7, MOSS)


def leaf(
    sheet: Print, x: float, y: float, length: float, angle: float, width: float, ink: str, rib: str
) -> None:
    """A broad leaf growing from a point, with its middle rib cut out."""
    tip = polar(x, y, length, angle)
    middle = between((x, y), tip, 0.5)
    shape = curve([(x, y), polar(*middle, width, angle - 90), tip]) + curve(
        [tip, polar(*middle, width, angle + 90), (x, y)]
    )
    sheet.fill(shape, ink)
    sheet.line([(x, y), between((x, y), tip, 0.92)], rib, max(1.5, width / 12))


def palm(sheet: Print, x: float, foot: float, tall: float, ink: str, rib: str) -> None:
    """A banana plant: a stem and a fan of leaves that bend over."""
    sheet.line([(x, foot), (x + tall * 0.04, foot - tall * 0.55)], ink, tall * 0.06)
    for angle in (-168, -142, -112, -84, -58, -32, -8):
        leaf(sheet, x + tall * 0.04, foot - tall * 0.52, tall * 0.55, angle, tall * 0.085, ink, rib)


# The scenes.


def rice_terraces() -> Print:
    """Terraces that step down toward the viewer, with the sun on the ridge."""
    sheet = Print("rice-terraces", CREAM)
    sheet.sky((SAND, CREAM, PAPER), 330)
    sheet.disc(800, 232, 96, RUST)
    sheet.disc(800, 232, 84, AMBER)
    for height, swing, ink, cut in ((250, 46, HAZE, PAPER), (292, 40, MIST, HAZE), (336, 34, SLATE, MIST)):
        line = sheet.ridge(height, swing, 2.4, 1.5)
        shape = sheet.hills(line, ink)
        sheet.carve(shape, cut, angle=slope, gap=14, length=34, width=3, keep=0.16)
    terrace_bank(sheet, 372, left=True)
    terrace_bank(sheet, 430, left=False)
    palm(sheet, 1090, 470, 120, PINE, MOSS)
    hut(sheet, 960, 452, 1.0)
    person(sheet, 396, 640, 84, BRICK, hat=PAPER)
    person(sheet, 456, 652, 78, NIGHT, hat=PAPER)
    return sheet


def terrace_bank(sheet: Print, top: float, *, left: bool) -> None:
    """One slope of terraces, narrow at the top and broad below."""
    inks = (OCHER, AMBER, MOSS, OCHER, SAND, RUST, AMBER, SPROUT)
    count = 11
    for level in range(count):
        line = terrace_edge(top, level, left=left)
        following = terrace_edge(top, level + 1, left=left)
        shape = [*line, *reversed(following)]
        sheet.fill(
            [(x, y - 7 - level * 0.6) for x, y in line] + [(x, y + 3) for x, y in reversed(line)], PINE
        )
        ink = inks[(level + (0 if left else 3)) % len(inks)]
        sheet.fill(shape, ink)
        cut = {AMBER: CREAM, OCHER: AMBER, RUST: OCHER, SAND: PAPER}.get(
            ink, SPROUT if ink == MOSS else PAPER
        )
        sheet.carve(shape, cut, angle=-82, gap=7 + level * 0.7, length=8 + level, width=2.4, keep=0.6)


def terrace_edge(top: float, level: int, *, left: bool) -> list[Point]:
    """The outer edge of one terrace, a contour that swells and draws in."""
    line: list[Point] = []
    for x in range(0, WIDTH + 1, 10):
        share = x / WIDTH if left else 1 - x / WIDTH
        slope = share**1.5 * (330 if left else 250)
        swell = math.sin(share * 10.5 + level * 0.42 + (0 if left else 2)) * (12 + level * 2.9)
        drop = 18 * level + 1.9 * level**2
        line.append((x, top + slope + swell + drop))
    return line


def hut(sheet: Print, x: float, foot: float, size: float) -> None:
    """A small field hut on legs."""
    for leg in (-34, 0, 34):
        sheet.line([(x + leg * size, foot), (x + leg * size, foot - 34 * size)], INK, 4 * size)
    sheet.box(x - 42 * size, foot - 62 * size, 84 * size, 36 * size, BARK)
    sheet.box(x - 12 * size, foot - 56 * size, 22 * size, 24 * size, AMBER)
    sheet.fill(
        [
            (x - 62 * size, foot - 56 * size),
            (x - 26 * size, foot - 104 * size),
            (x + 26 * size, foot - 104 * size),
            (x + 62 * size, foot - 56 * size),
        ],
        INK,
    )


REEDS = tuple(
    (x, 90 + (x * 37) % 130, -90 + math.sin(x * 0.9) * 24)
    for x in (*range(-6, 250, 17), *range(1090, 1210, 16))
)
"""The reeds at the near bank: where each stands, how long it is, how it leans."""


def karst_river() -> Print:
    """Limestone towers over a still river, and one long boat."""
    sheet = Print("karst-river", PAPER)
    sheet.sky((HAZE, PAPER, CREAM), 420, 14)
    sheet.disc(420, 150, 58, RUST)
    water = 470
    sheet.box(0, water, WIDTH, HEIGHT - water, MIST)
    towers = (
        (HAZE, PAPER, ((120, 250, 90), (560, 210, 70), (690, 280, 95), (980, 230, 100))),
        (MIST, HAZE, ((30, 330, 120), (250, 250, 86), (830, 330, 92), (1130, 350, 130))),
        (SLATE, MIST, ((-20, 400, 150), (1010, 300, 96), (1230, 430, 150))),
        (PINE, LEAF, ((110, 230, 92), (1120, 190, 92))),
    )
    for ink, cut, group in towers:
        for x, tall, half in group:
            shape = tower(sheet, x, water, tall, half)
            mirror = [(at, water + (water - y) * 0.62) for at, y in shape]
            sheet.fill(mirror, SLATE if ink == PINE else MIST if ink == HAZE else ink)
            sheet.fill(shape, ink)
            sheet.carve(shape, cut, angle=80, gap=17, length=46, width=4.4, keep=0.36)
    stream = [(0, water), (WIDTH, water), (WIDTH, HEIGHT), (0, HEIGHT)]
    sheet.carve(stream, HAZE, angle=0, gap=15, length=120, width=4.4, keep=0.34)
    sheet.carve(
        [(330, water), (520, water), (600, HEIGHT), (250, HEIGHT)],
        CREAM,
        gap=11,
        length=70,
        width=4.6,
        keep=0.5,
    )
    sheet.fill([*sheet_bank(sheet, water + 2), (WIDTH, water - 6), (0, water - 6)], PINE)
    long_boat(sheet)
    for x, tall, lean in REEDS:
        leaf(sheet, x, 830, tall, lean, tall * 0.05, PINE, LEAF)
    return sheet


def sheet_bank(sheet: Print, water: float) -> list[Point]:
    """The thin wooded bank between the rock and the river."""
    return [
        (x, water + 4 + abs(math.sin(x * 0.021)) * 5 + sheet.rng.uniform(0, 3))
        for x in range(0, WIDTH + 1, 12)
    ]


def tower(sheet: Print, x: float, foot: float, tall: float, half: float) -> list[Point]:
    """A limestone tower with steep sides and a rounded, broken head."""
    lean = sheet.rng.uniform(-0.12, 0.12) * half
    shape: list[Point] = [(x - half * 1.12, foot)]
    for step in range(29):
        turn = math.pi - step / 28 * math.pi
        across = math.copysign(abs(math.cos(turn)) ** 0.62, math.cos(turn))
        up = abs(math.sin(turn)) ** 0.55
        rough = sheet.rng.uniform(-0.035, 0.035) * half
        shape.append((x + across * half + lean * up + rough, foot - up * tall + rough * 1.4))
    return [*shape, (x + half * 1.12, foot)]


def long_boat(sheet: Print) -> None:
    """A swallow-tailed boat with a boatman and two travelers."""
    shade = curve([(470, 672), (640, 690), (850, 684), (930, 668), (820, 704), (620, 708)])
    sheet.fill(shade, SLATE)
    hull = [
        *curve([(430, 618), (520, 656), (690, 668), (850, 658), (946, 604)]),
        (966, 612),
        *curve([(938, 640), (850, 686), (690, 696), (540, 684), (452, 640), (416, 634)]),
    ]
    sheet.fill(hull, INK)
    sheet.line(curve([(470, 652), (600, 678), (760, 680), (880, 656)]), RUST, 5)
    sheet.fill([(944, 606), (990, 560), (972, 616)], INK)
    for x, coat, tall in ((628, RUST, 96), (708, SLATE, 92)):
        unit = tall / 10
        sheet.fill(
            [
                (x - unit * 1.8, 668),
                (x - unit * 1.2, 668 - unit * 4.8),
                (x + unit * 1.2, 668 - unit * 4.8),
                (x + unit * 1.9, 668),
            ],
            coat,
        )
        sheet.disc(x, 668 - unit * 5.6, unit, SKIN)
        sheet.fill(
            [(x - unit * 2.6, 668 - unit * 5.7), (x, 668 - unit * 7.8), (x + unit * 2.6, 668 - unit * 5.7)],
            SAND,
        )
    person(sheet, 872, 660, 150, NIGHT)
    sheet.line([(838, 470), (930, 780)], BARK, 5)
    sheet.line([(872, 560), (862, 552)], NIGHT, 9)


def stilt_house() -> Print:
    """A house on stilts after dark, the fire lit inside."""
    sheet = Print("stilt-house", NIGHT)
    sheet.sky((INK, NIGHT, SLATE), 470, 16)
    sheet.disc(1050, 120, 56, CREAM)
    sheet.carve(
        [polar(1050, 120, 52, turn * 6) for turn in range(60)],
        SAND,
        angle=-30,
        gap=13,
        length=28,
        width=5,
        keep=0.5,
    )
    for _ in range(46):
        x, y = sheet.rng.uniform(20, 1180), sheet.rng.uniform(14, 260)
        sheet.disc(x, y, sheet.rng.uniform(1.2, 2.6), CREAM)
    far = sheet.hills(sheet.ridge(390, 70, 1.8, 2), SLATE)
    sheet.carve(far, MIST, angle=slope, gap=16, length=40, width=3, keep=0.15)
    near = sheet.hills(sheet.ridge(505, 36, 2.2, 2), PINE)
    sheet.carve(near, LEAF, angle=slope, gap=15, length=34, width=3, keep=0.2)
    ground = sheet.hills(sheet.ridge(668, 8, 2), BARK)
    sheet.carve(ground, BRICK, angle=-4, gap=14, length=80, width=4, keep=0.5)
    for x, foot, tall in ((1040, 660, 310), (1150, 664, 350), (150, 660, 310), (40, 664, 350)):
        palm(sheet, x, foot, tall, PINE, MOSS)
    house_on_stilts(sheet)
    for x, tall in ((250, 66), (196, 52)):
        person(sheet, x, 724, tall * 1.7, RUST if tall > 60 else OCHER, hat=CREAM)
    return sheet


def house_on_stilts(sheet: Print) -> None:
    """The house itself: posts, floor, lit windows, steep thatched roof and a ladder."""
    sheet.fill([(330, 696), (900, 696), (960, 736), (290, 736)], INK)
    for x in (360, 472, 584, 696, 808, 880):
        sheet.box(x - 8, 520, 16, 190, BARK)
        sheet.box(x - 8, 520, 5, 190, OCHER)
    sheet.box(318, 528, 600, 20, OCHER)
    sheet.box(318, 540, 600, 12, BARK)
    wall = [(340, 400), (896, 400), (896, 530), (340, 530)]
    sheet.fill(wall, BRICK)
    sheet.carve(wall, RUST, angle=90, gap=60, length=20, width=2.5, keep=0.9)
    for x in range(352, 896, 26):
        sheet.line([(x, 402), (x, 528)], BARK, 2)
    for x, wide in ((392, 84), (530, 84), (742, 84)):
        sheet.box(x - 6, 424, wide + 12, 84, INK)
        sheet.box(x, 430, wide, 72, AMBER)
        sheet.disc(x + wide / 2, 474, 24, CREAM)
        for bar in range(1, 4):
            sheet.line([(x + wide * bar / 4, 430), (x + wide * bar / 4, 502)], BRICK, 3)
    sheet.box(650, 420, 60, 110, INK)
    sheet.box(656, 426, 48, 104, OCHER)
    roof = [(262, 420), (418, 196), (820, 196), (974, 420)]
    sheet.fill([(x, y + 12) for x, y in roof], INK)
    sheet.fill(roof, SAND)
    sheet.carve(
        roof,
        BARK,
        angle=lambda x, _: 112 if x < 420 else 68 if x > 800 else 90,
        gap=15,
        length=40,
        width=4.2,
        keep=0.75,
    )
    sheet.fill([(418, 196), (442, 160), (458, 200)], BARK)
    sheet.fill([(820, 196), (796, 160), (780, 200)], BARK)
    sheet.line([(408, 198), (830, 198)], BARK, 12)
    for side in (0, 54):
        sheet.line([(656 + side, 548), (612 + side, 732)], OCHER, 8)
    for rung in range(8):
        y = 566 + rung * 21
        x = 652 - rung * 5
        sheet.line([(x, y), (x + 54, y)], SAND, 7)
    for step in range(74):
        rise = step / 73
        drift = 610 + math.sin(rise * 8.4) * (8 + rise * 34)
        sheet.oval(drift, 152 - rise * 150, 7 + rise * 15, 5, SLATE)


def market_scales() -> Print:
    """A beam scale over the baskets of the vegetable row."""
    sheet = Print("market-scales", OCHER)
    wall = [(0, 0), (WIDTH, 0), (WIDTH, 600), (0, 600)]
    sheet.fill(wall, AMBER)
    sheet.carve(wall, SAND, angle=90, gap=46, length=60, width=6, keep=0.35)
    for x, tall, coat in ((118, 296, SLATE), (628, 246, BRICK), (1082, 300, PINE)):
        shopper(sheet, x, 600, tall, coat)
    table = [(0, 560), (WIDTH, 560), (WIDTH, HEIGHT), (0, HEIGHT)]
    sheet.fill(table, BARK)
    sheet.carve(table, BRICK, angle=0, gap=15, length=150, width=5, keep=0.5)
    awning(sheet)
    beam_scale(sheet)
    basket(sheet, 150, 690, 150, "ginger")
    basket(sheet, 452, 724, 140, "fruit")
    basket(sheet, 760, 724, 140, "greens")
    basket(sheet, 1056, 690, 150, "peppers")
    return sheet


def shopper(sheet: Print, x: float, foot: float, tall: float, coat: str) -> None:
    """A customer behind the table, no more than a shape and a hat."""
    unit = tall / 10
    sheet.fill(
        curve(
            [
                (x - unit * 2.5, foot),
                (x - unit * 2, foot - unit * 5),
                (x, foot - unit * 6.3),
                (x + unit * 2, foot - unit * 5),
                (x + unit * 2.5, foot),
            ]
        ),
        coat,
    )
    sheet.oval(x, foot - unit * 7, unit * 0.95, unit * 1.2, SKIN)
    sheet.fill(
        curve(
            [
                (x - unit * 2.7, foot - unit * 7.2),
                (x, foot - unit * 9.3),
                (x + unit * 2.7, foot - unit * 7.2),
                (x, foot - unit * 6.85),
                (x - unit * 2.7, foot - unit * 7.2),
            ]
        ),
        CREAM,
    )


def awning(sheet: Print) -> None:
    """Striped cloth along the top, with a scalloped edge."""
    wide = WIDTH / 12
    sheet.box(0, 0, WIDTH, 30, INK)
    for stripe in range(12):
        ink = RUST if stripe % 2 == 0 else PAPER
        x = stripe * wide
        sheet.oval(x + wide / 2, 142, wide / 2, 42, INK)
    for stripe in range(12):
        ink = RUST if stripe % 2 == 0 else PAPER
        x = stripe * wide
        shape = [(x, 0), (x + wide, 0), (x + wide, 134), (x, 134)]
        sheet.oval(x + wide / 2, 132, wide / 2, 42, ink)
        sheet.fill(shape, ink)
        sheet.carve(shape, BRICK if ink == RUST else SAND, angle=90, gap=24, length=30, width=3, keep=0.35)


def beam_scale(sheet: Print) -> None:
    """The scale: a beam hung off its middle, a pan at one end and a weight at the other."""
    sheet.line([(640, 150), (640, 236)], INK, 7)
    sheet.ring(640, 250, 14, INK, 6)
    sheet.line([(330, 300), (990, 250)], INK, 26)
    sheet.line([(334, 297), (986, 248)], SAND, 14)
    for notch in range(13):
        x, y = between((660, 276), (970, 252), notch / 12)
        sheet.line([(x, y - 7), (x, y + (7 if notch % 3 else 2))], INK, 2.6)
    sheet.ring(640, 270, 9, INK, 5)
    sheet.line([(906, 257), (906, 330)], INK, 4)
    sheet.fill([(884, 330), (928, 330), (940, 398), (872, 398)], INK)
    sheet.fill([(892, 340), (904, 340), (900, 388), (884, 388)], SLATE)
    for end in (230, 348, 466):
        sheet.line([(348, 298), (end, 462)], INK, 3.4)
    for x, y, size in (
        (290, 452, 34),
        (336, 436, 38),
        (392, 446, 36),
        (424, 456, 28),
        (258, 460, 24),
        (352, 462, 38),
    ):
        root(sheet, x, y, size)
    pan = [(216, 460), (480, 460), *curve([(470, 480), (410, 516), (348, 522), (286, 516), (226, 480)])]
    sheet.fill(pan, INK)
    sheet.line(curve([(244, 484), (300, 506), (350, 510)]), MIST, 5)
    sheet.line([(214, 461), (482, 461)], MIST, 6)


def root(sheet: Print, x: float, y: float, size: float) -> None:
    """A hand of ginger."""
    for angle, share in ((200, 0.8), (250, 0.9), (310, 0.95), (345, 0.75)):
        tip = polar(x, y, size * 0.72, angle)
        sheet.disc(*tip, size * 0.36 * share + 3, BARK)
        sheet.disc(*tip, size * 0.36 * share, SAND)
    sheet.oval(x, y, size * 0.8, size * 0.52, SAND)
    sheet.line([(x - size * 0.4, y), (x + size * 0.3, y - size * 0.14)], BARK, 2.4)
    sheet.line([(x - size * 0.2, y + size * 0.2), (x + size * 0.4, y + size * 0.1)], BARK, 2.4)


def basket(sheet: Print, x: float, y: float, half: float, goods: str) -> None:
    """A woven basket with its goods heaped above the rim."""
    for row in range(4):
        for column in range(7 - row):
            at = x + (column - (6 - row) / 2) * half * 0.29 + sheet.rng.uniform(-4, 4)
            heap(sheet, at, y - 8 - row * half * 0.17, half * 0.19, goods)
    shape = [
        (x - half, y),
        (x + half, y),
        (x + half * 0.74, y + half * 0.9),
        (x - half * 0.74, y + half * 0.9),
    ]
    sheet.fill(shape, SAND)
    for row in range(7):
        top = y + row * half * 0.13
        for column in range(-9, 10):
            at = x + (column + row % 2 * 0.5) * half * 0.11 * (1 - row * 0.036)
            if abs(at - x) < half * (0.92 - row * 0.035):
                sheet.line([(at, top + 4), (at + half * 0.055, top + half * 0.1)], BARK, 2.6)
    sheet.line([(x - half - 4, y), (x + half + 4, y)], BARK, 15)
    sheet.line([(x - half, y - 2), (x + half, y - 2)], CREAM, 5)


def heap(sheet: Print, x: float, y: float, size: float, goods: str) -> None:
    """One piece of what a basket holds."""
    if goods == "ginger":
        root(sheet, x, y, size * 1.25)
    elif goods == "fruit":
        sheet.disc(x, y, size + 2.5, BRICK)
        sheet.disc(x, y, size, RUST)
        sheet.line(
            curve(
                [
                    (x - size * 0.5, y - size * 0.2),
                    (x - size * 0.3, y - size * 0.6),
                    (x + size * 0.1, y - size * 0.7),
                ]
            ),
            AMBER,
            3,
        )
    elif goods == "greens":
        for angle in (-150, -118, -90, -62, -30):
            leaf(sheet, x, y + size * 0.7, size * 2.3, angle, size * 0.5, LEAF if angle % 4 else PINE, SPROUT)
    else:
        sheet.fill(
            curve(
                [
                    (x - size, y - size * 0.4),
                    (x, y - size * 0.7),
                    (x + size * 1.3, y + size * 0.6),
                    (x, y + size * 0.35),
                    (x - size, y - size * 0.4),
                ]
            ),
            BRICK,
        )
        sheet.fill(
            curve(
                [
                    (x - size, y - size * 0.5),
                    (x, y - size * 0.8),
                    (x + size * 1.2, y + size * 0.4),
                    (x, y + size * 0.1),
                    (x - size, y - size * 0.5),
                ]
            ),
            RUST,
        )
        sheet.line([(x - size, y - size * 0.5), (x - size * 1.35, y - size * 0.9)], LEAF, 4)


def suspension_bridge() -> Print:
    """A footbridge across a gorge, with porters on their way to market."""
    sheet = Print("suspension-bridge", HAZE)
    sheet.sky((MIST, HAZE, PAPER), 430, 18)
    sheet.disc(640, 236, 50, AMBER)
    for height, swing, ink, cut in ((300, 60, HAZE, PAPER), (372, 66, MIST, HAZE)):
        shape = sheet.hills(sheet.ridge(height, swing, 2.1, 2), ink)
        sheet.carve(shape, cut, angle=slope, gap=17, length=40, width=3.4, keep=0.2)
    gorge(sheet)
    left, right, sag = (228.0, 262.0), (972.0, 262.0), 232.0
    deck = hanging(left[0], right[0], 520, 16)
    cable = [(x, left[1] + sag * (1 - ((x - 600) / 372) ** 2)) for x in range(228, 973, 12)]
    sheet.line([(60, 520), left], INK, 6)
    sheet.line([right, (1140, 520)], INK, 6)
    for count, (x, y) in enumerate(cable):
        if count % 2 == 0:
            sheet.line([(x, y), (x, deck_at(deck, x))], INK, 2.4)
    sheet.line(cable, INK, 7)
    sheet.line([(60, 522), *deck, (1140, 522)], BARK, 18)
    sheet.line([(60, 517), *[(x, y - 5) for x, y in deck], (1140, 517)], OCHER, 6)
    for x in range(236, 970, 22):
        y = deck_at(deck, x)
        sheet.line([(x, y - 6), (x, y + 7)], INK, 2)
    rail = [(x, y - 34) for x, y in deck]
    for x, coat in ((430, RUST), (560, NIGHT), (716, BRICK)):
        porter(sheet, x, deck_at(deck, x) - 7, 92, coat)
    sheet.line(rail, INK, 3)
    for x in (228, 972):
        for side in (-15, 15):
            sheet.box(x + side - 8, 246, 16, 300, BRICK)
            sheet.box(x + side - 8, 246, 5, 300, RUST)
        for y in (258, 330, 420):
            sheet.box(x - 26, y, 52, 12, BRICK)
        sheet.box(x - 34, 540, 68, 46, SLATE)
        sheet.box(x - 34, 540, 68, 8, MIST)
    return sheet


def hanging(start: float, stop: float, height: float, rise: float) -> list[Point]:
    """A deck that is a little higher in its middle than at its ends."""
    middle, half = (start + stop) / 2, (stop - start) / 2
    return [
        (start + step * 12, height - rise * (1 - ((start + step * 12 - middle) / half) ** 2))
        for step in range(int((stop - start) / 12) + 1)
    ]


def deck_at(deck: Sequence[Point], x: float) -> float:
    """How high the deck lies at a place."""
    return min(deck, key=lambda point: abs(point[0] - x))[1]


def gorge(sheet: Print) -> None:
    """Two cliffs, trees on top, and the stream far below."""
    floor = [
        *curve([(180, 640), (320, 590), (450, 560), (600, 574), (760, 552), (900, 592), (1020, 640)]),
        (1020, 810),
        (180, 810),
    ]
    sheet.fill(floor, PINE)
    sheet.carve(floor, LEAF, angle=slope, gap=13, length=26, width=5, keep=0.5)
    near = curve([(640, 566), (690, 588), (650, 618), (560, 644), (520, 690), (560, 740), (500, 812)])
    far = curve([(648, 566), (716, 590), (700, 624), (640, 650), (640, 690), (730, 740), (760, 812)])
    stream = [*near, *reversed(far)]
    sheet.fill(stream, MIST)
    sheet.carve(stream, PAPER, angle=4, gap=9, length=34, width=5, keep=0.5)
    left = [
        (0, 512),
        (150, 516),
        (262, 534),
        (318, 560),
        (300, 620),
        (352, 660),
        (330, 730),
        (392, 800),
        (0, 800),
    ]
    right = [
        (1200, 512),
        (1050, 516),
        (936, 534),
        (884, 566),
        (908, 620),
        (862, 670),
        (880, 736),
        (828, 800),
        (1200, 800),
    ]
    for shape in (left, right):
        sheet.fill(shape, INK)
        sheet.carve(shape, SLATE, angle=90, gap=22, length=70, width=8, keep=0.5)
        sheet.carve(shape, NIGHT, angle=0, gap=26, length=90, width=9, keep=0.6)
    for x in (20, 66, 120, 164, 1040, 1088, 1140, 1186):
        for ball in range(5):
            sheet.disc(x + sheet.rng.uniform(-26, 26), 490 - ball * 9, sheet.rng.uniform(18, 28), PINE)
        for _ in range(7):
            sheet.disc(x + sheet.rng.uniform(-32, 32), 470 + sheet.rng.uniform(-26, 26), 4, MOSS)


def school_yard() -> Print:
    """A long schoolhouse, the flag, the old tree and a game with a rope."""
    sheet = Print("school-yard", HAZE)
    sheet.sky((MIST, HAZE, PAPER), 380, 16)
    shape = sheet.hills(sheet.ridge(250, 56, 2.2, 2), MIST)
    sheet.carve(shape, HAZE, angle=slope, gap=17, length=40, width=3.2, keep=0.22)
    shape = sheet.hills(sheet.ridge(338, 36, 2.6, 2), LEAF)
    sheet.carve(shape, MOSS, angle=slope, gap=15, length=30, width=3.4, keep=0.3)
    schoolhouse(sheet)
    yard(sheet)
    flag(sheet, 566, 560)
    kapok(sheet)
    rope_game(sheet)
    return sheet


def schoolhouse(sheet: Print) -> None:
    """Classrooms in a row under one tiled roof."""
    sheet.box(90, 366, 760, 150, AMBER)
    sheet.box(90, 488, 760, 32, RUST)
    roof = [(54, 372), (126, 262), (814, 262), (886, 372)]
    sheet.fill([(x, y + 9) for x, y in roof], INK)
    sheet.fill(roof, BRICK)
    for row in range(7):
        y = 276 + row * 15
        for column in range(-24, 25):
            x = 470 + (column + row % 2 * 0.5) * 15.4 * (1 + row * 0.023)
            if abs(x - 470) < 338 + row * 9.2:
                sheet.line([(x - 5, y), (x, y + 5), (x + 5, y)], RUST, 3)
    sheet.line([(120, 262), (820, 262)], INK, 8)
    for room in range(4):
        x = 122 + room * 184
        for at in (x, x + 110):
            sheet.box(at - 3, 397, 46, 70, INK)
            sheet.box(at, 400, 40, 64, PINE)
            sheet.line([(at + 20, 400), (at + 20, 464)], MOSS, 3)
        sheet.box(x + 55, 392, 44, 126, INK)
        sheet.box(x + 58, 395, 38, 123, LEAF)
        sheet.line([(x + 77, 395), (x + 77, 516)], PINE, 3)
    for post in range(5):
        sheet.box(98 + post * 184, 372, 12, 148, PAPER)


def yard(sheet: Print) -> None:
    """The paved yard in perspective, with the round left open for the tree."""
    sheet.box(0, 516, WIDTH, 290, CREAM)
    sheet.box(0, 516, WIDTH, 6, BARK)
    for row in range(1, 9):
        y = 522 + row**1.75 * 7.6
        sheet.line([(0, y), (WIDTH, y)], SAND, 2 + row * 0.35)
    for column in range(-16, 17):
        sheet.line([(600 + column * 60, 522), (600 + column * 176, 806)], SAND, 3)
    ground = [(0, 522), (WIDTH, 522), (WIDTH, HEIGHT), (0, HEIGHT)]
    sheet.carve(ground, PAPER, angle=2, gap=30, length=90, width=5, keep=0.3)
    sheet.oval(996, 628, 150, 46, SAND)
    sheet.oval(996, 624, 140, 40, BARK)
    shade = [
        polar(880, 690, 1, 0),
        *[(880 + math.cos(a / 9 * math.pi) * 300, 712 + math.sin(a / 9 * math.pi) * 44) for a in range(18)],
    ]
    sheet.fill(shade[1:], SAND)


def flag(sheet: Print, x: float, foot: float) -> None:
    """The national flag on its pole."""
    sheet.fill([(x - 46, foot + 14), (x + 46, foot + 14), (x + 30, foot - 8), (x - 30, foot - 8)], SLATE)
    sheet.box(x - 30, foot - 10, 60, 6, MIST)
    sheet.box(x - 4, 96, 8, foot - 100, PAPER)
    sheet.disc(x, 92, 8, AMBER)
    top, low = (
        [(x + 4, 104), (x + 56, 96), (x + 108, 112), (x + 160, 104)],
        [(x + 160, 208), (x + 108, 216), (x + 56, 200), (x + 4, 208)],
    )
    sheet.fill([*curve(top), *curve(low)], FLAG)
    star = [polar(x + 82, 156, 31 if turn % 2 == 0 else 12.4, turn * 36 - 90) for turn in range(10)]
    sheet.fill(star, AMBER)


def kapok(sheet: Print) -> None:
    """The old tree: a buttressed trunk and a broad crown."""
    trunk = [
        *curve([(930, 640), (966, 590), (972, 420), (960, 300)]),
        (1034, 300),
        *curve([(1026, 420), (1030, 590), (1070, 642), (1010, 626), (930, 640)]),
    ]
    sheet.fill(trunk, BARK)
    sheet.carve(trunk, SAND, angle=86, gap=22, length=60, width=4, keep=0.4)
    for branch in (
        [(980, 400), (900, 300), (820, 250)],
        [(1016, 380), (1100, 280), (1180, 240)],
        [(996, 330), (1000, 200), (980, 120)],
    ):
        sheet.line(curve(branch), BARK, 22)
    crown = (
        (850, 230, 86),
        (920, 150, 92),
        (1010, 110, 96),
        (1100, 150, 92),
        (1168, 230, 84),
        (1010, 216, 110),
        (920, 262, 70),
        (1110, 268, 72),
    )
    for x, y, size in crown:
        sheet.disc(x, y + 8, size, INK)
    for x, y, size in crown:
        sheet.disc(x, y, size - 4, PINE)
    for x, y, size in crown:
        patch = [polar(x - 6, y - 10, size * 0.8, turn * 12) for turn in range(30)]
        sheet.carve(
            patch,
            MOSS,
            angle=lambda at, down: -30 + (at - 1000) * 0.12 + down * 0.02,
            gap=15,
            length=26,
            width=6,
            keep=0.5,
        )


def rope_game(sheet: Print) -> None:
    """Two children turn the rope, one jumps, two wait."""
    child(sheet, 210, 720, 118, NIGHT, lift=0)
    child(sheet, 560, 720, 118, RUST, lift=0)
    sheet.line(curve([(238, 652), (300, 590), (386, 560), (470, 590), (534, 652)]), INK, 4)
    child(sheet, 386, 724, 112, FLAG, lift=34)
    child(sheet, 690, 668, 92, PINE, lift=0)
    child(sheet, 744, 676, 88, BRICK, lift=0)
    child(sheet, 96, 640, 80, SLATE, lift=0)


def child(sheet: Print, x: float, foot: float, tall: float, coat: str, *, lift: float) -> None:
    """A schoolchild with arms out, lifted off the ground when jumping."""
    unit = tall / 10
    sheet.oval(x, foot, unit * 2, unit * 0.5, SAND)
    foot -= lift
    bend = 0.9 if lift else 0.0
    for side in (-1, 1):
        hip, knee = (
            (x + side * unit * 0.6, foot - unit * 3.4),
            (x + side * unit * (0.8 + bend), foot - unit * 1.6),
        )
        sheet.line([hip, knee, (x + side * unit * 0.8, foot)], INK, unit * 0.8)
        sheet.line(
            [(x, foot - unit * 6.2), (x + side * unit * 2.5, foot - unit * (5.4 + bend))], SKIN, unit * 0.65
        )
    jacket = [(-1.2, -6.8), (1.2, -6.8), (1.5, -3), (-1.5, -3)]
    sheet.fill([(x + across * unit, foot + up * unit) for across, up in jacket], coat)
    collar = [(-0.8, -6.8), (0.8, -6.8), (0, -5.2)]
    sheet.fill([(x + across * unit, foot + up * unit) for across, up in collar], PAPER)
    head = foot - unit * 7.9
    if coat in {FLAG, PINE, RUST}:
        for side in (-1, 1):
            sheet.line(
                [(x + side * unit, head), (x + side * unit * (1.5 + bend), head + unit * 1.3)],
                INK,
                unit * 0.6,
            )
    sheet.disc(x, head, unit * 1.2, SKIN)
    sheet.fill([polar(x, head, unit * 1.32, 172 + turn * 9.8) for turn in range(21)], INK)


def tea_hills() -> Print:
    """Rows of tea that bend over the hills, and two pickers."""
    sheet = Print("tea-hills", PAPER)
    sheet.sky((HAZE, PAPER, CREAM), 360, 14)
    sheet.disc(330, 170, 74, CREAM)
    sheet.disc(330, 170, 62, AMBER)
    for height, swing, ink, cut in ((252, 52, HAZE, PAPER), (306, 46, MIST, HAZE)):
        shape = sheet.hills(sheet.ridge(height, swing, 2.3, 2), ink)
        sheet.carve(shape, cut, angle=slope, gap=16, length=38, width=3.2, keep=0.2)
    tea_hill(sheet, (960, 980), (620, 640), 26, (LEAF, PINE, MOSS))
    tea_hill(sheet, (120, 1010), (640, 620), 28, (LEAF, PINE, MOSS))
    for x, y in ((842, 352), (870, 350), (904, 346)):
        sheet.line([(x, y), (x, y - 44)], BARK, 5)
        sheet.oval(x, y - 62, 17, 34, PINE)
    tea_hill(sheet, (720, 1130), (760, 560), 40, (MOSS, PINE, SPROUT))
    for x, foot, tall, coat in ((470, 668, 150, RUST), (742, 640, 138, NIGHT)):
        picker(sheet, x, foot, tall, coat)
    tea_row(sheet, [(0, 742), (260, 700), (520, 676), (800, 690), (1200, 760)], 54, (LEAF, PINE, SPROUT))
    tea_row(sheet, [(0, 830), (300, 782), (600, 764), (900, 780), (1200, 840)], 70, (MOSS, PINE, SPROUT))
    return sheet


def tea_hill(sheet: Print, middle: Point, radii: Point, row: float, inks: tuple[str, str, str]) -> None:
    """One round hill, ringed with rows from its top down."""
    level = 0
    while level * row < radii[1]:
        shrink = level * row * (1 + level * 0.015)
        outer = arch(middle, (radii[0] + level * 14, radii[1] - shrink))
        sheet.fill(outer, inks[1])
        crest = arch((middle[0], middle[1] + row * 0.22), (radii[0] + level * 14, radii[1] - shrink))
        lower = arch((middle[0], middle[1] + row * 0.72), (radii[0] + level * 14, radii[1] - shrink))
        band = [*crest[1:-1], *reversed(lower[1:-1])]
        sheet.fill(band, inks[0])
        sheet.carve(
            band,
            inks[2],
            angle=lambda x, _: -90 + (x - middle[0]) * 0.06,
            gap=9,
            length=10,
            width=4,
            keep=0.55,
        )
        level += 1


def arch(middle: Point, radii: Point) -> list[Point]:
    """The upper half of an ellipse, closed at the foot of the sheet."""
    line = [
        (
            middle[0] - math.cos(turn / 60 * math.pi) * radii[0],
            middle[1] - math.sin(turn / 60 * math.pi) * radii[1],
        )
        for turn in range(61)
    ]
    return [(line[0][0], HEIGHT + 400), *line, (line[-1][0], HEIGHT + 400)]


def tea_row(sheet: Print, line: Sequence[Point], deep: float, inks: tuple[str, str, str]) -> None:
    """A row of bushes close to the viewer."""
    top = [(x, y - abs(math.sin(x * 0.045)) * deep * 0.2) for x, y in curve(line)]
    sheet.fill([*[(x, y - 5) for x, y in top], (WIDTH, HEIGHT + 60), (0, HEIGHT + 60)], inks[1])
    band = [*top, *[(x, y + deep) for x, y in reversed(curve(line))]]
    sheet.fill(band, inks[0])
    sheet.carve(band, inks[2], angle=-84, gap=12, length=20, width=7, keep=0.5)
    sheet.carve(band, inks[1], angle=-60, gap=18, length=18, width=6, keep=0.35)


def picker(sheet: Print, x: float, foot: float, tall: float, coat: str) -> None:
    """A tea picker seen to the waist, with a basket on the back."""
    unit = tall / 10
    sheet.fill(
        [
            (x + unit * 0.6, foot - unit * 7),
            (x + unit * 3.2, foot - unit * 7.4),
            (x + unit * 2.8, foot - unit * 2.6),
            (x + unit * 0.8, foot - unit * 2.4),
        ],
        OCHER,
    )
    for row in range(5):
        sheet.line(
            [(x + unit * 0.8, foot - unit * (6.4 - row)), (x + unit * 3, foot - unit * (6.7 - row))],
            BARK,
            2.4,
        )
    sheet.fill(
        curve(
            [
                (x - unit * 1.8, foot),
                (x - unit * 1.5, foot - unit * 5.6),
                (x, foot - unit * 7.4),
                (x + unit * 1.5, foot - unit * 5.6),
                (x + unit * 1.8, foot),
            ]
        ),
        coat,
    )
    sheet.line(
        [
            (x - unit, foot - unit * 5.6),
            (x - unit * 2.4, foot - unit * 3.4),
            (x - unit * 3.8, foot - unit * 2.8),
        ],
        coat,
        unit * 0.9,
    )
    sheet.disc(x - unit * 4, foot - unit * 2.8, unit * 0.5, SKIN)
    sheet.oval(x - unit * 0.2, foot - unit * 8, unit * 0.95, unit * 1.1, SKIN)
    sheet.fill(
        [
            (x - unit * 3, foot - unit * 7.9),
            (x - unit * 0.2, foot - unit * 10.8),
            (x + unit * 2.6, foot - unit * 7.9),
            (x - unit * 0.2, foot - unit * 7.4),
        ],
        CREAM,
    )
    sheet.line([(x - unit * 0.2, foot - unit * 10.7), (x + unit * 1.2, foot - unit * 7.8)], SAND, 3)


FROG = (
    "..#.....#..",
    "#..#...#..#",
    ".#..#.#..#.",
    "..#.###.#..",
    "...#####...",
    "....###....",
    "...#####...",
    "..#.###.#..",
    ".#..#.#..#.",
    "#..#...#..#",
    "..#.....#..",
)
"""The frog of the pattern, as the sticks keep it."""


def loom_pattern() -> Print:
    """A cloth on the loom: warp above, woven bands below."""
    sheet = Print("loom-pattern", CREAM)
    warp = [(0, 0), (WIDTH, 0), (WIDTH, 230), (0, 230)]
    sheet.fill(warp, SAND)
    for x in range(4, WIDTH, 8):
        ink = (PAPER, NIGHT, PAPER, RUST, PAPER, CREAM)[x // 8 % 6]
        sheet.line([(x, 0), (x + sheet.rng.uniform(-1, 1), 236)], ink, 3.4)
    for y, ink in ((44, BARK), (96, OCHER)):
        sheet.box(0, y + 8, WIDTH, 12, INK)
        rod = [(0, y), (WIDTH, y), (WIDTH, y + 15), (0, y + 15)]
        sheet.fill(rod, ink)
        sheet.carve(rod, SAND if ink == BARK else CREAM, gap=5, length=90, width=2.6, keep=0.4)
    shuttle(sheet)
    weave(sheet, 232)
    return sheet


def weave(sheet: Print, top: float) -> None:
    """The woven bands, cell by cell."""
    cell = 12.0
    bands: tuple[tuple[int, Callable[[int, int], str]], ...] = (
        (2, lambda _x, _y: INK),
        (5, lambda x, y: AMBER if abs((x % 10) - 5) == y or abs((x % 10) - 5) == y + 2 else BRICK),
        (1, lambda _x, _y: PAPER),
        (17, frogs),
        (1, lambda _x, _y: PAPER),
        (
            7,
            lambda x, y: (
                PAPER
                if abs(x % 12 - 6) + abs(y - 3) in {3, 6}
                else AMBER
                if abs(x % 12 - 6) + abs(y - 3) < 2
                else PINE
            ),
        ),
        (1, lambda _x, _y: PAPER),
        (3, lambda x, y: INK if (x + y) % 4 < 2 else OCHER),
        (17, diamonds),
    )
    row = 0
    for tall, paint in bands:
        for y in range(tall):
            for x in range(int(WIDTH / cell) + 1):
                ink = paint(x, y)
                at, down = x * cell, top + (row + y) * cell
                sheet.box(at, down, cell + 0.5, cell + 0.5, ink)
        row += tall
    cloth = [(0.0, top), (WIDTH, top), (WIDTH, HEIGHT), (0.0, HEIGHT)]
    for x in range(int(WIDTH / cell) + 1):
        sheet.line([(x * cell, top), (x * cell, HEIGHT)], INK, 1)
    sheet.carve(cloth, INK, angle=0, gap=cell * 3, length=26, width=1.8, keep=0.3)


def frogs(x: int, y: int) -> str:
    """The broad band: frogs between columns of lozenges, on indigo."""
    place = x % 20
    if 1 <= place <= 11 and 3 <= y <= 13 and FROG[y - 3][place - 1] == "#":
        return AMBER if (x // 20) % 2 else PAPER
    reach = abs(place - 16) + abs(y - 8) * 0.5
    if reach in {3.0, 3.5}:
        return RUST
    if reach < 1.5:
        return AMBER
    if y in {0, 16}:
        return RUST if x % 4 < 2 else AMBER
    return NIGHT


def diamonds(x: int, y: int) -> str:
    """The lowest band: large stepped diamonds, on red."""
    reach = abs(x % 24 - 12) + abs(y - 8)
    inks = (AMBER, AMBER, INK, PAPER, PAPER, BRICK, PINE, PINE, OCHER, BRICK)
    return inks[reach] if reach < len(inks) else (OCHER if reach == 14 else BRICK)


def shuttle(sheet: Print) -> None:
    """The shuttle, lying in the open warp."""
    body = curve([(420, 176), (560, 146), (760, 146), (900, 176), (760, 206), (560, 206), (420, 176)])
    sheet.fill([(x + 4, y + 12) for x, y in body], INK)
    sheet.fill(body, BARK)
    sheet.carve(body, OCHER, angle=0, gap=8, length=70, width=2.6, keep=0.5)
    slot = curve([(560, 176), (610, 162), (710, 162), (760, 176), (710, 190), (610, 190), (560, 176)])
    sheet.fill(slot, INK)
    for x in range(590, 736, 8):
        sheet.line([(x, 167), (x + 5, 186)], RUST, 4.5)
    sheet.line(curve([(740, 178), (960, 214), (1090, 200), (1200, 226)]), RUST, 3.4)


def festival_drum() -> Print:
    """The village drum on its stand, and a ring of dancers behind it."""
    sheet = Print("festival-drum", AMBER)
    sheet.sky((RUST, OCHER, AMBER), 520, 12)
    for turn in range(36):
        near, far = polar(600, 400, 330, turn * 10), polar(600, 400, 1000, turn * 10 + 2.4)
        sheet.fill([near, far, polar(600, 400, 1000, turn * 10 - 2.4)], AMBER if turn % 2 else CREAM)
    shape = sheet.hills(sheet.ridge(520, 40, 2.2, 2), BRICK)
    sheet.carve(shape, RUST, angle=slope, gap=16, length=38, width=3.6, keep=0.3)
    ground = sheet.hills(sheet.ridge(640, 6, 2), INK)
    sheet.carve(ground, BARK, gap=15, length=120, width=4.6, keep=0.5)
    for place in range(12):
        x = 40 + place * 102
        if not 330 < x < 870:
            dancer(sheet, x, 690 + abs(x - 600) * 0.03, 190, (PINE, NIGHT)[place % 2])
    bunting(sheet)
    drum_stand(sheet)
    drum(sheet, 600, 400, 232)
    return sheet


def dancer(sheet: Print, x: float, foot: float, tall: float, coat: str) -> None:
    """A dancer in a long skirt, hands joined with her neighbors."""
    unit = tall / 10
    for side in (-1, 1):
        sheet.line(
            [(x + side * unit * 0.6, foot - unit * 6.8), (x + side * unit * 2.75, foot - unit * 5.2)],
            PAPER,
            unit * 0.6,
        )
    sheet.fill(
        [
            (x - unit * 0.9, foot - unit * 5),
            (x + unit * 0.9, foot - unit * 5),
            (x + unit * 1.7, foot),
            (x - unit * 1.7, foot),
        ],
        coat,
    )
    sheet.fill(
        [
            (x - unit * 1.62, foot - unit * 0.7),
            (x + unit * 1.62, foot - unit * 0.7),
            (x + unit * 1.7, foot),
            (x - unit * 1.7, foot),
        ],
        AMBER,
    )
    sheet.fill(
        [
            (x - unit * 1.05, foot - unit * 7.4),
            (x + unit * 1.05, foot - unit * 7.4),
            (x + unit * 0.8, foot - unit * 4.8),
            (x - unit * 0.8, foot - unit * 4.8),
        ],
        PAPER,
    )
    sheet.line([(x - unit * 0.85, foot - unit * 5), (x + unit * 0.85, foot - unit * 5)], FLAG, unit * 0.5)
    sheet.disc(x, foot - unit * 8.4, unit * 0.95, SKIN)
    sheet.fill(
        curve(
            [
                (x - unit * 1.15, foot - unit * 8.3),
                (x - unit * 0.9, foot - unit * 9.8),
                (x, foot - unit * 10.1),
                (x + unit * 0.9, foot - unit * 9.8),
                (x + unit * 1.15, foot - unit * 8.3),
                (x, foot - unit * 8.9),
                (x - unit * 1.15, foot - unit * 8.3),
            ]
        ),
        INK,
    )


def bunting(sheet: Print) -> None:
    """Two strings of small flags from the upper corners."""
    for points in (
        [(-10, 40), (160, 110), (330, 120), (460, 60)],
        [(740, 60), (870, 120), (1040, 110), (1210, 40)],
    ):
        line = curve(points)
        sheet.line(line, INK, 4)
        for count, (x, y) in enumerate(line[3:-2:5]):
            sheet.fill([(x - 17, y), (x + 17, y), (x, y + 42)], (PAPER, PINE, BRICK, NIGHT)[count % 4])


def drum_stand(sheet: Print) -> None:
    """Crossed legs and a beam."""
    for start, stop in (
        ((380, 470), (470, 756)),
        ((820, 470), (730, 756)),
        ((450, 560), (300, 762)),
        ((750, 560), (900, 762)),
    ):
        sheet.line([start, stop], INK, 36)
        sheet.line([start, stop], BARK, 26)
        sheet.line([(start[0] - 5, start[1]), (stop[0] - 5, stop[1])], OCHER, 5)
    sheet.line([(350, 690), (850, 690)], INK, 34)
    sheet.line([(350, 690), (850, 690)], BARK, 24)
    sheet.line([(352, 685), (848, 685)], OCHER, 5)


def drum(sheet: Print, x: float, y: float, radius: float) -> None:
    """The drum head on: lacquered rim, pegs, skin, and the sun painted on it."""
    sheet.disc(x + 14, y + 16, radius + 30, INK)
    sheet.disc(x, y, radius + 28, INK)
    sheet.disc(x, y, radius + 20, FLAG)
    sheet.disc(x, y, radius - 14, INK)
    for turn in range(36):
        peg = polar(x, y, radius + 3, turn * 10)
        sheet.disc(*peg, 8, INK)
        sheet.disc(peg[0] - 1, peg[1] - 1, 6, AMBER)
    sheet.disc(x, y, radius - 20, CREAM)
    head = [polar(x, y, radius - 22, turn * 6) for turn in range(60)]
    sheet.carve(
        head,
        SAND,
        angle=lambda at, down: math.degrees(math.atan2(down - y, at - x)) + 90,
        gap=15,
        length=40,
        width=3,
        keep=0.5,
    )
    for at, ink in ((radius * 0.76, RUST), (radius * 0.70, RUST), (radius * 0.46, NIGHT)):
        sheet.ring(x, y, at, ink, 5)
    for turn in range(24):
        sheet.fill(
            [
                polar(x, y, radius * 0.50, turn * 15 - 5),
                polar(x, y, radius * 0.66, turn * 15),
                polar(x, y, radius * 0.50, turn * 15 + 5),
            ],
            NIGHT,
        )
    sheet.fill(
        [polar(x, y, radius * (0.42 if turn % 2 == 0 else 0.19), turn * 15) for turn in range(24)], RUST
    )
    sheet.disc(x, y, radius * 0.12, AMBER)
    for start, stop in (((430, 250), (760, 520)), ((770, 250), (440, 520))):
        sheet.line([start, stop], INK, 27)
        sheet.line([start, stop], SAND, 18)
        sheet.line([(start[0] + 2, start[1] - 4), (stop[0] + 2, stop[1] - 4)], PAPER, 4)
        sheet.disc(*start, 24, INK)
        sheet.disc(*start, 18, RUST)
        for strand in range(-4, 5):
            sheet.line(
                curve([stop, (stop[0] + strand * 5, stop[1] + 50), (stop[0] + strand * 9, stop[1] + 92)]),
                FLAG,
                5,
            )
        sheet.disc(*stop, 15, AMBER)


def football_pitch() -> Print:
    """The provincial ground under its lights."""
    sheet = Print("football-pitch", NIGHT)
    sheet.sky((INK, NIGHT, SLATE), 330, 12)
    shape = sheet.hills(sheet.ridge(232, 66, 2.1, 2), INK)
    sheet.carve(shape, SLATE, angle=slope, gap=17, length=38, width=3.2, keep=0.2)
    for x, tilt in ((150, 1), (1050, -1)):
        light_tower(sheet, x, tilt)
    crowd(sheet)
    pitch(sheet)
    goal(sheet)
    shirts = (
        (300, 610, "r"),
        (432, 520, "w"),
        (520, 640, "r"),
        (650, 560, "r"),
        (700, 690, "w"),
        (842, 600, "w"),
        (380, 730, "r"),
        (930, 520, "w"),
        (240, 500, "w"),
        (990, 680, "r"),
    )
    for x, foot, side in shirts:
        player(sheet, x, foot, 54 + (foot - 480) * 0.24, FLAG if side == "r" else PAPER)
    sheet.oval(596, 664, 14, 5, PINE)
    sheet.disc(596, 652, 11, INK)
    sheet.disc(596, 652, 9, PAPER)
    sheet.fill([polar(596, 652, 4, turn * 72) for turn in range(5)], INK)
    return sheet


def light_tower(sheet: Print, x: float, tilt: int) -> None:
    """A mast, its lamps, and the cone of light it throws."""
    beam = Image.new("L", sheet.sheet.size, 0)
    pen = ImageDraw.Draw(beam)
    for spread, strength in ((1.0, 34), (0.6, 40)):
        pen.polygon(
            scaled(
                [
                    (x - 50, 96),
                    (x + 50, 96),
                    (x + tilt * 430 + 330 * spread, 470),
                    (x + tilt * 430 - 330 * spread, 470),
                ]
            ),
            fill=strength,
        )
    sheet.sheet.paste(CREAM, mask=beam.filter(ImageFilter.GaussianBlur(26)))
    sheet.fill([(x - 9, 400), (x + 9, 400), (x + 5, 110), (x - 5, 110)], MIST)
    for y in range(130, 390, 26):
        sheet.line([(x - 8, y), (x + 8, y + 22)], INK, 2.4)
    sheet.box(x - 62, 58, 124, 62, INK)
    for row in range(2):
        for column in range(4):
            sheet.disc(x - 43 + column * 29, 75 + row * 28, 11, PAPER)


def crowd(sheet: Print) -> None:
    """The far stand: rows of heads, and a rail."""
    sheet.fill([(0, 322), (WIDTH, 322), (WIDTH, 436), (0, 436)], INK)
    for row in range(6):
        for column in range(86):
            x = column * 14.2 + row % 2 * 7 + sheet.rng.uniform(-2, 2)
            ink = sheet.rng.choice((SLATE, SLATE, MIST, FLAG, OCHER, SAND, BRICK, NIGHT, SLATE))
            sheet.disc(x, 334 + row * 15, 5.6, ink)
    sheet.box(0, 414, WIDTH, 26, SLATE)
    for panel in range(10):
        sheet.box(panel * 120 + 4, 418, 112, 20, (RUST, PAPER, OCHER, PINE, PAPER)[panel % 5])


def pitch(sheet: Print) -> None:
    """Mown grass in perspective, with its lines."""
    for stripe in range(-9, 9):
        shape = [
            (600 + stripe * 110, 440),
            (600 + (stripe + 1) * 110, 440),
            (600 + (stripe + 1) * 210, 806),
            (600 + stripe * 210, 806),
        ]
        sheet.fill(shape, LEAF if stripe % 2 else PINE)
        sheet.carve(shape, MOSS if stripe % 2 else LEAF, angle=-80, gap=14, length=9, width=2.6, keep=0.4)
    for line in ([(0, 462), (WIDTH, 462)], [(600, 462), (600, 800)]):
        sheet.line(line, PAPER, 5)
    circle = [
        (600 + math.cos(turn / 30 * math.pi) * 190, 630 + math.sin(turn / 30 * math.pi) * 84)
        for turn in range(61)
    ]
    sheet.line(circle, PAPER, 5)
    sheet.line([(1200, 512), (1010, 512), (1150, 800)], PAPER, 5)


def goal(sheet: Print) -> None:
    """The goal at the right-hand end."""
    front = [(1112, 640), (1112, 500), (1192, 690), (1192, 560)]
    for share in range(9):
        at = share / 8
        sheet.line([between(front[1], front[3], at), between(front[0], front[2], at)], MIST, 1.6)
        sheet.line([between(front[1], front[0], at), between(front[3], front[2], at)], MIST, 1.6)
    sheet.line([front[0], front[1], front[3], front[2]], PAPER, 8)


def player(sheet: Print, x: float, foot: float, tall: float, shirt: str) -> None:
    """A player in mid-stride."""
    unit = tall / 10
    lean = sheet.rng.choice((-1, 1))
    sheet.oval(x + unit, foot, unit * 3, unit * 0.7, INK)
    for stride in (-1.5, 1.4):
        sheet.line(
            [
                (x, foot - unit * 4.2),
                (x + stride * unit, foot - unit * 2),
                (x + stride * unit * 1.2 - lean * unit * 0.5, foot),
            ],
            SKIN,
            unit * 0.8,
        )
    for reach in (-2, 1.9):
        sheet.line(
            [(x + lean * unit * 0.5, foot - unit * 7), (x + reach * unit, foot - unit * 5.6)],
            SKIN,
            unit * 0.6,
        )
    sheet.fill(
        [
            (x - unit * 1.1 + lean * unit * 0.5, foot - unit * 7.6),
            (x + unit * 1.1 + lean * unit * 0.5, foot - unit * 7.6),
            (x + unit, foot - unit * 4.6),
            (x - unit, foot - unit * 4.6),
        ],
        shirt,
    )
    sheet.fill(
        [
            (x - unit * 1.1, foot - unit * 4.9),
            (x + unit * 1.1, foot - unit * 4.9),
            (x + unit * 1.3, foot - unit * 3.2),
            (x - unit * 1.3, foot - unit * 3.2),
        ],
        INK,
    )
    head = (x + lean * unit * 0.6, foot - unit * 8.7)
    sheet.disc(*head, unit, SKIN)
    sheet.fill([polar(*head, unit * 1.1, 170 + turn * 20) for turn in range(11)], INK)


def fire_engine() -> Print:
    """A small fire engine on a steep hill road."""
    sheet = Print("fire-engine", CREAM)
    sheet.sky((SAND, CREAM, PAPER), 420, 16)
    sheet.disc(250, 150, 60, OCHER)
    for height, swing, ink, cut in ((268, 62, HAZE, PAPER), (348, 62, MIST, HAZE), (440, 50, SLATE, MIST)):
        shape = sheet.hills(sheet.ridge(height, swing, 2.2, 2), ink)
        sheet.carve(shape, cut, angle=slope, gap=17, length=40, width=3.4, keep=0.22)
    bank = [*curve([(560, 520), (700, 430), (860, 350), (1030, 300), (1210, 286)]), (1210, 640), (560, 640)]
    sheet.fill(bank, PINE)
    sheet.carve(bank, LEAF, angle=slope, gap=15, length=34, width=4.4, keep=0.4)
    hut(sheet, 990, 326, 1.5)
    palm(sheet, 1166, 300, 150, INK, MOSS)
    road(sheet)
    engine(sheet)
    return sheet


def road(sheet: Print) -> None:
    """The road, its guard stones and the drop beside it."""
    sheet.fill(
        [*curve([(-10, 590), (300, 570), (640, 560), (900, 556), (1210, 560)]), (1210, 806), (-10, 806)], SAND
    )
    surface = [
        *curve([(-10, 610), (300, 592), (640, 584), (900, 580), (1210, 584)]),
        (1210, 744),
        *curve([(900, 744), (600, 748), (300, 752), (-10, 760)]),
    ]
    sheet.carve(
        [(0, 560), (WIDTH, 560), (WIDTH, 800), (0, 800)], CREAM, gap=16, length=110, width=5, keep=0.4
    )
    sheet.carve(surface, OCHER, gap=18, length=80, width=4, keep=0.35)
    for x in range(34, 1200, 188):
        for grow, ink in ((5, INK), (0, PAPER)):
            sheet.disc(x, 760, 22 + grow, ink)
            sheet.box(x - 22 - grow, 760, 44 + grow * 2, 60, ink)
        sheet.fill([polar(x, 760, 22, 180 + turn * 10) for turn in range(19)], RUST)
        sheet.box(x - 22, 758, 44, 10, RUST)


def engine(sheet: Print) -> None:
    """The engine from the side: cab, water tank, ladder, lamps."""
    sheet.fill([(196, 712), (914, 708), (880, 732), (230, 736)], BARK)
    body = [(240, 430), (650, 430), (650, 662), (240, 662)]
    cab = [(650, 664), (650, 372), (776, 372), (846, 484), (884, 500), (884, 664)]
    for shape in (body, cab):
        sheet.fill([(x + (-6 if x < 500 else 6), y + (-6 if y < 500 else 6)) for x, y in shape], INK)
    sheet.fill(body, FLAG)
    sheet.fill(cab, FLAG)
    sheet.carve(body, BRICK, angle=0, gap=22, length=70, width=3.4, keep=0.35)
    sheet.carve(cab, BRICK, angle=0, gap=22, length=40, width=3.4, keep=0.3)
    sheet.box(234, 590, 656, 20, PAPER)
    sheet.box(234, 612, 656, 8, AMBER)
    sheet.fill([(672, 398), (764, 398), (816, 484), (672, 484)], INK)
    sheet.fill([(680, 406), (718, 406), (718, 476), (680, 476)], HAZE)
    sheet.fill([(728, 406), (760, 406), (802, 476), (728, 476)], HAZE)
    sheet.fill([(736, 410), (748, 410), (784, 476), (768, 476)], PAPER)
    sheet.line([(720, 486), (720, 656)], BRICK, 4)
    sheet.box(732, 520, 30, 9, INK)
    for x in (264, 388, 512):
        sheet.box(x - 4, 456, 112, 116, INK)
        sheet.box(x, 460, 104, 108, MIST)
        for slat in range(7):
            sheet.line([(x, 468 + slat * 15), (x + 104, 468 + slat * 15)], SLATE, 3)
        sheet.box(x + 40, 556, 24, 7, INK)
    ladder(sheet)
    sheet.fill([(690, 372), (700, 344), (752, 344), (762, 372)], NIGHT)
    sheet.fill([(700, 364), (706, 350), (724, 350), (724, 364)], MIST)
    sheet.box(728, 350, 20, 14, AMBER)
    sheet.box(862, 560, 30, 30, INK)
    sheet.disc(876, 574, 12, AMBER)
    sheet.box(226, 652, 680, 24, INK)
    for x in (346, 780):
        sheet.disc(x, 668, 72, FLAG)
        sheet.disc(x, 676, 64, INK)
        sheet.disc(x, 676, 34, MIST)
        sheet.disc(x, 676, 26, SLATE)
        for bolt in range(6):
            sheet.disc(*polar(x, 676, 17, bolt * 60), 4, INK)
        for tread in range(20):
            sheet.line([polar(x, 676, 56, tread * 18), polar(x, 676, 63, tread * 18 + 4)], SLATE, 3)


def ladder(sheet: Print) -> None:
    """The ladder on the roof, raised a little toward the cab, and the rolled hose."""
    low, high = (228, 408), (716, 334)
    for drop in (0, 26):
        sheet.line([(low[0], low[1] + drop), (high[0], high[1] + drop)], INK, 13)
        sheet.line([(low[0], low[1] + drop), (high[0], high[1] + drop)], SAND, 7)
    for rung in range(1, 20):
        x, y = between(low, high, rung / 20)
        sheet.line([(x, y), (x, y + 26)], SAND, 4.5)


def weather_map() -> Print:
    """A weather map with isobars and a cold front on its way south."""
    sheet = Print("weather-map", HAZE)
    sea = [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]
    sheet.fill(sea, MIST)
    sheet.carve(sea, HAZE, gap=20, length=80, width=4, keep=0.4)
    coast = curve(
        [
            (-20, 640),
            (90, 610),
            (180, 680),
            (300, 716),
            (420, 690),
            (520, 742),
            (640, 720),
            (730, 640),
            (850, 620),
            (900, 530),
            (1010, 500),
            (1060, 400),
            (1160, 350),
            (1220, 260),
        ]
    )
    land = [*coast, (1220, -20), (-20, -20)]
    sheet.fill([(x + 8, y + 12) for x, y in land], SLATE)
    sheet.fill(land, CREAM)
    sheet.carve(land, PAPER, angle=30, gap=28, length=60, width=5, keep=0.35)
    for x, y in (
        (90, 350),
        (156, 386),
        (240, 410),
        (318, 470),
        (330, 392),
        (250, 500),
        (790, 420),
        (740, 470),
        (850, 470),
    ):
        peak(sheet, x, y + 60)
    river = curve([(260, 250), (330, 400), (470, 450), (520, 560), (650, 600), (700, 668)])
    sheet.line(river, SLATE, 8)
    sheet.line(river, MIST, 4)
    province = [
        *curve(
            [(420, 486), (452, 452), (508, 462), (548, 432), (612, 448), (648, 428), (690, 462), (684, 508)],
            5,
        ),
        *curve(
            [(684, 508), (716, 536), (676, 572), (660, 616), (604, 604), (566, 636), (512, 606), (452, 612)],
            5,
        ),
        *curve([(452, 612), (428, 568), (444, 532), (408, 514), (420, 486)], 5),
    ]
    sheet.line(province, RUST, 6)
    sheet.inside(province, Image.new("L", sheet.sheet.size, 70), RUST)
    for count in range(7):
        isobar(sheet, count)
    front(sheet)
    for x, y in ((150, 110), (330, 150), (900, 110), (560, 92)):
        snowflake(sheet, x, y, 38)
    rain_cloud(sheet, 990, 372)
    rain_cloud(sheet, 160, 560)
    sun(sheet, 1010, 660)
    sheet.disc(566, 540, 15, INK)
    sheet.disc(566, 540, 10, AMBER)
    return sheet


def peak(sheet: Print, x: float, y: float) -> None:
    """A mountain as a map shows it."""
    sheet.fill([(x - 36, y), (x, y - 56), (x + 36, y)], MOSS)
    sheet.fill([(x, y - 56), (x + 36, y), (x + 8, y), (x - 4, y - 24)], LEAF)
    sheet.fill([(x - 12, y - 37), (x, y - 56), (x + 12, y - 37), (x + 3, y - 42), (x - 3, y - 35)], PAPER)


def isobar(sheet: Print, count: int) -> None:
    """One line of equal pressure, bent by the cold air."""
    drop = count * 92
    line = curve(
        [
            (-20, 30 + drop),
            (220, 50 + drop * 1.03),
            (480, 120 + drop * 0.98),
            (760, 90 + drop * 0.86),
            (1000, 20 + drop * 0.74),
            (1220, -40 + drop * 0.66),
        ]
    )
    sheet.line(line, SLATE, 2.4)


def front(sheet: Print) -> None:
    """The cold front, its teeth pointing the way it moves."""
    line = curve([(-20, 236), (180, 292), (400, 352), (620, 372), (840, 330), (1040, 236), (1220, 130)], 20)
    for start in range(8, len(line) - 12, 14):
        first, last = line[start], line[start + 8]
        middle = between(first, last, 0.5)
        angle = math.degrees(math.atan2(last[1] - first[1], last[0] - first[0]))
        tip = polar(*middle, 48, angle + 90)
        sheet.fill([polar(*first, 5, angle + 180), polar(*last, 5, angle), polar(*tip, 8, angle + 90)], PAPER)
        sheet.fill([first, last, tip], NIGHT)
    sheet.line(line, PAPER, 17)
    sheet.line(line, NIGHT, 11)


def snowflake(sheet: Print, x: float, y: float, size: float) -> None:
    """Six arms with barbs."""
    sheet.disc(x, y, size * 1.35, PAPER)
    for arm in range(6):
        tip = polar(x, y, size, arm * 60 + 30)
        sheet.line([(x, y), tip], SLATE, 6)
        knee = between((x, y), tip, 0.62)
        for side in (-45, 45):
            sheet.line([knee, polar(*knee, size * 0.34, arm * 60 + 30 + side)], SLATE, 4.6)


def rain_cloud(sheet: Print, x: float, y: float) -> None:
    """A cloud and its rain."""
    for grow, ink in ((7, INK), (0, PAPER)):
        for across, down, size in ((-42, 0, 32), (0, -20, 44), (46, 0, 34)):
            sheet.disc(x + across, y + down, size + grow, ink)
        sheet.box(x - 46, y - 2 - grow, 96, 34 + grow * 2, ink)
    for drop in range(4):
        at = x - 40 + drop * 28
        sheet.line([(at, y + 54), (at - 14, y + 88)], SLATE, 8)


def sun(sheet: Print, x: float, y: float) -> None:
    """A sun for the dry coast."""
    for ray in range(12):
        sheet.line([polar(x, y, 66, ray * 30), polar(x, y, 92, ray * 30)], AMBER, 10)
    sheet.disc(x, y, 54, INK)
    sheet.disc(x, y, 48, AMBER)
    face = [polar(x, y, 46, turn * 6) for turn in range(60)]
    sheet.carve(face, CREAM, angle=-40, gap=14, length=30, width=4, keep=0.4)


def black_cake() -> Print:
    """Black sticky-rice cakes in leaves, and slices on a woven tray."""
    sheet = Print("black-cake", RUST)
    cloth = [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]
    sheet.fill(cloth, BRICK)
    for y in range(0, HEIGHT, 100):
        sheet.box(0, y, WIDTH, 12, RUST)
    for x in range(0, WIDTH, 100):
        sheet.box(x, 0, 12, HEIGHT, RUST)
    sheet.carve(cloth, RUST, angle=0, gap=11, length=20, width=2, keep=0.4)
    for angle, length, x, y in (
        (-160, 330, 330, 150),
        (-20, 330, 900, 140),
        (160, 320, 300, 680),
        (24, 330, 900, 680),
    ):
        leaf(sheet, x, y, length, angle, 72, PINE, MOSS)
    tray(sheet)
    parcel(sheet, (330, 230), (830, 190))
    parcel(sheet, (360, 350), (890, 312))
    for x, y in ((450, 560), (590, 604), (724, 590), (846, 500), (650, 470)):
        cake_slice(sheet, x, y, 78)
    return sheet


def tray(sheet: Print) -> None:
    """The round bamboo tray."""
    sheet.disc(612, 416, 372, INK)
    sheet.disc(602, 402, 372, BARK)
    sheet.disc(602, 402, 360, OCHER)
    sheet.disc(602, 402, 336, BARK)
    sheet.disc(602, 402, 330, SAND)
    disc = [polar(602, 402, 328, turn * 6) for turn in range(60)]
    layer = Image.new("L", sheet.sheet.size, 0)
    pen = ImageDraw.Draw(layer)
    for row in range(52):
        for column in range(26):
            x, y = 262 + column * 26 + row % 2 * 13, 66 + row * 13
            pen.rectangle((x * SCALE, y * SCALE, (x + 17) * SCALE, (y + 4) * SCALE), fill=255)
    sheet.inside(disc, layer, CREAM)


def parcel(sheet: Print, start: Point, stop: Point) -> None:
    """A long cake in its leaves, tied five times."""
    angle = math.degrees(math.atan2(stop[1] - start[1], stop[0] - start[0]))
    sheet.line([(start[0] + 8, start[1] + 16), (stop[0] + 8, stop[1] + 16)], BARK, 112)
    sheet.line([start, stop], INK, 110)
    sheet.line([start, stop], PINE, 100)
    up, down = polar(0, 0, 48, angle - 90), polar(0, 0, 48, angle + 90)
    side = [
        (start[0] + up[0] - 30, start[1] + up[1]),
        (stop[0] + up[0] + 30, stop[1] + up[1]),
        (stop[0] + down[0] + 30, stop[1] + down[1]),
        (start[0] + down[0] - 30, start[1] + down[1]),
    ]
    sheet.carve(side, LEAF, angle=angle, gap=11, length=70, width=4.6, keep=0.6)
    sheet.carve(
        [side[0], side[1], between(side[1], side[2], 0.4), between(side[0], side[3], 0.4)],
        MOSS,
        angle=angle,
        gap=11,
        length=56,
        width=4.4,
        keep=0.5,
    )
    for tie in range(5):
        x, y = between(start, stop, 0.04 + tie * 0.23)
        for shift in (-5, 5):
            line = curve(
                [
                    (x + up[0] * 1.04 + shift, y + up[1] * 1.04),
                    (x + 9 + shift, y),
                    (x + down[0] * 1.04 + shift, y + down[1] * 1.04),
                ]
            )
            sheet.line(line, CREAM, 5)
        sheet.disc(x + 8, y, 9, CREAM)


def cake_slice(sheet: Print, x: float, y: float, radius: float) -> None:
    """A round slice: black rice, a ring of yellow bean, a heart of pork."""
    sheet.disc(x + 6, y + 14, radius, BARK)
    sheet.disc(x, y + 8, radius, INK)
    sheet.disc(x, y, radius, NIGHT)
    ring = [polar(x, y, radius, turn * 6) for turn in range(60)]
    sheet.carve(ring, SLATE, angle=lambda at, _: 30 + at * 1.7, gap=10, length=11, width=5, keep=0.6)
    sheet.carve(ring, MIST, angle=lambda at, _: 80 + at * 2.3, gap=22, length=9, width=4, keep=0.3)
    bean = [polar(x, y, radius * (0.56 + 0.04 * math.sin(turn * 1.7)), turn * 12) for turn in range(30)]
    sheet.fill(bean, AMBER)
    sheet.carve(bean, CREAM, angle=40, gap=10, length=9, width=4, keep=0.5)
    for across, down, size in ((-0.16, -0.12, 0.2), (0.15, -0.06, 0.17), (-0.02, 0.2, 0.18)):
        lump = [
            polar(x + across * radius, y + down * radius, radius * size, turn * 60 + across * 200)
            for turn in range(6)
        ]
        sheet.fill(lump, RUST)
        sheet.line([lump[0], lump[2]], CREAM, 3.4)


SCENES: dict[str, Callable[[], Print]] = {
    "black-cake": black_cake,
    "festival-drum": festival_drum,
    "fire-engine": fire_engine,
    "football-pitch": football_pitch,
    "karst-river": karst_river,
    "loom-pattern": loom_pattern,
    "market-scales": market_scales,
    "rice-terraces": rice_terraces,
    "school-yard": school_yard,
    "stilt-house": stilt_house,
    "suspension-bridge": suspension_bridge,
    "tea-hills": tea_hills,
    "weather-map": weather_map,
}


def encoded(image: Image.Image) -> bytes:
    """The picture as JPEG, at the best quality that keeps it light enough."""
    for quality in range(86, 20, -3):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True, subsampling="4:2:0")
        if buffer.tell() <= LARGEST:
            return buffer.getvalue()
    raise ValueError("the picture is too busy to be published")


def main() -> None:
    """Draw the pictures that are named, or all of them."""
    parser = argparse.ArgumentParser(description="Draw the sample newsroom's pictures.")
    parser.add_argument(
        "names", nargs="*", choices=[*SCENES, []], metavar="NAME", help="a picture; all if none"
    )
    folder = Path(__file__).parent / "pictures"
    parser.add_argument("--into", type=Path, default=folder, help="the folder to write to")
    wanted = parser.parse_args()
    wanted.into.mkdir(parents=True, exist_ok=True)
    for name in wanted.names or SCENES:
        data = encoded(SCENES[name]().finish())
        (wanted.into / f"{name}.jpg").write_bytes(data)
        print(f"{name}.jpg: {len(data):,} bytes")


if __name__ == "__main__":
    main()
