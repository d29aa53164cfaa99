"""The command line: one module a command group, imported when it is asked for."""

from importlib import import_module

import click

from publisher.cli.common import nearest

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Take a sample newsroom through the whole way."),
    "init": ("init", "Make a new site."),
    "check": ("check", "Tell every mistake in the config."),
    "ingest": ("ingest", "Bring articles in."),
    "publish": ("publish", "Write the feeds and pages that changed."),
    "preview": ("preview", "See an edition; send and record nothing."),
    "check-letter": ("letter", "Check a letter or an edition."),
    "send": ("send", "Make a slot's edition once, and deliver it."),
    "next": ("next", "Show the next runs, in words."),
    "why": ("why", "Explain a run: why it did, or did not."),
    "diff": ("diff", "Tell what an edited config would do."),
    "config": ("config", "List the config's revisions; go back to one."),
    "status": ("status", "Show how everything stands, on one screen."),
    "run": ("run", "Run it all by the schedule."),
    "worker": ("worker", "Take part in the work, on PostgreSQL."),
    "web": ("web", "Serve feeds and pages over HTTP until Ctrl-C."),
    "console-password": ("password", "Make the hash of a password for the console."),
    "subscribers": ("subscribers", "Who gets the digests."),
    "editions": ("editions", "List, pause, resume or cancel editions."),
    "deliveries": ("deliveries", "Who got an edition, who did not, and why."),
    "bounces": ("bounces", "Read bounces and complaints."),
    "doctor": ("doctor", "Check what mail providers ask of senders."),
    "backup": ("backup", "Write store, config and keys to one file."),
    "restore": ("restore", "Bring a site back from a backup."),
    "store": ("store", "Move the store to another database."),
}
"""Command -> module of this package, and what it does in few words.

Each module has its click command under the name ``command``. The few words stand here, so that the list of
commands imports none of them.
"""


class Commands(click.Group):
    """A group whose commands are imported only when they run, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return the command, or None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        found = import_module(f"publisher.cli.{COMMANDS[cmd_name][0]}").command
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, short) for name, (_, short) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a misspelt one is answered with the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"there is no command {args[0]!r}{nearest(args[0], COMMANDS)}") from error
