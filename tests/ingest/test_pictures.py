import io
import zlib
from pathlib import Path
from struct import pack

import pytest
from PIL import Image

from publisher import pictures
from publisher.ingest.pictures import Album
from publisher.model.article import Picture
from tests.ingest.newsroom import Newsroom

SITE = "https://courier.example"


def drawn(kind: str = "PNG", size: tuple[int, int] = (6, 4), **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "navy").save(stream, kind, **options)
    return stream.getvalue()


def bomb() -> bytes:
    """Return a PNG of a few bytes that says it has 1.6 billion pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with pictures, and one outside it."""
    inside = tmp_path / "in"
    (inside / "pictures").mkdir(parents=True)
    (inside / "pictures" / "a b.png").write_bytes(drawn())
    (inside / "text.png").write_text("no picture")
    (inside / "cut.jpg").write_bytes(drawn("JPEG", (600, 400))[:900])
    (inside / "bomb.png").write_bytes(bomb())
    (inside / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "secret.png").write_bytes(drawn())
    (inside / "link.png").symlink_to(tmp_path / "secret.png")
    (inside / "good-link.png").symlink_to(inside / "pictures" / "a b.png")
    return inside


@pytest.fixture
def album(folder: Path, tmp_path: Path) -> Album:
    return Album(folder, tmp_path / "public", SITE)


@pytest.mark.parametrize(
    "said", ["pictures/a b.png", "pictures/a%20b.png", "./pictures/../pictures/a b.png", "good-link.png"]
)
def test_a_picture_beside_its_article_is_copied(album: Album, said: str) -> None:
    found, problem = album.complete(Picture(said, caption="A.", width=1), None)

    assert problem == ""
    assert found is not None
    assert found.url is not None
    copy = album.public / found.url.lstrip("/")
    assert copy.read_bytes() == drawn()
    assert copy.stat().st_mode & 0o777 == 0o644
    assert [file.name for file in copy.parent.iterdir()] == [copy.name]
    assert (found.width, found.height, found.media_type, found.length) == (6, 4, "image/png", len(drawn()))
    assert found.caption == "A."


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("../secret.png", "leads out of the folder"),
        ("pictures/../../secret.png", "leads out of the folder"),
        ("%2e%2e/secret.png", "leads out of the folder"),
        ("..\\secret.png", "leads out of the folder"),
        ("/etc/hostname", "leads out of the folder"),
        ("link.png", "leads out of the folder"),
        ("pictures", "no such file"),
        ("gone.png", "no such file"),
        ("a" * 5000 + ".png", "name"),
        ("a\x00b.png", "left out"),
        ("text.png", "broken, or no JPEG, PNG, GIF or WebP"),
        ("cut.jpg", "broken, or no JPEG"),
        ("drawing.svg", "broken, or no JPEG"),
        ("bomb.png", "pixels"),
    ],
)
def test_a_picture_that_cannot_be_had_leaves_its_caption(album: Album, said: str, why: str) -> None:
    found, problem = album.complete(Picture(said, caption="A."), None)

    assert why in problem
    assert "\n" not in problem
    assert found == Picture(None, caption="A.")
    assert album.complete(Picture(said), None)[0] is None
    assert not (album.public / "media").exists()


def test_a_picture_on_the_web_stays_there(album: Album) -> None:
    on_web = Picture("https://e.example/x.jpg", alt="x")

    assert album.complete(on_web, None) == (on_web, "")
    assert album.complete(Picture("data:image/png;base64,AA"), None)[0] is None
    # What is not beside the file may be beside the article on the web.
    assert album.complete(Picture("gone.png"), "https://e.example/a/b")[0] == Picture(
        "https://e.example/a/gone.png"
    )


def test_a_picture_within_the_text_gets_a_whole_address(album: Album) -> None:
    address, problem = album.address("pictures/a b.png", None)

    assert problem == ""
    assert address is not None
    assert address.startswith(f"{SITE}/media/")


def test_a_file_that_is_too_large_is_not_read(
    folder: Path, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_BYTES", 10)

    assert "more than 0 MB" in album.complete(Picture("pictures/a b.png"), None)[1]


@pytest.mark.parametrize(
    ("kind", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp")]
)
def test_what_a_picture_is(kind: str, ending: str) -> None:
    found = pictures.inspect(drawn(kind))

    assert (found.ending, found.width, found.height) == (ending, 6, 4)
    assert found.media_type == f"image/{kind.lower()}"


def test_a_picture_that_lies_on_its_side_is_measured_as_people_see_it() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6

    found = pictures.inspect(drawn("JPEG", exif=turned))

    assert (found.width, found.height) == (4, 6)


def test_an_article_with_a_missing_picture_is_a_good_article(newsroom: Newsroom) -> None:
    newsroom.write("in/p/ok.png", drawn())
    newsroom.write(
        "in/a.jsonl",
        '{"id": 1, "title": "T", "lede": "L.", "body": "<p>x</p><p><img src=\\"p/ok.png\\"></p>",'
        ' "pictures": [{"url": "p/gone.png", "caption": "Gone."}, {"url": "p/ok.png", "alt": "ok"}]}\n',
    )

    report = newsroom.ingest("in/a.jsonl")

    assert (report.new, report.rejected) == (1, [])
    ((where, note),) = report.notes
    assert where == "in/a.jsonl:1"
    assert note == "picture 'p/gone.png' was left out: there is no such file beside its article"
    (article,) = newsroom.articles()
    assert article.pictures[0] == Picture(None, caption="Gone.")
    assert article.pictures[1].url is not None
    assert f'src="https://courier.example{article.pictures[1].url}"' in article.body

    newsroom.write("in/p/gone.png", drawn(size=(9, 9)))
    again = newsroom.ingest("in/a.jsonl")

    assert (again.changed, again.notes) == (1, [])
    assert newsroom.articles()[0].pictures[0].width == 9
