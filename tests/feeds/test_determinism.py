"""The same stored data give the same bytes: over hash seeds, time zones, locales."""

import json
import os
import subprocess
import sys
from pathlib import Path

from publisher.store import open_store
from tests.conftest import REPOSITORY
from tests.feeds.newsroom import Newsroom, settings

STORE = "sqlite:///var/publisher.sqlite3"
SCRIPT = """
import json, sys
from pathlib import Path
from hashlib import sha256
from publisher.store import open_store
from tests.feeds.newsroom import Newsroom
from tests.feeds.test_determinism import CONFIG, STORE

site, out = Path(sys.argv[1]), Path(sys.argv[2])
store = open_store(STORE, folder=site)
newsroom = Newsroom(store, out, CONFIG)
newsroom.publish()
found = {path: [sha256(newsroom.read(path)).hexdigest(), *stamp] for path, stamp in newsroom.stamps().items()}
print(json.dumps(found, sort_keys=True))
"""
CONFIG = settings(
    feeds={
        "tags": ["chợ phiên", "thời tiết"],
        "authors": ["Hà Thu Lâm"],
        "named": {"markets": {"title": {"en": "Markets"}, "tags": ["chợ phiên", "gừng"]}},
        "hub": "https://hub.example/",
        "entries": 20,
    }
)
WORLDS = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "1", "TZ": "America/New_York", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "4711", "TZ": "Asia/Kathmandu", "LC_ALL": "vi_VN.UTF-8", "LANG": "de_DE.UTF-8"},
)


def built(site: Path, out: Path, world: dict[str, str]) -> dict[str, list[object]]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(site), str(out)],
        cwd=REPOSITORY,
        env=env | {"PYTHONPATH": str(REPOSITORY)} | world,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_bytes_and_times_are_equal_in_every_world(tmp_path: Path) -> None:
    store = open_store(STORE, folder=tmp_path)
    newsroom = Newsroom(store, tmp_path, CONFIG)
    newsroom.write(*range(1, 45), tags=("gừng", "chợ phiên", "thời tiết"))
    newsroom.write(*range(50, 60), section="politics", language="en")
    store.close()
    worlds = [built(tmp_path, tmp_path / f"world{n}", world) for n, world in enumerate(WORLDS)]
    assert len(worlds[0]) > 100
    assert worlds[0] == worlds[1] == worlds[2]
