"""publisher diff: what an edit of the config will do, before it is saved."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import click

from publisher.cli.common import Session, json_option, pass_session, print_json, say, warn
from publisher.errors import UsageError
from publisher.model.revision import Revision
from publisher.settings import document, files
from publisher.settings.load import read_files
from publisher.settings.places import CALENDAR_FILE, SCHEDULE_FILE, SITE_FILE
from publisher.settings.problems import ConfigProblems
from publisher.settings.schema import Settings
from publisher.store import configs as revisions
from publisher.work import configs
from publisher.work.desk import Desk
from publisher.work.effects import DAYS, Effect, Forecast, forecast, told

_TOP = {"site": SITE_FILE, "jobs": SCHEDULE_FILE, "calendar": CALENDAR_FILE}
"""By which key at its top a file is known."""


@click.command(name="diff")
@click.argument("path", required=False, metavar="[FILE|DIR]", type=click.Path(path_type=Path))
@json_option
@pass_session
def command(session: Session, path: Path | None, as_json: bool) -> None:
    """Tell what an edited config will do against what runs now: runs, letters, readers, feeds, addresses.

    FILE is an edited site.yaml, schedule.yaml or calendar.yaml that is not in its place yet; DIR a folder
    with any of them. Without either, the saved files are compared with what was in force when `publisher run`
    looked last. Runs are counted over the next 7 days. Nothing is changed.
    """
    with session.desk(create=False, lenient=True) as desk:
        new = _edited(desk, path) if path else _saved(desk)
        found = forecast(desk, new)
        note = "" if path or desk.revision is None else configs.state(desk).note
    if note:
        warn(note)
    if as_json:
        print_json(plain(found))
    else:
        tell(list(told(found)))


def tell(found: list[Effect]) -> None:
    """Print effects, one line each and its details below."""
    if not found:
        say("nothing changes: this is what runs now")
    for one in found:
        mark = {"loss": "! ", "risk": "! "}.get(one.weight, "")
        say(f"{mark}{one.sentence}")
        for detail in one.details:
            say(f"  {detail}")


def _saved(desk: Desk) -> Settings:
    """Return what the saved files say; older ones than the revision in force change nothing."""
    reading = read_files(files.in_folder(desk.site), desk.env)
    if reading.settings is None:
        raise ConfigProblems(reading.problems)
    return desk.settings


def _edited(desk: Desk, path: Path) -> Settings:
    """Return the config with those files in place of its own."""
    fresh = {name: (file, _read(file)) for name, file in _files(path).items()}
    with desk.store.read() as tx:
        latest: Revision | None = revisions.latest(tx)
    base = files.contents(latest.files) if latest else files.in_folder(desk.site)
    reading = read_files({**base, **{name: content for name, (_, content) in fresh.items()}}, desk.env)
    if reading.settings is None:
        named = {name: str(file) for name, (file, _) in fresh.items()}
        raise ConfigProblems([replace(one, file=named.get(one.file, one.file)) for one in reading.problems])
    return reading.settings


def _files(path: Path) -> dict[str, Path]:
    """Return which file of the config each file is.

    Raises:
        UsageError: it is none, or the folder has none.
    """
    if not path.is_dir():
        return {_kind(path): path}
    found = {
        name: file for name in files.FILES for file in (path / name, path / Path(name).name) if file.is_file()
    }
    if not found:
        raise UsageError(f"{path}: there is no site.yaml, schedule.yaml or calendar.yaml in it")
    return found


def _kind(file: Path) -> str:
    keys = document.read(str(file), _read(file)).data
    known = [name for key, name in _TOP.items() if key in keys]
    # A file with mistakes may have lost its keys; then its name has to do.
    named = [name for name in files.FILES if Path(name).stem in file.name]
    found = known or named or [SCHEDULE_FILE]
    return found[0]


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{error.filename}: {(error.strerror or str(error)).lower()}") from None


def plain(found: Forecast) -> Mapping[str, object]:
    """Return what an edit will do, for programs."""
    return {
        "days": DAYS,
        "effects": [asdict(one) for one in told(found)],
        "jobs": [asdict(one) | {"zone": one.zone.key} for one in found.shifts()],
        "letters": [asdict(one) | {"subscribers": found.readers(one.digest)} for one in found.letters()],
    }
