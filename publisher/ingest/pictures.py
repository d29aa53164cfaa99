"""Pictures that lie beside a document: checked, and copied to where readers can fetch them."""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

from publisher import pictures, wholefile
from publisher.ingest.normalise import web
from publisher.ingest.normalise.tidy import WebPictures
from publisher.model.article import Picture

MEDIA = "media"


@dataclass(frozen=True, slots=True)
class _Copied:
    address: str
    facts: pictures.Facts
    length: int


@dataclass(slots=True)
class Album:
    """The pictures of one document: relative names are files in its folder, everything else is on the web.

    A file is copied to ``public/media/HASH.ENDING``: the same bytes have the same address, and an address
    never changes what it shows.

    Attributes:
        folder: of the document; nothing outside it is read, whatever the name or a link in the folder says.
        public: what readers may fetch.
        site_url: address of ``public``, for pictures within a body.
    """

    folder: Path | None
    public: Path
    site_url: str
    _known: dict[str, _Copied | str] = field(default_factory=dict)

    def address(self, said: str, base: str | None) -> tuple[str | None, str]:
        """Return (absolute address for the body, or None; why not, else empty)."""
        if not self._is_local(said):
            return WebPictures().address(said, base)
        found = self._find(said, base)
        if isinstance(found, _Copied):
            return f"{self.site_url}{found.address}", ""
        return (found, "") if web.absolute(found, None) else (None, found)

    def complete(self, picture: Picture, base: str | None) -> tuple[Picture | None, str]:
        """Return (the picture with its address and facts, or None; what is wrong with it, else empty)."""
        if not picture.url or not self._is_local(picture.url):
            return WebPictures().complete(picture, base)
        found = self._find(picture.url, base)
        if isinstance(found, _Copied):
            facts = found.facts
            done = replace(picture, url=found.address, media_type=facts.media_type, length=found.length)
            return replace(done, width=facts.width, height=facts.height), ""
        if web.absolute(found, None):
            return replace(picture, url=found), ""
        left = replace(picture, url=None)
        return (left if left.caption or left.credit else None), found

    def _is_local(self, said: str) -> bool:
        return self.folder is not None and (web.is_relative(said) or "\\" in said)

    def _find(self, said: str, base: str | None) -> _Copied | str:
        """Return the copied file, else an address on the web, else what is wrong."""
        if said not in self._known:
            self._known[said] = self._copy(said)
        found = self._known[said]
        if found == _missing(said) and base and (whole := web.absolute(said, base)):
            return whole
        return found

    def _copy(self, said: str) -> _Copied | str:
        data = self._read(said)
        if isinstance(data, str):
            return data
        try:
            facts = pictures.inspect(data)
        except pictures.PictureError as error:
            return f"picture {_shown(said)} was left out: {error}"
        name = f"{sha256(data).hexdigest()[:16]}.{facts.ending}"
        wholefile.put_once(self.public / MEDIA / name, data)
        return _Copied(f"/{MEDIA}/{name}", facts, len(data))

    def _read(self, said: str) -> bytes | str:
        """Return the bytes of a file that lies in the folder, links followed, or what is wrong."""
        assert self.folder is not None
        try:
            folder = self.folder.resolve(strict=True)
            path = (folder / unquote(said)).resolve()
            if "\\" in said or not path.is_relative_to(folder):
                return f"picture {_shown(said)} was left out: it leads out of the folder of its article"
            if not path.is_file():
                return _missing(said)
            if path.stat().st_size > pictures.MOST_BYTES:
                most = pictures.MOST_BYTES // 1_000_000
                return f"picture {_shown(said)} was left out: it has more than {most} MB"
            return path.read_bytes()
        except OSError as error:
            return f"picture {_shown(said)} was left out: {(error.strerror or 'it cannot be read').lower()}"
        except (ValueError, RuntimeError):
            return f"picture {_shown(said)} was left out: its name cannot be a file's"


def _missing(said: str) -> str:
    return f"picture {_shown(said)} was left out: there is no such file beside its article"


def _shown(said: str) -> str:
    return repr(said[:80])
