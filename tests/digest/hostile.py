"""Letters of articles that try to break them."""

from collections.abc import Mapping
from dataclasses import replace

from publisher.model.letter import Letter, Story
from tests.digest.letters import letter_of, picture, stories


def _with(**content: object) -> Letter:
    """Return a letter whose lead, and one story in a section, have this content."""
    first, second, *others = stories("en", 6)
    return letter_of([_changed(first, content), *others, _changed(second, content)])


def _changed(story: Story, content: dict[str, object]) -> Story:
    return replace(story, **content)  # type: ignore[arg-type]


SCRIPT = "<script>window.harmed = 1</script><style>*{display:none}</style><img src=x onerror='harmed=1'>"
LONG = "Đ" + "ườngdâyxuyênquốcgia" * 16
"""A word of more than 300 characters."""

HOSTILE: Mapping[str, Letter] = {
    "scripts": _with(title=f"Scripts {SCRIPT}", lede=f"{SCRIPT} </div></p></h2><!--piece foot --> -->"),
    "styles": _with(title="</style><style>body{color:red}", lede='" style="position:fixed" onload="harmed=1'),
    "long-words": _with(title=LONG, lede=f"{LONG} {LONG}", byline=LONG, correction=LONG),
    "emoji": _with(title="🌾🐃🎉👩‍🌾", lede="👨‍👩‍👧‍👦🏳️‍🌈" * 40),
    "picture-only": _with(title="", lede="", byline="", large=picture("0.jpg", 600, "")),
    "right-to-left": _with(
        title="افتتاح الجسر الجديد فوق النهر", lede="عبر أول الأطفال الجسر صباح اليوم.", language="ar"
    ),
    "tall-picture": _with(large=replace(picture("1.jpg", 900, "A tower"), height=2400)),
    "braces": _with(title="{{ config }} {% raw %} {title}", lede="%(name)s ${x} {0} \\1 &amp; &lt;b&gt;"),
    "forty": letter_of(stories("vi", 40), language="vi"),
    "one": letter_of(stories("en", 1)),
    "none": letter_of([]),
    "unsectioned": letter_of([replace(story, section=None, section_title="") for story in stories("en", 3)]),
    "no-lead": letter_of(stories("en", 6), led=False),
}
