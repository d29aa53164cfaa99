"""The command line: one module a command group, imported when it is asked for."""

from importlib import import_module

import click

from publisher.cli.common import nearest

COMMANDS: dict[str, str] = {
    "demo": "demo",
    "init": "init",
    "check": "check",
    "ingest": "ingest",
    "publish": "publish",
    "preview": "preview",
    "check-letter": "letter",
    "send": "send",
    "next": "next",
    "why": "why",
    "diff": "diff",
    "config": "config",
    "status": "status",
    "run": "run",
    "worker": "worker",
    "web": "web",
    "console-password": "password",
    "subscribers": "subscribers",
    "editions": "editions",
    "deliveries": "deliveries",
    "bounces": "bounces",
    "doctor": "doctor",
    "backup": "backup",
    "restore": "restore",
    "store": "store",
}
"""Command -> module of this package; each has its click command under the name ``command``."""


class Commands(click.Group):
    """A group whose commands are imported only when they run, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return the command, or None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        found = import_module(f"publisher.cli.{COMMANDS[cmd_name]}").command
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a misspelt one is answered with the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"there is no command {args[0]!r}{nearest(args[0], COMMANDS)}") from error
