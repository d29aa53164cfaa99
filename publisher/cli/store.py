"""publisher store: moving to another database."""

from urllib.parse import urlsplit

import click

from publisher.cli.common import Session, json_option, pass_session, print_json, progress, say
from publisher.errors import UsageError
from publisher.model.plural import number_of
from publisher.settings.secrets import secret
from publisher.store import backup, open_store


@click.group()
def command() -> None:
    """Move the store to another database."""


@command.command("copy", short_help="Copy every row to an empty database.")
@click.argument("url", metavar="URL")
@json_option
@pass_session
def copy(session: Session, url: str, as_json: bool) -> None:
    """Copy everything to the empty database at URL: postgresql://USER@HOST/DATABASE, or sqlite:///FILE.

    Its password comes from PUBLISHER_STORE_PASSWORD. Stop the site's programs first: what they write
    meanwhile is not copied. The site itself moves when store.url in config/site.yaml says so.
    """
    if urlsplit(url).password:
        raise UsageError(
            "URL: a password on the command line can be read by others; set PUBLISHER_STORE_PASSWORD"
        )
    with session.desk(create=False) as desk, progress("copying") as tick:
        password = secret(desk.env, "PUBLISHER_STORE_PASSWORD")
        target = open_store(url, folder=desk.site, password=password)
        try:
            if target.engine.url == desk.store.engine.url:
                raise UsageError("URL: this is the store that the site uses already; name another")
            copied = backup.copy(desk.store, target, tick)
            place = target.place
        finally:
            target.close()
    if as_json:
        print_json({"to": place, "rows": copied})
        return
    for name, rows in copied.items():
        say(f"  {rows:>9}  {name}")
    say(f"{number_of(sum(copied.values()), 'row is', 'rows are')} in {place}")
    say("next: put it under store: url: in config/site.yaml, then publisher check, then publisher run")
