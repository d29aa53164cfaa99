"""``publisher console-password``: a hash to put into the environment in place of a password."""

import sys

import click

from publisher import passwords
from publisher.cli.common import say


@click.command()
def command() -> None:
    """Ask for a password and print its argon2id hash.

    Put it, in single quotes, into PUBLISHER_CONSOLE_PASSWORD (operators) or PUBLISHER_CONSOLE_READER_PASSWORD
    (people who only look), or into the file that PUBLISHER_CONSOLE_PASSWORD_FILE names. On a pipe the
    password is the first line of standard input.
    """
    if sys.stdin.isatty():
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    say(passwords.hashed(password))
