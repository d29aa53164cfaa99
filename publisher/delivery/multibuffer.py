"""Eight signatures at once, by Intel's multi-buffer library: where it is installed and the processor can.

A signature by itself leaves most of a vector unit idle. With AVX-512 IFMA or AVX-IFMA eight of them, side by
side, take about as long as two RSA-2048 signatures or one of Ed25519. Both kinds are deterministic, so what
comes out is the same to the byte as `cryptography` makes; it does all the signing where this cannot be used.
"""

import ctypes
import platform
import sys
from collections.abc import Callable, Sequence
from ctypes import CDLL, Array, c_char, c_int, c_uint32, c_uint64, c_void_p
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from threading import Lock

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

LANES = 8
"""How many signatures are made side by side."""

Batch = Callable[[Sequence[bytes]], list[bytes] | None]
"""Signs up to eight SHA-256 hashes; None when a signature did not come out right."""

_RUNTIME = ("libintlc.so.5", "libimf.so", "libirng.so", "libsvml.so")
_LIBRARY = "libcrypto_mb.so"
_BITS = {1024: 1, 2048: 2, 3072: 3, 4096: 4}
_EXPONENT = 65537
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""DigestInfo of a SHA-256 hash, all but the hash (RFC 8017 §9.2, note 1)."""
_HASH = 32
_ED25519_HALF = 32
"""Half a signature of Ed25519; the library writes the halves apart (RFC 8032 §5.1.6, R and S)."""
_PROBE = [bytes([lane]) * _HASH for lane in range(LANES)]


def why_not() -> str:
    """Return in a few words why the library is not used; nothing where it is."""
    found = library()
    return found if isinstance(found, str) else ""


@lru_cache(maxsize=1)
def library() -> CDLL | str:
    """Return the library, or in a few words why it is not used."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "there is none for this kind of machine"
    places = {
        path.name: Path(str(path.locate()))
        for name in ("intel-cmplr-lib-rt", "ipp-crypto")
        for path in _files(name)
    }
    missing = [name for name in (*_RUNTIME, _LIBRARY) if name not in places]
    if missing:
        return "it is not installed; pip install 'newsroom-publisher[fast-signing]'"
    try:
        # The library names these without saying where they are: what is loaded is found by its name.
        for name in _RUNTIME:
            CDLL(str(places[name]))
        found = CDLL(str(places[_LIBRARY]))
    except OSError as error:
        return f"it cannot be loaded: {error}"
    found.mbx_is_crypto_mb_applicable.argtypes = [c_uint64]
    if not found.mbx_is_crypto_mb_applicable(0):
        return "this processor has no AVX-512 IFMA and no AVX-IFMA"
    return found


