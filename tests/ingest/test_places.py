"""Where documents lie: files on this machine, and addresses on the web."""

import gzip
import http.server
import io
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from publisher.ingest.document import Document, Located, Unchanged, Unreachable, Validators
from publisher.ingest.sources import fetch, locate
from publisher.ingest.sources.fetch import Address
from publisher.ingest.sources.locate import Files, StandardInput


def known(_place: str) -> Validators:
    return Validators()


def located(path: str, inside: Path) -> list[Located]:
    return list(Files(path, inside).documents(known))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("in/b.txt", "in/a.txt", "in/.hidden", "in/deeper/c.txt", "one.txt", "odd [1].txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "wheres"),
    [
        ("one.txt", ["one.txt"]),
        ("in", ["in/a.txt", "in/b.txt"]),
        ("in/", ["in/a.txt", "in/b.txt"]),
        ("in/*.txt", ["in/a.txt", "in/b.txt"]),
        ("in/**/*.txt", ["in/a.txt", "in/b.txt", "in/deeper/c.txt"]),
        ("odd [1].txt", ["odd [1].txt"]),
    ],
)
def test_what_a_path_names_in_the_order_of_names(folder: Path, path: str, wheres: list[str]) -> None:
    found = located(path, folder)

    assert [one.where for one in found] == wheres
    absolute = located(str(folder / path), Path("/"))
    assert [one.where for one in absolute] == [str(folder / where) for where in wheres]
    assert [one.place for one in absolute if isinstance(one, Document)] == [
        one.place for one in found if isinstance(one, Document)
    ]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("gone.txt", "there is no such file or folder"),
        ("gone/*.txt", "no file has a name like this"),
        ("/dev/null", "neither a file nor a folder; use - for standard input"),
        ("empty", "the folder has no files in it"),
        ("a\x00b", "there is no such file or folder"),
    ],
)
def test_what_cannot_be_opened_says_why(folder: Path, path: str, reason: str) -> None:
    (folder / "empty").mkdir()

    (found,) = located(path, folder)

    assert isinstance(found, Unreachable)
    assert reason in found.reason


def test_a_name_that_is_no_text_is_reported_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "two\nlines.txt").write_text("x")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("x")

    found = located(".", tmp_path)

    assert [one.where for one in found] == ["caf.txt", "two lines.txt"]


def test_an_inbox_may_be_empty(tmp_path: Path) -> None:
    assert list(Files(".", tmp_path, may_be_empty=True).documents(known)) == []


def test_standard_input_can_be_read_twice() -> None:
    for found in StandardInput(io.BytesIO(b"words")).documents(known):
        assert isinstance(found, Document)
        for _ in range(2):
            with found.open() as stream:
                assert stream.read() == b"words"


def test_too_much_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locate, "LARGEST", 3)

    (found,) = StandardInput(io.BytesIO(b"words")).documents(known)

    assert isinstance(found, Unreachable)


@dataclass
class Web:
    """A server on loopback: what it answers, and what it was asked."""

    url: str
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def web() -> Iterator[Web]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append({name.lower(): value for name, value in self.headers.items()})
            status, headers, body = found.answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = Web(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def got(url: str, validators: Validators = Validators()) -> tuple[Located, bytes]:  # noqa: B008
    for found in Address(url, "https://courier.example", 5).documents(lambda _: validators):
        if isinstance(found, Document):
            with found.open() as stream:
                return found, stream.read()
        return found, b""
    raise AssertionError


def test_a_document_on_the_web(web: Web) -> None:
    web.answers["/old"] = (301, {"Location": "/feed"}, b"")
    web.answers["/feed"] = (200, {"ETag": '"1"', "Last-Modified": "Sun, 01 Nov 2026 00:00:00 GMT"}, b"words")

    found, content = got(f"{web.url}/old")

    assert content == b"words"
    assert isinstance(found, Document)
    assert found.base == f"{web.url}/feed"
    assert found.folder is None
    assert found.validators == Validators('"1"', "Sun, 01 Nov 2026 00:00:00 GMT")
    assert "https://courier.example" in web.asked[0]["user-agent"]


def test_a_password_goes_to_its_server_and_to_no_other_that_it_redirects_to(web: Web) -> None:
    elsewhere = web.url.replace("127.0.0.1", "localhost")
    web.answers["/old"] = (301, {"Location": "/moved"}, b"")
    web.answers["/moved"] = (302, {"Location": f"{elsewhere}/feed"}, b"")
    web.answers["/feed"] = (200, {}, b"words")
    asking = Address(f"{web.url}/old", "https://courier.example", 5, authorization="Basic c2VjcmV0")

    (found,) = asking.documents(known)

    assert isinstance(found, Document)
    assert found.base == f"{elsewhere}/feed"
    assert [asked.get("authorization") for asked in web.asked] == ["Basic c2VjcmV0"] * 2 + [None]
    assert "c2VjcmV0" not in repr(asking)


def test_what_has_not_changed_is_not_sent_again(web: Web) -> None:
    web.answers["/feed"] = (304, {}, b"")

    found, _ = got(f"{web.url}/feed", Validators('"1"', "Sun, 01 Nov 2026 00:00:00 GMT"))

    assert found == Unchanged(f"{web.url}/feed")
    assert web.asked[0]["if-none-match"] == '"1"'
    assert web.asked[0]["if-modified-since"] == "Sun, 01 Nov 2026 00:00:00 GMT"


def test_what_a_server_refuses_is_one_line(web: Web) -> None:
    web.answers["/loop"] = (302, {"Location": "/loop"}, b"")
    web.answers["/file"] = (302, {"Location": "file:///etc/passwd"}, b"")
    web.answers["/cut"] = (200, {"Content-Length": "50"}, b"short")
    web.answers["/nonsense"] = (200, {"Content-Encoding": "gzip"}, b"not gzip")

    reasons = {}
    for path in ("gone", "loop", "file", "cut", "nonsense"):
        found, _ = got(f"{web.url}/{path}")
        assert isinstance(found, Unreachable), path
        assert "\n" not in found.reason
        reasons[path] = found.reason
    assert reasons["gone"] == "the server answered 404 Not Found"
    assert reasons["loop"] == "more than 5 redirects"
    assert reasons["file"] == "it leads to an address that is neither http nor https"


def test_what_is_too_large_is_left_alone_whatever_its_coding(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "LARGEST", 1_000_000)
    web.answers["/bomb"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 20_000_000))

    found, _ = got(f"{web.url}/bomb")

    assert isinstance(found, Unreachable)
    assert "more than" in found.reason


def test_nobody_there_is_one_line_and_no_password_is_shown() -> None:
    found, _ = got("http://anna:hunter2@127.0.0.1:9/feed")

    assert isinstance(found, Unreachable)
    assert "hunter2" not in f"{found.where} {found.reason}"
    assert found.where == "http://127.0.0.1:9/feed"
