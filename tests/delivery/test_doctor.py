"""The doctor: each thing that providers ask, well, wrong with what to do, or not asked."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from publisher.delivery import doctor
from publisher.delivery.dkim import Signer, signer
from publisher.delivery.dns import nobody
from publisher.delivery.doctor import Finding, Standing
from publisher.errors import UnreachableError
from tests.delivery.bureau import MORNING, settings
from tests.delivery.test_commands import Person, person
from tests.delivery.test_dkim import ED, RSA, pem

__all__ = ["person"]

SHORT = signer("courier.example", "short", pem(rsa.generate_private_key(65537, 1024)), where="x")
GOOD = {
    ("courier.example", "TXT"): ["google-site-verification=x", "v=spf1 include:relay.example -all"],
    ("_dmarc.courier.example", "TXT"): ["v=DMARC1; p=none"],
    ("rsa1._domainkey.courier.example", "TXT"): [RSA.record()],
    ("ed1._domainkey.courier.example", "TXT"): [ED.record()],
    ("courier.example", "MX"): ["10 mx.courier.example."],
    ("relay.example", "A"): ["192.0.2.7"],
    ("7.2.0.192.in-addr.arpa", "PTR"): ["relay.example."],
}
MAIL = settings({"smtp": {"host": "relay.example"}, "bounces": "bounces@courier.example"}).mail


def examined(
    changes: dict[tuple[str, str], list[str]] | None = None, keys: Sequence[Signer] = (RSA, ED)
) -> dict[str, Finding]:
    zone = GOOD | (changes or {})
    found = doctor.examine(
        MAIL, "https://courier.example", keys, lambda name, kind: zone.get((name, kind), [])
    )
    return {one.name: one for one in found}


def test_a_healthy_sender_is_well() -> None:
    assert {one.standing for one in examined().values()} == {Standing.WELL}
    assert list(examined()) == [
        "SPF",
        "DKIM rsa1",
        "DKIM ed1",
        "signing",
        "DMARC",
        "alignment",
        "one-click",
        "MX",
        "PTR",
    ]


@pytest.mark.parametrize(
    ("name", "changes", "says", "advice"),
    [
        ("SPF", {("courier.example", "TXT"): []}, "publishes none", 'courier.example. TXT "v=spf1'),
        ("SPF", {("courier.example", "TXT"): ["v=spf1 -all", "v=spf1 ~all"]}, "publishes 2", "v=spf1"),
        ("SPF", {("courier.example", "TXT"): ["v=spf1 +all"]}, "lets everybody send", "v=spf1"),
        ("DMARC", {("_dmarc.courier.example", "TXT"): []}, "publishes none", "_dmarc.courier.example. TXT"),
        ("DKIM rsa1", {("rsa1._domainkey.courier.example", "TXT"): []}, "does not exist", RSA.record()),
        ("DKIM ed1", {("ed1._domainkey.courier.example", "TXT"): [RSA.record()]}, "another key", ED.record()),
        ("MX", {("courier.example", "MX"): []}, "nothing comes back", "courier.example. MX 10"),
        ("MX", {("courier.example", "MX"): ["0 ."]}, "takes no mail", "courier.example. MX 10"),
        ("PTR", {("7.2.0.192.in-addr.arpa", "PTR"): []}, "leads to no name", "owns the address"),
        ("PTR", {("relay.example", "A"): []}, "has no address", "its host below mail"),
    ],
    # The keys are new in every process; names of tests must not be.
    ids=[
        "no SPF",
        "two SPF",
        "loose SPF",
        "no DMARC",
        "no DKIM",
        "another key",
        "no MX",
        "null MX",
        "no PTR",
        "no address",
    ],
)
def test_what_is_wrong_comes_with_what_to_do(
    name: str, changes: dict[tuple[str, str], list[str]], says: str, advice: str
) -> None:
    found = examined(changes)

    assert found[name].standing is Standing.WRONG
    assert says in found[name].said
    assert advice in found[name].advice
    assert [one.name for one in found.values() if one.standing is not Standing.WELL] == [name]


def test_a_record_in_several_strings_with_spaces_is_the_same_key() -> None:
    spaced = RSA.record().replace("p=", "p= ").replace("A", "A ", 3)
    assert (
        examined({("rsa1._domainkey.courier.example", "TXT"): [spaced]})["DKIM rsa1"].standing
        is Standing.WELL
    )


def test_a_short_key_and_no_key_are_wrong() -> None:
    record = {("short._domainkey.courier.example", "TXT"): [SHORT.record()]}
    assert examined(record, [SHORT])["DKIM short"].said == "1024 bits"
    assert examined(keys=[])["DKIM"].standing is Standing.WRONG


def test_how_letters_are_signed_is_said() -> None:
    together = [replace(one, batch=lambda hashed: None) for one in (RSA, ED)]
    alone = [replace(one, batch=None) for one in (RSA, ED)]
    without = "without Intel's multi-buffer library"

    assert doctor.signing(together, "").said == "8 letters at a time"
    assert doctor.signing(alone, "it is not installed").said == (
        f"one letter at a time by rsa-sha256 and ed25519-sha256, {without}: it is not installed"
    )
    assert doctor.signing([alone[0], together[1]], "").said == (
        f"one letter at a time by rsa-sha256, {without}: it does not take keys like this"
    )


@pytest.mark.parametrize(
    ("signing", "returning", "standing"),
    [
        ("courier.example", "elsewhere.example", Standing.WELL),
        ("mail.courier.example", "elsewhere.example", Standing.WELL),
        ("relay.example", "courier.example", Standing.WELL),
        ("relay.example", "elsewhere.example", Standing.WRONG),
        ("er.example", "xcourier.example", Standing.WRONG),
    ],
)
def test_from_has_to_go_with_signature_or_return_address(
    signing: str, returning: str, standing: Standing
) -> None:
    key = Signer(signing, "s", RSA.key)
    assert doctor.alignment("courier.example", returning, [key]).standing is standing


def test_a_policy_above_the_senders_domain_counts() -> None:
    zone = {"_dmarc.courier.example": ["v=DMARC1; p=reject"]}
    found = doctor.dmarc("news.courier.example", lambda name, _kind: zone.get(name, []))
    assert found.standing is Standing.WELL


def test_a_domain_without_mx_takes_mail_at_its_own_address() -> None:
    found = examined({("courier.example", "MX"): [], ("courier.example", "A"): ["192.0.2.9"]})["MX"]
    assert (found.standing, "the host itself" in found.said) == (Standing.WELL, True)


def test_what_could_not_be_asked_is_said_so_and_how_to_ask() -> None:
    found = list(doctor.examine(MAIL, "http://localhost:8080", [RSA], nobody))

    asked = {one.name: one for one in found if one.standing is Standing.UNKNOWN}
    assert list(asked) == ["SPF", "DKIM rsa1", "DMARC", "MX", "PTR"]
    assert all(one.said.startswith("not asked") and one.advice for one in asked.values())
    assert next(one for one in found if one.name == "one-click").standing is Standing.WRONG


def test_relay_key_clock_and_disk(tmp_path: Path) -> None:
    def away() -> None:
        raise UnreachableError("mail server x:25: cannot be reached")

    assert doctor.relay("mail server x:25", lambda: 1).standing is Standing.WELL
    assert doctor.relay("mail server x:25", away).said == "mail server x:25: cannot be reached"
    key = tmp_path / "secret"
    assert doctor.own_key(key).standing is Standing.WELL
    key.write_text("x")
    key.chmod(0o644)
    assert doctor.own_key(key).advice == f"chmod 600 {key}"
    key.chmod(0o600)
    assert doctor.own_key(key).standing is Standing.WELL
    assert doctor.clock(MORNING, MORNING + timedelta(days=1)).standing is Standing.WRONG
    assert doctor.clock(MORNING, None).standing is Standing.WELL
    assert doctor.disk(tmp_path, 1024).standing is Standing.WRONG
    assert doctor.disk(tmp_path, 10**12).standing is Standing.WELL


def test_the_command_works_offline(person: Person) -> None:
    code, out, _ = person.run("doctor", "--offline", "--json")
    found = {one["name"]: one["standing"] for one in json.loads(out)["findings"]}

    assert code == 1
    assert found == {
        "SPF": "unknown",
        "DKIM": "wrong",
        "DMARC": "unknown",
        "alignment": "well",
        "one-click": "well",
        "MX": "unknown",
        "key": "well",
        "clock": "well",
        "disk": "well",
    }
    assert "not asked" in person.run("doctor", "--offline")[1]
