"""Signatures, checked by an implementation that shares no line with ours."""

import random
from collections.abc import Callable
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from publisher.delivery import message
from publisher.delivery.dkim import Signer, signer, signers
from publisher.delivery.message import letter
from publisher.errors import ConfigError
from publisher.model.variant import Variant
from tests.delivery import opendkim
from tests.delivery.bureau import TOKENS, links, settings
from tests.delivery.test_message import WORDS, delivery, edition, whole


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


RSA = signer("courier.example", "rsa1", pem(rsa.generate_private_key(65537, 2048)), where="RSA")
ED = signer("courier.example", "ed1", pem(ed25519.Ed25519PrivateKey.generate()), where="ED")
RECORDS = {f"{one.selector}._domainkey.{one.domain}.".encode(): one.record().encode() for one in (RSA, ED)}


def dns(name: bytes, timeout: int = 5) -> bytes | None:
    return RECORDS.get(name)


def verified(content: bytes) -> list[bool]:
    """Return the verdict on each signature of a message."""
    count = content.partition(b"\r\n\r\n")[0].count(b"DKIM-Signature:")
    return [_verified(content, index) for index in range(count)]


def _verified(content: bytes, index: int) -> bool:
    try:
        return bool(dkim.DKIM(content).verify(index, dnsfunc=dns))
    except dkim.ValidationError:
        return False


def signed(variant: Variant | None = None, number: int = 17, subject: str = "Phà chạy lại") -> bytes:
    one = edition(subject)
    built = letter(variant or whole(one), edition=one, settings=settings(), signers=[RSA, ED])
    return built.to(delivery(number), TOKENS).content


def test_both_signatures_hold() -> None:
    assert verified(signed()) == [True, True]


def test_letters_that_are_signed_together_hold_like_any_other() -> None:
    one = edition("Phà chạy lại")
    built = letter(whole(one), edition=one, settings=settings(), signers=[RSA, ED])
    people = [delivery(number, f"reader{number}@example.com") for number in range(1, 20)]

    together = message.signed([built.draft(person, TOKENS) for person in people])

    assert [verified(each.content) for each in together] == [[True, True]] * len(people)
    assert together == [built.to(person, TOKENS) for person in people]


def test_without_keys_there_is_no_signature() -> None:
    one = edition("Phà chạy lại")
    plain = letter(whole(one), edition=one, settings=settings()).to(delivery(), TOKENS).content
    assert b"DKIM-Signature" not in plain
    assert signed().endswith(plain)


def test_a_thousand_vietnamese_subjects_are_signed_right() -> None:
    chance = random.Random(8)
    for number in range(1000):
        words = " ".join(chance.choices(WORDS.split(), k=chance.randint(1, 40)))
        assert verified(signed(subject=words, number=number)) == [True, True], words


def test_opendkim_finds_them_right_too(tmp_path: Path) -> None:
    """The second verifier: OpenDKIM's library, on the same thousand, with both algorithms."""
    library = opendkim.library()
    if library is None:
        pytest.skip("libopendkim is not here; it comes with opendkim-tools")
    records = {name.decode().rstrip("."): record.decode() for name, record in RECORDS.items()}
    verifier = opendkim.OpenDkim(library, records, tmp_path)
    chance = random.Random(8)
    for number in range(1000):
        words = " ".join(chance.choices(WORDS.split(), k=chance.randint(1, 40)))
        assert verifier.verdicts(signed(subject=words, number=number)) == [True, True], words
    assert verifier.verdicts(signed() + b"more\r\n") == [False, False]
    assert verifier.verdicts(signed().replace(b"reader@", b"writer@")) == [False, False]
    verifier.close()


TEXT = st.text(
    st.one_of(st.sampled_from(" \t\n.=\r"), st.characters(exclude_categories=["Cs"])), max_size=200
)


@trials(max_examples=100, deadline=None)
@given(subject=TEXT, text=TEXT, html=st.one_of(st.just(""), TEXT), ours=st.booleans())
def test_any_letter_is_signed_right(subject: str, text: str, html: str, ours: bool) -> None:
    body = text.replace("\r", "") + (links("", "\n") if ours else "")
    variant = Variant(subject=subject, preheader="", html=html.replace("\r", ""), text=body)
    assert verified(signed(variant)) == [True, True]


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace(b"u/", b"v/"),
        lambda content: content.replace(b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Click"),
        lambda content: content.replace(b"Subject: ", b"Subject: =?utf-8?q?x?= ", 1),
        lambda content: content.replace(b"From: ", b"From: evil@example.com\r\nFrom: ", 1),
        lambda content: content.replace(b"Subject: ", b"Subject: evil\r\nSubject: ", 1),
        lambda content: content.replace(b"reader@example.com", b"writer@example.com"),
        lambda content: content + b"more\r\n",
    ],
)
def test_nobody_changes_or_adds_anything_unnoticed(change: Callable[[bytes], bytes]) -> None:
    content = signed()
    changed = change(content)

    assert changed != content
    assert verified(changed) == [False, False]


def test_both_unsubscribe_fields_are_signed() -> None:
    head = signed().partition(b"\r\n\r\n")[0].decode()
    signature = head.replace("\r\n ", "").split("\r\n")[0]
    names = signature.split(";h=")[1].split(";")[0].split(":")

    assert {"list-unsubscribe", "list-unsubscribe-post", "from", "message-id"} <= set(names)
    assert names.count("from") == names.count("subject") == 2
    assert max(map(len, head.partition("\r\nFrom:")[0].split("\r\n"))) <= 78


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no key", "no private key in PEM"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither an RSA nor an Ed25519 key"),
        (pem(rsa.generate_private_key(65537, 1024)).replace("A", "B", 40), "no private key in PEM"),
    ],
)
def test_a_key_that_is_none_is_told_without_being_repeated(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=f"PUBLISHER_DKIM_RSA: {says}") as caught:
        signer("courier.example", "rsa1", text, where="PUBLISHER_DKIM_RSA")
    assert text not in str(caught.value)


def test_the_config_names_selectors_and_the_environment_holds_the_keys() -> None:
    mail = settings({"dkim": {"rsa": "s1", "ed25519": "s2"}}).mail
    keys = {
        "PUBLISHER_DKIM_RSA": pem(rsa.generate_private_key(65537, 2048)),
        "PUBLISHER_DKIM_ED25519": pem(ed25519.Ed25519PrivateKey.generate()),
    }

    found = signers(mail, keys.get)

    assert [(one.domain, one.selector, one.algorithm) for one in found] == [
        ("courier.example", "s1", "rsa-sha256"),
        ("courier.example", "s2", "ed25519-sha256"),
    ]
    assert signers(settings().mail, keys.get) == ()
    with pytest.raises(ConfigError, match="'s1', but PUBLISHER_DKIM_RSA is not set"):
        signers(mail, lambda _name: None)


def test_a_signer_does_not_show_its_key() -> None:
    assert "key" not in repr(RSA)
    assert isinstance(RSA, Signer)
