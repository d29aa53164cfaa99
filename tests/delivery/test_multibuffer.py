"""Signatures made several at once are the ones that are made one by one, and no wrong one of RSA leaves."""

import platform
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from ctypes import CDLL, c_uint32
from importlib.metadata import PackagePath
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from publisher.delivery import multibuffer
from publisher.delivery.dkim import Signer
from publisher.delivery.multibuffer import LANES

RSA = generate_private_key(65537, 2048)
ED = Ed25519PrivateKey.generate()
HASHES = [random.Random(lane).randbytes(32) for lane in range(LANES)]


def one_by_one(key: RSAPrivateKey | Ed25519PrivateKey) -> list[bytes]:
    if isinstance(key, Ed25519PrivateKey):
        return [key.sign(one) for one in HASHES]
    return [key.sign(one, padding.PKCS1v15(), Prehashed(hashes.SHA256())) for one in HASHES]


def batch_of(key: RSAPrivateKey | Ed25519PrivateKey) -> multibuffer.Batch:
    """Return the batch of a key; on a machine that cannot have one, that this is said and nothing breaks."""
    batch = multibuffer.rsa(key) if isinstance(key, RSAPrivateKey) else multibuffer.ed25519(key)
    why_not = multibuffer.library()
    if isinstance(why_not, str):
        assert (batch, "it is not installed" in why_not) == (None, False)
        return lambda hashed: one_by_one(key)[: len(hashed)]
    assert batch is not None
    return batch


@pytest.mark.parametrize("bits", [1024, 2048, 3072, 4096])
def test_rsa_makes_the_same_signatures(bits: int) -> None:
    key = generate_private_key(65537, bits)
    batch, expected = batch_of(key), one_by_one(key)
    assert [batch(HASHES[:count]) for count in range(1, LANES + 1)] == [
        expected[:count] for count in range(1, LANES + 1)
    ]


def test_ed25519_makes_the_same_signatures() -> None:
    batch, expected = batch_of(ED), one_by_one(ED)
    assert [batch(HASHES[:count]) for count in range(1, LANES + 1)] == [
        expected[:count] for count in range(1, LANES + 1)
    ]


@pytest.mark.parametrize("key", [generate_private_key(65537, 1536), generate_private_key(3, 2048)])
def test_a_key_that_the_library_does_not_know_is_signed_with_one_by_one(key: RSAPrivateKey) -> None:
    assert multibuffer.rsa(key) is None


@pytest.mark.parametrize("count", [1, 2, 3, 8, 9, 21])
@pytest.mark.parametrize("key", [RSA, ED])
def test_a_signer_gives_each_its_own(key: RSAPrivateKey | Ed25519PrivateKey, count: int) -> None:
    data = [f"letter {number}".encode() for number in range(count)]
    by_itself = Signer("courier.example", "s", key)
    batch = multibuffer.rsa(key) if isinstance(key, RSAPrivateKey) else multibuffer.ed25519(key)
    several: list[int] = []

    def counted(hashed: Sequence[bytes]) -> list[bytes] | None:
        several.append(len(hashed))
        return batch(hashed) if batch else None

    together = Signer("courier.example", "s", key, counted)

    assert together.sign(data) == [by_itself.sign([one])[0] for one in data]
    assert several == [size for size in [min(8, count - at) for at in range(0, count, 8)] if size > 2]


class Faulty:
    """The library on a processor that gets one bit of the third lane wrong."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)

    def __getitem__(self, name: str) -> Any:
        return self._library[name]

    def mbx_rsa_private_crt_mb8(self, hashed: Any, signed: Any, *rest: Any) -> int:
        status: int = self._library.mbx_rsa_private_crt_mb8(hashed, signed, *rest)
        c_uint32.from_address(signed[2]).value ^= 1
        return status

    def mbx_ed25519_sign_mb8(self, signed: Any, *rest: Any) -> int:
        status: int = self._library.mbx_ed25519_sign_mb8(signed, *rest)
        c_uint32.from_address(signed[2]).value ^= 1
        return status


def test_a_wrong_signature_does_not_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that came out wrong can give the key away."""
    library = multibuffer.library()
    if isinstance(library, str):
        assert multibuffer.rsa(RSA) is None
        return
    good = multibuffer.rsa(RSA)
    assert good is not None
    monkeypatch.setattr(multibuffer, "library", lambda: Faulty(library))

    assert (multibuffer.rsa(RSA), multibuffer.ed25519(ED)) == (None, None)
    one = RSA.private_numbers()
    secret = [one.p, one.q, one.dmp1, one.dmq1, one.iqmp]
    faulty = multibuffer._Rsa(cast("CDLL", Faulty(library)), 2048, secret, one.public_numbers.n)
    assert (good(HASHES), faulty(HASHES)) == (one_by_one(RSA), None)
    assert Signer("courier.example", "s", RSA, faulty).sign([b"letter"] * 8) == Signer(
        "courier.example", "s", RSA
    ).sign([b"letter"] * 8)


@pytest.mark.parametrize("key", [RSA, ED])
def test_threads_do_not_get_each_others(key: RSAPrivateKey | Ed25519PrivateKey) -> None:
    batch = batch_of(key)
    apart = dict(zip(HASHES, one_by_one(key), strict=True))

    def signs(seed: int) -> bool:
        chance = random.Random(seed)
        chosen = [chance.choice(HASHES) for _ in range(chance.randint(1, LANES))]
        return batch(chosen) == [apart[one] for one in chosen]

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(signs, range(100)))


@pytest.fixture
def why_not(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """Give what asks anew, on a machine of the right kind where everything is installed."""

    def asked() -> str:
        multibuffer.library.cache_clear()
        return multibuffer.why_not()

    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    places = [PackagePath(name) for name in (*multibuffer._RUNTIME, multibuffer._LIBRARY)]
    monkeypatch.setattr(PackagePath, "locate", lambda place: Path("/nowhere", place))
    monkeypatch.setattr(multibuffer, "_files", lambda package: places)
    yield asked
    multibuffer.library.cache_clear()


def test_another_kind_of_machine_has_no_library(
    why_not: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert why_not() == "there is none for this kind of machine"


def test_without_the_extra_there_is_none(why_not: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multibuffer, "_files", lambda package: ())
    assert why_not() == "it is not installed; pip install 'newsroom-publisher[fast-signing]'"
    assert (multibuffer.rsa(RSA), multibuffer.ed25519(ED)) == (None, None)


def test_a_library_that_lacks_another_is_not_used(why_not: Callable[[], str]) -> None:
    # Nothing is where the names lead to.
    assert why_not().startswith("it cannot be loaded: /nowhere/libintlc.so.5: ")


def test_a_processor_without_the_instructions_does_not_use_it(
    why_not: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        multibuffer, "CDLL", lambda path: Mock(mbx_is_crypto_mb_applicable=Mock(return_value=0))
    )
    assert why_not() == "this processor has no AVX-512 IFMA and no AVX-IFMA"
