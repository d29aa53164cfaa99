"""A letter's pictures: fitted, kept once, and never in the letter's way."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from PIL import Image

from publisher.digest import pictures
from publisher.digest.pictures import NO_PICTURES, Illustrations, illustrate, keep, shown, with_logo
from publisher.model.article import Article, Picture
from tests.digest.newsroom import article, picture

SITE = "https://courier.example"


def drawing(width: int, height: int, form: str = "JPEG", **options: object) -> bytes:
    """Return a file with a slope of colours."""
    slope = Image.linear_gradient("L").resize((width, height))
    canvas = Image.merge("RGB", (slope, slope.transpose(Image.Transpose.FLIP_TOP_BOTTOM), slope))
    file = BytesIO()
    canvas.save(file, form, **options)
    return file.getvalue()


@pytest.fixture
def public(tmp_path: Path) -> Path:
    folder = tmp_path / "public"
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "ferry.jpg").write_bytes(drawing(1600, 1000))
    return folder


def get(public: Path, *articles: Article, large: tuple[str, ...] = ("a1",)) -> Illustrations:
    return illustrate(articles, large=large, public=public, site_url=SITE)


def test_a_picture_is_made_for_its_places_at_twice_their_size(public: Path) -> None:
    found = get(public, article(1, pictures=(picture(credit="Drawing: Lý Vân"),)), article(2))

    large, small = found.large["a1"], found.small["a1"]
    assert (large.width, large.height, large.alt, large.credit) == (600, 375, "A ferry", "Drawing: Lý Vân")
    assert (small.width, small.height) == (176, 132)
    assert "a2" not in found.small
    assert found.problems == ()
    for shown_as, pixels in ((large, (1200, 750)), (small, (352, 264))):
        name = shown_as.url.removeprefix(f"{SITE}/media/")
        assert name.endswith(f"-{pixels[0]}x{pixels[1]}.jpg")
        file = Image.open(BytesIO(found.files[name]))
        assert file.size == pixels
        assert "progressive" not in file.info
    assert get(public, article(1, pictures=(picture(),))).files == found.files


@pytest.mark.parametrize(
    ("size", "shown_as"),
    [
        ((1000, 3000), (600, 450)),  # a tall one is cropped to the middle
        ((4000, 400), (600, 180)),  # a very wide one too
        ((700, 420), (600, 360)),  # not enlarged, so less than twice as fine
        ((400, 300), (400, 300)),  # shown at its own width
    ],
)
def test_odd_shapes_and_small_ones_fit(
    public: Path, size: tuple[int, int], shown_as: tuple[int, int]
) -> None:
    (public / "media" / "odd.jpg").write_bytes(drawing(*size))

    found = get(public, article(1, pictures=(picture("odd.jpg"),)))

    large = found.large["a1"]
    assert (large.width, large.height) == shown_as
    assert (found.small["a1"].width, found.small["a1"].height) == (176, 132)


def test_alt_falls_back_to_the_caption_and_else_says_decoration(public: Path) -> None:
    told = article(1, pictures=(picture(alt=""),))
    untold = article(2, pictures=(picture(alt="", caption=""),))

    found = get(public, told, untold)

    assert found.small["a1"].alt == "The ferry at noon."
    assert found.small["a2"].alt == ""


def test_what_a_camera_wrote_down_is_gone_and_the_picture_upright(public: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright: the file lies on its side
    exif[0x010F] = "a camera"
    (public / "media" / "held.jpg").write_bytes(drawing(1600, 1200, exif=exif))

    found = get(public, article(1, pictures=(picture("held.jpg"),)))

    file = Image.open(BytesIO(found.files[found.large["a1"].url.rpartition("/")[2]]))
    assert file.size == (1200, 900)
    assert not file.getexif()
    assert (found.large["a1"].width, found.large["a1"].height) == (600, 450)


def test_a_chart_stays_sharp_and_transparent_parts_are_white(public: Path) -> None:
    chart = Image.new("RGBA", (800, 500), (0, 0, 0, 0))
    chart.paste((200, 20, 20, 255), (100, 100, 400, 400))
    file = BytesIO()
    chart.save(file, "PNG")
    (public / "media" / "chart.png").write_bytes(file.getvalue())

    found = get(public, article(1, pictures=(picture("chart.png"),)))

    name = found.large["a1"].url.rpartition("/")[2]
    assert name.endswith(".png")
    assert Image.open(BytesIO(found.files[name])).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gone.jpg", None, "public/media/gone.jpg: no such file or directory"),
        ("rubbish.jpg", b"GIF89a not really", "it is broken, or no picture of a kind that is known here"),
        ("script.svg", b"<svg onload='alert(1)'/>", "it is broken, or no picture of a kind"),
        ("cut.jpg", drawing(1600, 1000)[:2000], "it is broken"),
        ("dot.png", drawing(1, 1, "PNG"), "it is 1 pixels wide, its place takes 300 or more"),
        ("huge.png", drawing(9000, 9000, "PNG"), "it has 9000 by 9000 pixels"),
    ],
)
def test_what_cannot_be_shown_is_told_and_left_out(
    public: Path, name: str, content: bytes | None, says: str
) -> None:
    if content is not None:
        (public / "media" / name).write_bytes(content)

    found = get(
        public, article(1, title="Ferry", pictures=(picture(name),)), article(2, pictures=(picture(),))
    )

    assert "a1" not in found.large
    assert "a2" in found.small
    assert says in found.problems[0]
    assert found.problems[0].startswith(f"picture /media/{name} of “Ferry”: ")
    assert found.problems[0].endswith("; the letter goes without it")


@pytest.mark.parametrize(
    "address", ["/media/../../secret.jpg", "/media/%2e%2e/%2e%2e/secret.jpg", "/media/%00"]
)
def test_an_address_never_leads_out_of_the_media_folder(public: Path, address: str) -> None:
    (public.parent / "secret.jpg").write_bytes(drawing(1600, 1000))

    found = get(public, article(1, pictures=(Picture(url=address),)))

    assert found.small == {}
    assert len(found.problems) == 1


def test_files_are_written_once_and_whole(public: Path) -> None:
    found = get(public, article(1, pictures=(picture(),)))

    assert list((public / "media").iterdir()) == [public / "media" / "ferry.jpg"]
    keep(found.files, public)
    written = {file.name: file.stat() for file in (public / "media").iterdir()}
    keep(found.files, public)

    assert set(written) == {"ferry.jpg", *found.files}
    assert {file.name: file.stat().st_mtime_ns for file in (public / "media").iterdir()} == {
        name: state.st_mtime_ns for name, state in written.items()
    }
    assert all(state.st_mode & 0o777 == 0o644 for name, state in written.items() if name != "ferry.jpg")
    page = f'<img src="{found.large["a1"].url}"><img src="{SITE}/media/ferry.jpg">'
    name = found.large["a1"].url.rpartition("/")[2]
    assert shown(page, public, SITE) == {name: found.files[name]}


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """Serve on loopback; give the address and the list of paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def reply(content: bytes, status: int = 200) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "image/jpeg")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def remote(number: int, address: str) -> Article:
    return article(number, pictures=(Picture(url=address, alt="Far"),))