def rsa(key: RSAPrivateKey) -> Batch | None:
    """Return what signs with an RSA key (PKCS #1 v1.5 over SHA-256); None where that cannot be."""
    found = library()
    numbers = key.private_numbers()
    sizes = {half.bit_length() for half in (numbers.p, numbers.q)}
    usable = key.key_size in _BITS and sizes == {key.key_size // 2}
    if isinstance(found, str) or not usable or numbers.public_numbers.e != _EXPONENT:
        return None
    secret = [numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp]
    batch = _Rsa(found, key.key_size, secret, numbers.public_numbers.n)
    one_way = padding.PKCS1v15(), Prehashed(hashes.SHA256())
    return batch if batch(_PROBE) == [key.sign(one, *one_way) for one in _PROBE] else None


def ed25519(key: Ed25519PrivateKey) -> Batch | None:
    """Return what signs with an Ed25519 key (RFC 8032 §5.1.6); None where that cannot be."""
    found = library()
    if isinstance(found, str):
        return None
    batch = _Ed25519(found, key.private_bytes_raw(), key.public_key().public_bytes_raw())
    return batch if batch(_PROBE) == [key.sign(one) for one in _PROBE] else None


class _Rsa:
    """Signs with one RSA key, in buffers that are made once; one batch at a time."""

    def __init__(self, library: CDLL, bits: int, secret: Sequence[int], modulus: int) -> None:
        self._library, self._bits, self._size = library, c_int(bits), bits // 8
        self._private = _method(library, f"mbx_RSA{_BITS[bits]}K_private_crt_Method")
        self._public = _method(library, f"mbx_RSA{_BITS[bits]}K_pub65537_Method")
        self._secret = [_Same(_number(one, self._size // 2)) for one in secret]
        self._modulus = _Same(_number(modulus, self._size))
        # RFC 8017 §9.2: EMSA-PKCS1-v1_5, all but the hash.
        filled = b"\xff" * (self._size - 3 - len(_SHA256_INFO) - _HASH)
        self._padded = _Rows(self._size, b"\0\1" + filled + b"\0" + _SHA256_INFO)
        self._signed, self._again = _Rows(self._size), _Rows(self._size)
        self._lock = Lock()

    def __call__(self, hashed: Sequence[bytes]) -> list[bytes] | None:
        with self._lock:
            self._padded.end_with(hashed)
            secret = (one.rows for one in self._secret)
            wrong = self._library.mbx_rsa_private_crt_mb8(
                self._padded.rows, self._signed.rows, *secret, self._bits, *self._private
            )
            # A wrong one can give the key away (Boneh, DeMillo, Lipton 1997): none leaves.
            wrong = wrong or self._library.mbx_rsa_public_mb8(
                self._signed.rows, self._again.rows, self._modulus.rows, self._bits, *self._public
            )
            if wrong or self._again.data.raw != self._padded.data.raw:
                return None
            return self._signed.first(len(hashed))


class _Ed25519:
    """Signs with one Ed25519 key, in buffers that are made once; one batch at a time."""

    def __init__(self, library: CDLL, secret: bytes, public: bytes) -> None:
        self._library = library
        self._secret, self._public = (
            _Same(ctypes.create_string_buffer(one, len(one))) for one in (secret, public)
        )
        self._hashed, self._lengths = _Rows(_HASH), (c_uint32 * LANES)(*[_HASH] * LANES)
        self._signed = _Rows(2 * _ED25519_HALF)
        self._second_halves = self._signed.rows_from(_ED25519_HALF)
        self._lock = Lock()

    def __call__(self, hashed: Sequence[bytes]) -> list[bytes] | None:
        with self._lock:
            self._hashed.end_with(hashed)
            wrong = self._library.mbx_ed25519_sign_mb8(
                self._signed.rows,
                self._second_halves,
                self._hashed.rows,
                self._lengths,
                self._secret.rows,
                self._public.rows,
            )
            return None if wrong else self._signed.first(len(hashed))


class _Rows:
    """As many bytes for each lane, one lane's behind the other's, and where each begins."""

    def __init__(self, size: int, opening: bytes = b"") -> None:
        self.data = ctypes.create_string_buffer(opening.ljust(size, b"\0") * LANES, LANES * size)
        self.rows = self.rows_from(0)
        self._view, self._size = memoryview(self.data).cast("B"), size

    def rows_from(self, first: int) -> Array[c_void_p]:
        """Return where each lane's bytes begin, without the first few."""
        start, size = ctypes.addressof(self.data) + first, len(self.data) // LANES
        return (c_void_p * LANES)(*range(start, start + LANES * size, size))

    def end_with(self, ends: Sequence[bytes]) -> None:
        """Write the end of each lane; one that has nothing to do takes the last one's work."""
        for lane in range(LANES):
            end = ends[min(lane, len(ends) - 1)]
            after = (lane + 1) * self._size
            self._view[after - len(end) : after] = end

    def first(self, count: int) -> list[bytes]:
        """Return the bytes of the first few lanes."""
        return [bytes(self._view[lane * self._size : (lane + 1) * self._size]) for lane in range(count)]


class _Same:
    """The same bytes for every lane."""

    def __init__(self, data: Array[c_char]) -> None:
        self.data, self.rows = data, (c_void_p * LANES)(*[ctypes.addressof(data)] * LANES)


def _files(package: str) -> Sequence[metadata.PackagePath]:
    try:
        return metadata.files(package) or ()
    except metadata.PackageNotFoundError:
        return ()


def _method(found: CDLL, name: str) -> tuple[c_void_p, Array[c_char]]:
    """Return one of the library's methods, and the room that it works in."""
    maker = found[name]
    maker.restype = c_void_p
    method = c_void_p(maker())
    return method, ctypes.create_string_buffer(int(found.mbx_RSA_Method_BufSize(method)))


def _number(value: int, size: int) -> Array[c_char]:
    return ctypes.create_string_buffer(value.to_bytes(size, "little"), size)
