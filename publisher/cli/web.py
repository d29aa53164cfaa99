"""``publisher web``: serve what readers fetch."""

import click

from publisher.cli.common import Session, pass_session, say
from publisher.web.app import application
from publisher.web.server import address_of, listen, serve
from publisher.work.following import kept_up


@click.command()
@click.option("--host", help="Address to listen on; web.host of the config when left out.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes any that is free.")
@pass_session
def command(session: Session, host: str | None, port: int | None) -> None:
    """Serve feeds and pages over HTTP until Ctrl-C.

    An edit of the config takes effect while it runs.
    """
    with session.desk(lenient=True) as desk:
        web = desk.settings.web
        opened = listen(host or web.host, web.port if port is None else port)
        paper = desk.settings.site.title_in(desk.settings.site.languages[0])
        say(f"{paper}: {address_of(opened)}/feeds/ (Ctrl-C ends it)")
        door = application(desk)
        with kept_up(desk, lambda edited: door.become(application(edited))):
            serve(door, opened)
