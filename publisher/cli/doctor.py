"""``publisher doctor``: whether large mail providers will take our letters."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict

import click

from publisher.cli.common import DONE, PROBLEMS, Session, ended, json_option, pass_session, print_json, say
from publisher.delivery import dns, doctor
from publisher.delivery.dkim import signers
from publisher.delivery.doctor import Finding, Standing
from publisher.delivery.transports.smtp import Relays
from publisher.settings.secrets import secret
from publisher.store import editions
from publisher.work import tasks
from publisher.work.desk import Desk

_SIGNS = {Standing.WELL: "well ", Standing.WRONG: "WRONG", Standing.UNKNOWN: "?    "}


@click.command()
@click.option("--offline", is_flag=True, help="Ask neither the DNS nor the mail server.")
@json_option
@pass_session
def command(session: Session, offline: bool, as_json: bool) -> None:
    """Check what mail providers ask of senders, with the DNS record to publish where one is missing."""
    with session.desk() as desk:
        findings = list(_findings(desk, offline=offline))
    if as_json:
        print_json({"findings": [asdict(one) for one in findings]})
    else:
        for one in findings:
            say(f"{_SIGNS[one.standing]}  {one.name:<16}  {one.said}")
            if one.advice and one.standing is not Standing.WELL:
                say(f"{'':<25}{one.advice}")
    ended(PROBLEMS if any(one.standing is Standing.WRONG for one in findings) else DONE)


def _findings(desk: Desk, *, offline: bool) -> Iterator[Finding]:
    mail = desk.settings.mail
    keys = signers(mail, lambda name: secret(desk.env, name))
    yield from doctor.examine(mail, desk.settings.site.url, keys, dns.nobody if offline else dns.asker())
    if mail.transport == "smtp" and not offline:
        for server in tasks.servers(desk):
            with closing(Relays([server])) as way:
                yield doctor.relay(way.name, way.room)
    with desk.store.read() as tx:
        made = editions.listed(tx, limit=1, made_only=True)
    yield doctor.own_key(desk.var / "secret")
    yield doctor.clock(desk.clock(), made[0].made if made else None)
    yield doctor.disk(desk.var, shutil.disk_usage(desk.site).free)
