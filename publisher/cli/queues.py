"""The option ``--queues``: which work a process does where many share it."""

from collections.abc import Sequence

import click

from publisher.work.queue.job import QUEUES


def _named(_ctx: click.Context, _option: click.Parameter, said: str) -> Sequence[str]:
    names = [name.strip() for name in said.split(",") if name.strip()]
    unknown = [name for name in names if name not in QUEUES]
    if unknown or not names:
        wrong = f"{unknown[0]!r} is no queue; " if unknown else ""
        raise click.UsageError(f"--queues: {wrong}there are {', '.join(QUEUES)}")
    return tuple(dict.fromkeys(names))


queues_option = click.option(
    "--queues",
    default=",".join(QUEUES),
    show_default=True,
    metavar="NAMES",
    callback=_named,
    help="On PostgreSQL, whose work to do: some of these, with commas between.",
)