def test_a_remote_picture_is_fetched_once_for_all_its_places(public: Path) -> None:
    with serving(reply(drawing(1600, 1000))) as (base, asked):
        found = get(public, remote(1, f"{base}/far.jpg"), remote(2, f"{base}/far.jpg"))

    assert asked == ["/far.jpg"]
    assert found.large["a1"].url.startswith(f"{SITE}/media/")
    assert found.small["a1"] == found.small["a2"]


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass


def silence(_handler: BaseHTTPRequestHandler) -> None:
    threading.Event().wait(240)


@pytest.mark.parametrize(
    ("answer", "seconds", "says"),
    [
        (reply(b"", 404), 600, "its server answered 404"),
        (reply(b"<html>not found</html>"), 600, "it is broken, or no picture"),
        (drip, 600, "it did not come within 600 seconds"),
        (silence, 0.6, "its server did not answer in time"),
        (reply(b"x" * 30_000), 600, "it is larger than 0 MB"),
    ],
)
def test_a_slow_large_or_missing_remote_picture_leaves_a_good_letter(
    public: Path, answer: Answer, seconds: float, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "FETCH_SECONDS", seconds)
    monkeypatch.setattr(pictures, "MOST_BYTES", 20_000)
    # A clock on which what comes is three minutes apart.
    monkeypatch.setattr(pictures, "monotonic", partial(next, count(step=180)))
    with serving(answer) as (base, _):
        found = get(public, remote(1, f"{base}/far.jpg"))

    assert found.small == {}
    assert says in found.problems[0]


@pytest.mark.parametrize(
    "address", ["ftp://x.example/a.jpg", "http://[broken/a.jpg", "file:///etc/passwd", ""]
)
def test_an_address_that_cannot_be_asked_is_told(public: Path, address: str) -> None:
    found = get(public, article(1, pictures=(Picture(url=address),)))

    assert found.small == {}
    assert len(found.problems) == (1 if address else 0)


def test_a_server_that_is_away_is_told(public: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        found = get(public, remote(1, f"http://127.0.0.1:{port}/a.jpg"))

    assert "it cannot be fetched: " in found.problems[0]


def test_a_full_disk_leaves_no_half_file(public: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = get(public, article(1, pictures=(picture(),)))

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space left"):
        keep(found.files, public)
    assert [file.name for file in (public / "media").iterdir()] == ["ferry.jpg"]


def test_a_logo_is_read_below_the_sites_folder_and_made_to_fit(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "logo.png").write_bytes(drawing(900, 300))

    found = with_logo(NO_PICTURES, "art/logo.png", alt="Báo", site=tmp_path, site_url=SITE)

    assert found.logo is not None
    assert (found.logo.width, found.logo.height, found.logo.alt) == (300, 100, "Báo")
    assert found.logo.url.removeprefix(f"{SITE}/media/") in found.files


@pytest.mark.parametrize(
    ("address", "why"),
    [("art/absent.png", "the site/art/absent.png: no such file"), ("../logo.png", "leads out of the site")],
)
def test_a_logo_that_cannot_be_had_is_told_and_the_title_stands(
    tmp_path: Path, address: str, why: str
) -> None:
    found = with_logo(NO_PICTURES, address, alt="Báo", site=tmp_path, site_url=SITE)

    assert found.logo is None
    assert why in found.problems[0]
