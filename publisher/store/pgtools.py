"""PostgreSQL's own programs for taking a database along: pg_dump and pg_restore."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import URL

from publisher.errors import StoreError, UnreachableError
from publisher.store.engine import Store

_MEANS = {
    "host": "PGHOST",
    "port": "PGPORT",
    "username": "PGUSER",
    "password": "PGPASSWORD",
    "database": "PGDATABASE",
}


def dump(store: Store, to: Path) -> None:
    """Write the database as it stands at one moment to a file (pg_dump's custom format).

    Raises:
        UnreachableError: the program is not installed here.
        StoreError: it failed.
    """
    _run(store, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}")


def restore(store: Store, dumped: Path) -> None:
    """Bring a database back as a dump has it: all of it or, on a failure, none. What it held is dropped.

    Raises:
        UnreachableError: the program is not installed here.
        StoreError: it failed; the database is as it was.
    """
    database = store.engine.url.database or ""
    store.close()
    _run(
        store,
        "pg_restore",
        "--clean",
        "--if-exists",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        f"--dbname={database}",
        str(dumped),
    )


def _run(store: Store, program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise UnreachableError(
            f"{program} is not installed here; install PostgreSQL's client programs (Debian: "
            f"postgresql-client), or run it where they are: {program} {' '.join(arguments[:-1])} FILE"
        )
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [found, *arguments], env=os.environ | _environment(store.engine.url), capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it gave no reason"]
        raise StoreError(f"store {store.place}: {program} failed: {' '.join(said[-1].split())}")


def _environment(url: URL) -> dict[str, str]:
    """Return where the database is as these programs read it; a password never stands among arguments."""
    said = {name: url.query.get(name) or getattr(url, name, None) for name in _MEANS}
    return {_MEANS[name]: str(value) for name, value in said.items() if value}
