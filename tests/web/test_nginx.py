"""The nginx example of docs/, run by a real nginx: readers see the same through it as from our own server."""

import gzip
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.conftest import REPOSITORY
from tests.ports import closed_port, free_port
from tests.web.newsroom import Newsroom
from tests.web.test_serving import raw

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@contextmanager
def nginx(newsroom: Newsroom, behind: int, folder: Path) -> Iterator[httpx.Client]:
    """Run the example on a free port, in front of our server and its folder."""
    port = free_port()
    example = (REPOSITORY / "docs" / "nginx.conf").read_text(encoding="utf-8")
    for written, ours in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("server_name courier.example;", "server_name _;"),
        ("root /srv/courier/public;", f"root {newsroom.site}/public;"),
        ("include /srv/courier/var/", f"include {newsroom.site}/var/"),
        ("127.0.0.1:8080", f"127.0.0.1:{behind}"),
        ("/var/log/nginx/access.log", f"{folder}/access.log"),
    ):
        assert written in example
        example = example.replace(written, ours)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{example}\n}}\n",
        encoding="utf-8",
    )
    assert NGINX is not None
    with subprocess.Popen(
        [NGINX, "-p", folder, "-e", folder / "errors", "-c", folder / "nginx.conf"], stderr=subprocess.PIPE
    ) as process:
        try:
            _wait(port, process)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=120) as client:
                client.headers.clear()
                yield client
        finally:
            process.terminate()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(2400):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=10).close()
        except OSError:
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.05)
        else:
            return
    pytest.fail("nginx does not listen")


def test_the_example(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.configure(feeds={"hub": None})
    newsroom.publish()
    (newsroom.site / "public" / ".secret").write_text("no")
    article = f"/articles/{newsroom.stored(2).id}"
    gone = f"/articles/{newsroom.stored(1).id}"
    newsroom.withdraw(1)
    newsroom.publish(timedelta(minutes=5))
    folder = tmp_path / "nginx"
    folder.mkdir()
    with newsroom.serving() as own, nginx(newsroom, own.base_url.port or 0, folder) as client:
        for path in (
            "/feeds/all.rss",
            "/feeds/all.atom",
            "/feeds/economy.json",
            "/feeds.opml",
            "/feeds/",
            article,
        ):
            ours, theirs = raw(own, path), raw(client, path)
            assert theirs.status_code == 200, path
            assert theirs.content == ours.content
            for name in (
                *("content-type", "cache-control", "last-modified", "link", "access-control-allow-origin"),
                *("access-control-expose-headers", "content-security-policy", "x-content-type-options"),
            ):
                assert theirs.headers.get(name) == ours.headers.get(name), (path, name)

        zipped = raw(client, "/feeds/all.rss", {"Accept-Encoding": "gzip"})
        plain = raw(client, "/feeds/all.rss")
        assert zipped.headers["content-encoding"] == "gzip"
        assert gzip.decompress(zipped.content) == plain.content
        assert zipped.headers["etag"] != plain.headers["etag"]
        assert zipped.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
        for said in (
            {"If-None-Match": plain.headers["etag"]},
            {"If-Modified-Since": plain.headers["last-modified"]},
        ):
            again = raw(client, "/feeds/all.rss", said)
            assert again.status_code == 304
            assert again.headers["cache-control"] == plain.headers["cache-control"]

        assert raw(client, gone).status_code == 410
        moved = raw(client, "/feeds/business.rss")
        assert (moved.status_code, moved.headers["location"]) == (308, "/feeds/economy.rss")
        for path in ("/.secret", "/feeds/all.rss.gz", "/feeds/.all.rss.part", "/nowhere"):
            assert raw(client, path).status_code == 404, path


def test_nginx_with_the_folder_alone_says_what_moved_and_what_is_gone(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    newsroom.publish()
    newsroom.withdraw(1)
    newsroom.publish(timedelta(minutes=5))
    folder = tmp_path / "nginx"
    folder.mkdir()
    gone = f"/articles/{newsroom.stored(1).id}"
    with closed_port() as nobody, newsroom.serving() as own, nginx(newsroom, nobody, folder) as client:
        for path in (
            *("/feeds/business.rss", "/feeds/business.atom", "/feeds/business.json", "/feeds/business/"),
            *("/feeds/business/2026-10.rss", gone, f"{gone}/"),
        ):
            ours, theirs = raw(own, path), raw(client, path)
            assert ours.status_code == (410 if path.startswith(gone) else 308), path
            assert theirs.status_code == ours.status_code, path
            assert theirs.headers.get("location") == ours.headers.get("location"), path
        assert raw(client, "/feeds/business/../../secret").status_code in {308, 400, 404, 502}
    said = (newsroom.site / "public" / "_redirects").read_text(encoding="utf-8").splitlines()
    assert "/feeds/business.rss /feeds/economy.rss 308" in said
    assert "/feeds/business/* /feeds/economy/:splat 308" in said
