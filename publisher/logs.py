"""The log: the only home of structlog.

Plain lines for people or JSON for programs, always on stderr. Whatever is logged passes through
:func:`redacted` last, so that no address, token or password leaves by this door.
"""

import json as json_format
import logging
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

Logger = FilteringBoundLogger

_ADDRESS = re.compile(r"[^\s<>@'\",;:()=/]+@[^\s<>@'\",;:()=/]+")
_LOGIN = re.compile(r"(?<=://)[^/\s@]+@")
_TOKEN_PATH = re.compile(r"(/(?:u|confirm|preferences)/)[^/\s?#'\"]+")
_ASSIGNED = re.compile(
    r"(?i)\b(token|password|passwd|secret|authorization)(\s*[=:]\s*)(?:bearer\s+|basic\s+)?[^\s&,;]+"
)
_IDS = ("job", "slot", "run")
"""What a line is about, in the order in which it says so."""
_SECRET_KEYS = re.compile(r"(?i)token|passw|secret|authorization|cookie|address|recipient")


def configure(*, json: bool = False, verbose: bool = False) -> None:
    """Set how the process logs, from now on.

    Args:
        json: one JSON object a line instead of words.
        verbose: every step, and for failures where they happened.
    """
    level = logging.DEBUG if verbose else logging.INFO
    shape: list[Processor] = (
        [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            _as_json,
        ]
        if json
        else [
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            _failure(whole=verbose),
            _redact,
            _plain,
        ]
    )
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, *shape],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Stderr(),
        cache_logger_on_first_use=False,
    )
    # Libraries speak through the standard module; what they warn of is ours to show.
    logging.basicConfig(
        handlers=[_FromLibraries()], level=logging.INFO if verbose else logging.WARNING, force=True
    )


def logger(name: str) -> Logger:
    """Return the log of a module; ``name`` is its ``__name__``."""
    return cast("Logger", structlog.get_logger(where=name.removeprefix("publisher.")))


@contextmanager
def bound(**ids: str) -> Iterator[None]:
    """Put these ids (job, slot, run) on every line that is logged inside, whoever writes it."""
    with structlog.contextvars.bound_contextvars(**ids):
        yield


def redacted(value: Any) -> Any:
    """Return the value without addresses, tokens and passwords, however deep they stand in it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {key: _under(str(key), one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(one) for one in value]
    return _clean(str(value))


def _under(key: str, value: Any) -> Any:
    """Return what may stand under that key; a number of recipients is no recipient."""
    hidden = _SECRET_KEYS.search(key) and not isinstance(value, int | None)
    return "(hidden)" if hidden else redacted(value)


def _clean(text: str) -> str:
    text = _LOGIN.sub("(login)@", text) if "://" in text else text
    text = _TOKEN_PATH.sub(r"\1(token)", text)
    text = _ASSIGNED.sub(r"\1\2(hidden)", text)
    return _ADDRESS.sub("(address)", text)


def _redact(_logger: Any, _method: str, event: EventDict) -> MutableMapping[str, Any]:
    return cast("MutableMapping[str, Any]", redacted(event))


def _failure(*, whole: bool) -> Processor:
    def shorten(log: Any, method: str, event: EventDict) -> EventDict:
        if whole:
            return structlog.processors.format_exc_info(log, method, event)
        failure = event.pop("exc_info", None)
        failure = sys.exc_info()[1] if failure is True else failure
        if isinstance(failure, BaseException):
            event["error"] = f"{type(failure).__name__}: {' '.join(str(failure).split())}"
        return event

    return shorten


def _as_json(_logger: Any, _method: str, event: EventDict) -> str:
    return json_format.dumps(event, ensure_ascii=False)


def _plain(_logger: Any, _method: str, event: EventDict) -> str:
    moment, level, said = event.pop("timestamp"), event.pop("level"), event.pop("event")
    where, trace = event.pop("where", ""), event.pop("exception", "")
    kind = "" if level == "info" else f"{level}: "
    ids = {key: event.pop(key) for key in _IDS if key in event}
    rest = "".join(f" {key}={_word(value)}" for key, value in {**ids, **event}.items())
    told = f" ({where})" if level == "debug" and where else ""
    return f"{moment} {kind}{said}{told}{rest}" + (f"\n{trace}" if trace else "")


def _word(value: Any) -> str:
    text = str(value)
    return json_format.dumps(text, ensure_ascii=False) if re.search(r"\s|^$", text) else text


class _Stderr:
    """Writes to whatever stderr is at that moment, each line whole."""

    def msg(self, line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    log = debug = info = warning = error = critical = exception = failure = fatal = warn = msg


class _FromLibraries(logging.Handler):
    """Hands a library's log lines to ours."""

    def emit(self, record: logging.LogRecord) -> None:
        failure = record.exc_info[1] if record.exc_info else None
        extra = {"exc_info": failure} if failure else {}
        logger(record.name).log(record.levelno, record.getMessage(), **extra)
