"""OpenDKIM's own library as a verifier: it shares nothing with ours, nor with dkimpy."""

import ctypes
from collections.abc import Mapping
from ctypes.util import find_library
from pathlib import Path

_SET, _METHOD, _INFO, _FILE = 1, 6, 7, 1
"""DKIM_OP_SETOPT, DKIM_OPTS_QUERYMETHOD, DKIM_OPTS_QUERYINFO, DKIM_QUERY_FILE of dkim.h."""
_PASSED = 0x04
"""DKIM_SIGFLAG_PASSED: the signature was checked against the key and holds."""
_BODY_MATCHES = 0


def library() -> ctypes.CDLL | None:
    """Return the library, or None where it is not installed."""
    name = find_library("opendkim")
    if name is None:
        return None
    found = ctypes.CDLL(name)
    for function in ("dkim_init", "dkim_verify"):
        getattr(found, function).restype = ctypes.c_void_p
    return found


class OpenDkim:
    """Verifies messages with the keys of a file instead of the DNS."""

    def __init__(self, library: ctypes.CDLL, records: Mapping[str, str], folder: Path) -> None:
        keys = folder / "keys"
        keys.write_text("".join(f"{name} {record}\n" for name, record in records.items()))
        self._library = library
        self._handle = ctypes.c_void_p(library.dkim_init(None, None))
        method, info = ctypes.c_int(_FILE), ctypes.create_string_buffer(str(keys).encode())
        for option, value in ((_METHOD, method), (_INFO, info)):
            done = library.dkim_options(self._handle, _SET, option, ctypes.byref(value), ctypes.sizeof(value))
            assert done == 0, "the library takes no keys from a file"

    def verdicts(self, message: bytes) -> list[bool]:
        """Return of each signature, in the order of the header, whether it and the body's hash hold."""
        status, test = ctypes.c_int(), ctypes.c_int()
        one = ctypes.c_void_p(self._library.dkim_verify(self._handle, b"test", None, ctypes.byref(status)))
        try:
            self._library.dkim_chunk(one, message, len(message))
            self._library.dkim_chunk(one, None, 0)
            self._library.dkim_eom(one, ctypes.byref(test))
            signatures, count = ctypes.POINTER(ctypes.c_void_p)(), ctypes.c_int()
            self._library.dkim_getsiglist(one, ctypes.byref(signatures), ctypes.byref(count))
            return [self._holds(ctypes.c_void_p(signatures[place])) for place in range(count.value)]
        finally:
            self._library.dkim_free(one)

    def close(self) -> None:
        """Let go of the library's memory."""
        self._library.dkim_close(self._handle)

    def _holds(self, signature: ctypes.c_void_p) -> bool:
        flags = self._library.dkim_sig_getflags(signature)
        return bool(flags & _PASSED) and self._library.dkim_sig_getbh(signature) == _BODY_MATCHES
