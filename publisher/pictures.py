"""Pictures: made to fit a place. The only home of Pillow."""

import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

MOST_PIXELS = 60_000_000
"""A larger picture is refused before it is unpacked, for a small file can hold one that fills the memory."""
MOST_BYTES = 20_000_000
"""A longer file is refused unread."""
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
_ENDINGS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
_QUALITY = 82
_FEW_COLOURS = 256


class PictureError(ValueError):
    """The bytes are no picture that can be used; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A picture made for one place: its file's bytes, their kind, and the pixels that they hold."""

    content: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What a picture file is: its kind, the ending for its name, its pixels as people see them."""

    media_type: str
    ending: str
    width: int
    height: int


def inspect(content: bytes) -> Facts:
    """Return what a picture is, after reading it to its end.

    Raises:
        PictureError: no picture that every reader's program shows, broken, too long a file, or larger than
            :data:`MOST_PIXELS`.
    """
    if len(content) > MOST_BYTES:
        raise PictureError(f"it has more than {MOST_BYTES // 1_000_000} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=list(_ENDINGS)) as opened:
                _refuse_huge(opened)
                kind = opened.format or ""
                opened.load()
                upright = ImageOps.exif_transpose(opened)
    except PictureError:
        raise
    except Image.DecompressionBombError:
        raise PictureError(f"it says that it has more than {MOST_PIXELS:,} pixels") from None
    except Exception as error:
        raise PictureError("it is broken, or no JPEG, PNG, GIF or WebP picture") from error
    return Facts(Image.MIME[kind], _ENDINGS[kind], upright.width, upright.height)


def scale(content: bytes, *, width: int, shape: tuple[float, float]) -> Scaled:
    """Return a picture made small enough for its place; the same bytes for the same picture.

    It is turned upright, cropped to the middle where its shape is outside the limits, never enlarged, and
    stripped of everything but pixels (cameras write down where a picture was taken). A drawing with few
    colours is kept as PNG where that is smaller; everything else becomes JPEG, with white for what is
    transparent. A bare JPEG that fits already stays as it is.

    Args:
        content: the file.
        width: most pixels that it may be wide.
        shape: least and most height as a share of the width.

    Raises:
        PictureError: no picture, broken, or larger than :data:`MOST_PIXELS`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=_FORMATS) as opened:
                _refuse_huge(opened)
                drawn = opened.format in {"PNG", "GIF"}
                bare = _is_bare(opened, content)
                # A JPEG can be unpacked at a half, a quarter or an eighth of its size, many times faster.
                opened.draft("RGB", (2 * width, 2 * width))
                size = opened.size
                fitted = _fitted(_upright(opened), width, shape)
    except PictureError:
        raise
    except Exception as error:
        raise PictureError("it is broken, or no picture of a kind that is known here") from error
    made = _encoded(fitted, drawn=drawn)
    if bare and fitted.size == size and len(content) <= len(made.content):
        return Scaled(content, "image/jpeg", *size)
    return made


def _is_bare(opened: Image.Image, content: bytes) -> bool:
    """Whether it is a JPEG that holds pixels and nothing else, so that its bytes may stay as they are."""
    return (
        isinstance(opened, JpegImageFile)
        and opened.mode == "RGB"
        and {name for name, _ in opened.applist} <= {"APP0"}
        and set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
        and content.endswith(b"\xff\xd9")
    )


def _refuse_huge(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise PictureError(
            f"it has {picture.width} by {picture.height} pixels; more than {MOST_PIXELS:,} in all are refused"
        )


def _upright(opened: Image.Image) -> Image.Image:
    """Return the first frame, turned as the camera was held, in the screen's colours, on white."""
    picture = ImageOps.exif_transpose(opened)
    picture = _in_screen_colours(picture)
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        ground = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(ground, clear).convert("RGB")
    return picture.convert("RGB")


def _in_screen_colours(picture: Image.Image) -> Image.Image:
    """Return the picture in sRGB when it carries a profile; a broken profile is passed over."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "CMYK", "L"}:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        found = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return found or picture


def _fitted(picture: Image.Image, width: int, shape: tuple[float, float]) -> Image.Image:
    """Return the picture cropped to the middle and made smaller."""
    least, most = shape
    wide, high = picture.size
    cut = (min(wide, max(1, int(high / least))), min(high, max(1, round(wide * most))))
    left, top = (wide - cut[0]) // 2, (high - cut[1]) // 2
    cropped = picture.crop((left, top, left + cut[0], top + cut[1]))
    if cropped.width <= width:
        return cropped
    height = max(1, round(cropped.height * width / cropped.width))
    return cropped.resize((width, height), Image.Resampling.LANCZOS)


def _encoded(picture: Image.Image, *, drawn: bool) -> Scaled:
    jpeg = BytesIO()
    picture.save(jpeg, "JPEG", quality=_QUALITY, optimize=True, progressive=False)
    found = (jpeg.getvalue(), "image/jpeg")
    if drawn:
        png = BytesIO()
        few = picture.getcolors(_FEW_COLOURS) is not None
        (picture.quantize(_FEW_COLOURS) if few else picture).save(png, "PNG", optimize=True)
        if len(png.getvalue()) <= len(found[0]):
            found = (png.getvalue(), "image/png")
    return Scaled(found[0], found[1], picture.width, picture.height)
