"""A letter's pictures: read or fetched once, made to fit, kept under addresses that never change.

What cannot be had in time is left out and told; the letter is good without it. A file's name holds the hash
of the source and the size, so an address always means the same picture and programs may keep it for ever.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from time import monotonic
from urllib.parse import unquote

import httpx

from publisher import wholefile
from publisher.model.article import Article, Picture
from publisher.model.letter import LetterPicture
from publisher.pictures import PictureError, Scaled, scale

FETCH_SECONDS = 10.0
"""For one picture, from the first byte asked to the last byte read."""
MOST_BYTES = 20_000_000
_AT_ONCE = 4
_MEDIA = "/media/"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture stands in the letter.

    Attributes:
        width: in CSS pixels; the file holds twice as many, for fine screens.
        shape: least and most height as a share of the width; what is outside is cropped to the middle.
        least: pixels; a file narrower than this would be a blur there, and is left out.
        keeps_width: shown at its own width where it is narrower than the place, else always at the place's.
    """

    width: int
    shape: tuple[float, float]
    least: int
    keeps_width: bool


LARGE = Place(width=600, shape=(0.3, 0.75), least=300, keeps_width=True)
"""The lead's, as wide as the letter."""
SMALL = Place(width=176, shape=(0.75, 0.75), least=88, keeps_width=False)
"""Beside a story."""
LOGO = Place(width=300, shape=(0.01, 1.0), least=40, keeps_width=True)
"""On the masthead."""


@dataclass(frozen=True, slots=True)
class Illustrations:
    """The pictures of one letter.

    Attributes:
        large, small: by article id.
        files: name below ``media/`` -> bytes; what the letter's addresses point to.
        problems: one line for each picture that the letter goes without.
        logo: for the masthead.
    """

    large: Mapping[str, LetterPicture]
    small: Mapping[str, LetterPicture]
    files: Mapping[str, bytes]
    problems: tuple[str, ...]
    logo: LetterPicture | None = None


class _Missing(Exception):  # noqa: N818 - no error: it becomes a line of the report
    """Why a picture cannot be had, in words."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    article: Article
    picture: Picture
    places: tuple[Place, ...]


def illustrate(
    articles: Sequence[Article], *, large: Collection[str], public: Path, site_url: str
) -> Illustrations:
    """Get and fit the first picture of each article; nothing is written.

    Args:
        articles: in the letter's order.
        large: ids of those that may stand as a lead and need the large form too.
        public: the site's folder of what readers fetch; ``/media/`` addresses are read there.
        site_url: begins the addresses of the fitted pictures.
    """
    wanted = []
    for article in articles:
        picture = next((one for one in article.pictures if one.url), None)
        if picture:
            places = (LARGE, SMALL) if article.id in large else (SMALL,)
            wanted.append(_Wanted(article, picture, places))
    found: dict[Place, dict[str, LetterPicture]] = {LARGE: {}, SMALL: {}}
    files: dict[str, bytes] = {}
    problems: list[str] = []
    for want, source in zip(wanted, _sources([one.picture for one in wanted], public, site_url), strict=True):
        for place in want.places:
            try:
                name, fitted = _fit(source, place)
            except _Missing as missing:
                problems.append(_told(want, str(missing)))
                continue
            files[name] = fitted.content
            found[place][want.article.id] = _shown(want.picture, f"{site_url}{_MEDIA}{name}", fitted, place)
    return Illustrations(found[LARGE], found[SMALL], files, tuple(dict.fromkeys(problems)))


NO_PICTURES = Illustrations({}, {}, {}, ())
"""Of a letter without any."""


def with_logo(pictures: Illustrations, address: str, *, alt: str, site: Path, site_url: str) -> Illustrations:
    """Return the pictures with the masthead's among them, or with why it cannot be had.

    Args:
        pictures: of the stories.
        address: http or https, or a path below the site's folder.
        alt: what the picture says, the paper's name.
        site: the site's folder.
        site_url: begins the address of the fitted picture.
    """
    try:
        if address.lower().startswith(("http://", "https://")):
            source = _sources([Picture(url=address)], site / "public", site_url)[0]
        else:
            source = _local(address, site, "the site")
        name, fitted = _fit(source, LOGO)
    except _Missing as missing:
        told = f"logo {address}: {missing}; the masthead shows the title"
        return replace(pictures, problems=(*pictures.problems, told))
    shown_as = _shown(Picture(alt=alt), f"{site_url}{_MEDIA}{name}", fitted, LOGO)
    return replace(pictures, logo=shown_as, files={**pictures.files, name: fitted.content})


def shown(page: str, public: Path, site_url: str) -> dict[str, bytes]:
    """Return the kept files that a page shows, name below ``media/`` -> bytes."""
    pattern = re.escape(f"{site_url}{_MEDIA}") + r"([0-9a-f]{20}-\d+x\d+\.(?:jpg|png))"
    names = dict.fromkeys(re.findall(pattern, page))
    files = {name: public / "media" / name for name in names}
    return {name: file.read_bytes() for name, file in files.items() if file.is_file()}


def keep(files: Mapping[str, bytes], public: Path) -> None:
    """Write the files that are not there yet, each whole or not at all.

    Raises:
        OSError: the folder cannot be written.
    """
    folder = public / "media"
    for name, content in files.items():
        wholefile.put_once(folder / name, content)


def _sources(pictures: Iterable[Picture], public: Path, site_url: str) -> list[bytes | _Missing]:
    """Return each picture's file, or why it cannot be had; a few at a time, each address once."""
    addresses = [str(one.url) for one in pictures]
    unique = list(dict.fromkeys(addresses))
    if not unique:
        return []

    client = httpx.Client(
        timeout=FETCH_SECONDS / 2,
        follow_redirects=True,
        max_redirects=3,
        headers={"User-Agent": "newsroom-publisher"},
    )

    def read(address: str) -> bytes | _Missing:
        try:
            return _read(address, public, site_url, client)
        except _Missing as missing:
            return missing

    with client, ThreadPoolExecutor(_AT_ONCE) as pool:
        got = dict(zip(unique, pool.map(read, unique), strict=True))
    return [got[address] for address in addresses]


def _read(address: str, public: Path, site_url: str, client: httpx.Client) -> bytes:
    own = address.removeprefix(site_url)
    if own.startswith(_MEDIA):
        return _local(unquote(own.removeprefix(_MEDIA)), public / "media")
    if address.lower().startswith(("http://", "https://")):
        return _fetched(address, client)
    raise _Missing("its address is neither below /media/ nor http or https")


def _local(name: str, folder: Path, within: str = "public/media") -> bytes:
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise _Missing(f"its address leads out of {within}")
        if path.stat().st_size > MOST_BYTES:
            raise _Missing(_too_large())
        return path.read_bytes()
    except OSError as error:
        raise _Missing(f"{within}/{name}: {(error.strerror or 'unreadable').lower()}") from error
    except ValueError as error:
        raise _Missing("its address is no file name") from error


def _fetched(address: str, client: httpx.Client) -> bytes:
    """Return what the address serves, within the time and size that a picture may take."""
    end = monotonic() + FETCH_SECONDS
    content = bytearray()
    try:
        with client.stream("GET", address) as response:
            if response.status_code != httpx.codes.OK:
                raise _Missing(f"its server answered {response.status_code}")
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MOST_BYTES:
                    raise _Missing(_too_large())
                if monotonic() > end:
                    raise _Missing(f"it did not come within {FETCH_SECONDS:g} seconds")
    except httpx.TimeoutException as error:
        raise _Missing("its server did not answer in time") from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _Missing(f"it cannot be fetched: {' '.join(str(error).split()) or 'no answer'}") from error
    return bytes(content)


def _fit(source: bytes | _Missing, place: Place) -> tuple[str, Scaled]:
    """Return the file's name and content for a place."""
    if isinstance(source, _Missing):
        raise source
    try:
        fitted = scale(source, width=2 * place.width, shape=place.shape)
    except PictureError as error:
        raise _Missing(str(error)) from error
    if fitted.width < place.least:
        raise _Missing(f"it is {fitted.width} pixels wide, its place takes {place.least} or more")
    ending = "png" if fitted.media_type == "image/png" else "jpg"
    return f"{sha256(source).hexdigest()[:20]}-{fitted.width}x{fitted.height}.{ending}", fitted


def _shown(picture: Picture, address: str, fitted: Scaled, place: Place) -> LetterPicture:
    width = min(place.width, fitted.width) if place.keeps_width else place.width
    return LetterPicture(
        url=address,
        width=width,
        height=max(1, round(fitted.height * width / fitted.width)),
        alt=picture.alt or picture.caption,
        caption=picture.caption,
        credit=picture.credit,
    )


def _told(want: _Wanted, why: str) -> str:
    return f"picture {want.picture.url} of “{want.article.title}”: {why}; the letter goes without it"


def _too_large() -> str:
    return f"it is larger than {MOST_BYTES // 1_000_000} MB"
